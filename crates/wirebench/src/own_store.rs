//! The store of a server that a run starts: a folder inside the results folder, so that it is on the
//! same disk, and there for this run alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The name of the folder.
const NAME: &str = "store.tmp";

/// The folder of a store; dropping it removes it.
#[derive(Debug)]
pub(crate) struct OwnStore(PathBuf);

impl OwnStore {
    /// Makes an empty folder inside `results`. One that a run which was killed left is removed.
    ///
    /// # Errors
    /// Fails if the folder cannot be made.
    pub(crate) fn make(results: &Path) -> anyhow::Result<Self> {
        let folder = results.join(NAME);
        let made = remove(&folder).and_then(|()| fs::create_dir_all(&folder));
        made.with_context(|| format!("cannot make a store in {}", results.display()))?;
        Ok(Self(folder))
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for OwnStore {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next run.
        let _ = remove(&self.0);
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
