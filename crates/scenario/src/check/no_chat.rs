//! The checks of `[answer]` and `[agent]`, whose runs are no chat.

use std::time::Duration;

use humantime_serde::re::humantime::format_duration;
use wire::{Compression, Way};

use super::{Checked, ensure};
use crate::{
    Headers, Http, Scenario, Server, Side, Tls,
    plan::{Arrivals, LONGEST_RUN, Pacing, Variant},
};

/// The most tokens of a run: more are a mistake in writing.
const MOST_TOKENS: usize = 100_000;
/// The most turns of a run: with the whole history, their bytes grow with the square of their number,
/// to half a gigabyte here.
const MOST_TURNS: usize = 1_000;
/// The hold of a long poll that names none.
const USUAL_HOLD: Duration = Duration::from_secs(25);

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
    link(scenario)?;
    counts(scenario)?;
    pace(scenario)?;
    for (index, entry) in scenario.transport.iter().enumerate() {
        let variant = entry.variant();
        let (fits, problem, remedy) = if scenario.answer.is_some() {
            let remedy = "long_poll, http_stream and websocket would work, with no other keys than \
                          framing and compression";
            (
                carries_tokens(&variant),
                "an answer's tokens are not streamed over it",
                remedy,
            )
        } else {
            let remedy = "kind = \"sse\" and kind = \"websocket\" would work, without compression";
            (
                takes_turns(&variant),
                "an agent's turns are not taken over it",
                remedy,
            )
        };
        ensure(fits, &format!("transport[{index}]"), || {
            (problem.to_owned(), remedy.to_owned())
        })?;
    }
    Ok(())
}

/// Checks that nothing stands there that only a chat has.
fn alone(scenario: &Scenario) -> Checked {
    let server = &scenario.server;
    // The longest text bounds `traffic.payload`, which an answer has.
    let usual = Server {
        text_limit: server.text_limit,
        ..Server::default()
    };
    let plain = "leave it out";
    let elsewhere = if scenario.answer.is_some() {
        "leave it out; wirebench run tokens-chat sends tokens as messages of a chat, whose server may \
         have it"
    } else {
        "leave it out; the scenarios tls and http2 tell what it adds to a connection and to a message"
    };
    let sections = [
        ("target", scenario.target.is_some(), plain),
        ("proxy", scenario.proxy.is_some(), plain),
        ("cut", scenario.cut.is_some(), plain),
        ("churn", scenario.churn.is_some(), plain),
        ("server.http", server.http == Http::V2, elsewhere),
        ("server.tls", server.tls != Tls::Off, elsewhere),
        ("server.nodes", server.nodes != 1, plain),
        ("server", *server != usual, plain),
        ("reconnect", scenario.reconnect.is_some(), plain),
        ("headers", scenario.headers != Headers::default(), plain),
    ];
    for (key, is_there, remedy) in sections {
        ensure(!is_there, key, || {
            (
                "belongs to a chat, and [answer] and [agent] have none".to_owned(),
                remedy.to_owned(),
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

/// Checks that a link ends no connection, after which the one reader would not come back, and that it
/// is before everything.
fn link(scenario: &Scenario) -> Checked {
    let Some(link) = &scenario.link else {
        return Ok(());
    };
    for (key, is_there) in [
        ("link.cut", !link.cut.is_none()),
        ("link.reset_after", link.reset_after.is_some()),
        ("link.idle_cut", link.idle_cut.is_some()),
    ] {
        ensure(!is_there, key, || {
            (
                "would end the only connection, and nobody comes back to the rest of an answer or \
                 of an agent's turns"
                    .to_owned(),
                "leave it out; delay, rate and stalls would work".to_owned(),
            )
        })?;
    }
    ensure(link.side == Side::Both, "link.side", || {
        (
            "an answer and an agent's turns have one connection for both directions".to_owned(),
            "side = \"both\" would work".to_owned(),
        )
    })
}

fn counts(scenario: &Scenario) -> Checked {
    let tokens = scenario.answer.as_ref().map(|answer| answer.tokens);
    let turns = scenario.agent.as_ref().map(|agent| agent.turns);
    for (key, count, most, usual) in [
        ("answer.tokens", tokens, MOST_TOKENS, 500),
        ("agent.turns", turns, MOST_TURNS, 20),
    ] {
        ensure(
            count.is_none_or(|count| (1..=most).contains(&count)),
            key,
            || {
                (
                    format!("there are 1 to {most} of them"),
                    format!("{usual} would work"),
                )
            },
        )?;
    }
    Ok(())
}

/// Checks that the tokens of an answer come at one pace, and to an end.
fn pace(scenario: &Scenario) -> Checked {
    let Some(answer) = &scenario.answer else {
        return Ok(());
    };
    let traffic = &scenario.traffic;
    let is_even = traffic.arrivals == Arrivals::Constant
        && traffic.pacing == Pacing::Open
        && traffic.publishers == 1;
    ensure(is_even, "traffic", || {
        (
            "the tokens of an answer are due at equal distances, from one source".to_owned(),
            "a rate above 0, publishers = 1, arrivals = \"constant\" and pacing = \"open\" would \
             work"
                .to_owned(),
        )
    })?;
    let takes = answer.tokens as f64 / traffic.rate;
    let longest = LONGEST_RUN.as_secs_f64();
    ensure(takes <= longest, "answer.tokens", || {
        let most = (longest * traffic.rate) as usize;
        (
            format!(
                "{} tokens at {} a second take {}, and a run {} at most",
                answer.tokens,
                traffic.rate,
                format_duration(Duration::from_secs(takes as u64)),
                format_duration(LONGEST_RUN)
            ),
            format!(
                "tokens = {} would work, or a higher traffic.rate",
                most.max(1)
            ),
        )
    })
}

fn carries_tokens(variant: &Variant) -> bool {
    match variant {
        // A source answers as soon as there is a token, and holds no question for a time.
        Variant::LongPoll { hold, keep_alive } => *keep_alive && *hold == USUAL_HOLD,
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
