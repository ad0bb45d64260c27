//! The files that `run` and `compare` leave for a server of continuous integration.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{self, Path},
};

use anyhow::Context;
use report::junit::{self, Suite};

use crate::args;

/// Checks that the files can be written, before anything is measured that they are to tell of. What is
/// no file, such as a pipe, is not opened for that, and neither is what will be within `results`, the
/// folder that the run makes.
pub(crate) fn check(options: &args::Verdicts, results: Option<&Path>) -> anyhow::Result<()> {
    let results = results.and_then(|folder| path::absolute(folder).ok());
    for file in options.junit.iter().chain(&options.summary) {
        let file =
            path::absolute(file).with_context(|| format!("{} is no file", file.display()))?;
        if results.is_some() && file.parent() == results.as_deref() {
            continue;
        }
        // A link that leads nowhere is there too.
        let is_there = file.symlink_metadata().is_ok();
        if is_there && !(file.is_file() || file.is_dir()) {
            continue;
        }
        let opened = OpenOptions::new().create(true).append(true).open(&file);
        opened.with_context(|| format!("cannot write {}", file.display()))?;
        if !is_there {
            // Half a run leaves none.
            let _ = fs::remove_file(&file);
        }
    }
    Ok(())
}

/// Writes the files that were asked for; `name` is the command, and the texts are made only when
/// they are needed.
pub(crate) fn write(
    options: &args::Verdicts,
    name: &str,
    suites: impl FnOnce() -> Vec<Suite>,
    summary: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if let Some(file) = &options.junit {
        fs::write(file, junit::xml(name, &suites()))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(file) = &options.summary {
        // A job's summary is one file that each step writes to the end of.
        let opened = OpenOptions::new().create(true).append(true).open(file);
        opened
            .and_then(|mut file| file.write_all(summary().as_bytes()))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
