//! The check of order, gaps and duplicates for a server that assigns no
//! numbers: by our own tags. Pure.
//!
//! A draft has a number in its room, in the order in which drafts were due; so gaps and doubles are
//! found as they are by `seq`. The order is judged in another way: what two people say at one time
//! has no order before the server gives it one, and neither have two drafts of one speaker that
//! were on their way together. A draft is out of order only if it comes after a later one of its
//! own speaker that left when the earlier one had already been taken.

use wire::Seq;

use super::{Audit, Verdict};

/// A draft's place among what is said in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbered {
    /// Number of the room.
    pub(crate) room: usize,
    /// The draft's number in the room, from 1.
    pub(crate) seq: Seq,
    /// The index of the publisher in the room that sends the draft.
    pub(crate) publisher: usize,
}

/// A reader's check by tags.
#[derive(Debug)]
pub(crate) struct TagAudit {
    audit: Audit,
    /// The number of the draft that was heard first: drafts below it were said before this reader
    /// listened.
    since: Seq,
    /// The highest number heard from each publisher among the drafts that left when all
    /// drafts before them had been taken.
    settled: Vec<Seq>,
}

impl TagAudit {
    /// Makes the audit of a reader that has heard nothing, in a room of so many publishers.
    pub(crate) fn new(publishers: usize) -> Self {
        Self {
            audit: Audit::new(Some(0)),
            since: Seq::MAX,
            settled: vec![0; publishers],
        }
    }

    /// Notes that a draft came; `overlaps` if one before it of the same speaker was on its way when
    /// it left.
    pub(crate) fn heard(&mut self, draft: Numbered, overlaps: bool) -> Verdict {
        let verdict = self.audit.event(draft.seq);
        if verdict == Verdict::Double {
            return verdict;
        }
        if self.since == Seq::MAX {
            self.since = draft.seq;
        }
        let settled = &mut self.settled[draft.publisher];
        if draft.seq < *settled {
            return Verdict::Late;
        }
        if !overlaps {
            *settled = draft.seq;
        }
        Verdict::New
    }

    /// Returns the number of drafts that never came, between the first and the last that
    /// did.
    pub(crate) fn skipped(&self) -> u64 {
        self.audit.skipped_from(self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn draft(seq: Seq, publisher: usize) -> Numbered {
        Numbered {
            room: 0,
            seq,
            publisher,
        }
    }

    #[test]
    fn gaps_and_doubles_are_told_by_the_number() {
        let mut audit = TagAudit::new(1);
        // Said before it listened: no gap.
        assert_eq!(audit.heard(draft(5, 0), false), Verdict::New);
        assert_eq!(audit.skipped(), 0);
        assert_eq!(audit.heard(draft(8, 0), false), Verdict::New);
        assert_eq!(audit.skipped(), 2);
        assert_eq!(audit.heard(draft(8, 0), false), Verdict::Double);
        assert_eq!(audit.heard(draft(5, 0), false), Verdict::Double);
        assert_eq!(audit.heard(draft(6, 0), false), Verdict::Late);
        assert_eq!(audit.skipped(), 1);
        assert_eq!(audit.heard(draft(6, 0), false), Verdict::Double);
    }

    #[test]
    fn two_publishers_have_no_order_between_them() {
        let mut audit = TagAudit::new(2);
        for (seq, publisher) in [(2, 1), (1, 0), (4, 1), (3, 0)] {
            assert_eq!(audit.heard(draft(seq, publisher), false), Verdict::New);
        }
        assert_eq!(audit.skipped(), 0);
    }

    #[test]
    fn drafts_that_were_on_their_way_together_have_none_either() {
        let mut audit = TagAudit::new(1);
        assert_eq!(audit.heard(draft(2, 0), true), Verdict::New);
        assert_eq!(audit.heard(draft(1, 0), false), Verdict::New);
        // The third left when both had been taken.
        assert_eq!(audit.heard(draft(4, 0), false), Verdict::New);
        assert_eq!(audit.heard(draft(5, 0), true), Verdict::New);
        assert_eq!(audit.heard(draft(3, 0), true), Verdict::Late);
        assert_eq!(audit.skipped(), 0);
    }
}
