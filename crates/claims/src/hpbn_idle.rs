//! The figure of the claim about the cost of polling while nobody publishes.

use super::{
    Claim, Evidence,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

const SHARE: At<'_> = At {
    part: "share",
    transport: "short_poll",
    variant: "",
    cell: "",
};

fn empty_share(run: &Run<'_>) -> f64 {
    run.run.empty_exchanges as f64 / run.run.exchanges.max(1) as f64
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let runs = evidence.runs(&SHARE);
    if runs.runs.is_empty() {
        return Ok(Vec::new());
    }
    let mut measured: Vec<(f64, f64)> = runs
        .runs
        .iter()
        .map(|run| {
            (
                run.run.rate_per_s * run.interval_s(),
                empty_share(run) * 1e2,
            )
        })
        .collect();
    measured.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let line = (0..=50).map(|step| {
        let awaited = f64::from(step) * 0.05;
        (awaited, latency::empty_share(awaited, 1.0) * 1e2)
    });
    Plot {
        name: "empty_polls",
        title: "Share of polls that bring nothing",
        reading: "Poisson arrivals. The share depends on messages in an interval, and on nothing else.",
        caption: &runs.caption(),
        x: "messages in one interval, lambda T",
        y: "empty polls, %",
        log_x: false,
        log_y: false,
        curves: vec![
            Curve::new("exp(-lambda T)", Look::Formula, line.collect()),
            Curve::new("measured", Look::Points("short_poll"), measured),
        ],
    }
    .draw()
}
