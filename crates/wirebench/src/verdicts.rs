//! The files that `run` and `compare` leave for a server of continuous integration.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use anyhow::Context;
use report::junit::{self, Suite};

use crate::args;

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
