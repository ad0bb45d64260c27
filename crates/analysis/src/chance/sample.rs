//! One figure of several runs, sitting by sitting.

use std::collections::BTreeMap;

use crate::statistics::Spread;

/// The values of runs, each with the sitting that it was made in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    by_sitting: BTreeMap<u32, Vec<f64>>,
}

impl Sample {
    /// The sample of runs by sitting and value; values that are no numbers are left out.
    #[must_use]
    pub fn of(runs: impl IntoIterator<Item = (u32, f64)>) -> Self {
        let mut by_sitting: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (sitting, value) in runs {
            if value.is_finite() {
                // Nought has no sign: -0 and 0 are a tie.
                by_sitting.entry(sitting).or_default().push(value + 0.0);
            }
        }
        Self { by_sitting }
    }

    /// The sample of runs of one sitting.
    #[must_use]
    pub fn once(values: &[f64]) -> Self {
        Self::of(values.iter().map(|value| (0, *value)))
    }

    /// The same runs, as if they were of one sitting.
    #[must_use]
    pub fn pooled(&self) -> Self {
        Self::of(self.values().map(|value| (0, value)))
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.by_sitting.values().flatten().copied()
    }

    /// How many runs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_sitting.values().map(Vec::len).sum()
    }

    /// Tells if there is no run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_sitting.is_empty()
    }

    /// Tells if both have runs of the same sittings.
    #[must_use]
    pub fn has_sittings_of(&self, other: &Self) -> bool {
        self.by_sitting.keys().eq(other.by_sitting.keys())
    }

    /// Median, least and most of all runs.
    #[must_use]
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(self.values())
    }

    /// Least and most of the medians of sittings; nothing with fewer than two sittings.
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
