//! `manifest.json`: what was run, where, and how it ended.

use std::{
    collections::BTreeMap,
    fs,
    ops::{Deref, DerefMut},
    path::Path,
    time::SystemTime,
};

use anyhow::{Context, ensure};
use results::manifest::{self, Clock, Ended, FORMAT, Hygiene, Sitting};
use serde::{Serialize, de::IgnoredAny};
use swarm::{Grain, plan::Plan};
use wire::Compression;

use crate::{
    calibration::{self, Calibration},
    folder,
    interrupt::Interrupt,
    machine, redis_url,
    request::Request,
    system, validity,
};

/// The method by which the ledger assigns purposes if the server implements this project's
/// contract.
const BY_EVENT: &str = "by the path that is asked for and the kind of each event";

/// The path between client and server if `--target` or `[target]` gives the server.
const GIVEN: &str = "as given by --target or [target]";

/// The path between client and server if this program starts the server.
const LOOPBACK: &str = "loopback; the scenario says whether a link lies in between";

/// The method by which the ledger assigns purposes if the server does not implement this project's
/// contract.
const BY_REQUEST: &str = "by the transport alone, for [target] describes a contract of its own: whatever \
     comes down a stream or WebSocket, or fills a poll's answer, counts as a delivery; joins, \
     acknowledgements and greetings cannot be told from it";

/// A manifest that is being written, with the types of the command that measures.
#[derive(Debug)]
pub(crate) struct Manifest<S> {
    kept: manifest::Manifest<S, Request, Plan>,
    /// The calibrations of this call; an hour later the machine may behave differently.
    own: Vec<Calibration>,
}

impl<S> Deref for Manifest<S> {
    type Target = manifest::Manifest<S, Request, Plan>;

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl<S> DerefMut for Manifest<S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kept
    }
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Returns whether the events of these runs are compressed; `None` if only those of some are.
fn compression(plans: &[Plan]) -> Option<bool> {
    let is_packed = |plan: &Plan| plan.variant.compression() != Compression::None;
    let packed = plans.iter().filter(|plan| is_packed(plan)).count();
    (packed == 0 || packed == plans.len()).then_some(packed > 0)
}

impl<S: Serialize> Manifest<S> {
    /// Makes a manifest of runs that are about to begin.
    pub(crate) fn new(scenario: S, plans: Vec<Plan>, request: Option<Request>) -> Self {
        let given = request
            .as_ref()
            .is_some_and(|request| request.target.is_some());
        let foreign = plans.iter().any(|plan| plan.foreign.is_some());
        let kept = manifest::Manifest {
            format: FORMAT,
            wirebench: env!("CARGO_PKG_VERSION").to_owned(),
            started: now(),
            resumed: Vec::new(),
            ended: Ended::Running,
            command: std::env::args_os()
                .skip(1)
                .map(|argument| redis_url::without_password(&argument.to_string_lossy()))
                .collect(),
            sittings: Vec::new(),
            path: Some(if given { GIVEN } else { LOOPBACK }.to_owned()),
            hygiene: Hygiene {
                tcp_nodelay: Some(true),
                compression: compression(&plans),
                tls: Some(false),
                server_per_run: Some(if given { "one for all" } else { "fresh" }.to_owned()),
                purposes: Some(if foreign { BY_REQUEST } else { BY_EVENT }.to_owned()),
                limits: Some(validity::limits()),
                others: manifest::Others::new(),
            },
            request,
            machine: machine::describe(),
            clock: Grain::measure().map(|grain| Clock {
                step_ns: Some(grain.step_ns),
                reading_ns: Some(grain.reading_ns),
            }),
            scenario,
            calibrations: Vec::new(),
            plans,
            merged: None,
            proxies: BTreeMap::new(),
            redis: None,
            shards: Vec::new(),
            others: manifest::Others::new(),
        };
        Self {
            kept,
            own: Vec::new(),
        }
    }

    /// Calibrates for `plan` if its shape is new. Returns a line to print if so.
    pub(crate) fn calibrate(
        &mut self,
        plan: &Plan,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Option<String>> {
        let told = calibration::calibrate_once(&mut self.own, plan, interrupt)?;
        if let (Some(_), Some(new)) = (&told, self.own.last()) {
            self.kept.calibrations.push(new.kept()?);
        }
        Ok(told)
    }

    /// Keeps what the manifest in `folder` says of the calls before this one.
    pub(crate) fn goes_on(&mut self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join(manifest::FILE);
        let before: manifest::Manifest<IgnoredAny, IgnoredAny, IgnoredAny> =
            manifest::read_as(folder).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(
            !before.started.is_empty(),
            "{} is not a run's",
            file.display()
        );
        (self.started, self.command) = (before.started, before.command);
        self.calibrations = before.calibrations;
        self.sittings = before.sittings;
        if self.sittings.is_empty() {
            // Earlier versions tell only when they began.
            let began = [&self.started].into_iter().chain(&before.resumed);
            let sittings = (1..)
                .zip(began)
                .map(|(number, began)| Sitting {
                    number,
                    began: began.clone(),
                    load_average: Vec::new(),
                    machine: None,
                })
                .collect();
            self.sittings = sittings;
        }
        self.resumed = before.resumed;
        self.resumed.push(now());
        Ok(())
    }

    /// Begins a sitting, and returns its number: one more than the last.
    pub(crate) fn begin_sitting(&mut self) -> u32 {
        let number = self.sittings.last().map_or(0, |last| last.number) + 1;
        let machine = Some(self.machine.clone());
        self.sittings.push(Sitting {
            number,
            began: now(),
            load_average: system::load_average(),
            machine,
        });
        number
    }

    /// Returns the resolution of the clock in a line to print.
    pub(crate) fn clock(&self) -> Option<String> {
        let (step_ns, reading_ns) = (self.clock?.step_ns?, self.clock?.reading_ns?);
        Some(format!(
            "clock: monotonic, in steps of {step_ns} ns; a reading takes {reading_ns} ns"
        ))
    }

    /// Records how the session ended.
    pub(crate) fn ended(&mut self, how: Ended) {
        self.ended = how;
    }

    /// Writes it into `folder`; by way of a second file, so that a reader never
    /// finds half of it.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        folder::replace(&folder.join(manifest::FILE), |draft| {
            Ok(fs::write(draft, serde_json::to_vec_pretty(&self.kept)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Makes a folder with a manifest as it is written, and runs beside it.
    fn folder(target: Option<&str>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let mut request = Request::new(Path::new("x.toml"), &[], &[]);
        request.target = target.map(str::to_owned);
        let scenario = json!({ "name": "x", "cells": [] });
        let mut manifest = Manifest::new(scenario, Vec::new(), Some(request));
        manifest.ended(Ended::Complete);
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

    #[test]
    fn a_compression_of_some_runs_is_neither_of_all_nor_of_none() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/quick.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let mut plans = study.plans();
        assert_eq!(compression(&plans), Some(false));
        let packed = plans[0].variant.clone().compressed(Compression::Gzip);
        plans[0].variant = packed;
        assert_eq!(compression(&plans), None);
        assert_eq!(compression(&plans[..1]), Some(true));
    }

    /// Checks that the settings which a run writes are those which the reader's types name.
    #[test]
    fn the_stall_that_a_run_writes_is_the_one_that_is_read() {
        let text = r#"
            name = "x"
            question = "?"
            server.stall = { after = "3s", for = "1400ms" }
            [swarm]
            clients = 1
            [[transport]]
            kind = "websocket"
        "#;
        let study = scenario::Study::from_text("x.toml", text, &[]).expect("a scenario");
        let folder = tempfile::tempdir().expect("a folder");
        let written = Manifest::new(study, Vec::new(), None);
        written.write(folder.path()).expect("written");
        let read = manifest::read(folder.path()).expect("a manifest");
        let server = read.scenario.cells[0].scenario.server.as_ref();
        let stall = server.and_then(|server| server.stall.as_ref());
        let length = stall
            .and_then(|stall| stall.length.clone())
            .expect("a length");
        let length = humantime::parse_duration(&length).expect("a time");
        assert_eq!(length, std::time::Duration::from_millis(1400));
    }

    /// Checks that the page and `compare` read the keys that are written here.
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
