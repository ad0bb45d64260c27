//! The ranking of the variants by one figure in one cell, with those that are level with the first.

use analysis::{
    cell::{Cell, CellTable},
    effect::{Effect, LEAST_EFFECT, Shown},
    metric::Metric,
};

/// A cell's valid variants by one figure, least first.
pub(crate) struct Ranking {
    order: Vec<Rank>,
    needed: usize,
}

struct Rank {
    who: usize,
    median: f64,
    /// The effect relative to the first; `None` for the first itself, and if there is no ratio.
    effect: Option<Effect>,
    shown: Option<Shown>,
}

impl Ranking {
    pub(crate) fn of(
        cell_table: &CellTable<'_>,
        cell: &Cell<'_>,
        quantity: &Metric,
    ) -> Option<Self> {
        let valid = cell.variants.iter().filter(|variant| variant.valid);
        let mut medians: Vec<(usize, f64)> = valid
            .filter_map(|variant| {
                let median = variant.spread(quantity.metric)?.median;
                Some((variant.identity, median))
            })
            .collect();
        medians.sort_by(|one, other| one.1.total_cmp(&other.1));
        let first = medians.first()?.0;
        let order = medians.into_iter().map(|(who, median)| {
            let pair = (who != first).then_some([who, first]);
            Rank {
                who,
                median,
                effect: pair.and_then(|pair| cell_table.effect(cell, quantity, pair)),
                shown: pair.and_then(|pair| cell_table.shown(cell, quantity, pair)),
            }
        });
        Some(Self {
            order: order.collect(),
            needed: cell_table.family().runs_needed(),
        })
    }

    /// Returns the first, and those that are level with it: indistinguishable from it, or too close
    /// to matter. If there are too few runs for a verdict, the medians decide: see
    /// [`Self::is_told`].
    pub(crate) fn front(&self) -> Vec<usize> {
        let level = self.order.iter().filter(|place| match place.shown {
            Some(Shown::Less | Shown::More) => false,
            Some(Shown::TooFewRuns) => place.median < self.least() * (1.0 + LEAST_EFFECT),
            Some(Shown::NoDifference | Shown::Small) | None => true,
        });
        level.map(|place| place.who).collect()
    }

    /// Returns whether there are enough runs for every verdict on the order.
    pub(crate) fn is_told(&self) -> bool {
        let mut all = self.order.iter();
        all.all(|place| place.shown != Some(Shown::TooFewRuns))
    }

    /// Returns the variants to mark as best: those in front, if all verdicts on the order are
    /// possible.
    pub(crate) fn marked(&self) -> Vec<usize> {
        if self.is_told() {
            self.front()
        } else {
            Vec::new()
        }
    }

    /// Describes in which sense those in front are level.
    pub(crate) fn level_words(&self) -> &'static str {
        let front = self.order.iter().take(self.front().len());
        let of = |shown: Shown| front.clone().any(|place| place.shown == Some(shown));
        if of(Shown::TooFewRuns) || of(Shown::Small) {
            "within 5 % of each other"
        } else {
            "no difference shown between them"
        }
    }

    /// Returns the reason why this order is no verdict; `None` if it is one.
    pub(crate) fn doubt(&self) -> Option<String> {
        (!self.is_told()).then(|| format!("too few runs to tell ({} of each could)", self.needed))
    }

    /// Returns the variant with the least median.
    pub(crate) fn first(&self) -> usize {
        self.order[0].who
    }

    /// Returns the least median.
    pub(crate) fn least(&self) -> f64 {
        self.order[0].median
    }

    /// Returns the variant after the first, and its effect.
    pub(crate) fn next(&self) -> Option<(usize, &Effect)> {
        let place = self.order.get(1)?;
        Some((place.who, place.effect.as_ref()?))
    }

    /// Returns the last variant and the factor of its need over the first's; `None` if it is level
    /// with the first.
    pub(crate) fn last(&self) -> Option<(usize, &Effect)> {
        let place = self.order.last()?;
        let effect = place.effect.as_ref()?;
        (!self.front().contains(&place.who)).then_some((place.who, effect))
    }
}
