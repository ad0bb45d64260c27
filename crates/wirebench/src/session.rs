//! A session: one start of the program that adds runs to one results folder.
//!
//! Whatever measures a scenario does it here: `run`, `capacity`, each part of a claim and the run
//! of a lesson. So all of them hold their folder, calibrate before the first run of each shape,
//! keep `latency.hlog` and rows of finished runs whatever comes next, end early when asked to,
//! and go on where they stopped.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::Context;
use results::{Rows, Store, manifest};
use scenario::{Study, Tls};
use swarm::plan::Plan;

use crate::{
    broker::GivenRedis,
    external_services::ExternalServices,
    folder::{self, Held},
    generator::Swarming,
    histograms::{Latencies, Log},
    interrupt::Interrupt,
    manifest::Manifest,
    measure::{EndedBefore, Measured, measure},
    process_tree::RunningServer,
    progress::{self, View},
    proxy,
    request::Request,
    resume, shard,
};

/// The state in which a session expects its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The folder has no runs yet.
    New,
    /// The folder has runs of the same scenario.
    Resumed,
    /// The folder has runs of the same search, whose scenario has a cell for each load that was
    /// tried.
    ResumedSearch,
}

/// The folder of a session, and what to say of it.
#[derive(Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) start: Start,
    /// The command that continues with the folder.
    pub(crate) go_on: String,
    /// True if that command works before anything is in the folder, because the folder is a part of
    /// a larger one.
    pub(crate) is_part: bool,
    /// True if calibrations are printed.
    pub(crate) tells: bool,
}

/// A start of the program that adds runs to one results folder.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    folder: PathBuf,
    store: Store,
    _held: Held,
    log: Log,
    manifest: Manifest<Study>,
    /// True if the manifest in memory contains more than its file.
    is_unwritten: bool,
    interrupt: &'a Interrupt,
    /// The servers that run already.
    given: ExternalServices<'a>,
    swarming: Swarming,
    /// Begins with the first run.
    sitting: Option<u32>,
    go_on: String,
    tells: bool,
}

impl<'a> Session<'a> {
    /// Opens a folder for these plans and holds it. A new one must have no runs; one to go on with
    /// must be of the same scenario, and what was cut short is taken out of it.
    pub(crate) fn open(
        opening: Opening<'_>,
        study: Study,
        plans: Vec<Plan>,
        mut request: Option<Request>,
        interrupt: &'a Interrupt,
    ) -> anyhow::Result<Self> {
        let Opening {
            folder,
            start,
            go_on,
            is_part,
            tells,
        } = opening;
        let proxies = proxy::manifest::of(&study)?;
        study.check_plans(&plans)?;
        let held = match start {
            Start::New => folder::hold_new(folder, &go_on)?,
            Start::Resumed => {
                resume::same_scenario(folder, &study)?;
                folder::hold(folder)?
            }
            Start::ResumedSearch => {
                resume::same_cells(folder, &study)?;
                folder::hold(folder)?
            }
        };
        if let Some(request) = request.as_mut().filter(|_| start == Start::New) {
            request.made_in(folder);
        }
        let tls = under_tls(&study, request.as_ref());
        let mut manifest = Manifest::new(study, plans, request);
        manifest.hygiene.tls = tls;
        manifest.proxies = proxies;
        let files = files(folder, start, &mut manifest);
        let (store, log) = if is_part || start != Start::New {
            files.with_context(|| no_room(&go_on))?
        } else {
            files?
        };
        Ok(Self {
            folder: folder.to_owned(),
            store,
            _held: held,
            log,
            manifest,
            is_unwritten: false,
            interrupt,
            given: ExternalServices::default(),
            swarming: Swarming::Here,
            sitting: None,
            go_on,
            tells,
        })
    }

    /// Drives a server that is already running, instead of starting one for each run.
    pub(crate) const fn against(mut self, given: Option<&'a RunningServer>) -> Self {
        self.given.server = given;
        self
    }

    /// Has servers keep their logs in a Redis that runs already, and says so in the manifest.
    pub(crate) fn over(mut self, redis: Option<&'a GivenRedis>) -> Self {
        self.given.redis = redis;
        if let Some(redis) = redis {
            self.manifest.redis = Some(redis.about().kept());
            self.is_unwritten = true;
        }
        self
    }

    /// Has the people in these processes, instead of all of them in this one.
    pub(crate) fn swarming(mut self, swarming: Swarming) -> Self {
        self.swarming = swarming;
        self
    }

    /// Returns all rows that the folder holds.
    pub(crate) fn rows(&self) -> Rows {
        self.store.read().rows
    }

    /// Returns how fine the clock is, in a line to print.
    pub(crate) fn clock(&self) -> Option<String> {
        self.manifest.clock()
    }

    /// Returns the plans that are to be made in this sitting, and how many are left after it.
    pub(crate) fn left(&self) -> (Vec<Plan>, usize) {
        let left = resume::unfinished(&self.store, self.manifest.plans.clone());
        let all = left.len();
        let now = resume::of_sitting(left, self.manifest.scenario.repeats_a_sitting());
        let later = all - now.len();
        (now, later)
    }

    /// Notes the scenario and the plans of a search, which grow while it goes on.
    pub(crate) fn grow(&mut self, study: &Study, plans: Vec<Plan>) {
        self.manifest.scenario = study.clone();
        self.manifest.plans.extend(plans);
        self.is_unwritten = true;
    }

    /// Measures these plans one after the other, until all are done or the program is asked to end.
    /// The results of a run are written before the next one begins.
    ///
    /// # Errors
    /// Fails if a run cannot be made at all, or cannot be stored, as on a full disk.
    pub(crate) fn measure_all(&mut self, plans: &[Plan], quiet: bool) -> anyhow::Result<()> {
        let mut view = View::new(plans, quiet);
        for plan in plans {
            if self.interrupt.seen() {
                break;
            }
            match self.measure(plan, &mut view) {
                Err(error) if error.is::<EndedBefore>() => break,
                measured => drop(measured?),
            }
        }
        Ok(())
    }

    /// Measures one plan, after a calibration if no run of its shape was made yet, and stores the
    /// results. Returns the rows.
    ///
    /// # Errors
    /// Fails like [`Self::measure_all`], and with [`EndedBefore`] if the program is asked to end
    /// before the run has begun.
    pub(crate) fn measure(&mut self, plan: &Plan, view: &mut View) -> anyhow::Result<Rows> {
        let sitting = self.prepare(plan)?;
        if self.interrupt.seen() {
            return Err(anyhow::Error::msg(EndedBefore));
        }
        let cell = self.manifest.scenario.cell_of(plan);
        let line = view.run(plan);
        let measured = measure(
            plan,
            cell,
            &self.folder,
            self.given,
            &self.swarming,
            self.interrupt,
            line,
        )?;
        let Measured {
            mut rows,
            latencies,
            kept,
        } = measured;
        for run in &mut rows.runs {
            run.sitting = Some(sitting);
        }
        if let Some(kept) = kept {
            shard::kept::append(&self.folder, &kept).with_context(|| self.unkept())?;
        }
        self.keep(&rows, &latencies)
            .with_context(|| self.unkept())?;
        Ok(rows)
    }

    /// Begins the sitting with the first run, calibrates for a new shape, and says in the manifest
    /// what is about to be run. Returns the sitting's number.
    fn prepare(&mut self, plan: &Plan) -> anyhow::Result<u32> {
        let sitting = match self.sitting {
            Some(sitting) => sitting,
            None => self.manifest.begin_sitting(),
        };
        let calibrated = self.manifest.calibrate(plan, self.interrupt)?;
        if self.is_unwritten || calibrated.is_some() || self.sitting.is_none() {
            self.manifest
                .write(self.store.dir())
                .with_context(|| self.unkept())?;
            self.is_unwritten = false;
        }
        self.sitting = Some(sitting);
        if let Some(calibrated) = calibrated.filter(|_| self.tells) {
            progress::say(&calibrated);
        }
        Ok(sitting)
    }

    /// Writes histograms, then rows: a run that has a row in `runs.csv` is whole everywhere.
    fn keep(&self, rows: &Rows, latencies: &Latencies) -> anyhow::Result<()> {
        for run in &rows.runs {
            self.log.append(run, latencies)?;
        }
        Ok(self.store.append(rows)?)
    }

    /// Says that a run was made and cannot be written down, mostly on a full disk, or because the
    /// folder is gone: what is kept all the same, and how to go on.
    fn unkept(&self) -> String {
        let folder = self.store.dir();
        if !folder.is_dir() {
            return format!(
                "this run could not be kept: {} is gone, and the finished runs with it; put it \
                 back, then go on with: {}",
                folder.display(),
                self.go_on
            );
        }
        let finished = self.store.runs().0.len();
        let runs = if finished == 1 { "run is" } else { "runs are" };
        format!(
            "this run could not be kept; {finished} finished {runs} whole in {}; {}",
            folder.display(),
            no_room(&self.go_on)
        )
    }

    /// Records in the manifest how the session ended; `later` is the number of runs that are left.
    ///
    /// # Errors
    /// Fails if the manifest cannot be written.
    pub(crate) fn end(&mut self, later: usize) -> anyhow::Result<()> {
        self.manifest.ended(if self.interrupt.seen() {
            manifest::Ended::Interrupted
        } else if later > 0 {
            manifest::Ended::Incomplete
        } else {
            manifest::Ended::Complete
        });
        self.manifest.write(self.store.dir())
    }
}

/// Opens the files of a folder and writes the manifest. Of a folder to go on with, what was cut
/// short is taken out first, so that it is made again.
fn files(
    folder: &Path,
    start: Start,
    manifest: &mut Manifest<Study>,
) -> anyhow::Result<(Store, Log)> {
    let store = Store::create(folder)?;
    if start != Start::New {
        resume::take_back(folder)?;
        manifest.goes_on(folder)?;
    }
    let log = Log::open(folder, &store.runs().0)?;
    manifest.write(folder)?;
    Ok((store, log))
}

/// Returns whether connections are under TLS; `None` if only some are.
fn under_tls(study: &Study, request: Option<&Request>) -> Option<bool> {
    let target = request.and_then(|request| request.target.as_deref());
    if let Some(url) = target.map(str::to_ascii_lowercase) {
        return Some(url.starts_with("https:") || url.starts_with("wss:"));
    }
    let cells = study.cells.iter();
    let mut sealed = cells.map(|cell| {
        let proxy = cell.scenario.proxy.as_ref();
        let ends_tls = proxy.is_some_and(|proxy| proxy.is_there() && proxy.kind.ends_tls());
        ends_tls || cell.scenario.server.tls != Tls::Off
    });
    let first = sealed.next()?;
    sealed.all(|other| other == first).then_some(first)
}

/// Returns the advice for a full disk.
pub(crate) fn no_room(go_on: &str) -> String {
    format!("make room, then go on with: {go_on}")
}
