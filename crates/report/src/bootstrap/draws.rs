//! What the dice draw, and which value of a sample then lies in the middle.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{Dice, RESAMPLES, SEED};

/// Samples up to this size have so few orders that what was found for one of
/// them is kept: at most 720 orders of six values, 32 KB each.
const KEPT: usize = 6;

/// The two ranks between which the middle of a resample lies; the same one
/// twice where their number is odd.
pub(super) type Middle = (u32, u32);

/// The middle of each resample.
pub(super) type Middles = Rc<[Middle]>;

/// What was found, by the sizes of both samples, the side, and its order.
type Known = HashMap<([usize; 2], usize, Vec<u32>), Middles>;

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Values, their order apart.
pub(super) struct Sample {
    sorted: Vec<f64>,
    /// The rank of each value, in the order in which the values were given.
    ranks: Vec<u32>,
}

impl Sample {
    pub(super) fn of(values: &[f64]) -> Self {
        let mut places: Vec<usize> = (0..values.len()).collect();
        places.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
        let mut ranks = vec![0; values.len()];
        for (rank, place) in (0..).zip(&places) {
            ranks[*place] = rank;
        }
        Self {
            sorted: places.into_iter().map(|place| values[place]).collect(),
            ranks,
        }
    }

    /// The median of a resample by its middle.
    pub(super) fn median(&self, (low, high): Middle) -> f64 {
        let at = |rank: u32| self.sorted[rank as usize];
        if low == high {
            at(low)
        } else {
            f64::midpoint(at(low), at(high))
        }
    }
}

/// The middle of each resample of two samples, which are drawn from in turn.
pub(super) fn middles(samples: &[Sample; 2]) -> [Middles; 2] {
    let sizes = [0, 1].map(|which: usize| samples[which].ranks.len());
    if sizes.iter().any(|size| *size > KEPT) {
        return drawn(samples);
    }
    KNOWN.with_borrow_mut(|known| {
        let keys = [0, 1].map(|which: usize| (sizes, which, samples[which].ranks.clone()));
        if let [Some(one), Some(other)] = [known.get(&keys[0]), known.get(&keys[1])] {
            return [Rc::clone(one), Rc::clone(other)];
        }
        let found = drawn(samples);
        for (key, middles) in keys.into_iter().zip(&found) {
            known.insert(key, Rc::clone(middles));
        }
        found
    })
}

fn drawn(samples: &[Sample; 2]) -> [Middles; 2] {
    let mut dice = Dice(SEED);
    let mut found = [(); 2].map(|()| Vec::with_capacity(RESAMPLES));
    let mut counts = [0, 1].map(|which: usize| vec![0_usize; samples[which].ranks.len()]);
    for _ in 0..RESAMPLES {
        for ((sample, counts), found) in samples.iter().zip(&mut counts).zip(&mut found) {
            let size = sample.ranks.len();
            counts.fill(0);
            for _ in 0..size {
                counts[sample.ranks[dice.below(size)] as usize] += 1;
            }
            found.push((rank_at(counts, (size - 1) / 2), rank_at(counts, size / 2)));
        }
    }
    found.map(Rc::from)
}

/// Which middles came out together, and how often: repeats are few, so the same
/// few come out again and again.
pub(super) fn counted(
    samples: &[Sample; 2],
    middles: &[Middles; 2],
) -> Vec<((Middle, Middle), usize)> {
    let pairs = middles[0].iter().copied().zip(middles[1].iter().copied());
    let sizes = [0, 1].map(|which: usize| samples[which].ranks.len());
    if sizes.iter().any(|size| *size > KEPT) {
        return pairs.map(|pair| (pair, 1)).collect();
    }
    let code = |(low, high): Middle| low as usize * KEPT + high as usize;
    let mut times = vec![0; KEPT.pow(4)];
    let mut seen = Vec::new();
    for (above, below) in pairs {
        let at = code(above) * KEPT.pow(2) + code(below);
        if times[at] == 0 {
            seen.push((at, (above, below)));
        }
        times[at] += 1;
    }
    seen.into_iter()
        .map(|(at, pair)| (pair, times[at]))
        .collect()
}

/// The rank of the value at a place of the sorted resample.
fn rank_at(counts: &[usize], place: usize) -> u32 {
    let mut passed = 0;
    let mut beyond = (0..).zip(counts).skip_while(|(_, count)| {
        passed += **count;
        passed <= place
    });
    beyond.next().map_or(0, |(rank, _)| rank)
}
