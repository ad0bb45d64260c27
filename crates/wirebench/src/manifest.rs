//! `manifest.json`: what was run, where, and how it ended.

use std::{fs, path::Path, time::SystemTime};

use anyhow::Context;
use serde::Serialize;
use swarm::plan::Plan;

use crate::{machine::Machine, rows::LATENESS_LIMIT};

/// Version of the files in a results folder.
const FORMAT: u32 = 1;

/// Everything one must know to read, believe and repeat a run.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest<S> {
    format: u32,
    wirebench: &'static str,
    started: String,
    /// `running` until the end; whoever finds that in a finished folder knows
    /// that the program was killed.
    ended: &'static str,
    command: Vec<String>,
    target: Option<String>,
    machine: Machine,
    path: &'static str,
    hygiene: Hygiene,
    /// The scenario as resolved: every value that has an effect.
    scenario: S,
    /// The runs, in the order in which they were made.
    plans: Vec<Plan>,
}

/// What is the same for all transports, so that none is favoured.
#[derive(Debug, Serialize)]
struct Hygiene {
    tcp_nodelay: bool,
    compression: bool,
    tls: bool,
    server_per_run: &'static str,
    lateness_limit_us: u128,
}

impl<S: Serialize> Manifest<S> {
    /// A manifest of runs that are about to begin.
    pub(crate) fn new(scenario: S, plans: Vec<Plan>, target: Option<String>) -> Self {
        Self {
            format: FORMAT,
            wirebench: env!("CARGO_PKG_VERSION"),
            started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            ended: "running",
            command: std::env::args().skip(1).collect(),
            path: if target.is_some() {
                "as given by --target"
            } else {
                "loopback, no link in between"
            },
            hygiene: Hygiene {
                tcp_nodelay: true,
                compression: false,
                tls: false,
                server_per_run: if target.is_some() {
                    "one for all"
                } else {
                    "fresh"
                },
                lateness_limit_us: LATENESS_LIMIT.as_micros(),
            },
            target,
            machine: Machine::look(),
            scenario,
            plans,
        }
    }

    /// How it ended, now that it has.
    pub(crate) fn ended(&mut self, how: &'static str) {
        self.ended = how;
    }

    /// Writes it into `folder`; by way of a second file, so that a reader never
    /// finds half of it.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join("manifest.json");
        let draft = folder.join("manifest.json.part");
        fs::write(&draft, serde_json::to_vec_pretty(self)?)
            .and_then(|()| fs::rename(&draft, &file))
            .with_context(|| format!("cannot write {}", file.display()))
    }
}
