//! Two runs compared: the same twice, and the same behind a longer wire.
//!
//! The wire is a link with a delay of its own, so that what is compared is ruled
//! by that delay and not by how busy the machine is. So runs that mostly wait for
//! it are made at the same time.

use std::{
    path::{Path, PathBuf},
    thread,
};

use crate::fixture::{Serving, run, text, wirebench};

/// Ten repeats, five more than the fewest that carry a verdict here: on a busy
/// machine some may not be valid.
const SHORT: [&str; 8] = [
    "swarm.clients=5",
    "swarm.ramp=50ms",
    "traffic.settle=200ms",
    "traffic.measure=500ms",
    "traffic.rate=10",
    "traffic.drain=20s",
    "repeats=10",
    "seed=7",
];

/// Does the same for each of `all` at once.
fn at_once<T: Sync, const N: usize>(
    all: &[T; N],
    one: impl Fn(&T) -> PathBuf + Sync,
) -> [PathBuf; N] {
    let one = &one;
    thread::scope(|scope| {
        let running = all.each_ref().map(|what| scope.spawn(move || one(what)));
        running.map(|run| run.join().unwrap())
    })
}

/// Runs the scenario against a server of its own behind a link of this delay each way.
fn measured(folder: &Path, name: &str, delay: &str) -> PathBuf {
    let server = Serving::start(&[]);
    let link = Serving::link(&server.url, &["--delay", delay]);
    let out = folder.join(name);
    let output = run("scenarios/quick.toml", &out, &SHORT)
        .args(["--only", "websocket", "--quiet", "--target", &link.url])
        .output()
        .unwrap();
    assert!(out.join("runs.csv").exists(), "{}", text(&output.stderr));
    out
}

fn compared(before: &Path, after: &Path) -> (Option<i32>, String) {
    let output = wirebench()
        .args(["compare", "--gate=times"])
        .args([before, after])
        .output()
        .unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.code(), said)
}

#[test]
fn the_same_twice_passes_and_thirty_percent_slower_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let all = [("once", "300ms"), ("again", "300ms"), ("slower", "390ms")];
    let [once, again, slower] = at_once(&all, |(name, delay)| measured(folder.path(), name, delay));
    let (code, said) = compared(&once, &again);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = compared(&once, &slower);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("WORSE"), "{said}");
    assert!(said.contains("p50"), "{said}");
    // The other way round it is no regression.
    let (code, said) = compared(&slower, &once);
    assert_eq!(code, Some(0), "{said}");
}

/// Checks that a change of the scenario itself is named first, and the gate holds all the same.
#[test]
fn a_changed_setting_is_named_and_still_gated() {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = at_once(&["300ms", "390ms"], |delay| {
        let out = folder.path().join(delay);
        let link = format!("link.delay={delay}");
        let sets = [&SHORT[..], &[link.as_str()]].concat();
        let mut command = run("scenarios/quick.toml", &out, &sets);
        let output = command
            .args(["--only", "websocket", "--quiet"])
            .output()
            .unwrap();
        assert!(out.join("runs.csv").exists(), "{}", text(&output.stderr));
        out
    });
    let (code, said) = compared(&before, &after);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("link.delay"), "{said}");
    assert!(said.contains("300ms") && said.contains("390ms"), "{said}");
    assert!(said.contains("WORSE"), "{said}");
}
