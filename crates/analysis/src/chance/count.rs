//! The distribution of the lead over all assignments of labels to runs.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

/// The number of runs up to which all assignments are counted. With more runs in all sittings
/// together, the lead is practically normal (Mann and Whitney, 1947, section 4), with the variance
/// that the ties leave.
const COUNTED: usize = 64;

/// The doubled ranks of all runs of a sitting, with mean ranks for ties, and the number of the
/// subject's runs.
type Ranks = (Vec<usize>, usize);

/// The distribution of the lead.
pub(super) enum Spreading {
    Counted(Rc<Counted>),
    /// The variance of the lead, and its largest possible value.
    Normal(f64, f64),
}

/// The probability of each lead from `-reach` to `reach`.
pub(super) struct Counted {
    reach: i64,
    shares: Vec<f64>,
}

thread_local! {
    /// The distributions of sittings without ties, which are kept because few sizes recur often.
    static KNOWN: RefCell<HashMap<Vec<[usize; 2]>, Rc<Counted>>> = RefCell::default();
}

impl Spreading {
    /// Counts the assignments for the groups of each sitting, with their ties.
    pub(super) fn of_values(groups: &[[&[f64]; 2]]) -> Self {
        let ranks: Vec<Ranks> = groups.iter().map(ranks).collect();
        let is_plain = |(ranks, _): &Ranks| ranks.windows(2).all(|pair| pair[0] < pair[1]);
        if ranks.iter().all(is_plain) {
            let sizes: Vec<_> = groups.iter().map(|pair| pair.map(<[f64]>::len)).collect();
            return Self::of_sizes(&sizes);
        }
        Self::of_ranks(&ranks, |ranks| Rc::new(Counted::of(ranks)))
    }

    /// Counts the assignments for groups of these sizes in each sitting, without ties.
    pub(super) fn of_sizes(sizes: &[[usize; 2]]) -> Self {
        let ranks: Vec<Ranks> = sizes
            .iter()
            .map(|[own, other]| ((1..=own + other).map(|rank| 2 * rank).collect(), *own))
            .collect();
        Self::of_ranks(&ranks, |ranks| {
            if let Some(known) = KNOWN.with_borrow(|known| known.get(sizes).cloned()) {
                return known;
            }
            let counted = Rc::new(Counted::of(ranks));
            KNOWN.with_borrow_mut(|known| known.insert(sizes.to_vec(), Rc::clone(&counted)));
            counted
        })
    }

    fn of_ranks(ranks: &[Ranks], count: impl Fn(&[Ranks]) -> Rc<Counted>) -> Self {
        if ranks.iter().map(|(ranks, _)| ranks.len()).sum::<usize>() <= COUNTED {
            return Self::Counted(count(ranks));
        }
        let pairs = |(ranks, own): &Ranks| (own * (ranks.len() - own)) as f64;
        let variance = ranks.iter().map(|one| variance(one) * pairs(one)).sum();
        Self::Normal(variance, ranks.iter().map(pairs).sum())
    }

    /// Returns the probability of a lead at least this far from zero, on either side.
    pub(super) fn at_least(&self, lead: i64) -> f64 {
        match self {
            Self::Counted(counted) => counted.at_least(lead.abs()),
            Self::Normal(variance, _) if *variance > 0.0 => {
                2.0 * normal_tail((lead.abs() as f64 - 1.0).max(0.0) / variance.sqrt())
            }
            Self::Normal(..) => 1.0,
        }
    }

    /// Returns the smallest probability that any assignment has.
    pub(super) fn least(&self) -> f64 {
        match self {
            Self::Counted(counted) => {
                let leads = (-counted.reach..=counted.reach).zip(&counted.shares);
                let possible = leads.filter(|(_, share)| **share > 0.0);
                counted.at_least(possible.map(|(lead, _)| lead.abs()).max().unwrap_or(0))
            }
            Self::Normal(_, most) => self.at_least(*most as i64),
        }
    }

    /// Returns the number of ratios of pairs that lie beyond each end of an interval with at most
    /// this probability beyond each end, or `None` if not even the outermost ratios reach that.
    pub(super) fn pairs_outside(&self, tail: f64) -> Option<usize> {
        match self {
            Self::Counted(counted) => counted.pairs_outside(tail),
            Self::Normal(variance, most) => {
                // A lead is twice the distance of U from its middle; 1.96 is the 2.5 % point.
                let outside = (most - 1.96 * variance.sqrt()) / 2.0;
                (outside >= 1.0).then_some(outside as usize - 1)
            }
        }
    }
}

impl Counted {
    fn of(ranks: &[Ranks]) -> Self {
        let nothing = Self {
            reach: 0,
            shares: vec![1.0],
        };
        let sittings = ranks.iter().map(Self::of_sitting);
        sittings.fold(nothing, |all, one| all.and(&one))
    }

    /// Counts the assignments of one sitting; the lead is the doubled rank sum less its mean.
    fn of_sitting((ranks, own): &Ranks) -> Self {
        let most: usize = ranks.iter().rev().take(*own).sum();
        // The element ways[k][s] is the number of ways in which k of the runs so far have the
        // doubled rank sum s.
        let mut ways = vec![vec![0.0; most + 1]; own + 1];
        ways[0][0] = 1.0;
        for rank in ranks {
            for chosen in (1..=*own).rev() {
                let (fewer, more) = ways.split_at_mut(chosen);
                for sum in *rank..=most {
                    more[0][sum] += fewer[chosen - 1][sum - rank];
                }
            }
        }
        let middle = signed(own * (ranks.len() + 1));
        let reach = signed(own * (ranks.len() - own));
        let all: f64 = ways[*own].iter().sum();
        let share = |lead: i64| {
            let at = usize::try_from(lead + middle).ok();
            at.and_then(|at| ways[*own].get(at))
                .map_or(0.0, |ways| ways / all)
        };
        Self {
            reach,
            shares: (-reach..=reach).map(share).collect(),
        }
    }

    /// Combines two sittings, in each of which labels are assigned independently.
    fn and(&self, other: &Self) -> Self {
        let mut shares = vec![0.0; self.shares.len() + other.shares.len() - 1];
        for (at, one) in self.shares.iter().enumerate() {
            for (far, two) in other.shares.iter().enumerate() {
                shares[at + far] += one * two;
            }
        }
        Self {
            reach: self.reach + other.reach,
            shares,
        }
    }

    fn at_least(&self, lead: i64) -> f64 {
        let leads = (-self.reach..=self.reach).zip(&self.shares);
        let far = leads.filter(|(own, _)| own.abs() >= lead);
        far.map(|(_, share)| share).sum::<f64>().min(1.0)
    }

    /// Returns the number of pairs outside. Without ties a lead is 2 U less the number of pairs, so
    /// only every second lead is possible.
    fn pairs_outside(&self, tail: f64) -> Option<usize> {
        let mut below = 0.0;
        let fits = self.shares.iter().step_by(2).take_while(|share| {
            below += **share;
            below <= tail
        });
        fits.count().checked_sub(1)
    }
}

/// Converts a count; counts of runs are far below the limit of a signed number.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn ranks([above, below]: &[&[f64]; 2]) -> Ranks {
    let mut all: Vec<f64> = above.iter().chain(*below).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let doubled = |value: &f64| {
        let less = all.partition_point(|other| other.total_cmp(value).is_lt());
        let up_to = all.partition_point(|other| other.total_cmp(value).is_le());
        less + up_to + 1
    };
    (all.iter().map(doubled).collect(), above.len())
}

/// Returns the variance of a sitting's lead for each of its pairs: (N + 1) / 3 without ties.
fn variance((ranks, _): &Ranks) -> f64 {
    let count = ranks.len() as f64;
    let middle = count + 1.0;
    let squares: f64 = ranks
        .iter()
        .map(|rank| (*rank as f64 - middle).powi(2))
        .sum();
    squares / (count * (count - 1.0).max(1.0))
}

/// Returns the tail of the normal distribution beyond a value above zero (Abramowitz and Stegun,
/// 1964, 7.1.26; within 1.5e-7).
fn normal_tail(at: f64) -> f64 {
    let x = at / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let polynomial = terms.into_iter().fold(0.0, |sum, term| (sum + term) * t);
    0.5 * polynomial * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_runs_are_as_good_as_normal() {
        // With 32 against 32 runs, both methods give the same probability.
        let counted = Spreading::of_sizes(&[[32, 32]]);
        let (ranks, own) = ((1..=64).map(|rank| 2 * rank).collect::<Vec<_>>(), 32);
        let per_pair = variance(&(ranks, own));
        assert!((per_pair - 65.0 / 3.0).abs() < 1e-9, "{per_pair}");
        let normal = Spreading::Normal(per_pair * 1024.0, 1024.0);
        for lead in [0, 100, 300, 400] {
            let (one, other) = (counted.at_least(lead), normal.at_least(lead));
            assert!((one - other).abs() < 0.004, "{lead}: {one} {other}");
        }
        let outside = [counted, normal].map(|one| one.pairs_outside(0.025).expect("enough"));
        assert!(outside[0].abs_diff(outside[1]) <= 2, "{outside:?}");
    }

    #[test]
    fn critical_values_of_u() {
        // The table of Mann and Whitney, 5 % on two sides: the largest U that is still outside.
        let table = [(4, 0), (5, 2), (6, 5), (7, 8), (8, 13), (10, 23)];
        for (size, critical) in table {
            let found = Spreading::of_sizes(&[[size, size]]).pairs_outside(0.025);
            assert_eq!(found, Some(critical), "{size}");
        }
        assert_eq!(Spreading::of_sizes(&[[3, 3]]).pairs_outside(0.025), None);
    }
}
