//! What asking costs when nobody says anything.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::latency,
};

/// The published clients and interval in seconds, and bytes of heads.
const CLIENTS: f64 = 10_000.0;
const MINUTE: f64 = 60.0;
const HEADS: f64 = 850.0;
/// The interval of the part that is about empty polls, in seconds.
const INTERVAL: f64 = 0.2;

const IDLE: At<'_> = At {
    part: "idle",
    transport: "short_poll",
    variant: "",
    cell: "",
};
const SHARE: At<'_> = At {
    part: "share",
    ..IDLE
};

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let idle = evidence.runs(&IDLE);
    let requests = idle.median(|run| Some(run.run.exchanges as f64 / run.window_s()?));
    let heads = idle.median(heads_of);
    let mut findings = vec![
        Finding::new("requests a second", "1/s")
            .published(claim, "requests")
            .predicted(CLIENTS / MINUTE)
            .measured(requests)
            .within(0.02)
            .judged_within(0.02)
            .note("334 clients at 2 s ask as often as 10,000 at 60 s."),
        Finding::new("bytes of both heads of an empty poll", "B")
            .predicted(HEADS)
            .measured(heads)
            .within(0.01)
            .note("Filled up with a cookie to the published mean."),
        Finding::new("heads", "Mbit/s")
            .published(claim, "bits")
            .predicted(CLIENTS / MINUTE * HEADS * 8.0 / 1e6)
            .measured(
                requests
                    .zip(heads)
                    .map(|(rate, bytes)| rate * bytes * 8.0 / 1e6),
            )
            .within(0.02)
            .judged_within(0.02),
    ];
    for run in evidence.runs(&SHARE).runs {
        let awaited = run.run.rate_per_s * INTERVAL;
        let finding = Finding::new(
            format!("share of empty polls, lambda T = {awaited:.2}"),
            "%",
        )
        .predicted(latency::empty_share(run.run.rate_per_s, INTERVAL) * 1e2)
        .measured(Some(empty_share(&run) * 1e2))
        .within(0.10);
        findings.push(if (awaited - 0.51).abs() < 0.01 {
            finding.published(claim, "empty").judged_within(0.05)
        } else {
            finding
        });
    }
    Assessment::of(
        findings,
        "The product of clients, rate and bytes. The share of empty polls is no constant: it is \
         exp(-lambda T), and 60 % says that half a message comes in an interval.",
    )
}

fn heads_of(run: &Run<'_>) -> Option<f64> {
    let (bytes, _) = run.account("", "empty", "http_head");
    let (_, answers) = run.account("down", "empty", "http_head");
    (answers > 0).then(|| bytes as f64 / answers as f64)
}

fn empty_share(run: &Run<'_>) -> f64 {
    run.run.empty_exchanges as f64 / run.run.exchanges.max(1) as f64
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let runs = evidence.runs(&SHARE);
    let Some(first) = runs.first() else {
        return Ok(Vec::new());
    };
    let mut measured: Vec<(f64, f64)> = runs
        .runs
        .iter()
        .map(|run| (run.run.rate_per_s * INTERVAL, empty_share(run) * 1e2))
        .collect();
    measured.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let line = (0..=50).map(|step| {
        let awaited = f64::from(step) * 0.05;
        (
            awaited,
            latency::empty_share(awaited / INTERVAL, INTERVAL) * 1e2,
        )
    });
    Plot {
        name: "empty_polls",
        title: "Polls that bring nothing",
        reading: "Poisson arrivals. The share depends on messages in an interval, and on nothing else.",
        caption: &first.caption(),
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
