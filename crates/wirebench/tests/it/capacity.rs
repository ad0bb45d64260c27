//! `wirebench capacity`: a knee that no clock decides, found, kept and gone on with.

use std::{fs, path::Path, process::Command};

use crate::fixture::{MINIATURE, column, ended, signal, text, until, wirebench};

/// Ten deliveries a person: more than 400 from 41 people on.
const UNTIL: &str = "expected > 400";

/// Makes the command of a search from 10 people on, of streams and WebSockets.
fn search(out: &Path, more: &[&str]) -> Command {
    let mut command = wirebench();
    command
        .args(["capacity", "scenarios/quick.toml", "--from", "10"])
        .args(["--only", "http_stream,websocket", "--out"])
        .arg(out)
        // A machine that is busy with other tests makes the generator doubt itself.
        .arg("--note-doubts");
    for set in MINIATURE {
        command.args(["--set", set]);
    }
    command.args(more);
    command
}

/// Checks that it ended, and that nothing but the generator's doubts may have changed the code.
fn answered(output: &std::process::Output, folder: &Path) {
    let doubted = column(&folder.join("capacity.csv"), "doubted");
    let code = if doubted.iter().any(|word| word == "true") {
        3
    } else {
        0
    };
    ended(output, code);
}

#[test]
fn the_knee_is_found_and_drawn_again_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("search");
    let output = search(&out, &["--until", UNTIL]).output().unwrap();
    answered(&output, &out);
    let found = out.join("capacity.csv");
    assert_eq!(column(&found, "variant"), ["ndjson", "sse", "-"]);
    assert_eq!(column(&found, "held"), ["40"; 3]);
    assert_eq!(column(&found, "broke"), ["42"; 3]);
    assert_eq!(column(&found, "stopped_by"), ["condition"; 3]);
    assert_eq!(column(&found, "held_figure"), ["400"; 3]);
    assert_eq!(column(&found, "broke_figure"), ["420"; 3]);
    let runs = column(&out.join("runs.csv"), "cell");
    let tried = ["10", "20", "40", "80", "57", "48", "44", "42"];
    for load in tried {
        let cell = format!("clients={load}");
        assert_eq!(runs.iter().filter(|one| **one == cell).count(), 3, "{cell}");
    }
    assert_eq!(runs.len(), 3 * tried.len());
    let table = text(&output.stdout);
    assert!(
        table.contains("held, clients") && table.contains("the condition"),
        "{table}"
    );

    let figure = out.join("figures/capacity.svg");
    let drawn = fs::read(&figure).unwrap();
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("id=\"capacity\""));
    fs::remove_dir_all(out.join("figures")).unwrap();
    wirebench().arg("plot").arg(&out).output().unwrap();
    assert!(fs::read(&figure).unwrap() == drawn, "same CSV, same bytes");
}

#[test]
fn a_search_that_is_cut_short_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("search");
    let child = search(&out, &["--until", UNTIL, "--step", "15", "--repeats", "1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let runs = out.join("runs.csv");
    until("the fourth run", || {
        (column(&runs, "cell").len() >= 4).then_some(())
    });
    signal(
        i32::try_from(child.id()).unwrap(),
        nix::sys::signal::Signal::SIGINT,
    );
    let output = child.wait_with_output().unwrap();
    ended(&output, 130);
    assert!(text(&output.stdout).contains("wirebench capacity --resume"));
    assert!(column(&out.join("capacity.csv"), "stopped_by").contains(&"unfinished".to_owned()));

    let refused = wirebench()
        .args(["run", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    ended(&refused, 1);
    assert!(text(&refused.stderr).contains("wirebench capacity --resume"));

    let output = wirebench()
        .args(["capacity", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    answered(&output, &out);
    assert_eq!(column(&out.join("capacity.csv"), "held"), ["40"; 3]);
    assert_eq!(column(&out.join("capacity.csv"), "broke"), ["55"; 3]);
    // Each once, also the one that Ctrl-C cut short.
    let mut runs: Vec<(String, String)> = column(&runs, "variant")
        .into_iter()
        .zip(column(&runs, "cell"))
        .collect();
    runs.sort();
    let all = runs.len();
    runs.dedup();
    assert_eq!((all, runs.len()), (12, 12));
    let errors = column(&out.join("runs.csv"), "error");
    assert!(
        errors.iter().all(|error| !error.contains("Ctrl-C")),
        "{errors:?}"
    );
}

#[test]
fn what_stops_a_search_without_a_knee_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let stopped = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let output = search(&out, more)
            .args(["--only", "websocket", "--json"])
            .output()
            .unwrap();
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        (output.status.code(), rows[2].clone())
    };
    let (_, limit) = stopped("limit", &["--until", UNTIL, "--most", "20"]);
    assert_eq!(
        (&limit["held"], &limit["broke"]),
        (&20.into(), &serde_json::Value::Null)
    );
    assert_eq!(limit["stopped_by"], "limit");
    let (_, never) = stopped("never", &["--until", "expected > 1"]);
    assert_eq!(
        (&never["held"], &never["broke"]),
        (&serde_json::Value::Null, &10.into())
    );
    // 100 deliveries of 10 people carry no p99.
    let (code, few) = stopped("few", &["--until", "p99 > 10s", "--most", "20"]);
    assert_eq!((code, &few["stopped_by"]), (Some(3), &"no_figure".into()));
    assert!(
        few["why"].as_str().unwrap().contains("measure longer"),
        "{few}"
    );
}

#[test]
fn what_cannot_be_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (vec!["--until", "p95 > 500"], "a time needs its unit"),
        (vec!["--until", "p95 < 5ms"], "when it is too much"),
        (
            vec!["--until", UNTIL, "--resolution", "500"],
            "doubling alone",
        ),
        (vec![], "--until 'p95 > 500ms'"),
        (vec!["--until", UNTIL, "--most", "900000"], "open files"),
        (
            vec!["--until", UNTIL, "--most", "5"],
            "less than the first load",
        ),
        (vec!["--until", UNTIL, "--step", "0.5"], "whole numbers"),
        (
            vec!["--until", UNTIL, "--set=repeats=2", "--set=sittings=2"],
            "add --set sittings=1",
        ),
    ] {
        let out = folder.path().join("never");
        let output = search(&out, &arguments).output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!out.exists(), "{arguments:?} left a folder");
    }
}
