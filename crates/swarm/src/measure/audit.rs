//! The check of one reader's events for order, gaps and duplicates, by `seq`. Pure.

mod tags;

use std::ops::Range;

use wire::Seq;

pub(crate) use tags::{Numbered, TagAudit};

/// The classification of an event by a reader that checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Seen for the first time, after everything below it.
    New,
    /// Seen for the first time, after one with a higher number.
    Late,
    /// Seen before.
    Double,
}

/// A reader's place, and the holes behind it.
#[derive(Debug)]
pub(crate) struct Audit {
    /// The number after the highest one seen; `None` before the first event of
    /// a reader that started at "latest" on a stream.
    next: Option<Seq>,
    /// Numbers below `next` that have not come. Empty in a good run, and then
    /// it costs no allocation: there may be 10,000 of these.
    holes: Vec<Range<Seq>>,
}

impl Audit {
    /// Makes the audit of a reader that has seen everything up to `place`; `None` if it does not
    /// know yet.
    pub(crate) fn new(place: Option<Seq>) -> Self {
        Self {
            next: place.map(|seq| seq.saturating_add(1)),
            holes: Vec::new(),
        }
    }

    /// Returns the number to send as `after` when asking again.
    pub(crate) fn place(&self) -> Option<Seq> {
        self.next.map(|next| next.saturating_sub(1))
    }

    /// Takes an event, and returns whether it is new.
    pub(crate) fn event(&mut self, seq: Seq) -> Verdict {
        let next = self.next.unwrap_or(seq);
        if seq >= next {
            if seq > next {
                self.holes.push(next..seq);
            }
            self.next = Some(seq.saturating_add(1));
            return Verdict::New;
        }
        if self.fill(seq) {
            Verdict::Late
        } else {
            Verdict::Double
        }
    }

    /// Notes that the server said that this reader will never see what lies between its place and
    /// `place`.
    pub(crate) fn moved_to(&mut self, place: Seq) {
        let next = place.saturating_add(1);
        self.next = Some(self.next.map_or(next, |known| known.max(next)));
    }

    /// Notes that the server said that the reader's place was of another log, and that this one
    /// begins after `place`.
    pub(crate) fn began_anew(&mut self, place: Seq) {
        self.next = Some(place.saturating_add(1));
    }

    /// Notes that the reader goes on from elsewhere by its own will: nobody owes it what lies
    /// between.
    pub(crate) fn move_on(&mut self, place: Option<Seq>) {
        self.next = place.map(|seq| seq.saturating_add(1));
    }

    /// Returns the number of events that never came and whose loss the server did not
    /// report.
    pub(crate) fn skipped(&self) -> u64 {
        self.holes.iter().map(|hole| hole.end - hole.start).sum()
    }

    /// Returns the number of those events that are numbered `from` or higher.
    fn skipped_from(&self, from: Seq) -> u64 {
        let part = |hole: &Range<Seq>| hole.end.saturating_sub(hole.start.max(from));
        self.holes.iter().map(part).sum()
    }

    /// Takes `seq` out of the hole it lies in, if it lies in one.
    fn fill(&mut self, seq: Seq) -> bool {
        let Some(at) = self.holes.iter().position(|hole| hole.contains(&seq)) else {
            return false;
        };
        let hole = self.holes.swap_remove(at);
        let rest = [hole.start..seq, seq + 1..hole.end];
        self.holes
            .extend(rest.into_iter().filter(|part| !part.is_empty()));
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_good_run_is_all_new() {
        let mut audit = Audit::new(Some(10));
        assert!((11..20).all(|seq| audit.event(seq) == Verdict::New));
        assert_eq!((audit.skipped(), audit.place()), (0, Some(19)));
    }

    #[test]
    fn numbers_begin_again_in_another_log() {
        let mut audit = Audit::new(Some(59));
        audit.began_anew(0);
        assert_eq!(audit.place(), Some(0));
        assert!((1..70).all(|seq| audit.event(seq) == Verdict::New));
        assert_eq!((audit.skipped(), audit.place()), (0, Some(69)));
    }

    #[test]
    fn the_first_event_sets_the_place_of_a_reader_that_has_none() {
        let mut audit = Audit::new(None);
        assert_eq!(audit.place(), None);
        assert_eq!(audit.event(41), Verdict::New);
        assert_eq!((audit.skipped(), audit.place()), (0, Some(41)));
    }

    #[test]
    fn a_gap_a_late_one_and_a_double() {
        let mut audit = Audit::new(Some(0));
        assert_eq!(audit.event(1), Verdict::New);
        assert_eq!(audit.event(5), Verdict::New);
        assert_eq!(audit.skipped(), 3);
        assert_eq!(audit.event(3), Verdict::Late);
        assert_eq!(audit.event(3), Verdict::Double);
        assert_eq!(audit.event(1), Verdict::Double);
        assert_eq!(audit.skipped(), 2);
        assert_eq!(audit.event(2), Verdict::Late);
        assert_eq!(audit.event(4), Verdict::Late);
        assert_eq!((audit.skipped(), audit.place()), (0, Some(5)));
    }

    #[test]
    fn what_the_server_said_is_missed_is_no_gap() {
        let mut audit = Audit::new(Some(3));
        audit.moved_to(9);
        assert_eq!(audit.event(10), Verdict::New);
        assert_eq!(audit.skipped(), 0);
        // A notice cannot take a reader back.
        audit.moved_to(2);
        assert_eq!(audit.event(11), Verdict::New);
    }

    proptest! {
        #[test]
        fn each_number_is_new_or_late_once_and_nothing_is_skipped(order in Just((1_u64..40).collect::<Vec<_>>()).prop_shuffle()) {
            let mut audit = Audit::new(Some(0));
            for &seq in &order {
                prop_assert_ne!(audit.event(seq), Verdict::Double);
            }
            for &seq in &order {
                prop_assert_eq!(audit.event(seq), Verdict::Double);
            }
            prop_assert_eq!(audit.skipped(), 0);
        }
    }
}
