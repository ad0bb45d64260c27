//! `wirebench run`: every plan of a scenario in turn, each against a fresh
//! server, its rows written before the next one begins.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use report::{Store, figure, table};
use swarm::{
    Target,
    plan::{self, Plan},
    scenario::Study,
};

use crate::{
    Ended, args,
    interrupt::Interrupt,
    manifest::Manifest,
    measure::measure,
    progress::{self, Line},
};

/// Whatever takes longer is announced before it begins.
const A_WHILE: Duration = Duration::from_mins(1);

/// Runs a scenario and leaves a results folder.
pub(crate) fn run(options: &args::Run) -> anyhow::Result<Ended> {
    let study = Study::load(&options.scenario, &options.overrides)?;
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let target = options
        .target
        .as_deref()
        .map(str::parse::<Target>)
        .transpose()?;
    let plans = chosen(&study, &options.only)?;
    let folder = options
        .out
        .clone()
        .unwrap_or_else(|| default_folder(&study.name));
    let store = Store::create(&folder)?;
    let mut manifest = Manifest::new(&study, plans.clone(), options.target.clone());
    manifest.write(&folder)?;

    announce(&plans, options.quiet);
    let interrupt = Interrupt::watch()?;
    let mut valid = true;
    for (index, plan) in plans.iter().enumerate() {
        if interrupt.seen() {
            break;
        }
        if let Some(floor) = manifest.calibrate(plan)? {
            manifest.write(&folder)?;
            if !options.quiet {
                progress::say(&floor);
            }
        }
        let line = Line::new(plan, index + 1, plans.len(), options.quiet);
        let rows = measure(plan, study.cell_of(plan), target.as_ref(), &interrupt, line)?;
        valid &= rows.runs.iter().all(|row| row.valid);
        store.append(&rows)?;
    }
    if interrupt.seen() {
        manifest.ended("interrupted");
    } else {
        manifest.ended("complete");
    }
    manifest.write(&folder)?;
    show(options, &folder)?;
    Ok(match (interrupt.seen(), valid) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

/// How many runs there will be and how long they take, where that is long.
fn announce(plans: &[Plan], quiet: bool) {
    let estimate = plan::estimate(plans);
    if !quiet && estimate > A_WHILE {
        let minutes = estimate.as_secs_f64() / 60.0;
        progress::say(&format!("{} runs, about {minutes:.0} min", plans.len()));
    }
}

fn chosen(study: &Study, only: &[wire::Transport]) -> anyhow::Result<Vec<Plan>> {
    let mut plans = study.plans();
    if !only.is_empty() {
        plans.retain(|plan| only.contains(&plan.variant.transport()));
    }
    if plans.is_empty() {
        bail!(
            "--only leaves nothing to run: {} has none of these transports",
            study.name
        );
    }
    Ok(plans)
}

/// `results/run-SCENARIO-20260131-235959`; the prefix is what git ignores.
pub(crate) fn default_folder(name: &str) -> PathBuf {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let time: String = now.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = time.split_at(8);
    PathBuf::from(format!("results/run-{name}-{day}-{time}"))
}

/// Draws the figures and prints the table, then the one thing to do next.
fn show(options: &args::Run, folder: &Path) -> anyhow::Result<()> {
    let rows = Store::open(folder)?.read().rows;
    let figures = figure::draw_all(&rows, &folder.join("figures"))?;
    let mut out = std::io::stdout().lock();
    if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        let text = if options.markdown {
            table::markdown(&rows)
        } else {
            table::terminal(&rows, progress::width())
        };
        writeln!(out, "\n{text}\n")?;
        writeln!(
            out,
            "{}: manifest.json, CSV files, {} figures",
            folder.display(),
            figures.len() / 2
        )?;
        writeln!(out, "look at {}", folder.join("figures").display())?;
        writeln!(out, "draw again with: wirebench plot {}", folder.display())?;
    }
    for row in rows.runs.iter().filter(|row| !row.valid) {
        progress::say(&format!(
            "not valid: {} {} {}: {}",
            row.transport, row.variant, row.cell, row.error
        ));
    }
    Ok(())
}
