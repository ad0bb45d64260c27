//! The runs of one claim, part by part, each part into a folder of its own.

use std::{ffi::OsStr, fs, path::Path};

use anyhow::{Context, bail};
use report::{
    Rows, Store,
    claim::{Fact, Part},
};
use scenario::Study;
use wire::Transport;

use super::{Card, experiment};
use crate::{
    args, interrupt::Interrupt, manifest::Manifest, measure::measure as measure_plan,
    progress::View,
};

/// What `claims` leaves in a claim's folder, besides its parts.
const OURS: [&str; 9] = [
    super::FACTS,
    "figures",
    "manifest.json",
    "manifest.json.part",
    "runs.csv",
    "ladder.csv",
    "ledger.csv",
    "timeline.csv",
    "predictions.csv",
];

/// Measures a claim: its experiment, then each part. Leaves the rows in `folder`, or
/// nothing where Ctrl-C came in between, because half a claim is no claim; whether
/// it is whole.
pub(super) fn measure(
    card: &Card,
    options: &args::Claims,
    folder: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<bool> {
    if folder.is_dir() {
        is_a_claims(folder, card)?;
        // Rows are only ever added to, and those of an earlier call would mix in.
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if let Some(name) = &card.claim.experiment {
        experiment::run(name, card, folder).with_context(|| format!("{}: {name}", card.name))?;
    }
    for part in card.parts() {
        one(card, &part, options, &folder.join(&part.name), interrupt)?;
        if interrupt.seen() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Refuses to empty a folder that has something else in it.
fn is_a_claims(folder: &Path, card: &Card) -> anyhow::Result<()> {
    let mut files = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.file_name()));
    let parts = card.parts();
    let ours = |name: &OsStr| {
        let part = parts.iter().any(|part| name == OsStr::new(&part.name));
        part || OURS.iter().any(|ours| name == OsStr::new(ours))
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

fn one(
    card: &Card,
    part: &Part,
    options: &args::Claims,
    folder: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let overrides: Vec<String> = part.set.iter().chain(&options.overrides).cloned().collect();
    let study = Study::load(&card.path, &overrides)?;
    study.check(rlimit::getrlimit(rlimit::Resource::NOFILE)?.0)?;
    let only = part
        .only
        .iter()
        .map(|name| name.parse::<Transport>())
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("{}, part {}", card.path.display(), part.name))?;
    let mut plans = study.plans();
    plans.retain(|plan| only.is_empty() || only.contains(&plan.variant.transport()));
    if plans.is_empty() {
        bail!(
            "{}, part {}: nothing to run",
            card.path.display(),
            part.name
        );
    }
    let store = Store::create(folder)?;
    let mut manifest = Manifest::new(&study, plans.clone(), None);
    let sitting = manifest.begin_sitting()?;
    manifest.write(folder)?;
    let mut view = View::new(&plans, options.quiet);
    for plan in &plans {
        if interrupt.seen() {
            manifest.ended("interrupted");
            return manifest.write(folder);
        }
        let line = view.run(plan);
        let mut rows = measure_plan(plan, study.cell_of(plan), None, interrupt, line)?;
        for row in &mut rows.runs {
            row.sitting = Some(sitting);
        }
        store.append(&rows)?;
    }
    manifest.ended("complete");
    manifest.write(folder)
}

/// The rows of a part; nothing where it was never run.
pub(super) fn read(folder: &Path, part: &str) -> Option<Rows> {
    let store = Store::open(folder.join(part)).ok()?;
    let rows = store.read().rows;
    (!rows.runs.is_empty()).then_some(rows)
}

/// What a part's manifest says of its scenario that no row tells: for how long the
/// server stood still, as the fact `stall` of `scenario`.
pub(super) fn setting(folder: &Path) -> Option<Fact> {
    let text = fs::read_to_string(folder.join("manifest.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let stall = manifest.pointer("/scenario/cells/0/scenario/server/stall/for")?;
    let stall = humantime::parse_duration(stall.as_str()?).ok()?;
    Some(Fact {
        subject: "scenario".to_owned(),
        quantity: "stall".to_owned(),
        value: stall.as_secs_f64() * 1e3,
        unit: "ms".to_owned(),
    })
}
