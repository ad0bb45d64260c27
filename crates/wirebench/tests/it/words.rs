//! Tests of the messages for requests that cannot be met, and of the listings.

use std::fs;

use crate::fixture::{ended, run, text, wirebench};

#[test]
fn the_impossible_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    for (set, words) in [
        ("swarm.clients=0", "0 leaves nobody"),
        ("swarm.clients=900000", "open files"),
        ("traffic.rate=0", "publishers"),
        ("swarm.cleints=5", "did you mean \"clients\""),
    ] {
        let out = folder.path().join("never");
        let output = run("scenarios/quick.toml", &out, &[set]).output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(words), "{set}: {said}");
        assert!(!out.exists(), "{set} left a folder");
    }
}

/// Checks that open files are counted on both sides: the one with fewer processes sets the limit.
#[test]
fn open_files_of_both_sides_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let allowed = |processes: &str, nodes: &str| -> u64 {
        let sets = ["swarm.clients=9000000", "server.store=redis", nodes];
        let mut command = run("scenarios/quick.toml", &folder.path().join("never"), &sets);
        let output = command.args(["--processes", processes]).output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        let before = said.split(" are allowed").next().unwrap();
        let number = before.rsplit(' ').next().unwrap();
        number.parse().unwrap_or_else(|_| panic!("{said}"))
    };
    let each = allowed("2", "server.nodes=1");
    assert_eq!(allowed("3", "server.nodes=2"), 2 * each);
    assert_eq!(allowed("2", "server.nodes=4"), 2 * each);
    assert_eq!(allowed("3", "server.nodes=3"), 3 * each);
}

#[test]
fn files_that_are_not_there_are_named() {
    let output = wirebench()
        .args(["run", "scenarios/quik.toml"])
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("scenarios/quik.toml"));
    let output = wirebench()
        .args(["plot", "results/nowhere"])
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("results/nowhere"));
}

#[test]
fn a_damaged_folder_is_drawn_as_far_as_it_goes_and_complained_of() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("runs.csv"), "what,is,this\n1,2,3\n").unwrap();
    let output = wirebench().arg("plot").arg(folder.path()).output().unwrap();
    assert_ne!(output.status.code(), Some(0));
    assert!(
        text(&output.stderr).contains("runs.csv"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn scenarios_are_listed_with_their_questions() {
    let output = wirebench().arg("scenarios").output().unwrap();
    ended(&output, 0);
    for name in [
        "quick",
        "chat-room",
        "many-rooms",
        "idle",
        "burst",
        "ten-thousand",
    ] {
        assert!(text(&output.stdout).contains(name), "{name}");
    }
    let output = wirebench().args(["scenarios", "--json"]).output().unwrap();
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(listed.iter().all(|scenario| {
        scenario["question"]
            .as_str()
            .is_some_and(|question| question.contains('?'))
    }));
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let output = wirebench().args(["completions", shell]).output().unwrap();
        ended(&output, 0);
        assert!(text(&output.stdout).contains("wirebench"), "{shell}");
    }
}

#[test]
fn the_schema_of_scenarios_is_printed_as_it_is_committed() {
    let output = wirebench()
        .args(["scenarios", "--schema"])
        .output()
        .unwrap();
    ended(&output, 0);
    let committed = include_str!("../../../../scenarios/scenario.schema.json");
    assert!(text(&output.stdout) == committed, "see `--schema`");
    let mut both = wirebench();
    both.args(["scenarios", "--schema", "--json"]);
    ended(&both.output().unwrap(), 2);
}
