//! `wirebench`: one chat over four transports, and what each of them costs.
//!
//! Glue only: [`args`] says what can be asked, then there is one file per
//! command. [`child`] runs the server as a process of its own, [`rows`] turns
//! what the swarm noticed into what `report` stores.

mod advise;
mod args;
mod broker;
mod calibration;
mod capacity;
mod certificates;
mod child;
#[cfg(feature = "claims")]
mod claims;
#[cfg(feature = "classroom")]
mod classroom;
mod compare;
mod completions;
mod dissect;
mod edges;
mod exit;
mod external_services;
mod failure;
mod folder;
mod generator;
mod health;
mod histograms;
mod interrupt;
mod keep;
#[cfg(feature = "classroom")]
mod lab;
mod ledger;
#[cfg(feature = "classroom")]
mod lessons;
mod link;
mod log_lines;
mod machine;
mod manifest;
mod manual;
mod measure;
mod merge;
mod nodes;
mod objectives;
mod only;
mod others;
mod outage;
mod output;
mod own_store;
mod path_text;
mod plot;
mod port;
mod process_tree;
mod processes;
mod progress;
mod proxies;
mod proxy;
mod redis_url;
mod render;
mod report;
mod request;
mod resume;
mod route;
mod rows;
mod run;
mod scenarios;
mod serve;
mod server_bytes;
mod session;
mod shard;
mod shell;
mod silence;
mod stall;
mod stop;
mod switches;
mod system;
mod trace;
mod validity;
mod verdicts;
mod waiting;

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

use clap::Parser;

use exit::Exit;

fn main() -> ExitCode {
    let asked = match args::Args::try_parse() {
        Ok(asked) => asked,
        Err(told) => return args::end_with(&told),
    };
    progress::speak(asked.command.lang().into());
    if let Err(why) = output::check() {
        return end(Err(why.into()));
    }
    let result = match asked.command {
        args::Command::Serve(options) => serve::serve(&options),
        #[cfg(feature = "classroom")]
        args::Command::Classroom(options) => classroom::classroom(options),
        args::Command::Run(options) => run::run(&options),
        args::Command::Merge(options) => merge::merge(&options),
        args::Command::Swarm => processes::child::swarm(),
        args::Command::Capacity(options) => capacity::capacity(&options),
        args::Command::Advise(options) => advise::advise(&options),
        args::Command::Plot(options) => plot::plot(&options),
        args::Command::Report(options) => report::report(&options),
        args::Command::Compare(options) => compare::compare(&options),
        #[cfg(feature = "claims")]
        args::Command::Claims(options) => claims::claims(&options),
        args::Command::Link(options) => link::carry(&options),
        args::Command::Proxies(options) => proxies::proxies(&options),
        args::Command::Keep(options) => keep::keep(&options),
        args::Command::Trace(options) => trace::trace(&options),
        args::Command::Dissect(options) => dissect::dissect(&options),
        #[cfg(feature = "classroom")]
        args::Command::Lab(options) => lab::lab(&options),
        #[cfg(feature = "classroom")]
        args::Command::Lessons(options) => lessons::lessons(&options),
        args::Command::Scenarios(options) => scenarios::list(&options),
        args::Command::Completions { shell } => completions::print(shell),
        args::Command::Man { folder } => manual::write(&folder),
        args::Command::Health(options) => health::ask(&options),
    };
    end(result.and_then(printed))
}

/// Writes what standard output has kept back because it is no whole line. A reader that left is no
/// failure here: a server prints where it listens, and whoever started it need not read on.
fn printed(ended: Ended) -> anyhow::Result<Ended> {
    match output::stdout().flush() {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(why.into()),
        _ => Ok(ended),
    }
}

/// Returns the exit code of a command, and tells why it failed if it did.
fn end(result: anyhow::Result<Ended>) -> ExitCode {
    match result {
        Ok(Ended::Well) => Exit::Well.into(),
        Ok(Ended::NotValid) => Exit::NotPassed.into(),
        Ok(Ended::Interrupted) => Exit::Interrupted.into(),
        Err(error) => {
            let printing = output::failure(&error);
            if printing == Some(ErrorKind::BrokenPipe) {
                return Exit::NobodyReads.into();
            }
            progress::say(&format!("error: {}", failure::told(&error)));
            printing.map_or(Exit::Failed, |_| Exit::NotPrinted).into()
        }
    }
}

/// The outcome of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The command completed.
    Well,
    /// The command ran, and what came out is not valid, not complete or not good enough.
    NotValid,
    /// Ctrl-C ended it; what was measured is kept.
    Interrupted,
}
