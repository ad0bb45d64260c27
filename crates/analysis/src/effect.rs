//! Effects: the ratio of one sample of runs to another.
//!
//! An effect is a ratio of two medians over repeats, with an exact interval for its uncertainty,
//! and with the verdict of the rule that all tables, charts and gates share: see [`crate::chance`].

use std::fmt;

use wire::Transport;

use crate::{
    cell::{Cell, CellTable},
    chance::{self, Family, Interval, Sample},
    metric::Metric,
    series::Identity,
    unit,
};

/// The difference below which an effect does not matter, however certain it is.
pub const LEAST_EFFECT: f64 = 0.05;

/// A ratio of medians over runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The ratio median(subject) / median(baseline).
    pub ratio: f64,
    /// The interval of the ratio; `None` if there are too few repeats.
    pub interval: Option<Interval>,
    /// The number of repeats on the side that has fewer.
    pub repeats: usize,
    /// The share of all assignments of the labels that separate the samples at least as far.
    pub p: f64,
    /// The smallest value that p could have had.
    pub least_p: f64,
    /// The ratio of medians of each sitting; empty unless there are several with two runs of each.
    pub sittings: Vec<f64>,
    shown: Shown,
    needed: usize,
    lead: i64,
    /// True if all runs of both sides have the same value.
    alike: bool,
}

/// The verdict on an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// There are so few runs that no order of them could be distinguished from chance.
    TooFewRuns,
    /// Chance would produce such a difference too often.
    NoDifference,
    /// There is a difference, below [`LEAST_EFFECT`].
    Small,
    /// The subject needs less.
    Less,
    /// The subject needs more.
    More,
}

impl Effect {
    /// Returns the effect between two samples of runs, judged as the only pair that is compared.
    /// Returns `None` if one is empty, or if the baseline's median is not above zero.
    #[must_use]
    pub fn between(subject: &Sample, baseline: &Sample) -> Option<Self> {
        let below = baseline.spread()?.median;
        Self::of_any(subject, baseline).filter(|_| below > 0.0)
    }

    /// Returns the effect even if the median of the baseline is zero and the ratio is not finite.
    fn of_any(subject: &Sample, baseline: &Sample) -> Option<Self> {
        let (above, below) = (subject.spread()?, baseline.spread()?);
        let ratio = above.median / below.median;
        let chance = chance::test(subject, baseline);
        let effect = Self {
            ratio,
            interval: chance::interval(subject, baseline).map(|interval| interval.with(ratio)),
            repeats: subject.len().min(baseline.len()),
            p: chance.p,
            least_p: chance.least,
            sittings: chance::sitting_ratios(subject, baseline),
            shown: Shown::NoDifference,
            needed: 0,
            lead: chance.lead,
            alike: above == below && above.is_flat(),
        };
        let alone = Family::of([(chance.p, chance.least)]);
        Some(effect.judged(&alone))
    }

    /// Returns the effect judged as one of all pairs that are compared together.
    #[must_use]
    pub fn judged(mut self, family: &Family) -> Self {
        self.needed = family.runs_needed();
        self.shown = self.verdict(family.limit);
        self
    }

    fn verdict(&self, limit: f64) -> Shown {
        let large = self.ratio.max(1.0 / self.ratio) >= (1.0 + LEAST_EFFECT) * (1.0 - 1e-9);
        let more = self.ratio > 1.0;
        // Sittings that contradict each other, and a median that contradicts the pairs, show
        // nothing.
        let agree = self.sittings.iter().all(|ratio| (*ratio > 1.0) == more)
            && self.lead.signum() == if more { 1 } else { -1 };
        let furthest = self.p <= self.least_p * (1.0 + 1e-9);
        let too_few = self.least_p > chance::ALPHA || (furthest && large);
        let alike = self.alike && self.repeats >= chance::LEAST_RUNS;
        let told = self.p <= limit;
        if (told && !agree) || (!told && (alike || !too_few)) {
            Shown::NoDifference
        } else if !told {
            Shown::TooFewRuns
        } else if !large {
            Shown::Small
        } else if more {
            Shown::More
        } else {
            Shown::Less
        }
    }

    /// Returns the verdict.
    #[must_use]
    pub const fn shown(&self) -> Shown {
        self.shown
    }

    /// Returns whether the effect counts: it is distinguished from chance, and large enough to
    /// matter.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.shown, Shown::Less | Shown::More)
    }

    /// Returns the reason for the lack of a verdict, if there is none.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        match (self.shown, self.repeats) {
            (Shown::TooFewRuns, 0 | 1) => Some("one run proves nothing".to_owned()),
            (Shown::TooFewRuns, _) => Some(format!(
                "too few runs to tell ({} of each could)",
                self.needed
            )),
            (Shown::NoDifference, _) => Some("no difference shown".to_owned()),
            (Shown::Small, _) => Some("less than 5 % apart".to_owned()),
            (Shown::Less | Shown::More, _) => None,
        }
    }

    /// Returns the ratio of each sitting, such as `×1.5 · ×2.5`.
    #[must_use]
    pub fn sittings_words(&self) -> String {
        let each: Vec<String> = self.sittings.iter().map(|ratio| times(*ratio)).collect();
        each.join(" · ")
    }

    /// Returns the ratio with its interval, such as `×3.4 [3.2 to 3.6]`; without the interval if
    /// there is none or if both of its ends read the same.
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

/// The ratio, its interval, and doubts about it.
impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words())?;
        match self.doubt() {
            Some(doubt) => write!(formatter, ", {doubt}"),
            None => Ok(()),
        }
    }
}

/// Returns a ratio in words, such as `×3.4`.
#[must_use]
pub fn times(ratio: f64) -> String {
    format!("×{}", factor(ratio))
}

/// Returns a factor with the digits of [`unit::count`].
#[must_use]
pub fn factor(ratio: f64) -> String {
    unit::count(ratio)
}

/// Returns the index of the variant that the others are compared with.
///
/// # Errors
/// Fails if the wish matches none of the variants; the error lists their names.
pub fn baseline(cell_table: &CellTable<'_>, wish: Option<&str>) -> Result<usize, UnknownBaseline> {
    let place = |fits: &dyn Fn(&Identity) -> bool| cell_table.identities.iter().position(fits);
    let Some(wish) = wish else {
        // The default is WebSocket, or else the last variant in the order of presentation.
        let websocket = place(&|identity| identity.transport == Transport::Websocket.name());
        return Ok(websocket.unwrap_or(cell_table.identities.len().saturating_sub(1)));
    };
    let whole = |identity: &Identity| format!("{} {}", identity.transport, identity.variant);
    let places = [
        place(&|identity| whole(identity) == wish || identity.style.name == wish),
        place(&|identity| identity.variant == wish),
        place(&|identity| identity.transport == wish),
    ];
    places
        .into_iter()
        .flatten()
        .next()
        .ok_or_else(|| UnknownBaseline {
            wish: wish.to_owned(),
            known: cell_table
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

/// Returns the effect of each variant of a cell against the baseline: `None` for the baseline
/// itself, and if either has no value.
#[must_use]
pub fn against(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
    quantity: &Metric,
    baseline: usize,
) -> Vec<(usize, Option<Effect>)> {
    let own = cell.variants.iter().map(|variant| variant.identity);
    own.map(|who| {
        let pair = (who != baseline).then_some([who, baseline]);
        let effect = pair.and_then(|pair| cell_table.effect(cell, quantity, pair));
        (who, effect)
    })
    .collect()
}

impl CellTable<'_> {
    /// Returns the ratio of the first of two variants of a cell to the second, judged among all
    /// pairs that this comparison covers. Returns `None` if either has no valid run with the
    /// figure, or if the ratio is not finite.
    #[must_use]
    pub fn effect(&self, cell: &Cell<'_>, quantity: &Metric, pair: [usize; 2]) -> Option<Effect> {
        let effect = self.any_effect(cell, quantity, pair)?;
        effect.ratio.is_finite().then_some(effect)
    }

    /// Returns the verdict on a pair, even if the figure of the second is zero.
    #[must_use]
    pub fn shown(&self, cell: &Cell<'_>, quantity: &Metric, pair: [usize; 2]) -> Option<Shown> {
        let effect = self.any_effect(cell, quantity, pair)?;
        Some(effect.shown())
    }

    fn any_effect(&self, cell: &Cell<'_>, quantity: &Metric, pair: [usize; 2]) -> Option<Effect> {
        let [subject, baseline] = pair.map(|who| cell.sample(quantity, who));
        Effect::of_any(&subject?, &baseline?).map(|effect| effect.judged(self.family()))
    }
}

impl Cell<'_> {
    /// Returns the figure of the valid runs of a variant, or `None` if there is none.
    #[must_use]
    pub fn sample(&self, quantity: &Metric, who: usize) -> Option<Sample> {
        let mut valid = self.variants.iter().filter(|variant| variant.valid);
        let variant = valid.find(|variant| variant.identity == who)?;
        Some(quantity.sample(&variant.runs)).filter(|sample| !sample.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(subject: &[f64], baseline: &[f64]) -> Option<Effect> {
        Effect::between(&Sample::once(subject), &Sample::once(baseline))
    }

    #[test]
    fn exact_numbers_and_words() {
        let twice = between(&[2.0, 2.2, 2.4, 2.2], &[1.0, 1.1, 1.2, 1.1]).expect("an effect");
        assert!((twice.ratio - 2.0).abs() < 1e-12);
        assert_eq!(twice.shown(), Shown::More);
        assert_eq!(twice.to_string(), "×2 [1.67 to 2.4]");
        let level = between(&[1.0, 1.1, 1.3, 1.2], &[1.0, 1.1, 1.2, 1.3]).expect("an effect");
        assert_eq!(level.to_string(), "×1 [0.769 to 1.3], no difference shown");
        let once = between(&[300.0], &[1.0]).expect("an effect");
        assert_eq!(once.to_string(), "×300, one run proves nothing");
        let three = between(&[3.0, 3.1, 3.2], &[1.0, 1.1, 1.2]).expect("an effect");
        let words = "×2.82, too few runs to tell (4 of each could)";
        assert_eq!(three.to_string(), words);
        assert_eq!(three.interval, None);
    }

    #[test]
    fn nothing_to_compare() {
        assert_eq!(between(&[], &[1.0]), None);
        assert_eq!(between(&[1.0], &[0.0]), None);
    }

    #[test]
    fn figures_without_noise() {
        let of = |value: f64| between(&[value; 5], &[100.0; 5]).expect("an effect");
        assert_eq!(of(110.0).shown(), Shown::More);
        assert_eq!(of(105.0).shown(), Shown::More);
        assert_eq!(of(104.0).shown(), Shown::Small);
        assert_eq!(of(100.0).shown(), Shown::NoDifference);
        assert_eq!(of(80.0).shown(), Shown::Less);
        let nothing = Sample::once(&[0.0; 5]);
        let of_any = |subject: &Sample| Effect::of_any(subject, &nothing).expect("an effect");
        assert_eq!(of_any(&nothing).shown(), Shown::NoDifference);
        assert_eq!(of_any(&Sample::once(&[1.0; 5])).shown(), Shown::More);
        assert_eq!(of_any(&Sample::once(&[1.0])).shown(), Shown::TooFewRuns);
    }

    /// Checks that runs which are distinguished alone are not distinguished among two hundred pairs
    /// that show nothing.
    #[test]
    fn more_looked_at_is_more_doubted() {
        let runs = [2.0, 2.1, 2.2, 2.3, 2.4];
        let effect = between(&runs, &[1.0, 1.1, 1.2, 1.3, 1.4]).expect("an effect");
        assert_eq!(effect.shown(), Shown::More);
        let nothing = (0..199).map(|_| (0.5, 0.01));
        let family = Family::of(nothing.chain([(effect.p, effect.least_p)]));
        let judged = effect.judged(&family);
        assert_eq!(judged.shown(), Shown::TooFewRuns);
        let doubt = judged.doubt().expect("a doubt");
        assert_eq!(doubt, "too few runs to tell (8 of each could)");
    }

    /// Checks that sittings which contradict each other show nothing, however many runs there are.
    #[test]
    fn sittings_must_agree() {
        let runs = |levels: [f64; 2]| {
            let noise = |at: u32| 1.0 + f64::from(at % 8) / 200.0;
            Sample::of((0..16).map(|at| (at / 8, levels[at as usize / 8] * noise(at))))
        };
        let alike = Effect::between(&runs([2.0, 3.0]), &runs([1.0, 1.0])).expect("an effect");
        assert_eq!((alike.shown(), alike.sittings.len()), (Shown::More, 2));
        let interval = alike.interval.expect("sixteen runs");
        assert!(interval.low <= 2.0 && interval.high >= 3.0, "{interval:?}");
        let contrary = Effect::between(&runs([2.0, 0.9]), &runs([1.0, 1.0])).expect("an effect");
        assert!(!contrary.counts(), "{contrary:?}");
    }
}
