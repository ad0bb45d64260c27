//! What can be asked on the command line. Nothing else knows clap.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand};

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
    /// Serve the chat alone, for curl, a browser or any client
    Serve(Serve),
    /// Run a scenario: drive a swarm over each transport, leave CSV files and charts
    Run(Run),
    /// Draw the charts of a run again, from its CSV files alone
    Plot(Plot),
    /// Put a network in user space between clients and a server: delay, rate, stalls
    Link(Link),
    /// List the scenarios, each with its question
    Scenarios(Scenarios),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Threads that serve; 0 takes as many as there are processors
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// Events that a room's log keeps
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) log: usize,
    /// Longest text of a draft, in bytes
    #[arg(long, default_value_t = 65_536, value_name = "BYTES")]
    pub(crate) text_limit: usize,
    /// Longest time a long poll may be held, such as 120s
    #[arg(long, default_value = "120s", value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) hold_cap: Duration,
    /// Silence after which a stream or WebSocket gets a heartbeat
    #[arg(long, default_value = "25s", value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) heartbeat: Duration,
    /// Pages from this origin may join and listen too (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Also answer /echo: WebSocket messages come back as they were
    #[arg(long)]
    pub(crate) echo: bool,
    /// Stop when standard input closes: how `run` makes sure that its server ends with it
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// A scenario file, such as scenarios/quick.toml
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,
    /// Drive a server that runs already instead of starting one for each run
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// Folder for the results [default: results/run-SCENARIO-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Only these transports, such as `websocket,long_poll`
    #[arg(long, value_delimiter = ',', value_name = "TRANSPORTS")]
    pub(crate) only: Vec<wire::Transport>,
    /// Another value for a key, such as swarm.clients=500 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print nothing but the folder and what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Plot {
    /// A results folder
    #[arg(value_name = "RUN")]
    pub(crate) folder: PathBuf,
    /// Print the table in Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print nothing but what went wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Scenarios {
    /// Folder to look in
    #[arg(long, default_value = "scenarios", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Link {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Address to carry the bytes to
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: SocketAddr,
    /// One-way delay, each direction, such as 50ms
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) delay: Duration,
    /// How far a byte's delay may lie from it; order is kept
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) jitter: Duration,
    /// Bits a second, each direction of each connection, such as 2mbit
    #[arg(long, value_name = "RATE")]
    pub(crate) rate: Option<link::Rate>,
    /// How often nothing moves, and for how long, such as 10s,1400ms
    #[arg(long, value_name = "EVERY,TIME")]
    pub(crate) stall_every: Option<link::Stall>,
    /// Age at which a connection is reset
    #[arg(long, value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) reset_after: Option<Duration>,
    /// Silence after which a connection is closed, as proxies do at 60s
    #[arg(long, value_parser = humantime::parse_duration, value_name = "TIME")]
    pub(crate) idle_cut: Option<Duration>,
    /// What a proxy keeps back of a response: bytes such as 4KiB, or all of it (response)
    #[arg(long, default_value = "none", value_name = "SIZE")]
    pub(crate) buffer: link::Buffering,
    /// Charge each new connection its round trip
    #[arg(long)]
    pub(crate) connect_rtt: bool,
    /// Where jitter's dice begin
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Stop when standard input closes: how `run` makes sure that its link ends with it
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}
