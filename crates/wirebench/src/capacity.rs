//! `wirebench capacity`: how much each transport of a scenario holds.
//!
//! [`mod@search`] says which load comes next, [`judge`] what came of it, [`wish`] what
//! was asked for; [`hunt`] holds the searches together. Every run is one like
//! those of `run`, against a server of its own, with its rows in the same files.
//! Transports take turns, run by run, so that none has the better hour.

mod hunt;
mod judge;
mod search;
mod show;
mod wish;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use report::{Store, capacity::StoppedBy};
use swarm::plan::Variant;

use self::hunt::Hunt;
pub(crate) use self::wish::Wish;
use crate::{
    Ended, args, folder, histograms,
    interrupt::Interrupt,
    look::look,
    manifest::Manifest,
    measure::measure_whole,
    progress::View,
    resume::{self, Request},
};

/// Searches, and leaves a results folder.
pub(crate) fn capacity(options: &args::Capacity) -> anyhow::Result<Ended> {
    let (request, wish) = asked(options)?;
    let mut hunt = Hunt::begin(request.clone(), wish)?;
    if hunt.len() == 0 {
        bail!("--only leaves nothing to run: the scenario has none of these transports");
    }
    let folder = match (&options.resume, &options.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) => folder::new_default(&format!("capacity-{}", hunt.study.name))?,
    };
    let _held = if options.resume.is_some() {
        folder::hold(&folder)?
    } else {
        folder::hold_new(&folder, "capacity")?
    };
    let interrupted = search(&mut hunt, request, &folder, options)?;
    let looked = look(&folder)?;
    let rows = hunt.rows();
    show::show(options, &folder, &looked, &rows, interrupted)?;
    let told = rows.iter().all(|row| {
        !row.doubted && (row.stopped_by.is_knee() || row.stopped_by == StoppedBy::Limit)
    });
    Ok(match (interrupted, told) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

/// What is asked for now, or was by the call that is to go on.
fn asked(options: &args::Capacity) -> anyhow::Result<(Request, Wish)> {
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    if let Some(folder) = &options.resume {
        let request = resume::request(folder)?;
        let Some(wish) = request.capacity.clone() else {
            let shown = folder.display();
            bail!("{shown} is no search; go on with: wirebench run --resume {shown}");
        };
        return Ok((request, wish));
    }
    let Some(scenario) = &options.scenario else {
        // clap asks for one of the two.
        bail!("name a scenario, or a folder to --resume");
    };
    let mut request = Request {
        scenario: PathBuf::from(scenario),
        below: None,
        found: None,
        overrides: options.overrides.clone(),
        only: options.only.clone(),
        target: None,
        target_pids: Vec::new(),
        capacity: None,
    };
    let wish = Wish::read(options, &request, descriptors)?;
    request.capacity = Some(wish.clone());
    Ok((request, wish))
}

/// Runs until every search is at its end, or Ctrl-C; whether it was that.
fn search(
    hunt: &mut Hunt,
    mut request: Request,
    folder: &Path,
    options: &args::Capacity,
) -> anyhow::Result<bool> {
    if options.resume.is_some() {
        resume::same_cells(folder, &hunt.study)?;
    }
    let store = Store::create(folder)?;
    if options.resume.is_some() {
        resume::take_back(folder)?;
    }
    if options.resume.is_none() {
        request.made_in(folder);
    }
    let mut manifest = Manifest::new(hunt.study.clone(), Vec::new(), Some(request));
    if options.resume.is_some() {
        manifest.goes_on(folder)?;
    }
    let sitting = manifest.begin_sitting()?;
    let known = store.read().rows;
    let log = histograms::Log::open(folder, &known.runs)?;
    manifest.plans = hunt.learn(&known)?;
    let variants: Vec<Variant> = hunt
        .first_plans()
        .iter()
        .map(|plan| plan.variant.clone())
        .collect();
    let interrupt = Interrupt::watch()?;
    let mut view = View::open(&variants, options.quiet || options.json);
    let mut at_work = true;
    while at_work {
        at_work = false;
        for at in 0..hunt.len() {
            let Some(plan) = hunt.wants(at)? else {
                continue;
            };
            if interrupt.seen() {
                break;
            }
            at_work = true;
            manifest.calibrate(&plan)?;
            manifest.scenario = hunt.study.clone();
            manifest.plans.push(plan.clone());
            manifest.write(folder)?;
            let cell = hunt.study.cell_of(&plan);
            let mut measured = measure_whole(&plan, cell, None, &interrupt, view.run(&plan))?;
            for row in &mut measured.rows.runs {
                row.sitting = Some(sitting);
                log.append(row, &measured.latencies)?;
            }
            store.append(&measured.rows)?;
            hunt.learn(&measured.rows)?;
            report::capacity::write(&hunt.rows(), folder)
                .with_context(|| format!("cannot write capacity.csv in {}", folder.display()))?;
        }
    }
    drop(view);
    manifest.ended(if interrupt.seen() {
        "interrupted"
    } else {
        "complete"
    });
    manifest.write(folder)?;
    Ok(interrupt.seen())
}
