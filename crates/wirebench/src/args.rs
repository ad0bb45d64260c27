//! The definition of the command-line interface. It is the only module that derives clap's traits.

mod advise;
mod capacity;
#[cfg(feature = "claims")]
mod claims;
mod dissect;
#[cfg(feature = "classroom")]
mod lab;
#[cfg(feature = "classroom")]
mod lessons;
mod limits;
mod link;
mod parser;
mod proxies;
mod serve;
mod shards;
mod store;
mod tls;
mod trace;
mod value;
mod verdicts;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::only::Only;

#[cfg(feature = "claims")]
pub(crate) use self::claims::Claims;
pub(crate) use self::{
    advise::{Advise, WorkloadInputs},
    capacity::Capacity,
    dissect::Dissect,
    limits::{Limits, ServeLimits},
    link::Link,
    parser::end_with,
    proxies::{Keep, Known, Proxies},
    serve::{Compress, Io, Lang, LogFormat, Serve},
    shards::{Merge, Shards},
    store::ServeStore,
    tls::{ServeTls, TargetTls},
    trace::Trace,
    verdicts::Verdicts,
};
#[cfg(feature = "classroom")]
pub(crate) use self::{
    lab::Lab, lessons::Lessons, limits::ClassLimits, serve::Classroom, store::ClassStore,
};

/// One chat over short polling, long polling, HTTP streaming and WebSocket,
/// and what each of them costs.
#[derive(Debug, Parser)]
#[command(name = "wirebench", version, propagate_version = true, after_long_help = crate::exit::table())]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the chat, for curl, a browser or any client
    Serve(Serve),
    /// Open a classroom: the chat over every transport side by side, with the wire in view
    #[cfg(feature = "classroom")]
    Classroom(Classroom),
    /// Run a scenario: drive a swarm over each transport, leave CSV files and charts
    Run(Run),
    /// Make one results folder of those of all shards of a run
    Merge(Merge),
    /// Be one process of a load generator: how `run --processes` starts them
    #[command(hide = true)]
    Swarm,
    /// Search how many clients, or how high a rate, each transport of a scenario holds
    Capacity(Capacity),
    /// Tell what an application of your numbers costs over each way to read, and prove it
    Advise(Box<Advise>),
    /// Draw the charts of a run again, from its CSV files alone
    Plot(Plot),
    /// Write one page from a run: the answer, tables, charts, every setting
    Report(Report),
    /// Put two runs side by side: what was changed, and what it changed beyond the noise
    Compare(Compare),
    /// Put published claims to the test: published, predicted and measured side by side
    #[cfg(feature = "claims")]
    Claims(Claims),
    /// Put a network in user space between clients and a server: delay, rate, stalls
    Link(Link),
    /// Measure what each proxy does to each way to read, and print the settings that make it right
    Proxies(Proxies),
    /// Start a program and end it when standard input closes: how `run` makes sure that its proxy
    /// ends with it
    #[command(hide = true)]
    Keep(Keep),
    /// Show one person's whole life on the wire, each byte explained
    Trace(Trace),
    /// Take a capture of your own traffic apart: conversations, and the account of each byte
    Dissect(Dissect),
    /// Do a lesson: predict, measure, compare, and get a page to hand in
    #[cfg(feature = "classroom")]
    Lab(Lab),
    /// List the lessons, or write them as a site for a room without a network
    #[cfg(feature = "classroom")]
    Lessons(Lessons),
    /// List the scenarios, each with its question
    Scenarios(Scenarios),
    /// Print a completion script for a shell
    Completions {
        /// The shell that the script is for
        shell: clap_complete::Shell,
    },
    /// Write the manual into a folder, a page for each command
    Man {
        /// Folder for the pages, such as ~/.local/share/man/man1
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Ask a server whether it is ready, as the health check of a container does
    Health(Health),
}

impl Command {
    /// Returns the language of what the command says on standard error.
    pub(crate) fn lang(&self) -> Lang {
        match self {
            Self::Run(options) => options.lang,
            Self::Capacity(options) => options.lang,
            Self::Advise(options) => options.lang,
            Self::Plot(options) => options.lang,
            Self::Report(options) => options.lang,
            Self::Compare(options) => options.lang,
            #[cfg(feature = "claims")]
            Self::Claims(options) => options.lang,
            _ => Lang::En,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// A scenario: one of the names that `wirebench scenarios` lists, such as quick, or a file
    #[arg(value_name = "SCENARIO", required_unless_present = "resume")]
    pub(crate) scenario: Option<PathBuf>,
    /// Go on with an interrupted run: its folder; finished runs are not done again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "target", "target_pid", "out", "only", "overrides"])]
    pub(crate) resume: Option<PathBuf>,
    /// Drive a server that runs already instead of starting one for each run
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// Processes of that server: they and what they started count as its CPU and memory
    #[arg(long, value_delimiter = ',', value_name = "PID,…")]
    pub(crate) target_pid: Vec<u32>,
    #[command(flatten)]
    pub(crate) tls: TargetTls,
    /// Keep the logs of servers with `store = "redis"` in this Redis, which runs already, under names
    /// that are removed with the run, instead of starting one for each run; its password may be in
    /// `WIREBENCH_REDIS_PASSWORD`
    #[arg(long, value_name = "URL", conflicts_with = "target")]
    pub(crate) redis: Option<String>,
    #[command(flatten)]
    pub(crate) shards: Shards,
    /// Folder for the results [default: results/run-SCENARIO-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Only these transports, such as `websocket,long_poll`; `sse` and `ndjson` name streams
    #[arg(long, value_delimiter = ',', value_name = "TRANSPORTS")]
    pub(crate) only: Vec<Only>,
    /// Another value for a key, such as swarm.clients=500 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Language of the table, the charts and the page
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print the table, and the objectives and how they fared, as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print nothing but the folder and what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) verdicts: Verdicts,
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Plot {
    /// A results folder
    #[arg(value_name = "RUN")]
    pub(crate) folder: PathBuf,
    /// Language of the table, the charts and the page
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print the table, and the objectives and how they fared, as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print the table as CSV
    #[arg(long, conflicts_with_all = ["markdown", "json"])]
    pub(crate) csv: bool,
    /// Print nothing but what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    /// A results folder
    #[arg(value_name = "RUN")]
    pub(crate) folder: PathBuf,
    /// The one that the others are compared with: a transport, a variant, or both [default: websocket]
    #[arg(long, value_name = "TRANSPORT")]
    pub(crate) baseline: Option<String>,
    /// Language of the page and its charts
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compare {
    /// The results folder from before
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The results folder from after
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// Exit with code 3 if anything became worse, or if that cannot be told: by default of what
    /// repeats on any machine (deliveries, bytes, requests, and ratios of ways of one folder);
    /// `--gate=times` judges absolute times, processor time and memory as well
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "repeatable", value_name = "WHAT")]
    pub(crate) gate: Option<Extent>,
    /// Folder for overlaid charts and the comparison as files
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Language of the table, the charts and the gate
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print Markdown, with every figure
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a line for each figure as CSV
    #[arg(long, conflicts_with_all = ["markdown", "json"])]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) verdicts: Verdicts,
}

/// The extent of a gate.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub(crate) enum Extent {
    /// The quantities that repeat on any machine
    #[default]
    Repeatable,
    /// Absolute times as well
    Times,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Health {
    /// The server, such as <http://127.0.0.1:8080>
    #[arg(default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub(crate) url: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Scenarios {
    /// Folder to look in [default: the scenarios that come with the program]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Copy the scenarios, header profiles and claims that come with the program into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["folder", "json", "schema"])]
    pub(crate) export: Option<PathBuf>,
    /// Replace files in the folder of --export that differ
    #[arg(long, requires = "export")]
    pub(crate) overwrite: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the JSON schema of scenario files, by which editors complete and check keys
    #[arg(long, conflicts_with_all = ["json", "folder"])]
    pub(crate) schema: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that what is started without a word about addresses can be reached from this machine
    /// alone; a class comes from others.
    #[test]
    fn only_a_classroom_is_open_unless_it_is_asked_for() {
        let listens = |words: &[&str]| {
            let parsed = Args::try_parse_from([&["wirebench"], words].concat());
            match parsed.expect("right words").command {
                Command::Serve(options) => options.listen,
                Command::Link(options) => options.listen,
                Command::Classroom(options) => options.listen,
                other => panic!("{other:?}"),
            }
        };
        assert!(listens(&["serve"]).ip().is_loopback());
        assert!(listens(&["link", "--to", "127.0.0.1:1"]).ip().is_loopback());
        assert!(!listens(&["classroom"]).ip().is_loopback());
        assert!(
            !listens(&["serve", "--listen", "0.0.0.0:1"])
                .ip()
                .is_loopback()
        );
    }
}
