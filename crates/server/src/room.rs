//! A room: a bounded log of numbered events that any number of readers follow.
//!
//! There is no queue per reader. A reader holds a number, its place, and a
//! place moves only when its reader moves it: a wait that is cancelled loses
//! nothing, and a reader that is slow costs no memory here.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::watch;
use wire::{Draft, Event, Kind, Seq};

use crate::{entry::Entry, presence::Presence, view::View};

/// Where a reader wants to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// `after` was left out: the whole kept log. Nothing counts as missed, for
    /// this reader never saw what came before.
    Kept,
    /// `after=latest`: only what comes next.
    Latest,
    /// The last event that the reader has seen.
    Place(Seq),
}

/// One room.
#[derive(Debug)]
pub(crate) struct Room {
    /// A std mutex, not tokio's: it is held for as long as it takes to push or
    /// to copy some pointers, and never over an `await`.
    log: Mutex<Log>,
    /// What waiting readers watch. A watch channel holds one value however many
    /// watch it, and a reader that wakes late finds the newest.
    head: watch::Sender<Head>,
    /// Who is here. Locked before `log` where both are, so that joins and
    /// leaves lie in the log in the order of their counts.
    pub(crate) presence: Mutex<Presence>,
    /// Whether a lease may end here; lets `sweep.rs` pass by other rooms.
    pub(crate) has_leases: AtomicBool,
}

#[derive(Debug)]
struct Log {
    entries: VecDeque<Arc<Entry>>,
    capacity: usize,
    /// The number of the newest event; 0 before the first.
    newest: Seq,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    newest: Seq,
    /// The server is leaving; nobody should wait any longer.
    closed: bool,
}

impl Room {
    /// An empty room whose log keeps `capacity` events.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            log: Mutex::new(Log {
                // Grows with what is said: most rooms of a big scenario hold few.
                entries: VecDeque::new(),
                capacity,
                newest: 0,
            }),
            head: watch::Sender::new(Head {
                newest: 0,
                closed: false,
            }),
            presence: Mutex::default(),
            has_leases: AtomicBool::new(false),
        }
    }

    /// Puts a draft into the log and gives back its number.
    pub(crate) fn say(&self, draft: Draft) -> Seq {
        self.push(|seq| Event {
            seq,
            kind: Kind::Message,
            from: draft.from,
            text: Some(draft.text),
            tag: draft.tag,
            online: None,
            at: unix_ms(),
        })
    }

    /// Puts a join or leave into the log.
    pub(crate) fn note(&self, kind: Kind, from: String, online: usize) -> Seq {
        self.push(|seq| Event {
            seq,
            kind,
            from,
            text: None,
            tag: None,
            online: Some(online),
            at: unix_ms(),
        })
    }

    /// What the log holds after `place`, at once.
    pub(crate) fn after(&self, place: Seq) -> View {
        let log = self.log.lock().expect("no holder panics");
        debug_assert!(place <= log.newest, "a place comes from `place` or a view");
        let missed = log.before_oldest().saturating_sub(place);
        let seen = (place + missed).saturating_sub(log.before_oldest()) as usize;
        View {
            entries: log.entries.iter().skip(seen).cloned().collect(),
            next: log.newest,
            missed,
        }
    }

    /// Waits until there is something after `place`. `None`: the server is
    /// leaving, and there is nothing more to come.
    ///
    /// Dropping the future is fine at any time.
    pub(crate) async fn wait_after(&self, place: Seq) -> Option<View> {
        let mut head = self.head.subscribe();
        let newest = head
            .wait_for(|head| head.newest > place || head.closed)
            .await
            .ok()?
            .newest;
        (newest > place).then(|| self.after(place))
    }

    /// The place at which a reader begins. From here on only what it is given
    /// moves it.
    pub(crate) fn place(&self, after: After) -> Seq {
        let log = self.log.lock().expect("no holder panics");
        match after {
            After::Kept => log.before_oldest(),
            After::Latest => log.newest,
            // A number beyond the newest event is one that this log never gave:
            // the reader followed a server that is gone. It goes on from here;
            // otherwise it would hear nothing until the numbers caught up. This
            // is settled once, at the beginning: done at each wait, what came
            // between two waits would be jumped over.
            After::Place(seq) => seq.min(log.newest),
        }
    }

    /// Sends away everybody who waits, and who will.
    pub(crate) fn close(&self) {
        self.head.send_modify(|head| head.closed = true);
    }

    /// Whether nothing was ever said here, so that the room can be forgotten
    /// without its numbers starting again under a reader.
    pub(crate) fn is_untouched(&self) -> bool {
        self.head.borrow().newest == 0
    }

    fn push(&self, event: impl FnOnce(Seq) -> Event) -> Seq {
        let mut log = self.log.lock().expect("no holder panics");
        log.newest += 1;
        let seq = log.newest;
        if log.entries.len() == log.capacity {
            log.entries.pop_front();
        }
        log.entries.push_back(Arc::new(Entry::new(&event(seq))));
        // Published while the lock is held: otherwise two speakers could
        // publish it backwards.
        self.head.send_modify(|head| head.newest = seq);
        seq
    }
}

impl Log {
    /// The place right before the oldest event that is kept.
    fn before_oldest(&self) -> Seq {
        self.newest - self.entries.len() as u64
    }
}

/// The wall clock, in Unix milliseconds: for people to read, never to measure.
pub(crate) fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests;
