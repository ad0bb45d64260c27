//! The uncertainty of a slope, estimated from the repeats alone.
//!
//! The bootstrap (Efron, 1979): the runs are resampled with replacement [`RESAMPLES`] times, and
//! the interval holds the middle 95 % of the resulting slopes. The unit of resampling is the run
//! and never the message, because the messages inside a run are not independent.
//!
//! The random numbers are those of `SplitMix64` with a fixed seed, so that the same rows give the
//! same interval on every machine. `tests/fixture/slope.py` does the same with numpy.

use crate::slope::theil_sen;

/// The number of resamples.
pub const RESAMPLES: usize = 4_000;

/// The share of resampled slopes that lies inside the interval.
pub const CONFIDENCE: f64 = 0.95;

/// The number of runs below which there is no interval.
pub const LEAST_RUNS: usize = 6;

/// The seed of the random numbers.
const SEED: u64 = 0x7769_7265;

/// A range that holds the middle of the results of the resampling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Returns the percentile interval of the Theil-Sen slope. Whole runs are resampled, each with its
/// place on the axis, so that a poor fit of the line widens the interval. Returns `None` with fewer
/// than [`LEAST_RUNS`] runs, or if all runs are at one place.
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
        // A resample with all runs at one place has no slope, and is drawn again.
        slopes.extend(theil_sen(&drawn));
    }
    Some(middle_of(&mut slopes))
}

/// Returns the interval that holds the middle of the resampled values.
fn middle_of(values: &mut [f64]) -> Interval {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Interval {
        low: quantile(values, tail),
        high: quantile(values, 1.0 - tail),
    }
}

/// Returns a quantile of sorted values, with linear interpolation (Hyndman and Fan's type 7, as in
/// numpy).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// The generator `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// Returns an index below `count`, by multiplication instead of remainder: the bias is
    /// negligible, and the result is the same on every machine.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }
}
