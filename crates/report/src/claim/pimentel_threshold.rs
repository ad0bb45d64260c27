//! Long polling equals WebSocket up to half the message period.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::At,
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::latency,
};

/// Seconds from one message to the next.
const PERIOD: f64 = 0.250;
/// The scenario's one-way delays, in milliseconds.
const DELAYS: [u32; 6] = [50, 100, 120, 130, 150, 200];
const NEAR: f64 = 0.10;
/// Just beyond the step long polling takes at least so many times as long.
const STEP: f64 = 1.8;
/// The first delay beyond it, in milliseconds.
const BEYOND: u32 = 130;
/// Messages in each room before those that count, and those, as the scenario
/// says: four a second, for 1.5 and for 4 seconds.
const BEFORE: u32 = 6;
const COUNTED: u32 = 16;

fn mean(evidence: &Evidence, transport: &str, delay: u32) -> Option<f64> {
    let cell = format!("delay={delay}ms");
    let at = At {
        part: "",
        transport,
        variant: "",
        cell: &cell,
    };
    evidence.runs(&at).milliseconds(|run| run.mean_us)
}

fn ratio(evidence: &Evidence, delay: u32) -> Option<f64> {
    Some(mean(evidence, "long_poll", delay)? / mean(evidence, "websocket", delay)?)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for delay in DELAYS {
        let seconds = f64::from(delay) / 1e3;
        let mean = latency::long_poll_mean_of(PERIOD, seconds, BEFORE, COUNTED);
        let measured = ratio(evidence, delay);
        let finding = Finding::new(
            format!("long poll over WebSocket, mean, d = {delay} ms"),
            "x",
        )
        .predicted(mean / seconds)
        .measured(measured)
        .within(NEAR);
        let holds = measured.is_some_and(|ratio| match delay {
            BEYOND => ratio >= STEP,
            _ if seconds < PERIOD / 2.0 => ratio <= 1.0 + NEAR,
            _ => ratio > 1.0 + 2.0 * NEAR,
        });
        findings.push(finding.verdict(if holds {
            Verdict::Holds
        } else {
            Verdict::DoesNotHold
        }));
    }
    findings.push(
        Finding::new("the step lies between delays of", "ms")
            .published(claim, "threshold")
            .predicted(PERIOD / 2.0 * 1e3)
            .measured(threshold(evidence))
            .within(0.05)
            .judged_within(0.05)
            .note("The middle between the last delay that is level and the first that is not."),
    );
    findings.push(
        Finding::new("plain polling over WebSocket", "x")
            .published(claim, "polling")
            .verdict(Verdict::ContextOnly)
            .note("From recollection, over networks of 2012; not measured."),
    );
    Assessment::of(
        findings,
        "For a source of constant period, and with delay counted one way. The step is sharp: \
         beyond it a request is never back in time.",
    )
}

/// The middle between the last level delay and the first beyond the step.
fn threshold(evidence: &Evidence) -> Option<f64> {
    let beyond = DELAYS
        .iter()
        .position(|&delay| ratio(evidence, delay).is_some_and(|ratio| ratio > 1.0 + 2.0 * NEAR))?;
    let before = DELAYS[beyond.checked_sub(1)?];
    Some(f64::midpoint(f64::from(before), f64::from(DELAYS[beyond])))
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let points = |transport: &str| -> Vec<(f64, f64)> {
        let all = DELAYS.iter();
        all.filter_map(|&delay| Some((f64::from(delay), mean(evidence, transport, delay)?)))
            .collect()
    };
    let line = |from: f64, to: f64| -> Vec<(f64, f64)> {
        [from, to]
            .map(|delay| {
                let mean = latency::long_poll_mean_constant(PERIOD, delay) * 1e3;
                (delay * 1e3, mean)
            })
            .to_vec()
    };
    let mut step = line(0.040, PERIOD / 2.0 - 1e-6);
    step.extend(line(PERIOD / 2.0, 0.210));
    let at = At {
        transport: "long_poll",
        ..At::default()
    };
    let caption = evidence.runs(&at).first().map(|run| run.caption());
    Plot {
        name: "step",
        title: "Long polling equals WebSocket up to half the message period",
        reading: "Mean latency of four messages a second, against the delay of the network.",
        caption: &caption.unwrap_or_default(),
        x: "one-way delay, ms",
        y: "mean latency, ms",
        log_x: false,
        log_y: false,
        curves: vec![
            Curve::new("d, then 2 d", Look::Formula, step),
            Curve::new("long poll", Look::Points("long_poll"), points("long_poll")),
            Curve::new("WebSocket", Look::Line("websocket"), points("websocket")),
        ],
    }
    .draw()
}
