//! Who needs least of one figure in one cell, and who is level with it.

use analysis::{
    cell::{Cell, Comparison},
    effect::{Effect, LEAST_EFFECT, Shown},
    metric::Metric,
};

/// A cell's valid variants by one figure, least first.
pub(crate) struct Ranking {
    order: Vec<Place>,
    needed: usize,
}

struct Place {
    who: usize,
    median: f64,
    /// What it needs of what the first does; nothing for the first itself, and where that is none.
    effect: Option<Effect>,
    shown: Option<Shown>,
}

impl Ranking {
    pub(crate) fn of(
        comparison: &Comparison<'_>,
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
            Place {
                who,
                median,
                effect: pair.and_then(|pair| comparison.effect(cell, quantity, pair)),
                shown: pair.and_then(|pair| comparison.shown(cell, quantity, pair)),
            }
        });
        Some(Self {
            order: order.collect(),
            needed: comparison.family().runs_needed(),
        })
    }

    /// The first, and those that are level with it: not told from it, or too close to matter.
    /// Where the runs are too few to tell, the medians are all there is: see [`Self::is_told`].
    pub(crate) fn front(&self) -> Vec<usize> {
        let level = self.order.iter().filter(|place| match place.shown {
            Some(Shown::Less | Shown::More) => false,
            Some(Shown::TooFewRuns) => place.median < self.least() * (1.0 + LEAST_EFFECT),
            Some(Shown::NoDifference | Shown::Small) | None => true,
        });
        level.map(|place| place.who).collect()
    }

    /// Tells if all that is said of the order is told from chance.
    pub(crate) fn is_told(&self) -> bool {
        let mut all = self.order.iter();
        all.all(|place| place.shown != Some(Shown::TooFewRuns))
    }

    /// Who is marked as best: those in front, where they are told from all that are behind.
    pub(crate) fn marked(&self) -> Vec<usize> {
        if self.is_told() {
            self.front()
        } else {
            Vec::new()
        }
    }

    /// In which sense those in front are level.
    pub(crate) fn level_words(&self) -> &'static str {
        let front = self.order.iter().take(self.front().len());
        let of = |shown: Shown| front.clone().any(|place| place.shown == Some(shown));
        if of(Shown::TooFewRuns) || of(Shown::Small) {
            "within 5 % of each other"
        } else {
            "no difference shown between them"
        }
    }

    /// Why nothing of this order is a verdict, where it is none.
    pub(crate) fn doubt(&self) -> Option<String> {
        (!self.is_told()).then(|| format!("too few runs to tell ({} of each could)", self.needed))
    }

    /// Who has the least median.
    pub(crate) fn first(&self) -> usize {
        self.order[0].who
    }

    /// The least median.
    pub(crate) fn least(&self) -> f64 {
        self.order[0].median
    }

    /// Who comes after the first.
    pub(crate) fn next(&self) -> Option<(usize, &Effect)> {
        let place = self.order.get(1)?;
        Some((place.who, place.effect.as_ref()?))
    }

    /// The last, and how many times as much as the first it needs; nothing where
    /// it is level with it.
    pub(crate) fn last(&self) -> Option<(usize, &Effect)> {
        let place = self.order.last()?;
        let effect = place.effect.as_ref()?;
        (!self.front().contains(&place.who)).then_some((place.who, effect))
    }
}
