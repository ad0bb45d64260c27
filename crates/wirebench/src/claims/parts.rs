//! The runs of one claim, part by part, each part into a folder of its own.

use std::{ffi::OsStr, fs, path::Path};

use anyhow::{Context, bail};
use claims::{Fact, Part};
use results::{Rows, Store, manifest};
use scenario::Study;

use super::{ClaimFile, experiment};
use crate::{
    interrupt::Interrupt,
    only::Only,
    request::Request,
    session::{Opening, Session, Start},
};

/// The files and folders that `claims` writes into a claim's folder, besides its parts. A draft of
/// each may be there too.
const OURS: [&str; 10] = [
    super::FACTS,
    "figures",
    manifest::FILE,
    "runs.csv",
    "ladder.csv",
    "ledger.csv",
    "timeline.csv",
    "latency.hlog",
    "predictions.csv",
    "report.html",
];

/// The suffixes of the names of drafts.
const DRAFTS: [&str; 2] = [".part", ".partial"];

/// The circumstances in which claims are measured.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) interrupt: &'a Interrupt,
    /// The command that goes on with the folder of all claims.
    pub(super) go_on: String,
    pub(super) quiet: bool,
}

/// Empties a claim's folder: rows are only ever appended, and those of an earlier call would mix
/// in.
pub(super) fn clear(claim_file: &ClaimFile, folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        is_a_claims(folder, claim_file)?;
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    Ok(())
}

/// Measures what is left of a claim with these `--set`s: its experiment, then each part. What is
/// measured stays in `folder` whatever comes in between. Returns whether the claim is whole.
pub(super) fn measure(
    claim_file: &ClaimFile,
    overrides: &[String],
    folder: &Path,
    work: &Work<'_>,
) -> anyhow::Result<bool> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if let Some(name) = &claim_file.claim.experiment
        && !folder.join(super::FACTS).exists()
    {
        experiment::run(name, claim_file, folder)
            .with_context(|| format!("{}: {name}", claim_file.name))?;
    }
    let mut is_whole = true;
    for part in claim_file.parts() {
        if work.interrupt.seen() {
            return Ok(false);
        }
        is_whole &= one(claim_file, &part, overrides, &folder.join(&part.name), work)?;
    }
    Ok(is_whole)
}

/// Refuses to empty a folder that has something else in it.
fn is_a_claims(folder: &Path, claim_file: &ClaimFile) -> anyhow::Result<()> {
    let mut files = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.file_name()));
    let parts = claim_file.parts();
    let ours = |name: &OsStr| {
        let part = parts.iter().any(|part| name == OsStr::new(&part.name));
        let name = name.to_string_lossy();
        let whole = DRAFTS.iter().find_map(|draft| name.strip_suffix(draft));
        part || OURS.contains(&whole.unwrap_or(&name))
    };
    if let Some(other) = files.find(|name| !ours(name)) {
        bail!(
            "{} has a {} in it, which is no claim's; choose another --out",
            folder.display(),
            other.display()
        );
    }
    Ok(())
}

/// Measures one part, or what is left of it. Returns whether it is whole.
fn one(
    claim_file: &ClaimFile,
    part: &Part,
    overrides: &[String],
    folder: &Path,
    work: &Work<'_>,
) -> anyhow::Result<bool> {
    let overrides: Vec<String> = part.set.iter().chain(overrides).cloned().collect();
    let study = Study::load(&claim_file.path, &overrides)?;
    study.check(rlimit::getrlimit(rlimit::Resource::NOFILE)?.0)?;
    let only = part.only.iter().map(|name| name.parse::<Only>());
    let only: Vec<Only> = only
        .collect::<Result<_, _>>()
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{}, part {}", claim_file.path.display(), part.name))?;
    let mut plans = study.plans();
    plans.retain(|plan| Only::any(&only, &plan.variant));
    if plans.is_empty() {
        bail!(
            "{}, part {}: nothing to run",
            claim_file.path.display(),
            part.name
        );
    }
    let opening = Opening {
        folder,
        // A call that was cut may not have come to this part.
        start: if folder.join(manifest::FILE).exists() {
            Start::Resumed
        } else {
            Start::New
        },
        go_on: work.go_on.clone(),
        is_part: true,
        tells: !work.quiet,
    };
    let request = Request::new(&claim_file.path, &overrides, &only);
    let mut session = Session::open(opening, study, plans, Some(request), work.interrupt)?;
    let (plans, later) = session.left();
    session.measure_all(&plans, work.quiet)?;
    session.end(later)?;
    Ok(later == 0 && !work.interrupt.seen())
}

/// Reads the rows of a part; `None` where it was never run.
pub(super) fn read(folder: &Path, part: &str) -> Option<Rows> {
    let store = Store::open(folder.join(part)).ok()?;
    let rows = store.read().rows;
    (!rows.runs.is_empty()).then_some(rows)
}

/// Returns the server's stall as the fact `stall` of `scenario`, read from a part's manifest
/// because no row contains it.
pub(super) fn setting(folder: &Path) -> Option<Fact> {
    let cells = manifest::read(folder)?.scenario.cells;
    let stall = cells.into_iter().next()?.scenario.server?.stall?.length?;
    let stall = humantime::parse_duration(&stall).ok()?;
    Some(Fact {
        subject: "scenario".to_owned(),
        quantity: "stall".to_owned(),
        value: stall.as_secs_f64() * 1e3,
        unit: "ms".to_owned(),
    })
}
