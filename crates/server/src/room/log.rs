//! A room's log: the events that are kept, and the events after a place in it.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use wire::{Event, Gap, Kind, Seq, codec};

use crate::room::entry::{Encoding, Entry};

/// The largest number of bytes that are joined for one write. More would save
/// little and cost memory: the part that a socket does not take waits with that
/// reader.
const MOST_JOINED: usize = 16 * 1024;

/// A bounded log.
#[derive(Debug)]
pub(crate) struct Log {
    // Grows with what is said: most rooms of a big scenario hold few.
    entries: VecDeque<Arc<Entry>>,
    capacity: usize,
    /// The number of the newest event; 0 before the first.
    newest: Seq,
    /// The last batch that was asked for, and its place: nearly all pollers
    /// follow the newest event, and ask from the same place.
    asked: Option<(Seq, Bytes)>,
}

/// The bytes that a stream or WebSocket is sent in one write.
#[derive(Debug, Clone)]
pub(crate) struct Portion {
    pub(crate) bytes: Bytes,
    /// The reader's new place.
    pub(crate) next: Seq,
}

impl Log {
    /// Makes an empty log that keeps `capacity` events.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            capacity,
            newest: 0,
            asked: None,
        }
    }

    /// Returns the number of the newest event.
    pub(crate) fn newest(&self) -> Seq {
        self.newest
    }

    /// Returns the place just before the oldest event that is kept.
    pub(crate) fn before_oldest(&self) -> Seq {
        self.newest - self.entries.len() as u64
    }

    /// Adds the event that `event` makes with its number.
    pub(crate) fn push(&mut self, event: impl FnOnce(Seq) -> Event) -> Seq {
        self.newest += 1;
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        let entry = Entry::new(&event(self.newest));
        self.entries.push_back(Arc::new(entry));
        self.asked = None;
        self.newest
    }

    /// Drops all entries; the numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.asked = None;
    }

    /// Returns all events after `place`, as the batch that answers a poll. All
    /// pollers that ask from one place share its bytes.
    pub(crate) fn batch(&mut self, place: Seq) -> Bytes {
        if let Some((from, batch)) = &self.asked
            && *from == place
        {
            return batch.clone();
        }
        let missed = self.before_oldest().saturating_sub(place);
        let events = self.behind(place).map(|entry| entry.json.as_ref());
        let batch = codec::join_batch(events, self.newest, missed);
        self.asked = Some((place, batch.clone()));
        batch
    }

    /// Returns the bytes to write next to a reader at `place`; `None` at the
    /// newest event. If `coalesce`, several events may go out in one write.
    pub(crate) fn portion(
        &self,
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
        if let Some(gap) = gap {
            encoded.push(encoding.encode(gap.next, &codec::encode(&gap)));
        }
        for entry in self.behind(place) {
            let piece = entry.encoded(encoding);
            length += piece.len();
            if !encoded.is_empty() && (!coalesce || length > MOST_JOINED) {
                break;
            }
            encoded.push(piece);
            next += 1;
        }
        let bytes = match &encoded[..] {
            [one] => one.clone(),
            several => encoding.join(several),
        };
        Some(Portion { bytes, next })
    }

    /// Returns the gap before the first event after `place`. Its `next` is the
    /// place just after the gap, so that an `EventSource` that breaks off there
    /// comes back to the first event.
    fn gap(&self, place: Seq) -> Option<Gap> {
        let next = self.before_oldest();
        (next > place).then(|| Gap {
            kind: Kind::Gap,
            missed: next - place,
            next,
        })
    }

    fn behind(&self, place: Seq) -> impl Iterator<Item = &Arc<Entry>> {
        let seen = place.saturating_sub(self.before_oldest()) as usize;
        self.entries.iter().skip(seen)
    }
}
