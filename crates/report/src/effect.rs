//! How many times as much: one sample of runs beside another.
//!
//! An effect is a ratio of two medians over repeats, with the bootstrap interval
//! that says how sure it is. An interval that holds 1 shows no difference, and
//! fewer than three repeats show nothing at all.

use std::fmt;

use crate::{
    bootstrap::{self, Interval, LEAST_REPEATS},
    cell::{Cell, Comparison},
    quantity::Quantity,
    series::Identity,
    statistics::Spread,
    unit,
};

/// A ratio of medians over runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// median(subject) / median(baseline)
    pub ratio: f64,
    /// Where the ratio lies as far as the repeats can tell; nothing with too few.
    pub interval: Option<Interval>,
    /// Repeats on the side that has fewer.
    pub repeats: usize,
}

/// What an effect shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Fewer than three repeats: one run proves nothing.
    TooFewRuns,
    /// The interval holds 1.
    NoDifference,
    /// The subject needs less.
    Less,
    /// The subject needs more.
    More,
}

impl Effect {
    /// The effect between two samples of runs. Nothing where one is empty, or the
    /// baseline's median is not above zero.
    #[must_use]
    pub fn between(subject: &[f64], baseline: &[f64]) -> Option<Self> {
        let above = Spread::of(subject.iter().copied())?;
        let below = Spread::of(baseline.iter().copied())?;
        (below.median > 0.0).then(|| Self {
            ratio: above.median / below.median,
            interval: bootstrap::ratio_of_medians(subject, baseline),
            repeats: subject.len().min(baseline.len()),
        })
    }

    /// What it shows.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match self.interval {
            None => Shown::TooFewRuns,
            Some(interval) if interval.holds(1.0) => Shown::NoDifference,
            Some(_) if self.ratio < 1.0 => Shown::Less,
            Some(_) => Shown::More,
        }
    }

    /// Why there is no verdict, where there is none.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        match (self.shown(), self.repeats) {
            (Shown::TooFewRuns, 0 | 1) => Some("one run proves nothing".to_owned()),
            (Shown::TooFewRuns, runs) if runs < LEAST_REPEATS => {
                Some("two runs prove nothing".to_owned())
            }
            (Shown::TooFewRuns, _) => Some("no interval".to_owned()),
            (Shown::NoDifference, _) => Some("no difference shown".to_owned()),
            (Shown::Less | Shown::More, _) => None,
        }
    }

    /// `×3.4 [3.2 to 3.6]`; without the interval where there is none or
    /// its ends read the same.
    #[must_use]
    pub fn words(&self) -> String {
        match self.interval {
            Some(Interval { low, high }) if factor(low) != factor(high) => {
                format!(
                    "{} [{} to {}]",
                    times(self.ratio),
                    factor(low),
                    factor(high)
                )
            }
            _ => times(self.ratio),
        }
    }
}

/// The ratio, its interval, and what is to be doubted.
impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words())?;
        match self.doubt() {
            Some(doubt) => write!(formatter, ", {doubt}"),
            None => Ok(()),
        }
    }
}

/// `×3.4`
pub(crate) fn times(ratio: f64) -> String {
    format!("×{}", factor(ratio))
}

/// A factor with three digits, and without a row of nines that nobody counts.
pub(crate) fn factor(ratio: f64) -> String {
    unit::count(ratio)
}

/// The variant that others are held against.
///
/// # Errors
/// With the names there are, when the wish fits none of them.
pub fn baseline(comparison: &Comparison<'_>, wish: Option<&str>) -> Result<usize, UnknownBaseline> {
    let place = |fits: &dyn Fn(&Identity) -> bool| comparison.identities.iter().position(fits);
    let Some(wish) = wish else {
        // The one that every article is about; else the last in the order of telling.
        let websocket = place(&|identity| identity.transport == "websocket");
        return Ok(websocket.unwrap_or(comparison.identities.len().saturating_sub(1)));
    };
    let whole = |identity: &Identity| format!("{} {}", identity.transport, identity.variant);
    let places = [
        place(&|identity| whole(identity) == wish || identity.name == wish),
        place(&|identity| identity.variant == wish),
        place(&|identity| identity.transport == wish),
    ];
    places
        .into_iter()
        .flatten()
        .next()
        .ok_or_else(|| UnknownBaseline {
            wish: wish.to_owned(),
            known: comparison
                .identities
                .iter()
                .map(whole)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// A baseline that the rows do not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no runs of \"{wish}\" to hold the others against; choose one of: {known}")]
pub struct UnknownBaseline {
    wish: String,
    known: String,
}

/// Each variant of a cell against the baseline there; nothing for the baseline
/// itself and where either has no value.
#[must_use]
pub fn against(
    cell: &Cell<'_>,
    quantity: &Quantity,
    baseline: usize,
) -> Vec<(usize, Option<Effect>)> {
    let base = cell
        .variants
        .iter()
        .find(|variant| variant.identity == baseline && variant.valid)
        .map(|variant| quantity.values(&variant.runs));
    let effect = |runs: &[&crate::row::RunRow]| {
        Effect::between(&quantity.values(runs), base.as_deref().unwrap_or_default())
    };
    cell.variants
        .iter()
        .map(|variant| {
            let counts = variant.identity != baseline && variant.valid;
            (
                variant.identity,
                counts.then(|| effect(&variant.runs)).flatten(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_and_words() {
        let twice = Effect::between(&[2.0, 2.2, 2.4], &[1.0, 1.1, 1.2]).expect("an effect");
        assert!((twice.ratio - 2.0).abs() < 1e-12);
        assert_eq!(twice.shown(), Shown::More);
        assert_eq!(twice.to_string(), "×2 [1.67 to 2.4]");
        let level = Effect::between(&[1.0, 1.1, 1.3], &[1.0, 1.1, 1.2]).expect("an effect");
        assert_eq!(level.to_string(), "×1 [0.833 to 1.3], no difference shown");
        let once = Effect::between(&[300.0], &[1.0]).expect("an effect");
        assert_eq!(once.to_string(), "×300, one run proves nothing");
        let two = Effect::between(&[3.0, 3.0], &[1.0, 1.0]).expect("an effect");
        assert_eq!(two.to_string(), "×3, two runs prove nothing");
    }

    #[test]
    fn nothing_to_compare() {
        assert_eq!(Effect::between(&[], &[1.0]), None);
        assert_eq!(Effect::between(&[1.0], &[0.0]), None);
    }
}
