//! The test of whether two groups of runs differ by more than chance explains, which is exact for
//! few runs.
//!
//! The report, tables, heat maps, crossovers, `compare` and its gate share one rule:
//!
//! 1. A pair is one run of the subject and one of the baseline, both of one *sitting*. The
//!    statistic is the number of pairs in which the subject needs more, with ties counted as half
//!    (Mann and Whitney, 1947; summed over sittings as by van Elteren, 1960).
//! 2. If there is no difference, all assignments of the labels within a sitting are equally likely
//!    (Fisher, 1935; Pitman, 1937). All of them are counted, ties included, and p is the share of
//!    those that lie at least as far from the middle on either side. Nothing is drawn at random and
//!    no distribution is assumed, except for more runs than can be counted.
//! 3. The p of all pairs that a page or a gate compares are corrected together: see [`Family`].
//!
//! Because ranks are used, one extreme run does no more harm than one that is slightly off, and a
//! figure without any noise (bytes) needs no special case. The labels of three runs against three
//! can be assigned in 20 ways, so p is never below 0.1 and no difference can be shown; four against
//! four reach 0.029.
//!
//! The interval of a ratio contains every factor by which the subject could be divided such that
//! the same test at 5 % does not distinguish it from the baseline (Moses; Hodges and Lehmann,
//! 1963). Its ends are two of the sorted ratios of pairs, and its coverage is at least 95 %.

mod count;
mod family;
mod sample;

#[cfg(test)]
mod simulation;

use self::count::Spreading;
pub use self::{family::Family, sample::Sample};

/// The permitted probability of a false alarm: for one pair alone, and for all pairs that are
/// compared together if none of them differs.
pub const ALPHA: f64 = 0.05;

/// The fewest runs on each side with which one pair, compared alone, can be distinguished: two of
/// the 70 assignments of eight labels are 0.029, two of 20 would be 0.1.
pub const LEAST_RUNS: usize = 4;

/// A range of ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Returns whether a value lies inside, the ends included.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Returns the smallest interval that holds this one and a value.
    #[must_use]
    pub const fn with(self, value: f64) -> Self {
        Self {
            low: self.low.min(value),
            high: self.high.max(value),
        }
    }
}

/// The result of the exact test of one pair of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The share of all assignments of the labels that separate the samples at least as far.
    pub p: f64,
    /// The smallest value that p could have had with these values: 1 if all are the same.
    pub least: f64,
    /// The number of pairs in which the subject needs more, less the number in which it needs less.
    pub lead: i64,
}

/// Returns the two groups of each sitting that has both.
fn strata<'a>(subject: &'a Sample, baseline: &'a Sample) -> Vec<[&'a [f64]; 2]> {
    let shared = subject.sittings().filter_map(|(sitting, values)| {
        let other = baseline.of_sitting(sitting)?;
        Some([values, other])
    });
    shared.collect()
}

/// Performs the exact two-sided test of two samples; p is 1 if no sitting has both.
#[must_use]
pub fn test(subject: &Sample, baseline: &Sample) -> Chance {
    let groups = strata(subject, baseline);
    let spreading = Spreading::of_values(&groups);
    let lead = groups.iter().map(|[above, below]| lead(above, below)).sum();
    Chance {
        p: spreading.at_least(lead),
        least: spreading.least(),
        lead,
    }
}

/// Returns the number of pairs in which the first is larger, less the number in which it is
/// smaller.
fn lead(above: &[f64], below: &[f64]) -> i64 {
    let pairs = above.iter().flat_map(|one| {
        below
            .iter()
            .map(move |other| i64::from(one.total_cmp(other) as i8))
    });
    pairs.sum()
}

/// Returns the interval of subject / baseline, or `None` if there are too few runs for 95 % or if
/// the baseline is not above zero throughout.
///
/// If there are several sittings, it also contains the ratio of medians of each sitting that has
/// two runs of each side. Repeats within a sitting cannot show the variation between sittings, so
/// the interval is never narrower than the differences between them.
#[must_use]
pub fn interval(subject: &Sample, baseline: &Sample) -> Option<Interval> {
    let groups = strata(subject, baseline);
    let is_positive = |[_, below]: &[&[f64]; 2]| below.iter().all(|value| *value > 0.0);
    if !groups.iter().all(is_positive) {
        return None;
    }
    let mut ratios: Vec<f64> = groups
        .iter()
        .flat_map(|[above, below]| {
            above
                .iter()
                .flat_map(|one| below.iter().map(move |other| one / other))
        })
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let sizes: Vec<[usize; 2]> = groups.iter().map(|pair| pair.map(<[f64]>::len)).collect();
    let outside = Spreading::of_sizes(&sizes).pairs_outside(ALPHA / 2.0)?;
    let own = Interval {
        low: *ratios.get(outside)?,
        high: *ratios.get(ratios.len().checked_sub(outside + 1)?)?,
    };
    let sittings = sitting_ratios(subject, baseline);
    Some(sittings.into_iter().fold(own, Interval::with))
}

/// Returns the ratio of medians of each sitting that has two runs or more of each; empty unless
/// there are several such sittings.
#[must_use]
pub fn sitting_ratios(subject: &Sample, baseline: &Sample) -> Vec<f64> {
    let groups = strata(subject, baseline);
    let enough = groups
        .iter()
        .filter(|[above, below]| above.len().min(below.len()) > 1);
    let ratios: Vec<f64> = enough
        .map(|[above, below]| sample::median(above) / sample::median(below))
        .filter(|ratio| ratio.is_finite())
        .collect();
    if ratios.len() > 1 { ratios } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-12, "{one} {other}");
    }

    fn p(subject: &[f64], baseline: &[f64]) -> f64 {
        test(&Sample::once(subject), &Sample::once(baseline)).p
    }

    /// Checks that the values are those of tables of Wilcoxon's two-sample test.
    #[test]
    fn exact_shares_of_few_runs() {
        near(p(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]), 2.0 / 20.0);
        near(p(&[5.0, 6.0, 7.0, 8.0], &[1.0, 2.0, 3.0, 4.0]), 2.0 / 70.0);
        let five = [1.0, 2.0, 3.0, 4.0, 5.0];
        near(p(&five.map(|value| value + 5.0), &five), 2.0 / 252.0);
        // One pair is the wrong way round: U = 1, two ways on each side.
        near(p(&[3.5, 5.0, 6.0, 7.0], &[1.0, 2.0, 3.0, 4.0]), 4.0 / 70.0);
        near(p(&[1.0], &[2.0]), 1.0);
        near(p(&[1.0, 4.0], &[2.0, 3.0]), 1.0);
    }

    #[test]
    fn ties_are_counted_and_figures_without_noise_are_told_apart() {
        near(p(&[110.0; 4], &[100.0; 4]), 2.0 / 70.0);
        near(p(&[100.0; 7], &[100.0; 7]), 1.0);
        let same = test(&Sample::once(&[1.0; 5]), &Sample::once(&[1.0; 5]));
        near(same.least, 1.0);
        // Of the 70 ways, 6 leave the four middle values in place on either side.
        near(p(&[2.0, 2.0, 3.0, 3.0], &[1.0, 1.0, 2.0, 2.0]), 12.0 / 70.0);
    }

    /// Compares with an enumeration of all assignments, one by one.
    #[test]
    fn as_counting_all_ways_one_by_one_has_it() {
        let pooled = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 8.0, 9.0];
        for size in 1..pooled.len() {
            let deal = |bits: u32| -> [Vec<f64>; 2] {
                let is_in = |at: &usize| bits >> at & 1 == 1;
                let (one, other): (Vec<usize>, Vec<usize>) = (0..pooled.len()).partition(is_in);
                [one, other].map(|places| places.into_iter().map(|at| pooled[at]).collect())
            };
            let ways = (0..1u32 << pooled.len()).filter(|bits| bits.count_ones() as usize == size);
            let leads: Vec<i64> = ways
                .map(|bits| {
                    let [one, other] = deal(bits);
                    lead(&one, &other)
                })
                .collect();
            let [subject, baseline] = deal((1 << size) - 1);
            let own = lead(&subject, &baseline).abs();
            let far = leads.iter().filter(|lead| lead.abs() >= own).count();
            near(p(&subject, &baseline), far as f64 / leads.len() as f64);
        }
    }

    /// Checks that labels are assigned within a sitting: an amount that a sitting adds to both
    /// sides is no difference.
    #[test]
    fn sittings_are_strata() {
        let of = |values: [[f64; 3]; 2]| {
            let [one, other] = values;
            let first = one.into_iter().map(|value| (1, value));
            Sample::of(first.chain(other.into_iter().map(|value| (2, value))))
        };
        let subject = of([[1.1, 1.2, 1.3], [11.0, 12.0, 13.0]]);
        let baseline = of([[0.8, 0.9, 1.0], [8.0, 9.0, 10.0]]);
        near(test(&subject, &baseline).p, 2.0 / 400.0);
        // The samples have the same values without their sittings.
        let pooled = [&subject, &baseline].map(Sample::pooled);
        assert!(test(&pooled[0], &pooled[1]).p > 0.15);
        // A sitting that has only one side gives no evidence.
        let alone = Sample::of([(3, 1.0), (3, 2.0), (3, 3.0), (3, 4.0)]);
        near(test(&alone, &baseline).p, 1.0);
    }

    #[test]
    fn ends_of_intervals() {
        let of = |subject: &[f64], baseline: &[f64]| {
            interval(&Sample::once(subject), &Sample::once(baseline))
        };
        assert_eq!(of(&[2.0, 2.2, 2.4], &[1.0, 1.1, 1.2]), None);
        // With four against four runs, the interval reaches from the smallest of all ratios to the
        // largest.
        let four = of(&[2.0, 2.2, 2.4, 2.5], &[1.0, 1.1, 1.2, 1.25]).expect("four");
        near(four.low, 2.0 / 1.25);
        near(four.high, 2.5);
        // With five against five, two ratios are left out at each end (critical value of U: 2).
        let five = of(&[10.0, 20.0, 30.0, 40.0, 50.0], &[1.0; 5]).expect("five");
        assert_eq!((five.low, five.high), (10.0, 50.0));
        let flat = of(&[110.0; 4], &[100.0; 4]).expect("four");
        near(flat.low, 1.1);
        near(flat.high, 1.1);
        assert_eq!(of(&[1.0; 5], &[0.0; 5]), None);
    }

    #[test]
    fn what_sittings_differ_by_is_in_the_interval() {
        let sample = |first: f64, second: f64| {
            let around = |middle: f64| [0.99, 1.0, 1.01, 1.005].map(|noise| middle * noise);
            let one = around(first).into_iter().map(|value| (1, value));
            Sample::of(one.chain(around(second).into_iter().map(|value| (2, value))))
        };
        let (subject, baseline) = (sample(1.5, 2.5), sample(1.0, 1.0));
        let found = interval(&subject, &baseline).expect("eight runs");
        assert!(found.low <= 1.5 && found.high >= 2.5, "{found:?}");
        assert_eq!(sitting_ratios(&subject, &baseline).len(), 2);
    }
}
