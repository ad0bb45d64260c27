//! A room: a bounded log of numbered events that any number of readers follow.
//!
//! There is no queue per reader. A reader holds a number, its place, and a
//! place moves only when its reader moves it: a wait that is cancelled loses
//! nothing, and a reader that is slow costs no memory here.

pub(crate) mod answers;
pub(crate) mod coder;
pub(crate) mod dress;
pub(crate) mod entry;
pub(crate) mod leases;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod pace;
pub(crate) mod portions;
pub(crate) mod presence;
pub(crate) mod reason;
pub(crate) mod rooms;
pub(crate) mod rules;
pub(crate) mod say;
pub(crate) mod seats;
pub(crate) mod shares;
pub(crate) mod socket_io;
pub(crate) mod subscriber;
pub(crate) mod sweep_cache;
pub(crate) mod writer;

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use tokio::sync::watch;
use wire::{Draft, Epoch, Event, Kind, Seq};

use crate::{
    room::{
        answers::Answers,
        entry::Encoding,
        log::{Log, Start, Told},
        memory::Account,
        pace::Pace,
        presence::Presence,
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

/// The reason why a draft was not put into the log.
#[derive(Debug)]
pub(crate) enum Unsaid {
    /// The server is leaving.
    Leaving,
    /// The draft would push out an event that readers who keep up were not given yet. It is
    /// returned here.
    Pressed(Draft),
}

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    /// A std mutex, not tokio's: it is held for as long as it takes to push or
    /// to copy some pointers, and never over an `await`.
    log: Mutex<Log>,
    /// The number of the newest event, readable without the lock.
    newest: AtomicU64,
    /// True once the server is leaving; nobody should wait any longer.
    closed: AtomicBool,
    /// True if several events may go out in one write.
    coalesce: bool,
    /// A signal to held polls that wait outside the seats, at each event and at
    /// the end.
    bell: watch::Sender<()>,
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
    /// The people who may not come in, or not speak.
    pub(crate) rules: Rules,
}

impl Room {
    /// Makes an empty room.
    pub(crate) fn new(settings: &Settings, account: Account, shares: Arc<Shares>) -> Self {
        Self {
            log: Mutex::new(Log::new(settings.log_events, settings.log_bytes, account)),
            newest: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            coalesce: settings.coalesce,
            answers: Answers::new(settings),
            bell: watch::Sender::new(()),
            seats: Seats::default(),
            presence: Mutex::default(),
            has_leases: AtomicBool::new(false),
            pace: Pace::default(),
            presence_per_second: settings.presence_per_second,
            shares,
            rules: Rules::default(),
        }
    }

    /// Puts a draft into the log and returns its number; `None` once the server
    /// is leaving, because its readers may already have been closed.
    pub(crate) fn say(&self, draft: Draft) -> Option<Seq> {
        self.say_where(draft, |_| true).ok()
    }

    /// Puts a draft of about `bytes` into the log, unless it would push out an event
    /// that readers who keep up were not given yet.
    pub(crate) fn try_say(&self, draft: Draft, bytes: usize) -> Result<Seq, Unsaid> {
        self.say_where(draft, |log| {
            let served = self.seats.served();
            served.is_none_or(|served| log.before_oldest_with(bytes) <= served)
        })
    }

    fn say_where(&self, draft: Draft, fits: impl FnOnce(&Log) -> bool) -> Result<Seq, Unsaid> {
        let log = self.log.lock().expect("no holder panics");
        // Under the log's lock, as `close` is: what is taken here lies before the
        // goodbye of every reader.
        if self.is_closed() {
            return Err(Unsaid::Leaving);
        }
        if !fits(&log) {
            return Err(Unsaid::Pressed(draft));
        }
        Ok(self.push(log, |seq| Event {
            seq,
            kind: Kind::Message,
            from: draft.from,
            text: Some(draft.text),
            tag: draft.tag,
            online: None,
            at: unix_ms(),
        }))
    }

    /// Puts a join or leave into the log. Returns false, and does nothing, where it
    /// would push out messages, or events that readers who keep up were not given.
    pub(crate) fn note(&self, kind: Kind, from: &str, online: usize) -> bool {
        /// The approximate number of bytes that an event without a text occupies.
        const BYTES: usize = 1024;
        let log = self.log.lock().expect("no holder panics");
        if self.presence_per_second.is_some() {
            let served = self.seats.served();
            let pushes = served.is_some_and(|served| log.before_oldest_with(BYTES) > served);
            if pushes || !log.has_room_for_presence() {
                return false;
            }
        }
        self.push(log, |seq| Event {
            seq,
            kind,
            from: from.to_owned(),
            text: None,
            tag: None,
            online: Some(online),
            at: unix_ms(),
        });
        true
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
        let mut bell = self.bell.subscribe();
        loop {
            if self.newest() > place {
                return Some(self.after(place));
            }
            if self.is_closed() {
                return None;
            }
            bell.changed().await.ok()?;
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

    /// Returns the batch with which a poller that can wait begins, if it is to be answered at once.
    pub(crate) fn first_batch_if_due(&self, start: Start) -> Option<Bytes> {
        if start.told == Told::Nothing && !start.is_new {
            return None;
        }
        let mut log = self.log.lock().expect("no holder panics");
        let is_due = start.told != Told::Nothing || log.before_oldest() < log.newest();
        is_due.then(|| log.first_batch(start))
    }

    /// Returns what a reader that begins so is sent before any event. It has a place from now on,
    /// and counts as informed.
    pub(crate) fn greeting(&self, start: &mut Start, encoding: Encoding) -> Option<Bytes> {
        if start.told == Told::Nothing {
            return None;
        }
        let log = self.log.lock().expect("no holder panics");
        log.greeting(start, encoding)
    }

    /// Returns the log's epoch.
    pub(crate) fn epoch(&self) -> Epoch {
        self.log.lock().expect("no holder panics").epoch
    }

    /// Drops all entries; the numbers go on.
    pub(crate) fn clear(&self) {
        self.log.lock().expect("no holder panics").clear();
    }

    /// Ends all waiting, now and later.
    pub(crate) fn close(&self) {
        let log = self.log.lock().expect("no holder panics");
        self.closed.store(true, SeqCst);
        drop(log);
        self.bell.send_replace(());
        self.seats.wake_all();
    }

    fn push(&self, mut log: MutexGuard<'_, Log>, event: impl FnOnce(Seq) -> Event) -> Seq {
        let seq = log.push(event);
        // While the lock is held: two speakers could publish it backwards.
        self.newest.store(seq, SeqCst);
        drop(log);
        self.bell.send_replace(());
        self.seats.sweep_soon();
        seq
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
mod tests;
