//! The checks of readers that share connections, as the tabs of a browser do.

use humantime_serde::re::humantime::format_duration;
use wire::{BROWSER_CONNECTIONS, Carrier};

use super::super::{Checked, ensure};
use crate::{
    Http, Scenario, TargetSettings,
    plan::{Accounting, Speak, Variant},
};

/// The key that says how many readers share.
const KEY: &str = "swarm.tabs";

/// The most readers of one connection of HTTP/2: a server should take 100 requests at a time
/// (RFC 9113, section 6.5.2), and drafts go beside them.
const MOST_TABS: usize = 90;

/// Checks what sharing needs, whatever the way to read.
pub(super) fn check(scenario: &Scenario) -> Checked {
    let tabs = scenario.swarm.tabs;
    ensure(tabs > 0, KEY, || {
        (
            "a browser without a tab reads nothing".to_owned(),
            "1 is the default".to_owned(),
        )
    })?;
    if tabs == 1 {
        return Ok(());
    }
    if scenario.server.http == Http::V2 {
        on_one_connection(scenario)?;
    } else {
        in_turn(scenario)?;
    }
    let is_sample = matches!(scenario.swarm.accounting, Accounting::Sample(_));
    ensure(!is_sample, "swarm.accounting", || {
        (
            "the connection of one person is that of several tabs".to_owned(),
            "\"all\" would work, or tabs = 1".to_owned(),
        )
    })
}

/// Checks what the tabs of a browser need that has one connection.
fn on_one_connection(scenario: &Scenario) -> Checked {
    ensure(scenario.swarm.tabs <= MOST_TABS, KEY, || {
        (
            "servers take about a hundred requests at a time on one connection".to_owned(),
            format!("tabs = {MOST_TABS} would work"),
        )
    })?;
    let is_cut = (scenario.cut.as_ref()).is_some_and(|cut| cut.kind.is_of_readers());
    ensure(!is_cut, KEY, || {
        (
            "a reader that shares its connection cannot lose it alone".to_owned(),
            "tabs = 1 would work".to_owned(),
        )
    })
}

/// Checks what the tabs of a browser need that use its connections in turn.
fn in_turn(scenario: &Scenario) -> Checked {
    let comes_back = scenario.reconnect.is_some() || scenario.loses_connections();
    ensure(!comes_back, KEY, || {
        (
            "over HTTP/1.1 the tabs of a browser use its connections in turn, and none of them has one \
             of its own to lose and to come back over"
                .to_owned(),
            "tabs = 1 would work, or none of [cut], [churn], [reconnect], link.cut and \
             server.connections"
                .to_owned(),
        )
    })?;
    let is_described = (scenario.target.as_ref()).is_some_and(TargetSettings::describes);
    ensure(!is_described, KEY, || {
        (
            "[target] describes what is read over a connection, and the tabs of a browser read and \
             speak over the same ones over HTTP/1.1"
                .to_owned(),
            "tabs = 1 would work, or server.http = \"2\"".to_owned(),
        )
    })?;
    ensure(scenario.server.nodes <= 1, "server.nodes", || {
        (
            "a connection leads to one server, and tabs that use several in turn would read now from \
             one server and now from another"
                .to_owned(),
            "nodes = 1 would work, or tabs = 1".to_owned(),
        )
    })
}

/// Checks that readers over this way can be tabs that share a browser's connections of HTTP/1.1.
pub(super) fn way(scenario: &Scenario, variant: &Variant) -> Checked {
    let tabs = scenario.swarm.tabs;
    if tabs <= 1 || variant.way().carrier() == Carrier::Frame {
        // A WebSocket is none of the connections that tabs share.
        return Ok(());
    }
    ensure(variant.keeps_connections(), KEY, || {
        (
            "tabs share connections that stay open, and each question opens its own".to_owned(),
            "keep_alive = true would work, or tabs = 1".to_owned(),
        )
    })?;
    let protocol = variant.protocol();
    ensure(!protocol.is_library(), KEY, || {
        let title = protocol.title().unwrap_or_default();
        (
            format!("over HTTP/1.1 sessions of {title} are not played as the tabs of a browser"),
            "server.http = \"2\" would work, or tabs = 1".to_owned(),
        )
    })?;
    streams(scenario, variant)?;
    turns(scenario, variant)
}

/// Checks that streams leave the connections that are needed beside them.
fn streams(scenario: &Scenario, variant: &Variant) -> Checked {
    let tabs = scenario.swarm.tabs;
    let most = variant.most_tabs(&scenario.traffic).unwrap_or(tabs);
    ensure(tabs <= most, KEY, || {
        let why = if most == BROWSER_CONNECTIONS {
            "a seventh tab would never load"
        } else {
            "six tabs leave none for their drafts"
        };
        (
            format!(
                "a stream keeps one of the six connections that a browser opens to a server over \
                 HTTP/1.1, and {why}"
            ),
            format!("tabs = {most} would work, or server.http = \"2\", or a poll"),
        )
    })
}

/// Checks that a run waits at its end for as long as messages may wait for their turn.
fn turns(scenario: &Scenario, variant: &Variant) -> Checked {
    let traffic = &scenario.traffic;
    // In a single room each message ends all holds, unless it waits behind them itself.
    let is_ended = scenario.swarm.room_count() == 1 && traffic.speak != Speak::Same;
    if traffic.publishers == 0 || is_ended {
        return Ok(());
    }
    let tabs = scenario.swarm.tabs;
    let longest = variant.longest_turns(tabs, traffic);
    ensure(longest < traffic.drain, "traffic.drain", || {
        (
            format!(
                "with {tabs} tabs in a browser of six connections a message may wait {} for questions \
                 that are held over HTTP/1.1",
                format_duration(longest)
            ),
            format!(
                "drain = \"{}\" would work, or a shorter hold",
                format_duration(longest.saturating_mul(2))
            ),
        )
    })
}
