//! `wirebench run`: every plan of a scenario in turn, each against a fresh
//! server, its rows written before the next one begins.

use std::{io::Write, path::Path, time::Duration};

use anyhow::{Context, bail};
use report::Store;
use scenario::Study;
use swarm::{
    Target,
    plan::{self, Plan},
};

use crate::{
    Ended, args, floor, folder, histograms,
    interrupt::Interrupt,
    look::{Looked, look},
    manifest::Manifest,
    measure::measure_whole,
    only::Only,
    progress::{self, View},
    resume::{self, Request},
    scenarios,
    watched::{Given, Watched},
};

/// How long a server that is said to be running may take to be connected to.
const PATIENCE: Duration = Duration::from_secs(5);
/// What takes longer is told in minutes.
const A_WHILE: Duration = Duration::from_mins(2);

/// Runs a scenario and leaves a results folder.
pub(crate) fn run(options: &args::Run) -> anyhow::Result<Ended> {
    let mut request = match (&options.resume, &options.scenario) {
        (Some(folder), _) => resume::of_run(folder)?,
        (None, Some(scenario)) => request(options, scenario),
        // clap asks for one of the two.
        (None, None) => bail!("name a scenario, or a folder to --resume"),
    };
    let study = scenarios::load(request.file(), &request.overrides)?;
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let given = given(&study, &mut request)?;
    let plans = chosen(&study, &request.only)?;
    let folder = match (&options.resume, &options.out) {
        (Some(folder), _) => {
            resume::same_scenario(folder, &study)?;
            folder.clone()
        }
        (None, Some(folder)) => folder.clone(),
        (None, None) => folder::new_default(&study.name)?,
    };
    let (store, _held) = open(options, &folder)?;
    if options.resume.is_none() {
        request.made_in(&folder);
    }
    let mut manifest = Manifest::new(&study, plans.clone(), Some(request));
    let left = if options.resume.is_some() {
        manifest.goes_on(&folder)?;
        resume::unfinished(&store, plans)
    } else {
        plans
    };
    let all_left = left.len();
    let plans = resume::of_sitting(left, study.repeats_a_sitting());
    let later = all_left - plans.len();
    let sitting = begin(&mut manifest, &plans, options.quiet)?;
    manifest.write(&folder)?;
    announce(&plans, options.quiet);
    if let Some(clock) = manifest.clock().filter(|_| !options.quiet) {
        progress::say(&clock);
    }
    let interrupt = Interrupt::watch()?;
    let work = Work {
        given: given.as_ref(),
        store: &store,
        interrupt: &interrupt,
        sitting,
        quiet: options.quiet || options.json,
    };
    work.measure(&plans, &mut manifest)?;
    let later = if interrupt.seen() { 0 } else { later };
    manifest.ended(if interrupt.seen() {
        "interrupted"
    } else if later > 0 {
        "incomplete"
    } else {
        "complete"
    });
    let looked = manifest
        .write(&folder)
        .and_then(|()| look(&folder))
        .with_context(|| {
            let shown = folder.display();
            format!("what was measured is kept; draw it again with: wirebench plot {shown}")
        })?;
    show(options, &folder, &looked, (interrupt.seen(), later))?;
    Ok(match (interrupt.seen(), looked.is_well()) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

/// Begins a sitting if there is anything to run, and returns its number.
fn begin(manifest: &mut Manifest<&Study>, plans: &[Plan], quiet: bool) -> anyhow::Result<u32> {
    if !plans.is_empty() {
        return manifest.begin_sitting();
    }
    if !quiet {
        progress::say("nothing is left to run: every run of it is there");
    }
    Ok(0)
}

/// Opens the folder and holds it: a new one must have no runs, and of an old one what was cut
/// short is taken back.
fn open(options: &args::Run, folder: &Path) -> anyhow::Result<(Store, folder::Held)> {
    if options.resume.is_none() {
        let held = folder::hold_new(folder, "run")?;
        return Ok((Store::create(folder)?, held));
    }
    let held = folder::hold(folder)?;
    let store = Store::create(folder)?;
    resume::take_back(folder)?;
    Ok((store, held))
}

/// What every run of one call needs.
struct Work<'a> {
    given: Option<&'a Given>,
    store: &'a Store,
    interrupt: &'a Interrupt,
    sitting: u32,
    quiet: bool,
}

impl Work<'_> {
    /// Measures one plan after the other until all are done, or Ctrl-C. What a run
    /// came to is written before the next one begins.
    fn measure(&self, plans: &[Plan], manifest: &mut Manifest<&Study>) -> anyhow::Result<()> {
        let store = self.store;
        let log = histograms::Log::open(store.dir(), &store.read().rows.runs)?;
        let mut view = View::new(plans, self.quiet);
        for plan in plans {
            if self.interrupt.seen() {
                break;
            }
            if let Some(floor) = manifest.calibrate(plan)? {
                manifest
                    .write(store.dir())
                    .map_err(|why| unkept(store, why))?;
                if !self.quiet {
                    progress::say(&floor);
                }
            }
            let line = view.run(plan);
            let cell = manifest.scenario.cell_of(plan);
            let mut measured = measure_whole(plan, cell, self.given, self.interrupt, line)?;
            for row in &mut measured.rows.runs {
                row.sitting = Some(self.sitting);
                log.append(row, &measured.latencies)?;
            }
            store
                .append(&measured.rows)
                .map_err(|why| unkept(store, why.into()))?;
        }
        Ok(())
    }
}

fn request(options: &args::Run, scenario: &Path) -> Request {
    Request {
        scenario: scenario.to_owned(),
        below: None,
        found: None,
        overrides: options.overrides.clone(),
        only: options.only.clone(),
        target: options.target.clone(),
        capacity: None,
        target_pids: options.target_pid.clone(),
    }
}

/// About how long these runs take, and the calibrations before them.
pub(crate) fn estimate(plans: &[Plan]) -> Duration {
    plan::estimate(plans) + floor::takes(plans)
}

/// A run was made and cannot be written down, mostly on a full disk: what is kept
/// all the same, and how to go on.
fn unkept(store: &Store, why: anyhow::Error) -> anyhow::Error {
    let finished = store.runs().0.len();
    let runs = if finished == 1 { "run is" } else { "runs are" };
    let shown = store.dir().display();
    why.context(format!(
        "this run could not be kept; {finished} finished {runs} whole in {shown}; make room, \
         then go on with: wirebench run --resume {shown}"
    ))
}

/// The server that runs already, if the command line or the scenario names one.
fn given(study: &Study, request: &mut Request) -> anyhow::Result<Option<Given>> {
    let described = study.cells[0].scenario.target.as_ref();
    if request.target.is_none() {
        request.target = described.and_then(|target| target.url.clone());
    }
    let Some(url) = &request.target else {
        if described.is_some() {
            bail!(
                "[target] describes a server and does not say where it is; \
                 add --target http://HOST:PORT, or url = to [target]"
            );
        }
        if !request.target_pids.is_empty() {
            bail!("--target-pid names processes of a server that --target must name");
        }
        return Ok(None);
    };
    let mut target: Target = url.parse()?;
    let watched = Watched::find(&request.target_pids)?;
    target.reach(PATIENCE).with_context(|| {
        format!("nothing listens at {url}; start the server first, or name another --target")
    })?;
    Ok(Some(Given { target, watched }))
}

/// How many runs there will be, and about how long they take.
fn announce(plans: &[Plan], quiet: bool) {
    if quiet || plans.is_empty() {
        return;
    }
    let seconds = estimate(plans).as_secs_f64();
    let takes = if seconds > A_WHILE.as_secs_f64() {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{seconds:.0} s")
    };
    let runs = if plans.len() == 1 { "run" } else { "runs" };
    progress::say(&format!("{} {runs}, about {takes}", plans.len()));
}

fn chosen(study: &Study, only: &[Only]) -> anyhow::Result<Vec<Plan>> {
    let mut plans = study.plans();
    plans.retain(|plan| Only::any(only, &plan.variant));
    if plans.is_empty() {
        bail!(
            "--only leaves nothing to run: {} has none of these transports",
            study.name
        );
    }
    Ok(plans)
}

/// Prints the table, then the one thing to do next.
fn show(
    options: &args::Run,
    folder: &Path,
    looked: &Looked,
    (interrupted, later): (bool, usize),
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let go_on = format!("wirebench run --resume {}", folder.display());
    if options.json {
        writeln!(out, "{}", looked.json(folder)?)?;
    } else if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        let objectives = looked.objectives(options.markdown);
        write!(out, "\n{objectives}")?;
        writeln!(out, "\n{}\n", looked.table(options.markdown))?;
        if let Some(line) = looked.predicted() {
            writeln!(out, "{line}")?;
        }
        let figures = looked.figures / 2;
        let shown = folder.display();
        writeln!(
            out,
            "{shown}: manifest.json, CSV files, latency.hlog, {figures} figures, report.html"
        )?;
        if interrupted {
            writeln!(out, "go on with: {go_on}")?;
        } else {
            writeln!(out, "open {shown}/report.html")?;
        }
    }
    if options.quiet || options.json {
        looked.warn_of_objectives();
    }
    looked.warn();
    if later > 0 {
        let runs = if later == 1 { "run is" } else { "runs are" };
        progress::say(&format!(
            "this sitting is over and the folder is not complete: {later} {runs} left; make them \
             at another time with: {go_on}"
        ));
    }
    Ok(())
}
