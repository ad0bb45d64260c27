//! `wirebench run --resume DIR`: an interrupted run goes on where it stopped.
//!
//! What is finished is told by the rows of `runs.csv`, which are appended run
//! by run; what was to be done, by the manifest.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use report::Store;
use serde::{Deserialize, Serialize};
use swarm::plan::Plan;

/// What was asked for, so that it can be asked for again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The scenario's file, as it was typed: a manifest may be published, so it
    /// holds no path of one machine. `--resume` wants the same working folder.
    pub(crate) scenario: PathBuf,
    /// The `--set`s.
    pub(crate) overrides: Vec<String>,
    /// The `--only`.
    pub(crate) only: Vec<wire::Transport>,
    /// The `--target`.
    pub(crate) target: Option<String>,
    /// The `--target-pid`s.
    #[serde(default)]
    pub(crate) target_pids: Vec<u32>,
}

/// The request that made a results folder.
pub(crate) fn request(folder: &Path) -> anyhow::Result<Request> {
    let file = folder.join("manifest.json");
    let text = fs::read(&file).with_context(|| {
        format!(
            "cannot read {}; --resume needs a results folder",
            file.display()
        )
    })?;
    let manifest: serde_json::Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    serde_json::from_value(manifest["request"].clone())
        .with_context(|| format!("{} does not say what was asked for", file.display()))
}

/// Refuses to mix two scenarios in one folder.
pub(crate) fn same_scenario(folder: &Path, now: &impl Serialize) -> anyhow::Result<()> {
    let text = fs::read(folder.join("manifest.json"))?;
    let manifest: serde_json::Value = serde_json::from_slice(&text)?;
    if manifest["scenario"] != serde_json::to_value(now)? {
        bail!(
            "the scenario has changed since {} was begun; start a new run",
            folder.display()
        );
    }
    Ok(())
}

/// The plans that have no row yet. A run that ended early is done again only
/// if its row is taken out of `runs.csv`: nothing that was measured is dropped.
pub(crate) fn unfinished(store: &Store, plans: Vec<Plan>) -> Vec<Plan> {
    let done: HashSet<_> = store
        .runs()
        .0
        .into_iter()
        .map(|row| (row.transport, row.variant, row.cell, row.repeat))
        .collect();
    plans
        .into_iter()
        .filter(|plan| {
            !done.contains(&(
                plan.variant.transport().to_string(),
                plan.variant.to_string(),
                plan.cell.clone(),
                plan.repeat as u32,
            ))
        })
        .collect()
}
