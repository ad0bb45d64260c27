//! The program in the wrong place: another folder, another's folder, nobody there.

use std::{fs, process::Stdio};

use crate::fixture::{MINIATURE, ended, lost_nothing, repository, run, text, wirebench};

#[test]
fn a_scenario_that_is_not_there_has_a_next_step() {
    let elsewhere = tempfile::tempdir().unwrap();
    for (arguments, advice) in [
        (&["run", "quik"][..], "did you mean quick, which comes"),
        (
            &["run", "scenarios/quick.toml"][..],
            "did you mean quick, which comes",
        ),
        (&["capacity", "./capcity.toml"][..], "did you mean capacity"),
        (&["run", "zzz.toml"][..], "`wirebench scenarios` lists"),
        (&["scenarios", "--folder", "none"][..], "without --folder"),
        (
            &["claims", "--folder", "none", "--list"][..],
            "without --folder",
        ),
        (&["claims", "framings", "--list"][..], "no claim is called"),
    ] {
        let mut command = wirebench();
        let output = command.current_dir(&elsewhere).args(arguments).output();
        let output = output.unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(advice), "{arguments:?}: {said}");
        let causes = said.matches("os error 2").count();
        assert!(causes <= 1, "{said}");
    }
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

/// Checks that with nothing but the program, all that it comes with is found by name.
#[test]
fn the_program_alone_knows_its_scenarios() {
    let elsewhere = tempfile::tempdir().unwrap();
    let here = |arguments: &[&str]| {
        let mut command = wirebench();
        let output = command.current_dir(&elsewhere).args(arguments).output();
        output.unwrap()
    };
    for (arguments, told) in [
        (&["scenarios"][..], "wirebench run quick"),
        (&["scenarios", "--json"][..], "\"file\": \"quick\""),
        (&["claims", "--list"][..], "framing"),
        (&["lessons"][..], "poll-cost"),
    ] {
        let output = here(arguments);
        ended(&output, 0);
        assert!(text(&output.stdout).contains(told), "{arguments:?}");
    }
    let out = elsewhere.path().join("run");
    let mut arguments = vec!["run", "quick", "--only", "websocket", "--out", "run"];
    arguments.extend(MINIATURE.iter().flat_map(|set| ["--set", *set]));
    lost_nothing(&here(&arguments), &out);
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"scenario\": \"quick\""), "{manifest}");
    // It goes on from any folder as well, for there is no file to find.
    let output = wirebench().args(["run", "--resume"]).arg(&out).output();
    let output = output.unwrap();
    assert!(text(&output.stderr).contains("nothing is left to run"));
    // A file of that name is what its owner means.
    fs::write(elsewhere.path().join("quick"), "name = 7").unwrap();
    let output = here(&["run", "quick"]);
    ended(&output, 1);
    assert!(
        text(&output.stderr).starts_with("error: quick:1"),
        "{output:?}"
    );
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
    for argument in ["scenarios", "--help"] {
        let mut child = wirebench()
            .arg(argument)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "", "{argument}");
        ended(&output, 141);
    }
}
