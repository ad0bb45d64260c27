//! The bytes that one sweep writes, kept from reader to reader.

use bytes::Bytes;
use tokio::time::Instant;
use wire::{Coding, Seq};

use crate::room::{
    Room,
    answers::Form,
    entry::Encoding,
    log::{Portion, Start},
};

impl Room {
    /// Makes the cache for one sweep over readers that stay.
    pub(crate) fn sweep_cache(&self) -> SweepCache<'_> {
        SweepCache {
            room: self,
            now: Instant::now(),
            behind: None,
            kept: [const { None }; Encoding::COUNT + 1],
            wrapped: Vec::new(),
            polled: Vec::new(),
            coded: [const { None }; Coding::ALL.len()],
        }
    }
}

/// A cache of the bytes that one sweep writes to readers that stay. Nearly all
/// of them are at the same place, so the bytes for one are kept for the next.
pub(crate) struct SweepCache<'a> {
    pub(super) room: &'a Room,
    /// The time at which the sweep began.
    pub(crate) now: Instant,
    /// The place of the reader who is furthest behind, among those who keep up but
    /// could not be written to in this sweep.
    pub(crate) behind: Option<Seq>,
    kept: [Option<(Seq, Portion)>; Encoding::COUNT + 1],
    /// The bytes for readers of other protocols; empty in most rooms.
    wrapped: Vec<(Encoding, Seq, Portion)>,
    /// The answers to polls of other protocols.
    polled: Vec<(Form, Seq, Portion)>,
    /// The packed answers to polls.
    coded: [Option<(Seq, Portion)>; Coding::ALL.len()],
}

impl SweepCache<'_> {
    /// Gives a reader its place, and returns what it is sent before any event. The events that it
    /// is sent first are kept from the same moment, so that nothing can be pushed out of the log in
    /// between.
    pub(crate) fn begin(&mut self, start: &mut Start, encoding: Encoding) -> Option<Bytes> {
        let mut log = self.room.log.lock().expect("no holder panics");
        let greeting = log.greeting(start, encoding);
        let place = start.place;
        if let Some(portion) = log.portion(place, encoding, self.room.coalesce) {
            match encoding.index() {
                Some(index) => self.kept[index] = Some((place, portion)),
                None => self.wrapped.push((encoding, place, portion)),
            }
        }
        greeting
    }

    /// Returns the bytes to write next to a reader at `place`; `None` at the
    /// newest event.
    ///
    /// `encoding`: how events are wrapped for it, `None` for a poller.
    pub(crate) fn behind(&mut self, place: Seq, encoding: Option<Encoding>) -> Option<&Portion> {
        if place >= self.room.newest() {
            return None;
        }
        let index = encoding.map_or(Some(Encoding::COUNT), Encoding::index);
        let Some(index) = index else {
            return self.wrapped(place, encoding?);
        };
        let kept = &mut self.kept[index];
        if kept.as_ref().is_none_or(|(from, _)| *from != place) {
            let mut log = self.room.log.lock().expect("no holder panics");
            let portion = match encoding {
                Some(encoding) => log.portion(place, encoding, self.room.coalesce)?,
                None => Portion {
                    bytes: self.room.answers.answer(log.batch(place), None, false),
                    next: log.newest(),
                },
            };
            *kept = Some((place, portion));
        }
        kept.as_ref().map(|(_, portion)| portion)
    }

    /// Returns the packed answer to a poller at `place`; `None` at the newest event.
    pub(crate) fn coded_answer(&mut self, place: Seq, coding: Coding) -> Option<&Portion> {
        if place >= self.room.newest() {
            return None;
        }
        let kept = &mut self.coded[coding as usize];
        if kept.as_ref().is_none_or(|(from, _)| *from != place) {
            let mut log = self.room.log.lock().expect("no holder panics");
            let (batch, next) = (log.batch(place), log.newest());
            // Packing takes longer than anything else that is done under the lock.
            drop(log);
            let bytes = self.room.answers.answer(batch, Some(coding), false);
            *kept = Some((place, Portion { bytes, next }));
        }
        kept.as_ref().map(|(_, portion)| portion)
    }

    /// Returns the answer to a poll of another protocol at `place`; `None` at the newest event.
    pub(crate) fn wrapped_answer(&mut self, place: Seq, form: Form) -> Option<&Portion> {
        if place >= self.room.newest() {
            return None;
        }
        let at = self.polled.iter().position(|(other, ..)| *other == form);
        let at = match at {
            Some(at) if self.polled[at].1 == place => at,
            _ => {
                let mut portion = self.room.portion(place, form.encoding()?)?;
                portion.bytes = self.room.answers.events(form, &portion.bytes);
                put(&mut self.polled, at, (form, place, portion))
            }
        };
        Some(&self.polled[at].2)
    }

    /// Returns the bytes for a reader of another protocol.
    fn wrapped(&mut self, place: Seq, encoding: Encoding) -> Option<&Portion> {
        let known = |(other, ..): &(Encoding, Seq, Portion)| *other == encoding;
        let at = self.wrapped.iter().position(known);
        let at = match at {
            Some(at) if self.wrapped[at].1 == place => at,
            _ => {
                let portion = self.room.portion(place, encoding)?;
                put(&mut self.wrapped, at, (encoding, place, portion))
            }
        };
        Some(&self.wrapped[at].2)
    }
}

/// Puts an item in the place of the one at `at`, or behind all. Returns where it is.
fn put<T>(list: &mut Vec<T>, at: Option<usize>, item: T) -> usize {
    if let Some(at) = at {
        list[at] = item;
        return at;
    }
    list.push(item);
    list.len() - 1
}
