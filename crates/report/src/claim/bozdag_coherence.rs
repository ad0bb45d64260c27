//! Polling more often or less often than something is published.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::latency,
};

/// Seconds between two messages of one room, as the scenario says.
const PERIOD: f64 = 0.5;
/// The scenario's intervals: as a variant has them, and in seconds.
const INTERVALS: [(&str, f64); 5] = [
    ("100ms", 0.1),
    ("250ms", 0.25),
    ("500ms", 0.5),
    ("1s", 1.0),
    ("2s 500ms", 2.5),
];
const NEAR: f64 = 0.10;

fn run<'a>(evidence: &'a Evidence, transport: &str, variant: &str) -> Option<Run<'a>> {
    let at = At {
        transport,
        variant,
        ..At::default()
    };
    evidence.runs(&at).first()
}

/// Share of polls that brought nothing, in percent.
fn redundant(run: &Run<'_>) -> f64 {
    run.run.empty_exchanges as f64 / run.run.exchanges.max(1) as f64 * 1e2
}

/// Share of messages that came later than one publish interval, in percent.
fn late(run: &Run<'_>) -> Option<f64> {
    Some(run.share_later_than(PERIOD * 1e3)? * 1e2)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for (variant, interval) in INTERVALS {
        let run = run(evidence, "short_poll", variant);
        let ratio = interval / PERIOD;
        let of = |what: &str, predicted: f64, measured: Option<f64>| {
            let finding = Finding::new(format!("{what}, T/P = {ratio}"), "%")
                .predicted(predicted * 1e2)
                .measured(measured)
                .within(NEAR);
            let holds = measured.is_some_and(|measured| (measured > 1.0) == (predicted > 0.0));
            finding.verdict(if holds {
                Verdict::Holds
            } else {
                Verdict::DoesNotHold
            })
        };
        let empty = latency::empty_share_constant(PERIOD, interval);
        let behind = latency::late_share_constant(PERIOD, interval);
        if ratio < 1.0 {
            findings.push(of("redundant polls", empty, run.as_ref().map(redundant)));
        } else if ratio > 1.0 {
            findings.push(of(
                "messages later than P",
                behind,
                run.as_ref().and_then(late),
            ));
        } else {
            findings.push(
                Finding::new("redundant polls, T/P = 1", "%")
                    .predicted(NEAR * 1e2)
                    .measured(run.as_ref().map(redundant))
                    .at_most()
                    .note("None but for polls that jitter across a message."),
            );
        }
    }
    findings.push(nothing_missed(evidence));
    findings.push(processor(claim, evidence));
    Assessment::of(
        findings,
        "Redundant polls and late messages follow T/P. Nothing is missed by a poller that asks \
         for all since its place; one that asks for the latest value alone would miss what is \
         late here. The seven times of processor time belong to the server of 2007.",
    )
}

fn nothing_missed(evidence: &Evidence) -> Finding {
    let at = At {
        transport: "short_poll",
        ..At::default()
    };
    let lost: u64 = evidence
        .runs(&at)
        .runs
        .iter()
        .map(|run| run.run.lost + run.run.missed)
        .sum();
    Finding::new("messages missed, all intervals", "messages")
        .predicted(0.0)
        .measured(Some(lost as f64))
        .note("Readers ask for all since their place in the log.")
}

/// What pushing costs the server against polling as often as is published.
fn processor(claim: &Claim, evidence: &Evidence) -> Finding {
    let cpu = |transport, variant| {
        run(evidence, transport, variant)?
            .run
            .server_cpu_us_per_delivery
    };
    let push = cpu("long_poll", "");
    let pull = cpu("short_poll", "500ms");
    Finding::new(
        "server's processor time a message, long poll over short poll, T = P",
        "x",
    )
    .published(claim, "cpu")
    .measured(push.zip(pull).map(|(push, pull)| push / pull))
    .verdict(Verdict::ContextOnly)
    .note("Reported only: it measures an implementation.")
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let mut caption = String::new();
    let (mut empty, mut behind) = (Vec::new(), Vec::new());
    for (variant, interval) in INTERVALS {
        let Some(run) = run(evidence, "short_poll", variant) else {
            continue;
        };
        caption = run.caption();
        empty.push((interval / PERIOD, redundant(&run)));
        behind.extend(late(&run).map(|share| (interval / PERIOD, share)));
    }
    let ratios = || (0..=100).map(|at| 0.2 * 10f64.powf(f64::from(at) / 100.0 * 1.4));
    let curve = |share: fn(f64, f64) -> f64| -> Vec<(f64, f64)> {
        ratios()
            .map(|ratio| (ratio, share(PERIOD, ratio * PERIOD) * 1e2))
            .collect()
    };
    Plot {
        name: "shares",
        title: "Poll as often as is published, or pay for it",
        reading: "Left of 1 polls bring nothing; right of 1 messages come late.",
        caption: &caption,
        x: "poll interval over publish interval, T/P (log scale)",
        y: "share, %",
        log_x: true,
        log_y: false,
        curves: vec![
            Curve::new(
                "1 - T/P",
                Look::Formula,
                curve(latency::empty_share_constant),
            ),
            Curve::new("redundant polls", Look::Points("short_poll"), empty),
            Curve::new(
                "1 - P/T",
                Look::Formula,
                curve(latency::late_share_constant),
            ),
            Curve::new("late messages", Look::Points("long_poll"), behind),
        ],
    }
    .draw()
}
