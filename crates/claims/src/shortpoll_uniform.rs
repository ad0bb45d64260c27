//! Short polling is late by a uniform share of its interval.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::At,
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

/// Share by which a measured figure may differ.
const NEAR: f64 = 0.05;

const RUNS: At<'_> = At {
    part: "",
    transport: "short_poll",
    variant: "",
    cell: "",
};

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let runs = evidence.runs(&RUNS);
    let interval = runs.first().map_or(f64::NAN, |run| run.interval_s());
    let quantile = |share: f64| runs.median(|run| run.quantile_ms(share));
    let of = |name: &str, quantity: &str, predicted: f64, measured| {
        Finding::new(quantity, "ms")
            .published(claim, name)
            .predicted(predicted * 1e3)
            .measured(measured)
            .within(NEAR)
            .judged_by_prediction()
            .note("The published figure is one harness's; what is claimed is the distribution.")
    };
    let p = |share| latency::short_poll_quantile(share, interval, 0.0);
    let deviation = runs.milliseconds(|run| run.deviation_us);
    let findings = vec![
        of("p50", "latency, p50", p(0.5), quantile(0.5)),
        of("p95", "latency, p95", p(0.95), quantile(0.95)),
        of(
            "deviation",
            "latency, standard deviation",
            latency::short_poll_deviation(interval),
            deviation,
        ),
    ];
    Assessment::of(
        findings,
        "As long as the poll phases are spread over the interval. Started together, the same \
         polls give any median between 0 and T by accident of the start.",
    )
}

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
