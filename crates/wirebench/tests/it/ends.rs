//! Tests of runs that do not end well: nothing is lost, and the exit code reports it.

use std::{fs, process::Stdio};

use nix::sys::signal::Signal;

use crate::{
    fixture::{
        MINIATURE, children, column, ended, is_alive, lost_nothing, run, signal, text, until,
        wirebench,
    },
    histograms::log,
};

/// The settings of a run that is long enough to be interrupted in the middle.
const LONG: [&str; 2] = ["traffic.measure=60s", "traffic.rate=20"];

#[test]
fn a_server_that_dies_makes_an_error_row_and_the_next_transport_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let runs = out.join("runs.csv");
    let sets = [&MINIATURE[..], &["traffic.measure=3s"]].concat();
    let child = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "http_stream,websocket"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = until("the first server", || {
        children(child.id(), "serve").first().copied()
    });
    // It must have been heard before it dies: the swarm's sockets are open then.
    until("the swarm's connections", || {
        (fs::read_dir(format!("/proc/{server}/fd")).ok()?.count() > 20).then_some(())
    });
    signal(server, Signal::SIGKILL);
    let output = child.wait_with_output().unwrap();
    ended(&output, 3);
    assert_eq!(
        column(&runs, "transport"),
        ["http_stream", "http_stream", "websocket"]
    );
    let errors = column(&runs, "error");
    assert!(errors[0].contains("the server ended"), "{errors:?}");
    assert_eq!(
        column(&runs, "delivered")[1..],
        column(&runs, "expected")[1..],
        "the others were not disturbed"
    );
    assert!(text(&output.stderr).contains("not valid"));
}

#[test]
fn ctrl_c_keeps_what_was_measured() {
    keeps_what_was_measured(&[Signal::SIGINT]);
}

/// Checks that signals which come together are one request: a run that is ended by timeout(1), or
/// whose terminal is closed, gets two.
#[test]
fn two_signals_at_once_are_one_request() {
    keeps_what_was_measured(&[Signal::SIGTERM, Signal::SIGHUP]);
}

fn keeps_what_was_measured(signals: &[Signal]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &LONG].concat();
    let child = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket,http_stream"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = until("the server", || {
        children(child.id(), "serve").first().copied()
    });
    until("the swarm's connections", || {
        (fs::read_dir(format!("/proc/{server}/fd")).ok()?.count() > 20).then_some(())
    });
    for one in signals {
        signal(i32::try_from(child.id()).unwrap(), *one);
    }
    let output = child.wait_with_output().unwrap();
    ended(&output, 130);
    assert_eq!(
        column(&out.join("runs.csv"), "transport"),
        ["http_stream"],
        "one row, no second run"
    );
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"interrupted\""), "{manifest}");
    assert!(!is_alive(server), "its server has ended");
}

#[test]
fn a_killed_run_takes_its_server_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &LONG].concat();
    let mut child = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = until("the server", || {
        children(child.id(), "serve").first().copied()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    until("the server's end", || (!is_alive(server)).then_some(()));
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(
        manifest.contains("\"running\""),
        "a killed run is told by its manifest"
    );
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &["traffic.measure=2s"]].concat();
    let child = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "http_stream,websocket"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let runs = out.join("runs.csv");
    until("the first row", || {
        (!column(&runs, "valid").is_empty()).then_some(())
    });
    // Killed, not asked: the rows that are there must do.
    let servers = children(child.id(), "serve");
    signal(i32::try_from(child.id()).unwrap(), Signal::SIGKILL);
    child.wait_with_output().unwrap();
    // It took its server with it, which may still hold the folder's lock.
    until("the servers' end", || {
        servers
            .iter()
            .all(|server| !is_alive(*server))
            .then_some(())
    });
    let done = column(&runs, "variant");
    let before = manifest(&out);
    drawn_as_far_as_it_goes(&out, &done);
    let output = wirebench()
        .args(["run", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let variants = column(&runs, "variant");
    assert_eq!(
        variants,
        ["ndjson", "sse", "-"],
        "each once; done before: {done:?}"
    );
    assert_eq!(log(&out).len(), 6, "and both clocks of each in the log");
    // What the first call said of itself stands.
    let after = manifest(&out);
    for key in ["started", "command", "scenario"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(after["calibrations"][0], before["calibrations"][0]);
    assert_eq!(after["resumed"].as_array().map(Vec::len), Some(1));
    let output = wirebench()
        .args(["run", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(text(&output.stderr).contains("nothing is left to run"));
    assert_eq!(column(&runs, "variant"), variants);
}

fn manifest(out: &std::path::Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap()
}

/// Asserts that the results of a killed run can be drawn, and that the only complaint is about the
/// run that was not finished.
fn drawn_as_far_as_it_goes(out: &std::path::Path, done: &[String]) {
    let output = wirebench().arg("plot").arg(out).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    let said = text(&output.stderr);
    let unfinished = ["left out", "not valid", "unexplained"];
    for line in said.lines().filter(|line| line.starts_with("warning")) {
        assert!(unfinished.iter().any(|word| line.contains(word)), "{line}");
    }
    let table = text(&output.stdout);
    assert!(table.contains("Stream"), "{done:?}: {table}");
    assert!(out.join("figures/latency_by_percentile.png").exists());
    let rows = results::Store::open(out).unwrap().read().rows;
    assert_eq!(rows.runs.len(), done.len());
    for run in &rows.runs {
        assert!(rows.ladder.iter().any(|row| row.variant == run.variant));
        assert!(rows.ledger.iter().any(|row| row.variant == run.variant));
    }
}

/// Checks that a run that is asked to end while it calibrates does so at once: no server is started
/// for it, and the folder can be gone on with.
#[test]
fn a_calibration_is_given_up_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for one in [Signal::SIGINT, Signal::SIGTERM] {
        let out = folder.path().join(one.as_str());
        let child = run("scenarios/quick.toml", &out, &MINIATURE)
            .args(["--only", "websocket"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It is written before the calibration, which takes more than a second.
        until("the manifest", || {
            out.join("manifest.json").exists().then_some(())
        });
        signal(i32::try_from(child.id()).unwrap(), one);
        let output = child.wait_with_output().unwrap();
        ended(&output, 130);
        assert!(!text(&output.stderr).contains("calibration:"), "{output:?}");
        let runs = out.join("runs.csv");
        assert_eq!(column(&runs, "transport"), [""; 0]);
        assert_eq!(manifest(&out)["ended"], "interrupted");
        let output = wirebench()
            .args(["run", "--resume"])
            .arg(&out)
            .output()
            .unwrap();
        lost_nothing(&output, &out);
        assert_eq!(column(&runs, "transport"), ["websocket"]);
    }
}
