//! `shard.jsonl`: what one shard knows of each run, whole and unrounded, for `wirebench merge`.
//!
//! A line is written before the run's row of `runs.csv`, so that a run with a row has its line.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use swarm::{
    Part,
    outcome::{Outcome, Second},
    plan::RunId,
};

use crate::rows::Observed;

/// The name of the file within a results folder.
pub(crate) const FILE: &str = "shard.jsonl";

/// One run, as one shard knows it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) run: RunId,
    pub(crate) shard: Part,
    /// The machine, by a number that it has until it is started anew.
    pub(crate) machine: String,
    pub(crate) outcome: Outcome,
    pub(crate) seconds: Vec<KeptSecond>,
    /// The server as this shard saw it; `None` if it was not told its processes.
    pub(crate) server: Option<Server>,
}

/// One second of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptSecond {
    pub(crate) second: Second,
    pub(crate) server_cpu_us: Option<u64>,
    pub(crate) server_rss_bytes: Option<u64>,
}

/// The processes of a server, and what was seen of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Server {
    pub(crate) pids: Vec<u32>,
    pub(crate) seen: Observed,
}

/// Returns the number that this machine has until it is started anew.
pub(crate) fn machine() -> String {
    crate::system::boot()
}

/// Adds a run to the file of a folder.
pub(crate) fn append(folder: &Path, kept: &Kept) -> anyhow::Result<()> {
    let file = folder.join(FILE);
    let mut line = serde_json::to_vec(kept)?;
    line.push(b'\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| file.write_all(&line))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Reads all runs of a folder.
///
/// # Errors
/// Fails if a line cannot be read, and says which.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Kept>> {
    let file = folder.join(FILE);
    let shown = file.display();
    let text = fs::read_to_string(&file)
        .with_context(|| format!("{shown} cannot be read; merge takes folders of run --shard"))?;
    let lines = text.lines().enumerate();
    lines
        .map(|(place, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{shown}, line {}, is not of a shard", place + 1))
        })
        .collect()
}
