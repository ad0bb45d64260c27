//! The results folder of one shard, read.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use results::{RunRow, Store, manifest};
use serde_json::Value;
use swarm::{
    Part,
    plan::{Plan, RunId},
};

use crate::shard::kept::{self, Kept};

/// A manifest whose plans are read.
pub(super) type Manifest = manifest::Manifest<Value, Value, Plan>;

/// The folder of one shard.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) shard: Part,
    pub(super) manifest: Manifest,
    pub(super) runs: Vec<RunRow>,
    pub(super) kept: Vec<Kept>,
}

impl Folder {
    /// Reads the folder of a shard.
    ///
    /// # Errors
    /// Fails if it is none, or a part of it cannot be believed. The text names the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let store = Store::open(path)?;
        let file = path.join(manifest::FILE);
        let manifest: Manifest = manifest::read_as(path)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let kept = kept::read(path)?;
        let (runs, complaints) = store.runs();
        if let Some(complaint) = complaints.iter().find(|complaint| complaint.is_loss) {
            bail!("{}: {complaint}", path.display());
        }
        let file = path.join(kept::FILE);
        let shard = kept.first().map(|kept| kept.shard);
        let shard = shard.with_context(|| format!("{} has no run", file.display()))?;
        if let Some(other) = kept.iter().find(|kept| kept.shard != shard) {
            bail!(
                "{} is of two shards, {shard} and {}",
                file.display(),
                other.shard
            );
        }
        let folder = Self {
            path: path.to_owned(),
            shard,
            manifest,
            runs,
            kept,
        };
        folder.check_runs()?;
        Ok(folder)
    }

    /// Refuses files that do not agree about the runs.
    fn check_runs(&self) -> anyhow::Result<()> {
        let (lines, rows) = (self.file(kept::FILE), self.file("runs.csv"));
        for plan in &self.manifest.plans {
            let id = plan.id();
            let mut own = self.kept.iter().filter(|kept| kept.run == id);
            let count = own.clone().count();
            ensure!(count <= 1, "{lines} has run {id} {count} times");
            let (Some(kept), row) = (own.next_back(), self.row(&id)) else {
                bail!("{lines} has no run {id}");
            };
            let row = row.with_context(|| format!("{rows} has no run {id}"))?;
            let outcome = &kept.outcome;
            let agrees = row.expected == outcome.expected
                && row.delivered == outcome.delivered
                && row.bytes_up == outcome.bytes_up
                && row.bytes_down == outcome.bytes_down;
            ensure!(agrees, "{rows} and {lines} do not agree about run {id}");
        }
        Ok(())
    }

    /// Returns the path of one of its files, to print.
    pub(super) fn file(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// Returns the row of a run.
    pub(super) fn row(&self, id: &RunId) -> Option<&RunRow> {
        self.runs.iter().find(|row| {
            (&row.transport, &row.variant, &row.cell) == (&id.transport, &id.variant, &id.cell)
                && row.repeat as usize == id.repeat
        })
    }

    /// Returns what the shard knows of a run.
    pub(super) fn of_run(&self, id: &RunId) -> Option<&Kept> {
        self.kept.iter().find(|kept| &kept.run == id)
    }

    /// Takes out what the shard knows of a run.
    pub(super) fn take(&mut self, plan: &Plan) -> Option<Kept> {
        let id = plan.id();
        let place = self.kept.iter().position(|kept| kept.run == id)?;
        Some(self.kept.swap_remove(place))
    }
}
