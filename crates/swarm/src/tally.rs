//! What one shard counted, and how shards add up. Pure: it reads no clock.

use std::{collections::BTreeMap, ops::Sub, time::Duration};

use hdrhistogram::Histogram;

use crate::{clock::Nanos, draft::Tag, outcome::Second};

/// Digits of the histograms of a run, and of one second of it.
const RUN_DIGITS: u8 = 3;
const SECOND_DIGITS: u8 = 2;
/// The finest latency told apart: a microsecond.
const FINEST: Nanos = 1_000;
/// The longest latency told apart at least; longer runs tell longer ones.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts that are taken over the window (*measure* and *drain*): read at its
/// beginning and its end, and subtracted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Reading exchanges finished.
    pub(crate) exchanges: u64,
    /// Of those, polls that brought no event.
    pub(crate) empty_exchanges: u64,
    /// Events the server said it could not give. Before the window it proves
    /// nothing: a log may well be shorter than the joins of a ramp.
    pub(crate) missed: u64,
    /// Bytes written.
    pub(crate) bytes_up: u64,
    /// Bytes read.
    pub(crate) bytes_down: u64,
}

impl Counts {
    /// Both sides of a sum.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            exchanges: self.exchanges + other.exchanges,
            empty_exchanges: self.empty_exchanges + other.empty_exchanges,
            missed: self.missed + other.missed,
            bytes_up: self.bytes_up + other.bytes_up,
            bytes_down: self.bytes_down + other.bytes_down,
        }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            exchanges: self.exchanges - before.exchanges,
            empty_exchanges: self.empty_exchanges - before.empty_exchanges,
            missed: self.missed - before.missed,
            bytes_up: self.bytes_up - before.bytes_up,
            bytes_down: self.bytes_down - before.bytes_down,
        }
    }
}

/// What became of one draft, as far as one shard knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DraftRecord {
    /// When its first receiver heard it.
    pub(crate) first: Nanos,
    /// When its last receiver heard it.
    pub(crate) last: Nanos,
    /// When it was sent; the greatest number if not known here.
    pub(crate) sent: Nanos,
    /// How many heard it.
    pub(crate) heard: u32,
    /// Whether the server answered that it took it.
    pub(crate) taken: bool,
}

impl DraftRecord {
    const UNHEARD: Self = Self {
        first: Nanos::MAX,
        last: 0,
        sent: Nanos::MAX,
        heard: 0,
        taken: false,
    };

    fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.sent = self.sent.min(other.sent);
        self.heard += other.heard;
        self.taken |= other.taken;
    }
}

/// One shard's counts. A single one per thread: a histogram a person would be
/// 1.3 GiB at 10,000.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Latency from due.
    pub(crate) due: Histogram<u64>,
    /// Latency from sent.
    pub(crate) sent: Histogram<u64>,
    /// Sent against due.
    pub(crate) lateness: Histogram<u64>,
    /// Connecting to being ready.
    pub(crate) opening: Histogram<u64>,
    /// Deliveries of drafts that count.
    pub(crate) delivered: u64,
    /// JSON bytes of those deliveries.
    pub(crate) payload_bytes: u64,
    /// Events seen again.
    pub(crate) duplicated: u64,
    /// Events after a higher one.
    pub(crate) reordered: u64,
    /// Connections opened because a speaker's was busy.
    pub(crate) extra_connections: u64,
    /// Counts since the beginning.
    pub(crate) counts: Counts,
    /// Of those, what fell before the window, and what into it. Both known at
    /// its end.
    pub(crate) before: Counts,
    pub(crate) window: Counts,
    /// What went wrong.
    pub(crate) failures: BTreeMap<String, u64>,
    /// Index of the first draft that counts; `drafts[0]` is its record.
    first_counting: usize,
    drafts: Vec<DraftRecord>,
    second: Current,
    /// Set at the end of *drain*: what comes later is lost already.
    closed: bool,
}

/// The second that is going on.
#[derive(Debug)]
struct Current {
    number: u32,
    delivered: u64,
    due: Histogram<u64>,
    bytes_up: u64,
    bytes_down: u64,
}

impl Tally {
    /// An empty tally for a run of `length` in which `drafts` drafts from index
    /// `first_counting` on count.
    pub(crate) fn new(first_counting: usize, drafts: usize, length: Duration) -> Self {
        let longest = length.max(LONGEST).as_nanos() as u64;
        let histogram = |digits| {
            // Fails only for bounds below 1:2 or more than five digits.
            Histogram::new_with_bounds(FINEST, longest, digits).expect("constant bounds are valid")
        };
        Self {
            due: histogram(RUN_DIGITS),
            sent: histogram(RUN_DIGITS),
            lateness: histogram(RUN_DIGITS),
            opening: histogram(RUN_DIGITS),
            delivered: 0,
            payload_bytes: 0,
            duplicated: 0,
            reordered: 0,
            extra_connections: 0,
            counts: Counts::default(),
            before: Counts::default(),
            window: Counts::default(),
            failures: BTreeMap::new(),
            first_counting,
            drafts: vec![DraftRecord::UNHEARD; drafts],
            second: Current {
                number: 0,
                delivered: 0,
                due: histogram(SECOND_DIGITS),
                bytes_up: 0,
                bytes_down: 0,
            },
            closed: false,
        }
    }

    /// Whether the draft with this tag counts.
    pub(crate) fn counts(&self, tag: Tag) -> bool {
        (self.first_counting..self.first_counting + self.drafts.len()).contains(&tag.index)
    }

    /// A reader heard an event of `bytes` JSON bytes for the first time.
    pub(crate) fn heard(&mut self, tag: Tag, now: Nanos, bytes: usize) {
        if self.closed || !self.counts(tag) {
            return;
        }
        let from_due = now.saturating_sub(tag.due);
        self.due.saturating_record(from_due);
        self.sent.saturating_record(now.saturating_sub(tag.sent));
        self.delivered += 1;
        self.payload_bytes += bytes as u64;
        self.second.delivered += 1;
        self.second.due.saturating_record(from_due);
        self.drafts[tag.index - self.first_counting].merge(&DraftRecord {
            first: now,
            last: now,
            sent: tag.sent,
            heard: 1,
            taken: true,
        });
    }

    /// A reading exchange is over; it brought `events` events.
    pub(crate) fn exchange(&mut self, events: usize) {
        self.counts.exchanges += 1;
        self.counts.empty_exchanges += u64::from(events == 0);
    }

    /// A draft left, late or not.
    pub(crate) fn left(&mut self, tag: Tag) {
        if self.counts(tag) {
            self.lateness
                .saturating_record(tag.sent.saturating_sub(tag.due));
            self.drafts[tag.index - self.first_counting].sent = tag.sent;
        }
    }

    /// The server answered that it took a draft.
    pub(crate) fn taken(&mut self, tag: Tag) {
        if self.counts(tag) {
            self.drafts[tag.index - self.first_counting].taken = true;
        }
    }

    /// Something went wrong.
    pub(crate) fn failed(&mut self, kind: &str, count: u64) {
        if count > 0 {
            *self.failures.entry(kind.to_owned()).or_default() += count;
        }
    }

    /// The window that began at `before` is over: what *drain* did not bring is
    /// lost, however little later it comes.
    pub(crate) fn close(&mut self, before: Counts) {
        self.closed = true;
        self.before = before;
        self.window = self.counts - before;
    }

    /// Begins the first second.
    pub(crate) const fn begin_seconds(&mut self) {
        self.second.bytes_up = self.counts.bytes_up;
        self.second.bytes_down = self.counts.bytes_down;
    }

    /// Ends the second that is going on and begins the next.
    pub(crate) fn end_second(&mut self, connected: usize) -> Second {
        let current = &mut self.second;
        let ended = Second {
            second: current.number,
            delivered: current.delivered,
            due: current.due.clone(),
            bytes_up: self.counts.bytes_up - current.bytes_up,
            bytes_down: self.counts.bytes_down - current.bytes_down,
            connected,
        };
        current.number += 1;
        current.delivered = 0;
        current.due.reset();
        self.begin_seconds();
        ended
    }

    /// Adds another shard's tally of the same run.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.due, &other.due),
            (&mut self.sent, &other.sent),
            (&mut self.lateness, &other.lateness),
            (&mut self.opening, &other.opening),
        ] {
            // Cannot fail: both have the bounds of the same run.
            let _ = mine.add(others);
        }
        self.delivered += other.delivered;
        self.payload_bytes += other.payload_bytes;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
        self.extra_connections += other.extra_connections;
        self.counts = self.counts.plus(other.counts);
        self.before = self.before.plus(other.before);
        self.window = self.window.plus(other.window);
        for (kind, count) in &other.failures {
            self.failed(kind, *count);
        }
        for (mine, others) in self.drafts.iter_mut().zip(&other.drafts) {
            mine.merge(others);
        }
    }

    /// The records of the first `count` drafts that count.
    pub(crate) fn drafts(&self, count: usize) -> &[DraftRecord] {
        &self.drafts[..count.min(self.drafts.len())]
    }

    /// `count` readers never heard a draft: it waits in both histograms until
    /// the end of *drain*.
    pub(crate) fn lost(&mut self, from_due: Nanos, from_sent: Nanos, count: u64) {
        // Cannot fail: clamped to the highest value.
        let _ = self.due.record_n(from_due.min(self.due.high()), count);
        let _ = self.sent.record_n(from_sent.min(self.sent.high()), count);
    }

    /// An empty histogram with the bounds of a run.
    pub(crate) fn histogram_like(&self) -> Histogram<u64> {
        Histogram::new_from(&self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Nanos = 1_000_000;

    fn tally() -> Tally {
        Tally::new(10, 3, Duration::from_secs(5))
    }

    fn tag(index: usize) -> Tag {
        Tag {
            index,
            due: 100 * MS,
            sent: 101 * MS,
        }
    }

    #[test]
    fn only_drafts_due_in_measure_count() {
        let mut tally = tally();
        for index in [9, 10, 12, 13] {
            tally.heard(tag(index), 105 * MS, 50);
            tally.left(tag(index));
        }
        assert_eq!((tally.delivered, tally.payload_bytes), (2, 100));
        assert_eq!((tally.due.len(), tally.sent.len()), (2, 2));
        assert_eq!(tally.lateness.len(), 2);
        assert!(tally.due.equivalent(tally.due.max(), 5 * MS));
        assert!(tally.sent.equivalent(tally.sent.max(), 4 * MS));
        assert!(tally.lateness.equivalent(tally.lateness.max(), MS));
    }

    #[test]
    fn shards_add_up_and_the_spread_is_over_all_of_them() {
        let (mut one, mut other) = (tally(), tally());
        one.heard(tag(11), 105 * MS, 50);
        one.heard(tag(11), 107 * MS, 50);
        other.heard(tag(11), 103 * MS, 50);
        other.taken(tag(12));
        other.exchange(0);
        other.exchange(2);
        one.failed("kind", 1);
        other.failed("kind", 2);
        one.merge(&other);
        assert_eq!(one.delivered, 3);
        assert_eq!(one.due.len(), 3);
        assert_eq!((one.counts.exchanges, one.counts.empty_exchanges), (2, 1));
        assert_eq!(one.failures, [("kind".to_owned(), 3)].into());
        let [unheard, heard, taken] = one.drafts(3) else {
            panic!("three records");
        };
        assert_eq!(*unheard, DraftRecord::UNHEARD);
        assert_eq!((heard.first, heard.last), (103 * MS, 107 * MS));
        assert_eq!((heard.heard, heard.sent), (3, 101 * MS));
        assert!(taken.taken && taken.heard == 0);
        assert_eq!(one.drafts(2).len(), 2);
    }

    #[test]
    fn the_window_is_what_lies_between() {
        let mut tally = tally();
        tally.exchange(0);
        tally.counts.bytes_up = 100;
        tally.counts.bytes_down = 1_000;
        let before = tally.counts;
        tally.exchange(1);
        tally.counts.bytes_up = 130;
        tally.close(before);
        let window = Counts {
            exchanges: 1,
            bytes_up: 30,
            ..Counts::default()
        };
        assert_eq!((tally.before, tally.window), (before, window));
        // What comes now is lost already.
        tally.heard(tag(10), 105 * MS, 50);
        assert_eq!(tally.delivered, 0);
    }

    #[test]
    fn a_second_holds_what_happened_in_it() {
        let mut tally = tally();
        tally.counts.bytes_down = 500;
        tally.begin_seconds();
        tally.heard(tag(10), 105 * MS, 50);
        tally.counts.bytes_down = 700;
        let first = tally.end_second(4);
        assert_eq!((first.second, first.delivered, first.due.len()), (0, 1, 1));
        assert_eq!((first.bytes_down, first.connected), (200, 4));
        let second = tally.end_second(3);
        assert_eq!((second.second, second.delivered, second.due.len()), (1, 0, 0));
        assert_eq!((second.bytes_down, second.connected), (0, 3));
    }

    #[test]
    fn what_is_lost_waits_until_the_end() {
        let mut tally = tally();
        tally.lost(4_000 * MS, 3_999 * MS, 7);
        assert_eq!((tally.due.len(), tally.sent.len()), (7, 7));
        assert!(tally.due.equivalent(tally.due.min(), 4_000 * MS));
        // Longer than the longest is told as the longest.
        tally.lost(Nanos::MAX, Nanos::MAX, 1);
        assert_eq!(tally.due.len(), 8);
        tally.lost(1, 1, 0);
        assert_eq!(tally.due.len(), 8);
    }
}
