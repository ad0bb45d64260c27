//! One figure of one variant in two folders, and whether the difference counts.

use crate::{
    bootstrap::LEAST_REPEATS,
    effect::{Effect, Shown},
    quantity::Quantity,
    statistics::Spread,
};

/// A difference below this share is not worth anybody's attention.
pub const LEAST_EFFECT: f64 = 0.05;

/// With fewer repeats than this, chance alone parts two samples too often: one
/// pair of three in ten has no overlap.
const FEW_REPEATS: usize = 5;

/// The rule, for everyone who reads a verdict.
pub const RULE: &str = "A difference counts when the bootstrap interval of the ratio of medians \
leaves out 1, the ranges of the repeats do not overlap, and it is at least 5 %. With three or four \
repeats the ranges must also lie apart by half of the wider one, because chance parts two samples \
of three in one case of ten.";

/// What a difference is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Fewer than three valid repeats on a side.
    CannotTell,
    /// No more than the repeats differ among themselves.
    WithinNoise,
    /// Less than before.
    Better,
    /// More than before.
    Worse,
}

impl Verdict {
    /// In words.
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

/// One figure of one variant and cell, before and after.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The variant's name.
    pub name: String,
    /// The cell.
    pub cell: String,
    /// Which figure.
    pub quantity: &'static Quantity,
    /// Over the valid repeats, before and after.
    pub spreads: [Spread; 2],
    /// How many of them.
    pub repeats: [usize; 2],
    /// after / before
    pub effect: Effect,
    /// Whether it counts.
    pub verdict: Verdict,
}

impl Difference {
    /// Nothing where a side has no value, or was zero.
    pub(super) fn between(
        name: &str,
        cell: &str,
        quantity: &'static Quantity,
        [before, after]: &[Vec<f64>; 2],
    ) -> Option<Self> {
        let spreads = [
            Spread::of(before.iter().copied())?,
            Spread::of(after.iter().copied())?,
        ];
        let effect = Effect::between(after, before)?;
        Some(Self {
            name: name.to_owned(),
            cell: cell.to_owned(),
            quantity,
            spreads,
            repeats: [before.len(), after.len()],
            effect,
            verdict: verdict(&effect, spreads),
        })
    }
}

/// See [`RULE`].
fn verdict(effect: &Effect, [before, after]: [Spread; 2]) -> Verdict {
    if effect.repeats < LEAST_REPEATS {
        return Verdict::CannotTell;
    }
    let gap = (after.min - before.max).max(before.min - after.max);
    let widest = (before.max - before.min).max(after.max - after.min);
    let apart = if effect.repeats < FEW_REPEATS {
        gap > widest / 2.0
    } else {
        gap > 0.0
    };
    let large = (effect.ratio - 1.0).abs() >= LEAST_EFFECT;
    match effect.shown() {
        Shown::Less if apart && large => Verdict::Better,
        Shown::More if apart && large => Verdict::Worse,
        _ => Verdict::WithinNoise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::P50;

    fn judged(before: &[f64], after: &[f64]) -> Verdict {
        Difference::between("x", "-", &P50, &[before.to_vec(), after.to_vec()])
            .expect("both have values")
            .verdict
    }

    #[test]
    fn what_counts() {
        let before = [100.0, 102.0, 104.0];
        assert_eq!(judged(&before, &[130.0, 132.0, 135.0]), Verdict::Worse);
        assert_eq!(judged(&before, &[70.0, 71.0, 72.0]), Verdict::Better);
        assert_eq!(judged(&before, &before), Verdict::WithinNoise);
        // Apart, but by 4 %.
        let steady = [100.0, 100.0, 100.0];
        assert_eq!(
            judged(&steady, &[104.0, 104.0, 104.0]),
            Verdict::WithinNoise
        );
        assert_eq!(judged(&steady, &[105.0, 105.0, 105.0]), Verdict::Worse);
        // Ranges that touch.
        assert_eq!(
            judged(&before, &[103.0, 120.0, 121.0]),
            Verdict::WithinNoise
        );
    }

    #[test]
    fn few_repeats_must_lie_farther_apart() {
        let (before, after) = ([100.0, 105.0, 110.0], [112.0, 117.0, 122.0]);
        assert_eq!(judged(&before, &after), Verdict::WithinNoise);
        let (before, after) = (
            [100.0, 102.0, 105.0, 108.0, 110.0],
            [112.0, 114.0, 117.0, 120.0, 122.0],
        );
        assert_eq!(judged(&before, &after), Verdict::Worse);
        assert_eq!(judged(&[100.0], &[300.0]), Verdict::CannotTell);
    }
}
