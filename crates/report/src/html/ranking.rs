//! Who needs least of one figure in one cell, and who is level with it.

use crate::{
    cell::Cell,
    effect::{Effect, Shown},
    quantity::Quantity,
    statistics::Spread,
};

/// Closer than this is level.
const LEVEL: f64 = 1.05;

/// A cell's valid variants by one figure, least first.
pub(super) struct Ranking {
    /// Identity and the values of its runs.
    pub(super) order: Vec<(usize, Vec<f64>)>,
}

impl Ranking {
    pub(super) fn of(cell: &Cell<'_>, quantity: &Quantity) -> Option<Self> {
        let mut order: Vec<(usize, Vec<f64>)> = cell
            .variants
            .iter()
            .filter(|variant| variant.valid)
            .map(|variant| (variant.identity, quantity.values(&variant.runs)))
            .filter(|(_, values)| !values.is_empty())
            .collect();
        order.sort_by(|one, other| median(&one.1).total_cmp(&median(&other.1)));
        (!order.is_empty()).then_some(Self { order })
    }

    /// The first, and those that are level with it.
    pub(super) fn front(&self) -> Vec<usize> {
        let first = &self.order[0].1;
        let level =
            |values: &[f64]| Effect::between(values, first).is_none_or(|effect| is_level(&effect));
        let level = self.order.iter().filter(|(_, values)| level(values));
        level.map(|(who, _)| *who).collect()
    }

    /// In which sense those in front are level.
    pub(super) fn level_words(&self) -> &'static str {
        let first = &self.order[0].1;
        let effects = self.order[1..self.front().len()].iter();
        let close = effects
            .filter_map(|(_, values)| Effect::between(values, first))
            .any(|effect| effect.shown() != Shown::NoDifference);
        if close {
            "within 5 % of each other"
        } else {
            "no difference shown between them"
        }
    }

    /// The least median.
    pub(super) fn least(&self) -> f64 {
        median(&self.order[0].1)
    }

    /// The last, and how many times as much as the first it needs; nothing where
    /// it is level with it.
    pub(super) fn last(&self) -> Option<(usize, Effect)> {
        let (who, values) = self.order.last()?;
        let effect = Effect::between(values, &self.order[0].1)?;
        (!self.front().contains(who)).then_some((*who, effect))
    }
}

/// Whether nobody should care, or nobody can tell.
fn is_level(effect: &Effect) -> bool {
    let close = effect.ratio.max(1.0 / effect.ratio) < LEVEL;
    close || effect.shown() == Shown::NoDifference
}

fn median(values: &[f64]) -> f64 {
    Spread::of(values.iter().copied()).map_or(f64::NAN, |spread| spread.median)
}
