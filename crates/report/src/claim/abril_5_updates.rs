//! Five updates, counted in both directions.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::At,
    figures::{Bar, Bars, Piece},
};
use crate::{
    figure::{Figure, FigureError},
    series::Identity,
    unit,
};

const WAYS: [(&str, &str, &str); 4] = [
    ("short_poll", "short", "short poll"),
    ("long_poll", "long", "long poll"),
    ("http_stream", "sse", "SSE"),
    ("websocket", "websocket", "WebSocket"),
];

/// Bytes of one subscriber, both directions, without who speaks.
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
        let verdict = match name {
            "websocket" => Verdict::DoesNotHold,
            _ => Verdict::HoldsUnderConditions,
        };
        findings.push(
            Finding::new(format!("{title}, both directions, without the page"), "B")
                .published(claim, name)
                .measured(total)
                .verdict(verdict)
                .note(format!(
                    "The source's own HAR files, requests and frames counted: {} B.",
                    unit::grouped(har(&known, name).round() as u64)
                )),
        );
    }
    findings.extend(orders(&totals));
    findings.extend(crossovers(&known, evidence));
    Assessment::of(
        findings,
        "The order of short and long polling and streams holds. The WebSocket bar does not: it \
         holds no WebSocket byte. In both directions SSE and WebSocket are level after five \
         updates; WebSocket starts dearer and sends less for each.",
    )
}

/// Bytes both ways that follow from the HAR files' own sizes.
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

fn orders(totals: &[Option<f64>]) -> Vec<Finding> {
    let ratio = |one: usize, other: usize| Some(totals[one]? / totals[other]?);
    let finding = |what: &str, measured: Option<f64>, least: f64| {
        let finding = Finding::new(what, "x")
            .predicted(least)
            .measured(measured)
            .at_least();
        let holds = finding.agrees() == Some(true);
        finding.verdict(if holds {
            Verdict::Holds
        } else {
            Verdict::DoesNotHold
        })
    };
    vec![
        finding("short poll over long poll", ratio(0, 1), 1.0),
        finding("long poll over SSE", ratio(1, 2), 1.0),
        Finding::new("WebSocket over SSE after five updates", "x")
            .predicted(1.0)
            .measured(ratio(3, 2))
            .within(0.25)
            .note("Level within a quarter."),
    ]
}

/// The message from which on WebSocket's total is below SSE's.
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

/// The first message after which what each saves has paid for what was dearer.
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
        colour: Identity::of(transport, "sse").colour,
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
        title: "Five updates, counted three times",
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
