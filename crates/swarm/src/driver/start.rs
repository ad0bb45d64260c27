//! Begins a run, or says what would have to change for it to be possible.

use std::{
    io,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use wire::Carrier;

use crate::{
    clock::Clock,
    draft::{self, Filler},
    driver::{
        config::{Run, Status},
        coordinate,
        launched::Launched,
    },
    foreign::Description,
    outcome::{Notice, Outcome},
    plan::{Plan, Speak},
    schedule::{self, Schedule},
    socket::{
        headers::Headers,
        source::{self, Sources},
    },
    target::Target,
};

/// The reason why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A count that must be at least one is zero.
    #[error("the plan has no {0}; at least one is needed")]
    None(&'static str),
    /// Rooms would be empty.
    #[error("{rooms} rooms for {clients} people; use at most {clients} rooms")]
    EmptyRooms {
        /// Rooms of the plan.
        rooms: usize,
        /// People of the plan.
        clients: usize,
    },
    /// Drafts without anybody to say them, or more speakers than people.
    #[error(
        "{publishers} publishers in a room of {people} people; use 1 to {people}, or a rate of 0"
    )]
    Publishers {
        /// Publishers of a room in the plan.
        publishers: usize,
        /// People in the smallest room.
        people: usize,
    },
    /// The rate is no number of drafts a second.
    #[error("a rate of {0} drafts a second; use 0 or more")]
    Rate(f64),
    /// A text would be empty.
    #[error("a payload of {0} to {1} bytes; use at least 1, and the smaller bound first")]
    Payload(usize, usize),
    /// The run has more drafts than a tag can number.
    #[error(
        "about {0:.0} drafts; a run can have {most} (lower the rate, or measure for less time)",
        most = draft::MOST_DRAFTS
    )]
    TooManyDrafts(f64),
    /// A line of the header profile is no header.
    #[error("{0:?} is no HTTP header line")]
    Header(String),
    /// The description of a foreign server cannot be used.
    #[error("[target]: {0}")]
    Foreign(String),
    /// The way to read does not go over HTTP/2 here.
    #[error(
        "over HTTP/2 there are neither WebSockets nor connections for one question or draft here; \
         use HTTP/1.1"
    )]
    Http2,
    /// The process may not open enough sockets.
    #[error(
        "the plan needs {need} descriptors and this process may open {limit} (hard limit): \
         {remedy}raise the limit (ulimit -Hn, or LimitNOFILE= in systemd)"
    )]
    Descriptors {
        /// Descriptors that the plan needs.
        need: u64,
        /// The hard limit.
        limit: u64,
        /// The number of clients by which the plan must shrink to fit, in words; empty if
        /// no number would fit.
        remedy: String,
    },
    /// The operating system refused something.
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
}

/// A run that is going on.
#[derive(Debug)]
pub struct Running {
    /// The notices of the run, one a phase and one a second. The channel ends with the run.
    pub notices: mpsc::Receiver<Notice>,
    stopper: Stopper,
    thread: JoinHandle<Outcome>,
}

/// Ends a run early from anywhere.
#[derive(Debug, Clone)]
pub struct Stopper {
    reports: mpsc::Sender<(usize, Status)>,
}

impl Stopper {
    /// Ends the run: no more drafts are said, the last arrivals are awaited
    /// briefly, what was measured is kept. The first reason is kept as well.
    pub fn stop(&self, reason: &str) {
        // A run that is over needs no stopping.
        let _ = self.reports.send((0, Status::Stop(reason.to_owned())));
    }
}

impl Running {
    /// See [`Stopper::stop`].
    pub fn stop(&self, reason: &str) {
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
    check(&plan)?;
    if target.http2 && !goes_over_http2(&plan) {
        return Err(StartError::Http2);
    }
    let limit = source::raise_descriptor_limit()
        .map_err(|error| StartError::System("raise the limit of descriptors", error))?;
    let need = source::descriptors_needed(&plan);
    if need > limit {
        return Err(StartError::Descriptors {
            need,
            limit,
            remedy: fewer(need - limit, plan.swarm.clients),
        });
    }
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
        clock: Clock::start(),
        plan,
        target,
    });
    let (reports, inbox) = mpsc::channel();
    let (sender, notices) = mpsc::channel();
    let stopper = Stopper {
        reports: reports.clone(),
    };
    let thread = thread::Builder::new()
        .name("coordinator".to_owned())
        .spawn(move || coordinate::coordinate(&run, &reports, &inbox, &sender))
        .map_err(|error| StartError::System("start a thread", error))?;
    Ok(Running {
        notices,
        stopper,
        thread,
    })
}

/// Returns whether all that a plan does can go over HTTP/2.
fn goes_over_http2(plan: &Plan) -> bool {
    plan.variant.way().carrier() != Carrier::Frame
        && plan.variant.keeps_connections()
        && plan.traffic.speak != Speak::PostClose
}

/// Returns the advice to leave out some of the clients, if any would stay.
fn fewer(missing: u64, clients: usize) -> String {
    if missing < clients as u64 {
        format!("use {missing} fewer clients, or ")
    } else {
        String::new()
    }
}

fn check(plan: &Plan) -> Result<(), StartError> {
    for (count, what) in [
        (plan.swarm.clients, "clients"),
        (plan.rooms(), "rooms"),
        (plan.swarm.shards, "shards"),
    ] {
        if count == 0 {
            return Err(StartError::None(what));
        }
    }
    if plan.rooms() > plan.swarm.clients {
        return Err(StartError::EmptyRooms {
            rooms: plan.rooms(),
            clients: plan.swarm.clients,
        });
    }
    if !plan.traffic.rate.is_finite() || plan.traffic.rate < 0.0 {
        return Err(StartError::Rate(plan.traffic.rate));
    }
    let people = plan.swarm.clients / plan.rooms();
    let nobody_speaks = plan.traffic.rate > 0.0 && plan.traffic.publishers == 0;
    let too_many = plan.traffic.speak == Speak::Same && plan.traffic.publishers > people;
    if nobody_speaks || too_many {
        return Err(StartError::Publishers {
            publishers: plan.traffic.publishers,
            people,
        });
    }
    if plan.traffic.payload.min == 0 || plan.traffic.payload.max < plan.traffic.payload.min {
        return Err(StartError::Payload(
            plan.traffic.payload.min,
            plan.traffic.payload.max,
        ));
    }
    let drafts = schedule::estimate(plan);
    // Poisson arrivals may be a little more than the estimate.
    if drafts > 0.9 * draft::MOST_DRAFTS as f64 {
        return Err(StartError::TooManyDrafts(drafts));
    }
    Ok(())
}
