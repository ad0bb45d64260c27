//! A thread with its people, its tally and its own runtime. While it measures it shares
//! nothing with other shards; it receives orders and sends a message a second.

mod cut;
mod follow;
mod hindered;

use std::{
    cell::{Cell, RefCell},
    mem,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{Notify, Semaphore},
};
use wire::Carrier;

use crate::{
    brief::{Brief, Orders, Report, Run, Timetable},
    clock::{Nanos, SECOND},
    failure::Failure,
    freshness::Freshness,
    gist::Memory,
    http::{self, Network},
    lag::Watch,
    ledger::Accountant,
    meter, person, priority, speaker,
    tally::{Middles, Tally},
    voice::{self, Voices},
};

/// Connections that one shard opens at the same time. The listen backlog of a
/// careful server holds this many from each of a few shards.
const OPENING_AT_ONCE: usize = 128;

/// The time that all farewells together may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// The time within which short polls on their way may come back at the end.
const LEAVE: Nanos = SECOND;

/// The data that the people of one shard have in common.
#[derive(Debug)]
pub(crate) struct Shard {
    /// The data that is fixed for the run.
    pub(crate) run: Arc<Run>,
    /// The network that connections are made from.
    pub(crate) network: Rc<Network>,
    /// The counts.
    pub(crate) tally: RefCell<Tally>,
    /// Turns at opening a connection.
    pub(crate) opening: Semaphore,
    /// The ways up of those who speak.
    pub(crate) voices: Voices,
    /// Drafts on their way over HTTP.
    pub(crate) unanswered: Cell<usize>,
    /// Something happened that the shard may be waiting for.
    pub(crate) changed: Notify,
    /// The parsed content of the last texts.
    pub(crate) memory: RefCell<Memory>,
    /// The age of the newest events that readers hold.
    pub(crate) freshness: RefCell<Freshness>,
    /// The timetable of the run, once it has begun.
    pub(crate) timetable: Cell<Option<Timetable>>,
    /// The number of drafts that left in each room, if there is no schedule.
    pub(crate) launched: RefCell<Vec<usize>>,
    /// A signal that nothing counts any more: everyone who has a farewell to send sends it.
    pub(crate) over: Notify,
    /// The signals by which readers lose their connections.
    calls: cut::Calls,
    speaks: bool,
    /// People who only speak and are still about to connect.
    voiceless: Cell<usize>,
    /// CPU time of this thread at the beginning of the window.
    cpu_before: Cell<Duration>,
    /// The measurement of what kept this thread from running, while the window lasts.
    watch: RefCell<Option<Watch>>,
    people: usize,
    connected: Cell<usize>,
    gone: Cell<usize>,
    expected: Cell<u64>,
}

/// Runs one shard to its end. `None` would mean that a task outlived its
/// runtime.
pub(crate) fn run(brief: Brief) -> Option<Tally> {
    let shard = Rc::new(Shard::new(&brief));
    if brief.goes_first() {
        shard.tally.borrow_mut().speaks_first = priority::ask();
    }
    let mut runtime = Builder::new_current_thread();
    match runtime.enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime.block_on(live(Rc::clone(&shard), brief)),
        Err(error) => {
            let kind = format!("no runtime for a shard: {}", error.kind());
            shard.tally.borrow_mut().failed(&kind, 1);
        }
    }
    // The tasks that held the shard ended with the runtime.
    Rc::into_inner(shard).map(|shard| {
        let mut tally = shard.tally.into_inner();
        tally.accounts = shard.network.accountant.close();
        tally.retried = shard.network.retried.get();
        tally.suite = shard.network.suite.get();
        if let Some(lines) = &shard.network.lines {
            let mut lines = lines.borrow_mut();
            tally.comebacks.begun = mem::take(&mut lines.begun);
            tally.comebacks.made = mem::take(&mut lines.made);
        }
        tally
    })
}

async fn live(shard: Rc<Shard>, mut brief: Brief) {
    for (place, &person) in brief.people.iter().enumerate() {
        tokio::task::spawn_local(person::live(Rc::clone(&shard), person, place));
    }
    for person in brief.mere_speakers.clone() {
        tokio::task::spawn_local(voice::raise(Rc::clone(&shard), person));
    }
    let report = |report| {
        // The coordinator outlives its shards; if not, nobody wants to know.
        let _ = brief.reports.send((brief.number, report));
    };
    while !shard.is_gathered() && *brief.orders.borrow() == Orders::Connect {
        tokio::select! {
            () = shard.changed.notified() => {}
            changed = brief.orders.changed() => if changed.is_err() { return },
        }
    }
    let absent = brief.people.len() - shard.connected.get() - shard.gone.get();
    let absent = absent + shard.voiceless.get();
    let too_late = Failure::TooLate.to_string();
    shard.tally.borrow_mut().failed(&too_late, absent as u64);
    report(Report::Gathered);
    let _ = brief
        .orders
        .wait_for(|orders| *orders != Orders::Connect)
        .await;
    if brief.speaks {
        tokio::task::spawn_local(speaker::speak(Rc::clone(&shard), brief.orders.clone()));
    }
    let looking = Rc::clone(&shard);
    tokio::task::spawn_local(async move { looking.sample_freshness().await });
    let cutting = Rc::clone(&shard);
    tokio::task::spawn_local(async move { cutting.cut().await });
    let watching = Rc::clone(&shard);
    tokio::task::spawn_local(async move { watching.watch_lag().await });
    shard.follow(&brief.people, &mut brief.orders, report).await;
    report(Report::Drained);
    shard.network.accountant.look_back();
    let _ = brief
        .orders
        .wait_for(|orders| *orders == Orders::Close)
        .await;
    shard.take_leave().await;
}

impl Shard {
    fn new(brief: &Brief) -> Self {
        let plan = &brief.run.plan;
        let counting = brief.run.schedule.counting(Nanos::MAX);
        let network = Network {
            target: brief.run.target.clone(),
            sources: Arc::clone(&brief.run.sources),
            headers: brief.run.headers.clone(),
            clock: brief.run.clock,
            bytes: Rc::new(meter::Bytes::default()),
            accountant: Accountant::new(plan),
            questions: Cell::new(0),
            read_buffer: http::read_buffer(plan),
            retried: Cell::new(0),
            sessions: RefCell::default(),
            remembered: RefCell::default(),
            suite: Cell::new(None),
            lines: plan.reconnect.is_some().then(RefCell::default),
        };
        let length = plan.traffic.measure + plan.traffic.drain;
        let mut tally = Tally::new(counting.start, counting.len(), length);
        tally.middles = Middles::new((counting.len() * plan.swarm.clients / plan.rooms()) as u64);
        Self {
            run: Arc::clone(&brief.run),
            network: Rc::new(network),
            tally: RefCell::new(tally),
            opening: Semaphore::new(OPENING_AT_ONCE),
            voices: Voices::default(),
            unanswered: Cell::new(0),
            changed: Notify::new(),
            memory: RefCell::default(),
            freshness: RefCell::new(Freshness::new(&brief.people, plan.rooms(), plan.seed)),
            timetable: Cell::new(None),
            launched: RefCell::new(vec![0; plan.rooms()]),
            over: Notify::new(),
            calls: cut::Calls::default(),
            speaks: brief.speaks,
            voiceless: Cell::new(brief.mere_speakers.len()),
            cpu_before: Cell::default(),
            watch: RefCell::default(),
            people: brief.people.len(),
            connected: Cell::new(0),
            gone: Cell::new(0),
            expected: Cell::new(0),
        }
    }

    /// Returns the number of people who listen in the shard.
    pub(crate) const fn people(&self) -> usize {
        self.people
    }

    fn is_gathered(&self) -> bool {
        self.connected.get() + self.gone.get() >= self.people && self.voiceless.get() == 0
    }

    fn is_alone(&self) -> bool {
        self.gone.get() >= self.people
    }

    /// All expected deliveries came, no draft waits for its answer, and nobody is away who may come
    /// back.
    fn is_complete(&self) -> bool {
        let tally = self.tally.borrow();
        let all_heard = tally.delivered >= self.expected.get() && self.unanswered.get() == 0;
        all_heard && !tally.comebacks.is_anybody_away()
    }

    /// Somebody is connected.
    pub(crate) fn came(&self, opening: Nanos) {
        self.connected.set(self.connected.get() + 1);
        self.tally.borrow_mut().opening.saturating_record(opening);
        self.changed.notify_one();
    }

    /// Somebody who only speaks has a voice now, or will never have one.
    pub(crate) fn raised(&self) {
        self.voiceless.set(self.voiceless.get() - 1);
        self.changed.notify_one();
    }

    /// Somebody's connection broke; he may come back.
    pub(crate) fn left(&self) {
        self.connected.set(self.connected.get() - 1);
    }

    /// Somebody came back.
    pub(crate) fn came_back(&self) {
        self.connected.set(self.connected.get() + 1);
    }

    /// Somebody will not be connected any more.
    pub(crate) fn gone(&self) {
        self.gone.set(self.gone.get() + 1);
        self.changed.notify_one();
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.tally.borrow_mut().failed(&failure.to_string(), 1);
    }

    /// Wakes the shard if nothing is missing any more.
    pub(crate) fn look_whether_complete(&self) {
        if self.is_complete() {
            self.changed.notify_one();
        }
    }

    /// Lets short polls that are on their way come back; an answer that meets a
    /// closed socket would be in the server's accounts and not in ours.
    async fn take_leave(&self) {
        self.network.accountant.leave();
        self.say_goodbye().await;
        let patience = self.run.clock.now() + LEAVE;
        while self.network.questions.get() > 0 && self.run.clock.now() < patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Closes WebSockets as they want to be closed. Each task bounds its own
    /// wait; another protocol has no word for it.
    async fn say_goodbye(&self) {
        if self.run.plan.variant.way().carrier() != Carrier::Frame {
            return;
        }
        self.over.notify_waiters();
        let all_gone = async {
            while self.gone.get() < self.people {
                self.changed.notified().await;
            }
        };
        let _ = tokio::time::timeout(GOODBYE, all_gone).await;
    }
}
