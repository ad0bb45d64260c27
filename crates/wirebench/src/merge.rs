//! `wirebench merge`: the results folders of all shards made one, as if one process had run the whole
//! plan.
//!
//! Nothing is averaged: counts are added up, histograms are added by their counts, and every column
//! is then computed as it is for any run.

mod agree;
mod folder;
mod run;

use std::{collections::BTreeMap, fs, io::Write, path::Path, time::SystemTime};

use anyhow::Context;
use results::{
    Store,
    manifest::{self, Ended as HowEnded, Others, Shard, ShardRun},
};
use serde_json::Value;

use crate::{
    Ended, args,
    folder::{hold_new, replace},
    histograms::Log,
    render::render,
    shard::kept::Kept,
    shell,
};

use folder::{Folder, Manifest};
use run::Merged;

/// Merges the folders of all shards of the same runs.
pub(crate) fn merge(options: &args::Merge) -> anyhow::Result<Ended> {
    let mut folders = Vec::new();
    for folder in &options.folders {
        folders.push(Folder::read(folder)?);
    }
    folders.sort_by_key(|folder| folder.shard);
    agree::all(&folders)?;
    let out = options.out.as_path();
    let _held = hold_new(out, &format!("wirebench plot {}", shell::path(out)))?;
    let mut manifest = manifest_of(&folders);
    let store = Store::create(out)?;
    let log = Log::open(out, &store.runs().0)?;
    write(&manifest, out)?;
    let plans = manifest.plans.clone();
    for plan in &plans {
        let kept = folders.iter_mut().map(|folder| folder.take(plan));
        let Some(kept) = kept.collect::<Option<Vec<_>>>() else {
            continue;
        };
        let Merged { rows, latencies } = run::merged(plan, &folders, kept)?;
        for row in &rows.runs {
            log.append(row, &latencies)?;
        }
        store.append(&rows)?;
    }
    manifest.ended = HowEnded::Complete;
    write(&manifest, out)?;
    let rendered = render(out, report::Lang::En)?;
    let mut stdout = crate::output::stdout();
    let objectives = rendered.objectives(false);
    write!(stdout, "{objectives}")?;
    writeln!(stdout, "{}\n\n{}", rendered.table(false), out.display())?;
    rendered.warn();
    Ok(if rendered.is_well() {
        Ended::Well
    } else {
        Ended::NotValid
    })
}

/// Returns the manifest of what is merged: that of the first shard, and what is each shard's own.
fn manifest_of(folders: &[Folder]) -> Manifest {
    let mut manifest = folders[0].manifest.clone();
    manifest.ended = HowEnded::Running;
    manifest.command = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let started = folders.iter().map(|folder| &folder.manifest.started);
    manifest.started = started.min().cloned().unwrap_or_default();
    if let Some(Value::Object(request)) = &mut manifest.request {
        request.remove("shard");
        request.remove("clock_error_us");
    }
    let now = humantime::format_rfc3339_seconds(SystemTime::now());
    manifest.shards = folders.iter().map(told).collect();
    manifest.merged = Some(now.to_string());
    manifest
}

/// Returns what the manifest tells of one shard: its machine, and for each run what cannot be added
/// up.
fn told(folder: &Folder) -> Shard {
    let runs: BTreeMap<String, ShardRun> = folder
        .kept
        .iter()
        .map(|kept| (kept.run.to_string(), told_of_run(kept)))
        .collect();
    Shard {
        clock: folder.manifest.clock,
        machine: folder.manifest.machine.clone(),
        runs,
        shard: folder.shard.to_string(),
        started: folder.manifest.started.clone(),
        others: Others::new(),
    }
}

fn told_of_run(kept: &Kept) -> ShardRun {
    let outcome = &kept.outcome;
    let clock_error = outcome.clock_error;
    ShardRun {
        began_unix_ns: outcome.began_unix_ns,
        busiest_cpu_us: outcome.busiest_cpu.as_micros() as u64,
        clock_error_us: clock_error.map(|error| error.as_micros() as u64),
        clock_moved_us: outcome.clock_moved.as_micros() as u64,
        delivered: outcome.delivered,
        latencies: outcome.due.len(),
        saw_server: kept.server.is_some(),
        swarm_cpu_us: outcome.swarm_cpu.as_micros() as u64,
        window_ms: outcome.window.as_millis() as u64,
        others: Others::new(),
    }
}

fn write(manifest: &Manifest, folder: &Path) -> anyhow::Result<()> {
    replace(&folder.join(manifest::FILE), |draft| {
        Ok(fs::write(draft, serde_json::to_vec_pretty(manifest)?)?)
    })
    .context("the merged folder has no manifest")
}
