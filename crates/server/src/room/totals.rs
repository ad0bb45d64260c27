//! Sums over all rooms, taken when somebody asks for metrics.

use std::{collections::BTreeMap, sync::Arc};

use wire::{Exchange, Framing, Seq, Way};

use crate::room::{
    Room,
    entry::Encoding,
    rooms::Rooms,
    wrapping::{Carrier, Wrapping},
    writer::Flow,
};

/// The readers of other protocols, in the place of a way.
const LIBRARY: &str = "library";

/// Sums over all rooms.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) rooms: usize,
    /// The number of people who gave a name.
    pub(crate) people: usize,
    /// The number of readers with a seat, by way.
    pub(crate) readers: BTreeMap<&'static str, usize>,
    /// The number of those whose socket takes nothing more for now.
    pub(crate) full_readers: usize,
    /// The number of events in the logs.
    pub(crate) kept_events: Seq,
    /// The number of bytes of the logs, as they count for limits.
    pub(crate) kept_bytes: usize,
    /// The number of events that ever were in the logs.
    pub(crate) events: Seq,
    /// The number of events that readers were told that they missed.
    pub(crate) missed: Seq,
    /// The number of events on their way to the store.
    pub(crate) waiting: usize,
}

impl Rooms {
    /// Returns the sums over all rooms.
    pub(crate) fn totals(&self) -> Totals {
        let (rooms, gone, missed) = self.all();
        let mut totals = Totals {
            rooms: rooms.len(),
            kept_bytes: self.held(),
            events: gone,
            missed,
            ..Totals::default()
        };
        // A reader that is always answered at once needs no seat.
        let seated = |way: &Way| way.exchange() != Exchange::Immediate;
        let ways = Way::ALL.into_iter().filter(seated);
        for way in ways.map(Way::name).chain([LIBRARY]) {
            totals.readers.insert(way, 0);
        }
        for room in rooms {
            totals.add(&room);
        }
        totals
    }
}

impl Totals {
    fn add(&mut self, room: &Arc<Room>) {
        let newest = room.newest();
        self.people += room.people().online;
        self.events += newest;
        self.missed += room.missed();
        self.kept_events += newest.saturating_sub(room.before_oldest());
        self.waiting += room.ahead().0;
        room.seats.each(|writer| {
            *self.readers.entry(way(writer.encoding())).or_default() += 1;
            self.full_readers += usize::from(writer.flow() == Flow::Full);
        });
    }
}

/// Returns the way of a reader that is sent events in this encoding, `None` for a poller.
fn way(encoding: Option<Encoding>) -> &'static str {
    match encoding {
        None => Way::LongPoll.name(),
        // Compressed by itself, or in a context of its reader.
        Some(
            Encoding::Frame
            | Encoding::Wrapped(_, Carrier::Deflated)
            | Encoding::Wrapped(Wrapping::Alone, _),
        ) => Way::Websocket.name(),
        Some(Encoding::Chunk(Framing::Ndjson) | Encoding::Line(Framing::Ndjson)) => {
            Way::Ndjson.name()
        }
        Some(
            Encoding::Chunk(Framing::Sse) | Encoding::Line(Framing::Sse) | Encoding::Placed { .. },
        ) => Way::Sse.name(),
        Some(Encoding::Wrapped(..)) => LIBRARY,
    }
}
