//! Tests of the session that all measuring commands share: claims and lessons are calibrated,
//! logged, locked, cut and resumed like runs, and a program that reads a folder meanwhile reports
//! it.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::sys::signal::Signal;

use crate::{
    fixture::{MINIATURE, column, ended, repository, run, signal, text, until, wirebench},
    histograms::log,
};

/// The settings that make a claim take seconds: three runs.
const SHORT: [&str; 7] = [
    "--set=swarm.clients=20",
    "--set=swarm.ramp=100ms",
    "--set=traffic.rate=10",
    "--set=traffic.settle=200ms",
    "--set=traffic.measure=1s",
    "--set=traffic.drain=20s",
    "--set=repeats=3",
];

fn claims(out: &Path, names: &[&str]) -> Command {
    let mut command = wirebench();
    command.arg("claims").args(names).args(SHORT);
    command.arg("--out").arg(out);
    command
}

fn resume(command: &str, out: &Path) -> Output {
    let mut again = wirebench();
    again.args([command, "--quiet", "--resume"]).arg(out);
    again.output().unwrap()
}

/// Starts a command and ends it with a signal as soon as `runs` has `rows` rows.
pub(crate) fn cut(command: &mut Command, runs: &Path, rows: usize, how: Signal) -> Output {
    let mut child = spawn(command);
    until("the rows", || {
        let has_ended = child.try_wait().unwrap().is_some();
        (has_ended || column(runs, "valid").len() >= rows).then_some(())
    });
    let output = child.try_wait().unwrap();
    assert!(output.is_none(), "it ended by itself");
    signal(i32::try_from(child.id()).unwrap(), how);
    child.wait_with_output().unwrap()
}

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn json(file: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Checks that a miniature was measured; it need not be as predicted.
fn measured(output: &Output) {
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
}

/// Asserts that every run is there once, whole, calibrated, logged, and belongs to a sitting.
fn whole(folder: &Path, runs: usize) {
    let file = folder.join("runs.csv");
    let keys = ["transport", "variant", "cell", "repeat"].map(|key| column(&file, key));
    assert_eq!(keys[0].len(), runs);
    let distinct: BTreeSet<Vec<&String>> = (0..runs)
        .map(|at| keys.iter().map(|key| &key[at]).collect())
        .collect();
    assert_eq!(distinct.len(), runs, "each once: {keys:?}");
    let errors = column(&file, "error");
    assert!(errors.iter().all(|error| !error.contains("Ctrl-C")));
    assert_eq!(log(folder).len(), 2 * runs, "both clocks of each");
    let sittings = column(&file, "sitting");
    assert!(
        sittings.iter().all(|sitting| !sitting.is_empty()),
        "{sittings:?}"
    );
    let manifest = json(&folder.join("manifest.json"));
    assert_eq!(manifest["ended"], "complete");
    let calibrations = manifest["calibrations"].as_array().unwrap();
    assert!(calibrations[0]["floor"]["deliveries"].as_u64().unwrap() > 0);
}

#[test]
fn claims_that_are_cut_go_on_without_a_doubled_row() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("claims");
    let claim = out.join("shortpoll-uniform");
    let names = ["shortpoll-uniform", "deflate-hello"];
    let runs = claim.join("runs.csv");
    let output = cut(&mut claims(&out, &names), &runs, 1, Signal::SIGINT);
    ended(&output, 130);
    let said = text(&output.stderr);
    assert!(said.contains("wirebench claims --resume"), "{said}");
    // Half a claim is no claim: it is on no page, and nobody judges it.
    let left = json(&out.join("claims.json"))["left"].clone();
    assert_eq!(left["shortpoll-uniform"]["begun"], true, "{left}");
    assert_eq!(left["deflate-hello"]["begun"], false, "{left}");
    let page = fs::read_to_string(out.join("claims.html")).unwrap();
    assert!(!page.contains("shortpoll-uniform"));
    let again = wirebench()
        .args(["claims", "--again", "--quiet", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    ended(&again, 0);
    assert_eq!(column(&out.join("claims.csv"), "claim"), [""; 0]);

    measured(&resume("claims", &out));
    whole(&claim, 3);
    let judged: BTreeSet<String> = column(&out.join("claims.csv"), "claim")
        .into_iter()
        .collect();
    assert_eq!(judged, BTreeSet::from(names.map(str::to_owned)));
    let before = fs::read(&runs).unwrap();
    let again = resume("claims", &out);
    measured(&again);
    assert!(fs::read(&runs).unwrap() == before, "nothing is left");
}

#[test]
fn claims_that_are_killed_go_on_in_the_part_that_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("claims");
    // Killed, not asked, in the second of three parts: the rows that are there must do.
    let up = out.join("kaazing-latency/up");
    let mut command = claims(&out, &["kaazing-latency"]);
    command.args(["--set=swarm.rooms=20", "--set=repeats=1"]);
    let down = out.join("kaazing-latency/down/runs.csv");
    cut(&mut command, &down, 1, Signal::SIGKILL);
    let before = fs::read(up.join("runs.csv")).unwrap();
    measured(&resume("claims", &out));
    assert!(fs::read(up.join("runs.csv")).unwrap() == before);
    whole(&up, 2);
    whole(&out.join("kaazing-latency/down"), 5);
    whole(&out.join("kaazing-latency/both"), 1);
    let resumed = json(&out.join("kaazing-latency/down/manifest.json"))["resumed"].clone();
    assert_eq!(resumed.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_folder_of_claims_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("claims");
    let mut long = claims(&out, &["shortpoll-uniform"]);
    let first = spawn(long.arg("--set=traffic.measure=60s"));
    let claim = out.join("shortpoll-uniform");
    until("the claim's folder", || {
        claim.join("manifest.json").exists().then_some(())
    });
    let refused = |command: &mut Command| {
        let output = command.output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains("another wirebench writes"), "{said}");
    };
    refused(&mut claims(&out, &["deflate-hello"]));
    refused(wirebench().args(["claims", "--resume"]).arg(&out));
    refused(wirebench().args(["claims", "--again", "--out"]).arg(&out));
    refused(wirebench().args(["run", "--resume"]).arg(&claim));
    until("the run", || {
        (!crate::fixture::children(first.id(), "serve").is_empty()).then_some(())
    });
    signal(i32::try_from(first.id()).unwrap(), Signal::SIGTERM);
    ended(&first.wait_with_output().unwrap(), 130);
}

#[test]
fn a_lab_that_is_cut_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("lab");
    let answers = folder.path().join("mine.toml");
    fs::write(&answers, "student = \"Ann\"\n").unwrap();
    let mut lab = wirebench();
    lab.args([
        "lab",
        "interval-latency",
        "--seed=5",
        "--lang=zh",
        "--answers",
    ]);
    lab.arg(&answers).arg("--out").arg(&out);
    lab.args(SHORT).arg("--quiet");
    let runs = out.join("run/runs.csv");
    let output = cut(&mut lab, &runs, 1, Signal::SIGINT);
    ended(&output, 130);
    let said = text(&output.stdout);
    assert!(said.contains("wirebench lab --resume"), "{said}");
    let all = json(&out.join("run/manifest.json"))["plans"].clone();
    let all = all.as_array().unwrap().len();
    assert!(all >= 3 && column(&runs, "valid").len() < all);

    let output = resume("lab", &out);
    measured(&output);
    let said = text(&output.stdout);
    assert!(said.contains("提交"), "{said}");
    whole(&out.join("run"), all);
    let page = fs::read_to_string(out.join("lab.html")).unwrap();
    assert!(page.contains("Ann") && page.contains("--seed 5") && page.contains("lang=\"zh\""));
}

#[test]
fn what_cannot_be_gone_on_with_says_what_can() {
    let folder = tempfile::tempdir().unwrap();
    for (command, hint) in [
        ("claims", "a folder that `wirebench claims` made"),
        ("lab", "a folder that `wirebench lab` made"),
        ("run", "--resume needs a results folder"),
        ("capacity", "--resume needs a results folder"),
    ] {
        let output = wirebench()
            .args([command, "--resume"])
            .arg(folder.path())
            .output()
            .unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(hint), "{command}: {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A process that stands still, and goes on when this value ends.
struct Stopped(i32);

impl Stopped {
    fn new(process: i32) -> Self {
        signal(process, Signal::SIGSTOP);
        Self(process)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal(self.0, Signal::SIGCONT);
    }
}

#[test]
fn who_draws_a_folder_at_work_is_told_and_disturbs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut command = run("scenarios/quick.toml", &out, &MINIATURE);
    let child = spawn(command.args(["--only", "http_stream"]));
    let writer = i32::try_from(child.id()).unwrap();
    until("the first row", || {
        (!column(&out.join("runs.csv"), "valid").is_empty()).then_some(())
    });
    // However long the looks take, it is still at work.
    let stopped = Stopped::new(writer);
    let look = |command: &[&str], code: i32| {
        let output = wirebench().args(command).output().unwrap();
        ended(&output, code);
        text(&output.stderr)
    };
    let shown = out.to_str().unwrap();
    let at_work = "another wirebench writes to";
    for command in [
        &["plot", "--quiet", shown][..],
        &["report", shown],
        &["compare", "--gate", shown, shown],
    ] {
        let said = look(command, 3);
        assert!(said.contains(at_work), "{command:?}: {said}");
    }
    assert!(out.join("figures/latency_by_percentile.svg").exists());
    drop(stopped);
    let output = child.wait_with_output().unwrap();
    measured(&output);
    assert!(!text(&output.stderr).contains("another wirebench"));
    assert_eq!(column(&out.join("runs.csv"), "variant"), ["ndjson", "sse"]);
    // What `run` drew in the end is of all runs.
    let drawn = fs::read(out.join("figures/latency_by_percentile.svg")).unwrap();
    let said = look(&["plot", "--quiet", shown], 0);
    assert!(!said.contains(at_work), "{said}");
    assert!(fs::read(out.join("figures/latency_by_percentile.svg")).unwrap() == drawn);
}

#[test]
fn a_claim_of_ones_own_is_measured_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(repository().join("docs/src/claims.md")).unwrap();
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let right = folder.path().join("frame-head.toml");
    fs::write(&right, example).unwrap();
    // The same with another published figure does not hold.
    let wrong = example.replace("head = { value = 4", "head = { value = 3");
    let wrong = wrong.replace("name = \"frame-head\"", "name = \"wrong\"");
    fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let out = folder.path().join("out");
    let output = wirebench()
        .args(["claims", "--quiet", "--folder"])
        .arg(folder.path())
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    measured(&output);
    let found = out.join("claims.csv");
    assert_eq!(column(&found, "claim"), ["frame-head", "wrong"]);
    assert_eq!(column(&found, "measured"), ["4.000"; 2]);
    let verdicts = column(&found, "verdict");
    assert_eq!(verdicts, ["as published", "not as published"]);
    whole(&out.join("frame-head"), 1);
}
