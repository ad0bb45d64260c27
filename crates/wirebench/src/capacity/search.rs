//! The search for the load at which a transport stops holding.
//!
//! Loads grow until one does not hold. The gap between the largest load that held and the smallest
//! that did not is then halved on a logarithmic scale until it is small enough. The next load
//! depends only on the verdicts so far, so an interrupted search can be resumed from its results.
//!
//! The search assumes that if a load does not hold, no larger load does. Noise near the knee can
//! contradict this; the smallest load that broke counts.

use std::collections::BTreeMap;

use analysis::capacity::StoppedBy;

/// A load in grains: people, or thousandths of a draft a second.
pub(super) type Load = u64;

/// The way of a search through the loads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strategy {
    /// The first load.
    pub(super) first: Load,
    /// The largest load that may be tried.
    pub(super) most: Load,
    /// The unit of loads: every load is a multiple of it.
    pub(super) grain: Load,
    /// The way in which loads grow.
    pub(super) growth: Growth,
}

/// The way in which loads grow from one to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Growth {
    /// Loads are doubled, then bisected until the load that broke is larger than the load that held
    /// by at most this fraction (0.05 for 5 %).
    Doubling(f64),
    /// Each load is larger than the one before by this amount; there is no bisection.
    Steps(Load),
}

/// The verdict on a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The load held.
    Held,
    /// The load did not hold, for this reason.
    Broke(StoppedBy),
}

/// The state of a search: the bounds of the knee that are known so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Knee {
    /// The largest load that held below everything that broke.
    pub(super) held: Option<Load>,
    /// The smallest load that broke, and the reason.
    pub(super) broke: Option<(Load, StoppedBy)>,
}

/// The next step of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try this load.
    Try(Load),
    /// The search is finished.
    Done(Knee),
}

impl Knee {
    /// Derives the bounds of the knee from the verdicts so far.
    pub(super) fn of(known: &BTreeMap<Load, Verdict>) -> Self {
        let broke = known.iter().find_map(|(load, verdict)| match verdict {
            Verdict::Held => None,
            Verdict::Broke(why) => Some((*load, *why)),
        });
        let below = broke.map_or(Load::MAX, |(load, _)| load);
        let held = known.range(..below).next_back().map(|(load, _)| *load);
        Self { held, broke }
    }
}

impl Strategy {
    /// Returns the next step of the search, given the verdicts so far.
    pub(super) fn next(&self, known: &BTreeMap<Load, Verdict>) -> Next {
        let knee = Knee::of(known);
        let wanted = match (knee.held, knee.broke) {
            (None, None) => Some(self.first),
            (None, Some(_)) => None,
            (Some(held), None) => self.larger(held),
            (Some(held), Some((broke, _))) => self.between(held, broke),
        };
        wanted.map_or(Next::Done(knee), Next::Try)
    }

    fn larger(&self, held: Load) -> Option<Load> {
        let next = match self.growth {
            Growth::Doubling(_) => held.saturating_mul(2),
            Growth::Steps(step) => held.saturating_add(step),
        };
        let next = next.min(self.most) / self.grain * self.grain;
        (next > held).then_some(next)
    }

    fn between(&self, held: Load, broke: Load) -> Option<Load> {
        let Growth::Doubling(resolution) = self.growth else {
            return None;
        };
        if broke as f64 <= held as f64 * (1.0 + resolution) {
            return None;
        }
        let middle = (held as f64 * broke as f64).sqrt();
        // A load of three digits is preferred, if one lies between the two.
        [round(middle), middle.round() as Load]
            .map(|middle| (middle + self.grain / 2) / self.grain * self.grain)
            .into_iter()
            .find(|middle| held < *middle && *middle < broke)
    }
}

/// Rounds a load to three significant digits.
fn round(value: f64) -> Load {
    let unit = 10_f64.powf((value.log10().floor() - 2.0).max(0.0));
    ((value / unit).round() * unit).round() as Load
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRATEGY: Strategy = Strategy {
        first: 100,
        most: 20_000,
        grain: 1,
        growth: Growth::Doubling(0.05),
    };

    /// Runs a search against a response and answers where it ended and what it tried.
    fn search(strategy: Strategy, mut response: impl FnMut(Load) -> Verdict) -> (Knee, Vec<Load>) {
        let (mut known, mut tried) = (BTreeMap::new(), Vec::new());
        loop {
            match strategy.next(&known) {
                Next::Done(knee) => return (knee, tried),
                Next::Try(load) => {
                    assert!(!known.contains_key(&load), "{load} twice: {tried:?}");
                    assert!(load <= strategy.most && load.is_multiple_of(strategy.grain));
                    tried.push(load);
                    known.insert(load, response(load));
                }
            }
        }
    }

    fn breaks_at(knee: Load) -> impl FnMut(Load) -> Verdict {
        move |load| {
            if load < knee {
                Verdict::Held
            } else {
                Verdict::Broke(StoppedBy::Condition)
            }
        }
    }

    #[test]
    fn every_knee_is_found_within_the_resolution() {
        for wanted in (101..20_000).step_by(37) {
            let (knee, tried) = search(STRATEGY, breaks_at(wanted));
            let (held, broke) = (knee.held.unwrap(), knee.broke.unwrap().0);
            assert!(held < wanted && wanted <= broke, "{wanted}: {knee:?}");
            assert!(
                broke as f64 <= held as f64 * 1.05 || broke == held + 1,
                "{knee:?}"
            );
            assert!(tried.len() <= 14, "{wanted}: {tried:?}");
        }
    }

    #[test]
    fn loads_double_and_then_close_in() {
        let (knee, tried) = search(STRATEGY, breaks_at(1_000));
        assert_eq!(tried, [100, 200, 400, 800, 1_600, 1_130, 951, 1_040, 995]);
        assert_eq!(knee.held, Some(995));
        assert_eq!(knee.broke, Some((1_040, StoppedBy::Condition)));
    }

    #[test]
    fn steps_do_not_bisect() {
        let strategy = Strategy {
            growth: Growth::Steps(1_000),
            first: 1_000,
            ..STRATEGY
        };
        let (knee, tried) = search(strategy, breaks_at(3_500));
        assert_eq!(tried, [1_000, 2_000, 3_000, 4_000]);
        assert_eq!(knee.held, Some(3_000));
        assert_eq!(knee.broke, Some((4_000, StoppedBy::Condition)));
    }

    #[test]
    fn what_never_holds_is_tried_once_and_what_always_holds_to_the_last() {
        let (knee, tried) = search(STRATEGY, breaks_at(1));
        assert_eq!((tried, knee.held), (vec![100], None));
        assert_eq!(knee.broke, Some((100, StoppedBy::Condition)));
        let (knee, tried) = search(STRATEGY, |_| Verdict::Held);
        assert_eq!(tried.last(), Some(&20_000));
        assert_eq!(
            knee,
            Knee {
                held: Some(20_000),
                broke: None
            }
        );
    }

    #[test]
    fn a_generator_that_gives_out_first_is_told_from_a_knee_below_it() {
        // The generator gives out at 3,000; the condition would hold from 5,000 or from 2,500 on.
        let response = |condition: Load| {
            move |load: Load| match load {
                load if load >= 3_000 => Verdict::Broke(StoppedBy::Generator),
                load if load >= condition => Verdict::Broke(StoppedBy::Condition),
                _ => Verdict::Held,
            }
        };
        let (knee, _) = search(STRATEGY, response(5_000));
        assert_eq!(knee.broke.unwrap().1, StoppedBy::Generator);
        assert!(knee.held.unwrap() >= 2_850, "{knee:?}");
        let (knee, _) = search(STRATEGY, response(2_500));
        assert_eq!(knee.broke.unwrap().1, StoppedBy::Condition);
        assert!((2_380..2_500).contains(&knee.held.unwrap()), "{knee:?}");
    }

    #[test]
    fn noise_near_the_knee_neither_loops_nor_misleads_by_much() {
        // Between 900 and 1,100 a load holds or not as a hash of it and the seed says.
        for seed in 0..200_u64 {
            let noisy = |load: Load| {
                let lot = (load ^ seed << 20).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63;
                match load {
                    0..900 => Verdict::Held,
                    900..1_100 if lot == 0 => Verdict::Held,
                    _ => Verdict::Broke(StoppedBy::Condition),
                }
            };
            let (knee, tried) = search(STRATEGY, noisy);
            let (held, broke) = (knee.held.unwrap(), knee.broke.unwrap().0);
            assert!(
                held >= 850 && broke <= 1_160,
                "seed {seed}: {knee:?}, {tried:?}"
            );
        }
    }

    #[test]
    fn loads_are_whole_grains() {
        let strategy = Strategy {
            first: 40,
            grain: 20,
            ..STRATEGY
        };
        let (knee, tried) = search(strategy, breaks_at(330));
        assert_eq!(tried, [40, 80, 160, 320, 640, 460, 380, 340]);
        assert_eq!((knee.held, knee.broke.unwrap().0), (Some(320), 340));
    }

    #[test]
    fn what_is_known_already_is_not_tried_again() {
        let mut known = BTreeMap::new();
        for (load, verdict) in [
            (100, Verdict::Held),
            (200, Verdict::Held),
            (400, Verdict::Broke(StoppedBy::Server)),
        ] {
            known.insert(load, verdict);
        }
        assert_eq!(STRATEGY.next(&known), Next::Try(283));
    }
}
