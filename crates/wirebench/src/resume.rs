//! The continuation of an interrupted command (`--resume DIR`).
//!
//! The finished runs are those with a row in `runs.csv`, to which rows are appended run by run. The
//! manifest records which runs were requested.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use anyhow::{Context, bail};
use results::{
    Reason, RunRow, Store,
    manifest::{self, Manifest},
};
use scenario::Study;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;
use swarm::plan::Plan;

use crate::{request::Request, shell};

/// Reads the request that made a results folder.
pub(crate) fn request(folder: &Path) -> anyhow::Result<Request> {
    let file = folder.join(manifest::FILE);
    let manifest: Manifest<IgnoredAny, Value, IgnoredAny> = manifest::read_as(folder)
        .with_context(|| {
            format!(
                "cannot read {}; --resume needs a results folder",
                file.display()
            )
        })?;
    let mut request: Request = serde_json::from_value(manifest.request.unwrap_or_default())
        .with_context(|| format!("{} does not say what was asked for", file.display()))?;
    request.find(folder)?;
    Ok(request)
}

/// Reads the request of a folder that `run` made.
pub(crate) fn of_run(folder: &Path) -> anyhow::Result<Request> {
    let request = request(folder)?;
    if request.capacity.is_some() {
        let (shown, word) = (folder.display(), shell::path(folder));
        bail!("{shown} is a search; go on with: wirebench capacity --resume {word}");
    }
    Ok(request)
}

/// The cells of a scenario, whatever is in them.
#[derive(Debug, Default, Deserialize)]
struct Cells {
    #[serde(default)]
    cells: Vec<Value>,
}

/// Refuses to go on with a search whose scenario has changed: its first cells
/// must be those that the manifest has.
pub(crate) fn same_cells(folder: &Path, study: &Study) -> anyhow::Result<()> {
    let manifest: Manifest<Cells, IgnoredAny, IgnoredAny> = manifest::read_as(folder)?;
    let known = manifest.scenario.cells;
    for cell in &study.cells {
        let now = serde_json::to_value(cell)?;
        if !known.contains(&now) {
            bail!(
                "the scenario has changed since {} was begun; start a new search",
                folder.display()
            );
        }
    }
    Ok(())
}

/// Returns whether Ctrl-C cut this run short. Such a run has no result.
pub(crate) fn cut_short(run: &RunRow) -> bool {
    Reason::of(run).contains(&Reason::Interrupted)
}

/// Takes the rows of runs that Ctrl-C cut short out of a folder, so that those
/// runs are made again.
pub(crate) fn take_back(folder: &Path) -> anyhow::Result<()> {
    let runs = Store::open(folder)?.read().rows.runs;
    let cut: Vec<RunRow> = runs.into_iter().filter(cut_short).collect();
    results::withdraw(folder, &cut).with_context(|| {
        format!(
            "cannot take back what was cut short in {}",
            folder.display()
        )
    })
}

/// Refuses to mix two scenarios in one folder.
pub(crate) fn same_scenario(folder: &Path, now: &impl Serialize) -> anyhow::Result<()> {
    let manifest: Manifest<Value, IgnoredAny, IgnoredAny> = manifest::read_as(folder)?;
    if manifest.scenario != serde_json::to_value(now)? {
        bail!(
            "the scenario has changed since {} was begun; start a new run",
            folder.display()
        );
    }
    Ok(())
}

/// Returns the plans that have no row yet. What was measured whole is never done again,
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

/// Selects the plans of one sitting from those that are left: at most `repeats` of each variant and
/// cell.
pub(crate) fn of_sitting(plans: Vec<Plan>, repeats: usize) -> Vec<Plan> {
    let mut counts: HashMap<(String, String, String), usize> = HashMap::new();
    plans
        .into_iter()
        .filter(|plan| {
            let transport = plan.variant.transport().to_string();
            let key = (transport, plan.variant.to_string(), plan.cell.clone());
            let count = counts.entry(key).or_default();
            *count += 1;
            *count <= repeats
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitting_has_its_share_of_each() {
        let scenario = "name = \"x\"\nquestion = \"\"\nrepeats = 5\nsittings = 2\n\
             [swarm]\nclients = [1, 2]\n[[transport]]\nkind = \"websocket\"\n\
             [[transport]]\nkind = \"long_poll\"\n";
        let study = Study::from_text("x.toml", scenario, &[]).expect("a scenario");
        assert_eq!(study.repeats_a_sitting(), 3);
        let plans = study.plans();
        assert_eq!(plans.len(), 20);
        let first = of_sitting(plans.clone(), 3);
        assert_eq!(first.len(), 12);
        assert!(first.iter().all(|plan| plan.repeat <= 3));
        let left: Vec<Plan> = plans.into_iter().filter(|plan| plan.repeat > 3).collect();
        assert_eq!(of_sitting(left, 3).len(), 8);
    }
}
