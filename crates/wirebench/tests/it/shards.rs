//! One run in several processes: what `run --processes` and `merge` make of the parts is what one
//! process would have found, and folders that do not belong together are refused by name.

mod deployed;
mod merged;

use std::{
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::sys::signal::Signal;

use crate::{
    fixture::{
        MINIATURE, Serving, children, column, ended, is_alive, lost_nothing, repository, run,
        signal, text, until, wirebench,
    },
    proxies::is_there,
};

/// A run of some seconds, of people with names, all of whom have come before the first draft. Drafts
/// are far enough apart that none is on its way when the window begins.
const SETS: [&str; 12] = [
    "swarm.clients=20",
    "swarm.ramp=100ms",
    "swarm.presence=true",
    "traffic.settle=3s",
    "traffic.measure=4s",
    "traffic.rate=2",
    "traffic.publishers=3",
    "traffic.speak=same",
    "traffic.payload=40",
    "traffic.drain=20s",
    "repeats=1",
    "sittings=1",
];

fn websocket(out: &Path) -> Command {
    let mut command = run("scenarios/quick.toml", out, &SETS);
    command.args(["--only", "websocket"]);
    command
}

/// Returns the only value of a column of `runs.csv`.
fn figure(folder: &Path, name: &str) -> String {
    let mut values = column(&folder.join("runs.csv"), name);
    assert_eq!(values.len(), 1, "{name}");
    values.remove(0)
}

fn merge(folders: &[&Path], out: &Path) -> Output {
    let mut command = wirebench();
    command.arg("merge").args(folders).arg("--out").arg(out);
    command.output().unwrap()
}

/// Asserts that two folders hold the same deliveries and the same bytes.
fn assert_same_counts(one: &Path, other: &Path) {
    for name in [
        "clients",
        "expected",
        "delivered",
        "bytes_up",
        "bytes_down",
        "event_bytes",
        "exchange_events",
        "offered_per_s",
        "achieved_per_s",
        "header_bytes_per_delivery",
        "opened_readers",
    ] {
        assert_eq!(figure(one, name), figure(other, name), "{name}");
    }
}

#[test]
fn processes_do_together_what_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let output = websocket(&one).output().unwrap();
    lost_nothing(&output, &one);
    let output = websocket(&two).args(["--processes", "2"]).output().unwrap();
    lost_nothing(&output, &two);
    assert_same_counts(&one, &two);
    assert_eq!(figure(&one, "processes"), "1");
    assert_eq!(figure(&two, "processes"), "2");
    // Of two processes each reader knows the latency of the drafts of its own alone. Speakers are
    // people 0, 1 and 2, so that two of three drafts are due where half of the readers are.
    let delivered: u64 = figure(&two, "delivered").parse().unwrap();
    let known = column(&two.join("ladder.csv"), "count");
    let most: u64 = known
        .iter()
        .map(|count| count.parse().unwrap())
        .max()
        .unwrap();
    assert_eq!((delivered, most), (160, 80));
    assert_eq!(figure(&one, "cross_shard_deliveries"), "");
    assert_eq!(figure(&two, "cross_shard_deliveries"), "80");
    // One machine has one calendar clock, so the interval is narrow.
    let between = ["low", "high"].map(|end| -> f64 {
        let column = format!("cross_shard_latency_p50_{end}_ms");
        figure(&two, &column).parse().unwrap()
    });
    assert!(
        between[1] > 0.0 && between[1] - between[0] < 2.0,
        "{between:?}"
    );
    assert!(figure(&two, "last_p50_us").is_empty());
    assert!(!figure(&two, "server_cpu_us_per_delivery").is_empty());
}

/// Starts a run in two processes, and waits until both are there.
fn two_processes(out: &Path) -> (Child, Vec<i32>) {
    let mut command = websocket(out);
    command.args(["--processes", "2"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Who has its orders has begun.
    let has_begun = |pid: &i32| {
        let threads = fs::read_dir(format!("/proc/{pid}/task"))?;
        let names = threads.map(|thread| fs::read_to_string(thread?.path().join("comm")));
        Ok::<_, std::io::Error>(names.flatten().any(|name| name.trim() == "wishes"))
    };
    let processes = until("two processes", || {
        let found = children(child.id(), "swarm");
        let begun = found.iter().all(|pid| has_begun(pid).unwrap_or_default());
        (found.len() == 2 && begun).then_some(found)
    });
    (child, processes)
}

#[test]
fn a_process_that_ends_ends_the_run_and_nobody_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (child, processes) = two_processes(&out);
    signal(processes[1], Signal::SIGKILL);
    ended(&child.wait_with_output().unwrap(), 3);
    assert_eq!(figure(&out, "valid"), "false");
    let error = figure(&out, "error");
    assert!(
        error.contains("process 2 of the load generator ended"),
        "{error}"
    );
    assert!(!processes.into_iter().any(is_alive));
    let (mut child, processes) = two_processes(&folder.path().join("killed"));
    child.kill().unwrap();
    child.wait().unwrap();
    until("the end of both", || {
        (!processes.iter().any(|pid| is_alive(*pid))).then_some(())
    });
}

#[test]
fn a_barrier_that_nobody_else_comes_to_says_who_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let server = Serving::start(&[]);
    let output = websocket(&out)
        .args(["--shard", "1/2", "--barrier=8s", "--target", &server.url])
        .output()
        .unwrap();
    ended(&output, 3);
    let error = figure(&out, "error");
    assert!(
        error.contains("the barrier: after 8s 10 of 20 people"),
        "{error}"
    );
    assert_eq!(figure(&out, "reasons"), "ended");
    let output = websocket(&folder.path().join("other"))
        .args(["--shard", "1/2", "--target", &server.url])
        .output()
        .unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains("--start-at, or --barrier"), "{said}");
}

#[test]
fn more_people_than_files_names_what_would_help() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(&[]);
    let sets = [&MINIATURE[1..], &["swarm.clients=3000000"]].concat();
    let output = run("scenarios/quick.toml", &folder.path().join("out"), &sets)
        .args(["--target", &server.url])
        .output()
        .unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains("--processes N"), "{said}");
}

/// Runs the script for GNU parallel for real.
#[test]
fn the_script_for_parallel_merges_what_it_ran() {
    if !is_there("parallel", "parallel") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let server = Serving::start(&[]);
    let mut command = Command::new(repository().join("deploy/shards/parallel"));
    command
        .current_dir(repository())
        .env("WIREBENCH", env!("CARGO_BIN_EXE_wirebench"))
        .env("LEAD", "20")
        .args(["scenarios/quick.toml", &server.url, "2"])
        .arg(&out)
        .args(["--only", "sse"])
        .stdin(Stdio::null());
    for set in SETS {
        command.args(["--set", set]);
    }
    let output = command.output().unwrap();
    let merged = out.join("merged");
    assert_eq!(
        figure(&merged, "delivered"),
        "160",
        "{}",
        text(&output.stderr)
    );
    lost_nothing(&output, &merged);
    assert_eq!(figure(&merged, "processes"), "2");
}

/// Checks that each option that a file in `deploy/shards` gives is one that the program has.
#[test]
fn what_is_deployed_is_asked_for_in_words_that_exist() {
    let help = |command: &str| {
        let output = wirebench().args([command, "--help"]).output().unwrap();
        text(&output.stdout)
    };
    let help = ["run", "merge", "serve"].map(help).concat();
    let known: Vec<&str> = help
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .collect();
    let mut seen = 0;
    for file in fs::read_dir(repository().join("deploy/shards")).unwrap() {
        let file = file.unwrap().path();
        let content = fs::read_to_string(&file).unwrap();
        // What belongs to others than the program stands on lines without a word of ours.
        let ours = |line: &&str| {
            [
                "--shard",
                "merge ",
                "wirebench serve",
                "--barrier",
                "--start-at",
            ]
            .iter()
            .any(|word| line.contains(word))
                && !line.trim_start().starts_with('#')
        };
        for line in content.lines().filter(ours) {
            let words = line.split([' ', '"', '\'', '=', ',', '[', ']', '`', '(', ')']);
            for option in words.filter(|word| word.starts_with("--") && word.len() > 2) {
                assert!(known.contains(&option), "{}: {option}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
