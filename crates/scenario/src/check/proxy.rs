//! The checks of `[proxy]`.

use super::{Checked, ensure};
use crate::{
    Http, Scenario, Tls,
    proxy::{Balance, HOLES, Preset, ProxyKind, ProxySettings, lacking, unknown_hole},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    let Some(proxy) = scenario.proxy.as_ref().filter(|proxy| proxy.is_there()) else {
        return Ok(());
    };
    command(proxy)?;
    preset(proxy)?;
    let is_usual = proxy.balance == Balance::default();
    ensure(
        is_usual || scenario.server.nodes > 1,
        "proxy.balance",
        || {
            (
                "there is one server, which everybody goes to".to_owned(),
                "server.nodes = 2 (with store = \"redis\") would work, or no balance".to_owned(),
            )
        },
    )?;
    ensure(scenario.server.tls == Tls::Off, "server.tls", || {
        (
            "the proxy reaches the server in the clear".to_owned(),
            "tls = false would work; kind = \"hitch\" has people reach the proxy by TLS".to_owned(),
        )
    })?;
    ensure(scenario.server.http == Http::V1_1, "server.http", || {
        (
            "the proxy and the server are reached in HTTP/1.1".to_owned(),
            "http = \"1.1\" would work".to_owned(),
        )
    })?;
    let gathers = scenario
        .link
        .as_ref()
        .is_some_and(crate::LinkSettings::reads_answers);
    ensure(!gathers || !proxy.kind.ends_tls(), "link.buffer", || {
        (
            "under TLS the link cannot tell where an answer ends".to_owned(),
            "another kind of proxy would work, or neither buffer nor workers".to_owned(),
        )
    })
}

/// Checks that there are such settings for the program.
fn preset(proxy: &ProxySettings) -> Checked {
    let known = Preset::of(proxy.kind);
    let is_known = proxy.preset().is_none_or(|preset| known.contains(&preset));
    ensure(is_known, "proxy.settings", || {
        (
            format!(
                "{:?} are lines of nginx, and the proxy is {}",
                proxy.settings,
                proxy.kind.name()
            ),
            "kind = \"nginx\" would work, or settings = \"default\" or \"right\"".to_owned(),
        )
    })
}

/// Checks that a program of the user's own, and no other, has a command line.
fn command(proxy: &ProxySettings) -> Checked {
    let is_own = proxy.kind == ProxyKind::Command;
    ensure(is_own || proxy.command.is_none(), "proxy.command", || {
        (
            format!("{} is started by its own name", proxy.kind.name()),
            "kind = \"command\" would work, or no command".to_owned(),
        )
    })?;
    if !is_own {
        return Ok(());
    }
    let line = proxy.command.as_deref().unwrap_or_default();
    ensure(!line.trim().is_empty(), "proxy.command", || {
        (
            "kind = \"command\" does not say what to start".to_owned(),
            "command = \"relay --listen 127.0.0.1:@PORT@ --to @UPSTREAM@\" would work".to_owned(),
        )
    })?;
    let unknown = unknown_hole(line);
    ensure(unknown.is_none(), "proxy.command", || {
        (
            format!("{} is no hole", unknown.unwrap_or_default()),
            format!("there are {}", HOLES.map(|(hole, _)| hole).join(", ")),
        )
    })?;
    let reads_file = line.contains("@CONFIG@");
    ensure(
        proxy
            .preset()
            .is_none_or(|preset| preset == Preset::Default),
        "proxy.settings",
        || {
            (
                "nobody knows what is right for a program of your own".to_owned(),
                "leave it out, or name a template by its path".to_owned(),
            )
        },
    )?;
    ensure(
        proxy.path().is_none() || reads_file,
        "proxy.command",
        || {
            (
                "the template is written to a file that the command does not name".to_owned(),
                "@CONFIG@ stands for that file".to_owned(),
            )
        },
    )?;
    ensure(
        proxy.path().is_some() || !reads_file,
        "proxy.settings",
        || {
            (
                "@CONFIG@ stands for the file of a template, and there is none".to_owned(),
                "settings = \"./mine.conf\" would name one".to_owned(),
            )
        },
    )?;
    let lacks = lacking(line).filter(|_| !reads_file);
    ensure(lacks.is_none(), "proxy.command", || {
        (
            format!("has no {}", lacks.unwrap_or_default()),
            "the program is told where to listen by @PORT@ and where the server is by @UPSTREAM@"
                .to_owned(),
        )
    })
}
