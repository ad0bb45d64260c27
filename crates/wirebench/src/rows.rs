//! From what the swarm noticed to the rows that `report` stores.

use std::time::Duration;

use hdrhistogram::Histogram;
use report::row::{LadderRow, RunRow, TimelineRow};
use swarm::{
    outcome::{Outcome, Second},
    plan::{Arrivals, HOST, Plan, Speak, Variant},
};

use crate::{child::Sample, honesty, ledger};

/// Deliveries below which a p99 would be the word of a handful.
const CARRIES_P99: u64 = 1_000;
/// Deliveries below which a p99.9 would be the word of a handful.
const CARRIES_P999: u64 = 10_000;
/// What was seen of the server from outside, over the window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed {
    /// Before the first connection.
    pub(crate) before: Sample,
    /// At the beginning of *measure*.
    pub(crate) measure: Sample,
    /// At the end of *drain*.
    pub(crate) end: Sample,
}

/// What lies between people and server.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// In words, for captions.
    pub(crate) words: String,
    /// One-way delay between readers and the server.
    pub(crate) read_delay: Duration,
    /// One-way delay between speakers and the server.
    pub(crate) say_delay: Duration,
    /// What the `Host` header says.
    pub(crate) host: String,
}

impl Path {
    /// Nothing but the loopback interface.
    pub(crate) fn loopback(host: &str) -> Self {
        Self {
            words: "loopback".to_owned(),
            read_delay: Duration::ZERO,
            say_delay: Duration::ZERO,
            host: host.to_owned(),
        }
    }

    /// Bytes of header lines as they go out, line ends included.
    fn line_bytes(&self, lines: &[(String, String)]) -> u64 {
        let line = |(name, value): &(String, String)| {
            name.len() + value.replace(HOST, &self.host).len() + ": \r\n".len()
        };
        lines.iter().map(line).sum::<usize>() as u64
    }
}

/// The word for the arrivals in `runs.csv`.
fn arrivals(plan: &Plan) -> String {
    match plan.arrivals {
        Arrivals::Constant => "constant".to_owned(),
        Arrivals::Poisson => "poisson".to_owned(),
        Arrivals::Burst { size } => format!("burst {size}"),
    }
}

/// The word of the `speak` column: as a scenario writes it.
const fn speak(speak: Speak) -> &'static str {
    match speak {
        Speak::Same => "same",
        Speak::Post => "post",
        Speak::PostClose => "post_close",
    }
}

/// The row of `runs.csv`. `observed` is absent for a server that is not ours.
pub(crate) fn run_row(
    plan: &Plan,
    path: &Path,
    outcome: &Outcome,
    observed: Option<Observed>,
) -> RunRow {
    let error = why_not_valid(outcome);
    let micros = |histogram: &Histogram<u64>, quantile: f64| {
        (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile) / 1_000)
    };
    let carried = |least: u64| outcome.due.len() >= least;
    let per_delivery =
        |amount: f64| (outcome.delivered > 0).then(|| amount / outcome.delivered as f64);
    let seconds = outcome.measured.as_secs_f64();
    let per_second = |count: u64| {
        if seconds > 0.0 {
            count as f64 / seconds
        } else {
            0.0
        }
    };
    RunRow {
        scenario: plan.scenario.clone(),
        transport: plan.variant.transport().to_string(),
        variant: plan.variant.to_string(),
        cell: plan.cell.clone(),
        repeat: plan.repeat as u32,
        clients: plan.clients as u64,
        rooms: plan.rooms as u64,
        publishers: plan.publishers as u64,
        rate_per_s: plan.rate,
        payload_bytes: u64::midpoint(plan.payload.min as u64, plan.payload.max as u64),
        headers: plan.header_profile.clone(),
        measured_ms: outcome.measured.as_millis() as u64,
        expected: outcome.expected,
        delivered: outcome.delivered,
        lost: outcome.expected.saturating_sub(outcome.delivered),
        duplicated: outcome.duplicated,
        reordered: outcome.reordered,
        missed: outcome.missed,
        offered_per_s: per_second(outcome.drafts_due),
        achieved_per_s: per_second(outcome.drafts_said),
        p50_us: micros(&outcome.due, 0.5),
        p90_us: micros(&outcome.due, 0.9),
        p99_us: micros(&outcome.due, 0.99).filter(|_| carried(CARRIES_P99)),
        p999_us: micros(&outcome.due, 0.999).filter(|_| carried(CARRIES_P999)),
        max_us: micros(&outcome.due, 1.0),
        sent_p50_us: micros(&outcome.sent, 0.5),
        sent_p99_us: micros(&outcome.sent, 0.99).filter(|_| carried(CARRIES_P99)),
        late_p50_us: micros(&outcome.lateness, 0.5),
        late_p99_us: micros(&outcome.lateness, 0.99),
        late_max_us: micros(&outcome.lateness, 1.0),
        opening_p50_us: micros(&outcome.opening, 0.5),
        opening_p99_us: micros(&outcome.opening, 0.99),
        spread_p50_us: micros(&outcome.spread, 0.5),
        spread_p99_us: micros(&outcome.spread, 0.99),
        exchanges: outcome.exchanges,
        empty_exchanges: outcome.empty_exchanges,
        bytes_up: outcome.bytes_up,
        bytes_down: outcome.bytes_down,
        event_bytes: outcome.payload_bytes,
        header_bytes_per_delivery: per_delivery(ledger::header_bytes(plan, outcome) as f64),
        server_cpu_us_per_delivery: observed.and_then(|seen| {
            per_delivery(micros_of(seen.end.cpu.saturating_sub(seen.measure.cpu)))
        }),
        server_rss_bytes_per_client: observed.map(|seen| {
            seen.end.resident.saturating_sub(seen.before.resident) / plan.clients.max(1) as u64
        }),
        swarm_cpu_us_per_delivery: per_delivery(micros_of(outcome.swarm_cpu)),
        valid: error.is_empty(),
        error,
        path: path.words.clone(),
        read_delay_us: Some(path.read_delay.as_micros() as u64),
        say_delay_us: Some(path.say_delay.as_micros() as u64),
        arrivals: arrivals(plan),
        speak: speak(plan.speak).to_owned(),
        pacing: plan.pacing.label(),
        settle_ms: Some(plan.settle.as_millis() as u64),
        named: Some(plan.presence),
        host_bytes: Some(path.host.len() as u64),
        read_line_bytes: Some(path.line_bytes(&plan.headers)),
        // Over the reader's WebSocket drafts need no request of their own.
        say_line_bytes: (plan.variant != Variant::Websocket || plan.speak != Speak::Same)
            .then(|| path.line_bytes(&plan.say_headers)),
        mean_us: mean_micros(&outcome.due),
        deviation_us: (!outcome.due.is_empty()).then(|| (outcome.due.stdev() / 1e3) as u64),
        sent_mean_us: mean_micros(&outcome.sent),
        connect_bytes_up: Some(outcome.connect_bytes_up),
        connect_bytes_down: Some(outcome.connect_bytes_down),
    }
}

fn mean_micros(histogram: &Histogram<u64>) -> Option<u64> {
    (!histogram.is_empty()).then(|| (histogram.mean() / 1e3) as u64)
}

fn micros_of(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Why a run may not be believed, in one line; empty if it may.
fn why_not_valid(outcome: &Outcome) -> String {
    let mut reasons = Vec::new();
    if let Some(reason) = &outcome.ended_early {
        reasons.push(format!("ended early: {reason}"));
    }
    let lost = outcome.expected.saturating_sub(outcome.delivered);
    for (count, what) in [
        (lost, "lost"),
        (outcome.duplicated, "duplicated"),
        (outcome.reordered, "reordered"),
        (outcome.missed, "missed"),
        (
            outcome.drafts_due.saturating_sub(outcome.drafts_said),
            "drafts never said",
        ),
    ] {
        if count > 0 {
            reasons.push(format!("{count} {what}"));
        }
    }
    for (failure, count) in &outcome.failures {
        reasons.push(format!("{count} x {failure}"));
    }
    reasons.extend(ledger::why_not_valid(outcome));
    reasons.extend(honesty::doubts(outcome));
    reasons.join("; ")
}

/// Quantiles of the ladder: nine rungs for each nine of certainty, so that the
/// tail has as many as the body and 50, 90, 99 ... are among them.
fn rungs(samples: u64) -> impl Iterator<Item = f64> {
    // At most 20 decades: an u64 has no more.
    let decades = i32::try_from(samples.max(1).ilog10()).unwrap_or(19) + 1;
    (0..decades)
        .flat_map(|decade| (1..=9).map(move |rung| (decade, f64::from(rung))))
        .map(|(decade, rung)| 1.0 - (10.0 - rung) / 10_f64.powi(decade + 1))
        .chain([1.0])
}

/// The percentile ladder of both clocks (`ladder.csv`).
pub(crate) fn ladder(plan: &Plan, outcome: &Outcome) -> Vec<LadderRow> {
    let of_clock = |clock: &str, histogram: &Histogram<u64>| -> Vec<LadderRow> {
        rungs(histogram.len())
            .filter(|_| !histogram.is_empty())
            .map(|quantile| {
                let latency = histogram.value_at_quantile(quantile);
                LadderRow {
                    transport: plan.variant.transport().to_string(),
                    variant: plan.variant.to_string(),
                    cell: plan.cell.clone(),
                    repeat: plan.repeat as u32,
                    clock: clock.to_owned(),
                    quantile,
                    latency_us: latency / 1_000,
                    count: histogram.count_between(0, latency),
                }
            })
            .collect()
    };
    [
        of_clock("due", &outcome.due),
        of_clock("sent", &outcome.sent),
    ]
    .concat()
}

/// One second's row of `timeline.csv`; `server` holds the CPU time spent in it
/// and the memory at its end.
pub(crate) fn timeline(plan: &Plan, second: &Second, server: Option<Sample>) -> TimelineRow {
    let micros = |quantile: f64| {
        (!second.due.is_empty()).then(|| second.due.value_at_quantile(quantile) / 1_000)
    };
    TimelineRow {
        transport: plan.variant.transport().to_string(),
        variant: plan.variant.to_string(),
        cell: plan.cell.clone(),
        repeat: plan.repeat as u32,
        second: second.second,
        delivered: second.delivered,
        p50_us: micros(0.5),
        p99_us: micros(0.99),
        bytes_up: second.bytes_up,
        bytes_down: second.bytes_down,
        server_cpu_us: server.map(|sample| sample.cpu.as_micros() as u64),
        server_rss_bytes: server.map(|sample| sample.resident),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_has_nine_rungs_a_decade_and_the_top() {
        let quantiles: Vec<String> = rungs(100)
            .map(|quantile| format!("{quantile:.3}"))
            .collect();
        assert_eq!(quantiles.len(), 28);
        assert_eq!(quantiles[..2], ["0.100", "0.200"]);
        assert!(
            ["0.500", "0.900", "0.950", "0.990", "0.999", "1.000"]
                .iter()
                .all(|q| quantiles.contains(&(*q).to_owned()))
        );
    }
}
