//! The command-line options of `wirebench capacity`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::Lang;

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Capacity {
    /// A scenario: one of the names that `wirebench scenarios` lists, such as capacity, or a file
    #[arg(value_name = "SCENARIO", required_unless_present = "resume")]
    pub(crate) scenario: Option<PathBuf>,
    /// Go on with an interrupted search: its folder; finished runs are not done again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "until", "grow", "from", "most", "step", "resolution", "repeats", "out", "only", "overrides"])]
    pub(crate) resume: Option<PathBuf>,
    /// The condition at which a load is too much, such as 'p95 > 500ms' or 'lost > 0' [default: the scenario's]
    #[arg(long, value_name = "CONDITION")]
    pub(crate) until: Option<String>,
    /// The quantity that grows [default: the scenario's, or clients]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) grow: Option<Grow>,
    /// The first load [default: the scenario's]
    #[arg(long, value_name = "N")]
    pub(crate) from: Option<f64>,
    /// The largest load to try [default: clients: what open files allow; rate: 1,000 times the first]
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<f64>,
    /// Grow by N each time and do not bisect, instead of doubling
    #[arg(long, value_name = "N", conflicts_with = "resolution")]
    pub(crate) step: Option<f64>,
    /// The largest distance, in percent, between a load that held and one that did not [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub(crate) resolution: Option<f64>,
    /// Runs of each load; most of them decide [default: the scenario's]
    #[arg(long, value_name = "K")]
    pub(crate) repeats: Option<usize>,
    /// Judge a load by its figure also where the generator doubts itself, and mark the result
    #[arg(long, conflicts_with = "resume")]
    pub(crate) note_doubts: bool,
    /// Language of the table, the charts and the page
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Folder for the results [default: results/run-capacity-SCENARIO-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Only these transports, such as `websocket,long_poll`
    #[arg(long, value_delimiter = ',', value_name = "TRANSPORTS")]
    pub(crate) only: Vec<crate::only::Only>,
    /// Another value for a key, such as traffic.measure=5s (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Print the table in Markdown
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but the folder and what went wrong
    #[arg(long, short, conflicts_with_all = ["json", "markdown"])]
    pub(crate) quiet: bool,
}

/// The quantity that grows during a search.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Grow {
    /// People
    Clients,
    /// Drafts a second in each room
    Rate,
}

impl From<Grow> for scenario::Grow {
    fn from(grow: Grow) -> Self {
        match grow {
            Grow::Clients => Self::Clients,
            Grow::Rate => Self::Rate,
        }
    }
}
