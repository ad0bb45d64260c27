//! Advice as a user gets it: its bytes against the ledger of runs that are made of it, its
//! requests and its proof.

mod numbers;

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::fixture::{column, ended, lost_nothing, run, wirebench};

/// The ways as advice and as the columns of a run name them.
const WAYS: [(&str, &str, &str); 5] = [
    ("Short poll, 200ms", "short_poll", "200ms"),
    ("Long poll", "long_poll", "hold 25s"),
    ("Stream (NDJSON)", "http_stream", "ndjson"),
    ("Stream (SSE)", "http_stream", "sse"),
    ("WebSocket", "websocket", "-"),
];

/// Two rooms of ten readers with twenty messages a second in each: the numbers of messages have two
/// digits, from 21 to 60, wherever the window begins.
const COMMON: [&str; 18] = [
    "--readers",
    "20",
    "--rooms",
    "2",
    "--arrivals",
    "constant",
    "--round-trip-ms",
    "0",
    "--intervals-s",
    "0.2",
    "--measure-s",
    "2",
    "--payload",
    "300",
    "--hold-s",
    "25",
    "--tabs",
    "1",
];

/// Returns the figures of advice by way and name.
fn figures(advice: &Value) -> BTreeMap<(String, String), f64> {
    let lines = advice["figures"].as_array().expect("figures");
    let of = |line: &Value| {
        let word = |key: &str| line[key].as_str().expect("a word").to_owned();
        Some(((word("way"), word("figure")), line["value"].as_f64()?))
    };
    lines.iter().filter_map(of).collect()
}

/// The accounts of one way in the window of its run.
struct Ledger {
    rows: Vec<[String; 5]>,
}

impl Ledger {
    fn of(folder: &Path, transport: &str, variant: &str) -> Self {
        let file = folder.join("ledger.csv");
        let columns = [
            "transport",
            "variant",
            "window",
            "direction",
            "purpose",
            "layer",
            "bytes",
            "count",
        ]
        .map(|name| column(&file, name));
        let [transports, variants, windows, rest @ ..] = columns;
        let is_it = |row: usize| {
            transports[row] == transport && variants[row] == variant && windows[row] == "measure"
        };
        let rows = (0..transports.len()).filter(|row| is_it(*row));
        Self {
            rows: rows
                .map(|row| rest.each_ref().map(|column| column[row].clone()))
                .collect(),
        }
    }

    /// Returns the bytes and the number of elements of a direction, of some purposes, in layers that
    /// fit.
    fn sum(&self, direction: &str, purposes: &[&str], layer: impl Fn(&str) -> bool) -> (f64, f64) {
        let fits = |row: &&[String; 5]| {
            row[0] == direction && purposes.contains(&row[1].as_str()) && layer(&row[2])
        };
        let number = |text: &String| text.parse::<f64>().expect("a number");
        let rows = self.rows.iter().filter(fits);
        rows.fold((0.0, 0.0), |(bytes, count), row| {
            (bytes + number(&row[3]), count + number(&row[4]))
        })
    }
}

/// Compares all that is known of one way with its run; returns what differs.
fn differences(
    all: &BTreeMap<(String, String), f64>,
    folder: &Path,
    (title, transport, variant): (&str, &str, &str),
) -> Vec<String> {
    let figure = |name: &str| all[&(title.to_owned(), name.to_owned())];
    let ledger = Ledger::of(folder, transport, variant);
    let reading = ["deliver", "empty"];
    let events = ledger
        .sum("down", &["deliver"], |layer| layer == "payload")
        .1;
    let all_of = |direction| ledger.sum(direction, &reading, |layer| layer != "tcp_ip").0 / events;
    let each = |direction, purposes: &[&str], name: &str| {
        let (bytes, count) = ledger.sum(direction, purposes, |layer| layer == name);
        bytes / count
    };
    let runs = folder.join("runs.csv");
    let names = column(&runs, "transport")
        .into_iter()
        .zip(column(&runs, "variant"));
    let is_it = |(one, other): &(String, String)| one == transport && other == variant;
    let row = names.into_iter().position(|pair| is_it(&pair));
    let row = row.expect("a run");
    let number = |name: &str| column(&runs, name)[row].parse::<f64>().expect("a number");
    // The first short polls of a window ask for what was said before it, whose numbers can have a
    // digit less, and one that brings a message less can have a shorter Content-Length.
    let exactly = if transport == "short_poll" {
        1e-3
    } else {
        1e-9
    };
    let mut checks = vec![("event_json", each("down", &["deliver"], "payload"), exactly)];
    if transport.ends_with("poll") {
        let answer = each("down", &["deliver"], "http_head");
        checks.push(("poll_head", each("up", &reading, "http_head"), exactly));
        checks.push(("poll_answer_head", answer, exactly));
    }
    if transport == "short_poll" {
        // Polls go on while the last of them brings the last message.
        let messages = number("clients") * number("window_ms") / 1e3 * number("rate_per_s");
        let found = number("exchanges") / messages;
        checks.push(("exchanges_per_delivery", found, 0.01));
    } else {
        checks.push(("a message down to a reader", all_of("down"), 1e-9));
        checks.push(("a message, up from a reader", all_of("up"), 1e-9));
    }
    if transport == "long_poll" {
        let found = number("exchanges") / number("exchange_events");
        checks.push(("exchanges_per_delivery", found, 0.01));
    }
    let differ = checks.into_iter().filter_map(|(name, found, within)| {
        let expected = figure(name);
        // What was not found at all is no number, and differs.
        let is_near = (found - expected).abs() <= within * expected.abs();
        (!is_near).then(|| format!("{title}, {name}: {expected} predicted, {found} measured"))
    });
    differ.collect()
}

/// Checks ten cells that no calibration and no earlier run saw: two applications over five ways.
/// Where a busy machine held messages back and sent two at once, the run is made again.
#[test]
fn bytes_are_those_of_the_ledger_and_requests_within_a_hundredth() {
    let folder = tempfile::tempdir().unwrap();
    let applications = [
        &["--messages-per-room", "20", "--cookie-bytes", "200"][..],
        &[
            "--messages-per-reader",
            "1",
            "--tls",
            "1.3",
            "--header-bytes",
            "90",
        ],
    ];
    for (number, application) in applications.into_iter().enumerate() {
        let scenario = folder.path().join(format!("{number}.toml"));
        let output = wirebench()
            .arg("advise")
            .args(COMMON)
            .args(application)
            .args(["--json", "--scenario"])
            .arg(&scenario)
            .output()
            .unwrap();
        ended(&output, 0);
        let advice: Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = figures(&advice);
        let mut differ = Vec::new();
        for attempt in 0..6 {
            let out = folder.path().join(format!("{number}-{attempt}"));
            let output = run(&scenario, &out, &["swarm.ramp=100ms", "traffic.drain=20s"])
                .arg("--quiet")
                .output()
                .unwrap();
            lost_nothing(&output, &out);
            let of_way = |way| differences(&all, &out, way);
            differ = WAYS.into_iter().flat_map(of_way).collect();
            if differ.is_empty() {
                break;
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    }
}

#[test]
fn a_proof_prints_what_was_predicted_beside_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("proof");
    let output = wirebench()
        .arg("advise")
        .args(COMMON)
        .args([
            "--messages-per-room",
            "10",
            "--prove",
            "--only",
            "websocket",
            "--json",
            "--out",
        ])
        .arg(&out)
        .output()
        .unwrap();
    let advice: Value = serde_json::from_slice(&output.stdout).unwrap();
    let proof = advice["proof"].as_array().expect("a proof");
    let line = |quantity: &str| {
        let of = |line: &&Value| line["quantity"] == quantity;
        proof.iter().find(of).expect("a line")
    };
    let valid = column(&out.join("runs.csv"), "valid");
    assert_eq!(valid.len(), 1);
    if valid[0] == "true" {
        ended(&output, 0);
        let head = line("event, frame head");
        assert_eq!(head["predicted"], head["measured"], "{head}");
        assert_eq!(line("event, JSON")["agrees"], "yes");
    } else {
        // What a busy machine made of it is no proof.
        ended(&output, 3);
        assert_eq!(line("event, JSON")["agrees"], "not measured");
    }
    assert!(out.join("advised.toml").exists() && out.join("report.html").exists());
}
