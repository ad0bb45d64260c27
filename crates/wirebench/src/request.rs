//! A command's request, as a manifest keeps it so that it can be repeated.

use std::path::{Path, PathBuf};

use anyhow::bail;
use scenario::{Doubts, Grow};
use serde::{Deserialize, Serialize};
use swarm::Part;

use crate::{only::Only, path_text};

/// A command that measures a scenario, as it was typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The scenario's file, as it was typed: a manifest may be published, so it
    /// holds no path of one machine.
    #[serde(with = "path_text")]
    pub(crate) scenario: PathBuf,
    /// The depth of the results below the folder in which the command was typed, in folders; `None`
    /// if they are not below it. With it, `--resume` finds the scenario from any working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) below: Option<usize>,
    /// The scenario's file as `--resume` found it.
    #[serde(skip)]
    pub(crate) found: Option<PathBuf>,
    /// The `--set`s.
    pub(crate) overrides: Vec<String>,
    /// The `--only`.
    pub(crate) only: Vec<Only>,
    /// The `--target`.
    pub(crate) target: Option<String>,
    /// The settings of a search; `None` for a plain run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capacity: Option<SearchSettings>,
    /// The `--target-pid`s.
    #[serde(default)]
    pub(crate) target_pids: Vec<u32>,
    /// The `--ca`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca: Option<Typed>,
    /// True if `--insecure` was there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) insecure: bool,
    /// The `--redis`, without its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redis: Option<String>,
    /// The `--shard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<Part>,
    /// The `--clock-error`, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clock_error_us: Option<u64>,
    /// The `--processes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) processes: Option<u16>,
}

/// A path, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Typed(#[serde(with = "path_text")] pub(crate) PathBuf);

/// The settings of a search, resolved from the command line and the scenario's `[capacity]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SearchSettings {
    /// The condition as written.
    pub(crate) until: String,
    /// The key that grows.
    pub(crate) grow: Grow,
    /// The first load.
    pub(crate) from: f64,
    /// The largest load, whether given or derived.
    pub(crate) most: f64,
    /// The reason for the largest load, for a user whose search reaches it.
    pub(crate) most_because: String,
    /// The distance between two loads, where the load grows in steps.
    pub(crate) step: Option<f64>,
    /// The resolution, in percent.
    pub(crate) resolution: f64,
    /// Runs of each load.
    pub(crate) repeats: usize,
    /// The treatment of a load at which the generator's figures are in doubt.
    pub(crate) doubts: Doubts,
}

impl Request {
    /// Makes a request to run a scenario with these `--set`s and `--only`s.
    pub(crate) fn new(scenario: &Path, overrides: &[String], only: &[Only]) -> Self {
        Self {
            scenario: scenario.to_owned(),
            below: None,
            found: None,
            overrides: overrides.to_vec(),
            only: only.to_vec(),
            target: None,
            capacity: None,
            target_pids: Vec::new(),
            ca: None,
            insecure: false,
            redis: None,
            shard: None,
            clock_error_us: None,
            processes: None,
        }
    }

    /// Returns whose certificates the target may show.
    pub(crate) fn trust(&self) -> tls::Trust {
        match &self.ca {
            _ if self.insecure => tls::Trust::Anybody,
            Some(Typed(file)) => tls::Trust::Authorities(file.clone()),
            None => tls::Trust::System,
        }
    }

    /// Returns the file to read the scenario from.
    pub(crate) fn file(&self) -> &Path {
        self.found.as_deref().unwrap_or(&self.scenario)
    }

    /// Notes how far `folder` is below the working folder.
    pub(crate) fn made_in(&mut self, folder: &Path) {
        self.below = depth(folder, &self.scenario);
    }

    /// Looks for the scenario from the results folder, then from here.
    pub(crate) fn find(&mut self, folder: &Path) -> anyhow::Result<()> {
        self.found = seen_from(folder, self.below, &self.scenario);
        let is_file = self.found.as_ref().is_some_and(|found| found.is_file());
        if !is_file && scenario::shipped::find(&self.scenario).is_some() {
            self.found = None;
            return Ok(());
        }
        if self.found.is_none() {
            bail!(
                "the scenario of {} was named {} and is not there, seen from here; go to the \
                 folder in which the run was started, and resume it from there",
                folder.display(),
                self.scenario.display()
            );
        }
        Ok(())
    }
}

/// Returns how many folders `folder` is below the working folder; `None` where it is not below it,
/// or where what was `named` does not depend on the working folder.
pub(crate) fn depth(folder: &Path, named: &Path) -> Option<usize> {
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let folder = folder.canonicalize().ok()?;
    let depth = folder.strip_prefix(here).ok()?.components().count();
    named.is_relative().then_some(depth)
}

/// Returns where a file or folder is that was `named` in a folder `below` which the results are:
/// seen from the results, or from here.
pub(crate) fn seen_from(results: &Path, below: Option<usize>, named: &Path) -> Option<PathBuf> {
    let from_results = below.map(|depth| {
        let mut path = results.to_owned();
        path.extend(std::iter::repeat_n("..", depth));
        path.join(named)
    });
    let places = from_results.into_iter().chain([named.to_owned()]);
    places.into_iter().find(|place| place.exists())
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    use super::*;

    #[test]
    fn a_file_of_certificates_has_any_name() {
        for name in [&b"ca.pem"[..], b"caf\xe9.pem"] {
            let mut request = Request::new(Path::new("quick"), &[], &[]);
            let file: PathBuf = OsString::from_vec(name.to_vec()).into();
            request.ca = Some(Typed(file));
            let text = serde_json::to_string(&request).expect("JSON");
            let again: Request = serde_json::from_str(&text).expect("a request");
            assert_eq!(again.ca, request.ca);
        }
    }
}
