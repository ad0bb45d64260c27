//! `wirebench completions`: a script for the user's shell.

use std::io::Write;

use clap::CommandFactory;

use crate::{Ended, args::Args};

/// Writes the completion script of `shell` to standard output.
pub(crate) fn print(shell: clap_complete::Shell) -> anyhow::Result<Ended> {
    // The generator panics where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "wirebench", &mut script);
    let mut out = crate::output::stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Ended::Well)
}
