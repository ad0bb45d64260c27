//! Deliveries of drafts that another part of the run sent, and their latency by the calendar clocks
//! of both parts: an interval, because two clocks agree only to within their errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The binary digits that a time keeps: rounding moves it by a thousandth at most.
const DIGITS: u32 = 10;

/// Times in nanoseconds, each with the number of deliveries that took so long. A time is negative
/// where the clocks say that a draft was heard before it was due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Waits(BTreeMap<i64, u64>);

impl Waits {
    /// Counts a delivery, with its time rounded.
    pub(crate) fn record(&mut self, ns: i64) {
        let step = step(ns);
        let rounded = ns.saturating_add(step / 2).div_euclid(step) * step;
        self.add(rounded, 1);
    }

    /// Counts so many deliveries of this very time.
    pub(crate) fn add(&mut self, ns: i64, count: u64) {
        *self.0.entry(ns).or_default() += count;
    }

    /// Adds the deliveries that another thread counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (ns, count) in &other.0 {
            self.add(*ns, *count);
        }
    }

    /// Returns the number of deliveries.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Returns the time that this share of the deliveries did not exceed; `None` if there are none.
    #[must_use]
    pub fn at(&self, quantile: f64) -> Option<i64> {
        let rank = (self.count() as f64 * quantile).ceil().max(1.0) as u64;
        let mut seen = 0_u64;
        self.0.iter().find_map(|(ns, count)| {
            seen += count;
            (seen >= rank).then_some(*ns)
        })
    }
}

/// Returns the distance between two neighbours of a rounded time.
const fn step(ns: i64) -> i64 {
    let length = u64::BITS - ns.unsigned_abs().leading_zeros();
    // The longest is 2^54.
    1 << length.saturating_sub(DIGITS)
}

/// The deliveries of drafts that another part sent, of all parts or of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossShard {
    /// The number of deliveries.
    pub deliveries: u64,
    /// Their latency; `None` in one part alone, which does not know when the others began, and unless
    /// each part states the largest error of its clock.
    pub latency: Option<ByClocks>,
}

/// Latency from due to heard, where a draft was due by the clock of one part and heard by that of
/// another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByClocks {
    /// The least that each latency can be.
    pub low: Waits,
    /// The most that each can be.
    pub high: Waits,
    /// The number of deliveries that were heard before they were due, by the clocks.
    pub negative: u64,
}

impl ByClocks {
    /// Adds deliveries whose latency is `later` than their times, and known to within `error`.
    pub(crate) fn add(&mut self, times: &Waits, later: i64, error: i64) {
        for (ns, count) in &times.0 {
            let latency = ns.saturating_add(later);
            let error = error.saturating_add(step(*ns) / 2);
            self.low.add(latency.saturating_sub(error), *count);
            self.high.add(latency.saturating_add(error), *count);
            if latency < 0 {
                self.negative += count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_the_sign_and_a_thousandth() {
        for ns in [
            0,
            1,
            700,
            1_023,
            1_025,
            99_999,
            12_345_678,
            3_600_000_000_001,
        ] {
            for ns in [ns, -ns] {
                let mut waits = Waits::default();
                waits.record(ns);
                let told = waits.at(0.5).unwrap();
                assert_eq!(told.signum(), ns.signum());
                assert!((told - ns).abs() <= ns.abs() / 1_000, "{told} {ns}");
                assert!((told - ns).abs() <= step(told) / 2, "{told} {ns}");
            }
        }
        let mut waits = Waits::default();
        waits.record(i64::MIN);
        waits.record(i64::MAX);
        assert_eq!(waits.count(), 2);
    }

    #[test]
    fn percentiles_are_of_the_counts() {
        let mut waits = Waits::default();
        assert_eq!(waits.at(0.5), None);
        waits.add(-5, 3);
        waits.add(7, 5);
        waits.add(9, 2);
        let at = |quantile| waits.at(quantile).unwrap();
        assert_eq!((at(0.0), at(0.3), at(0.31)), (-5, -5, 7));
        assert_eq!((at(0.5), at(0.8), at(0.9), at(1.0)), (7, 7, 9, 9));
        let mut both = waits.clone();
        both.merge(&waits);
        assert_eq!((both.count(), both.at(0.5)), (20, Some(7)));
    }
}
