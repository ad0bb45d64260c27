//! A room: a bounded log of numbered events that any number of readers follow.
//!
//! There is no queue per reader. A reader holds a number, its place, and a
//! place moves only when its reader moves it: a wait that is cancelled loses
//! nothing, and a reader that is slow costs no memory here.

pub(crate) mod answers;
mod bell;
pub(crate) mod coder;
pub(crate) mod entry;
pub(crate) mod leases;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod pace;
pub(crate) mod presence;
pub(crate) mod reason;
pub(crate) mod recorder;
pub(crate) mod redis;
pub(crate) mod rooms;
pub(crate) mod rules;
pub(crate) mod say;
pub(crate) mod seats;
pub(crate) mod session_events;
pub(crate) mod shares;
pub(crate) mod socket_io;
mod stored;
pub(crate) mod subscriber;
pub(crate) mod sweep_cache;
pub(crate) mod taking;
pub(crate) mod totals;
pub(crate) mod wrapping;
pub(crate) mod writer;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use wire::{Epoch, Event, Seq};

use crate::{
    net::counters::Counters,
    net::io::Io,
    room::{
        answers::Answers,
        bell::Bell,
        entry::Encoding,
        log::{Log, Start, Told},
        memory::Account,
        pace::Pace,
        presence::Presence,
        recorder::{Change, Record},
        rules::Rules,
        seats::Seats,
        shares::Shares,
    },
    settings::Settings,
};

/// The place at which a reader wants to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// `after` was left out: the reader gets the whole kept log. Nothing counts as missed, because
    /// this reader never saw the events before it.
    Kept,
    /// `after=latest`: the reader gets only the events that come next.
    Latest,
    /// The last event that the reader has seen, in whatever log.
    Place(Seq),
    /// The last event that the reader has seen in the log of this epoch.
    Of(Seq, Epoch),
}

/// A room. What tells a poll whether anything has changed comes first ([`Room::is_still_at`]), so that
/// an idle poll fetches one line of it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Room {
    /// The number of the newest event, readable without the lock.
    newest: AtomicU64,
    /// True once it was given up: its name may be that of another room now.
    is_given_up: AtomicBool,
    /// The people who may not come in, or not speak.
    pub(crate) rules: Rules,
    /// The name under which it was opened.
    name: OnceLock<Arc<str>>,
    /// A std mutex, not tokio's: it is held for as long as it takes to push or
    /// to copy some pointers, and never over an `await`.
    log: Mutex<Log>,
    /// True once the server is leaving; nobody should wait any longer.
    closed: AtomicBool,
    /// True if several events may go out in one write.
    coalesce: bool,
    /// True if many readers are written to at once, false if each is by itself.
    submits: bool,
    /// A signal to held polls that wait outside the seats, at each event and at
    /// the end.
    bell: Bell,
    /// The answers to pollers.
    pub(crate) answers: Answers,
    /// The readers over connections that stay open.
    pub(crate) seats: Seats,
    /// The people in the room. Locked before `log` where both are, so that
    /// joins and leaves lie in the log in the order of their counts.
    pub(crate) presence: Mutex<Presence>,
    /// True if a lease may end here; lets `leases.rs` skip other rooms.
    pub(crate) has_leases: AtomicBool,
    /// The pace at which people have been speaking; kept only where there is a
    /// limit.
    pub(crate) pace: Pace,
    /// The number of joins and leaves that may be reported in a second.
    presence_per_second: Option<u32>,
    /// The shares of all addresses.
    pub(crate) shares: Arc<Shares>,
    /// The room's part in what is written to a store, where there is one.
    record: Option<Record>,
    /// The counters of a server with `/metrics`.
    counters: Option<Counters>,
}

impl Room {
    /// Makes an empty room.
    pub(crate) fn new(settings: &Settings, account: Account, shares: Arc<Shares>) -> Self {
        Self {
            name: OnceLock::new(),
            is_given_up: AtomicBool::new(false),
            log: Mutex::new(Log::new(settings.log_events, settings.log_bytes, account)),
            newest: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            coalesce: settings.coalesce,
            submits: settings.io == Io::Uring,
            answers: Answers::new(settings),
            bell: Bell::new(),
            seats: Seats::default(),
            presence: Mutex::default(),
            has_leases: AtomicBool::new(false),
            pace: Pace::default(),
            presence_per_second: settings.presence_per_second,
            shares,
            rules: Rules::default(),
            record: None,
            counters: settings.counters.clone(),
        }
    }

    /// Returns the name under which it was opened; `None` if it was not opened by a name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.get().map(|name| &**name)
    }

    /// Returns whether it is the room of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == Some(name) && !self.is_given_up.load(SeqCst)
    }

    /// Returns whether a poll that found nothing after `place` would find the same again: nothing was
    /// said since, the room was not given up, and there is nobody here who may not come in.
    pub(crate) fn is_still_at(&self, place: Seq) -> bool {
        self.newest() == place && !self.is_given_up.load(SeqCst) && !self.rules.any()
    }

    /// Returns the batch of the events after `place`, at once.
    pub(crate) fn after(&self, place: Seq) -> Bytes {
        let mut log = self.log.lock().expect("no holder panics");
        debug_assert!(
            place <= log.newest(),
            "a place comes from `place` or a batch"
        );
        log.batch(place)
    }

    /// Waits until there is something after `place`. Returns `None` when the
    /// server is leaving and nothing more will come.
    ///
    /// Dropping the future is fine at any time.
    pub(crate) async fn wait_after(&self, place: Seq) -> Option<Bytes> {
        let mut bell = self.bell.listen();
        loop {
            if self.newest() > place {
                return Some(self.after(place));
            }
            if self.is_closed() {
                return None;
            }
            bell.rung().await;
        }
    }

    /// Returns the number of the newest event.
    pub(crate) fn newest(&self) -> Seq {
        self.newest.load(SeqCst)
    }

    /// Returns whether the server is leaving.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// Returns the place at which a reader begins, and the information about the log that it is
    /// sent; `asks` is true if it wants to know the epoch. From here on only the events that the
    /// reader is given move the place: if it were settled at each wait, events between two waits
    /// could be skipped.
    pub(crate) fn start(&self, after: After, asks: bool) -> Start {
        let log = self.log.lock().expect("no holder panics");
        log.start(after, asks)
    }

    /// Returns the batch with which a poller begins, at once.
    pub(crate) fn first_batch(&self, start: Start) -> Bytes {
        let mut log = self.log.lock().expect("no holder panics");
        log.first_batch(start)
    }

    /// Returns the first batch of a poller whose arrival is announced to nobody. Its place and the
    /// events after it come from one look at the log.
    pub(crate) fn batch_after(&self, after: After, asks: bool) -> Bytes {
        let mut log = self.log.lock().expect("no holder panics");
        let start = log.start(after, asks);
        log.first_batch(start)
    }

    /// Returns the first batch of a poller that could be held, if it must be answered at once.
    pub(crate) fn first_batch_if_due(&self, start: Start) -> Option<Bytes> {
        if start.told == Told::Nothing && !start.is_new {
            return None;
        }
        let mut log = self.log.lock().expect("no holder panics");
        let is_due = start.told != Told::Nothing || log.before_oldest() < log.newest();
        is_due.then(|| log.first_batch(start))
    }

    /// Returns the bytes that a reader with this start is sent before any event, if there are any.
    /// The reader then has a place and counts as informed.
    pub(crate) fn greeting(&self, start: &mut Start, encoding: Encoding) -> Option<Bytes> {
        if start.told == Told::Nothing {
            return None;
        }
        let mut log = self.log.lock().expect("no holder panics");
        log.greeting(start, encoding)
    }

    /// Returns the number of events that readers were told that they missed. Readers that one sweep
    /// tells this at the same place count as one reader.
    pub(crate) fn missed(&self) -> Seq {
        self.log.lock().expect("no holder panics").missed()
    }

    /// Returns the log's epoch.
    pub(crate) fn epoch(&self) -> Epoch {
        self.log.lock().expect("no holder panics").epoch
    }

    /// Drops all entries; the numbers go on.
    pub(crate) fn clear(&self) {
        let mut log = self.log.lock().expect("no holder panics");
        match &self.record {
            None => log.clear(),
            Some(record) => record.change(Change::Clear),
        }
    }

    /// Ends all waiting, now and later.
    pub(crate) fn close(&self) {
        let log = self.log.lock().expect("no holder panics");
        self.closed.store(true, SeqCst);
        drop(log);
        self.bell.ring();
        self.seats.wake_all();
    }

    fn push(&self, mut log: MutexGuard<'_, Log>, event: impl FnOnce(Seq) -> Event) -> Seq {
        let seq = log.push(event);
        self.publish(log);
        seq
    }

    /// Lets readers know of what was put into the log.
    fn publish(&self, log: MutexGuard<'_, Log>) {
        // While the lock is held: two speakers could publish it backwards.
        self.newest.store(log.newest(), SeqCst);
        drop(log);
        self.bell.ring();
        self.seats.sweep_soon();
    }
}

/// Returns the time of the wall clock in Unix milliseconds: for people to read,
/// never to measure.
pub(crate) fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod planted;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
