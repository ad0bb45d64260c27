//! The checks of `[server]`, except those of counts.

mod nodes;
mod tabs;

use humantime_serde::re::humantime::format_duration;
use wire::{Exchange, Protocol, Way};

use super::{Checked, ensure};
use crate::{
    Http, LinkSettings, Scenario, Side, Tls, TransportEntry, WhenFull,
    plan::{Speak, Variant},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    tls(scenario)?;
    nodes::check(scenario)?;
    tabs::check(scenario)?;
    full(scenario)?;
    if scenario.server.http == Http::V2 {
        http2(scenario)?;
    }
    let Some(stall) = scenario.server.stall else {
        return Ok(());
    };
    let measure = scenario.traffic.measure;
    ensure(!stall.duration.is_zero(), "server.stall.for", || {
        (
            "0s stops nothing".to_owned(),
            "\"1400ms\" would work, or no stall at all".to_owned(),
        )
    })?;
    ensure(stall.after < measure, "server.stall.after", || {
        (
            format!(
                "{} after the beginning of a measure of {} it is over",
                format_duration(stall.after),
                format_duration(measure)
            ),
            format!(
                "traffic.measure = \"{}\" would work",
                format_duration(stall.after.saturating_mul(3))
            ),
        )
    })?;
    // Who is stopped past the end of the drain can only lose.
    let left = measure
        .saturating_sub(stall.after)
        .saturating_add(scenario.traffic.drain);
    ensure(stall.duration < left, "server.stall.for", || {
        (
            format!(
                "{} is as long as all that is left of measure and drain",
                format_duration(stall.duration)
            ),
            format!("for = \"{}\" would work", format_duration(left / 2)),
        )
    })
}

/// Checks that a way to read can go over the version of HTTP that is asked for, and over connections
/// that readers share where they are to.
pub(crate) fn way(scenario: &Scenario, variant: &Variant) -> Checked {
    if scenario.server.http != Http::V2 {
        return tabs::way(scenario, variant);
    }
    ensure(variant.keeps_connections(), "server.http", || {
        (
            "one connection of HTTP/2 carries all questions of a reader".to_owned(),
            "keep_alive = true would work, or http = \"1.1\"".to_owned(),
        )
    })
}

/// Checks what cannot go over HTTP/2, whatever the way to read.
fn http2(scenario: &Scenario) -> Checked {
    ensure(
        scenario.traffic.speak != Speak::PostClose,
        "server.http",
        || {
            (
                "one connection of HTTP/2 carries all drafts of a speaker".to_owned(),
                "traffic.speak = \"post\" would work, or http = \"1.1\"".to_owned(),
            )
        },
    )?;
    let link = scenario.link.as_ref();
    let gathers = link.is_some_and(LinkSettings::reads_answers);
    ensure(!gathers, "link.buffer", || {
        (
            "the link cannot tell where a response of HTTP/2 ends, and would keep back nothing"
                .to_owned(),
            "server.http = \"1.1\" would work, or none of buffer, workers and cut".to_owned(),
        )
    })
}

/// Checks how many connections there may be.
fn full(scenario: &Scenario) -> Checked {
    let server = &scenario.server;
    ensure(server.connections != Some(0), "server.connections", || {
        (
            "a server of no connections lets nobody in".to_owned(),
            "1 is the least; leave it out for 65536".to_owned(),
        )
    })?;
    let is_bounded = server.connections.is_some();
    let evicts = server.full == WhenFull::Evict;
    ensure(is_bounded || !evicts, "server.full", || {
        (
            "evict says nothing of a server that is never full".to_owned(),
            format!(
                "connections = {} would work",
                scenario.swarm.clients.max(2) / 2
            ),
        )
    })
}

/// Checks that a link can do its work under TLS, where it sees connections and nothing in them.
fn tls(scenario: &Scenario) -> Checked {
    let link = scenario.link.as_ref();
    let Some(link) = link.filter(|_| scenario.server.tls != Tls::Off) else {
        return Ok(());
    };
    ensure(!link.buffers(), "link.buffer", || {
        (
            "under TLS the link cannot tell where a response ends, and would keep back nothing"
                .to_owned(),
            "server.tls = false would work, or no buffer".to_owned(),
        )
    })?;
    let key = if link.workers.is_some() {
        "link.workers"
    } else {
        "link.cut"
    };
    let sees_enough = !link.reads_answers() || connections_are_exchanges(scenario, link);
    ensure(sees_enough, key, || {
        (
            "under TLS the link sees connections and no exchanges, which are the same only on \
             streams and WebSockets"
                .to_owned(),
            "link.side = \"readers\" and no polls would work, or server.tls = false; \
             wirebench link --tls ends TLS before a server in the clear, for --target"
                .to_owned(),
        )
    })
}

/// Returns whether each connection through the link is one exchange from its first bytes on: that of
/// a stream or a WebSocket, without the protocol of a library, which may ask for more over it.
fn connections_are_exchanges(scenario: &Scenario, link: &LinkSettings) -> bool {
    let traffic = &scenario.traffic;
    let variants = || scenario.transport.iter().map(TransportEntry::variant);
    let posts = traffic.publishers > 0
        && link.side != Side::Readers
        && (traffic.speak != Speak::Same
            || variants().any(|variant| variant.way() != Way::Websocket));
    let lasts = |variant: Variant| {
        variant.way().exchange() == Exchange::Open && variant.protocol() == Protocol::Plain
    };
    !posts && variants().all(lasts)
}
