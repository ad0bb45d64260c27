//! The columns of the swarm's observations: the deliveries, latencies, exchanges and bytes of a
//! run.

use hdrhistogram::Histogram;
use results::RunRow;
use swarm::{
    outcome::{Outcome, Waits},
    plan::{Io, Plan, Variant},
};
use wire::Carrier;

use super::generator;
use crate::{ledger, validity};

/// The number of samples below which a p99 would depend on a few of them.
const CARRIES_P99: u64 = 1_000;
/// The number of samples below which a p99.9 would depend on a few of them.
const CARRIES_P999: u64 = 10_000;
/// The number of messages below which the slowest hundredth of the deliveries could be those of a
/// single message: all readers of a room receive the same message, and are delayed together.
const MESSAGES_FOR_P99: u64 = 100;
/// The corresponding number of messages for p99.9.
const MESSAGES_FOR_P999: u64 = 1_000;

/// Returns whether a run has deliveries and messages enough for a p99 of its latency.
fn carries_p99(outcome: &Outcome) -> bool {
    outcome.due.len() >= CARRIES_P99 && outcome.drafts_due >= MESSAGES_FOR_P99
}

/// Returns whether a run reports a p99 of its latency: it carries one, and the
/// generator cannot have moved it.
pub(super) fn reports_p99(outcome: &Outcome) -> bool {
    carries_p99(outcome) && validity::p99_withheld(outcome).is_none()
}

/// Returns `row` with the columns of the swarm's observations.
pub(super) fn fill(row: RunRow, plan: &Plan, outcome: &Outcome) -> RunRow {
    let row = deliveries(row, outcome);
    let row = latencies(row, outcome);
    let row = gaps(receivers(row, outcome), outcome);
    let row = batches(exchanges(row, plan, outcome), outcome);
    let row = RunRow {
        // What was agreed on, over what was asked for.
        tls: outcome.suite.map_or(row.tls, |suite| suite.to_string()),
        ..row
    };
    let row = cross_shard(comebacks(row, outcome), outcome);
    generator::fill(row, outcome)
}

fn deliveries(row: RunRow, outcome: &Outcome) -> RunRow {
    let seconds = outcome.measured.as_secs_f64();
    let per_second = |count: u64| {
        if seconds > 0.0 {
            count as f64 / seconds
        } else {
            0.0
        }
    };
    RunRow {
        measured_ms: outcome.measured.as_millis() as u64,
        window_ms: Some(outcome.window.as_millis() as u64),
        expected: outcome.expected,
        delivered: outcome.delivered,
        lost: outcome.lost(),
        duplicated: outcome.duplicated,
        reordered: outcome.reordered,
        missed: outcome.missed,
        offered_per_s: per_second(outcome.drafts_due),
        achieved_per_s: per_second(outcome.drafts_said),
        ..row
    }
}

fn latencies(row: RunRow, outcome: &Outcome) -> RunRow {
    let withheld = validity::p99_withheld(outcome).filter(|_| carries_p99(outcome));
    let carries_p99 = carries_p99(outcome) && withheld.is_none();
    let carries_p999 = withheld.is_none()
        && outcome.due.len() >= CARRIES_P999
        && outcome.drafts_due >= MESSAGES_FOR_P999;
    RunRow {
        p50_us: micros(&outcome.due, 0.5),
        p90_us: micros(&outcome.due, 0.9),
        p99_us: p99(&outcome.due).filter(|_| carries_p99),
        p999_us: micros(&outcome.due, 0.999).filter(|_| carries_p999),
        max_us: micros(&outcome.due, 1.0),
        mean_us: mean(&outcome.due),
        deviation_us: (!outcome.due.is_empty()).then(|| (outcome.due.stdev() / 1e3) as u64),
        sent_p50_us: micros(&outcome.sent, 0.5),
        sent_p99_us: p99(&outcome.sent).filter(|_| carries_p99),
        sent_mean_us: mean(&outcome.sent),
        p99_withheld: withheld.unwrap_or_default(),
        ..row
    }
}

/// Adds the latencies of the first, middle and last receivers, and the staleness of readers.
fn receivers(row: RunRow, outcome: &Outcome) -> RunRow {
    let looks = outcome.samples;
    RunRow {
        spread_p50_us: micros(&outcome.spread, 0.5),
        spread_p99_us: p99(&outcome.spread),
        first_p50_us: micros(&outcome.first, 0.5),
        first_p99_us: p99(&outcome.first),
        middle_p50_us: micros(&outcome.middle, 0.5),
        middle_p99_us: p99(&outcome.middle),
        last_p50_us: micros(&outcome.last, 0.5),
        last_p99_us: p99(&outcome.last),
        accepted_p50_us: micros(&outcome.accepted, 0.5),
        accepted_p99_us: p99(&outcome.accepted),
        heard_p50_us: micros(&outcome.heard, 0.5),
        heard_p99_us: p99(&outcome.heard),
        last_same_share: outcome.last_same,
        staleness_p50_us: micros(&outcome.staleness, 0.5),
        staleness_p99_us: p99(&outcome.staleness),
        staleness_samples: Some(looks),
        coherence: (looks > 0).then(|| outcome.coherent_samples as f64 / looks as f64),
        ..row
    }
}

/// Adds the time until readers had their first draft, and those from one delivery to the next.
fn gaps(row: RunRow, outcome: &Outcome) -> RunRow {
    RunRow {
        first_delivery_us: micros(&outcome.first_delivery, 0.5),
        gap_p50_us: micros(&outcome.gaps, 0.5),
        gap_p99_us: p99(&outcome.gaps).filter(|_| reports_p99(outcome)),
        ..row
    }
}

/// Returns the word for how those who only listen were read; none where nobody listens to a stream or
/// a WebSocket.
fn swarm_io(variant: &Variant, outcome: &Outcome) -> &'static str {
    match variant.way().carrier() {
        Carrier::Batch => "",
        Carrier::Stream(_) | Carrier::Frame if outcome.received_by_ring > 0 => Io::Uring.name(),
        Carrier::Stream(_) | Carrier::Frame => Io::Epoll.name(),
    }
}

fn exchanges(row: RunRow, plan: &Plan, outcome: &Outcome) -> RunRow {
    let around = ledger::header_bytes(plan, outcome).map(|bytes| bytes as f64);
    RunRow {
        opened_readers: Some(outcome.opening.len()),
        opening_p50_us: micros(&outcome.opening, 0.5),
        opening_p99_us: p99(&outcome.opening),
        exchanges: outcome.exchanges,
        empty_exchanges: outcome.empty_exchanges,
        exchange_events: Some(outcome.events),
        retried_exchanges: Some(outcome.retried_exchanges),
        swarm_io: swarm_io(&plan.variant, outcome).to_owned(),
        stream_ends: Some(outcome.stream_ends),
        bytes_up: outcome.bytes_up,
        bytes_down: outcome.bytes_down,
        event_bytes: outcome.payload_bytes,
        header_bytes_per_delivery: around.and_then(|around| per_delivery(around, outcome)),
        packed_bytes: ledger::packed_bytes(plan, outcome),
        connect_bytes_up: Some(outcome.connect_bytes_up),
        connect_bytes_down: Some(outcome.connect_bytes_down),
        setup_bytes_per_client: ledger::setup_bytes_per_client(plan, outcome),
        silence_bytes_per_client_hour: ledger::silence_bytes_per_client_hour(plan, outcome),
        ..row
    }
}

/// Adds the sizes of batches: the number of events that arrived together.
fn batches(row: RunRow, outcome: &Outcome) -> RunRow {
    let sizes = &outcome.batches;
    let at = |quantile| (!sizes.is_empty()).then(|| sizes.value_at_quantile(quantile));
    RunRow {
        batch_p50: at(0.5),
        batch_p99: at(0.99).filter(|_| sizes.len() >= CARRIES_P99),
        batch_max: at(1.0),
        ..row
    }
}

/// Adds what came of lost connections, where readers come back by a policy.
fn comebacks(row: RunRow, outcome: &Outcome) -> RunRow {
    let Some(told) = &outcome.comebacks else {
        return row;
    };
    let away = |share| told.away_at(share).map(|away| away.as_millis() as u64);
    let us = |nanos: Option<u64>| nanos.map(|nanos| nanos / 1_000);
    RunRow {
        cut_connections: Some(told.lost),
        comebacks: Some(told.back),
        back_p50_ms: away(0.5),
        back_p99_ms: away(0.99).filter(|_| told.back >= CARRIES_P99),
        back_last_ms: told.last_back.map(|last| last / 1_000_000),
        reconnect_attempts: Some(told.attempts),
        reconnect_peak_per_s: Some(told.peak_per_second),
        reconnect_refused: Some(told.refused),
        replayed_events: Some(told.replayed),
        replayed_bytes: Some(told.replayed_bytes),
        new_logs: Some(told.new_logs),
        silent_connections: Some(told.silent),
        churn_left: Some(told.left),
        churn_came: Some(told.came),
        churn_changed: Some(told.changed),
        reconnect_attempts_peak_per_s: Some(told.attempts_peak),
        undisturbed_p50_us: us(told.undisturbed_p50),
        undisturbed_p99_us: us(told.undisturbed_p99).filter(|_| told.undisturbed >= CARRIES_P99),
        ..row
    }
}

/// Adds the deliveries between processes, and the interval of their latency.
fn cross_shard(row: RunRow, outcome: &Outcome) -> RunRow {
    let told = outcome.cross_shard.as_ref();
    let latency = told.and_then(|told| told.latency.as_ref());
    let low = |quantile| millis(&latency?.low, quantile);
    let high = |quantile| millis(&latency?.high, quantile);
    RunRow {
        cross_shard_deliveries: told.map(|told| told.deliveries),
        cross_shard_negative: latency.map(|latency| latency.negative),
        cross_shard_latency_p50_low_ms: low(0.5),
        cross_shard_latency_p50_high_ms: high(0.5),
        cross_shard_latency_p90_low_ms: low(0.9),
        cross_shard_latency_p90_high_ms: high(0.9),
        ..row
    }
}

fn millis(times: &Waits, quantile: f64) -> Option<f64> {
    times.at(quantile).map(|ns| ns as f64 / 1e6)
}

pub(super) fn per_delivery(amount: f64, outcome: &Outcome) -> Option<f64> {
    (outcome.delivered > 0).then(|| amount / outcome.delivered as f64)
}

pub(super) fn micros(histogram: &Histogram<u64>, quantile: f64) -> Option<u64> {
    (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile) / 1_000)
}

pub(super) fn p99(histogram: &Histogram<u64>) -> Option<u64> {
    micros(histogram, 0.99).filter(|_| histogram.len() >= CARRIES_P99)
}

fn mean(histogram: &Histogram<u64>) -> Option<u64> {
    (!histogram.is_empty()).then(|| (histogram.mean() / 1e3) as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use swarm::outcome::{ByClocks, CrossShard};

    use super::*;

    /// Records `count` samples of each of 1 ms, 2 ms, ... up to `milliseconds`.
    fn steps(histogram: &mut Histogram<u64>, milliseconds: u64, count: u64) {
        for millisecond in 1..=milliseconds {
            histogram.saturating_record_n(millisecond * 1_000_000, count);
        }
    }

    fn near(found: Option<u64>, milliseconds: u64) {
        let found = found.expect("a figure");
        let wanted = milliseconds * 1_000;
        // Three significant digits.
        assert!(found.abs_diff(wanted) <= wanted / 1_000, "{found} {wanted}");
    }

    /// Checks that a thousand readers of three messages make three thousand deliveries.
    #[test]
    fn a_tail_takes_messages_and_not_only_deliveries() {
        let tails = |messages: u64, deliveries: u64| {
            let mut outcome = Outcome::empty();
            outcome.drafts_due = messages;
            steps(&mut outcome.due, 10, deliveries / 10);
            steps(&mut outcome.sent, 10, deliveries / 10);
            let row = latencies(RunRow::default(), &outcome);
            assert!(row.p50_us.is_some());
            let tails = [row.p99_us, row.sent_p99_us, row.p999_us];
            tails.map(|tail| tail.is_some())
        };
        assert_eq!(tails(3, 30_000), [false; 3]);
        assert_eq!(tails(99, 30_000), [false; 3]);
        assert_eq!(tails(100, 30_000), [true, true, false]);
        assert_eq!(tails(1_000, 30_000), [true; 3]);
        assert_eq!(tails(1_000, 900), [false; 3]);
    }

    #[test]
    fn a_tail_that_the_generator_may_have_made_is_withheld() {
        let mut outcome = Outcome::empty();
        outcome.drafts_due = 1_000;
        for histogram in [&mut outcome.due, &mut outcome.sent] {
            histogram.saturating_record_n(1_000_000, 29_400);
            histogram.saturating_record_n(100_000_000, 600);
        }
        let kept = &mut outcome.hindrance.kept_deliveries;
        kept.saturating_record_n(0, 980);
        let row = latencies(RunRow::default(), &outcome);
        assert!(row.p999_us.is_some() && row.p99_withheld.is_empty());
        // One delivery in fifty, by more than the limit of 10 ms.
        let kept = &mut outcome.hindrance.kept_deliveries;
        kept.saturating_record_n(15_000_000, 20);
        let row = latencies(RunRow::default(), &outcome);
        let tails = [row.p99_us, row.sent_p99_us, row.p999_us];
        assert_eq!(tails, [None; 3]);
        assert!(row.p50_us.is_some() && row.p99_withheld.contains("p99.5 of the deliveries"));
        // Of a hundred messages fewer there would have been none anyway.
        outcome.drafts_due = 99;
        let row = latencies(RunRow::default(), &outcome);
        assert_eq!((row.p99_us, row.p99_withheld.as_str()), (None, ""));
    }

    #[test]
    fn the_one_who_read_is_named_where_somebody_listened_to_a_stream() {
        let poll = Variant::ShortPoll {
            interval: Duration::from_secs(1),
            keep_alive: true,
        };
        let told = |variant: &Variant, received_by_ring| {
            let outcome = Outcome {
                received_by_ring,
                ..Outcome::empty()
            };
            swarm_io(variant, &outcome)
        };
        assert_eq!(told(&Variant::Websocket, 0), "epoll");
        assert_eq!(told(&Variant::Websocket, 7), "uring");
        assert_eq!(told(&poll, 0), "");
    }

    #[test]
    fn receivers_in_exact_numbers() {
        let mut outcome = Outcome::empty();
        steps(&mut outcome.first, 100, 10);
        steps(&mut outcome.middle, 200, 1);
        steps(&mut outcome.last, 300, 1);
        steps(&mut outcome.staleness, 400, 5);
        (outcome.samples, outcome.coherent_samples) = (2_000, 1_999);
        outcome.last_same = Some(0.25);
        let row = receivers(RunRow::default(), &outcome);
        near(row.first_p50_us, 50);
        near(row.first_p99_us, 99);
        near(row.middle_p50_us, 100);
        near(row.last_p50_us, 150);
        assert_eq!((row.middle_p99_us, row.last_p99_us), (None, None));
        near(row.staleness_p50_us, 200);
        near(row.staleness_p99_us, 396);
        assert_eq!(row.staleness_samples, Some(2_000));
        assert_eq!(row.coherence, Some(0.9995));
        assert_eq!(row.last_same_share, Some(0.25));
        let nothing = receivers(RunRow::default(), &Outcome::empty());
        assert_eq!((nothing.first_p50_us, nothing.coherence), (None, None));
    }

    #[test]
    fn gaps_in_exact_numbers() {
        let mut outcome = Outcome::empty();
        let told = |outcome: &Outcome| {
            let row = gaps(RunRow::default(), outcome);
            (row.first_delivery_us, row.gap_p50_us, row.gap_p99_us)
        };
        assert_eq!(told(&outcome), (None, None, None));
        steps(&mut outcome.first_delivery, 5, 1);
        steps(&mut outcome.gaps, 100, 9);
        let (first, middle, tail) = told(&outcome);
        near(first, 3);
        near(middle, 50);
        assert_eq!(tail, None);
        // A thousand gaps are enough only where the run reports a tail of its latency.
        steps(&mut outcome.gaps, 100, 1);
        assert_eq!(told(&outcome).2, None);
        outcome.drafts_due = 100;
        steps(&mut outcome.due, 10, 100);
        near(told(&outcome).2, 99);
        outcome.drafts_due = 99;
        assert_eq!(told(&outcome).2, None);
    }

    #[test]
    fn latency_between_processes_is_an_interval_or_nothing() {
        let times = |text| serde_json::from_str::<Waits>(text).expect("times");
        let latency = ByClocks {
            low: times(r#"{"-1500000":2,"7000000":1}"#),
            high: times(r#"{"500000":2,"9000000":1}"#),
            negative: 1,
        };
        let filled = |told: Option<CrossShard>| {
            let mut outcome = Outcome::empty();
            outcome.cross_shard = told;
            // The row of the first shard, which merge begins with.
            let row = RunRow {
                cross_shard_deliveries: Some(77),
                ..RunRow::default()
            };
            let row = cross_shard(row, &outcome);
            (
                (row.cross_shard_deliveries, row.cross_shard_negative),
                [
                    row.cross_shard_latency_p50_low_ms,
                    row.cross_shard_latency_p50_high_ms,
                    row.cross_shard_latency_p90_low_ms,
                    row.cross_shard_latency_p90_high_ms,
                ],
            )
        };
        assert_eq!(filled(None), ((None, None), [None; 4]));
        let mut told = CrossShard {
            deliveries: 3,
            latency: None,
        };
        assert_eq!(filled(Some(told.clone())), ((Some(3), None), [None; 4]));
        told.latency = Some(latency);
        let interval = [-1.5, 0.5, 7.0, 9.0].map(Some);
        assert_eq!(filled(Some(told)), ((Some(3), Some(1)), interval));
    }

    #[test]
    fn batches_are_told_by_their_sizes_not_by_their_mean() {
        let mut outcome = Outcome::empty();
        let none = batches(RunRow::default(), &outcome);
        assert_eq!((none.batch_p50, none.batch_max), (None, None));
        outcome.batches = Histogram::new(3).expect("valid");
        outcome.batches.saturating_record_n(1, 985);
        outcome.batches.saturating_record_n(40, 14);
        let few = batches(RunRow::default(), &outcome);
        assert_eq!((few.batch_p50, few.batch_p99), (Some(1), None));
        outcome.batches.saturating_record(200);
        let row = batches(RunRow::default(), &outcome);
        assert_eq!((row.batch_p99, row.batch_max), (Some(40), Some(200)));
    }
}
