//! Where one transport overtakes another, as a swept value grows.
//!
//! Between two measured values the ratio of two medians is taken as a straight
//! line on logarithmic axes, and a crossing is where it passes 1. Lines that lie
//! on top of each other cross by chance again and again; so a crossing is told
//! only where, on either side of it, some measured value shows the one ahead and
//! then the other: ranges of the repeats apart, medians by at least 5 %. That
//! there is no crossing in the range measured is a result too.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cell::Comparison,
    quantity::Quantity,
    statistics::Spread,
    swept::{Kind, kind_of, number, swept, value_of},
};

/// Medians closer than this do not lead.
const LEAST_LEAD: f64 = 1.05;

/// One variant along the swept value, sorted by it: value and figure.
pub type Course = Vec<(f64, Spread)>;

/// One figure of all variants along the one value that was swept.
#[derive(Debug)]
pub struct Courses<'a> {
    /// The swept key.
    pub key: &'a str,
    /// By identity, those with valid runs at two values or more.
    pub of: BTreeMap<usize, Course>,
}

/// A place where one variant overtakes another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The swept value there.
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
pub(crate) fn numeric_keys<'a>(comparison: &Comparison<'a>) -> Vec<(&'a str, Vec<f64>)> {
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
pub fn courses<'a>(comparison: &Comparison<'a>, quantity: &Quantity) -> Option<Courses<'a>> {
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
    for cell in &comparison.cells {
        let Some(at) = value_of(cell.name, key) else {
            continue;
        };
        for variant in cell.variants.iter().filter(|variant| variant.valid) {
            if let Some(spread) = variant.spread(quantity.metric) {
                of.entry(variant.identity).or_default().push((at, spread));
            }
        }
    }
    of.retain(|_, course| {
        course.sort_by(|one, other| one.0.total_cmp(&other.0));
        course.len() > 1
    });
    (!of.is_empty()).then_some(Courses { key, of })
}

impl Courses<'_> {
    /// Every crossing that is shown, from the lowest value on.
    #[must_use]
    pub fn crossings(&self) -> Vec<Crossing> {
        let mut found = Vec::new();
        for (&one, course) in &self.of {
            for (&other, rival) in self.of.range(one + 1..) {
                found.extend(of_pair((one, course), (other, rival)));
            }
        }
        found.sort_by(|one, other| one.at.total_cmp(&other.at));
        found
    }

    /// The identity that needs least at every measured value, if it is one.
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

/// Where two courses have the same value: both figures there.
type Meeting = (f64, Spread, Spread);

fn of_pair((one, course): (usize, &Course), (other, rival): (usize, &Course)) -> Vec<Crossing> {
    let meetings: Vec<Meeting> = course
        .iter()
        .filter_map(|&(at, figure)| {
            let beside = rival.iter().find(|point| point.0.total_cmp(&at).is_eq())?.1;
            (figure.median > 0.0 && beside.median > 0.0).then_some((at, figure, beside))
        })
        .collect();
    // Only where each leads visibly are there sides to change.
    let leads: Vec<(usize, bool)> = meetings
        .iter()
        .enumerate()
        .filter_map(|(place, meeting)| Some((place, first_leads(meeting)?)))
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
                at,
                level,
                below,
                above,
            })
        })
        .collect()
}

/// Whether the first visibly needs less; nothing where it cannot be said.
fn first_leads((_, one, other): &Meeting) -> Option<bool> {
    if one.max < other.min && other.median / one.median >= LEAST_LEAD {
        Some(true)
    } else if other.max < one.min && one.median / other.median >= LEAST_LEAD {
        Some(false)
    } else {
        None
    }
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
pub(crate) fn between(from: f64, to: f64, share: f64) -> f64 {
    if from > 0.0 && to > 0.0 {
        from * (to / from).powf(share)
    } else {
        from + (to - from) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(points: &[(f64, f64)], noise: f64) -> Course {
        let spread = |median: f64| Spread {
            median,
            min: median * (1.0 - noise),
            max: median * (1.0 + noise),
        };
        points
            .iter()
            .map(|&(at, median)| (at, spread(median)))
            .collect()
    }

    fn pair(one: &Course, other: &Course) -> Vec<Crossing> {
        of_pair((0, one), (1, other))
    }

    #[test]
    fn straight_lines_on_log_axes_cross_where_algebra_says() {
        // 100 / x and 10 * x: equal at x = sqrt(10), and 100 / sqrt(10) there.
        let falling = course(&[(1.0, 100.0), (10.0, 10.0)], 0.01);
        let rising = course(&[(1.0, 10.0), (10.0, 100.0)], 0.01);
        let found = pair(&falling, &rising);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 10f64.sqrt()).abs() < 1e-9);
        assert!((found[0].level - 1000f64.sqrt()).abs() < 1e-9);
        assert_eq!((found[0].below, found[0].above), (1, 0));
    }

    #[test]
    fn a_touch_is_no_crossing_and_a_passage_through_a_point_is_one() {
        let level = course(&[(1.0, 10.0), (2.0, 10.0), (4.0, 10.0)], 0.01);
        let touching = course(&[(1.0, 20.0), (2.0, 10.0), (4.0, 20.0)], 0.01);
        assert_eq!(pair(&level, &touching), []);
        let through = course(&[(1.0, 20.0), (2.0, 10.0), (4.0, 5.0)], 0.01);
        let found = pair(&level, &through);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 2.0).abs() < 1e-9);
    }

    #[test]
    fn noise_crosses_nothing() {
        let one = course(&[(1.0, 10.0), (2.0, 10.2), (4.0, 10.0), (8.0, 10.3)], 0.05);
        let other = course(&[(1.0, 10.1), (2.0, 10.0), (4.0, 10.2), (8.0, 10.0)], 0.05);
        assert_eq!(pair(&one, &other), []);
        // Four percent apart without noise: still no lead.
        let one = course(&[(1.0, 10.0), (2.0, 10.4)], 0.0);
        let other = course(&[(1.0, 10.4), (2.0, 10.0)], 0.0);
        assert_eq!(pair(&one, &other), []);
    }

    #[test]
    fn an_unclear_stretch_between_two_clear_ones_holds_the_crossing() {
        let one = course(&[(1.0, 10.0), (2.0, 10.0), (4.0, 10.0)], 0.1);
        let other = course(&[(1.0, 20.0), (2.0, 9.8), (4.0, 5.0)], 0.1);
        let found = pair(&one, &other);
        assert_eq!(found.len(), 1);
        assert!(found[0].at > 1.9 && found[0].at < 2.0, "{found:?}");
    }
}
