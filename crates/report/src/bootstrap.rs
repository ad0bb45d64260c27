//! How sure a ratio of two medians is, or a slope, told from the repeats alone.
//!
//! The bootstrap (Efron, 1979): each sample is drawn anew from itself, with
//! replacement, [`RESAMPLES`] times, and the interval holds the middle 95 % of
//! the ratios that come out. The unit that is drawn is the run, never the
//! message: messages inside a run share its luck.
//!
//! With three repeats the interval reaches from least over most to most over
//! least, so it leaves out 1 only where the two samples do not overlap at all.
//! The dice are `SplitMix64` from a fixed seed, so that the same rows give the same
//! interval on every machine. And since the dice do not look at the values, which
//! ranks come to lie in the middle is the same for all samples of one size and
//! order: `draws` finds it once.

mod draws;

use self::draws::Sample;
use crate::slope::theil_sen;

/// How often each sample is drawn anew.
pub const RESAMPLES: usize = 4_000;

/// The share of resampled ratios that lies inside the interval.
pub const CONFIDENCE: f64 = 0.95;

/// Fewer repeats than this carry no interval.
pub const LEAST_REPEATS: usize = 3;

/// Fewer runs than this carry no interval of a slope.
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

impl Interval {
    /// Whether a value lies inside, the ends included.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The percentile interval of median(subject) / median(baseline). Nothing with
/// fewer than [`LEAST_REPEATS`] values on either side, or where the baseline is
/// not above zero throughout.
#[must_use]
pub fn ratio_of_medians(subject: &[f64], baseline: &[f64]) -> Option<Interval> {
    let enough = subject.len().min(baseline.len()) >= LEAST_REPEATS;
    if !enough || baseline.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let samples = [subject, baseline].map(Sample::of);
    let middles = draws::middles(&samples);
    let mut ratios: Vec<(f64, usize)> = draws::counted(&samples, &middles)
        .into_iter()
        .map(|((above, below), times)| (samples[0].median(above) / samples[1].median(below), times))
        .collect();
    Some(middle_of(&mut ratios))
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
        slopes.extend(theil_sen(&drawn).map(|slope| (slope, 1)));
    }
    Some(middle_of(&mut slopes))
}

/// What holds the middle of what came out of the resamples, each with how often.
fn middle_of(values: &mut [(f64, usize)]) -> Interval {
    values.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Interval {
        low: quantile(values, tail),
        high: quantile(values, 1.0 - tail),
    }
}

/// A quantile of sorted values, between two of them by straight line (Hyndman
/// and Fan's type 7, as numpy has it).
fn quantile(sorted: &[(f64, usize)], share: f64) -> f64 {
    let place = share * (RESAMPLES - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(RESAMPLES - 1);
    let at = |place: usize| {
        let mut passed = 0;
        let found = sorted.iter().find(|(_, times)| {
            passed += times;
            passed > place
        });
        // There are as many as RESAMPLES together.
        found.map_or(f64::NAN, |(ratio, _)| *ratio)
    };
    at(below) + (at(above) - at(below)) * (place - below as f64)
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::statistics::Spread;

    #[derive(Deserialize)]
    struct Case {
        subject: Vec<f64>,
        baseline: Vec<f64>,
        ratio: f64,
        same_dice: [f64; 2],
        every_resample: Option<[f64; 2]>,
        scipy: [f64; 2],
    }

    /// Computed by numpy and scipy: see `tests/fixture/bootstrap.py`.
    fn cases() -> Vec<Case> {
        let text = include_str!("../tests/fixture/bootstrap.json");
        serde_json::from_str(text).expect("the fixture is JSON")
    }

    fn near(one: f64, other: f64, tolerance: f64) {
        assert!(
            (one - other).abs() <= tolerance * other.abs(),
            "{one} {other}"
        );
    }

    #[test]
    fn as_numpy_has_it_with_the_same_dice() {
        for case in cases() {
            let ours = ratio_of_medians(&case.subject, &case.baseline).expect("enough repeats");
            near(ours.low, case.same_dice[0], 1e-12);
            near(ours.high, case.same_dice[1], 1e-12);
            let median = |values: &[f64]| Spread::of(values.iter().copied()).expect("values");
            let ratio = median(&case.subject).median / median(&case.baseline).median;
            near(ratio, case.ratio, 1e-12);
        }
    }

    /// Other dice, or all resamples there are, may move an end a little.
    #[test]
    fn as_scipy_has_it_with_its_own_dice() {
        for case in cases() {
            let ours = ratio_of_medians(&case.subject, &case.baseline).expect("enough repeats");
            near(ours.low, case.scipy[0], 0.02);
            near(ours.high, case.scipy[1], 0.02);
            if let Some([low, high]) = case.every_resample {
                near(ours.low, low, 0.02);
                near(ours.high, high, 0.02);
            }
        }
    }

    #[test]
    fn three_repeats_reach_from_end_to_end() {
        let interval = ratio_of_medians(&[2.0, 2.2, 2.4], &[1.0, 1.1, 1.2]).expect("three");
        near(interval.low, 2.0 / 1.2, 1e-12);
        near(interval.high, 2.4, 1e-12);
        assert!(!interval.holds(1.0));
    }

    #[test]
    fn too_few_and_nothing_to_divide_by() {
        assert_eq!(ratio_of_medians(&[1.0, 2.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(ratio_of_medians(&[1.0, 2.0, 3.0], &[0.0, 1.0, 2.0]), None);
    }
}
