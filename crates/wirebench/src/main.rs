//! `wirebench`: one chat over four transports, and what each of them costs.
//!
//! Glue only: [`args`] says what can be asked, then there is one file per
//! command. [`child`] runs the server as a process of its own, [`rows`] turns
//! what the swarm noticed into what `report` stores.

mod args;
mod capacity;
mod certificates;
mod child;
mod claims;
mod classroom;
mod compare;
mod completions;
mod edges;
mod failure;
mod floor;
mod folder;
mod histograms;
mod interrupt;
mod keep;
mod lab;
mod ledger;
mod lessons;
mod link;
mod machine;
mod manifest;
mod measure;
mod objectives;
mod only;
mod outage;
mod own_store;
mod path_text;
mod plot;
mod progress;
mod proxies;
mod proxy;
mod render;
mod report;
mod request;
mod resume;
mod route;
mod rows;
mod run;
mod scenarios;
mod serve;
mod session;
mod stall;
mod stop;
mod switches;
mod trace;
mod validity;
mod waiting;
mod watched;

use std::process::ExitCode;

use clap::Parser;

/// The exit code if something was lost or a run is not valid.
const NOT_VALID: u8 = 3;
/// The exit code after Ctrl-C, as in shells; the same after SIGTERM and SIGHUP.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let result = match args::Args::parse().command {
        args::Command::Serve(options) => serve::serve(&options),
        args::Command::Classroom(options) => classroom::classroom(options),
        args::Command::Run(options) => run::run(&options),
        args::Command::Capacity(options) => capacity::capacity(&options),
        args::Command::Plot(options) => plot::plot(&options),
        args::Command::Report(options) => report::report(&options),
        args::Command::Compare(options) => compare::compare(&options),
        args::Command::Claims(options) => claims::claims(&options),
        args::Command::Link(options) => link::carry(&options),
        args::Command::Proxies(options) => proxies::proxies(&options),
        args::Command::Keep(options) => keep::keep(&options),
        args::Command::Trace(options) => trace::trace(&options),
        args::Command::Lab(options) => lab::lab(&options),
        args::Command::Lessons(options) => lessons::lessons(&options),
        args::Command::Scenarios(options) => scenarios::list(&options),
        args::Command::Completions { shell } => completions::print(shell),
    };
    match result {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::NotValid) => ExitCode::from(NOT_VALID),
        Ok(Ended::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) if failure::is_nobody_reading(&error) => ExitCode::from(failure::NOBODY_READS),
        Err(error) => {
            progress::say(&format!("error: {}", failure::told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// The outcome of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The command completed.
    Well,
    /// The command ran, and at least one run is not valid.
    NotValid,
    /// Ctrl-C ended it; what was measured is kept.
    Interrupted,
}
