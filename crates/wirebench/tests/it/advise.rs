//! Advice as a user gets it: its bytes against the ledger of runs that are made of it, its
//! requests, its proof, and what it refuses.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::fixture::{column, ended, lost_nothing, run, text, wirebench};

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

#[test]
fn numbers_come_from_a_file_or_a_folder_and_flags_go_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(
        &file,
        "readers = 5000\nrooms = 100\nmessages_per_reader = 0.1\n",
    )
    .unwrap();
    let advised = |arguments: &[&str]| {
        let output = wirebench().arg("advise").args(arguments).output().unwrap();
        ended(&output, 0);
        text(&output.stdout)
    };
    let of_file = advised(&[
        file.to_str().unwrap(),
        "--messages-per-room",
        "2",
        "--markdown",
    ]);
    assert!(
        of_file.starts_with("5000 readers in 100 rooms, 2 messages a second"),
        "{of_file}"
    );
    assert!(
        of_file.contains("| latency, median, ms |") && of_file.contains("Durable Objects"),
        "{of_file}"
    );
    let csv = advised(&["--from", "results/comparison", "--readers", "100", "--csv"]);
    assert!(csv.starts_with("way,figure,unit,value,rests on\n"), "{csv}");
    let prices = advised(&["--print-prices"]);
    let own = folder.path().join("own.toml");
    fs::write(&own, prices.replace("USD", "EUR")).unwrap();
    let billed = advised(&[
        file.to_str().unwrap(),
        "--prices",
        own.to_str().unwrap(),
        "--csv",
    ]);
    assert!(billed.contains("EUR a month"), "{billed}");
}

#[test]
fn what_cannot_be_advised_on_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none.toml");
    fs::write(&none, "currency = \"USD\"\n").unwrap();
    let none = none.to_str().unwrap();
    let base = ["--readers", "10", "--messages-per-room", "1"];
    let with = |more: &[&'static str]| [&base[..], more].concat();
    for (arguments, told) in [
        (vec![], "give --readers N"),
        (with(&["--messages-per-reader", "1"]), "keep one of them"),
        (with(&["--rooms", "11"]), "leave rooms empty"),
        (with(&["--readers", "-3"]), "cannot be used multiple times"),
        (with(&["--payload", "-3"]), "give 1 to 65536"),
        (with(&["--profile", "nobody"]), "nobody"),
        (with(&["--from", "results/nowhere"]), "results/nowhere"),
        (
            with(&["--calibration", "nowhere.toml"]),
            "--calibrate writes one",
        ),
    ] {
        let output = wirebench().arg("advise").args(&arguments).output().unwrap();
        let said = text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(told),
            "{arguments:?}: {said}"
        );
    }
    let output = wirebench()
        .arg("advise")
        .args(base)
        .args(["--prices", none])
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(
        text(&output.stderr).contains("no [[plan]]"),
        "{}",
        text(&output.stderr)
    );
}

const POLLS: &str = "crates/capture/tests/fixture/short-poll.har";

fn advise(arguments: &[&str]) -> std::process::Output {
    wirebench().arg("advise").args(arguments).output().unwrap()
}

#[test]
fn numbers_come_from_a_capture_and_each_says_where_from() {
    let output = advise(&["--from", POLLS, "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    for words in [
        "| readers | 1 | conversations at once (short poll each 2.00 s)",
        "| intervals, s | 2 |",
        "give --rooms",
        "Short poll, 2s",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // A flag goes before the file, and the table says so.
    let output = advise(&[
        "--from",
        POLLS,
        "--readers",
        "500",
        "--rooms",
        "10",
        "--json",
    ]);
    ended(&output, 0);
    let advice: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = advice["workload"].as_str().unwrap();
    assert!(told.starts_with("500 readers in 10 rooms"), "{told}");
    let taken = advice["taken"].as_array().unwrap();
    let of = |number: &str| taken.iter().find(|line| line["number"] == number).unwrap();
    assert_eq!(of("readers")["from"], "--readers");
    assert_eq!(of("TLS")["value"], "1.3");
    assert!(text(&output.stderr).contains("give --round-trip-ms"));
}

#[test]
fn packets_under_tls_are_opened_by_the_secrets_in_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("life.pcapng");
    let output = wirebench()
        .args(["trace", "websocket", "--tls", "1.3", "--pcapng"])
        .arg(&file)
        .output()
        .unwrap();
    ended(&output, 0);
    let file = file.to_str().unwrap();
    let output = advise(&["--from", file, "--messages-per-room", "1", "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    for words in [
        "| readers | 1 | conversations at once (WebSocket)",
        "| TLS | 1.3 | the server's first message |",
        "| 1 | --messages-per-room |",
        "| HTTP | 1.1 | the requests |",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_a_capture_does_not_tell_is_named_with_its_flag() {
    let output = advise(&["--from", "crates/capture/tests/fixture/unsized.har"]);
    ended(&output, 1);
    let (told, refused) = (text(&output.stdout), text(&output.stderr));
    assert!(
        told.contains("no conversation reads again and again"),
        "{told}"
    );
    assert!(
        refused.contains("how many people read? give --readers"),
        "{refused}"
    );
    assert!(refused.contains("heads have no size"), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.csv");
    fs::write(&file, "a,b\n").unwrap();
    for (arguments, words) in [
        (vec!["--from", file.to_str().unwrap()], "has no runs in it"),
        (vec!["--from", "README.md"], "neither pcap, pcapng nor HAR"),
        (
            vec!["--from", "results/comparison", "--keys", "README.md"],
            "leave --keys out",
        ),
        (vec!["--keys", "README.md"], "--from"),
    ] {
        let output = advise(&arguments);
        let said = text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(words),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn a_workload_of_others_stands_beside_what_they_measured() {
    let output = advise(&["london-buses", "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    assert!(
        said.contains("https://github.com/pengrubin/london-live-2d/pull/7"),
        "{said}"
    );
    assert!(
        said.contains("| what they say |") && said.contains("14.6 MB an hour"),
        "{said}"
    );
    let refused = advise(&["nobody-knows-it"]);
    ended(&refused, 1);
    assert!(text(&refused.stderr).contains("workloads/london-buses"));
}

#[test]
fn a_page_with_sliders_is_written_and_served() {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sliders.html");
    let base = [
        "--readers",
        "50",
        "--messages-per-room",
        "1",
        "--only",
        "websocket",
    ];
    let file_name = file.to_str().unwrap();
    let output = advise(&[&base[..], &["--page", file_name, "--csv"]].concat());
    ended(&output, 0);
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("function reckon(") && page.contains("\"title\":[\"WebSocket\""));
    let serving = crate::fixture::Serving::start(&[]);
    let address = serving.url.strip_prefix("http://").unwrap();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        text(&answer)
    };
    let served = get("/advise");
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
    assert!(served.contains("script-src 'self'") && served.contains("src=\"/advise/page.js\""));
    assert!(served.contains("\"title\":[\"Long poll\""));
    assert!(get("/advise/page.js").contains("function reckon("));
    assert!(get("/advise/page.css").contains("text/css"));
}
