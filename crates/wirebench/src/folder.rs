//! The results folder: each start of the program has one, and one program at a time writes to it.
//!
//! A program that measures holds the folder until the end. Programs that draw (`plot`, `report` and
//! the end of `run`) take turns with each other, and may draw while another program measures: they
//! then read what is finished so far, and report that more will follow.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};

use results::Store;

/// A folder that no other program of ours adds to while this value lives. The system gives the
/// lock back when its holder ends, however it ends.
#[derive(Debug)]
pub(crate) struct Held {
    // Closing the file gives the lock back.
    _lock: File,
}

/// The number of attempts to lock a folder that is in use. Another program may hold the lock only
/// for the moment of checking whether the folder is free.
const TRIES: u32 = 10;
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Holds `folder`, which is made where it is not there.
pub(crate) fn hold(folder: &Path) -> anyhow::Result<Held> {
    let shown = folder.display();
    if folder.exists() && !folder.is_dir() {
        bail!("{shown} is a file; --out names the folder that results go to");
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
    let lock = File::open(folder).with_context(|| format!("cannot read {shown}"))?;
    for _ in 0..TRIES {
        match lock.try_lock() {
            // Some network file systems lock no folder; a run is not refused for that.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(Held { _lock: lock }),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
    bail!(
        "another wirebench writes to {shown} at this moment; wait for its end, or choose \
         another folder"
    )
}

/// Holds a folder for new runs, and refuses one that has runs already. `go_on` is the command with
/// which the refusal advises to continue such a folder.
pub(crate) fn hold_new(folder: &Path, go_on: &str) -> anyhow::Result<Held> {
    let held = hold(folder)?;
    let shown = folder.display();
    match Store::open(folder) {
        Ok(store) if !store.runs().0.is_empty() => {
            bail!("{shown} holds runs already; choose another folder, or: {go_on}")
        }
        _ => Ok(held),
    }
}

/// Returns whether another program of ours measures into `folder` at this moment.
pub(crate) fn is_at_work(folder: &Path) -> bool {
    // The lock is given back at once.
    let lock = File::open(folder).map(|folder| folder.try_lock_shared());
    matches!(lock, Ok(Err(TryLockError::WouldBlock)))
}

/// Waits until nobody else draws in `folder`; nobody else does while the value lives. Returns
/// `None` where there is nothing to draw, or the file system has no locks.
pub(crate) fn draw(folder: &Path) -> Option<Held> {
    // This is another lock than that of the folder: a program that measures holds that one, and
    // also draws at its end.
    let lock = File::open(folder.join("runs.csv")).ok()?;
    lock.lock().ok()?;
    Some(Held { _lock: lock })
}

/// Writes `file` by way of a second file, so that a reader never finds half of it. `write` gets the
/// path of that second file.
pub(crate) fn replace(
    file: &Path,
    write: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let written = write(&draft).and_then(|()| Ok(fs::rename(&draft, file)?));
    if written.is_err() {
        // Half of it is of no use to anybody.
        let _ = fs::remove_file(&draft);
    }
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Makes `results/run-SCENARIO-20260131-235959`, or the same with a number behind it where
/// another run of that second has it; the prefix is what git ignores.
pub(crate) fn new_default(name: &str) -> anyhow::Result<PathBuf> {
    new_within(Path::new("results"), name, SystemTime::now())
}

fn new_within(results: &Path, name: &str, now: SystemTime) -> anyhow::Result<PathBuf> {
    let now = humantime::format_rfc3339_seconds(now).to_string();
    let time: String = now.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = time.split_at(8);
    fs::create_dir_all(results).with_context(|| format!("cannot make {}", results.display()))?;
    let first = format!("run-{name}-{day}-{time}");
    let others = (2_u32..).map(|number| format!("{first}-{number}"));
    for name in std::iter::once(first.clone()).chain(others) {
        let folder = results.join(name);
        // The system makes a folder for one of two that ask at once.
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", folder.display()));
            }
        }
    }
    bail!("no free name for a folder in {}", results.display())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_free_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let within = folder.path().join("new");
        let held = hold(&within).unwrap();
        let refused = hold(&within).unwrap_err().to_string();
        assert!(refused.contains("another wirebench"), "{refused}");
        assert!(is_at_work(&within));
        drop(held);
        assert!(!is_at_work(&within));
        hold_new(&within, "wirebench run --resume x").unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(hold(&folder.path().join("file")).is_err());
    }

    #[test]
    fn a_look_at_a_folder_keeps_nobody_from_it() {
        let folder = tempfile::tempdir().unwrap();
        // A busy machine may let a look last longer than anybody tries, but not each time.
        let is_held = (0..5).any(|_| {
            let looks = File::open(folder.path()).unwrap();
            looks.lock_shared().unwrap();
            thread::scope(|scope| {
                let held = scope.spawn(|| hold(folder.path()));
                thread::sleep(PAUSE * 2);
                drop(looks);
                held.join().unwrap().is_ok()
            })
        });
        assert!(is_held);
    }

    #[test]
    fn those_who_draw_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        assert!(draw(folder.path()).is_none(), "nothing to draw");
        fs::write(folder.path().join("runs.csv"), "").unwrap();
        // A program that measures keeps nobody from drawing.
        let _held = hold(folder.path()).unwrap();
        let first = draw(folder.path()).unwrap();
        let (over, at) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _second = draw(folder.path()).unwrap();
                over.send(()).unwrap();
            });
            assert!(at.recv_timeout(PAUSE * 5).is_err(), "the first still draws");
            drop(first);
            at.recv().unwrap();
        });
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        replace(&file, |draft| Ok(fs::write(draft, "whole")?)).unwrap();
        let failed = replace(&file, |draft| {
            fs::write(draft, "ha")?;
            bail!("the disk is full")
        });
        assert!(format!("{:#}", failed.unwrap_err()).contains("a.json: the disk is full"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "whole");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn runs_of_one_second_have_folders_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let at_once = || {
            let make = || new_within(folder.path(), "quick", now).unwrap();
            (0..20).map(|_| make()).collect::<Vec<_>>()
        };
        let names: Vec<PathBuf> = std::thread::scope(|scope| {
            let both = [scope.spawn(at_once), scope.spawn(at_once)];
            both.into_iter()
                .flat_map(|one| one.join().unwrap())
                .collect()
        });
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 40);
        assert!(folder.path().join("run-quick-19700101-000000").is_dir());
        assert!(folder.path().join("run-quick-19700101-000000-40").is_dir());
    }
}
