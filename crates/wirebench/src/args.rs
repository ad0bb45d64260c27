//! The definition of the command-line interface. It is the only module that derives clap's traits.

mod capacity;
mod claims;
mod lab;
mod lessons;
mod limits;
mod link;
mod proxies;
mod store;
mod tls;
mod trace;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::only::Only;

pub(crate) use self::{
    capacity::Capacity,
    claims::Claims,
    lab::Lab,
    lessons::Lessons,
    limits::{ClassLimits, Limits, ServeLimits},
    link::Link,
    proxies::{Keep, Known, Proxies},
    store::ServeStore,
    tls::{ServeTls, TargetTls},
    trace::Trace,
};

/// One chat over short polling, long polling, HTTP streaming and WebSocket,
/// and what each of them costs.
#[derive(Debug, Parser)]
#[command(name = "wirebench", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the chat, for curl, a browser or any client
    Serve(Serve),
    /// Open a classroom: the chat over every transport side by side, with the wire in view
    Classroom(Classroom),
    /// Run a scenario: drive a swarm over each transport, leave CSV files and charts
    Run(Run),
    /// Search how many clients, or how high a rate, each transport of a scenario holds
    Capacity(Capacity),
    /// Draw the charts of a run again, from its CSV files alone
    Plot(Plot),
    /// Write one page from a run: the answer, tables, charts, every setting
    Report(Report),
    /// Put two runs side by side: what was changed, and what it changed beyond the noise
    Compare(Compare),
    /// Put published claims to the test: published, predicted and measured side by side
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
    /// Do a lesson: predict, measure, compare, and get a page to hand in
    Lab(Lab),
    /// List the lessons, or write them as a site for a room without a network
    Lessons(Lessons),
    /// List the scenarios, each with its question
    Scenarios(Scenarios),
    /// Print a completion script for a shell
    Completions {
        /// The shell that the script is for
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Threads that serve; 0 takes as many as there are processors
    #[arg(long, default_value = "0", value_parser = value::threads, value_name = "N")]
    pub(crate) threads: usize,
    /// Events that a room's log keeps
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) log: usize,
    /// Longest text of a draft, in bytes
    #[arg(long, default_value_t = 65_536, value_name = "BYTES")]
    pub(crate) text_limit: usize,
    /// Longest time a long poll may be held, such as 120s
    #[arg(long, default_value = "120s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) hold_cap: Duration,
    /// Silence after which a stream or WebSocket gets a heartbeat
    #[arg(long, default_value = "25s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) heartbeat: Duration,
    /// Give each event a write of its own, even where several wait for a reader
    #[arg(long)]
    pub(crate) no_coalesce: bool,
    /// Pages from this origin may join and listen too (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Also answer /echo: WebSocket messages come back as they were
    #[arg(long)]
    pub(crate) echo: bool,
    /// Also let in WebSockets of 2010 (hixie-76), whose handshake has two keys and eight bytes
    #[arg(long)]
    pub(crate) museum: bool,
    /// Compress for clients that ask for it: polls and streams by Accept-Encoding, WebSockets by
    /// permessage-deflate, with an event compressed once for all or in a context of each reader
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "shared", value_name = "HOW")]
    pub(crate) compress: Option<Compress>,
    /// Language in which pages begin
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Form of the lines on standard error about what the server lacks
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
    /// Also answer /metrics (OpenMetrics), and count connections, bytes and refusals for it; the
    /// chat is then served alone, without lanes and lessons
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) metrics: bool,
    /// Account for every byte that crosses the sockets, and write it here (JSON) at the end;
    /// the chat is then served alone, without lanes and lessons
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) shares: ServeLimits,
    #[command(flatten)]
    pub(crate) tls: ServeTls,
    #[command(flatten)]
    pub(crate) store: ServeStore,
    /// Stop when standard input closes, and serve the chat alone: how `run` makes sure that its
    /// server ends with it and does nothing else
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Classroom {
    /// Address to listen on; the lanes take the ports behind it, where they are free
    #[arg(long, default_value = "0.0.0.0:8080", value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The network between each lane and the server, such as delay=100ms
    #[arg(long, default_value = "", hide_default_value = true, value_parser = ::link::settings_from, value_name = "SETTINGS")]
    pub(crate) link: ::link::Settings,
    /// Language in which pages begin
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// The class's room
    #[arg(long, default_value = "hall", value_name = "ROOM")]
    pub(crate) room: String,
    /// People that the room takes
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub(crate) people: usize,
    /// Messages a second that one person may say
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) per_second: u32,
    /// Pages from this origin may join and listen too (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) shares: ClassLimits,
    #[command(flatten)]
    pub(crate) tls: ServeTls,
}

/// The state that WebSockets with permessage-deflate share.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Compress {
    /// Each event is compressed once, for all WebSockets
    Shared,
    /// Each WebSocket keeps a context of its own, if its client lets it
    Context,
}

/// The form of a line about what a server lacks.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// A sentence
    Text,
    /// An object with time, level, topic and message
    Json,
}

/// A language of pages.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// 中文
    Zh,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// A scenario file, such as scenarios/quick.toml
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
    /// Folder for the results [default: results/run-SCENARIO-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Only these transports, such as `websocket,long_poll`; `sse` and `ndjson` name streams
    #[arg(long, value_delimiter = ',', value_name = "TRANSPORTS")]
    pub(crate) only: Vec<Only>,
    /// Another value for a key, such as swarm.clients=500 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print the table, and the objectives and how they fared, as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print nothing but the folder and what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Plot {
    /// A results folder
    #[arg(value_name = "RUN")]
    pub(crate) folder: PathBuf,
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
}

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Compare {
    /// The results folder from before
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The results folder from after
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// Exit with code 3 if anything became worse, or if that cannot be told
    #[arg(long)]
    pub(crate) gate: bool,
    /// Folder for overlaid charts and the comparison as files
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print Markdown, with every figure
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print a line for each figure as CSV
    #[arg(long, conflicts_with_all = ["markdown", "json"])]
    pub(crate) csv: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Scenarios {
    /// Folder to look in
    #[arg(long, default_value = "scenarios", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the JSON schema of scenario files, by which editors complete and check keys
    #[arg(long, conflicts_with_all = ["json", "folder"])]
    pub(crate) schema: bool,
}
