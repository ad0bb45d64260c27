//! A chat over long polling and over WebSocket, up to where two processors end.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use crate::figure::{Figure, FigureError};

const PART: &str = "runs";

/// Runs of one transport by deliveries a second.
fn runs<'a>(evidence: &'a Evidence, transport: &str) -> Vec<Run<'a>> {
    let at = At {
        part: PART,
        transport,
        ..At::default()
    };
    let mut runs = evidence.runs(&at).runs;
    runs.sort_by(|one, other| one.run.rate_per_s.total_cmp(&other.run.rate_per_s));
    runs
}

/// Deliveries a second that the schedule asked for.
fn deliveries(run: &Run<'_>) -> f64 {
    let run = run.run;
    run.rate_per_s * run.clients as f64
}

fn median(run: &Run<'_>) -> Option<f64> {
    run.run.p50_us.map(|us| us as f64 / 1e3)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let long = runs(evidence, "long_poll");
    let socket = runs(evidence, "websocket");
    let mut findings = Vec::new();
    for (index, (long, socket)) in long.iter().zip(&socket).enumerate() {
        let rate = deliveries(long);
        let of = |name: &str, run: &Run<'_>| {
            let mut finding = Finding::new(
                format!("{name}, p50 at {} deliveries a second", rate.round()),
                "ms",
            )
            .measured(median(run))
            .verdict(Verdict::ContextOnly);
            if !run.run.valid {
                finding = finding.note(format!(
                    "Beyond what this machine can do: {}",
                    run.run.error
                ));
            }
            finding
        };
        let published = if index == 0 { "far" } else { "near" };
        let known = index == 0 || (rate - 20_000.0).abs() < 1_000.0;
        let mut polled = of("long poll", long);
        if known {
            polled = polled.published(claim, published);
        }
        findings.push(polled);
        findings.push(of("WebSocket", socket));
    }
    let (last_long, last_socket) = (long.last().and_then(median), socket.last().and_then(median));
    let ratio = Finding::new("long poll over WebSocket, p50 at the highest rate", "x")
        .published(claim, "ratio")
        .predicted(1.0)
        .measured(
            last_long
                .zip(last_socket)
                .map(|(long, socket)| long / socket),
        )
        .at_least();
    let holds = ratio.agrees() == Some(true);
    findings.push(ratio.verdict(if holds {
        Verdict::Holds
    } else {
        Verdict::DoesNotHold
    }));
    Assessment::of(
        findings,
        "Only the order can be carried over: WebSocket's median is not above long polling's near \
         the limit. The milliseconds belong to their machines.",
    )
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let points = |transport| -> Vec<(f64, f64)> {
        let runs = runs(evidence, transport);
        runs.iter()
            .filter_map(|run| Some((deliveries(run), median(run)?)))
            .collect()
    };
    let caption = runs(evidence, "long_poll").last().map(Run::caption);
    Plot {
        name: "latency_by_rate",
        title: "A chat's median latency against its rate of deliveries",
        reading: "Bursts of ten messages, a tenth of all people in each room. Server and swarm share the machine.",
        caption: &caption.unwrap_or_default(),
        x: "deliveries a second (log scale)",
        y: "latency p50, ms (log scale)",
        log_x: true,
        log_y: true,
        curves: vec![
            Curve::new("long poll", Look::Line("long_poll"), points("long_poll")),
            Curve::new("WebSocket", Look::Line("websocket"), points("websocket")),
        ],
    }
    .draw()
}
