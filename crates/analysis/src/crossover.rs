//! The search for the values at which one transport overtakes another, as a swept value grows.
//!
//! A crossing is reported only if at some measured value on one side of it one variant is
//! significantly ahead, and at some measured value on the other side the other is. Significance is
//! that of [`crate::chance`], so single runs never suffice, and the difference is at least 5 %. The
//! exact place between these two values is not measured and therefore not stated: a crossing is
//! *between 4 and 16*. A figure draws its ring at the place where the ratio of two medians,
//! interpolated linearly on logarithmic axes, passes 1. The absence of a crossing in the measured
//! range is a result too.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cell::CellTable,
    effect::Shown,
    metric::Metric,
    statistics::Spread,
    swept::{Kind, kind_of, number, of_value, swept, value_of},
    unit,
};

/// The series of one variant along the swept value, sorted by it: value and figure.
pub type Series = Vec<(f64, Spread)>;

/// The series of one figure of all variants along the only swept value.
#[derive(Debug)]
pub struct AllSeries<'a> {
    /// The swept key.
    pub key: &'a str,
    /// The series by identity, for those with valid runs at two values or more.
    pub of: BTreeMap<usize, Series>,
    /// The verdict on each pair of identities at each value, the lesser identity against the other.
    shown: BTreeMap<(usize, usize), Vec<(f64, Shown)>>,
}

/// A place where one variant overtakes another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The two measured values that it lies between.
    pub between: [f64; 2],
    /// The swept value at which straight lines between medians cross.
    pub at: f64,
    /// The value of both figures at that place.
    pub level: f64,
    /// The identity that needs less below that value.
    pub below: usize,
    /// The identity that needs less above it.
    pub above: usize,
}

/// Returns the keys of numbers and times that have more than one value, those with most values
/// first.
#[must_use]
pub fn numeric_keys<'a>(cell_table: &CellTable<'a>) -> Vec<(&'a str, Vec<f64>)> {
    let mut found: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for cell in &cell_table.cells {
        for (key, value) in swept(cell.name) {
            if let Some(number) = number(value) {
                // Positive numbers have the same order as their bits.
                found.entry(key).or_default().insert(number.to_bits());
            }
        }
    }
    let mut keys: Vec<(&str, Vec<f64>)> = found
        .into_iter()
        .map(|(key, bits)| (key, bits.into_iter().map(f64::from_bits).collect()))
        .filter(|(_, values): &(&str, Vec<f64>)| values.len() > 1)
        .filter(|(key, _)| kind_of(&cell_table.cells, key) != Kind::Text)
        .collect();
    keys.sort_by_key(|(_, values)| std::cmp::Reverse(values.len()));
    keys
}

/// Returns a figure along the swept value, or `None` unless exactly one key was swept.
#[must_use]
pub fn all_series<'a>(cell_table: &CellTable<'a>, quantity: &Metric) -> Option<AllSeries<'a>> {
    let keys = numeric_keys(cell_table);
    let swept_keys: BTreeSet<&str> = cell_table
        .cells
        .iter()
        .flat_map(|cell| swept(cell.name).map(|(key, _)| key))
        .collect();
    let ([(key, _)], 1) = (keys.as_slice(), swept_keys.len()) else {
        return None;
    };
    let mut of: BTreeMap<usize, Series> = BTreeMap::new();
    let mut shown: BTreeMap<(usize, usize), Vec<(f64, Shown)>> = BTreeMap::new();
    for cell in &cell_table.cells {
        let Some(at) = value_of(cell.name, key) else {
            continue;
        };
        for variant in cell.variants.iter().filter(|variant| variant.valid) {
            if let Some(spread) = variant.spread(quantity.metric) {
                of.entry(variant.identity).or_default().push((at, spread));
            }
            let others = cell.variants.iter().map(|other| other.identity);
            for other in others.filter(|other| *other > variant.identity) {
                if let Some(one) = cell_table.shown(cell, quantity, [variant.identity, other]) {
                    let pair = (variant.identity, other);
                    shown.entry(pair).or_default().push((at, one));
                }
            }
        }
    }
    of.retain(|_, series| {
        series.sort_by(|one, other| one.0.total_cmp(&other.0));
        series.len() > 1
    });
    (!of.is_empty()).then_some(AllSeries { key, of, shown })
}

impl AllSeries<'_> {
    /// Returns all crossings that are shown, from the lowest value on.
    #[must_use]
    pub fn crossings(&self) -> Vec<Crossing> {
        let mut found = Vec::new();
        for (&one, series) in &self.of {
            for (&other, rival) in self.of.range(one + 1..) {
                let shown = self.shown.get(&(one, other)).map_or(&[][..], Vec::as_slice);
                found.extend(of_pair((one, series), (other, rival), shown));
            }
        }
        found.sort_by(|one, other| one.at.total_cmp(&other.at));
        found
    }

    /// Returns whether some pair has too few runs to be distinguished.
    #[must_use]
    pub fn has_too_few(&self) -> bool {
        let mut all = self.shown.values().flatten();
        all.any(|(_, shown)| *shown == Shown::TooFewRuns)
    }

    /// Returns whether an identity is distinguished from every other at every measured value.
    #[must_use]
    pub fn is_told(&self, leader: usize) -> bool {
        let own = |pair: &&(usize, usize)| pair.0 == leader || pair.1 == leader;
        let mut pairs = self.shown.keys().filter(own);
        pairs.all(|pair| {
            let told = |shown: &(f64, Shown)| matches!(shown.1, Shown::Less | Shown::More);
            self.shown[pair].iter().all(told)
        })
    }

    /// Returns the identity that has the least median at every measured value, if there is a single
    /// one.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        let mut values: Vec<f64> = self.of.values().flatten().map(|point| point.0).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let best = |value: f64| {
            let at = |series: &Series| {
                let point = series
                    .iter()
                    .find(|point| point.0.total_cmp(&value).is_eq());
                point.map(|point| point.1.median)
            };
            let all = self
                .of
                .iter()
                .filter_map(|(who, series)| Some((*who, at(series)?)));
            all.min_by(|one, other| one.1.total_cmp(&other.1))
                .map(|best| best.0)
        };
        let leaders: BTreeSet<Option<usize>> = values.into_iter().map(best).collect();
        match leaders.into_iter().collect::<Vec<_>>()[..] {
            [leader] => leader,
            _ => None,
        }
    }

    /// Returns the lowest and the highest measured value.
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
    /// Returns a sentence that says which variant needs less on which side, and between which
    /// values that changes.
    #[must_use]
    pub fn words(&self, cell_table: &CellTable<'_>, key: &str) -> String {
        let name = |who: usize| &cell_table.identities[who].style.name;
        let [low, high] = self.between.map(unit::count);
        let value = of_value(&cell_table.cells, key);
        format!(
            "between {low} and {high} {value} the order changes: {} needs less below, {} above.",
            name(self.below),
            name(self.above)
        )
    }
}

/// A value at which two series have a measured point, and both figures at it.
type Meeting = (f64, Spread, Spread);

fn of_pair(
    (one, series): (usize, &Series),
    (other, rival): (usize, &Series),
    shown: &[(f64, Shown)],
) -> Vec<Crossing> {
    let meetings: Vec<Meeting> = series
        .iter()
        .filter_map(|&(at, figure)| {
            let beside = rival.iter().find(|point| point.0.total_cmp(&at).is_eq())?.1;
            (figure.median > 0.0 && beside.median > 0.0).then_some((at, figure, beside))
        })
        .collect();
    // Returns whether the first needs less, or `None` if there is no significant difference.
    let first_leads = |at: f64| {
        let found = shown.iter().find(|shown| shown.0.total_cmp(&at).is_eq())?;
        match found.1 {
            Shown::Less => Some(true),
            Shown::More => Some(false),
            Shown::TooFewRuns | Shown::NoDifference | Shown::Small => None,
        }
    };
    // Only values at which one of them is significantly ahead can show a change of sides.
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

/// Returns the value at which the ratio of medians first passes 1, and both medians there.
fn passing(meetings: &[Meeting]) -> Option<(f64, f64)> {
    let logarithm = |(_, one, other): &Meeting| (one.median / other.median).ln();
    meetings.windows(2).find_map(|pair| {
        let (from, to) = (logarithm(&pair[0]), logarithm(&pair[1]));
        // The first pair that ends on the other side or on the line itself is used.
        if from == 0.0 || (from * to > 0.0) {
            return None;
        }
        let share = from / (from - to);
        let at = between(pair[0].0, pair[1].0, share);
        Some((at, between(pair[0].1.median, pair[1].1.median, share)))
    })
}

/// Interpolates between two values on a logarithmic axis, or on a linear axis if a value has no
/// logarithm. `share` is the part of the way from the first to the second.
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

    fn series(points: &[(f64, f64)]) -> Series {
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

    fn pair(one: &Series, other: &Series, shown: &[Shown]) -> Vec<Crossing> {
        let places = one.iter().map(|point| point.0);
        let shown: Vec<(f64, Shown)> = places.zip(shown.iter().copied()).collect();
        of_pair((0, one), (1, other), &shown)
    }

    #[test]
    fn straight_lines_on_log_axes_cross_where_algebra_says() {
        // The series are 100 / x and 10 * x: equal at x = sqrt(10), with the value 100 / sqrt(10).
        let falling = series(&[(1.0, 100.0), (10.0, 10.0)]);
        let rising = series(&[(1.0, 10.0), (10.0, 100.0)]);
        let found = pair(&falling, &rising, &[Shown::More, Shown::Less]);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 10f64.sqrt()).abs() < 1e-9);
        assert!((found[0].level - 1000f64.sqrt()).abs() < 1e-9);
        assert_eq!((found[0].below, found[0].above), (1, 0));
        assert!(found[0].between.iter().eq(&[1.0, 10.0]));
    }

    #[test]
    fn a_touch_is_no_crossing_and_a_passage_through_a_point_is_one() {
        let level = series(&[(1.0, 10.0), (2.0, 10.0), (4.0, 10.0)]);
        let touching = series(&[(1.0, 20.0), (2.0, 10.0), (4.0, 20.0)]);
        let shown = [Shown::Less, Shown::NoDifference, Shown::Less];
        assert_eq!(pair(&level, &touching, &shown), []);
        let through = series(&[(1.0, 20.0), (2.0, 10.0), (4.0, 5.0)]);
        let shown = [Shown::Less, Shown::NoDifference, Shown::More];
        let found = pair(&level, &through, &shown);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 2.0).abs() < 1e-9);
        assert!(found[0].between.iter().eq(&[1.0, 4.0]), "{found:?}");
    }

    /// Checks that single runs, however far apart, and small differences, however certain, give no
    /// crossing.
    #[test]
    fn what_is_not_told_apart_crosses_nothing() {
        let falling = series(&[(1.0, 100.0), (10.0, 10.0)]);
        let rising = series(&[(1.0, 10.0), (10.0, 100.0)]);
        for doubtful in [Shown::TooFewRuns, Shown::NoDifference, Shown::Small] {
            assert_eq!(pair(&falling, &rising, &[doubtful; 2]), []);
            assert_eq!(pair(&falling, &rising, &[Shown::More, doubtful]), []);
        }
    }
}
