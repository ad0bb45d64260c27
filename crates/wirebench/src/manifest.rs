//! `manifest.json`: what was run, where, and how it ended.

use std::{fs, path::Path, time::SystemTime};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use swarm::{Grain, plan::Plan};

use crate::{
    floor::{self, Calibration},
    folder,
    honesty::Limits,
    machine::{self, Machine},
    request::Request,
};

/// Version of the files in a results folder.
const FORMAT: u32 = 1;

/// How the ledger knows purposes where the server keeps our contract.
const BY_EVENT: &str = "by the path that is asked for and the kind of each event";

/// And where it does not.
const BY_REQUEST: &str = "by the transport alone, for [target] describes a contract of its own: whatever \
     comes down a stream or WebSocket, or fills a poll's answer, counts as a delivery; joins, \
     acknowledgements and greetings cannot be told from it";

/// Everything one must know to read, believe and repeat a run.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest<S> {
    format: u32,
    wirebench: &'static str,
    started: String,
    /// When `--resume` went on with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resumed: Vec<String>,
    /// `running` until the end; whoever finds that in a finished folder knows
    /// that the program was killed.
    ended: &'static str,
    command: Vec<String>,
    /// The starts of the program that added runs, from the first.
    sittings: Vec<Sitting>,
    /// What was asked for; `--resume` asks for it again.
    request: Option<Request>,
    machine: Machine,
    /// How fine the clock is that latencies are taken from; measured at the start.
    clock: Option<Grain>,
    path: &'static str,
    hygiene: Hygiene,
    /// The scenario as resolved: every value that has an effect.
    pub(crate) scenario: S,
    /// What the generator comes to against a server that does nothing; those of
    /// calls before this one first.
    calibrations: Vec<Value>,
    /// Those of this call: an hour later the machine may be another.
    #[serde(skip)]
    own: Vec<Calibration>,
    /// The runs, in the order in which they were made.
    pub(crate) plans: Vec<Plan>,
}

/// One start of the program that added runs: when, and on what machine in what state.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sitting {
    /// Its number, from 1, as in the column `sitting`.
    #[serde(rename = "sitting")]
    number: u32,
    began: String,
    /// Load averages over 1, 5 and 15 minutes when it began (`/proc/loadavg`).
    #[serde(default)]
    load_average: Vec<f64>,
    #[serde(default)]
    machine: Value,
}

/// What is the same for all transports, so that none is favoured.
#[derive(Debug, Serialize)]
struct Hygiene {
    tcp_nodelay: bool,
    compression: bool,
    tls: bool,
    server_per_run: &'static str,
    /// How the ledger knows what bytes are for.
    purposes: &'static str,
    /// Beyond these the generator may not be believed.
    limits: Limits,
}

/// What a call leaves to the one that goes on with it.
#[derive(Debug, Deserialize)]
struct Before {
    started: String,
    command: Vec<String>,
    #[serde(default)]
    resumed: Vec<String>,
    #[serde(default)]
    calibrations: Vec<Value>,
    /// None in a manifest of an earlier version.
    #[serde(default)]
    sittings: Vec<Sitting>,
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

impl<S: Serialize> Manifest<S> {
    /// A manifest of runs that are about to begin.
    pub(crate) fn new(scenario: S, plans: Vec<Plan>, request: Option<Request>) -> Self {
        let given = request
            .as_ref()
            .is_some_and(|request| request.target.is_some());
        let foreign = plans.iter().any(|plan| plan.foreign.is_some());
        Self {
            format: FORMAT,
            wirebench: env!("CARGO_PKG_VERSION"),
            started: now(),
            resumed: Vec::new(),
            ended: "running",
            command: std::env::args_os()
                .skip(1)
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
            sittings: Vec::new(),
            path: if given {
                "as given by --target or [target]"
            } else {
                "loopback; the scenario says whether a link lies in between"
            },
            hygiene: Hygiene {
                tcp_nodelay: true,
                compression: false,
                tls: false,
                server_per_run: if given { "one for all" } else { "fresh" },
                purposes: if foreign { BY_REQUEST } else { BY_EVENT },
                limits: Limits::stated(),
            },
            request,
            machine: Machine::look(),
            clock: Grain::measure(),
            scenario,
            calibrations: Vec::new(),
            own: Vec::new(),
            plans,
        }
    }

    /// Calibrates for `plan` if its shape is a new one; a line to print if so.
    pub(crate) fn calibrate(&mut self, plan: &Plan) -> anyhow::Result<Option<String>> {
        let told = floor::look(&mut self.own, plan)?;
        if let (Some(_), Some(new)) = (&told, self.own.last()) {
            self.calibrations.push(serde_json::to_value(new)?);
        }
        Ok(told)
    }

    /// Keeps what the manifest in `folder` says of the calls before this one.
    pub(crate) fn goes_on(&mut self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join("manifest.json");
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let before: Before = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not a run's", file.display()))?;
        (self.started, self.command) = (before.started, before.command);
        self.calibrations = before.calibrations;
        self.sittings = before.sittings;
        if self.sittings.is_empty() {
            // Earlier versions tell only when they began.
            let began = [&self.started].into_iter().chain(&before.resumed);
            self.sittings = (1..)
                .zip(began)
                .map(|(number, began)| Sitting {
                    number,
                    began: began.clone(),
                    load_average: Vec::new(),
                    machine: Value::Null,
                })
                .collect();
        }
        self.resumed = before.resumed;
        self.resumed.push(now());
        Ok(())
    }

    /// Begins a sitting, and returns its number: one more than the last.
    pub(crate) fn begin_sitting(&mut self) -> anyhow::Result<u32> {
        let number = self.sittings.last().map_or(0, |last| last.number) + 1;
        self.sittings.push(Sitting {
            number,
            began: now(),
            load_average: machine::load_average(),
            machine: serde_json::to_value(&self.machine)?,
        });
        Ok(number)
    }

    /// How fine the clock is, in a line to print.
    pub(crate) fn clock(&self) -> Option<String> {
        let Grain {
            step_ns,
            reading_ns,
        } = self.clock?;
        Some(format!(
            "clock: monotonic, in steps of {step_ns} ns; a reading takes {reading_ns} ns"
        ))
    }

    /// How it ended, now that it has.
    pub(crate) fn ended(&mut self, how: &'static str) {
        self.ended = how;
    }

    /// Writes it into `folder`; by way of a second file, so that a reader never
    /// finds half of it.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        folder::replace(&folder.join("manifest.json"), |draft| {
            Ok(fs::write(draft, serde_json::to_vec_pretty(self)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A folder with a manifest as it is written, and runs beside it.
    fn folder(target: Option<&str>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = Request::new(Path::new("x.toml"), &[], &[]);
        request.target = target.map(str::to_owned);
        let scenario = json!({ "name": "x", "cells": [] });
        let mut manifest = Manifest::new(scenario, Vec::new(), Some(request));
        manifest.ended("complete");
        manifest.write(folder.path()).expect("written");
        let fixture = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../results/tests/fixture/one_cell"
        );
        for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
            let from = Path::new(fixture).join(file);
            fs::copy(from, folder.path().join(file)).expect("copied");
        }
        folder
    }

    /// The page and `compare` read the keys that are written here.
    #[test]
    fn what_is_written_is_what_is_read() {
        let (fresh, given) = (folder(None), folder(Some("http://127.0.0.1:1")));
        let told = "One server served all runs.";
        let page = |folder: &Path| report::html::page(folder, None).expect("a page");
        assert!(page(given.path()).contains(told));
        assert!(!page(fresh.path()).contains(told));
        let keys = |one: &Path, other: &Path| -> Vec<String> {
            let [before, after] = report::compare::Side::open(one, other).expect("sides");
            let compared = report::compare::compare(&before, &after).expect("comparable");
            let keys = compared.changes.into_iter().map(|change| change.key);
            keys.collect()
        };
        // The clock was measured anew, and the command was another.
        let again = folder(None);
        assert_eq!(keys(fresh.path(), again.path()), Vec::<String>::new());
        let changed = keys(fresh.path(), given.path());
        let expected = ["hygiene.server_per_run", "path", "request.target"];
        assert_eq!(changed, expected);
    }
}
