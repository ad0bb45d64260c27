//! The command-line options of `wirebench proxies`, and of the command that keeps a proxy.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::Args as ClapArgs;

use super::{Lang, value};

/// A proxy that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Known {
    Nginx,
    Haproxy,
    Caddy,
    Varnish,
    Hitch,
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Proxies {
    /// Only these proxies; those that are named must be installed
    #[arg(long, value_delimiter = ',', value_name = "PROXIES")]
    pub(crate) only: Vec<Known>,
    /// Print the settings of a proxy: the least that passes requests on, those that articles show
    /// (nginx) with the lines that they lack, and those that are right
    #[arg(long, value_name = "PROXY", conflicts_with_all = ["only", "out", "markdown", "csv", "json"])]
    pub(crate) settings: Option<Known>,
    /// The silence that is written into the settings as the limit, in whole seconds, to see whether
    /// an answer is cut at it; 0s leaves the proxy's own limits, which are then awaited
    #[arg(long, default_value = "1s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) silence: Duration,
    /// The longest time that is waited for a cut
    #[arg(long, default_value = "4s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) wait: Duration,
    /// The most that is sent to see how much a proxy takes for a reader that does not read, in MiB
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096), value_name = "MIB")]
    pub(crate) most: u64,
    /// Folder for a page, the table as CSV and JSON, and the settings
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Language of the page and of the table on the terminal
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print the table as CSV
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) csv: bool,
    /// Print the table as JSON
    #[arg(long, conflicts_with_all = ["markdown", "csv"])]
    pub(crate) json: bool,
    /// Print nothing but the table and what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Keep {
    /// File for what the program says
    #[arg(long, value_name = "FILE")]
    pub(crate) log: PathBuf,
    /// Folder to remove when the program is wanted no more
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
