//! Frames, chunks, fields: what each puts around a message.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run},
};
use analysis::model::{Situation, framing};

const FRAMES: [u64; 4] = [125, 126, 65_535, 65_536];
/// `data: ` and the blank line of SSE.
const FIELDS: f64 = 8.0;
const CHUNKS: [u64; 8] = [1, 15, 16, 255, 256, 4_095, 4_096, 65_535];

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for size in FRAMES {
        let head = |direction: &str, quantity: &str| {
            evidence.fact(&format!("{direction} {size}"), quantity)
        };
        findings.push(
            Finding::new(format!("WebSocket head from the server, {size} B"), "B")
                .published(claim, &format!("ws_{size}"))
                .predicted(framing::ws_head(size) as f64)
                .measured(head("down", "ws_head"))
                .judged_within(0.0),
        );
        let masked = head("up", "ws_head").zip(head("up", "ws_mask"));
        findings.push(
            Finding::new(
                format!("WebSocket head and mask from the client, {size} B"),
                "B",
            )
            .published(claim, &format!("masked_{size}"))
            .predicted((framing::ws_head(size) + framing::WS_MASK) as f64)
            .measured(masked.map(|(head, mask)| head + mask))
            .judged_within(0.0),
        );
    }
    for size in CHUNKS {
        findings.push(
            Finding::new(format!("around an HTTP chunk of {size} B"), "B")
                .predicted(framing::chunk(size) as f64)
                .measured(evidence.fact(&size.to_string(), "chunk")),
        );
    }
    findings.extend(streams(claim, evidence));
    findings.extend(handshake(claim, evidence));
    Assessment::of(findings, "On every machine, to the byte.")
}

/// What the chat's own streams put around an event, over all payloads.
fn streams(claim: &Claim, evidence: &Evidence) -> [Finding; 2] {
    let fields = |variant, around: fn(&Run<'_>) -> Option<f64>| {
        let at = At {
            transport: "http_stream",
            variant,
            ..At::default()
        };
        evidence.runs(&at).median(|run| {
            let (bytes, _) = run.account("down", "deliver", "text_frame");
            Some(bytes as f64 / run.events() - around(run)?)
        })
    };
    [
        Finding::new("SSE, `data: ` and the blank line", "B")
            .published(claim, "sse")
            .predicted(FIELDS)
            .measured(fields("sse", id_line))
            .judged_within(0.0)
            .note("The id line (5 bytes and the number's digits) is taken off."),
        Finding::new("NDJSON, the line end", "B")
            .predicted(framing::NDJSON as f64)
            .measured(fields("ndjson", |_| Some(0.0))),
    ]
}

/// What the id lines take of one event's SSE fields.
fn id_line(run: &Run<'_>) -> Option<f64> {
    let situation = Situation::of(run.run)?;
    Some(situation.mean_over_seqs(framing::sse) - FIELDS)
}

fn handshake(claim: &Claim, evidence: &Evidence) -> Vec<Finding> {
    [
        ("request", "opening request of RFC 6455", "request_head"),
        ("response", "opening response of RFC 6455", "response_head"),
        ("hello", "\"Hello\" from the server, whole frame", "hello"),
        (
            "hello_masked",
            "\"Hello\" from the client, whole frame",
            "hello_masked",
        ),
    ]
    .map(|(name, what, quantity)| {
        Finding::new(what, "B")
            .published(claim, name)
            .measured(evidence.fact("rfc6455", quantity))
            .note("The length of the standard's own text, sent as it is printed.")
    })
    .into()
}
