//! The rows of `ladder.csv` and `timeline.csv`: latency by percentile, and second
//! by second.

use hdrhistogram::Histogram;
use results::row::{LadderRow, TimelineRow};
use swarm::{
    outcome::{Outcome, Second},
    plan::Plan,
};

use crate::child::Sample;

/// Returns the quantiles of the ladder: nine rungs for each further nine of certainty, so that the
/// tail has as many as the body and 50, 90, 99 ... are among them.
fn rungs(samples: u64) -> impl Iterator<Item = f64> {
    // At most 20 decades: an u64 has no more.
    let decades = i32::try_from(samples.max(1).ilog10()).unwrap_or(19) + 1;
    (0..decades)
        .flat_map(|decade| (1..=9).map(move |rung| (decade, f64::from(rung))))
        // One division of whole numbers: `1.0 - 0.7` lies a hair above 0.3, which is
        // one delivery more.
        .map(|(decade, rung)| (10_f64.powi(decade + 1), rung))
        .map(|(parts, rung)| (parts - 10.0 + rung) / parts)
        .chain([1.0])
}

/// Makes the percentile ladder of both clocks (`ladder.csv`).
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

/// Returns the row of `timeline.csv` for one second. `server` holds the CPU time spent in that
/// second and the memory at its end.
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
        server_rss_bytes: server.and_then(memory),
        connected: Some(second.connected as u64),
        connections: plan.reconnect.is_some().then_some(second.made),
    }
}

/// Returns the memory of a server at the end of a second; `None` if there is none at that moment.
pub(crate) fn memory(server: Sample) -> Option<u64> {
    (server.resident > 0).then_some(server.resident)
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
        assert!(rungs(100).any(|quantile| quantile.to_bits() == 0.3_f64.to_bits()));
        assert_eq!(quantiles[..2], ["0.100", "0.200"]);
        assert!(
            ["0.500", "0.900", "0.950", "0.990", "0.999", "1.000"]
                .iter()
                .all(|q| quantiles.contains(&(*q).to_owned()))
        );
    }
}
