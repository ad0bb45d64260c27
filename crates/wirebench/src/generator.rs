//! The load generator of a run: in this process, as one shard of several, or in processes of its
//! own.

use std::sync::{Once, mpsc::Receiver};

use anyhow::{Context, bail};
use scenario::Cell;
use swarm::{
    Running, Target,
    outcome::{Ending, Look, Notice, Outcome},
    plan::{Io, Plan},
};

use crate::{
    processes::Crew,
    progress,
    shard::{Shard, ready::Ready},
};

/// The processes that the people of a run are in.
#[derive(Debug, Clone, Default)]
pub(crate) enum Swarming {
    /// All of them are in this process.
    #[default]
    Here,
    /// A part of them is in this process, and others run the rest.
    Shard(Shard),
    /// They are in so many processes that this one starts.
    Processes(usize),
}

/// The load generator of one run.
#[derive(Debug)]
pub(crate) enum Generator {
    /// It is in this process.
    Here(Running),
    /// One part of it is in this process.
    Shard(Running, Ready),
    /// It is in processes of its own.
    Processes(Crew),
}

impl Swarming {
    /// Returns the part of the run that is measured here, if others measure the rest.
    pub(crate) const fn shard(&self) -> Option<&Shard> {
        match self {
            Self::Shard(shard) => Some(shard),
            Self::Here | Self::Processes(_) => None,
        }
    }

    /// Waits for the end of a run and returns what it came to, with the error that a shard states of
    /// its clock.
    pub(crate) fn finish(&self, generator: Generator) -> Outcome {
        let mut outcome = generator.finish();
        outcome.clock_error = self.shard().and_then(|shard| shard.clock_error);
        outcome
    }

    /// Returns the number of processes that the people are in.
    pub(crate) const fn processes(&self) -> usize {
        match self {
            Self::Here => 1,
            Self::Shard(shard) => shard.part.of(),
            Self::Processes(count) => *count,
        }
    }

    /// Refuses a cell that a shard cannot do its part of.
    pub(crate) fn check(&self, cell: &Cell) -> anyhow::Result<()> {
        let proxy = cell.scenario.proxy.as_ref();
        if self.shard().is_some() && proxy.is_some_and(scenario::ProxySettings::is_there) {
            bail!(
                "each shard would have a proxy of its own; start one proxy and name it by --target"
            );
        }
        check_io(cell.scenario.swarm.io)
    }

    /// Starts the load generator of one run.
    pub(crate) fn start(&self, plan: &Plan, target: &Target) -> anyhow::Result<Generator> {
        Ok(match self {
            Self::Here => Generator::Here(swarm::start(plan.clone(), target.clone())?),
            Self::Shard(shard) => {
                let ready = shard.ready(plan, target)?;
                let (running, starter) =
                    swarm::start_part(plan.clone(), target.clone(), shard.part)?;
                let ready = ready.of(shard.part, starter, running.stopper());
                Generator::Shard(running, ready)
            }
            Self::Processes(count) => Generator::Processes(Crew::start(plan, target, *count)?),
        })
    }
}

/// Refuses to read by `io_uring` where that cannot be had, or says once that it is done without.
fn check_io(io: Io) -> anyhow::Result<()> {
    static TOLD: Once = Once::new();
    if io == Io::Epoll {
        return Ok(());
    }
    match swarm::try_uring().map_err(server::NoUring::from) {
        Err(why) if io == Io::Uring => {
            return Err(why).context("swarm.io = \"uring\" (\"epoll\" and \"auto\" would work)");
        }
        Err(why) => TOLD.call_once(|| {
            progress::warn(&format!(
                "{why}; the load generator has a system call for each message"
            ));
        }),
        Ok(()) => {}
    }
    Ok(())
}

impl Generator {
    /// Returns the channel that brings the notices of the run, and ends with it.
    pub(crate) const fn notices(&self) -> &Receiver<Notice> {
        match self {
            Self::Here(running) | Self::Shard(running, _) => &running.notices,
            Self::Processes(crew) => &crew.notices,
        }
    }

    /// Ends the run early; the first reason is kept.
    pub(crate) fn stop(&self, reason: impl Into<Ending>) {
        match self {
            Self::Here(running) | Self::Shard(running, _) => running.stop(reason),
            Self::Processes(crew) => crew.stop(reason),
        }
    }

    /// Notes that everybody in this process is connected.
    pub(crate) fn gathered(&mut self) {
        if let Self::Shard(_, ready) = self {
            ready.gathered();
        }
    }

    /// Notes that the window was looked at. People of a shard stay until every other shard must have
    /// ended its window, so that no leave of theirs falls into it.
    pub(crate) fn looked(&mut self, look: Look) {
        if let Self::Shard(_, ready) = self {
            ready.keep(look);
        }
    }

    /// Waits for the end and returns what the run came to.
    fn finish(self) -> Outcome {
        match self {
            Self::Here(running) | Self::Shard(running, _) => running.finish(),
            Self::Processes(crew) => crew.finish(),
        }
    }
}
