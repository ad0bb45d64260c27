//! The ledger of a run against what Wireshark sees of the same run on the wire, opened with its secrets.
//!
//! Rows of the ledger with `window = whole` are of each connection's whole life, so they can be compared
//! to the byte with all that a capture has.

mod figures;

use std::{fs, path::Path, thread};

use self::figures::{
    Under, accounts, assert_each_account_is_compared, differences, of_ledger, of_wire,
    without_unread,
};
use crate::{
    fixture::{MINIATURE, Serving, ended, lost_nothing, run, text},
    wireshark::{Capture, Dump},
};

/// The ways to read, as `[[transport]]` has them.
const TRANSPORTS: [(&str, &str); 5] = [
    ("short_poll", "kind = \"short_poll\"\ninterval = \"200ms\""),
    ("long_poll", "kind = \"long_poll\""),
    ("ndjson", "kind = \"http_stream\"\nframing = \"ndjson\""),
    ("sse", "kind = \"http_stream\"\nframing = \"sse\""),
    ("websocket", "kind = \"websocket\""),
];

/// A scenario of four readers, one of whom says a handful of messages. Some of these need several records
/// and frames, which hold 16 KiB each.
const SCENARIO: &str = r#"
name = "wire"
question = "What crosses the wire?"
repeats = 1
sittings = 1

[swarm]
clients = 4
ramp = "100ms"

[traffic]
publishers = 1
rate = 5
payload = { min = 40, max = 40000 }
speak = "same"
settle = "200ms"
measure = "1s"
drain = "20s"

[[transport]]
"#;

#[test]
fn the_ledger_under_tls_1_3_is_what_wireshark_sees() {
    each_way(Under {
        tls: Some("1.3"),
        http: "1.1",
    });
}

#[test]
fn the_ledger_under_tls_1_2_is_what_wireshark_sees() {
    each_way(Under {
        tls: Some("1.2"),
        http: "1.1",
    });
}

#[test]
fn the_ledger_over_http_2_under_tls_is_what_wireshark_sees() {
    each_way(Under {
        tls: Some("1.3"),
        http: "2",
    });
}

#[test]
fn the_ledger_over_http_2_by_prior_knowledge_is_what_wireshark_sees() {
    each_way(Under {
        tls: None,
        http: "2",
    });
}

/// Compares a run of each way to read, all at the same time: a run mostly waits.
fn each_way(under: Under) {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for (name, transport) in TRANSPORTS {
            let folder = folder.path().join(name);
            scope.spawn(move || {
                fs::create_dir(&folder).unwrap();
                let scenario = folder.join("wire.toml");
                fs::write(&scenario, format!("{SCENARIO}{transport}\n")).unwrap();
                compare_a_run(name, under, &scenario, &folder);
            });
        }
    });
}

/// Captures a run, and compares its ledger with what is on the wire.
fn compare_a_run(way: &str, under: Under, scenario: &Path, folder: &Path) {
    let version = under.tls.unwrap_or_default();
    let flags: &[&str] = match under.tls {
        Some(_) => &["--tls", "--tls-version", version],
        None => &[],
    };
    let serving = Serving::start(flags);
    let port = serving.url.rsplit(':').next().unwrap().parse().unwrap();
    let Some(capture) = Capture::start(port, &folder.join("wire.pcapng")) else {
        return;
    };
    let (out, keys) = (folder.join("run"), folder.join("keys.log"));
    let http = format!("server.http={}", under.http);
    let tls = under.tls.map(|version| format!("server.tls={version}"));
    let sets: Vec<&str> = [http.as_str()].into_iter().chain(tls.as_deref()).collect();
    let output = run(scenario, &out, &sets)
        .args(["--target", &serving.url])
        .args(under.tls.map(|_| "--insecure"))
        .env("SSLKEYLOGFILE", &keys)
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    assert_eq!(keys.exists(), under.tls.is_some(), "{way} {under:?}");
    // Its sockets are closed with it, so that nothing is captured of them behind this.
    drop(serving);
    let file = capture.end();
    let dump = Dump {
        file: &file,
        port,
        protocol: if under.tls.is_some() { "tls" } else { "http2" },
        keys: under.tls.map(|_| keys.as_path()),
    };
    let accounts = accounts(&out.join("ledger.csv"));
    let ledger = of_ledger(under, way, &accounts);
    let (wire, resets) = (of_wire(under, way, &dump), dump.resets());
    let read = without_unread(under, &wire, &ledger, resets);
    assert_eq!(differences(&read, &ledger), [""; 0], "{way} {under:?}");
    assert_each_account_is_compared(under, way, &accounts, &wire, resets);
}

/// Checks that a log of secrets that cannot be written is named and ends the run, and that
/// nothing is asked of it where nothing is secret.
#[test]
fn a_log_of_secrets_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (set, is_refused) in [("server.tls=1.3", true), ("server.tls=false", false)] {
        let out = folder.path().join(set);
        let sets = [&MINIATURE[..], &[set]].concat();
        let output = run("scenarios/quick.toml", &out, &sets)
            .args(["--only", "websocket"])
            .env("SSLKEYLOGFILE", folder.path())
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert_eq!(said.contains("SSLKEYLOGFILE"), is_refused, "{said}");
        if is_refused {
            ended(&output, 1);
            assert!(said.contains("cannot write the secrets of TLS"), "{said}");
        } else {
            lost_nothing(&output, &out);
        }
    }
}
