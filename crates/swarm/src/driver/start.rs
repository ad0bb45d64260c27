//! The beginning of a run, which says what would have to change for it to be possible.

use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Instant,
};

use crate::{
    clock::Clock,
    draft::Filler,
    driver::{
        config::{Run, Status},
        coordinate,
        launched::Launched,
        refuse::{check, check_part, check_tabs, fewer, goes_over_http2},
    },
    foreign::Description,
    outcome::{Ending, Notice, Outcome},
    part::Part,
    plan::Plan,
    schedule::{self, Schedule},
    socket::{
        headers::Headers,
        io,
        source::{self, Sources},
    },
    target::Target,
};

pub use super::refuse::StartError;

/// A run that is going on.
#[derive(Debug)]
pub struct Running {
    /// The notices of the run, one a phase and one a second. The channel ends with the run.
    pub notices: mpsc::Receiver<Notice>,
    stopper: Stopper,
    thread: JoinHandle<Outcome>,
}

/// A handle that ends a run early from anywhere.
#[derive(Debug, Clone)]
pub struct Stopper {
    reports: mpsc::Sender<(usize, Status)>,
}

impl Stopper {
    /// Ends the run: no more drafts are said, the last arrivals are awaited
    /// briefly, what was measured is kept. The first reason is kept as well.
    pub fn stop(&self, reason: impl Into<Ending>) {
        // A run that is over needs no stopping.
        let _ = self.reports.send((0, Status::Stop(reason.into())));
    }
}

/// Says when the first draft of a part may be due.
#[derive(Debug, Clone)]
pub struct Starter {
    reports: mpsc::Sender<(usize, Status)>,
}

impl Starter {
    /// Has *settle* begin at `at`, or as soon as everybody is connected, if that is later by less
    /// than *settle* is long. A part that is not ready by then ends early.
    pub fn begin(&self, at: Instant) {
        // A run that is over begins no more.
        let _ = self.reports.send((0, Status::Begin(at)));
    }
}

impl Running {
    /// Stops the run, as [`Stopper::stop`] does.
    pub fn stop(&self, reason: impl Into<Ending>) {
        self.stopper.stop(reason);
    }

    /// Returns something that can stop this run from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Waits for the end and returns what it came to.
    #[must_use]
    pub fn finish(self) -> Outcome {
        // Whoever waits for the end looks at nothing any more.
        drop(self.notices);
        match self.thread.join() {
            Ok(outcome) => outcome,
            // A mistake of ours, not of a client: no outcome would be true.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Starts `plan` against `target` and returns at once.
///
/// # Errors
/// The first thing that makes the plan impossible, with what would work.
pub fn start(plan: Plan, target: Target) -> Result<Running, StartError> {
    begin(plan, target, Part::WHOLE, false).map(|(running, _)| running)
}

/// Starts a part of `plan` against `target` and returns at once. Its people connect; no draft is due
/// before the [`Starter`] says so. The outcome has the account of each draft that [`merge`] needs.
///
/// # Errors
/// Fails like [`start`], and if parts cannot do what the plan asks for.
///
/// [`merge`]: crate::merge
pub fn start_part(
    plan: Plan,
    target: Target,
    part: Part,
) -> Result<(Running, Starter), StartError> {
    check_part(&plan, part)?;
    begin(plan, target, part, true)
}

fn begin(
    plan: Plan,
    target: Target,
    part: Part,
    is_held: bool,
) -> Result<(Running, Starter), StartError> {
    check(&plan)?;
    if target.http2 && !goes_over_http2(&plan) {
        return Err(StartError::Http2);
    }
    check_tabs(&plan, &target)?;
    let limit = source::raise_descriptor_limit()
        .map_err(|error| StartError::System("raise the limit of descriptors", error))?;
    let need = source::descriptors_needed(&plan, part);
    if need > limit {
        return Err(StartError::Descriptors {
            need,
            limit,
            remedy: fewer(need - limit, &plan, part),
        });
    }
    let io = io::settled(plan.swarm.io).map_err(StartError::NoUring)?;
    let headers = Headers::new(&plan, &target).map_err(StartError::Header)?;
    let phases = plan.variant.interval().map_or_else(Vec::new, |interval| {
        schedule::poll_phases(plan.swarm.clients, interval, plan.seed)
    });
    let schedule = Schedule::new(&plan);
    let description = Description::new(&plan, &schedule).map_err(StartError::Foreign)?;
    let run = Arc::new(Run {
        schedule,
        description: description.map(Arc::new),
        filler: Filler::of(&plan),
        sources: Arc::new(Sources::new(&plan, &target)),
        launched: Launched::new(&plan),
        phases,
        headers,
        io,
        clock: Clock::start(),
        plan,
        part,
        is_held,
        target,
    });
    let (reports, inbox) = mpsc::channel();
    let (sender, notices) = mpsc::channel();
    let stopper = Stopper {
        reports: reports.clone(),
    };
    let starter = Starter {
        reports: reports.clone(),
    };
    let thread = thread::Builder::new()
        .name("coordinator".to_owned())
        .spawn(move || coordinate::coordinate(&run, &reports, &inbox, &sender))
        .map_err(|error| StartError::System("start a thread", error))?;
    let running = Running {
        notices,
        stopper,
        thread,
    };
    Ok((running, starter))
}
