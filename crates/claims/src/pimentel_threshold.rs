//! The claim about long polling and WebSocket as the delay of the network grows.
//!
//! It is code because its figure is a range between two delays.

use std::collections::BTreeMap;

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
    rule::{Comparison, Rule},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

/// The part with the delays around the threshold, five runs each, and the part for the curve.
const STEP: &str = "step";
const CURVE: &str = "curve";
const NEAR: f64 = 0.10;
/// The largest distance of the two delays around the threshold from it, as a share.
const NARROW: f64 = 0.05;
/// The factor above which long polling counts as beyond the threshold: halfway between level and
/// twice as long.
const BEYOND: f64 = 1.5;

/// The runs of both transports over a link of one delay.
#[derive(Default)]
struct Pair<'a> {
    long: Runs<'a>,
    socket: Runs<'a>,
}

impl Pair<'_> {
    fn means(&self) -> (Vec<f64>, Vec<f64>) {
        let mean = |run: &Run<'_>| Some(run.run.mean_us? as f64 / 1e3);
        (self.long.each(mean), self.socket.each(mean))
    }

    fn beyond(&self) -> Finding {
        let (long, socket) = self.means();
        Finding::new("", "x").compared(Comparison::more_than(BEYOND, long, &socket))
    }
}

/// Returns the pairs of a part by their delay in microseconds.
fn pairs<'a>(evidence: &'a Evidence, part: &str) -> BTreeMap<u64, Pair<'a>> {
    let at = |transport| At {
        part,
        transport,
        ..At::default()
    };
    let delay = |run: &Run<'_>| run.run.read_delay_us.unwrap_or(0);
    let mut pairs: BTreeMap<u64, Pair<'a>> = BTreeMap::new();
    for run in evidence.runs(&at("long_poll")).runs {
        pairs.entry(delay(&run)).or_default().long.runs.push(run);
    }
    for run in evidence.runs(&at("websocket")).runs {
        pairs.entry(delay(&run)).or_default().socket.runs.push(run);
    }
    pairs
}

/// Returns the predicted mean of long polling over the messages that counted, in seconds.
fn predicted(run: &Run<'_>, delay: f64) -> f64 {
    let of = |ms: u64| (ms as f64 / 1e3 * run.run.rate_per_s).round() as u32;
    let before = of(run.run.settle_ms.unwrap_or(0));
    latency::long_poll_mean_of(run.period_s(), delay, before, of(run.run.measured_ms))
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for part in [STEP, CURVE] {
        for (micros, pair) in pairs(evidence, part) {
            let delay = micros as f64 / 1e6;
            let mean = pair.long.first().map(|run| predicted(&run, delay));
            let (long, socket) = pair.means();
            findings.push(
                Finding::new(
                    format!("long poll over WebSocket, mean, d = {} ms", delay * 1e3),
                    "x",
                )
                .predicted(mean.map_or(f64::NAN, |mean| mean / delay))
                .within(NEAR)
                .measured(Comparison::more_than(1.0, long, &socket).ratio()),
            );
        }
    }
    findings.push(threshold(claim, &pairs(evidence, STEP)));
    findings.push(
        Finding::new("plain polling over WebSocket", "x")
            .published(claim, "polling")
            .note("From recollection, over networks of 2012; not measured."),
    );
    Assessment::of(
        findings,
        "For a source of constant period, and with delay counted one way: beyond half the period \
         a request is never back in time. Where in the measured range the step lies is not told; \
         more delays would make the range narrower.",
    )
}

/// Returns the range from the longest delay at which long polling is not beyond the threshold to
/// the shortest at which it is.
fn threshold(claim: &Claim, pairs: &BTreeMap<u64, Pair<'_>>) -> Finding {
    use super::Verdict::{DoesNotHold, Holds};
    let verdict = |wanted| {
        let all = pairs.iter();
        all.filter(move |(_, pair)| pair.beyond().verdict() == Some(wanted))
            .map(|(micros, _)| *micros as f64 / 1e3)
    };
    let level = verdict(DoesNotHold).reduce(f64::max);
    let beyond = verdict(Holds).reduce(f64::min);
    let ends = level.zip(beyond).filter(|(level, beyond)| level < beyond);
    let mut finding = Finding::new(
        format!("long polling takes more than {BEYOND} times as long from a delay between"),
        "ms",
    )
    .published(claim, "threshold")
    .measured(ends.map(|ends| ends.0))
    .judged(Rule::Between(NARROW))
    .note(
        "The longest delay at which it takes less and the shortest at which it takes more, each \
         by an exact permutation test.",
    );
    finding.measured_to = ends.map(|ends| ends.1);
    finding
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let mut all = pairs(evidence, CURVE);
    all.extend(pairs(evidence, STEP));
    let Some(first) = all.values().find_map(|pair| pair.long.first()) else {
        return Ok(Vec::new());
    };
    let period = first.period_s();
    let points = |of: fn(Pair<'_>) -> Runs<'_>| -> Vec<(f64, f64)> {
        let mut all = pairs(evidence, CURVE);
        all.extend(pairs(evidence, STEP));
        all.into_iter()
            .filter_map(|(micros, pair)| {
                let mean = of(pair).milliseconds(|run| run.mean_us)?;
                Some((micros as f64 / 1e3, mean))
            })
            .collect()
    };
    let line = |from: f64, to: f64| {
        [from, to].map(|delay| {
            let mean = latency::long_poll_mean_constant(period, delay) * 1e3;
            (delay * 1e3, mean)
        })
    };
    let mut step = line(period * 0.16, period / 2.0 - 1e-6).to_vec();
    step.extend(line(period / 2.0, period * 0.84));
    let every: Vec<Run<'_>> = all
        .into_values()
        .flat_map(|pair| pair.long.runs.into_iter().chain(pair.socket.runs))
        .collect();
    Plot {
        name: "step",
        title: "Mean latency by one-way delay of the network",
        reading: &format!(
            "A message every {} ms. Medians over the runs.",
            period * 1e3
        ),
        caption: &Runs { runs: every }.caption(),
        x: "one-way delay, ms",
        y: "mean latency, ms",
        log_x: false,
        log_y: false,
        curves: vec![
            Curve::new("d, then 2 d", Look::Formula, step),
            Curve::new(
                "long poll",
                Look::Points("long_poll"),
                points(|pair| pair.long),
            ),
            Curve::new(
                "WebSocket",
                Look::Line("websocket"),
                points(|pair| pair.socket),
            ),
        ],
    }
    .draw()
}
