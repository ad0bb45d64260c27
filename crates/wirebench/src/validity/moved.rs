//! The check whether the time that the generator added to latencies can have moved a reported
//! percentile.
//!
//! The added time is known as a distribution, but not for each delivery. A percentile q therefore
//! counts as moved only if two conditions hold. First, enough of the deliveries beyond q may be
//! there because of the generator: the added time is read at the percentile beyond which half as
//! many lie as beyond q, which is p75 for the median, p95 for p90 and p99.5 for p99. Second, the
//! worst case must reach the limit ([`at_most`]), however the additions were distributed over the
//! deliveries.

use std::time::Duration;

use hdrhistogram::Histogram;
use swarm::outcome::Outcome;

/// The share of a reported percentile that the generator may have added.
pub(super) const SHARE: f64 = 0.1;

/// The added time that is never held against a percentile, however short the latency. Server and
/// generator share one machine's processors, and the kernel gives a processor out in slices of some
/// milliseconds. (Two busy loops on one processor were kept from it for 4.05 ms at a time, three
/// for 8.08 ms, on a kernel with a tick of 4 ms.) A median must not contain a slice at all; one
/// delivery in ten meets a part of a slice; and one in a hundred meets the rest of a slice that
/// began before, and one more.
pub(super) const ALLOWED: [(f64, Duration); 3] = [
    (0.5, Duration::from_micros(500)),
    (0.9, Duration::from_millis(2)),
    (0.99, Duration::from_millis(8)),
];

/// A reported percentile that may have been moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    /// The percentile, from 0 to 1.
    pub(super) quantile: f64,
    /// The latency that is reported for it.
    pub(super) reported: Duration,
    /// The quantile at which the added time is read.
    pub(super) looked_at: f64,
    /// The added time at that quantile.
    pub(super) added: Duration,
    /// The limit of the added time.
    pub(super) limit: Duration,
}

/// The percentiles of a run's latency that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The percentiles that every run reports: without them a run has no result.
    Always,
    /// The 99th, which can be left out.
    Tail,
}

/// Returns the first percentile of the run's latency that `added` can have moved.
pub(super) fn moved(outcome: &Outcome, added: &Histogram<u64>, which: Which) -> Option<Moved> {
    if added.is_empty() || outcome.due.is_empty() {
        return None;
    }
    percentiles(outcome, which)
        .map(|one| Moved {
            added: at(added, one.looked_at),
            ..one
        })
        .filter(|moved| moved.added > moved.limit)
        .find(|moved| at_most(&outcome.due, added, moved.quantile) > moved.limit)
}

/// Returns by how much `added` can have raised a percentile of `latency` at most.
///
/// If a share f of the deliveries was delayed by more than t, then without the
/// delays the percentile q is not below the percentile q - f less t: at most a
/// share f of the others can have passed it. That holds for each t; the least of
/// these bounds is returned.
fn at_most(latency: &Histogram<u64>, added: &Histogram<u64>, quantile: f64) -> Duration {
    let reported = at(latency, quantile);
    let all = added.len() as f64;
    let mut below = 0;
    let bounds = added.iter_recorded().map(|value| {
        below += value.count_since_last_iteration();
        let beyond = 1.0 - below as f64 / all;
        let without = at(latency, (quantile - beyond).max(0.0));
        reported.saturating_sub(without) + Duration::from_nanos(value.value_iterated_to())
    });
    bounds.min().unwrap_or_default().min(reported)
}

/// Returns the percentiles of a run, to which nothing was added yet.
fn percentiles(outcome: &Outcome, which: Which) -> impl Iterator<Item = Moved> {
    let wanted = match which {
        Which::Always => &ALLOWED[..2],
        Which::Tail => &ALLOWED[2..],
    };
    wanted.iter().copied().map(|(quantile, allowed)| {
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

/// Returns the first percentile that drafts which left late have moved. The latency of
/// their deliveries is recorded from when they were due and from when they left:
/// by how much a percentile was moved is the difference of the two, and need not
/// be guessed. (In a closed loop that difference holds the wait for answers as
/// well, so lateness must be there, too.)
pub(super) fn moved_by_lateness(outcome: &Outcome, which: Which) -> Option<Moved> {
    percentiles(outcome, which)
        .filter(|one| at(&outcome.lateness, one.looked_at) > one.limit)
        .map(|one| Moved {
            added: one.reported.saturating_sub(at(&outcome.sent, one.quantile)),
            looked_at: one.quantile,
            ..one
        })
        .find(|one| one.added > one.limit)
}

/// Returns the name of a quantile, such as `p99.5` for 0.995.
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

    /// Returns an empty histogram with bounds: one that resizes itself does not resize when
    /// recording saturates.
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
        moved(outcome, &added(of), Which::Always)
    }

    fn found_in_tail(outcome: &Outcome, of: &[(u64, u64)]) -> Option<Moved> {
        moved(outcome, &added(of), Which::Tail)
    }

    /// Returns an outcome of `deliveries`, of which `slow` took fifty milliseconds longer than one.
    fn slowed(deliveries: u64, slow: u64) -> Outcome {
        let mut outcome = outcome(deliveries - slow, 1_000);
        outcome.due.saturating_record_n(51_000_000, slow);
        outcome
    }

    #[test]
    fn a_hiccup_counts_where_it_can_carry_the_percentile() {
        // One in a thousand moves no p99; one in a hundred does.
        let fast = slowed(10_000, 200);
        assert_eq!(found_in_tail(&fast, &[(0, 999), (50, 1)]), None);
        let one = found_in_tail(&fast, &[(0, 99), (50, 1)]).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.99, 0.995));
        // That moves none of the other percentiles.
        assert_eq!(found(&fast, &[(0, 99), (50, 1)]), None);
        // A third of the time is enough for the median.
        let one = found(&slowed(100, 60), &[(0, 2), (50, 1)]).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.5, 0.75));
    }

    #[test]
    fn what_was_added_moves_no_percentile_further_than_the_deliveries_near_it_lie_apart() {
        // Three in forty were kept; without them p90 would be what p82.5 is, the same.
        let kept = [(0, 37), (50, 3)];
        assert_eq!(found(&slowed(10_000, 400), &kept), None);
        // Here nine in forty lie beyond, and p82.5 is with them.
        assert_eq!(found(&slowed(10_000, 2_250), &kept), None);
        // But here the fastest of the slow lie between the two.
        let one = found(&slowed(10_000, 1_500), &kept).expect("moved");
        assert!((one.quantile - 0.9).abs() < 1e-9, "{one:?}");
    }

    #[test]
    fn a_tenth_of_what_is_reported_is_allowed_and_a_little_always() {
        let slow = outcome(10_000, 500_000);
        assert_eq!(found(&slow, &[(49, 100)]), None);
        let one = found(&slow, &[(51, 100)]).expect("moved");
        assert!(one.limit.abs_diff(Duration::from_millis(50)) < Duration::from_millis(1));
        for (index, (_, allowed)) in ALLOWED.into_iter().enumerate() {
            let nanos = allowed.as_nanos() as u64;
            // A little more than the share that lies beyond the percentile.
            let share = [1_010, 112, 11][index];
            let beyond = |value: u64| {
                let mut fast = outcome(10_000, 100);
                fast.due.saturating_record_n(100_000 + value, share * 10);
                let mut added = empty();
                added.saturating_record_n(0, 1_000);
                added.saturating_record_n(value, share);
                let which = [Which::Always, Which::Always, Which::Tail][index];
                moved(&fast, &added, which)
            };
            assert_eq!(beyond(nanos / 10 * 9), None);
            assert!(beyond(nanos / 10 * 11).is_some(), "{index}");
        }
    }

    /// Returns an outcome of `drafts`, of which `late` left fifty milliseconds after they were due.
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
        assert_eq!(moved_by_lateness(&left_late(20, 2), Which::Always), None);
        let one = moved_by_lateness(&left_late(20, 3), Which::Always).expect("moved");
        assert_eq!((one.quantile, one.looked_at), (0.9, 0.9));
        assert!(one.added.abs_diff(Duration::from_millis(50)) < Duration::from_millis(1));
        // Latency is that long for another reason than lateness.
        let mut waited = left_late(20, 3);
        waited.lateness.reset();
        waited.lateness.saturating_record_n(0, 20);
        assert_eq!(moved_by_lateness(&waited, Which::Always), None);
    }

    #[test]
    fn nothing_is_said_where_nothing_was_seen() {
        assert_eq!(found(&outcome(10, 1), &[]), None);
        assert_eq!(found(&Outcome::empty(), &[(50, 1)]), None);
        assert_eq!(name(0.995), "p99.5");
        assert_eq!(name(0.5), "p50");
    }
}
