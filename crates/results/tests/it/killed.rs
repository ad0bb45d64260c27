//! A process that ends while it writes: finished runs are complete, and an unfinished run is not
//! read.

use std::fs;

use results::Store;

const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// Checks a process that is killed at any byte of what a run writes: the run before it is complete,
/// and the killed one is read completely or not at all.
#[test]
fn killed_at_any_byte() {
    let all = crate::rows("one_cell");
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(folder.path()).expect("made");
    let lengths = || FILES.map(|file| fs::read(folder.path().join(file)).expect("there"));
    let mut states = Vec::new();
    for repeat in [1, 2] {
        let mut rows = all.clone();
        rows.runs
            .retain(|row| row.transport == "websocket" && row.repeat == repeat);
        rows.ladder
            .retain(|row| row.transport == "websocket" && row.repeat == repeat);
        rows.ledger
            .retain(|row| row.transport == "websocket" && row.repeat == repeat);
        rows.timeline
            .retain(|row| row.transport == "websocket" && row.repeat == repeat);
        store.append(&rows).expect("written");
        states.push((lengths(), store.read().rows));
    }
    let (before, first) = &states[0];
    let (after, both) = &states[1];
    // The files are cut in the order in which they are written.
    for at in [1, 2, 3, 0] {
        for to in (before[at].len()..after[at].len()).step_by(41) {
            for (file, (old, new)) in FILES.iter().zip(before.iter().zip(after)) {
                let written = [1, 2, 3, 0].iter().take_while(|other| **other != at);
                let is_done = written.clone().any(|other| FILES[*other] == *file);
                let bytes = match *file {
                    name if name == FILES[at] => &new[..to],
                    _ if is_done => new,
                    _ => old,
                };
                fs::write(folder.path().join(file), bytes).expect("written");
            }
            assert_eq!(store.read().rows, *first, "{} cut at {to}", FILES[at]);
            let digest = store.digest(|all| all, Vec::new());
            assert_eq!(digest.runs, first.runs);
        }
    }
    for (file, bytes) in FILES.iter().zip(after) {
        fs::write(folder.path().join(file), bytes).expect("written");
    }
    assert_eq!(store.read().rows, *both);
}

/// Checks that rows which cannot be written completely are removed again.
#[test]
fn rows_are_added_all_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(folder.path()).expect("made");
    let rows = crate::rows("one_cell");
    store.append(&rows).expect("written");
    let before = FILES.map(|file| fs::read(folder.path().join(file)).expect("there"));
    // A folder in the place of the last file makes the write of that file fail.
    fs::remove_file(folder.path().join("runs.csv")).expect("removed");
    fs::create_dir(folder.path().join("runs.csv")).expect("made");
    assert!(store.append(&rows).is_err());
    for (file, before) in FILES.iter().zip(before).skip(1) {
        let now = fs::read(folder.path().join(file)).expect("there");
        assert!(now == before, "{file} is as it was");
    }
}
