//! The command-line options about files for a server of continuous integration.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Files for a server of continuous integration.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "For CI")]
pub(crate) struct Verdicts {
    /// Write what was judged as JUnit XML into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a summary in Markdown to the end of this file, such as "$`GITHUB_STEP_SUMMARY`"
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
}
