//! Long polling takes one transit on average and three at most: where, and where not.

use std::collections::BTreeMap;

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

/// Parts of the scenario that have long polls, each with a rate of its own.
const PARTS: [&str; 4] = ["rate-1", "rate-4", "rate-10", "rate-50"];
/// The part that has all transports.
const ALL: &str = "rate-4";
const NEAR: f64 = 0.10;

/// All runs of one transport of a part, by the delay of their link in microseconds.
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

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for part in PARTS {
        for (delay, runs) in by_delay(evidence, part, "long_poll") {
            findings.extend(long_poll(claim, delay as f64 / 1e6, &runs));
        }
    }
    for (transport, name) in [("http_stream", "stream"), ("websocket", "WebSocket")] {
        for (delay, runs) in by_delay(evidence, ALL, transport) {
            let d = delay as f64 / 1e3;
            let mean = Finding::new(format!("{name}, mean, d = {d} ms"), "ms")
                .predicted(d)
                .measured(runs.milliseconds(|run| run.mean_us))
                .within(NEAR);
            findings.push(times(mean, claim, "stream", d).judged_within(NEAR));
        }
    }
    Assessment::of(
        findings,
        "One transit on average is true of messages that are seldom against the round trip; as \
         they come more often the mean rises to two transits, as d (1 + f) says.",
    )
}

/// The published number of transits, as milliseconds of this delay.
fn times(finding: Finding, claim: &Claim, name: &str, d: f64) -> Finding {
    let transits = claim.published.get(name).map_or(f64::NAN, |one| one.value);
    finding.published_as(transits * d)
}

fn long_poll(claim: &Claim, delay: f64, runs: &Runs<'_>) -> [Finding; 2] {
    let d = delay * 1e3;
    let rate = runs.first().map_or(f64::NAN, |run| run.run.rate_per_s);
    let title = |what: &str| format!("long poll, {what}, d = {d} ms, {rate} a second");
    let mean = Finding::new(title("mean"), "ms")
        .predicted(latency::long_poll_mean(rate, delay) * 1e3)
        .measured(runs.milliseconds(|run| run.mean_us))
        .within(NEAR);
    let most = Finding::new(title("maximum"), "ms")
        .predicted(latency::long_poll_max(delay) * 1e3 * (1.0 + NEAR))
        .measured(runs.milliseconds(|run| run.max_us))
        .at_most();
    [
        times(mean, claim, "mean", d).judged_within(NEAR),
        times(most, claim, "max", d)
            .judged_by_prediction()
            .note("Three transits and 10 %."),
    ]
}

/// The largest delay is drawn: there the formula is furthest from one transit.
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
