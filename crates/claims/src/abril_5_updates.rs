//! The figure of the claim about five updates, with the bytes of both directions counted.

use super::{
    Claim, Evidence,
    evidence::At,
    figures::{Bar, Bars, Shade},
};
use analysis::{series::Identity, unit};
use chart::{Figure, FigureError};

const WAYS: [(&str, &str, &str); 4] = [
    ("short_poll", "short", "short poll"),
    ("long_poll", "long", "long poll"),
    ("http_stream", "sse", "SSE"),
    ("websocket", "websocket", "WebSocket"),
];

/// The bytes of one subscriber in both directions, without those of the publisher.
struct Subscriber {
    setup: f64,
    updates: f64,
    empty: f64,
}

impl Subscriber {
    fn of(evidence: &Evidence, transport: &str) -> Option<Self> {
        let at = At {
            transport,
            ..At::default()
        };
        let run = evidence.runs(&at).first()?;
        let each = |bytes: u64| bytes as f64 / run.run.clients.max(1) as f64;
        let account = |purpose| each(run.whole_account("", purpose, "").0);
        Some(Self {
            setup: account("setup"),
            updates: account("deliver"),
            empty: account("empty"),
        })
    }
}

/// Computes the bytes of both directions from the sizes in the HAR files.
fn har(known: &impl Fn(&str) -> f64, name: &str) -> f64 {
    let updates = known("har_updates");
    match name {
        "short" => {
            known("har_short_polls") * (known("har_short_request") + known("har_short_response"))
        }
        "long" => updates * (known("har_long_request") + known("har_long_response")),
        "sse" => {
            known("har_sse_request")
                + known("har_sse_response")
                + updates * known("har_sse_message")
        }
        _ => {
            let message = known("har_payload") + 2.0;
            known("har_ws_request") + known("har_ws_response") + updates * message
        }
    }
}

pub(super) fn draw(claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let known = |name: &str| claim.published.get(name).map_or(0.0, |one| one.value);
    let bar = |transport: &str, title: &str, fixed: f64, rest: f64| Bar {
        name: title.to_owned(),
        parts: vec![(rest, Shade::Full), (fixed, Shade::Pale)],
        colour: Identity::of(transport, "sse").style.colour,
        number: format!("{} B", unit::grouped((fixed + rest).round() as u64)),
    };
    let mut printed = Vec::new();
    let mut recounted = Vec::new();
    let mut measured = Vec::new();
    for (transport, name, title) in WAYS {
        printed.push(bar(transport, title, 0.0, known(name) * 1e3));
        recounted.push(bar(transport, title, 0.0, har(&known, name)));
        if let Some(seen) = Subscriber::of(evidence, transport) {
            measured.push(bar(transport, title, seen.setup, seen.updates + seen.empty));
        }
    }
    Bars {
        name: "three_counts",
        title: "Bytes of five updates by what is counted",
        reading: "Bytes of one subscriber. Each group has a scale of its own.",
        caption: "Printed: responses and the page · recounted: the source's HAR files, requests \
                  and frames included, the page left out · measured: this chat with a current \
                  browser's heads",
        key: ["messages and polls", "opening"],
        groups: vec![
            ("As printed".to_owned(), printed),
            ("The same files, both directions".to_owned(), recounted),
            ("Measured, both directions".to_owned(), measured),
        ],
    }
    .draw()
}
