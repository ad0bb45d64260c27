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
use report::{Reason, RunRow, Store};
use serde::{Deserialize, Serialize};
use swarm::{plan::Plan, scenario::Study};

use crate::capacity::Wish;

/// What `error` says of a run that Ctrl-C ended; see `measure`.
pub(crate) const CTRL_C: &str = "Ctrl-C";

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
    /// What a search was asked for; nothing for a plain run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capacity: Option<Wish>,
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

/// The request of a folder that `run` made.
pub(crate) fn of_run(folder: &Path) -> anyhow::Result<Request> {
    let request = request(folder)?;
    if request.capacity.is_some() {
        let shown = folder.display();
        bail!("{shown} is a search; go on with: wirebench capacity --resume {shown}");
    }
    Ok(request)
}

/// Refuses to go on with a search whose scenario has changed: its first cells
/// must be those that the manifest has.
pub(crate) fn same_cells(folder: &Path, study: &Study) -> anyhow::Result<()> {
    let text = fs::read(folder.join("manifest.json"))?;
    let manifest: serde_json::Value = serde_json::from_slice(&text)?;
    let known = manifest["scenario"]["cells"].as_array();
    for cell in &study.cells {
        let now = serde_json::to_value(cell)?;
        let was = known.into_iter().flatten();
        if !was.into_iter().any(|was| *was == now) {
            bail!(
                "the scenario has changed since {} was begun; start a new search",
                folder.display()
            );
        }
    }
    Ok(())
}

/// Whether Ctrl-C cut this run short: it says nothing of what it was to measure.
pub(crate) fn cut_short(run: &RunRow) -> bool {
    Reason::of(run).contains(&Reason::Interrupted)
}

/// Takes the rows of runs that Ctrl-C cut short out of a folder, so that those
/// runs are made again.
pub(crate) fn take_back(folder: &Path) -> anyhow::Result<()> {
    let runs = Store::open(folder)?.read().rows.runs;
    let cut: Vec<RunRow> = runs.into_iter().filter(cut_short).collect();
    report::withdraw(folder, &cut).with_context(|| {
        format!(
            "cannot take back what was cut short in {}",
            folder.display()
        )
    })
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

/// The plans that have no row yet. What was measured whole is never done again,
/// also where it is not valid.
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
