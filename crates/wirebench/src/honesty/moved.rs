//! Whether what the generator added to latencies can have moved a percentile
//! that is reported.
//!
//! A percentile q is moved if enough of the deliveries beyond it are there by
//! the generator's doing. So what was added is looked at where half of what
//! lies beyond q lies beyond it, too: at p75 for the median, at p95 for p90, at
//! p99.5 for p99. Of few drafts that is the worst one; of many a single hiccup
//! is beyond it and counts for nothing.

use std::time::Duration;

use hdrhistogram::Histogram;
use swarm::outcome::Outcome;

use crate::rows::reports_p99;

/// Share of a reported percentile that the generator may have added.
pub(super) const SHARE: f64 = 0.1;

/// What is never held against a percentile, however short the latency: server
/// and generator share one machine's processors, and the kernel gives a
/// processor out in slices of some milliseconds. (Two busy loops on one processor
/// were kept from it for 4.05 ms at a time, three for 8.08 ms, on a kernel with a
/// tick of 4 ms.) A median must not hold a slice at all; one delivery in ten
/// meets a part of one; and one in a hundred the rest of one that began before,
/// and one more.
pub(super) const ALLOWED: [(f64, Duration); 3] = [
    (0.5, Duration::from_micros(500)),
    (0.9, Duration::from_millis(2)),
    (0.99, Duration::from_millis(6)),
];

/// A reported percentile that may have been moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    /// Which, from 0 to 1.
    pub(super) quantile: f64,
    /// Its latency.
    pub(super) reported: Duration,
    /// At which quantile it is looked at what was added.
    pub(super) looked_at: f64,
    /// What was added there.
    pub(super) added: Duration,
    /// What may be.
    pub(super) limit: Duration,
}

/// The first percentile of the run's latency, not below `from`, that `added` can
/// have moved.
pub(super) fn moved(outcome: &Outcome, added: &Histogram<u64>, from: f64) -> Option<Moved> {
    if added.is_empty() || outcome.due.is_empty() {
        return None;
    }
    percentiles(outcome, from)
        .map(|one| Moved {
            added: at(added, one.looked_at),
            ..one
        })
        .find(|moved| moved.added > moved.limit)
}

/// The percentiles that the run reports, not below `from`, to which nothing was
/// added yet.
fn percentiles(outcome: &Outcome, from: f64) -> impl Iterator<Item = Moved> {
    ALLOWED
        .into_iter()
        .filter(move |(quantile, _)| *quantile >= from)
        .filter(|(quantile, _)| *quantile < 0.99 || reports_p99(outcome))
        .map(|(quantile, allowed)| {
            let reported = at(&outcome.due, quantile);
            Moved {
                quantile,
                reported,
                looked_at: f64::midpoint(quantile, 1.0),
                added: Duration::ZERO,
                limit: allowed.max(reported.mul_f64(SHARE)),
            }
        })
}

fn at(histogram: &Histogram<u64>, quantile: f64) -> Duration {
    Duration::from_nanos(histogram.value_at_quantile(quantile))
}

/// The first percentile that drafts which left late have moved. The latency of
/// their deliveries is recorded from when they were due and from when they left:
/// by how much a percentile was moved is the difference of the two, and need not
/// be guessed. (In a closed loop that difference holds the wait for answers as
/// well, so lateness must be there, too.)
pub(super) fn moved_by_lateness(outcome: &Outcome) -> Option<Moved> {
    percentiles(outcome, 0.0)
        .filter(|one| at(&outcome.lateness, one.looked_at) > one.limit)
        .map(|one| Moved {
            added: one.reported.saturating_sub(at(&outcome.sent, one.quantile)),
            looked_at: one.quantile,
            ..one
        })
        .find(|one| one.added > one.limit)
}

/// `p99.5` for 0.995.
pub(super) fn name(quantile: f64) -> String {
    format!("p{}", (quantile * 1_000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(deliveries: u64, latency_us: u64) -> Outcome {
        let mut outcome = Outcome::empty();
        outcome.drafts_due = 200;
        outcome
            .due
            .saturating_record_n(latency_us * 1_000, deliveries);
        outcome
    }

    /// Has bounds: one that grows by itself does not when recording saturates.
    fn empty() -> Histogram<u64> {
        Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds")
    }

    fn added(of: &[(u64, u64)]) -> Histogram<u64> {
        let mut added = empty();
        for (ms, count) in of {
            added.saturating_record_n(ms * 1_000_000, *count);
        }
        added
    }

    fn found(outcome: &Outcome, of: &[(u64, u64)]) -> Option<Moved> {
        moved(outcome, &added(of), 0.0)
    }

    #[test]
    fn a_hiccup_counts_where_it_can_carry_the_percentile() {
        // One in a thousand moves no p99; one in a hundred does.
        let fast = outcome(10_000, 1_000);
        assert_eq!(found(&fast, &[(0, 999), (50, 1)]), None);
        let one = found(&fast, &[(0, 99), (50, 1)]).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.99, 0.995));
        // The p99 of a hundred deliveries is not reported.
        assert_eq!(found(&outcome(100, 1_000), &[(0, 99), (50, 1)]), None);
        // Nor is that of few messages, however many hear each of them.
        let mut few = outcome(10_000, 1_000);
        few.drafts_due = 40;
        assert_eq!(found(&few, &[(0, 99), (50, 1)]), None);
        // A third of the time is enough for the median.
        let one = found(&outcome(100, 1_000), &[(0, 2), (50, 1)]).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.5, 0.75));
    }

    #[test]
    fn a_tenth_of_what_is_reported_is_allowed_and_a_little_always() {
        let slow = outcome(10_000, 500_000);
        assert_eq!(found(&slow, &[(49, 100)]), None);
        let one = found(&slow, &[(51, 100)]).expect("moved");
        assert!(one.limit.abs_diff(Duration::from_millis(50)) < Duration::from_millis(1));
        let fast = outcome(10_000, 100);
        for (index, (_, allowed)) in ALLOWED.into_iter().enumerate() {
            let nanos = allowed.as_nanos() as u64;
            let beyond = |value: u64| {
                let mut added = empty();
                added.saturating_record_n(0, 1_000);
                // Twice the share of what lies beyond where it is looked at.
                let share = [1_000, 110, 10][index];
                added.saturating_record_n(value, share);
                moved(&fast, &added, 0.0)
            };
            assert_eq!(beyond(nanos / 10 * 9), None);
            assert!(beyond(nanos / 10 * 11).is_some(), "{index}");
        }
    }

    /// Of `drafts`, as many as `late` left fifty milliseconds after they were due.
    fn left_late(drafts: u64, late: u64) -> Outcome {
        let mut outcome = outcome(drafts - late, 1_000);
        outcome.due.saturating_record_n(51_000_000, late);
        outcome.sent.saturating_record_n(1_000_000, drafts);
        outcome.lateness.saturating_record_n(0, drafts - late);
        outcome.lateness.saturating_record_n(50_000_000, late);
        outcome
    }

    #[test]
    fn lateness_counts_where_it_did_move_the_percentile() {
        // Two in twenty lie beyond p90 and leave it where it is; the third moves it.
        assert_eq!(moved_by_lateness(&left_late(20, 2)), None);
        let one = moved_by_lateness(&left_late(20, 3)).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.9, 0.9));
        assert!(one.added.abs_diff(Duration::from_millis(50)) < Duration::from_millis(1));
        // Latency is that long for another reason than lateness.
        let mut waited = left_late(20, 3);
        waited.lateness.reset();
        waited.lateness.saturating_record_n(0, 20);
        assert_eq!(moved_by_lateness(&waited), None);
    }

    #[test]
    fn nothing_is_said_where_nothing_was_seen() {
        assert_eq!(found(&outcome(10, 1), &[]), None);
        assert_eq!(found(&Outcome::empty(), &[(50, 1)]), None);
        assert_eq!(name(0.995), "p99.5");
        assert_eq!(name(0.5), "p50");
    }
}
