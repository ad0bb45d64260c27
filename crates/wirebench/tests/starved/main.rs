//! A generator that something else keeps from running: whatever it is, the run is
//! not valid and says by how much. Each way lengthens latencies on any machine,
//! and a busy machine only adds to it.
//!
//! These tests starve whatever else runs, so they are a program of their own,
//! which `cargo test` starts alone, and they take turns.

#[path = "../it/fixture.rs"]
#[expect(dead_code, reason = "these tests need a part of what the others share")]
mod fixture;

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    sys::signal::Signal,
    unistd::Pid,
};

use fixture::{MINIATURE, column, ended, run, signal, text};

/// Waits until no other of these tests runs.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The busy loops, which end with this value.
struct Neighbours(Vec<Child>);

impl Neighbours {
    /// Starts so many for each of `processors`, each at `niceness`, busy throughout or
    /// for a tenth of a second of each fifth.
    fn start(each: usize, niceness: i32, half: bool, processors: &[usize]) -> Self {
        let work = if half {
            "while :; do timeout 0.1 sh -c 'while :; do :; done'; sleep 0.1; done"
        } else {
            "while :; do :; done"
        };
        let mut loops = Vec::new();
        for processor in processors.iter().flat_map(|one| vec![*one; each]) {
            let child = Command::new("nice")
                .args(["-n", &niceness.to_string(), "sh", "-c", work])
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("nice and sh");
            bind(child.id(), &[processor]);
            loops.push(child);
        }
        Self(loops)
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn bind(process: u32, processors: &[usize]) {
    let mut set = CpuSet::new();
    for processor in processors {
        set.set(*processor).expect("a processor's number");
    }
    let process = Pid::from_raw(i32::try_from(process).expect("a process id"));
    sched_setaffinity(process, &set).expect("a processor that may be used");
}

/// Returns the processors that tests may use.
fn processors() -> Vec<usize> {
    let set = sched_getaffinity(Pid::from_raw(0)).expect("Linux tells");
    (0..CpuSet::count())
        .filter(|processor| set.is_set(*processor).unwrap_or(false))
        .collect()
}

/// Returns whether this user may raise a process's priority, and prints a message if not.
#[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
fn may_go_first() -> bool {
    let tried = Command::new("nice").args(["-n", "-20", "nice"]).output();
    let may = tried.is_ok_and(|output| text(&output.stdout).trim() == "-20");
    if !may {
        assert!(
            std::env::var_os("WIREBENCH_REQUIRE").is_none(),
            "neighbours of a higher priority need root"
        );
        eprintln!("SKIPPED: neighbours of a higher priority need root");
    }
    may
}

/// Starts a run of `drafts` drafts in two or four seconds.
fn start(out: &Path, drafts: u32) -> Child {
    let seconds = if drafts < 200 { 2 } else { 4 };
    let sets = [
        format!("traffic.measure={seconds}s"),
        format!("traffic.rate={}", drafts / seconds),
        "swarm.clients=100".to_owned(),
    ];
    let mut all = MINIATURE.to_vec();
    all.extend(sets.iter().map(String::as_str));
    run("scenarios/quick.toml", out, &all)
        .args(["--only", "websocket"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn is_found(out: &Path, child: Child, way: &str) {
    let output = child.wait_with_output().unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "valid"), ["false"], "{way}");
    let (codes, error) = (&column(&runs, "reasons")[0], &column(&runs, "error")[0]);
    let doubts = codes
        .split(' ')
        .any(|code| ["late", "starved", "busy"].contains(&code));
    assert!(doubts, "{way}: {codes}: {error}");
    assert!(error.contains("the generator was"), "{way}: {error}");
    assert!(text(&output.stderr).contains("the generator was"), "{way}");
}

#[test]
fn stops_of_the_whole_process_are_found_with_few_drafts() {
    let _turn = alone();
    for drafts in [20, 40, 200] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let mut child = start(&out, drafts);
        let swarm = i32::try_from(child.id()).unwrap();
        while child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(600));
            signal(swarm, Signal::SIGSTOP);
            thread::sleep(Duration::from_millis(400));
            signal(swarm, Signal::SIGCONT);
        }
        is_found(&out, child, &format!("stopped, {drafts} drafts"));
    }
}

#[test]
fn busy_neighbours_are_found() {
    let _turn = alone();
    if !may_go_first() {
        return;
    }
    let all = processors();
    let own = vec![all[all.len() - 1]];
    // How many for each processor, their niceness, whether they rest for half of
    // the time, whether they are on every processor, and how many drafts. Some of
    // the ways; `scripts/audit starve --full` goes through all of them.
    for (each, niceness, half, everywhere, drafts) in
        [(1, -20, true, false, 40), (1, -10, false, true, 20)]
    {
        let where_ = if everywhere { &all } else { &own };
        let _neighbours = Neighbours::start(each, niceness, half, where_);
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let child = start(&out, drafts);
        if !everywhere {
            bind(child.id(), &own);
        }
        let way = format!(
            "{each} of niceness {niceness}, half of the time {half}, everywhere {everywhere}, {drafts} drafts"
        );
        is_found(&out, child, &way);
    }
}

/// Checks that the codes are written for every run, and no run that is called valid has one.
#[test]
fn a_run_has_codes_if_and_only_if_it_is_not_valid() {
    let _turn = alone();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    start(&out, 20).wait_with_output().unwrap();
    let runs = out.join("runs.csv");
    let valid = column(&runs, "valid")[0] == "true";
    assert_eq!(column(&runs, "reasons")[0].is_empty(), valid);
    for name in ["generator_lag_p99_us", "arrived_p50_us", "reading_p50_us"] {
        let told = &column(&runs, name)[0];
        assert!(told.parse::<u64>().is_ok(), "{name}: {told}");
    }
    assert!(fs::metadata(out.join("manifest.json")).is_ok());
}
