//! The increase for each further unit: a straight line through runs.
//!
//! The slope is the Theil-Sen estimator (Theil 1950, Sen 1968): the median of the slopes between
//! all pairs of runs. Memory grows in steps of pages and arenas, and one run in which the allocator
//! was just growing would distort a line of least squares; the median is stable until three runs in
//! ten are off.

use std::collections::BTreeSet;

use crate::{
    bootstrap::{self, Interval},
    statistics::Spread,
};

/// The number of different values below which there is no line, because any two points have one.
pub const LEAST_STEPS: usize = 3;

/// A straight line through runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The increase for each further unit.
    pub slope: f64,
    /// The value at zero.
    pub base: f64,
    /// The interval of the slope; `None` if there are too few runs.
    pub interval: Option<Interval>,
    /// The number of runs that the line is computed from.
    pub runs: usize,
    /// The number of different values among them.
    pub steps: usize,
}

impl Line {
    /// Returns the line through these points, or `None` with fewer than [`LEAST_STEPS`] different
    /// values.
    #[must_use]
    pub fn through(points: &[(f64, f64)]) -> Option<Self> {
        let steps: BTreeSet<u64> = points.iter().map(|point| point.0.to_bits()).collect();
        if steps.len() < LEAST_STEPS {
            return None;
        }
        let slope = theil_sen(points)?;
        let middle = |value: fn(&(f64, f64)) -> f64| {
            Spread::of(points.iter().map(value)).map(|spread| spread.median)
        };
        Some(Self {
            slope,
            base: middle(|point| point.1)? - slope * middle(|point| point.0)?,
            interval: bootstrap::slope(points),
            runs: points.len(),
            steps: steps.len(),
        })
    }

    /// Returns whether the runs show that the line rises at all.
    #[must_use]
    pub fn rises(&self) -> bool {
        self.interval
            .map_or(self.slope > 0.0, |interval| interval.low > 0.0)
    }
}

/// Returns the median slope over all pairs at different places, or `None` if there is no such pair.
pub(crate) fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (at, (x, y)) in points.iter().enumerate() {
        for (other_x, other_y) in &points[at + 1..] {
            let run = other_x - x;
            if run.abs() > 0.0 {
                slopes.push((other_y - y) / run);
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    let middle = slopes.len() / 2;
    let even = slopes.len().is_multiple_of(2);
    let (below, upper, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    Some(match lower {
        Some(lower) if even => f64::midpoint(lower, *upper),
        _ => *upper,
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        points: Vec<(f64, f64)>,
        slope: f64,
        base: f64,
        same_dice: [f64; 2],
    }

    fn near(one: f64, other: f64) {
        assert!((one - other).abs() <= 1e-12 * other.abs(), "{one} {other}");
    }

    /// Compares with the results of numpy and scipy: see `tests/fixture/slope.py`.
    #[test]
    fn as_scipy_has_it() {
        let text = include_str!("../tests/fixture/slope.json");
        let cases: Vec<Case> = serde_json::from_str(text).expect("the fixture is JSON");
        assert!(cases.len() >= 3);
        for case in cases {
            let line = Line::through(&case.points).expect("enough steps");
            near(line.slope, case.slope);
            near(line.base, case.base);
            let interval = line.interval.expect("enough runs");
            near(interval.low, case.same_dice[0]);
            near(interval.high, case.same_dice[1]);
            assert_eq!(line.runs, case.points.len());
        }
    }

    #[test]
    fn one_wild_run_moves_nothing() {
        let points: Vec<(f64, f64)> = [10.0, 100.0, 1_000.0]
            .into_iter()
            .flat_map(|x| [(x, 500.0 + 8.0 * x); 3])
            .collect();
        let mut wild = points.clone();
        wild[8].1 *= 3.0;
        let (line, wild) = (Line::through(&points), Line::through(&wild));
        let line = line.expect("a line");
        near(line.slope, 8.0);
        near(line.base, 500.0);
        assert_eq!((line.runs, line.steps), (9, 3));
        near(wild.expect("a line").slope, 8.0);
    }

    #[test]
    fn too_few_steps_or_runs() {
        let two = [(10.0, 1.0), (10.0, 2.0), (20.0, 3.0), (20.0, 4.0)];
        assert_eq!(Line::through(&two), None);
        let three = [(10.0, 10.0), (20.0, 20.0), (30.0, 30.0)];
        let line = Line::through(&three).expect("a line");
        assert_eq!((line.slope, line.interval, line.rises()), (1.0, None, true));
        let flat = [(10.0, 7.0), (20.0, 7.0), (30.0, 7.0)];
        assert!(!Line::through(&flat).expect("a line").rises());
    }
}
