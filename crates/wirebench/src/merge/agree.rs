//! Refuses folders that are not those of all shards of the same runs. Each refusal names the file.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use results::manifest;
use swarm::{Part, plan::Plan};

use crate::shard::kept;

use super::folder::Folder;

/// Refuses folders, in the order of their shards, that cannot be merged.
pub(super) fn all(folders: &[Folder]) -> anyhow::Result<()> {
    let first = folders.first().context("there is nothing to merge")?;
    each_once(folders)?;
    for other in &folders[1..] {
        same_runs(first, other)?;
    }
    for plan in &first.manifest.plans {
        began_together(folders, plan)?;
    }
    Ok(())
}

/// Refuses folders in which a shard is missing or there twice.
fn each_once(folders: &[Folder]) -> anyhow::Result<()> {
    let first = &folders[0];
    for pair in folders.windows(2) {
        if pair[0].shard == pair[1].shard {
            bail!(
                "{} and {} are both of shard {}",
                pair[0].file(kept::FILE),
                pair[1].file(kept::FILE),
                pair[0].shard
            );
        }
    }
    for other in folders {
        ensure!(
            other.shard.of() == first.shard.of(),
            "{} is of shard {}, and {} of shard {}",
            other.file(kept::FILE),
            other.shard,
            first.file(kept::FILE),
            first.shard
        );
    }
    let is_there = |part: &Part| folders.iter().any(|folder| folder.shard == *part);
    match Part::all(first.shard.of()).find(|part| !is_there(part)) {
        Some(missing) => bail!(
            "shard {missing} is missing: {} says that there are {}",
            first.file(kept::FILE),
            first.shard.of()
        ),
        None => Ok(()),
    }
}

/// Refuses a folder of other runs than the first, or of another version.
fn same_runs(first: &Folder, other: &Folder) -> anyhow::Result<()> {
    let (file, of_first) = (other.file(manifest::FILE), first.file(manifest::FILE));
    let (one, two) = (&first.manifest, &other.manifest);
    ensure!(
        one.wirebench == two.wirebench && one.format == two.format,
        "{file} is of version {} of wirebench (format {}), and {of_first} of {} ({})",
        two.wirebench,
        two.format,
        one.wirebench,
        one.format
    );
    let seeds = |plans: &[Plan]| plans.iter().map(|plan| plan.seed).collect::<Vec<u64>>();
    let (own, others) = (seeds(&one.plans), seeds(&two.plans));
    if own.len() == others.len() {
        let differ = own.iter().zip(&others).find(|(own, other)| own != other);
        if let Some((own, other)) = differ {
            bail!("{file} has the seed {other}, where {of_first} has {own}");
        }
    }
    ensure!(
        one.plans == two.plans,
        "{file} has other plans than {of_first}"
    );
    ensure!(
        one.scenario == two.scenario,
        "{file} has another scenario than {of_first}"
    );
    Ok(())
}

/// Refuses a run that shards began at times that differ by more than *settle*: the drafts that count
/// were then not due together.
fn began_together(folders: &[Folder], plan: &Plan) -> anyhow::Result<()> {
    let id = plan.id();
    let mut earliest: Option<(u64, &Folder)> = None;
    for folder in folders {
        let began = folder
            .of_run(&id)
            .and_then(|kept| kept.outcome.began_unix_ns);
        let Some(began) = began else {
            let why = folder.row(&id).map_or("", |row| row.error.as_str());
            bail!("{}: run {id} never began: {why}", folder.file("runs.csv"));
        };
        if earliest.is_none_or(|(at, _)| began < at) {
            earliest = Some((began, folder));
        }
    }
    let Some((at, first)) = earliest else {
        return Ok(());
    };
    for folder in folders {
        let began = folder
            .of_run(&id)
            .and_then(|kept| kept.outcome.began_unix_ns);
        let later = Duration::from_nanos(began.unwrap_or(at) - at);
        ensure!(
            later <= plan.traffic.settle,
            "{}: run {id} began {:.3} s later than in {}, which is more than it settles ({:.3} s)",
            folder.file(kept::FILE),
            later.as_secs_f64(),
            first.file(kept::FILE),
            plan.traffic.settle.as_secs_f64()
        );
    }
    Ok(())
}
