//! The claim about the cost of polling while nobody publishes.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

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
    let asked = idle
        .first()
        .map_or(f64::NAN, |run| run.run.clients as f64 / run.interval_s());
    let mut findings = vec![
        Finding::new("requests a second", "1/s")
            .published(claim, "requests")
            .predicted(asked)
            .measured(requests)
            .within(0.02)
            .note("The scenario's clients over its interval, chosen so that it comes to as many as 10,000 each minute."),
        Finding::new("bytes of both heads of an empty poll", "B")
            .published(claim, "heads")
            .measured(heads)
            .note("Filled up with a cookie to the published mean, so that it is met by choice."),
        Finding::new("heads", "Mbit/s")
            .published(claim, "bits")
            .measured(
                requests
                    .zip(heads)
                    .map(|(rate, bytes)| rate * bytes * 8.0 / 1e6),
            )
            .note("The product of the two above."),
    ];
    for run in evidence.runs(&SHARE).runs {
        let awaited = run.run.rate_per_s * run.interval_s();
        let finding = Finding::new(
            format!("share of empty polls, lambda T = {awaited:.2}"),
            "%",
        )
        .predicted(latency::empty_share(run.run.rate_per_s, run.interval_s()) * 1e2)
        .measured(Some(empty_share(&run) * 1e2))
        .within(0.10);
        findings.push(finding);
    }
    let empty = claim
        .published
        .get("empty")
        .map_or(f64::NAN, |one| one.value / 1e2);
    findings.push(
        Finding::new(
            "messages in an interval that make this share of polls empty",
            "",
        )
        .published(claim, "empty")
        .measured(empty.is_finite().then(|| -empty.ln()))
        .note(
            "lambda T = -ln 0.6: arithmetic. The share is no constant, it follows from the rate.",
        ),
    );
    Assessment::of(
        findings,
        "Clients, interval and bytes were chosen so that their product is the published one: \
         what was measured checks the formulas, and says nothing for or against the publication. \
         The share of empty polls is exp(-lambda T).",
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
