//! The load of a way to read, as far as the server's work depends on it.

use analysis::{
    advice::Advice,
    model::{self, Situation},
};
use wire::{Exchange, Way};

use super::{KIB, fit::QUANTITIES};
use crate::advise::{figures::Figures, workload::Workload};

/// The pauses, in seconds, from about which on a server that waited costs more to wake: its caches are
/// cold and its clock is low. Which of them fits a machine is found by its runs.
pub(super) const PAUSES: [f64; 3] = [0.002, 0.005, 0.02];

/// The load of a way to read. Amounts are those of a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::advise) struct Load {
    pub(in crate::advise) readers: f64,
    pub(in crate::advise) rooms: f64,
    /// Answers to polls, or pieces of streams and WebSockets.
    pub(in crate::advise) pieces: f64,
    pub(in crate::advise) drafts: f64,
    /// The occasions on which something comes to the server by itself, and may have to wake it.
    pub(in crate::advise) wakes: f64,
    /// KiB of events' JSON.
    pub(in crate::advise) kib: f64,
    /// Bytes of header lines on each request that is made again and again.
    pub(in crate::advise) line_bytes: f64,
    /// KiB of events' JSON that the logs of all rooms keep.
    pub(in crate::advise) kept: f64,
    /// The events that they keep.
    pub(in crate::advise) kept_events: f64,
}

/// Returns the occasions a second on which something comes to the server by itself.
pub(super) const fn wakes(exchange: Exchange, pieces: f64, drafts: f64) -> f64 {
    match exchange {
        // Each reader asks at a time of its own.
        Exchange::Immediate => pieces + drafts,
        // A draft is answered to all who wait at once, and their next questions come right after it.
        Exchange::Held | Exchange::Open => drafts,
    }
}

impl Load {
    /// Returns the load of a workload over one way, once its logs are full; `None` if no formula
    /// knows its requests.
    pub(in crate::advise) fn of(figures: &Figures, workload: &Workload) -> Option<Self> {
        Self::keeping(figures, workload, workload.log())
    }

    /// Returns the load of a run of a workload, whose window is longer than the time in which
    /// messages are due: they are `share` of it.
    pub(in crate::advise) fn of_run(
        figures: &Figures,
        workload: &Workload,
        share: f64,
    ) -> Option<Self> {
        let lasted = (workload.settle + workload.measure).as_secs_f64();
        let said = (workload.room_rate * lasted).min(workload.log());
        let load = Self::keeping(figures, workload, said)?;
        // Short polls go on until the end of the window; all else comes with messages.
        let exchange = figures.choice.way.exchange();
        let asks = exchange == Exchange::Immediate;
        let pieces = load.pieces * if asks { 1.0 } else { share };
        let drafts = load.drafts * share;
        Some(Self {
            pieces,
            drafts,
            wakes: wakes(exchange, pieces, drafts),
            kib: load.kib * share,
            ..load
        })
    }

    /// Returns the load of a workload with so many events in the log of each room.
    fn keeping(figures: &Figures, workload: &Workload, events: f64) -> Option<Self> {
        let way = figures.choice.way;
        let people = (workload.readers as f64, workload.rooms as f64);
        let of = (&figures.situation, &figures.advice);
        Some(Self {
            // Only polls carry them again and again.
            line_bytes: if way.polls() {
                figures.line_bytes as f64
            } else {
                0.0
            },
            ..Self::in_rooms(way, of, people, events)?
        })
    }

    /// Returns the load of so many readers in so many rooms, of which each keeps so many events; header
    /// lines are left out.
    pub(in crate::advise) fn in_rooms(
        way: Way,
        (situation, advice): (&Situation, &Advice),
        (readers, rooms): (f64, f64),
        events: f64,
    ) -> Option<Self> {
        let event = model::event_bytes(situation);
        let (pieces, drafts) = (advice.pieces?, advice.drafts);
        Some(Self {
            readers,
            rooms,
            pieces,
            drafts,
            wakes: wakes(way.exchange(), pieces, drafts),
            kib: advice.deliveries * event / KIB,
            line_bytes: 0.0,
            kept: rooms * events * event / KIB,
            kept_events: rooms * events,
        })
    }

    /// Returns the quantities that processor time is a sum of: the time itself, answers or pieces,
    /// drafts, KiB, and what comes after a pause, with one of several lengths taken for a pause. Of what
    /// comes `w` times a second at any moment, the share that comes after a pause `p` is about
    /// `1 / (1 + w p)`: all of it where it is rare, and next to nothing where it is frequent.
    pub(super) fn work(&self) -> [f64; QUANTITIES] {
        let after = |pause: f64| self.wakes / (1.0 + self.wakes * pause);
        let [short, middle, long] = PAUSES.map(after);
        [1.0, self.pieces, self.drafts, self.kib, short, middle, long]
    }

    /// Returns the quantities that memory is a sum of, beside that of logs: the server itself, readers
    /// and rooms.
    pub(super) const fn memory(&self) -> [f64; QUANTITIES] {
        [1.0, self.readers, self.rooms, 0.0, 0.0, 0.0, 0.0]
    }

    /// Returns the dimensions in which a load may lie beyond what was measured. What logs keep is
    /// none of them: each event takes its own memory, and no other.
    pub(super) const fn dimensions(&self) -> [f64; 5] {
        [self.readers, self.rooms, self.pieces, self.drafts, self.kib]
    }
}
