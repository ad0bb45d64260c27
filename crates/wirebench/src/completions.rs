//! `wirebench completions`: a script for the user's shell.

use std::io;

use clap::CommandFactory;

use crate::{Ended, args::Args};

/// Writes the completion script of `shell` to standard output.
#[expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]
pub(crate) fn print(shell: clap_complete::Shell) -> anyhow::Result<Ended> {
    clap_complete::generate(shell, &mut Args::command(), "wirebench", &mut io::stdout());
    Ok(Ended::Well)
}
