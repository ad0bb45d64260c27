//! The checks of `[answer]` and `[agent]`, whose runs are no chat.

use super::{Checked, ensure};
use crate::{
    Http, Scenario, Tls,
    plan::{Arrivals, Variant},
};
use wire::{Compression, Way};

/// The most tokens or turns of a run: more are a mistake in writing.
const MOST: usize = 100_000;

pub(super) fn check(scenario: &Scenario) -> Checked {
    if scenario.answer.is_none() && scenario.agent.is_none() {
        return Ok(());
    }
    ensure(
        scenario.answer.is_none() || scenario.agent.is_none(),
        "agent",
        || {
            (
                "a run is one answer or an agent's turns".to_owned(),
                "leave out [answer] or [agent]".to_owned(),
            )
        },
    )?;
    alone(scenario)?;
    counts(scenario)?;
    for (index, entry) in scenario.transport.iter().enumerate() {
        let variant = entry.variant();
        let (fits, remedy) = if scenario.answer.is_some() {
            let remedy = "long_poll, http_stream and websocket have no other keys than framing and \
                          compression here";
            (carries_tokens(&variant), remedy)
        } else {
            let remedy = "kind = \"sse\" and kind = \"websocket\" would work, without compression";
            (takes_turns(&variant), remedy)
        };
        ensure(fits, &format!("transport[{index}]"), || {
            (
                "is no way of a run that is no chat".to_owned(),
                remedy.to_owned(),
            )
        })?;
    }
    Ok(())
}

/// Checks that nothing stands there that only a chat has.
fn alone(scenario: &Scenario) -> Checked {
    let server = &scenario.server;
    let sections = [
        ("target", scenario.target.is_some()),
        ("proxy", scenario.proxy.is_some()),
        ("cut", scenario.cut.is_some()),
        ("churn", scenario.churn.is_some()),
        ("server.http", server.http == Http::V2),
        ("server.tls", server.tls != Tls::Off),
        ("server.nodes", server.nodes != 1),
    ];
    for (key, is_there) in sections {
        ensure(!is_there, key, || {
            (
                "belongs to a chat, and [answer] and [agent] have none".to_owned(),
                "leave it out".to_owned(),
            )
        })?;
    }
    ensure(scenario.swarm.clients == 1, "swarm.clients", || {
        (
            "an answer and an agent's turns have one reader".to_owned(),
            "clients = 1 would work".to_owned(),
        )
    })
}

fn counts(scenario: &Scenario) -> Checked {
    let counts = [
        (
            "answer.tokens",
            scenario.answer.as_ref().map(|answer| answer.tokens),
        ),
        (
            "agent.turns",
            scenario.agent.as_ref().map(|agent| agent.turns),
        ),
    ];
    for (key, count) in counts {
        ensure(
            count.is_none_or(|count| (1..=MOST).contains(&count)),
            key,
            || {
                (
                    format!("there are 1 to {MOST} of them"),
                    "500 tokens or 20 turns would work".to_owned(),
                )
            },
        )?;
    }
    let traffic = &scenario.traffic;
    let is_even = traffic.arrivals == Arrivals::Constant && traffic.publishers > 0;
    ensure(scenario.answer.is_none() || is_even, "traffic", || {
        (
            "the tokens of an answer are due at equal distances".to_owned(),
            "a rate above 0, a publisher and arrivals = \"constant\" would work".to_owned(),
        )
    })
}

fn carries_tokens(variant: &Variant) -> bool {
    match variant {
        Variant::LongPoll { keep_alive, .. } => *keep_alive,
        Variant::HttpStream { .. } | Variant::Websocket => true,
        Variant::Compressed { of, .. } => carries_tokens(of),
        _ => false,
    }
}

fn takes_turns(variant: &Variant) -> bool {
    let is_plain = variant.compression() == Compression::None;
    is_plain
        && matches!(variant, Variant::HttpStream { .. } | Variant::Websocket)
        && matches!(variant.way(), Way::Sse | Way::Websocket)
}
