//! The figure of the claim about overhead relative to the size of the message.

use super::{
    Claim, Evidence,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
};
use analysis::model::framing;
use chart::{Figure, FigureError};
use results::RunRow;

const TRANSPORTS: [(&str, &str); 3] = [
    ("long_poll", "long poll"),
    ("http_stream", "SSE"),
    ("websocket", "WebSocket"),
];
/// Returns the bytes around one delivered event: everything of its exchange but its JSON.
fn around(run: &Run<'_>) -> f64 {
    let (all, _) = run.account("", "deliver", "");
    let (payload, _) = run.account("down", "deliver", "payload");
    (all - payload) as f64 / run.events()
}

/// Returns the mean number of bytes of an event's JSON.
fn event(run: &RunRow) -> f64 {
    run.event_bytes as f64 / run.delivered.max(1) as f64
}

fn runs<'a>(evidence: &'a Evidence, transport: &str) -> Vec<Run<'a>> {
    let at = At {
        transport,
        ..At::default()
    };
    let mut runs = evidence.runs(&at).runs;
    runs.sort_by_key(|run| run.run.payload_bytes);
    runs
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let mut curves = Vec::new();
    let mut all = Vec::new();
    for (transport, name) in TRANSPORTS {
        let runs = runs(evidence, transport);
        let Some(first) = runs.first() else {
            continue;
        };
        all.extend(runs.iter().copied());
        let look = if transport == "http_stream" {
            "http_stream sse"
        } else {
            transport
        };
        let share = |payload: f64, around: f64| around / (payload + around) * 1e2;
        // The part that does not change with the payload follows from the smallest message.
        let fixed = around(first) - step(transport, event(first.run));
        let line = (0..=60).map(|at| {
            let payload = 100.0 * 10f64.powf(f64::from(at) / 60.0 * 1.75);
            (payload, share(payload, fixed + step(transport, payload)))
        });
        let measured = runs
            .iter()
            .map(|run| (event(run.run), share(event(run.run), around(run))));
        curves.push(Curve::new(
            &format!("{name}, formula"),
            Look::Predicted(look),
            line.collect(),
        ));
        curves.push(Curve::new(name, Look::Points(look), measured.collect()));
    }
    Plot {
        name: "overhead_share",
        title: "Share of overhead by size of the message",
        reading: "Share of bytes around the message, both directions. The formula knows heads, frames and chunks.",
        caption: &Runs { runs: all }.caption(),
        x: "bytes of the event's JSON (log scale)",
        y: "overhead, % of all bytes",
        log_x: true,
        log_y: false,
        curves,
    }
    .draw()
}

/// Returns the bytes of framing that grow with the payload, in steps.
fn step(transport: &str, payload: f64) -> f64 {
    match transport {
        "websocket" => framing::ws_head(payload as u64) as f64,
        "http_stream" => framing::chunk(payload as u64 + framing::sse(1)) as f64,
        _ => 0.0,
    }
}
