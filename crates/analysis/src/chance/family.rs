//! The pairs that are compared together, and the p below which one of them counts as different.

use super::ALPHA;

/// The correction for comparing many pairs: that of Benjamini and Hochberg (1995, section 3).
///
/// The p of all pairs are sorted. With m pairs, the limit is the largest p that is at most k/m of 5
/// %, where k is its place, and every pair up to the limit counts as different. Of the differences
/// that are reported, at most 5 % on average are due to chance; and if nothing differs at all, any
/// difference is reported in at most 5 % of cases, so that a gate over many figures is correct as a
/// whole. This holds for independent pairs and for those that rise and fall together (Benjamini and
/// Yekutieli, 2001).
///
/// Pairs that could not be distinguished whatever their order (too few runs, or the same values on
/// both sides) are not counted in m: they cannot raise a false alarm (Tarone, 1990).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// The number of pairs that were compared.
    pub looked: usize,
    /// The number of pairs that could be distinguished at all.
    pub able: usize,
    /// The number of pairs that are distinguished from chance.
    pub told: usize,
    /// The largest p with which a pair is distinguished from chance.
    pub limit: f64,
}

/// The largest number of runs that is ever recommended.
const MOST_RUNS: usize = 40;

impl Family {
    /// Makes the family of these pairs, each given by p and by the smallest value that p could have
    /// had.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut looked = 0;
        let counted = pairs.into_iter().inspect(|_| looked += 1);
        let mut able: Vec<f64> = counted
            .filter(|(_, least)| *least <= ALPHA)
            .map(|(p, _)| p)
            .collect();
        able.sort_unstable_by(f64::total_cmp);
        let share = |place: usize| ALPHA * (place + 1) as f64 / able.len() as f64;
        // The rounding error of a sum of shares must not decide.
        let within = |place: &usize| able[*place] <= share(*place) * (1.0 + 1e-9);
        let last = (0..able.len()).rev().find(within);
        Self {
            looked,
            able: able.len(),
            told: last.map_or(0, |last| last + 1),
            limit: last.map_or(0.0, |last| able[last] * (1.0 + 1e-9)),
        }
    }

    /// Returns the number of runs of each variant with which one pair alone could be distinguished
    /// among all of these: two of the (2 n over n) assignments must be at most an m-th of 5 %,
    /// where m is the number of all pairs.
    #[must_use]
    pub fn runs_needed(&self) -> usize {
        let wanted = ALPHA / self.looked.max(1) as f64;
        let mut ways = 1.0;
        for runs in 1..MOST_RUNS {
            let count = runs as f64;
            ways *= (2.0 * count - 1.0) * 2.0 * count / (count * count);
            if 2.0 / ways <= wanted {
                return runs;
            }
        }
        MOST_RUNS
    }

    /// Returns a description in a sentence or two, for the readers of a verdict.
    #[must_use]
    pub fn words(&self) -> String {
        let pairs = if self.looked == 1 { "pair" } else { "pairs" };
        format!(
            "{} {pairs} looked at, {} of which these runs could tell apart and {} were told from \
             chance, by an exact permutation test of ranks within each sitting, two-sided, \
             corrected over all of them (Benjamini and Hochberg, 5 %).",
            crate::unit::grouped(self.looked as u64),
            crate::unit::grouped(self.able as u64),
            crate::unit::grouped(self.told as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the example of the paper's section 3.3: of 15 p, four are significant at 5 %.
    #[test]
    fn the_example_of_the_paper() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let family = Family::of(p.map(|p| (p, 0.0)));
        assert_eq!((family.looked, family.able, family.told), (15, 15, 4));
        assert!(family.limit >= 0.0095 && family.limit < 0.0201);
    }

    #[test]
    fn what_could_not_be_told_does_not_count() {
        let pairs = [(0.02, 0.01), (0.1, 0.1), (1.0, 1.0)];
        let family = Family::of(pairs);
        assert_eq!((family.looked, family.able, family.told), (3, 1, 1));
        let none = Family::of([(0.1, 0.1)]);
        assert_eq!((none.told, none.limit), (0, 0.0));
    }

    #[test]
    fn runs_that_it_takes() {
        let needed = |looked: usize| {
            let pairs = (0..looked).map(|_| (1.0, 1.0));
            Family::of(pairs).runs_needed()
        };
        // The smallest p are 2/70, 2/252, 2/924, 2/3432, 2/12870.
        assert_eq!([1, 6, 18, 85, 200].map(needed), [4, 5, 6, 7, 8]);
    }
}
