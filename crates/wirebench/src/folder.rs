//! The folder that results go to: one for each start of the program, and one program at a time.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, bail};

use report::Store;

/// A folder that no other program of ours adds to while this value lives. The system gives the
/// lock back when its holder ends, however it ends.
#[derive(Debug)]
pub(crate) struct Held {
    // Closing the file gives the lock back.
    _lock: File,
}

/// Holds `folder`, which is made where it is not there.
pub(crate) fn hold(folder: &Path) -> anyhow::Result<Held> {
    let shown = folder.display();
    if folder.exists() && !folder.is_dir() {
        bail!("{shown} is a file; --out names the folder that results go to");
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
    let lock = File::open(folder).with_context(|| format!("cannot read {shown}"))?;
    match lock.try_lock() {
        // Some network file systems lock no folder; a run is not refused for that.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => bail!(
            "another wirebench writes to {shown} at this moment; wait for its end, or choose \
             another folder"
        ),
    }
    Ok(Held { _lock: lock })
}

/// Holds a folder for a new run: one that has none yet.
pub(crate) fn hold_new(folder: &Path, command: &str) -> anyhow::Result<Held> {
    let held = hold(folder)?;
    let shown = folder.display();
    match Store::open(folder) {
        Ok(store) if !store.runs().0.is_empty() => bail!(
            "{shown} holds runs already; choose another folder, or: \
             wirebench {command} --resume {shown}"
        ),
        _ => Ok(held),
    }
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
        drop(held);
        hold_new(&within, "run").unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(hold(&folder.path().join("file")).is_err());
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
