//! The claim about five updates, with the bytes of both directions counted.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::At,
    figures::{Bar, Bars, Piece},
};
use analysis::{series::Identity, unit};
use chart::{Figure, FigureError};

const WAYS: [(&str, &str, &str); 4] = [
    ("short_poll", "short", "short poll"),
    ("long_poll", "long", "long poll"),
    ("http_stream", "sse", "SSE"),
    ("websocket", "websocket", "WebSocket"),
];

/// The tolerance within which two totals count as level, and a ratio as the printed one.
const LEVEL: f64 = 0.25;

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

    fn total(&self) -> f64 {
        self.setup + self.updates + self.empty
    }
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let known = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let mut findings = Vec::new();
    let mut totals = Vec::new();
    for (transport, name, title) in WAYS {
        let seen = Subscriber::of(evidence, transport);
        let total = seen.as_ref().map(Subscriber::total);
        totals.push(total);
        findings.push(
            Finding::new(format!("{title}, both directions, without the page"), "B")
                .published(claim, name)
                .measured(total)
                .note(format!(
                    "Not the bytes that were printed. The source's own HAR files, requests and \
                     frames counted: {} B.",
                    unit::grouped(har(&known, name).round() as u64)
                )),
        );
    }
    findings.extend(orders(&known, &totals));
    findings.extend(crossovers(&known, evidence));
    Assessment::of(
        findings,
        "The printed WebSocket bar has no WebSocket byte in it. In both directions SSE and \
         WebSocket are level after five updates: the upgrade is about as long as a stream's \
         request, and each frame is shorter than an event.",
    )
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

/// Compares the printed order. Bytes are the same in each run, so that no repeat is needed.
fn orders(known: &impl Fn(&str) -> f64, totals: &[Option<f64>]) -> Vec<Finding> {
    let ratio = |one: usize, other: usize| Some(totals[one]? / totals[other]?);
    let finding = |what: &str, of: (usize, usize)| {
        let printed = known(WAYS[of.0].1) / known(WAYS[of.1].1);
        Finding::new(what, "x")
            .published_as(printed)
            .predicted(1.0)
            .measured(ratio(of.0, of.1))
    };
    vec![
        finding("short poll over long poll", (0, 1))
            .at_least()
            .judged_by_prediction()
            .note("Of the order alone: more."),
        finding("long poll over SSE", (1, 2))
            .at_least()
            .judged_by_prediction()
            .note("Of the order alone: more."),
        finding("SSE over WebSocket after five updates", (2, 3))
            .within(LEVEL)
            .judged_within(LEVEL)
            .note(
                "Predicted to be level within a quarter; printed as more than half as much again.",
            ),
    ]
}

/// Finds the message from which on WebSocket's total is below SSE's.
fn crossovers(known: &impl Fn(&str) -> f64, evidence: &Evidence) -> [Finding; 2] {
    let updates = known("har_updates");
    let ours = || {
        let stream = Subscriber::of(evidence, "http_stream")?;
        let socket = Subscriber::of(evidence, "websocket")?;
        let per_message = (stream.updates - socket.updates) / updates;
        Some(crossover(socket.setup - stream.setup, per_message))
    };
    [
        Finding::new("WebSocket is below SSE from message, by the HAR files", "")
            .measured(Some(har_crossover(known)))
            .note("Arithmetic with the source's own sizes; 4 if its stream is cut into three chunks a message."),
        Finding::new("WebSocket is below SSE from message, this chat", "")
            .measured(ours())
            .note("1 where a current browser's upgrade is no longer than its stream request."),
    ]
}

fn har_crossover(known: &impl Fn(&str) -> f64) -> f64 {
    let upgrade = known("har_ws_request") + known("har_ws_response");
    let opening = known("har_sse_request") + known("har_sse_response");
    let message = known("har_payload") + 2.0;
    crossover(upgrade - opening, known("har_sse_message") - message)
}

/// Returns the number of messages after which the savings per message cover the dearer setup.
fn crossover(dearer: f64, saved_each: f64) -> f64 {
    (dearer / saved_each).ceil().max(1.0)
}

pub(super) fn draw(claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let known = |name: &str| claim.published.get(name).map_or(0.0, |one| one.value);
    let bar = |transport: &str, title: &str, fixed: f64, rest: f64| Bar {
        name: title.to_owned(),
        pieces: vec![
            Piece {
                value: rest,
                pale: false,
            },
            Piece {
                value: fixed,
                pale: true,
            },
        ],
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
