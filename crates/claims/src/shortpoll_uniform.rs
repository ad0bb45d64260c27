//! The figure of the claim that short polling is late by a uniform share of its interval; its
//! checks are in the claim's file.

use super::{
    Claim, Evidence,
    evidence::At,
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

const RUNS: At<'_> = At {
    part: "",
    transport: "short_poll",
    variant: "",
    cell: "",
};

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let Some(run) = evidence.runs(&RUNS).first() else {
        return Ok(Vec::new());
    };
    let measured = run
        .ladder("due")
        .into_iter()
        .map(|rung| (rung.quantile * 1e2, rung.latency_us as f64 / 1e3))
        .collect();
    let line = [0.0, 1.0].map(|share| {
        let ms = latency::short_poll_quantile(share, run.interval_s(), 0.0) * 1e3;
        (share * 1e2, ms)
    });
    Plot {
        name: "latency",
        title: "Distribution of short polling's latency",
        reading: "Messages that arrived within this time. A uniform distribution is a straight line.",
        caption: &run.caption(),
        x: "share of messages, %",
        y: "latency from due, ms",
        log_x: false,
        log_y: false,
        curves: vec![
            Curve::new("uniform on [0, T]", Look::Formula, line.to_vec()),
            Curve::new("measured", Look::Points("short_poll"), measured),
        ],
    }
    .draw()
}
