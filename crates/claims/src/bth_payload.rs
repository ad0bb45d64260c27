//! The claim about overhead relative to the size of the message.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
};
use analysis::model::{Situation, framing};
use chart::{Figure, FigureError};
use results::RunRow;

const TRANSPORTS: [(&str, &str); 3] = [
    ("long_poll", "long poll"),
    ("http_stream", "SSE"),
    ("websocket", "WebSocket"),
];
/// The payloads of the printed comparison, in bytes.
const SMALL: f64 = 30.0;
const LARGE: f64 = 5_000.0;
/// The tolerance of a figure that depends on the server's and the browser's header lines.
const NEAR: f64 = 0.10;
/// The bytes of `data: ` and the blank line of SSE.
const FIELDS: f64 = 8.0;

/// Returns the bytes around one delivered event: everything of its exchange but its JSON.
fn around(run: &Run<'_>) -> f64 {
    let (all, _) = run.account("", "deliver", "");
    let (payload, _) = run.account("down", "deliver", "payload");
    (all - payload) as f64 / run.events()
}

/// Returns the bytes of one layer for each delivered event.
fn layer(run: &Run<'_>, direction: &str, layer: &str) -> f64 {
    let (bytes, _) = run.account(direction, "deliver", layer);
    bytes as f64 / run.events()
}

/// Returns the mean number of bytes of an event's JSON.
fn event(run: &RunRow) -> f64 {
    run.event_bytes as f64 / run.delivered.max(1) as f64
}

/// Returns the bytes of the id line in one event's SSE fields.
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
    let (long, stream) = (smallest("long_poll"), smallest("http_stream"));
    let known = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let head = |direction| long.map(|run| layer(&run, direction, "http_head"));
    let mut findings = vec![
        Finding::new("long poll, both heads", "B")
            .published_as(known("request") + known("response"))
            .measured(head("up").zip(head("down")).map(|(up, down)| up + down))
            .judged_within(NEAR)
            .note("The same browser lines with this chat's host and path; this server sends fewer lines."),
        Finding::new("SSE, fields without the id line", "B")
            .published(claim, "sse")
            .predicted(FIELDS)
            .measured(
                stream.and_then(|run| Some(layer(&run, "down", "text_frame") - id_line(&run)?)),
            )
            .judged_within(0.0)
            .note("The id line is 5 bytes and the number's digits."),
        Finding::new("SSE, the chunk around it", "B")
            .predicted(stream.map_or(f64::NAN, |run| {
                framing::chunk(event(run.run) as u64 + framing::sse(1)) as f64
            }))
            .measured(stream.map(|run| layer(&run, "down", "chunk")))
            .note("Missing from the published figure."),
    ];
    findings.extend(frames(claim, evidence));
    for run in runs(evidence, "websocket") {
        let bytes = event(run.run);
        findings.push(
            Finding::new(
                format!("WebSocket, head around this chat's {bytes:.0} B"),
                "B",
            )
            .predicted(framing::ws_head(bytes as u64) as f64)
            .measured(Some(layer(&run, "down", "ws_head")))
            .note("The JSON around the text makes each message longer than the thesis's."),
        );
    }
    findings.extend(ratios(claim, long, stream));
    Assessment::of(
        findings,
        "The heads follow from the sizes of the messages. The two printed percentages are slips: \
         by the text's own bytes they are 1200 % and 9.1 %. By measured bytes they are lower \
         still, because a stream's chunk and id line are bytes too.",
    )
}

/// Compares heads of frames as small and as large as the thesis's, echoed by the server.
fn frames(claim: &Claim, evidence: &Evidence) -> Vec<Finding> {
    [
        ("websocket", SMALL),
        ("websocket", 125.0),
        ("websocket_large", LARGE),
    ]
    .map(|(name, payload)| {
        Finding::new(format!("WebSocket, head around {payload} B"), "B")
            .published(claim, name)
            .predicted(framing::ws_head(payload as u64) as f64)
            .measured(evidence.fact(&format!("down {payload}"), "ws_head"))
            .judged_within(0.0)
    })
    .into()
}

/// Compares how much more a long poll takes than SSE, in percent: by measured bytes around a
/// message, and by the bytes that the text itself gives.
fn ratios(claim: &Claim, long: Option<Run<'_>>, stream: Option<Run<'_>>) -> Vec<Finding> {
    let known = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let ours = long
        .zip(stream)
        .map(|(long, stream)| (around(&long), around(&stream)));
    let mut findings = Vec::new();
    for (name, payload) in [("more_at_30", SMALL), ("more_at_5000", LARGE)] {
        let more = |long: f64, stream: f64| ((payload + long) / (payload + stream) - 1.0) * 1e2;
        findings.push(
            Finding::new(format!("long poll over SSE at {payload} B, more"), "%")
                .published(claim, name)
                .measured(ours.map(|(long, stream)| more(long, stream)))
                .judged_within(NEAR)
                .note("Measured bytes around a message; the chunk and the id line of SSE are counted."),
        );
        let heads = known("request") + known("response");
        findings.push(
            Finding::new(
                format!("the same by the text's own bytes, {payload} B"),
                "%",
            )
            .published(claim, name)
            .measured(Some(more(heads, known("sse"))))
            .note("Arithmetic, not measured."),
        );
    }
    findings
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
