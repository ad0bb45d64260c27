//! The state that the people of one shard share, in one thread.

mod cut;
mod follow;
mod hindered;
pub(super) mod runner;
mod tabs;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use tokio::sync::{Notify, Semaphore};

use super::{
    batch::Batch,
    config::{Run, ShardConfig, Timetable},
    decode_cache::DecodeCache,
    publisher::{ClerkPools, Publishers},
};
use crate::{
    clock::Nanos,
    failure::Failure,
    measure::{
        freshness::Freshness,
        lag::Watch,
        tally::{Gaps, MedianReceivers, Tally},
    },
    socket::network::Network,
    transport::resume::Call,
};

/// Connections that one shard opens at the same time. The listen backlog of a
/// careful server holds this many from each of a few shards.
const OPENING_AT_ONCE: usize = 128;

/// The data that the people of one shard have in common.
#[derive(Debug)]
pub(crate) struct Shard {
    /// The data that is fixed for the run.
    pub(crate) run: Arc<Run>,
    /// The network that connections are made from.
    pub(crate) network: Rc<Network>,
    /// The connections that one task reads.
    pub(super) batch: Batch,
    /// The counts.
    pub(crate) tally: RefCell<Tally>,
    /// True once nobody who connects is in time any more.
    pub(crate) has_begun: Cell<bool>,
    /// The signal that it has become true.
    begins: Notify,
    /// Turns at opening a connection.
    pub(crate) opening: Semaphore,
    /// The ways up of those who publish.
    pub(crate) publishers: Publishers,
    /// The connections over which clerks speak.
    pub(crate) clerk_pools: ClerkPools,
    /// Drafts on their way over HTTP.
    pub(crate) unanswered: Cell<usize>,
    /// Something happened that the shard may be waiting for.
    pub(crate) changed: Notify,
    /// The parsed content of the last texts.
    pub(crate) decoded: RefCell<DecodeCache>,
    /// The age of the newest events that readers hold.
    pub(crate) freshness: RefCell<Freshness>,
    /// The timetable of the run, once it has begun.
    pub(crate) timetable: Cell<Option<Timetable>>,
    /// The number of drafts that left in each room, if there is no schedule.
    pub(crate) launched: RefCell<Vec<usize>>,
    /// A signal that nothing counts any more: everyone who has a closing message to send sends it.
    pub(crate) over: Notify,
    /// The people who wait for longer than usual before they come back to a stream, because the
    /// server told them to, and for how long.
    pub(crate) waiting: RefCell<HashMap<usize, Duration>>,
    /// The signals by which readers lose their connections.
    calls: RefCell<HashMap<usize, Rc<Call>>>,
    /// The signals by which they leave.
    leavers: RefCell<HashMap<usize, Rc<Call>>>,
    speaks: bool,
    /// The number of people who only publish and are still about to connect.
    unconnected: Cell<usize>,
    /// CPU time of this thread at the beginning of the window.
    cpu_before: Cell<Duration>,
    /// The time of that.
    window_began: Cell<Nanos>,
    /// The measurement of what kept this thread from running, while the window lasts.
    watch: RefCell<Option<Watch>>,
    people: usize,
    connected: Cell<usize>,
    gone: Cell<usize>,
    /// The number of people who were connected, and are away.
    away: Cell<usize>,
    /// The number of people whom a full server did not let in, and who try on.
    outside: Cell<usize>,
    expected: Cell<u64>,
}

impl Shard {
    fn new(config: &ShardConfig) -> Self {
        let plan = &config.run.plan;
        let counting = config.run.schedule.counting(Nanos::MAX);
        let run = &config.run;
        let network = Network::new(plan, &run.target, &run.sources, &run.headers, run.clock)
            .of_browsers(plan, &config.people);
        let length = plan.traffic.measure + plan.traffic.drain;
        let mut tally = Tally::new(counting.start, counting.len(), length);
        tally.middles =
            MedianReceivers::new((counting.len() * plan.swarm.clients / plan.rooms()) as u64);
        tally.gaps = Gaps::new(config.people.len(), &tally.due);
        tally.elsewhere = run.elsewhere(&counting);
        Self {
            run: Arc::clone(&config.run),
            network: Rc::new(network),
            batch: Batch::new(config.people.len()),
            tally: RefCell::new(tally),
            has_begun: Cell::new(false),
            begins: Notify::new(),
            opening: Semaphore::new(OPENING_AT_ONCE),
            publishers: Publishers::default(),
            clerk_pools: ClerkPools::default(),
            unanswered: Cell::new(0),
            changed: Notify::new(),
            decoded: RefCell::default(),
            freshness: RefCell::new(Freshness::new(&config.people, &plan.swarm, plan.seed)),
            timetable: Cell::new(None),
            launched: RefCell::new(vec![0; plan.rooms()]),
            over: Notify::new(),
            waiting: RefCell::default(),
            calls: RefCell::default(),
            leavers: RefCell::default(),
            speaks: config.speaks,
            unconnected: Cell::new(config.publish_only.len()),
            cpu_before: Cell::default(),
            window_began: Cell::default(),
            watch: RefCell::default(),
            people: config.people.len(),
            connected: Cell::new(0),
            gone: Cell::new(0),
            away: Cell::new(0),
            outside: Cell::new(0),
            expected: Cell::new(0),
        }
    }

    /// Returns the number of people who listen in the shard.
    pub(crate) const fn people(&self) -> usize {
        self.people
    }

    fn is_gathered(&self) -> bool {
        self.settled() >= self.people && self.unconnected.get() == 0
    }

    /// Returns the number of people of whom it is known whether they could connect. Where readers
    /// come back by a policy, whoever is away could.
    pub(super) fn settled(&self) -> usize {
        let comes_back = self.run.plan.reconnect.is_some();
        let away = if comes_back { self.away.get() } else { 0 };
        self.connected.get() + self.gone.get() + self.outside.get() + away
    }

    fn is_alone(&self) -> bool {
        self.gone.get() >= self.people
    }

    /// Returns whether all expected deliveries came, no draft waits for its answer,
    /// and nobody is away who may come back.
    fn is_complete(&self) -> bool {
        let tally = self.tally.borrow();
        let all_heard = tally.delivered >= self.expected.get() && self.unanswered.get() == 0;
        all_heard && !tally.comebacks.is_anybody_away()
    }

    /// Notes that somebody is connected. Whoever comes after the time for it was given up, and is
    /// not counted among those who came.
    pub(crate) fn came(&self, opening: Nanos) {
        self.connected.set(self.connected.get() + 1);
        if !self.has_begun.get() {
            self.tally.borrow_mut().opening.saturating_record(opening);
        }
        self.changed.notify_one();
    }

    /// Notes that somebody who only publishes is connected, or never will be.
    pub(crate) fn publisher_is_settled(&self) {
        self.unconnected.set(self.unconnected.get() - 1);
        self.changed.notify_one();
    }

    /// Notes that somebody's connection broke; the person may come back.
    pub(crate) fn left(&self) {
        self.connected.set(self.connected.get() - 1);
        self.away.set(self.away.get() + 1);
        self.changed.notify_one();
    }

    /// Notes that somebody came back.
    pub(crate) fn came_back(&self) {
        self.connected.set(self.connected.get() + 1);
        self.away.set(self.away.get() - 1);
    }

    /// Notes that somebody who is away does not come back.
    pub(crate) fn stays_away(&self) {
        self.away.set(self.away.get() - 1);
    }

    /// Notes that a full server did not let somebody in, who tries on.
    pub(crate) fn stands_outside(&self) {
        self.outside.set(self.outside.get() + 1);
        self.changed.notify_one();
    }

    /// Notes that somebody was let in at last, or has given up.
    pub(crate) fn stands_outside_no_more(&self) {
        self.outside.set(self.outside.get() - 1);
    }

    /// Notes that somebody will not be connected any more.
    pub(crate) fn gone(&self) {
        self.gone.set(self.gone.get() + 1);
        self.changed.notify_one();
    }

    /// Returns the number of the part that sends a draft, if it is another one, and the time from due
    /// to `now`, as if that part had begun when this one did.
    pub(crate) fn crossing(&self, index: usize, now: Nanos) -> Option<(usize, i64)> {
        let Run {
            part,
            plan,
            schedule,
            ..
        } = &*self.run;
        if part.is_whole() {
            return None;
        }
        let draft = schedule.drafts().get(index)?;
        let sender = part.of_person(plan, draft.person(plan));
        let due = self.timetable.get()?.settle + draft.at;
        (sender != *part).then(|| (sender.number(), now.cast_signed() - due.cast_signed()))
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.tally.borrow_mut().failed(&failure.to_string(), 1);
    }

    /// Counts those who still wait to come back at the end, if something was missed.
    fn note_long_waits(&self) {
        if !self.is_complete() {
            for wait in self.waiting.borrow().values() {
                self.failed(&Failure::ToldToWait(*wait));
            }
        }
    }

    /// Wakes the shard if nothing is missing any more.
    pub(crate) fn look_whether_complete(&self) {
        if self.is_complete() {
            self.changed.notify_one();
        }
    }
}
