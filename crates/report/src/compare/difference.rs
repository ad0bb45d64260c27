//! The comparison of one metric of one variant in two folders, and its verdict.

use analysis::{
    chance::{Family, Sample},
    effect::{Effect, Shown},
    metric::Metric,
    statistics::Spread,
};

/// The rule, for everyone who reads a verdict.
pub const RULE: &str = "A difference counts when it is at least 5 % and told from chance: by an \
exact permutation test of ranks, two-sided, within each sitting where both have the same ones, \
corrected over all figures of this comparison (Benjamini and Hochberg, 5 %), so that at most 5 of \
100 comparisons of the same with itself name any. Three repeats against three cannot be told apart.";

/// The verdict on a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There are too few valid repeats, for this metric alone or among so many metrics.
    CannotTell,
    /// The difference is not distinguished from chance, or too small to matter.
    WithinNoise,
    /// The value is lower than before, by more than chance explains.
    Better,
    /// The value is higher than before, by more than chance explains.
    Worse,
}

impl Verdict {
    /// Returns the verdict in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CannotTell => "cannot tell",
            Self::WithinNoise => "within noise",
            Self::Better => "better",
            Self::Worse => "WORSE",
        }
    }
}

/// The values of one metric of one variant in one cell, before and after.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The variant's name.
    pub name: String,
    /// The cell.
    pub cell: String,
    /// The metric that is compared.
    pub quantity: &'static Metric,
    /// The spreads over the valid repeats, before and after.
    pub spreads: [Spread; 2],
    /// The numbers of valid repeats, before and after.
    pub repeats: [usize; 2],
    /// The ratio of after to before.
    pub effect: Effect,
    /// The verdict on the difference.
    pub verdict: Verdict,
}

impl Difference {
    /// Compares two samples; returns `None` if a side has no value or is zero.
    pub(super) fn between(
        name: &str,
        cell: &str,
        quantity: &'static Metric,
        [before, after]: &[Sample; 2],
    ) -> Option<Self> {
        let spreads = [before.spread()?, after.spread()?];
        let effect = if before.has_sittings_of(after) {
            Effect::between(after, before)?
        } else {
            Effect::between(&after.pooled(), &before.pooled())?
        };
        Some(Self {
            name: name.to_owned(),
            cell: cell.to_owned(),
            quantity,
            spreads,
            repeats: [before.len(), after.len()],
            verdict: verdict(&effect),
            effect,
        })
    }
}

/// Judges all differences as one family of tests, because they are looked at together.
pub(super) fn judge(differences: &mut [Difference]) -> Family {
    let pairs = differences.iter();
    let family = Family::of(pairs.map(|one| (one.effect.p, one.effect.least_p)));
    for one in differences {
        one.effect = one.effect.clone().judged(&family);
        one.verdict = verdict(&one.effect);
    }
    family
}

const fn verdict(effect: &Effect) -> Verdict {
    match effect.shown() {
        Shown::TooFewRuns => Verdict::CannotTell,
        Shown::Less => Verdict::Better,
        Shown::More => Verdict::Worse,
        Shown::NoDifference | Shown::Small => Verdict::WithinNoise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::metric::P50;

    fn of(before: &[f64], after: &[f64]) -> Difference {
        let samples = [before, after].map(Sample::once);
        Difference::between("x", "-", &P50, &samples).expect("both have values")
    }

    fn judged(before: &[f64], after: &[f64]) -> Verdict {
        of(before, after).verdict
    }

    #[test]
    fn what_counts() {
        let before = [100.0, 102.0, 104.0, 103.0, 101.0];
        let slower = before.map(|value| value * 1.3);
        assert_eq!(judged(&before, &slower), Verdict::Worse);
        assert_eq!(judged(&slower, &before), Verdict::Better);
        assert_eq!(judged(&before, &before), Verdict::WithinNoise);
        // Apart, but by 4 %.
        assert_eq!(judged(&[100.0; 5], &[104.0; 5]), Verdict::WithinNoise);
        assert_eq!(judged(&[100.0; 5], &[105.0; 5]), Verdict::Worse);
        // Two runs that are in the middle of the others.
        let astray = [103.5, 102.5, 120.0, 121.0, 122.0];
        assert_eq!(judged(&before, &astray), Verdict::WithinNoise);
    }

    #[test]
    fn three_against_three_cannot_tell() {
        let three = judged(&[100.0, 101.0, 102.0], &[300.0, 301.0, 302.0]);
        assert_eq!(three, Verdict::CannotTell);
        assert_eq!(judged(&[100.0], &[300.0]), Verdict::CannotTell);
    }

    /// Checks that a single difference among eighteen figures needs six repeats; with five there is
    /// no verdict.
    #[test]
    fn many_figures_are_judged_together() {
        let verdicts = |runs: usize| {
            let before: Vec<f64> = (0..runs).map(|at| 100.0 + at as f64).collect();
            let slower: Vec<f64> = before.iter().map(|value| value * 1.5).collect();
            let mut all = vec![of(&before, &slower)];
            all.extend((1..18).map(|_| of(&before, &before)));
            let family = judge(&mut all);
            assert_eq!((family.looked, family.runs_needed()), (18, 6));
            (all[0].verdict, all[1].verdict)
        };
        assert_eq!(verdicts(5), (Verdict::CannotTell, Verdict::WithinNoise));
        assert_eq!(verdicts(6), (Verdict::Worse, Verdict::WithinNoise));
    }
}
