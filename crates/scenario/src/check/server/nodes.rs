//! The checks of several servers over one Redis.

use super::super::{Checked, ensure};
use crate::{Appendfsync, ProxySettings, Scenario, Side, StoreKind};

/// More servers than this only wait for each other on one machine.
const MOST_NODES: usize = 16;

pub(super) fn check(scenario: &Scenario) -> Checked {
    let server = &scenario.server;
    let has_redis = server.store == StoreKind::Redis;
    ensure(server.nodes > 0, "server.nodes", || {
        (
            "0 leaves no server".to_owned(),
            "1 is the default".to_owned(),
        )
    })?;
    ensure(server.nodes <= MOST_NODES, "server.nodes", || {
        (
            format!(
                "{} servers are more than the {MOST_NODES} allowed",
                server.nodes
            ),
            "one for each processor is the most that helps".to_owned(),
        )
    })?;
    let is_usual = server.appendfsync == Appendfsync::default();
    ensure(has_redis || is_usual, "server.appendfsync", || {
        (
            "it is a setting of Redis, and there is none".to_owned(),
            "store = \"redis\" would work, or no appendfsync".to_owned(),
        )
    })?;
    let is_given = scenario
        .target
        .as_ref()
        .is_some_and(|target| target.url.is_some());
    ensure(!(has_redis && is_given), "server.store", || {
        (
            "a server that runs already has its own logs".to_owned(),
            "leave out store, or [target]".to_owned(),
        )
    })?;
    if server.nodes == 1 {
        return Ok(());
    }
    ensure(has_redis, "server.nodes", || {
        (
            format!(
                "{} servers have the same rooms by a Redis only",
                server.nodes
            ),
            "store = \"redis\" would work, or nodes = 1".to_owned(),
        )
    })?;
    one_server(scenario)
}

/// Checks that nothing is asked for that is done to one server, or leads to one alone.
fn one_server(scenario: &Scenario) -> Checked {
    let cut = scenario.cut.as_ref();
    let proxy = scenario.proxy.as_ref().filter(|proxy| proxy.is_there());
    let has_side = |link: &crate::LinkSettings| link.side != Side::Both;
    let wishes = [
        (
            "link.side",
            proxy.is_none() && scenario.link.as_ref().is_some_and(has_side),
            "without a proxy each server has a link that everybody goes through",
        ),
        (
            "proxy",
            proxy.is_some_and(|proxy| !proxy.kind.balances()),
            "only nginx and haproxy lead to several servers here",
        ),
        (
            "proxy.settings",
            proxy.and_then(ProxySettings::path).is_some(),
            "a template of your own leads to one server",
        ),
        (
            "server.stall",
            scenario.server.stall.is_some(),
            "a stall stops one server",
        ),
        (
            "cut.kind",
            cut.is_some_and(|cut| !cut.kind.is_of_readers()),
            "it ends or stops one server",
        ),
    ];
    for (key, is_wished, problem) in wishes {
        ensure(!is_wished, key, || {
            (
                format!("{problem}, and there are {}", scenario.server.nodes),
                format!("server.nodes = 1 would work, or no {key}"),
            )
        })?;
    }
    Ok(())
}
