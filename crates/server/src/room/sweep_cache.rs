//! The bytes that one sweep writes, kept from reader to reader.

use tokio::time::Instant;
use wire::Seq;

use crate::room::{Room, entry::Encoding, log::Portion};

impl Room {
    /// Makes the cache for one sweep over readers that stay.
    pub(crate) fn sweep_cache(&self) -> SweepCache<'_> {
        SweepCache {
            room: self,
            now: Instant::now(),
            behind: None,
            kept: [const { None }; Encoding::COUNT + 1],
        }
    }
}

/// A cache of the bytes that one sweep writes to readers that stay. Nearly all
/// of them are at the same place, so the bytes for one are kept for the next.
pub(crate) struct SweepCache<'a> {
    pub(super) room: &'a Room,
    /// The time at which the sweep began.
    pub(crate) now: Instant,
    /// The place of the reader who is furthest behind of those who keep up though
    /// they could not be written to.
    pub(crate) behind: Option<Seq>,
    kept: [Option<(Seq, Portion)>; Encoding::COUNT + 1],
}

impl SweepCache<'_> {
    /// Returns the bytes to write next to a reader at `place`; `None` at the
    /// newest event.
    ///
    /// `encoding`: how events are dressed for it, `None` for a poller.
    pub(crate) fn behind(&mut self, place: Seq, encoding: Option<Encoding>) -> Option<&Portion> {
        if place >= self.room.newest() {
            return None;
        }
        let kept = &mut self.kept[encoding.map_or(Encoding::COUNT, Encoding::index)];
        if kept.as_ref().is_none_or(|(from, _)| *from != place) {
            let mut log = self.room.log.lock().expect("no holder panics");
            let portion = match encoding {
                Some(encoding) => log.portion(place, encoding, self.room.coalesce)?,
                None => Portion {
                    bytes: self.room.answers.answer(log.batch(place), false),
                    next: log.newest(),
                },
            };
            *kept = Some((place, portion));
        }
        kept.as_ref().map(|(_, portion)| portion)
    }
}
