//! Where one transport overtakes another, as a swept value grows.
//!
//! A crossing is told only where on one side of it some measured value tells the one ahead, and on
//! the other side the other: by the rule of [`crate::chance`], so never from single runs, and by
//! at least 5 %. Where between these two values it lies is not measured, and so not said: a
//! crossing is *between 4 and 16*. A figure draws its ring where the ratio of two medians, taken
//! as a straight line on logarithmic axes, passes 1. That there is no crossing in the range
//! measured is a result too.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cell::Comparison,
    effect::Shown,
    metric::Metric,
    statistics::Spread,
    swept::{Kind, kind_of, number, of_value, swept, value_of},
    unit,
};

/// One variant along the swept value, sorted by it: value and figure.
pub type Course = Vec<(f64, Spread)>;

/// One figure of all variants along the one value that was swept.
#[derive(Debug)]
pub struct Courses<'a> {
    /// The swept key.
    pub key: &'a str,
    /// By identity, those with valid runs at two values or more.
    pub of: BTreeMap<usize, Course>,
    /// What each pair of identities shows at each value, the lesser identity against the other.
    shown: BTreeMap<(usize, usize), Vec<(f64, Shown)>>,
}

/// A place where one variant overtakes another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Between which two measured values it lies.
    pub between: [f64; 2],
    /// The swept value at which straight lines between medians cross.
    pub at: f64,
    /// The figure of both there.
    pub level: f64,
    /// The identity that needs less below that value.
    pub below: usize,
    /// The identity that needs less above it.
    pub above: usize,
}

/// The keys of numbers and times that have more than one value, those with most
/// first.
#[must_use]
pub fn numeric_keys<'a>(comparison: &Comparison<'a>) -> Vec<(&'a str, Vec<f64>)> {
    let mut found: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for cell in &comparison.cells {
        for (key, value) in swept(cell.name) {
            if let Some(number) = number(value) {
                // Positive numbers sort as their bits do.
                found.entry(key).or_default().insert(number.to_bits());
            }
        }
    }
    let mut keys: Vec<(&str, Vec<f64>)> = found
        .into_iter()
        .map(|(key, bits)| (key, bits.into_iter().map(f64::from_bits).collect()))
        .filter(|(_, values): &(&str, Vec<f64>)| values.len() > 1)
        .filter(|(key, _)| kind_of(&comparison.cells, key) != Kind::Text)
        .collect();
    keys.sort_by_key(|(_, values)| std::cmp::Reverse(values.len()));
    keys
}

/// A figure along the swept value; nothing unless exactly one was swept.
#[must_use]
pub fn courses<'a>(comparison: &Comparison<'a>, quantity: &Metric) -> Option<Courses<'a>> {
    let keys = numeric_keys(comparison);
    let swept_keys: BTreeSet<&str> = comparison
        .cells
        .iter()
        .flat_map(|cell| swept(cell.name).map(|(key, _)| key))
        .collect();
    let ([(key, _)], 1) = (keys.as_slice(), swept_keys.len()) else {
        return None;
    };
    let mut of: BTreeMap<usize, Course> = BTreeMap::new();
    let mut shown: BTreeMap<(usize, usize), Vec<(f64, Shown)>> = BTreeMap::new();
    for cell in &comparison.cells {
        let Some(at) = value_of(cell.name, key) else {
            continue;
        };
        for variant in cell.variants.iter().filter(|variant| variant.valid) {
            if let Some(spread) = variant.spread(quantity.metric) {
                of.entry(variant.identity).or_default().push((at, spread));
            }
            let others = cell.variants.iter().map(|other| other.identity);
            for other in others.filter(|other| *other > variant.identity) {
                if let Some(one) = comparison.shown(cell, quantity, [variant.identity, other]) {
                    let pair = (variant.identity, other);
                    shown.entry(pair).or_default().push((at, one));
                }
            }
        }
    }
    of.retain(|_, course| {
        course.sort_by(|one, other| one.0.total_cmp(&other.0));
        course.len() > 1
    });
    (!of.is_empty()).then_some(Courses { key, of, shown })
}

impl Courses<'_> {
    /// Every crossing that is shown, from the lowest value on.
    #[must_use]
    pub fn crossings(&self) -> Vec<Crossing> {
        let mut found = Vec::new();
        for (&one, course) in &self.of {
            for (&other, rival) in self.of.range(one + 1..) {
                let shown = self.shown.get(&(one, other)).map_or(&[][..], Vec::as_slice);
                found.extend(of_pair((one, course), (other, rival), shown));
            }
        }
        found.sort_by(|one, other| one.at.total_cmp(&other.at));
        found
    }

    /// Tells if some pair has too few runs to be told apart.
    #[must_use]
    pub fn has_too_few(&self) -> bool {
        let mut all = self.shown.values().flatten();
        all.any(|(_, shown)| *shown == Shown::TooFewRuns)
    }

    /// Tells if an identity is told from every other at every measured value.
    #[must_use]
    pub fn is_told(&self, leader: usize) -> bool {
        let own = |pair: &&(usize, usize)| pair.0 == leader || pair.1 == leader;
        let mut pairs = self.shown.keys().filter(own);
        pairs.all(|pair| {
            let told = |shown: &(f64, Shown)| matches!(shown.1, Shown::Less | Shown::More);
            self.shown[pair].iter().all(told)
        })
    }

    /// The identity that has the least median at every measured value, if it is one.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        let mut values: Vec<f64> = self.of.values().flatten().map(|point| point.0).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let best = |value: f64| {
            let at = |course: &Course| {
                let point = course
                    .iter()
                    .find(|point| point.0.total_cmp(&value).is_eq());
                point.map(|point| point.1.median)
            };
            let all = self
                .of
                .iter()
                .filter_map(|(who, course)| Some((*who, at(course)?)));
            all.min_by(|one, other| one.1.total_cmp(&other.1))
                .map(|best| best.0)
        };
        let leaders: BTreeSet<Option<usize>> = values.into_iter().map(best).collect();
        match leaders.into_iter().collect::<Vec<_>>()[..] {
            [leader] => leader,
            _ => None,
        }
    }

    /// The lowest and the highest value that was measured.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let values = || self.of.values().flatten().map(|point| point.0);
        (
            values().fold(f64::MAX, f64::min),
            values().fold(0.0, f64::max),
        )
    }
}

impl Crossing {
    /// Says who needs less on which side, and between which values it changes.
    #[must_use]
    pub fn words(&self, comparison: &Comparison<'_>, key: &str) -> String {
        let name = |who: usize| &comparison.identities[who].style.name;
        let [low, high] = self.between.map(unit::three_digits);
        let value = of_value(&comparison.cells, key);
        format!(
            "between {low} and {high} {value} it changes who needs less: below, {}; above, {}.",
            name(self.below),
            name(self.above)
        )
    }
}

/// Where two courses have the same value: both figures there.
type Meeting = (f64, Spread, Spread);

fn of_pair(
    (one, course): (usize, &Course),
    (other, rival): (usize, &Course),
    shown: &[(f64, Shown)],
) -> Vec<Crossing> {
    let meetings: Vec<Meeting> = course
        .iter()
        .filter_map(|&(at, figure)| {
            let beside = rival.iter().find(|point| point.0.total_cmp(&at).is_eq())?.1;
            (figure.median > 0.0 && beside.median > 0.0).then_some((at, figure, beside))
        })
        .collect();
    // Whether the first needs less; nothing where it cannot be said.
    let first_leads = |at: f64| {
        let found = shown.iter().find(|shown| shown.0.total_cmp(&at).is_eq())?;
        match found.1 {
            Shown::Less => Some(true),
            Shown::More => Some(false),
            Shown::TooFewRuns | Shown::NoDifference | Shown::Small => None,
        }
    };
    // Only where each leads visibly are there sides to change.
    let leads: Vec<(usize, bool)> = meetings
        .iter()
        .enumerate()
        .filter_map(|(place, meeting)| Some((place, first_leads(meeting.0)?)))
        .collect();
    leads
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .filter_map(|pair| {
            let (at, level) = passing(&meetings[pair[0].0..=pair[1].0])?;
            let (below, above) = if pair[0].1 {
                (one, other)
            } else {
                (other, one)
            };
            Some(Crossing {
                between: [meetings[pair[0].0].0, meetings[pair[1].0].0],
                at,
                level,
                below,
                above,
            })
        })
        .collect()
}

/// Where the ratio of medians first passes 1, and how much both need there.
fn passing(meetings: &[Meeting]) -> Option<(f64, f64)> {
    let logarithm = |(_, one, other): &Meeting| (one.median / other.median).ln();
    meetings.windows(2).find_map(|pair| {
        let (from, to) = (logarithm(&pair[0]), logarithm(&pair[1]));
        // The first pair that ends on the other side or on the line itself.
        if from == 0.0 || (from * to > 0.0) {
            return None;
        }
        let share = from / (from - to);
        let at = between(pair[0].0, pair[1].0, share);
        Some((at, between(pair[0].1.median, pair[1].1.median, share)))
    })
}

/// A share of the way from one value to the other on a logarithmic axis; on a
/// linear one where there is no logarithm.
#[must_use]
pub fn between(from: f64, to: f64, share: f64) -> f64 {
    if from > 0.0 && to > 0.0 {
        from * (to / from).powf(share)
    } else {
        from + (to - from) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(points: &[(f64, f64)]) -> Course {
        let spread = |median: f64| Spread {
            median,
            min: median * 0.99,
            max: median * 1.01,
        };
        points
            .iter()
            .map(|&(at, median)| (at, spread(median)))
            .collect()
    }

    fn pair(one: &Course, other: &Course, shown: &[Shown]) -> Vec<Crossing> {
        let places = one.iter().map(|point| point.0);
        let shown: Vec<(f64, Shown)> = places.zip(shown.iter().copied()).collect();
        of_pair((0, one), (1, other), &shown)
    }

    #[test]
    fn straight_lines_on_log_axes_cross_where_algebra_says() {
        // 100 / x and 10 * x: equal at x = sqrt(10), and 100 / sqrt(10) there.
        let falling = course(&[(1.0, 100.0), (10.0, 10.0)]);
        let rising = course(&[(1.0, 10.0), (10.0, 100.0)]);
        let found = pair(&falling, &rising, &[Shown::More, Shown::Less]);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 10f64.sqrt()).abs() < 1e-9);
        assert!((found[0].level - 1000f64.sqrt()).abs() < 1e-9);
        assert_eq!((found[0].below, found[0].above), (1, 0));
        assert!(found[0].between.iter().eq(&[1.0, 10.0]));
    }

    #[test]
    fn a_touch_is_no_crossing_and_a_passage_through_a_point_is_one() {
        let level = course(&[(1.0, 10.0), (2.0, 10.0), (4.0, 10.0)]);
        let touching = course(&[(1.0, 20.0), (2.0, 10.0), (4.0, 20.0)]);
        let shown = [Shown::Less, Shown::NoDifference, Shown::Less];
        assert_eq!(pair(&level, &touching, &shown), []);
        let through = course(&[(1.0, 20.0), (2.0, 10.0), (4.0, 5.0)]);
        let shown = [Shown::Less, Shown::NoDifference, Shown::More];
        let found = pair(&level, &through, &shown);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 2.0).abs() < 1e-9);
        assert!(found[0].between.iter().eq(&[1.0, 4.0]), "{found:?}");
    }

    /// Single runs, however far apart, and small differences, however sure, cross nothing.
    #[test]
    fn what_is_not_told_apart_crosses_nothing() {
        let falling = course(&[(1.0, 100.0), (10.0, 10.0)]);
        let rising = course(&[(1.0, 10.0), (10.0, 100.0)]);
        for doubtful in [Shown::TooFewRuns, Shown::NoDifference, Shown::Small] {
            assert_eq!(pair(&falling, &rising, &[doubtful; 2]), []);
            assert_eq!(pair(&falling, &rising, &[Shown::More, doubtful]), []);
        }
    }
}
