//! The command-line options of `wirebench claims`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Lang;

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "four switches, as typed")]
pub(crate) struct Claims {
    /// Claims by name, such as `framing`; all of them if none is named
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Go on with interrupted claims: their folder; finished runs are not done again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["names", "out", "folder", "list", "again", "overrides"])]
    pub(crate) resume: Option<PathBuf>,
    /// Folder for the results [default: results/run-claims-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Folder of the claims' scenario files [default: the claims that come with the program]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// List the claims and run nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Judge again what an earlier call left in --out, and run nothing
    #[arg(long)]
    pub(crate) again: bool,
    /// Another value for a key, such as traffic.measure=5s (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Language of the table, the list and the page
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print nothing but the folder and what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
