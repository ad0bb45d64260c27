//! The entries of a room: drafts, joins and leaves, directly into the log or on their way to it.

use wire::{Draft, Event, Kind, Seq};

use crate::room::{
    Room,
    log::Log,
    recorder::{Record, Reply, Whom},
    unix_ms,
};

#[cfg(test)]
use crate::room::planted::{self, Fault};

/// The reason why a draft was not put into the log.
#[derive(Debug)]
pub(crate) enum Unsaid {
    /// The server is leaving.
    Leaving,
    /// The draft would push out an event that readers who keep up were not given yet. It is
    /// returned here.
    Pressed(Draft),
    /// Nothing can be stored for now.
    NotStored,
}

/// The outcome of a draft that was taken.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// The draft is in the log, under this number.
    Said(Seq),
    /// The draft is on its way to the disk, and in the log once it is there.
    Handed(Reply),
}

/// The approximate number of bytes that an event without a text occupies.
pub(super) const BYTES: usize = 1024;
/// The number of events of a room that may be on their way to the disk: no more are taken until
/// some are there.
const MOST_AHEAD: usize = 4096;

impl Room {
    /// Puts a draft into the log without waiting for readers who cannot follow. Returns false once
    /// the server is leaving, because its readers may already have been closed, or if the draft
    /// cannot be stored.
    pub(crate) fn announce(&self, draft: Draft) -> bool {
        self.say_where(draft, BYTES, |_| self.ahead().0 < MOST_AHEAD)
            .is_ok()
    }

    /// Puts a draft of about `bytes` into the log, unless it would push out an event
    /// that readers who keep up were not given yet.
    pub(crate) fn try_say(&self, draft: Draft, bytes: usize) -> Result<Accepted, Unsaid> {
        self.say_where(draft, bytes, |log| !self.presses(log, bytes))
    }

    /// Returns whether an event of about `bytes` would push out one that readers who keep up were
    /// not given yet.
    fn presses(&self, log: &Log, bytes: usize) -> bool {
        #[cfg(test)]
        if planted::is(Fault::NoPressure) {
            return false;
        }
        let (ahead, held) = self.ahead();
        let served = self.seats.served();
        ahead >= MOST_AHEAD
            || served.is_some_and(|served| log.before_oldest_with(ahead + 1, held + bytes) > served)
    }

    /// Returns the number of events that are on their way to the disk, and of their bytes.
    pub(crate) fn ahead(&self) -> (usize, usize) {
        self.record.as_ref().map_or((0, 0), Record::waiting)
    }

    pub(super) fn say_where(
        &self,
        draft: Draft,
        bytes: usize,
        fits: impl FnOnce(&Log) -> bool,
    ) -> Result<Accepted, Unsaid> {
        let log = self.log.lock().expect("no holder panics");
        // Under the log's lock, as `close` is: what is taken here lies before the
        // goodbye of every reader.
        let is_closed = self.is_closed();
        #[cfg(test)]
        let is_closed = planted::altered(Fault::AfterGoodbye, is_closed, |_| false);
        if is_closed {
            return Err(Unsaid::Leaving);
        }
        if !fits(&log) {
            return Err(Unsaid::Pressed(draft));
        }
        let event = |seq| Event {
            seq,
            kind: Kind::Message,
            from: draft.from,
            text: Some(draft.text),
            tag: draft.tag,
            online: None,
            at: unix_ms(),
        };
        match &self.record {
            None => Ok(Accepted::Said(self.push(log, event))),
            Some(record) => {
                let handed = record.say(event(0), bytes);
                handed.map(Accepted::Handed).map_err(|_| Unsaid::NotStored)
            }
        }
    }

    /// Puts a join or leave into the log; where there is a store, together with `whom`. Does
    /// nothing and returns `whom` if the event would push out messages, or events that readers who
    /// keep up were not given, and if nothing can be stored for now.
    pub(crate) fn note(
        &self,
        kind: Kind,
        from: &str,
        online: usize,
        whom: Option<Whom>,
    ) -> Result<(), Option<Whom>> {
        let log = self.log.lock().expect("no holder panics");
        if self.presence_per_second.is_some()
            && (self.presses(&log, BYTES) || !log.has_room_for_presence(self.ahead().0))
        {
            return Err(whom);
        }
        let event = |seq| Event {
            seq,
            kind,
            from: from.to_owned(),
            text: None,
            tag: None,
            online: Some(online),
            at: unix_ms(),
        };
        match &self.record {
            None => {
                self.push(log, event);
                Ok(())
            }
            Some(record) => record.note(event(0), BYTES, whom),
        }
    }
}
