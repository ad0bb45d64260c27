//! A room's log: the events that are kept, and the events after a place in it.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use bytes::Bytes;
use wire::{Epoch, Event, Gap, Kind, Seq, codec};

use crate::room::{
    After,
    entry::{Encoding, Entry},
    memory::Account,
};

#[cfg(test)]
use crate::room::planted::{Fault, altered, is};

/// The largest number of bytes that are joined for one write. More would save
/// little and cost memory: the part that a socket does not take waits with that
/// reader.
const MOST_JOINED: usize = 16 * 1024;
/// The number of bytes of the longest batch that is kept for the next poller.
const LONGEST_KEPT: usize = 256 * 1024;
/// The number of events by which a place that comes without an epoch may be ahead of what readers
/// were given. It is not 0, because a speaker knows the number of its own draft before any reader
/// is given the event.
const AHEAD: Seq = 16;

/// A bounded log.
#[derive(Debug)]
pub(crate) struct Log {
    // The deque grows with the number of events: most rooms of a big scenario hold few.
    entries: VecDeque<Arc<Entry>>,
    capacity: usize,
    /// The number of bytes that the entries may have.
    most_bytes: usize,
    account: Account,
    /// The number of entries that tell who came or left.
    presence: usize,
    pub(crate) epoch: Epoch,
    /// The number of the newest event; 0 before the first.
    newest: Seq,
    /// The number of the newest event that a reader was given.
    given: Seq,
    /// The last batch that was asked for, and its place: nearly all pollers
    /// follow the newest event, and ask from the same place.
    asked: Option<(Seq, Bytes)>,
    /// The number of events that readers were told that they missed.
    missed: Seq,
}

/// The place at which a reader begins, and what the reader is sent before any event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) place: Seq,
    pub(crate) told: Told,
    /// True until a reader that has no place in this log is given one: it begins with the oldest
    /// event that is kept then. Its own join, or whatever is said before it is sent anything, may
    /// push out events that were kept when it asked, and it did not miss those.
    pub(crate) is_new: bool,
}

/// The information about the log that a reader is sent when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The reader is sent no information.
    Nothing,
    /// The reader is sent the log's epoch, which it asked for and does not know.
    Epoch,
    /// The reader's place was of another log: it is sent this, and then all events that this log
    /// keeps.
    Anew,
}

/// The bytes that a stream or WebSocket is sent in one write.
#[derive(Debug, Clone)]
pub(crate) struct Portion {
    pub(crate) bytes: Bytes,
    /// The reader's new place.
    pub(crate) next: Seq,
}

impl Log {
    /// Makes an empty log that keeps `capacity` events of `most_bytes` together.
    pub(crate) fn new(capacity: usize, most_bytes: usize, account: Account) -> Self {
        // Each state is made with other random keys.
        let epoch = Epoch::from_bits(RandomState::new().hash_one(capacity));
        #[cfg(test)]
        let epoch = altered(Fault::OldEpoch, epoch, |_| Epoch::from_bits(3));
        Self {
            entries: VecDeque::new(),
            capacity,
            most_bytes,
            account,
            presence: 0,
            epoch,
            newest: 0,
            given: 0,
            asked: None,
            missed: 0,
        }
    }

    /// Returns the number of events that readers were told that they missed.
    pub(crate) fn missed(&self) -> Seq {
        self.missed
    }

    /// Returns the number of the newest event.
    pub(crate) fn newest(&self) -> Seq {
        self.newest
    }

    /// Returns the place just before the oldest event that is kept.
    pub(crate) fn before_oldest(&self) -> Seq {
        self.newest - self.entries.len() as u64
    }

    /// Continues a log that was stored, with its epoch and its events after the place `before`. All
    /// of them count as given to readers.
    pub(crate) fn restore(&mut self, epoch: Epoch, before: Seq, events: &[Event]) {
        #[cfg(test)]
        let epoch = altered(Fault::NewEpoch, epoch, |_| Epoch::from_bits(5));
        #[cfg(test)]
        let events = altered(Fault::ShortRestore, events, |all| {
            all.split_last().map_or(all, |(_, rest)| rest)
        });
        self.epoch = epoch;
        self.newest = before;
        for event in events {
            self.append(Entry::new(event));
        }
        self.given = self.newest;
    }

    /// Notes that readers may have been given all that is here, by another server with the same log.
    pub(crate) fn note_given(&mut self) {
        self.given = self.newest;
    }

    /// Adds the event that `event` makes with its number.
    pub(crate) fn push(&mut self, event: impl FnOnce(Seq) -> Event) -> Seq {
        let entry = Entry::new(&event(self.newest + 1));
        self.append(entry)
    }

    /// Adds an event that has the next number.
    pub(crate) fn append(&mut self, entry: Entry) -> Seq {
        self.newest += 1;
        let size = entry.size();
        let most = self.most_bytes.min(self.account.share());
        while self.entries.len() >= self.capacity
            || (!self.entries.is_empty() && self.account.held() + size > most)
        {
            self.drop_oldest();
        }
        self.account.add(size);
        self.presence += usize::from(entry.is_presence);
        self.entries.push_back(Arc::new(entry));
        #[cfg(test)]
        if is(Fault::StaleBatch) {
            return self.newest;
        }
        self.asked = None;
        self.newest
    }

    fn drop_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.account.give_back(entry.size());
            self.presence -= usize::from(entry.is_presence);
        }
    }

    /// Returns the place before the oldest event that would be left if so many events of
    /// about `bytes` together were added.
    pub(crate) fn before_oldest_with(&self, events: usize, bytes: usize) -> Seq {
        let most = self.most_bytes.min(self.account.share());
        let mut over = (self.account.held() + bytes).saturating_sub(most);
        let mut dropped = (self.entries.len() + events).saturating_sub(self.capacity);
        for (index, entry) in self.entries.iter().enumerate() {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(entry.size());
            dropped = dropped.max(index + 1);
        }
        self.before_oldest() + dropped as u64
    }

    /// Returns whether one more join or leave may be added: either it pushes out an older one, or
    /// joins and leaves take up less than half of the log. `ahead` is the number of events that
    /// will be added before; they count as if they were all joins.
    pub(crate) fn has_room_for_presence(&self, ahead: usize) -> bool {
        let is_full = self.entries.len() >= self.capacity;
        let replaces = is_full && self.entries.front().is_some_and(|entry| entry.is_presence);
        (replaces && ahead == 0) || 2 * (self.presence + ahead) < self.capacity
    }

    /// Drops all entries, and goes on after the place `before`, which is ahead.
    pub(crate) fn skip_to(&mut self, before: Seq) {
        self.clear();
        self.newest = self.newest.max(before);
    }

    /// Returns the JSON of the newest event, if it is kept.
    pub(crate) fn newest_json(&self) -> Option<Bytes> {
        self.entries.back().map(|entry| entry.json.clone())
    }

    /// Drops all entries; the numbers go on.
    pub(crate) fn clear(&mut self) {
        while !self.entries.is_empty() {
            self.drop_oldest();
        }
        self.asked = None;
    }

    /// Returns the place at which a reader begins, and the information about the log that it is
    /// sent. `asks` is true if it wants to know the log's epoch.
    pub(crate) fn start(&self, after: After, asks: bool) -> Start {
        let (place, knows) = match after {
            After::Kept => (self.before_oldest(), false),
            After::Latest => (self.newest, false),
            After::Of(seq, epoch) if epoch == self.epoch && seq <= self.newest => (seq, true),
            // A place that no reader can have from this log is of a log that is gone.
            After::Place(seq) if seq <= self.newest.min(self.given + AHEAD) => (seq, false),
            After::Of(..) | After::Place(_) => {
                return Start {
                    place: self.before_oldest(),
                    told: Told::Anew,
                    is_new: true,
                };
            }
        };
        let told = if asks && !knows {
            Told::Epoch
        } else {
            Told::Nothing
        };
        let is_new = after == After::Kept;
        Start {
            place,
            told,
            is_new,
        }
    }

    /// Gives a reader its place, if it has none in this log yet.
    pub(crate) fn settle(&self, start: &mut Start) {
        if start.is_new {
            start.place = self.before_oldest();
            start.is_new = false;
        }
    }

    /// Returns the batch with which a reader begins.
    pub(crate) fn first_batch(&mut self, mut start: Start) -> Bytes {
        self.settle(&mut start);
        if start.told == Told::Nothing {
            return self.batch(start.place);
        }
        self.given = self.newest;
        let missed = match start.told {
            Told::Anew => self.missed_anew(),
            _ => self.before_oldest().saturating_sub(start.place),
        };
        self.missed += missed;
        let events = self.behind(start.place).map(|entry| entry.json.as_ref());
        codec::join_batch_of(self.epoch, events, self.newest, missed)
    }

    /// Returns the gap with which a stream or WebSocket begins if its reader is to be informed
    /// about the log. The reader must have its place.
    fn first_gap(&self, start: Start) -> Option<Gap> {
        debug_assert!(!start.is_new, "a place is settled before it is told");
        let missed = match start.told {
            Told::Nothing => return None,
            Told::Epoch => 0,
            Told::Anew => self.missed_anew(),
        };
        Some(Gap {
            kind: Kind::Gap,
            missed,
            next: start.place,
            epoch: Some(self.epoch),
        })
    }

    /// Gives a reader its place, and returns what it is sent before any event, if it is to be
    /// informed about the log. It counts as informed from now on.
    pub(crate) fn greeting(&mut self, start: &mut Start, encoding: Encoding) -> Option<Bytes> {
        self.settle(start);
        let gap = self.first_gap(*start)?;
        self.missed += gap.missed;
        start.told = Told::Nothing;
        Some(encoding.encode(gap.next, &codec::encode(&gap)))
    }

    /// Returns how many events a reader of another log missed: those that this log dropped, and at
    /// least one, because nobody knows how many events the other log had at its end.
    fn missed_anew(&self) -> u64 {
        self.before_oldest().max(1)
    }

    /// Returns all events after `place`, as the batch that answers a poll. All
    /// pollers that ask from one place share its bytes.
    pub(crate) fn batch(&mut self, place: Seq) -> Bytes {
        let missed = self.before_oldest().saturating_sub(place);
        self.missed += missed;
        if let Some((from, batch)) = &self.asked
            && *from == place
        {
            return batch.clone();
        }
        self.given = self.newest;
        #[cfg(test)]
        let missed = altered(Fault::UntoldGap, missed, |_| 0);
        let events = self.behind(place).map(|entry| entry.json.as_ref());
        let batch = codec::join_batch(events, self.newest, missed);
        self.asked = (batch.len() <= LONGEST_KEPT).then(|| (place, batch.clone()));
        batch
    }

    /// Returns the bytes to write next to a reader at `place`; `None` at the
    /// newest event. If `coalesce`, several events may go out in one write.
    pub(crate) fn portion(
        &mut self,
        place: Seq,
        encoding: Encoding,
        coalesce: bool,
    ) -> Option<Portion> {
        if place >= self.newest {
            return None;
        }
        let gap = self.gap(place);
        let mut next = gap.as_ref().map_or(place, |gap| gap.next);
        let mut encoded = Vec::new();
        let mut length = 0;
        let most = encoding.most_joined();
        if let Some(gap) = gap {
            self.missed += gap.missed;
            encoded.push(encoding.encode(gap.next, &codec::encode(&gap)));
        }
        // What is made for other protocols counts as memory of the log.
        let is_wrapped = matches!(encoding, Encoding::Wrapped(..));
        let mut grown = 0;
        for entry in self.behind(place) {
            let before = if is_wrapped { entry.wrapped_size() } else { 0 };
            let piece = entry.encoded(encoding);
            if is_wrapped {
                grown += entry.wrapped_size() - before;
            }
            length += piece.len();
            if !encoded.is_empty() && (!coalesce || length > MOST_JOINED || encoded.len() >= most) {
                break;
            }
            encoded.push(piece);
            next += 1;
        }
        let bytes = match &encoded[..] {
            [one] => one.clone(),
            several => encoding.join(several),
        };
        if grown > 0 {
            self.account.add(grown);
        }
        self.given = self.given.max(next);
        Some(Portion { bytes, next })
    }

    /// Returns the gap before the first event after `place`. Its `next` is the
    /// place just after the gap, so that an `EventSource` that breaks off there
    /// comes back to the first event.
    fn gap(&self, place: Seq) -> Option<Gap> {
        let next = self.before_oldest();
        #[cfg(test)]
        let place = altered(Fault::ShortGap, place, |place| place + 1);
        (next > place).then(|| Gap {
            kind: Kind::Gap,
            missed: next - place,
            next,
            epoch: None,
        })
    }

    fn behind(&self, place: Seq) -> impl Iterator<Item = &Arc<Entry>> {
        let seen = place.saturating_sub(self.before_oldest()) as usize;
        #[cfg(test)]
        let seen = altered(Fault::SkippedEvent, seen, |seen| {
            seen + usize::from(place < self.before_oldest())
        });
        self.entries.iter().skip(seen)
    }
}
