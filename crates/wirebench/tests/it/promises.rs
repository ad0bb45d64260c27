//! Tests of requests that are refused before anything starts, and of folders that are protected.

use std::{ffi::OsStr, fs, fs::File, os::unix::ffi::OsStrExt, process::Stdio};

use nix::sys::signal::Signal;

use crate::fixture::{MINIATURE, column, ended, run, signal, text, until, wirebench};

fn scenario(name: &str, more: &str) -> String {
    format!(
        "name = {name:?}\nquestion = \"\"\n{more}\n[swarm]\nclients = 2\nramp = \"100ms\"\n\
         [traffic]\nrate = 10\nsettle = \"100ms\"\nmeasure = \"500ms\"\ndrain = \"2s\"\n\
         [[transport]]\nkind = \"sse\"\n[[transport]]\nkind = \"websocket\"\n"
    )
}

#[test]
fn a_bad_objective_or_name_is_refused_and_nothing_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.toml");
    let out = folder.path().join("out");
    for (name, more, part) in [
        (
            "x",
            "objective.websockets.p50 = \"< 1s\"",
            "did you mean websocket?",
        ),
        (
            "x",
            "objective.websocket.p99 = \"50ms\"",
            "a comparison is missing",
        ),
        (
            "x",
            "objective.long_poll.lost = 0",
            "the scenario runs no long_poll",
        ),
        ("../../x", "", "parts folders"),
    ] {
        fs::write(&file, scenario(name, more)).unwrap();
        let output = run(&file, &out, &[]).output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(part), "{said}");
        assert!(!out.exists(), "{part}");
    }
}

#[test]
fn a_second_run_into_a_folder_at_work_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let sets = [&MINIATURE[..], &["traffic.measure=60s"]].concat();
    let command = || {
        let mut command = run("scenarios/quick.toml", &out, &sets);
        command.args(["--only", "sse"]).stderr(Stdio::piped());
        command
    };
    let first = command().stdout(Stdio::null()).spawn().unwrap();
    until("the folder", || {
        out.join("manifest.json").exists().then_some(())
    });
    let second = command().output().unwrap();
    ended(&second, 1);
    assert!(text(&second.stderr).contains("another wirebench"));
    // The server has to be there, or SIGTERM would come before anybody watches.
    until("the run", || {
        (!crate::fixture::children(first.id(), "serve").is_empty()).then_some(())
    });
    signal(i32::try_from(first.id()).unwrap(), Signal::SIGTERM);
    ended(&first.wait_with_output().unwrap(), 130);
    assert!(
        out.join("report.html").exists(),
        "SIGTERM keeps what Ctrl-C keeps"
    );
}

#[test]
fn repeats_are_spread_over_sittings() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("s.toml"), folder.path().join("out"));
    fs::write(&file, scenario("x", "repeats = 3\nsittings = 2")).unwrap();
    let first = run(&file, &out, &[]).output().unwrap();
    let said = text(&first.stderr);
    assert!(said.contains("not complete: 2 runs are left"), "{said}");
    assert_eq!(column(&out.join("runs.csv"), "sitting"), ["1"; 4]);
    let second = wirebench()
        .args(["run", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    let said = text(&second.stderr);
    assert!(!said.contains("not complete"), "{said}");
    let sittings = column(&out.join("runs.csv"), "sitting");
    assert_eq!(sittings, ["1", "1", "1", "1", "2", "2"]);
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["ended"], "complete");
    let sittings = manifest["sittings"].as_array().unwrap();
    assert_eq!(sittings.len(), 2);
    assert_eq!(sittings[1]["sitting"], 2);
    assert_eq!(sittings[1]["load_average"].as_array().unwrap().len(), 3);
}

#[test]
fn no_argument_and_no_output_makes_it_panic() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(OsStr::from_bytes(b"caf\xe9.toml"));
    fs::write(&file, scenario("x", "")).unwrap();
    let out = folder.path().join(OsStr::from_bytes(b"\xff out"));
    let output = run(&file, &out, &[]).output().unwrap();
    assert!(out.join("report.html").exists(), "{}", text(&output.stderr));
    // The server's store is in the results folder, and in no other.
    let out = folder.path().join(OsStr::from_bytes(b"\xff store"));
    let sets = ["server.store=disk"];
    let output = run(&file, &out, &sets).output().unwrap();
    assert!(out.join("report.html").exists(), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    for arguments in [
        &["completions", "bash"][..],
        &["scenarios"],
        &["trace", "websocket"],
        &["--help"],
        &["help", "run"],
        &["--version"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = wirebench().args(arguments).stdout(full).output().unwrap();
        ended(&output, 74);
        let said = text(&output.stderr);
        assert!(
            !said.contains("panicked") && said.contains("error"),
            "{arguments:?}: {said}"
        );
    }
}
