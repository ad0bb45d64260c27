//! The figure of the claim that long polling takes one transit on average and three at most; its
//! checks are in the claim's file.

use std::collections::BTreeMap;

use super::{
    Claim, Evidence,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

/// The parts of the scenario that have long polls, each with a rate of its own.
const PARTS: [&str; 4] = ["rate-1", "rate-4", "rate-10", "rate-50"];

/// Returns all runs of one transport of a part, by the delay of their link in microseconds.
fn by_delay<'a>(evidence: &'a Evidence, part: &str, transport: &str) -> BTreeMap<u64, Runs<'a>> {
    let at = At {
        part,
        transport,
        ..At::default()
    };
    let mut delays: BTreeMap<u64, Runs<'a>> = BTreeMap::new();
    for run in evidence.runs(&at).runs {
        let delay = run.run.read_delay_us.unwrap_or(0);
        delays.entry(delay).or_default().runs.push(run);
    }
    delays
}

/// Returns the runs at the largest delay, where the formula is furthest from one transit.
fn drawn(evidence: &Evidence) -> (Vec<Run<'_>>, f64) {
    let mut runs = Vec::new();
    let mut longest = 0;
    for part in PARTS {
        let Some((delay, of_part)) = by_delay(evidence, part, "long_poll").pop_last() else {
            continue;
        };
        longest = longest.max(delay);
        runs.extend(of_part.runs);
    }
    runs.retain(|run| run.run.read_delay_us.unwrap_or(0) == longest);
    (runs, longest as f64 / 1e6)
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let (runs, delay) = drawn(evidence);
    let runs = Runs { runs };
    let mut measured: Vec<(f64, f64)> = runs
        .counting()
        .filter_map(|run| Some((run.run.rate_per_s, run.run.mean_us? as f64 / 1e3)))
        .collect();
    measured.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let steps = (0..=60).map(|step| 0.5 * 10f64.powf(f64::from(step) / 60.0 * 2.2));
    let line = steps.map(|rate| (rate, latency::long_poll_mean(rate, delay) * 1e3));
    Plot {
        name: "mean_latency",
        title: "Long polling's mean latency by rate of messages",
        reading: &format!(
            "One-way delay of {} ms. One transit at low rates, two at high ones.",
            delay * 1e3
        ),
        caption: &runs.caption(),
        x: "messages a second to each reader (log scale)",
        y: "mean latency, ms",
        log_x: true,
        log_y: false,
        curves: vec![
            Curve::new("d (1 + f)", Look::Formula, line.collect()),
            Curve::new("long poll", Look::Points("long_poll"), measured),
        ],
    }
    .draw()
}
