//! One run out of what all shards know of it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{bail, ensure};
use results::{Reason, Rows, RunRow, row::TimelineRow};
use swarm::{Seconds, plan::Plan};

use crate::{
    histograms::Latencies,
    ledger, rows,
    shard::kept::{self, Kept, KeptSecond, Server},
    validity,
};

use super::folder::Folder;

/// A run that was merged.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) rows: Rows,
    pub(super) latencies: Latencies,
}

/// Merges a run of `plan`; `kept` is what each shard knows of it, in the order of the folders.
pub(super) fn merged(plan: &Plan, folders: &[Folder], kept: Vec<Kept>) -> anyhow::Result<Merged> {
    let watching = watching(folders, &kept)?;
    let processors = processors(folders, &kept);
    let mut parts = Vec::new();
    let mut seconds = Vec::new();
    let mut servers = Vec::new();
    for kept in kept {
        parts.push((kept.shard, kept.outcome));
        seconds.push(kept.seconds);
        servers.push(kept.server);
    }
    let outcome = swarm::merge(plan, parts)?;
    let seen = watching.iter().filter_map(|place| servers[*place].as_ref());
    let seen = seen.map(|server| server.seen.clone());
    let observed = seen.reduce(|one, other| one.and(&other));
    let timeline = timeline(plan, seconds, &watching);
    let doubts = validity::doubts_on(&outcome, processors);
    let row = base(plan, folders)?;
    let row = rows::filled(row, plan, &outcome, observed.as_ref(), &timeline, doubts);
    let row = with_doubts_of_shards(row, plan, folders);
    let settle = plan.traffic.settle;
    let began = Duration::from_nanos(outcome.began_unix_ns.unwrap_or_default()) + settle;
    Ok(Merged {
        rows: Rows {
            ladder: rows::ladder(plan, &outcome),
            ledger: ledger::rows(plan, &outcome),
            timeline,
            runs: vec![row],
        },
        latencies: Latencies {
            began: std::time::UNIX_EPOCH + began,
            measured: outcome.measured,
            due: outcome.due,
            sent: outcome.sent,
        },
    })
}

/// Returns the row of the first shard, whose columns of the plan and the path are those of all, with
/// everybody of the plan.
fn base(plan: &Plan, folders: &[Folder]) -> anyhow::Result<RunRow> {
    let id = plan.id();
    let Some(row) = folders.first().and_then(|folder| folder.row(&id)) else {
        bail!("no shard has run {id}");
    };
    Ok(RunRow {
        clients: plan.swarm.clients as u64,
        sitting: Some(1),
        processes: Some(folders.len() as u64),
        ..row.clone()
    })
}

/// Returns the number of processors of all machines together; shards of one machine share them.
fn processors(folders: &[Folder], kept: &[Kept]) -> usize {
    let machines = folders.iter().zip(kept).map(|(folder, kept)| {
        let processors = folder.manifest.machine.processors;
        (kept.machine.as_str(), processors.unwrap_or(1))
    });
    let machines: BTreeMap<&str, usize> = machines.collect();
    machines.values().sum::<usize>().max(1)
}

/// Returns `row`, which is not valid if the run of a shard is not; its error then names the shard.
fn with_doubts_of_shards(mut row: RunRow, plan: &Plan, folders: &[Folder]) -> RunRow {
    let id = plan.id();
    let mut reasons = Reason::of(&row);
    let mut errors: Vec<String> = Some(row.error.clone())
        .filter(|error| !error.is_empty())
        .into_iter()
        .collect();
    for folder in folders {
        let Some(own) = folder.row(&id).filter(|own| !own.valid) else {
            continue;
        };
        row.valid = false;
        reasons.extend(Reason::of(own));
        errors.push(format!(
            "shard {} is not valid in {}: {}",
            folder.shard,
            folder.file("runs.csv"),
            own.error
        ));
    }
    row.reasons = Reason::codes(reasons);
    row.error = errors.join("; ");
    row
}

/// Returns the places of the shards whose view of the server counts: of those that saw the same
/// processes the first, and all that saw others.
fn watching(folders: &[Folder], kept: &[Kept]) -> anyhow::Result<Vec<usize>> {
    let mut counted: Vec<(usize, &str, &Server)> = Vec::new();
    for (place, own) in kept.iter().enumerate() {
        let Some(server) = &own.server else {
            continue;
        };
        let mut is_known = false;
        for (other, machine, known) in &counted {
            let is_here = *machine == own.machine;
            let shares = is_here && server.pids.iter().any(|pid| known.pids.contains(pid));
            let same = is_here && server.pids == known.pids;
            ensure!(
                same || !shares,
                "{} and {} saw some of the same processes of the server; give each shard all of \
                 them, or its own (--target-pid)",
                folders[*other].file(kept::FILE),
                folders[place].file(kept::FILE)
            );
            is_known |= same;
        }
        if !is_known {
            counted.push((place, &own.machine, server));
        }
    }
    Ok(counted.into_iter().map(|(place, _, _)| place).collect())
}

/// The processor time in microseconds and the resident bytes of a server, as one shard saw them.
type ServerUsage = (Option<u64>, Option<u64>);

/// Returns the rows of the seconds, each the sum over all shards; the server's work is the sum over
/// the shards that count as having seen it.
fn timeline(plan: &Plan, shards: Vec<Vec<KeptSecond>>, watching: &[usize]) -> Vec<TimelineRow> {
    let mut servers: BTreeMap<u32, Vec<ServerUsage>> = BTreeMap::new();
    let mut seconds = Seconds::new(shards.len());
    let mut whole = Vec::new();
    for (place, shard) in shards.into_iter().enumerate() {
        for kept in shard {
            if watching.contains(&place) {
                let seen = servers.entry(kept.second.second).or_default();
                seen.push((kept.server_cpu_us, kept.server_rss_bytes));
            }
            seconds.add(place, kept.second);
        }
        seconds.drained(place);
    }
    while let Some(second) = seconds.next_whole() {
        let mut row = rows::timeline(plan, &second, None);
        let seen = servers.get(&second.second);
        let seen = seen.filter(|seen| !seen.is_empty() && seen.len() == watching.len());
        row.server_cpu_us = seen.and_then(|seen| seen.iter().map(|seen| seen.0).sum());
        row.server_rss_bytes = seen.and_then(|seen| seen.iter().map(|seen| seen.1).sum());
        whole.push(row);
    }
    whole
}
