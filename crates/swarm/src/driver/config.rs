//! The information that a shard receives before and during a run, and its reports.

use std::{
    ops::Range,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{
    clock::{Clock, Nanos},
    draft::Filler,
    driver::launched::Launched,
    foreign::Description,
    outcome::{Ending, Second},
    part::Part,
    plan::{Io, Plan},
    schedule::{Due, Schedule},
    socket::{headers::Headers, source::Sources},
    target::Target,
};

/// The data that is fixed before anything starts; all shards read it, none changes it.
#[derive(Debug)]
pub(crate) struct Run {
    /// The plan.
    pub(crate) plan: Plan,
    /// The part of its people who are here.
    pub(crate) part: Part,
    /// True if somebody else says when the first draft may be due, and keeps account of each draft
    /// over all parts.
    pub(crate) is_held: bool,
    /// The server.
    pub(crate) target: Target,
    /// The schedule of all drafts.
    pub(crate) schedule: Schedule,
    /// The time within the interval at which each short poller asks.
    pub(crate) phases: Vec<Nanos>,
    /// The text that drafts are made of.
    pub(crate) filler: Filler,
    /// The counts of the drafts that left without a schedule.
    pub(crate) launched: Launched,
    /// Headers of each request.
    pub(crate) headers: Headers,
    /// The description of a server that does not keep our contract.
    pub(crate) description: Option<Arc<Description>>,
    /// The way in which those who only listen are read: `Epoll` or `Uring`.
    pub(crate) io: Io,
    /// The source addresses and descriptors of connections.
    pub(crate) sources: Arc<Sources>,
    /// The clock of this run.
    pub(crate) clock: Clock,
}

impl Run {
    /// Returns whether the one who sends a draft is here.
    pub(crate) fn has_speaker_of(&self, draft: Due) -> bool {
        self.part.is_whole() || self.part.has(&self.plan, draft.person(&self.plan))
    }

    /// Returns, for each of the drafts that count, whether another part sends it; `None` where all
    /// are sent here.
    pub(crate) fn elsewhere(&self, counting: &Range<usize>) -> Option<Box<[bool]>> {
        if self.part.is_whole() {
            return None;
        }
        let drafts = self.schedule.drafts().get(counting.clone())?.iter();
        Some(drafts.map(|draft| !self.has_speaker_of(*draft)).collect())
    }
}

/// The times at which the phases after *connect* begin, on the run's clock.
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

    /// Returns the length of the window of a run that ended at `ended`. A run that was ended before
    /// *measure* has none: its CPU time is a share of nothing. It is no less than the time over which
    /// the CPU times of threads were taken, which begins a moment earlier and ends a moment later. Of a
    /// run that was ended just after its *measure* had begun, these moments are most of it.
    pub(crate) fn window(&self, ended: Nanos, taken_over: Duration) -> Duration {
        if self.drain <= self.measure {
            return Duration::ZERO;
        }
        Duration::from_nanos(ended.saturating_sub(self.measure)).max(taken_over)
    }
}

/// The order of the coordinator to all shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Connect and wait.
    Connect,
    /// Go on by this timetable.
    Follow(Timetable),
    /// Close everything and hand in the tally.
    Close,
}

/// A report of a shard to the coordinator.
#[derive(Debug)]
pub(crate) enum Status {
    /// Each of its people is connected or has failed to.
    Gathered,
    /// A second is over.
    Second(Second),
    /// The shard has no connected people any more.
    Alone,
    /// The shard has heard all that it expects, or its time is over.
    Drained,
    /// A request for an early end. It does not come from a shard.
    Stop(Ending),
    /// The time at which *settle* begins, for a run that is held. It does not come from a shard.
    Begin(Instant),
}

/// The data that a shard's thread begins with.
#[derive(Debug)]
pub(crate) struct ShardConfig {
    /// The number of the shard.
    pub(crate) number: usize,
    /// The people of the shard who listen.
    pub(crate) people: Vec<usize>,
    /// The people of the shard who only speak.
    pub(crate) publish_only: Vec<usize>,
    /// True if the shard sends the drafts.
    pub(crate) speaks: bool,
    /// The data that is fixed for the run.
    pub(crate) run: Arc<Run>,
    /// The channel that brings the commands.
    pub(crate) commands: watch::Receiver<Command>,
    /// The channel that takes the reports.
    pub(crate) reports: mpsc::Sender<(usize, Status)>,
}

impl ShardConfig {
    /// Returns whether this shard's thread should take priority over all others: it sends
    /// the drafts, and so few people listen in it that readers do not push the server
    /// aside.
    pub(crate) fn goes_first(&self) -> bool {
        self.speaks && self.people.len() * 10 <= self.run.part.clients(&self.run.plan)
    }
}
