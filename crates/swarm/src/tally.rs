//! What one shard counted, and how shards add up. Pure: it reads no clock.

mod counts;
mod record;

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;

use crate::{clock::Nanos, draft::Tag, outcome::Second};

pub(crate) use counts::Counts;
pub(crate) use record::DraftRecord;

/// Digits of the histograms of a run, and of one second of it.
const RUN_DIGITS: u8 = 3;
const SECOND_DIGITS: u8 = 2;
/// The finest latency told apart: a microsecond.
const FINEST: Nanos = 1_000;
/// The longest latency told apart at least; longer runs tell longer ones.
const LONGEST: Duration = Duration::from_mins(1);

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
mod tests;
