//! The counts of one shard, and the sum over shards. Pure: it reads no clock.

mod batches;
mod comebacks;
mod counts;
mod current;
mod gaps;
mod merge;
mod middles;
mod record;

use std::{collections::BTreeMap, ops::Range, time::Duration};

use hdrhistogram::Histogram;

use crate::{
    clock::Nanos,
    draft::Tag,
    measure::{
        freshness::{Coherence, Sample},
        ledger::Accounts,
    },
    outcome::{Hindrance, Second, Waits},
};

use current::Current;

pub(crate) use batches::Batches;
use comebacks::Comebacks;
pub(crate) use counts::Counts;
pub(crate) use gaps::Gaps;
pub(crate) use middles::MedianReceivers;
pub(crate) use record::DraftRecord;

/// Digits of the histograms of a run, and of one second of it.
const RUN_DIGITS: u8 = 3;
const SECOND_DIGITS: u8 = 2;
/// The finest latency told apart: a microsecond.
const FINEST: Nanos = 1_000;
/// The longest latency told apart at least; longer runs tell longer ones.
const LONGEST: Duration = Duration::from_mins(1);

/// The counts of one shard. There is a single one per thread: a histogram per person would
/// take 1.3 GiB at 10,000 people.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Latency from due.
    pub(crate) due: Histogram<u64>,
    /// Latency from sent.
    pub(crate) sent: Histogram<u64>,
    /// Latency from due to arrival, of the few readers of whom that is known.
    pub(crate) arrived: Histogram<u64>,
    /// The time from arrival to decoding, of the same deliveries.
    pub(crate) reading: Histogram<u64>,
    /// The times from when drafts were due to when they were sent.
    pub(crate) lateness: Histogram<u64>,
    /// The times from the beginning of a connection until the reader can hear events.
    pub(crate) opening: Histogram<u64>,
    /// Ages of the newest events that readers held.
    pub(crate) staleness: Histogram<u64>,
    /// The counts of coherent samples.
    pub(crate) coherence: Coherence,
    /// The times at which the median receivers heard.
    pub(crate) middles: MedianReceivers,
    /// The times between deliveries to the same reader, and those until the first.
    pub(crate) gaps: Gaps,
    /// The drafts that count and that another process sends, by whose clock no latency can be told
    /// here, as true for each; `None` where there is no other process.
    pub(crate) elsewhere: Option<Box<[bool]>>,
    /// The deliveries of those drafts, by the number of the part that sent them: from due to heard,
    /// both counted from when the part of each began to settle.
    pub(crate) crossed: BTreeMap<usize, Waits>,
    /// The number of events of each exchange.
    pub(crate) batches: Batches,
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
    /// Exchanges whose idle connection the server had closed.
    pub(crate) retried: u64,
    /// Connections that `io_uring` read.
    pub(crate) received_by_ring: u64,
    /// The suite that handshakes agreed on; none without TLS.
    pub(crate) suite: Option<tls::Suite>,
    /// Streams that the server ended in good order.
    pub(crate) stream_ends: u64,
    /// The counts of lost connections.
    pub(crate) comebacks: Comebacks,
    /// Counts since the beginning.
    pub(crate) counts: Counts,
    /// CPU time of the shard's thread over the window.
    pub(crate) shards_cpu: Duration,
    /// The CPU time of the thread that sends the drafts, over the window.
    pub(crate) speaking_cpu: Duration,
    /// True if that thread was given priority.
    pub(crate) speaks_first: bool,
    /// CPU time of the busiest thread.
    pub(crate) busiest_cpu: Duration,
    /// The longest time over which a thread's CPU time was taken.
    pub(crate) window_took: Duration,
    /// Counts when everybody was connected.
    pub(crate) connecting: Counts,
    /// The part of `counts` before the window, and the part in it. Both are known at its
    /// end.
    pub(crate) before: Counts,
    pub(crate) window: Counts,
    /// The ledger; known when the last connection is closed.
    pub(crate) accounts: Accounts,
    /// The delays that kept threads from running.
    pub(crate) hindrance: Hindrance,
    /// The number of messages whose text is not what was said.
    pub(crate) altered: u64,
    /// The other failures by kind, with their counts.
    pub(crate) failures: BTreeMap<String, u64>,
    /// Index of the first draft that counts; `drafts[0]` is its record.
    first_counting: usize,
    drafts: Vec<DraftRecord>,
    /// The time in which the drafts that count are due, if there is no schedule.
    unscheduled: Option<Range<Nanos>>,
    second: Current,
    /// Set at the end of *drain*: what comes later is lost already.
    closed: bool,
}

impl Tally {
    /// Makes an empty tally for a run of `length` in which `drafts` drafts from index
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
            arrived: histogram(RUN_DIGITS),
            reading: histogram(RUN_DIGITS),
            lateness: histogram(RUN_DIGITS),
            opening: histogram(RUN_DIGITS),
            staleness: histogram(RUN_DIGITS),
            coherence: Coherence::default(),
            middles: MedianReceivers::new(0),
            gaps: Gaps::new(0, &histogram(RUN_DIGITS)),
            elsewhere: None,
            crossed: BTreeMap::new(),
            batches: Batches::default(),
            delivered: 0,
            payload_bytes: 0,
            duplicated: 0,
            reordered: 0,
            extra_connections: 0,
            retried: 0,
            received_by_ring: 0,
            suite: None,
            stream_ends: 0,
            comebacks: Comebacks::default(),
            counts: Counts::default(),
            shards_cpu: Duration::ZERO,
            speaking_cpu: Duration::ZERO,
            busiest_cpu: Duration::ZERO,
            window_took: Duration::ZERO,
            speaks_first: false,
            connecting: Counts::default(),
            before: Counts::default(),
            window: Counts::default(),
            accounts: Accounts::default(),
            hindrance: Hindrance::default(),
            altered: 0,
            failures: BTreeMap::new(),
            first_counting,
            drafts: vec![DraftRecord::UNHEARD; drafts],
            unscheduled: None,
            second: Current::new(histogram(SECOND_DIGITS)),
            closed: false,
        }
    }

    /// Returns whether the draft with this tag counts.
    pub(crate) fn counts(&self, tag: Tag) -> bool {
        if let Some(times) = &self.unscheduled {
            return times.contains(&tag.due);
        }
        let last = self.first_counting + self.drafts.len();
        (self.first_counting..last).contains(&tag.index)
    }

    /// Makes those drafts count that are due in `times`, because there is no schedule.
    pub(crate) const fn count_due_in(&mut self, times: Range<Nanos>) {
        self.unscheduled = Some(times);
    }

    /// Returns the record of a draft that counts.
    fn record(&mut self, index: usize) -> &mut DraftRecord {
        let place = index - self.first_counting;
        if place >= self.drafts.len() {
            self.drafts.resize(place + 1, DraftRecord::UNHEARD);
        }
        &mut self.drafts[place]
    }

    /// Notes that `person`, at `place` among the people of the shard, heard an event of `bytes` JSON
    /// bytes for the first time.
    pub(crate) fn heard(
        &mut self,
        person: usize,
        place: usize,
        tag: Tag,
        now: Nanos,
        bytes: usize,
    ) {
        if self.closed || !self.counts(tag) {
            return;
        }
        let is_known = !self.is_from_elsewhere(tag);
        let from_due = is_known.then(|| now.saturating_sub(tag.due));
        self.gaps.delivered(place, now, from_due);
        let Some(from_due) = from_due else {
            return self.heard_from_elsewhere(tag.index, bytes);
        };
        self.due.saturating_record(from_due);
        self.sent.saturating_record(now.saturating_sub(tag.sent));
        self.delivered += 1;
        self.payload_bytes += bytes as u64;
        self.second.heard(from_due);
        self.middles.heard(tag.index, from_due);
        self.record(tag.index).merge(&DraftRecord {
            first: now,
            last: now,
            last_by: person as u32,
            sent: tag.sent,
            heard: 1,
            answered: Nanos::MAX,
            taken: true,
        });
    }

    /// Notes that a reader that never lost its connection heard a draft.
    pub(crate) fn undisturbed(&mut self, tag: Tag, now: Nanos) {
        if !self.closed && self.counts(tag) && !self.is_from_elsewhere(tag) {
            self.comebacks.undisturbed(tag.due, now);
        }
    }

    /// Returns whether another process sends a draft that counts.
    fn is_from_elsewhere(&self, tag: Tag) -> bool {
        let elsewhere = self.elsewhere.as_ref();
        elsewhere.is_some_and(|elsewhere| elsewhere[tag.index - self.first_counting])
    }

    /// Counts a delivery whose times are those of another clock.
    fn heard_from_elsewhere(&mut self, index: usize, bytes: usize) {
        self.delivered += 1;
        self.payload_bytes += bytes as u64;
        self.second.heard_from_elsewhere();
        self.record(index).heard += 1;
    }

    /// Records so long a time, which may be negative, for a delivery of a draft that another part
    /// sent.
    pub(crate) fn crossed(&mut self, tag: Tag, part: usize, ns: i64) {
        if !self.closed && self.counts(tag) && self.is_from_elsewhere(tag) {
            self.crossed.entry(part).or_default().record(ns);
        }
    }

    /// Records that the delivery that was heard `now` had arrived `at`.
    pub(crate) fn arrived(&mut self, tag: Tag, at: Nanos, now: Nanos) {
        if self.closed || !self.counts(tag) || self.is_from_elsewhere(tag) {
            return;
        }
        self.arrived
            .saturating_record(at.min(now).saturating_sub(tag.due));
        self.reading.saturating_record(now.saturating_sub(at));
    }

    /// Notes that a reading exchange is over, which brought `events` events.
    pub(crate) fn exchange(&mut self, events: usize) {
        self.counts.exchanges += 1;
        self.counts.events += events as u64;
        self.counts.empty_exchanges += u64::from(events == 0);
        if !self.closed {
            self.batches.brought(events as u64);
        }
    }

    /// Notes that a draft left. It is late against its due time, or against `free`: a speaker who
    /// waited for an answer until then is not late by that.
    pub(crate) fn left(&mut self, tag: Tag, free: Nanos) {
        if self.counts(tag) {
            let could = tag.due.max(free);
            self.lateness
                .saturating_record(tag.sent.saturating_sub(could));
            self.record(tag.index).sent = tag.sent;
        }
    }

    /// Enters what a look at some readers found.
    pub(crate) fn sampled(&mut self, samples: &[Sample]) {
        self.coherence.add(samples, &mut self.staleness);
    }

    /// Notes that a reader was told that its place is of another log, and that the log which it
    /// follows now has dropped everything up to `place`. How much of the other one it missed nobody
    /// can tell it: that shows in what was expected and never came.
    pub(crate) fn another_log(&mut self, place: u64) {
        self.comebacks.new_logs += 1;
        self.counts.miss(place);
    }

    /// Notes that the server answered that it took a draft.
    pub(crate) fn taken(&mut self, tag: Tag, now: Nanos) {
        if self.counts(tag) {
            let record = self.record(tag.index);
            record.taken = true;
            record.answered = record.answered.min(now);
        }
    }

    /// Counts a message whose text is not what was said.
    pub(crate) fn altered(&mut self) {
        self.altered = self.altered.saturating_add(1);
    }

    /// Counts failures of this kind.
    pub(crate) fn failed(&mut self, kind: &str, count: u64) {
        if count > 0 {
            let known = self.failures.entry(kind.to_owned()).or_default();
            // A hostile server may make it any number.
            *known = known.saturating_add(count.min(counts::MOST_MISSED));
        }
    }

    /// Notes that the window that began at `before` is over: what *drain* did not bring is lost,
    /// however little later it comes.
    pub(crate) fn close(&mut self, before: Counts) {
        self.closed = true;
        self.before = before;
        self.window = self.counts - before;
    }

    /// Returns whether the window is over.
    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Begins the first second.
    pub(crate) const fn begin_seconds(&mut self) {
        self.second.begin(&self.counts);
    }

    /// Ends the second that is going on and begins the next.
    pub(crate) fn end_second(&mut self, connected: usize) -> Second {
        self.middles.thin(self.delivered);
        self.second.end(&self.counts, connected)
    }

    /// Returns the records of the first `count` drafts that count.
    pub(crate) fn drafts(&self, count: usize) -> &[DraftRecord] {
        &self.drafts[..count.min(self.drafts.len())]
    }

    /// Notes that `count` readers never heard a draft: it waits in both histograms until the end of
    /// *drain*.
    pub(crate) fn lost(&mut self, from_due: Nanos, from_sent: Nanos, count: u64) {
        // Of none, the histogram would still take the value for its greatest.
        if count == 0 {
            return;
        }
        // Cannot fail: clamped to the highest value.
        let _ = self.due.record_n(from_due.min(self.due.high()), count);
        let _ = self.sent.record_n(from_sent.min(self.sent.high()), count);
    }

    /// Returns an empty histogram with the bounds of a run.
    pub(crate) fn histogram_like(&self) -> Histogram<u64> {
        Histogram::new_from(&self.due)
    }
}

#[cfg(test)]
mod tests;
