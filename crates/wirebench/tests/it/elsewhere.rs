//! The program in the wrong place: another folder, another's folder, nobody there.

use std::{fs, process::Stdio};

use crate::fixture::{ended, repository, run, text, wirebench};

#[test]
fn a_scenario_that_is_not_there_has_a_next_step() {
    let output = wirebench().args(["run", "quick"]).output().unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(
        said.contains("did you mean scenarios/quick.toml?"),
        "{said}"
    );
    assert_eq!(said.matches("os error 2").count(), 1, "{said}");
    let elsewhere = tempfile::tempdir().unwrap();
    for arguments in [
        &["run", "scenarios/quick.toml"][..],
        &["capacity", "scenarios/capacity.toml"],
        &["scenarios"],
        &["claims", "--list"],
    ] {
        let mut command = wirebench();
        let output = command.current_dir(&elsewhere).args(arguments).output();
        let output = output.unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains("wirebench's source"), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("framing/letters.txt");
    fs::create_dir(folder.path().join("framing")).unwrap();
    fs::write(&theirs, "dear").unwrap();
    let output = wirebench()
        .args(["claims", "framing", "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("choose another --out"));
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "dear");
    // A search would take the runs of another for its own.
    let out = folder.path().join("run");
    fs::create_dir(&out).unwrap();
    let runs = repository().join("results/quick/runs.csv");
    fs::copy(runs, out.join("runs.csv")).unwrap();
    let output = wirebench()
        .args(["capacity", "scenarios/capacity.toml", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("holds runs already"));
    assert!(!out.join("manifest.json").exists());
    let output = run("scenarios/quick.toml", &theirs, &[]).output().unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("is a file"));
}

#[test]
fn what_nobody_measured_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("never");
    let output = wirebench()
        .args(["claims", "--again", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("leave out --again"));
    assert!(!out.exists());
}

#[test]
fn nobody_there_is_found_out_before_anything_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("never");
    let output = run("scenarios/quick.toml", &out, &[])
        .args(["--target", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(
        said.contains("nothing listens at http://127.0.0.1:"),
        "{said}"
    );
    assert!(!out.exists());
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut child = wirebench()
        .arg("scenarios")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
    ended(&output, 141);
}
