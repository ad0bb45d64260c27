//! One thread: its people, its tally, its own runtime. While measuring it
//! shares nothing with other shards; it hears orders and sends a message a
//! second.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{Notify, Semaphore, watch},
};

use crate::{
    brief::{Brief, Orders, Report, Run, Timetable},
    clock::{Nanos, SECOND},
    failure::Failure,
    http::Network,
    meter,
    outcome::Second,
    person,
    speaker::{self, Voices},
    tally::{Counts, Tally},
};

/// Connections that one shard opens at the same time. The listen backlog of a
/// careful server holds this many from each of a few shards.
const OPENING_AT_ONCE: usize = 128;

/// How much before *measure* the window's counts begin. A shard's timer is a
/// millisecond late, and what the first draft costs must not fall before them.
const WINDOW_LEAD: Nanos = 2_000_000;

/// What the people of one shard have in common.
#[derive(Debug)]
pub(crate) struct Shard {
    /// What is fixed.
    pub(crate) run: Arc<Run>,
    /// What connections are made from.
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
    people: usize,
    connected: Cell<usize>,
    gone: Cell<usize>,
    expected: Cell<u64>,
}

/// Runs one shard to its end. `None` would mean that a task outlived its
/// runtime.
pub(crate) fn run(brief: Brief) -> Option<Tally> {
    let shard = Rc::new(Shard::new(&brief));
    let mut runtime = Builder::new_current_thread();
    match runtime.enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime.block_on(live(Rc::clone(&shard), brief)),
        Err(error) => {
            let kind = format!("no runtime for a shard: {}", error.kind());
            shard.tally.borrow_mut().failed(&kind, 1);
        }
    }
    // The tasks that held the shard ended with the runtime.
    Rc::into_inner(shard).map(|shard| shard.tally.into_inner())
}

async fn live(shard: Rc<Shard>, mut brief: Brief) {
    for &person in &brief.people {
        tokio::task::spawn_local(person::live(Rc::clone(&shard), person));
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
    shard.follow(&brief.people, &mut brief.orders, report).await;
    report(Report::Drained);
    let _ = brief
        .orders
        .wait_for(|orders| *orders == Orders::Close)
        .await;
}

impl Shard {
    fn new(brief: &Brief) -> Self {
        let plan = &brief.run.plan;
        let counting = brief.run.schedule.counting(Nanos::MAX);
        let network = Network {
            target: brief.run.target.clone(),
            sources: Arc::clone(&brief.run.sources),
            headers: brief.run.headers.clone(),
            bytes: Rc::new(meter::Bytes::default()),
        };
        let length = plan.measure + plan.drain;
        Self {
            run: Arc::clone(&brief.run),
            network: Rc::new(network),
            tally: RefCell::new(Tally::new(counting.start, counting.len(), length)),
            opening: Semaphore::new(OPENING_AT_ONCE),
            voices: Voices::default(),
            unanswered: Cell::new(0),
            changed: Notify::new(),
            people: brief.people.len(),
            connected: Cell::new(0),
            gone: Cell::new(0),
            expected: Cell::new(0),
        }
    }

    fn is_gathered(&self) -> bool {
        self.connected.get() + self.gone.get() >= self.people
    }

    fn is_alone(&self) -> bool {
        self.gone.get() >= self.people
    }

    /// All expected deliveries came and no draft waits for its answer.
    fn is_complete(&self) -> bool {
        self.tally.borrow().delivered >= self.expected.get() && self.unanswered.get() == 0
    }

    /// Somebody is connected.
    pub(crate) fn came(&self, opening: Nanos) {
        self.connected.set(self.connected.get() + 1);
        self.tally.borrow_mut().opening.saturating_record(opening);
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

    /// Follows the timetable through settle, measure and drain.
    async fn follow(
        &self,
        people: &[usize],
        orders: &mut watch::Receiver<Orders>,
        report: impl Fn(Report),
    ) {
        let mut window: Option<(Counts, Nanos)> = None;
        let mut told_alone = false;
        let mut expected_by = None;
        loop {
            let Orders::Follow(table) = *orders.borrow_and_update() else {
                break;
            };
            if expected_by.replace(table) != Some(table) {
                self.expected.set(self.expect(people, &table));
            }
            if self.is_alone() && !told_alone {
                report(Report::Alone);
                told_alone = true;
            }
            let now = self.run.clock.now();
            if now >= table.end || (now >= table.drain && self.is_complete()) {
                break;
            }
            match &mut window {
                None if now + WINDOW_LEAD >= table.measure => {
                    window = Some((self.begin_window(), table.measure + SECOND));
                }
                Some((_, second_ends)) if now >= *second_ends => {
                    *second_ends += SECOND;
                    report(Report::Second(self.end_second()));
                }
                _ => {}
            }
            let wake = next_instant(now, &table, window.map_or(Nanos::MAX, |window| window.1));
            tokio::select! {
                () = self.changed.notified() => {}
                changed = orders.changed() => if changed.is_err() { break },
                () = self.run.clock.sleep_until(wake) => {}
            }
        }
        if window.is_some() {
            report(Report::Second(self.end_second()));
        }
        let before = window.map_or_else(|| self.begin_window(), |window| window.0);
        self.tally.borrow_mut().close(before);
    }

    /// Deliveries that these people should hear.
    fn expect(&self, people: &[usize], table: &Timetable) -> u64 {
        let rooms = self.run.plan.rooms;
        let mut drafts = vec![0_u64; rooms];
        for due in &self.run.schedule.drafts()[table.counting(&self.run.schedule)] {
            drafts[due.room as usize] += 1;
        }
        people.iter().map(|person| drafts[person % rooms]).sum()
    }

    fn begin_window(&self) -> Counts {
        self.count_bytes();
        let mut tally = self.tally.borrow_mut();
        tally.begin_seconds();
        tally.counts
    }

    fn end_second(&self) -> Second {
        self.count_bytes();
        self.tally.borrow_mut().end_second(self.connected.get())
    }

    fn count_bytes(&self) {
        let mut tally = self.tally.borrow_mut();
        tally.counts.bytes_up = self.network.bytes.up.get();
        tally.counts.bytes_down = self.network.bytes.down.get();
    }
}

/// The next instant at which something is to be done.
fn next_instant(now: Nanos, table: &Timetable, second_ends: Nanos) -> Nanos {
    let window = table.measure.saturating_sub(WINDOW_LEAD);
    let instants = [window, table.drain, table.end, second_ends];
    instants
        .into_iter()
        .filter(|&at| at > now)
        .min()
        .unwrap_or(now)
}
