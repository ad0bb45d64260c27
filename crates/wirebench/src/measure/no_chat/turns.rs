//! The turns of an agent as the outcome of a run, taken apart into their parts.

use std::time::Duration;

use anyhow::Context;
use dissect::{Amount, Direction, Layer, Ledger, Purpose};
use experiment::{Agent, Arm, Patience, Taken};
use hdrhistogram::Histogram;
use results::RunRow;
use scenario::{Cell, Connection, History, LinkSettings};
use swarm::{outcome::Outcome, plan::Plan};
use wire::Way;

use super::{Found, difference, linked};

/// The share of the whole time by which the sum of its parts may differ from it.
const APART: f64 = 0.05;

/// Takes the turns of a plan.
pub(super) fn take(plan: &Plan, cell: &Cell, stopped: &dyn Fn() -> bool) -> anyhow::Result<Found> {
    let wanted = &plan.turns.as_ref().context("the run has no turns")?.agent;
    let agent = Agent::start()?;
    let (address, link) = linked(plan, cell, agent.address)?;
    let arm = Arm::new(
        plan.variant.way() == Way::Websocket,
        wanted.connection == Connection::Kept,
        wanted.history == History::Whole,
    );
    let patience = patience(cell.scenario.link.as_ref());
    let taken = experiment::take(&agent, address, arm, wanted.turns, patience, stopped)?;
    if let Some(link) = link {
        link.stop();
    }
    Ok(Found {
        outcome: outcome(plan, wanted.turns, &taken)?,
        doubts: doubts(&taken),
        own: Box::new(move |row| parts(row, &taken)),
    })
}

/// Returns how long a client waits for a turn over a link.
fn patience(link: Option<&LinkSettings>) -> Patience {
    link.map_or_else(Patience::default, |link| Patience {
        passage: link.delay + link.jitter + link.stall_for.unwrap_or_default(),
        rate: link.rate.map(|rate| rate.bytes_per_second() as f64),
        ..Patience::default()
    })
}

/// Returns what is wrong with the parts.
fn doubts(taken: &Taken) -> Vec<String> {
    let (whole, parts) = (ms(taken.time), ms(taken.parts()));
    let time = ((whole - parts).abs() > APART * whole).then(|| {
        format!(
            "the parts of the turns take {parts:.3} ms together and the whole {whole:.3} ms: they \
             differ by more than {:.0} %",
            APART * 100.0
        )
    });
    let ([up, down], [parts_up, parts_down]) = (taken.bytes, taken.parts_bytes());
    let count = (taken.bytes != taken.parts_bytes()).then(|| {
        format!(
            "the parts of the turns are {parts_up} bytes up and {parts_down} down together, and the \
             sockets carried {up} and {down}"
        )
    });
    time.into_iter().chain(count).collect()
}

fn parts(row: RunRow, taken: &Taken) -> RunRow {
    RunRow {
        agent_whole_ms: Some(ms(taken.time)),
        agent_setup_ms: Some(ms(taken.setup)),
        agent_history_ms: Some(ms(taken.history)),
        agent_framing_ms: Some(ms(taken.framing)),
        agent_waiting_ms: Some(ms(taken.waiting)),
        agent_setup_bytes: Some(taken.setup_bytes.iter().sum()),
        agent_history_bytes: Some(taken.history_bytes),
        agent_framing_bytes: Some(taken.framing_bytes.iter().sum()),
        agent_content_bytes: Some(taken.content_bytes.iter().sum()),
        ..row
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Returns the turns as messages, each an exchange of its own.
fn outcome(plan: &Plan, turns: usize, taken: &Taken) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::empty();
    outcome.batches = Histogram::new(3)?;
    let took = taken.turns.len() as u64;
    outcome.expected = turns as u64;
    (outcome.delivered, outcome.events, outcome.exchanges) = (took, took, took);
    (outcome.drafts_due, outcome.drafts_said) = (took, took);
    for turn in &taken.turns {
        outcome.due.saturating_record(turn.as_nanos() as u64);
        outcome.sent.saturating_record(turn.as_nanos() as u64);
        outcome.batches.saturating_record(1);
    }
    [outcome.bytes_up, outcome.bytes_down] = taken.bytes;
    outcome.payload_bytes = taken.content_bytes[1];
    outcome.measured = taken.time;
    outcome.window = taken.time;
    outcome.accounted = 1;
    [outcome.connect_bytes_up, outcome.connect_bytes_down] = taken.setup_bytes;
    account(plan, taken, &mut outcome.ledger);
    outcome.metered = taken.bytes;
    outcome.ledger_difference = difference(taken.bytes, &outcome.ledger);
    outcome.window_ledger = outcome.ledger.clone();
    Ok(outcome)
}

/// Enters all bytes into the accounts of a chat: what an agent sends is its drafts, resent history
/// among them, and what surrounds inputs and answers is heads.
fn account(plan: &Plan, taken: &Taken, ledger: &mut Ledger) {
    let around = if plan.variant.way() == Way::Websocket {
        Layer::WsHead
    } else {
        Layer::HttpHead
    };
    let [inputs, answers] = taken.content_bytes;
    let sides = [
        (Direction::Up, Purpose::Say, inputs + taken.history_bytes),
        (Direction::Down, Purpose::Deliver, answers),
    ];
    let around_both = taken.framing_bytes.into_iter().zip(taken.setup_bytes);
    for ((direction, purpose, content), (heads, setup)) in sides.into_iter().zip(around_both) {
        for (purpose, layer, bytes) in [
            (Purpose::Setup, Layer::HttpHead, setup),
            (purpose, Layer::Payload, content),
            (purpose, around, heads),
        ] {
            if bytes > 0 {
                let count = taken.turns.len() as u64;
                ledger.enter(direction, purpose, layer, Amount { bytes, count });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken() -> Taken {
        Taken {
            time: Duration::from_millis(100),
            setup: Duration::from_millis(40),
            history: Duration::from_millis(10),
            framing: Duration::from_millis(20),
            waiting: Duration::from_millis(26),
            bytes: [900, 100],
            setup_bytes: [60, 40],
            history_bytes: 200,
            framing_bytes: [340, 20],
            content_bytes: [300, 40],
            ..Taken::default()
        }
    }

    #[test]
    fn a_slow_link_makes_a_client_wait_longer() {
        let link = LinkSettings {
            delay: Duration::from_millis(200),
            jitter: Duration::from_millis(50),
            rate: Some("8kbit".parse().expect("a rate")),
            stall_for: Some(Duration::from_secs(1)),
            ..LinkSettings::default()
        };
        let slow = patience(Some(&link));
        assert_eq!(slow.passage, Duration::from_millis(1_250));
        assert_eq!(slow.rate, Some(1_000.0));
        assert_eq!(slow.least, patience(None).least);
    }

    #[test]
    fn parts_that_do_not_add_up_are_told() {
        assert!(doubts(&taken()).is_empty());
        let mut short = taken();
        short.waiting -= Duration::from_millis(2);
        assert!(doubts(&short)[0].contains("94.000 ms together and the whole 100.000 ms"));
        let mut long = taken();
        long.waiting += Duration::from_millis(10);
        assert_eq!(doubts(&long).len(), 1);
        let mut bytes = taken();
        bytes.framing_bytes[0] += 1;
        let words = "901 bytes up and 100 down together, and the sockets carried 900 and 100";
        assert!(doubts(&bytes)[0].contains(words));
        // One byte more up does not make good for one less down.
        bytes.framing_bytes[1] -= 1;
        assert_eq!(doubts(&bytes).len(), 1);
    }
}
