//! How sure a slope is, told from the repeats alone.
//!
//! The bootstrap (Efron, 1979): the runs are drawn anew from themselves, with
//! replacement, [`RESAMPLES`] times, and the interval holds the middle 95 % of
//! the slopes that come out. The unit that is drawn is the run, never the
//! message: messages inside a run share its luck.
//!
//! The dice are `SplitMix64` from a fixed seed, so that the same rows give the same
//! interval on every machine. `tests/fixture/slope.py` has the same in numpy.

use crate::slope::theil_sen;

/// How often the runs are drawn anew.
pub const RESAMPLES: usize = 4_000;

/// The share of resampled slopes that lies inside the interval.
pub const CONFIDENCE: f64 = 0.95;

/// Fewer runs than this carry no interval.
pub const LEAST_RUNS: usize = 6;

/// Where the dice begin.
const SEED: u64 = 0x7769_7265;

/// A range that holds the middle of what the resamples came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The percentile interval of Theil's and Sen's slope; whole runs are drawn, each
/// with its place on the axis, so that a line that is none widens it. Nothing
/// with fewer than [`LEAST_RUNS`].
#[must_use]
pub fn slope(points: &[(f64, f64)]) -> Option<Interval> {
    let first = points.first()?.0;
    let differ = points.iter().any(|point| point.0.total_cmp(&first).is_ne());
    if points.len() < LEAST_RUNS || !differ {
        return None;
    }
    let mut dice = Dice(SEED);
    let mut slopes = Vec::with_capacity(RESAMPLES);
    while slopes.len() < RESAMPLES {
        let drawn: Vec<(f64, f64)> = (0..points.len())
            .map(|_| points[dice.below(points.len())])
            .collect();
        // All of them at one place have no slope, and are drawn again.
        slopes.extend(theil_sen(&drawn));
    }
    Some(middle_of(&mut slopes))
}

/// What holds the middle of what came out of the resamples.
fn middle_of(values: &mut [f64]) -> Interval {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Interval {
        low: quantile(values, tail),
        high: quantile(values, 1.0 - tail),
    }
}

/// A quantile of sorted values, between two of them by straight line (Hyndman
/// and Fan's type 7, as numpy has it).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// An index below `count`, by multiplication instead of remainder: no bias
    /// that anyone could see, and the same on every machine.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }
}
