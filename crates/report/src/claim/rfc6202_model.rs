//! Long polling takes one transit on average and three at most: where, and where not.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::{At, Runs},
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::latency,
};

/// One-way delays of the scenario's link: as a cell has them, and in seconds.
const DELAYS: [(&str, f64); 2] = [("delay=25ms", 0.025), ("delay=50ms", 0.050)];
/// Parts of the scenario, and messages a second to each reader.
const RATES: [(&str, f64); 4] = [
    ("rate-1", 1.0),
    ("rate-4", 4.0),
    ("rate-10", 10.0),
    ("rate-50", 50.0),
];
const NEAR: f64 = 0.10;

fn runs<'a>(evidence: &'a Evidence, part: &str, transport: &str, cell: &str) -> Runs<'a> {
    evidence.runs(&At {
        part,
        transport,
        variant: "",
        cell,
    })
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for (cell, delay) in DELAYS {
        let d = delay * 1e3;
        for (part, rate) in RATES {
            let runs = runs(evidence, part, "long_poll", cell);
            let mean = runs.milliseconds(|run| run.mean_us);
            findings.push(
                Finding::new(
                    format!("long poll, mean, d = {d} ms, {rate} a second"),
                    "ms",
                )
                .predicted(latency::long_poll_mean(rate, delay) * 1e3)
                .measured(mean)
                .within(NEAR)
                .verdict(one_transit(mean, d)),
            );
            findings.push(
                Finding::new(
                    format!("long poll, maximum, d = {d} ms, {rate} a second"),
                    "ms",
                )
                .predicted(latency::long_poll_max(delay) * 1e3 * (1.0 + NEAR))
                .measured(runs.milliseconds(|run| run.max_us))
                .at_most()
                .verdict(Verdict::Holds)
                .note("Three transits and 10 %."),
            );
        }
        for (transport, name) in [("http_stream", "stream"), ("websocket", "WebSocket")] {
            let mean = runs(evidence, "rate-4", transport, cell).milliseconds(|run| run.mean_us);
            findings.push(
                Finding::new(format!("{name}, mean, d = {d} ms"), "ms")
                    .predicted(d)
                    .measured(mean)
                    .within(NEAR)
                    .verdict(one_transit(mean, d)),
            );
        }
    }
    // The maximum's verdict is its own rule's.
    for finding in &mut findings {
        if finding.sign() == "≤ " && finding.agrees() == Some(false) {
            finding.verdict = Some(Verdict::DoesNotHold);
        }
    }
    debug_assert!(claim.published.contains_key("mean"));
    Assessment::of(
        findings,
        "One transit on average holds for messages that are seldom against the round trip; as \
         they come more often the mean rises to two transits, as d (1 + f) says. Three at most \
         holds. A stream takes one.",
    )
}

/// Whether a mean is one transit, within a tenth.
fn one_transit(mean: Option<f64>, delay: f64) -> Verdict {
    match mean {
        Some(mean) if mean <= delay * (1.0 + NEAR) => Verdict::Holds,
        _ => Verdict::DoesNotHold,
    }
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let (cell, delay) = DELAYS[1];
    let mut caption = String::new();
    let mut measured = Vec::new();
    for (part, rate) in RATES {
        let runs = runs(evidence, part, "long_poll", cell);
        if let Some(first) = runs.first() {
            caption = first.caption();
        }
        measured.extend(
            runs.milliseconds(|run| run.mean_us)
                .map(|mean| (rate, mean)),
        );
    }
    let steps = (0..=60).map(|step| 0.5 * 10f64.powf(f64::from(step) / 60.0 * 2.2));
    let line = steps.map(|rate| (rate, latency::long_poll_mean(rate, delay) * 1e3));
    Plot {
        name: "mean_latency",
        title: "Long polling: from one transit to two",
        reading: "Mean latency at a one-way delay of 50 ms, against the rate of messages.",
        caption: &caption,
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
