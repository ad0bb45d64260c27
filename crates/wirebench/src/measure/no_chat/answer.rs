//! The tokens of one answer as the outcome of a run.

use std::time::Duration;

use anyhow::Context;
use dissect::{Amount, Direction, Layer, Ledger, Purpose};
use experiment::{Asked, Source, Streamed};
use hdrhistogram::Histogram;
use results::RunRow;
use scenario::Cell;
use swarm::{outcome::Outcome, plan::Plan};
use wire::{Compression, Way};

use super::{Found, difference, linked};

/// The number of gaps from which on their 99th percentile is told.
const CARRIES_P99: u64 = 100;

/// Streams the answer of a plan.
pub(super) fn take(plan: &Plan, cell: &Cell, stopped: &dyn Fn() -> bool) -> anyhow::Result<Found> {
    let asked = Asked::of(plan).context("the run is no answer")?;
    let source = Source::start(&asked)?;
    let (address, link) = linked(plan, cell, source.address)?;
    let streamed = asked.read(&source, address, stopped)?;
    if let Some(link) = link {
        link.stop();
    }
    let outcome = outcome(plan, &streamed)?;
    let gaps = &outcome.gaps;
    let tail = (gaps.len() >= CARRIES_P99).then(|| gaps.value_at_quantile(0.99) / 1_000);
    Ok(Found {
        outcome,
        own: Box::new(move |row| RunRow {
            gap_p99_us: tail,
            ..row
        }),
        doubts: doubts(&streamed),
    })
}

/// Returns what is wrong with the bytes: they follow from the sizes of tokens where nothing is
/// compressed.
fn doubts(streamed: &Streamed) -> Vec<String> {
    let [_, down] = streamed.bytes;
    let expected = streamed.expected_bytes.filter(|bytes| *bytes != down);
    let words =
        |bytes| format!("the sockets carried {down} bytes of tokens, their sizes make {bytes}");
    expected.map(words).into_iter().collect()
}

fn outcome(plan: &Plan, streamed: &Streamed) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::empty();
    outcome.batches = Histogram::new(3)?;
    let tokens = streamed.latencies.len() as u64;
    outcome.expected = plan
        .answer
        .as_ref()
        .map_or(0, |answer| answer.tokens as u64);
    (outcome.delivered, outcome.events) = (tokens, tokens);
    (outcome.drafts_due, outcome.drafts_said) = (tokens, tokens);
    let record = |into: &mut Histogram<u64>, time: Duration| {
        into.saturating_record(time.as_nanos() as u64);
    };
    for latency in &streamed.latencies {
        record(&mut outcome.due, *latency);
    }
    for latency in &streamed.sent {
        record(&mut outcome.sent, *latency);
    }
    for late in &streamed.late {
        record(&mut outcome.lateness, *late);
    }
    for gap in &streamed.gaps {
        record(&mut outcome.gaps, *gap);
    }
    for batch in &streamed.batches {
        outcome.batches.saturating_record(*batch);
    }
    record(&mut outcome.first_delivery, streamed.first);
    record(&mut outcome.opening, streamed.opening);
    outcome.exchanges = streamed.batches.len() as u64;
    [outcome.connect_bytes_up, outcome.connect_bytes_down] = streamed.opening_bytes;
    outcome.bytes_before = streamed.opening_bytes.iter().sum();
    [outcome.bytes_up, outcome.bytes_down] = streamed.bytes;
    outcome.payload_bytes = streamed.plain_bytes;
    outcome.measured = streamed.first + streamed.lasted;
    outcome.window = outcome.measured;
    outcome.accounted = 1;
    account(plan, streamed, &mut outcome);
    Ok(outcome)
}

/// Enters all bytes into the accounts, which are then held to the socket's count: content, and what
/// was found around it, were counted one by one. Compressed content is one account, as in other runs.
fn account(plan: &Plan, streamed: &Streamed, outcome: &mut Outcome) {
    let [up, _] = streamed.bytes;
    let payload = if plan.variant.compression() == Compression::None {
        streamed.plain_bytes
    } else {
        streamed.content_bytes
    };
    let layer = match plan.variant.way() {
        Way::Websocket => Layer::WsHead,
        Way::Sse | Way::Ndjson => Layer::Chunk,
        Way::LongPoll | Way::ShortPoll => Layer::HttpHead,
    };
    // Fields of server-sent events and line ends are content, and no payload.
    let text = streamed.content_bytes - payload;
    let tokens = streamed.latencies.len() as u64;
    let exchanges = streamed.batches.len() as u64;
    let mut window = Ledger::new();
    for (direction, layer, bytes, count) in [
        (Direction::Up, Layer::HttpHead, up, exchanges),
        (Direction::Down, Layer::Payload, payload, tokens),
        (Direction::Down, Layer::TextFrame, text, tokens),
        (Direction::Down, layer, streamed.framing_bytes, tokens),
    ] {
        if bytes > 0 {
            window.enter(direction, Purpose::Deliver, layer, Amount { bytes, count });
        }
    }
    let mut whole = window.clone();
    for (direction, bytes) in Direction::ALL.into_iter().zip(streamed.opening_bytes) {
        if bytes > 0 {
            let amount = Amount { bytes, count: 1 };
            whole.enter(direction, Purpose::Setup, Layer::HttpHead, amount);
        }
    }
    outcome.metered = streamed.opening_bytes;
    for (counted, bytes) in outcome.metered.iter_mut().zip(streamed.bytes) {
        *counted += bytes;
    }
    outcome.ledger_difference = difference(outcome.metered, &whole);
    (outcome.window_ledger, outcome.ledger) = (window, whole);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(streamed: &Streamed) -> Outcome {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/tokens.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let plans = study.plans();
        let is_socket = |plan: &&Plan| plan.variant.way() == Way::Websocket;
        let plan = plans.iter().find(is_socket).expect("a WebSocket");
        outcome(plan, streamed).expect("histograms")
    }

    /// Makes two bare tokens of four and five bytes over a WebSocket, one of them 3 ms late.
    fn streamed() -> Streamed {
        Streamed {
            latencies: vec![Duration::from_millis(1), Duration::from_millis(5)],
            sent: vec![Duration::from_millis(1), Duration::from_millis(2)],
            opening_bytes: [150, 100],
            bytes: [0, 13],
            plain_bytes: 9,
            content_bytes: 9,
            framing_bytes: 4,
            ..Streamed::default()
        }
    }

    #[test]
    fn accounts_are_held_to_what_the_socket_counted() {
        let right = told(&streamed());
        assert_eq!(right.ledger_difference, 0);
        assert_eq!(right.metered, [150, 113]);
        let mut more = streamed();
        more.bytes[1] += 1;
        assert_eq!(told(&more).ledger_difference, 1);
        let mut less = streamed();
        less.framing_bytes -= 1;
        assert_eq!(told(&less).ledger_difference, 1);
    }

    #[test]
    fn what_the_source_is_late_is_in_one_latency_and_not_in_the_other() {
        let told = told(&streamed());
        assert!(told.due.max() >= 5_000_000 && told.sent.max() < 3_000_000);
    }
}
