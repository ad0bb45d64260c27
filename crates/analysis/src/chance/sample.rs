//! A sample: one figure of several runs, grouped by sitting.

use std::collections::BTreeMap;

use crate::statistics::Spread;

/// The values of runs, grouped by the sitting in which each run was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    by_sitting: BTreeMap<u32, Vec<f64>>,
}

impl Sample {
    /// Makes a sample from the sitting and value of each run; values that are not numbers are left
    /// out.
    #[must_use]
    pub fn of(runs: impl IntoIterator<Item = (u32, f64)>) -> Self {
        let mut by_sitting: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (sitting, value) in runs {
            if value.is_finite() {
                // Adding zero removes the sign of -0, so that -0 and 0 are a tie.
                by_sitting.entry(sitting).or_default().push(value + 0.0);
            }
        }
        Self { by_sitting }
    }

    /// Makes a sample of runs of one sitting.
    #[must_use]
    pub fn once(values: &[f64]) -> Self {
        Self::of(values.iter().map(|value| (0, *value)))
    }

    /// Returns the same runs as if they were of one sitting.
    #[must_use]
    pub fn pooled(&self) -> Self {
        Self::of(self.values().map(|value| (0, value)))
    }

    /// Returns all values.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.by_sitting.values().flatten().copied()
    }

    /// Returns the number of runs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_sitting.values().map(Vec::len).sum()
    }

    /// Returns whether there is no run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_sitting.is_empty()
    }

    /// Returns whether both have runs of the same sittings.
    #[must_use]
    pub fn has_sittings_of(&self, other: &Self) -> bool {
        self.by_sitting.keys().eq(other.by_sitting.keys())
    }

    /// Returns the median, minimum and maximum of all runs.
    #[must_use]
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(self.values())
    }

    /// Returns the spread of the medians of sittings, or `None` with fewer than two sittings.
    #[must_use]
    pub fn between_sittings(&self) -> Option<Spread> {
        let medians = self.by_sitting.values().map(|values| median(values));
        Spread::of(medians).filter(|_| self.by_sitting.len() > 1)
    }

    pub(super) fn sittings(&self) -> impl Iterator<Item = (u32, &[f64])> {
        self.by_sitting
            .iter()
            .map(|(sitting, values)| (*sitting, values.as_slice()))
    }

    pub(super) fn of_sitting(&self, sitting: u32) -> Option<&[f64]> {
        self.by_sitting.get(&sitting).map(Vec::as_slice)
    }
}

pub(super) fn median(values: &[f64]) -> f64 {
    Spread::of(values.iter().copied()).map_or(f64::NAN, |spread| spread.median)
}
