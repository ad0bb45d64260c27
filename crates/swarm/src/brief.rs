//! What a shard is told before and during a run, and what it tells.

use std::{
    ops::Range,
    sync::{Arc, mpsc},
};

use tokio::sync::watch;

use crate::{
    clock::{Clock, Nanos},
    draft::Filler,
    foreign::Description,
    http::Headers,
    in_flight::Launched,
    outcome::Second,
    plan::Plan,
    schedule::Schedule,
    source::Sources,
    target::Target,
};

/// What is fixed before anything starts; read by all shards, changed by none.
#[derive(Debug)]
pub(crate) struct Run {
    /// The plan.
    pub(crate) plan: Plan,
    /// The server.
    pub(crate) target: Target,
    /// When what is said.
    pub(crate) schedule: Schedule,
    /// When in the interval each short poller asks.
    pub(crate) phases: Vec<Nanos>,
    /// What drafts are made of.
    pub(crate) filler: Filler,
    /// What left without a schedule.
    pub(crate) launched: Launched,
    /// Headers of each request.
    pub(crate) headers: Headers,
    /// How to talk to a server that does not keep our contract.
    pub(crate) description: Option<Arc<Description>>,
    /// Where connections come from.
    pub(crate) sources: Arc<Sources>,
    /// The clock of this run.
    pub(crate) clock: Clock,
}

/// When the phases after *connect* begin, on the run's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timetable {
    /// *Settle*: drafts flow.
    pub(crate) settle: Nanos,
    /// *Measure*: drafts due from here on count.
    pub(crate) measure: Nanos,
    /// *Drain*: no draft is due from here on.
    pub(crate) drain: Nanos,
    /// The time-out of *drain*.
    pub(crate) end: Nanos,
}

impl Timetable {
    /// Indexes of the drafts that count.
    pub(crate) fn counting(&self, schedule: &Schedule) -> Range<usize> {
        schedule.counting(self.drain.saturating_sub(self.settle))
    }
}

/// What the coordinator wants of all shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orders {
    /// Connect and wait.
    Connect,
    /// Go on by this timetable.
    Follow(Timetable),
    /// Close everything and hand in the tally.
    Close,
}

/// What a shard tells the coordinator.
#[derive(Debug)]
pub(crate) enum Report {
    /// Each of its people is connected or has failed to.
    Gathered,
    /// A second is over.
    Second(Second),
    /// None of its people is connected any more.
    Alone,
    /// It has heard all it expects, or its time is over.
    Drained,
    /// Not from a shard: somebody asks for an early end.
    Stop(String),
}

/// What a shard's thread begins with.
#[derive(Debug)]
pub(crate) struct Brief {
    /// Its number.
    pub(crate) number: usize,
    /// Its people who listen.
    pub(crate) people: Vec<usize>,
    /// Its people who only speak.
    pub(crate) mere_speakers: Range<usize>,
    /// Whether it says the drafts.
    pub(crate) speaks: bool,
    /// What is fixed.
    pub(crate) run: Arc<Run>,
    /// What is wanted.
    pub(crate) orders: watch::Receiver<Orders>,
    /// Where to tell.
    pub(crate) reports: mpsc::Sender<(usize, Report)>,
}

impl Brief {
    /// Whether this shard's thread should go before all others: it says the
    /// drafts, and few enough listen in it that the server is not pushed aside
    /// for the sake of readers.
    pub(crate) fn goes_first(&self) -> bool {
        self.speaks && self.people.len() * 10 <= self.run.plan.clients
    }
}
