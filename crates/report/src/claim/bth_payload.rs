//! Overhead against the size of the message.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run},
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::{Situation, framing},
    row::RunRow,
};

const TRANSPORTS: [(&str, &str); 3] = [
    ("long_poll", "long poll"),
    ("http_stream", "SSE"),
    ("websocket", "WebSocket"),
];
/// The payloads of the printed comparison.
const SMALL: f64 = 30.0;
const LARGE: f64 = 5_000.0;
/// `data: ` and the blank line of SSE.
const FIELDS: f64 = 8.0;

/// Bytes around one delivered event: everything of its exchange but its JSON.
fn around(run: &Run<'_>) -> f64 {
    let (all, _) = run.account("", "deliver", "");
    let (payload, _) = run.account("down", "deliver", "payload");
    (all - payload) as f64 / run.events()
}

/// Bytes of one layer for each delivered event.
fn layer(run: &Run<'_>, direction: &str, layer: &str) -> f64 {
    let (bytes, _) = run.account(direction, "deliver", layer);
    bytes as f64 / run.events()
}

/// Mean bytes of an event's JSON.
fn event(run: &RunRow) -> f64 {
    run.event_bytes as f64 / run.delivered.max(1) as f64
}

/// What the id lines take of one event's SSE fields.
fn id_line(run: &Run<'_>) -> Option<f64> {
    let situation = Situation::of(run.run)?;
    Some(situation.mean_over_seqs(framing::sse) - FIELDS)
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

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let smallest = |transport| runs(evidence, transport).first().copied();
    let long = smallest("long_poll");
    let stream = smallest("http_stream");
    let published = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let mut findings = vec![
        Finding::new("long poll, request head", "B")
            .published(claim, "request")
            .measured(long.map(|run| layer(&run, "up", "http_head")))
            .judged_within(0.10)
            .note("The same browser lines with this chat's host and path."),
        Finding::new("long poll, response head", "B")
            .published(claim, "response")
            .measured(long.map(|run| layer(&run, "down", "http_head")))
            .judged_within(0.10)
            .note("This server sends fewer lines than Node's Express did."),
        Finding::new("SSE, fields without the id line", "B")
            .published(claim, "sse")
            .predicted(FIELDS)
            .measured(
                stream.and_then(|run| Some(layer(&run, "down", "text_frame") - id_line(&run)?)),
            )
            .judged_within(0.0)
            .note("The id line is 5 bytes and the number's digits."),
        Finding::new("SSE, the chunk around it", "B")
            .predicted(stream.map_or(0.0, |run| {
                framing::chunk(event(run.run) as u64 + framing::sse(1)) as f64
            }))
            .measured(stream.map(|run| layer(&run, "down", "chunk")))
            .note("Missing from the published figure."),
    ];
    for run in runs(evidence, "websocket") {
        let bytes = event(run.run);
        let finding = Finding::new(format!("WebSocket, head around {bytes:.0} B"), "B")
            .published(claim, "websocket")
            .predicted(framing::ws_head(bytes as u64) as f64)
            .measured(Some(layer(&run, "down", "ws_head")))
            .judged_within(0.0);
        findings.push(finding);
    }
    findings.extend(ratios(
        claim,
        published("request") + published("response"),
        long,
        stream,
    ));
    Assessment::of(
        findings,
        "For messages up to 125 bytes and without the chunks that carry SSE. The two printed \
         comparisons are slips: by the text's own bytes they are 1200 % and 9.1 %.",
    )
}

/// How much more a long poll takes than SSE, in percent: by the bytes that the
/// text gives itself, and by this chat's.
fn ratios(
    claim: &Claim,
    heads: f64,
    long: Option<Run<'_>>,
    stream: Option<Run<'_>>,
) -> Vec<Finding> {
    let ours = long
        .zip(stream)
        .map(|(long, stream)| (around(&long), around(&stream)));
    let mut findings = Vec::new();
    for (name, payload) in [("more_at_30", SMALL), ("more_at_5000", LARGE)] {
        let more = |long: f64, stream: f64| ((payload + long) / (payload + stream) - 1.0) * 1e2;
        findings.push(
            Finding::new(format!("long poll over SSE at {payload} B, more"), "%")
                .published(claim, name)
                .measured(Some(more(heads, FIELDS)))
                .judged_within(0.005)
                .note("Arithmetic with the text's own bytes, not measured."),
        );
        findings.push(
            Finding::new(format!("the same with this chat's bytes, {payload} B"), "%")
                .measured(ours.map(|(long, stream)| more(long, stream)))
                .note("Another server's heads; the chunk and the id line of SSE are counted."),
        );
    }
    findings
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let mut curves = Vec::new();
    let mut caption = String::new();
    for (transport, name) in TRANSPORTS {
        let runs = runs(evidence, transport);
        let Some(first) = runs.first() else {
            continue;
        };
        caption = first.caption();
        let look = if transport == "http_stream" {
            "http_stream sse"
        } else {
            transport
        };
        let share = |payload: f64, around: f64| around / (payload + around) * 1e2;
        // What does not change with the payload, from the smallest message.
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
        title: "Overhead falls with the size of the message",
        reading: "Share of bytes around the message, both directions. The formula knows heads, frames and chunks.",
        caption: &caption,
        x: "bytes of the event's JSON (log scale)",
        y: "overhead, % of all bytes",
        log_x: true,
        log_y: false,
        curves,
    }
    .draw()
}

/// Bytes of framing that grow with the payload, in steps.
fn step(transport: &str, payload: f64) -> f64 {
    match transport {
        "websocket" => framing::ws_head(payload as u64) as f64,
        "http_stream" => framing::chunk(payload as u64 + framing::sse(1)) as f64,
        _ => 0.0,
    }
}
