//! The files for a server of continuous integration, and the gate that they tell of.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use roxmltree::{Document, Node};

use crate::fixture::{MINIATURE, Serving, ended, repository, run, text, wirebench};

/// Copies the files of a published run that a comparison reads.
fn copied(into: &Path, name: &str) -> PathBuf {
    let (from, to) = (repository().join("results/comparison"), into.join(name));
    fs::create_dir(&to).unwrap();
    for file in [
        "runs.csv",
        "ladder.csv",
        "ledger.csv",
        "timeline.csv",
        "manifest.json",
    ] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    to
}

/// Adds one to a number in a file: that of `column` in the first row that begins with `row`.
fn one_more(file: &Path, row: &str, column: &str) {
    let csv = fs::read_to_string(file).unwrap();
    let head: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = head.iter().position(|name| *name == column).unwrap();
    let mut is_done = false;
    let changed = csv.lines().map(|line| {
        if is_done || !line.starts_with(row) {
            return line.to_owned();
        }
        is_done = true;
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        fields[at] = (fields[at].parse::<u64>().unwrap() + 1).to_string();
        fields.join(",")
    });
    let changed: Vec<String> = changed.collect();
    assert!(is_done, "{row} {column}");
    fs::write(file, changed.join("\n") + "\n").unwrap();
}

/// Compares two folders behind a gate, with all files for a server.
fn gated(before: &Path, after: &Path, files: &Path) -> (Output, PathBuf, PathBuf) {
    let (junit, summary) = (files.join("gate.xml"), files.join("summary.md"));
    let output = wirebench()
        .args(["compare", "--gate", "--json"])
        .args([before, after])
        .arg("--junit")
        .arg(&junit)
        .arg("--summary")
        .arg(&summary)
        .output()
        .unwrap();
    (output, junit, summary)
}

/// Reads a document whose counts are right. Returns its tests, failures, errors and skipped tests.
fn counts(file: &Path) -> [usize; 4] {
    let xml = fs::read_to_string(file).unwrap();
    let document = Document::parse(&xml).unwrap();
    let number =
        |node: Node<'_, '_>, name| -> usize { node.attribute(name).unwrap().parse().unwrap() };
    let pairs = [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ];
    let groups = document.descendants();
    for group in groups.filter(|node| node.attribute("tests").is_some()) {
        for (attribute, element) in pairs {
            let found = group
                .descendants()
                .filter(|node| node.has_tag_name(element));
            assert_eq!(number(group, attribute), found.count(), "{attribute}");
        }
    }
    pairs.map(|(name, _)| number(document.root_element(), name))
}

#[test]
fn a_gate_passes_the_same_and_stops_a_byte_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (
        copied(folder.path(), "before"),
        copied(folder.path(), "after"),
    );
    let (output, junit, summary) = gated(&before, &after, folder.path());
    ended(&output, 0);
    let [tests, failures, errors, _] = counts(&junit);
    assert!(tests > 50, "{tests}");
    assert_eq!((failures, errors), (0, 0));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["gates"]["repeatable"], "passed");
    assert_eq!(json["gates"]["checks"].as_array().unwrap().len(), {
        // Those of the times are there as well.
        let timed = json["figures"].as_array().unwrap().iter();
        let timed = timed.filter(|one| {
            let figure = one["figure"].as_str().unwrap();
            !figure.contains("bytes_per_delivery")
        });
        tests + timed.count()
    });

    one_more(
        &after.join("runs.csv"),
        "comparison,websocket",
        "bytes_down",
    );
    let (output, junit, _) = gated(&before, &after, folder.path());
    ended(&output, 3);
    let [_, failures, errors, _] = counts(&junit);
    assert!(failures + errors > 0);
    let said = text(&output.stderr);
    assert!(said.contains("gate: FAILED"), "{said}");
    assert!(said.contains("bytes_down is"), "{said}");
    // A summary is written to the end of what other steps wrote.
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.contains("### Gate: passed"), "{summary}");
    assert!(summary.contains("### Gate: FAILED"), "{summary}");
    // Without a gate the verdict is told and changes nothing.
    let mut command = wirebench();
    let output = command.arg("compare").args([&before, &after]).output();
    ended(&output.unwrap(), 0);
}

/// Checks that the files for a server tell of a folder that is being written, as the exit code does.
#[test]
fn a_gate_over_a_folder_that_is_being_written_passes_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (
        copied(folder.path(), "before"),
        copied(folder.path(), "after"),
    );
    // As a run holds it.
    let held = fs::File::open(&after).unwrap();
    held.lock().unwrap();
    let (output, junit, summary) = gated(&before, &after, folder.path());
    ended(&output, 3);
    let [_, failures, errors, _] = counts(&junit);
    assert_eq!((failures, errors), (0, 1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["gates"]["repeatable"], "regression");
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.contains("### Gate: FAILED"), "{summary}");
}

#[test]
fn a_run_leaves_its_objectives_as_tests() {
    let folder = tempfile::tempdir().unwrap();
    let (junit, summary) = (folder.path().join("run.xml"), folder.path().join("run.md"));
    let sets = [&MINIATURE[..], &["objective.lost=0", "objective.p50=< 1us"]];
    let output = run("quick", &folder.path().join("run"), &sets.concat())
        .args(["--only", "websocket", "--json", "--junit"])
        .arg(&junit)
        .arg("--summary")
        .arg(&summary)
        .output()
        .unwrap();
    ended(&output, 3);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let valid = json["valid_runs"].as_u64().unwrap();
    let [tests, failures, errors, _] = counts(&junit);
    // A run, two objectives, and the expectation that the scenario has of WebSockets.
    assert!(tests >= 4, "{tests}");
    if valid == 1 {
        assert_eq!((failures, errors), (1, 0));
    } else {
        // On a busy machine the run may not be valid, and then nothing is judged but what was lost.
        assert!(errors > 0);
    }
    let summary = fs::read_to_string(&summary).unwrap();
    assert!(
        summary.starts_with("### wirebench run quick: NOT PASSED"),
        "{summary}"
    );
    assert!(summary.contains("| WebSocket"), "{summary}");
}

/// Checks that a file that cannot be written is an error, and not a gate that passed.
#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let same = copied(folder.path(), "same");
    let output = wirebench()
        .args(["compare", "--gate", "--junit"])
        .arg(folder.path().join("none/gate.xml"))
        .args([&same, &same])
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("gate.xml"));
    // A run is told before anything is measured.
    let out = folder.path().join("run");
    let output = run("quick", &out, &MINIATURE)
        .args(["--only", "websocket", "--junit"])
        .arg(folder.path().join("none/run.xml"))
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("run.xml"));
    assert!(!out.exists(), "nothing is left of a run that was refused");
    // A file within the folder that the run makes is no reason to refuse it.
    let output = run("quick", &out, &MINIATURE)
        .args(["--only", "websocket", "--junit"])
        .arg(out.join("run.xml"))
        .output()
        .unwrap();
    assert!(out.join("run.xml").is_file(), "{}", text(&output.stderr));
}

/// Checks that the script that the action calls: a first run without a baseline, and a second one
/// against the first.
#[test]
fn the_script_for_ci_ends_as_the_gate_does() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = MINIATURE.map(|set| format!("--set {set}")).join(" ");
    let script = |out: &str, baseline: &str| {
        Command::new(repository().join("deploy/ci/gate"))
            .current_dir(&folder)
            .env("WIREBENCH", env!("CARGO_BIN_EXE_wirebench"))
            .env("ARGUMENTS", format!("--only websocket {arguments}"))
            .env("BASELINE", baseline)
            .env("OUT", out)
            .env_remove("GITHUB_STEP_SUMMARY")
            .env_remove("GITHUB_OUTPUT")
            .output()
            .unwrap()
    };
    let json = |file: &str| -> serde_json::Value {
        let bytes = fs::read(folder.path().join(file)).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let first = script("first", "");
    let is_valid = json("first/run.json")["valid_runs"] == 1;
    ended(&first, if is_valid { 0 } else { 3 });
    let second = script("second", "first/run");
    let passed = json("second/gate.json")["gates"]["repeatable"] == "passed";
    ended(&second, if passed { 0 } else { 3 });
    let [tests, ..] = counts(&folder.path().join("second/run.xml"));
    assert!(tests > 0);
    counts(&folder.path().join("second/gate.xml"));
    let summary = fs::read_to_string(folder.path().join("second/summary.md")).unwrap();
    assert!(summary.contains("### Gate: "), "{summary}");
    // What cannot be run at all is told by its own code.
    let nothing = Command::new(repository().join("deploy/ci/gate"))
        .current_dir(&folder)
        .env("WIREBENCH", env!("CARGO_BIN_EXE_wirebench"))
        .env("SCENARIO", "quik")
        .output()
        .unwrap();
    ended(&nothing, 1);
}

#[test]
fn a_server_is_ready_or_the_health_check_fails() {
    let server = Serving::start(&[]);
    let ask = |url: &str| wirebench().args(["health", url]).output().unwrap();
    ended(&ask(&server.url), 0);
    for wrong in ["http://127.0.0.1:1", "https://127.0.0.1:1", "nonsense"] {
        ended(&ask(wrong), 1);
    }
    // Somebody else answers at that port.
    let lines = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", lines.local_addr().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = lines.accept().unwrap();
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n");
        });
        let output = ask(&url);
        ended(&output, 1);
        assert!(text(&output.stderr).contains("503"), "{output:?}");
    });
}
