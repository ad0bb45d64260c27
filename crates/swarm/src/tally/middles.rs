//! When the median receiver of a draft heard it. That needs all arrivals of the
//! draft side by side, so it is done for some drafts only where there are many.

use std::collections::BTreeMap;

use crate::clock::Nanos;

/// Arrivals kept at most, about: 4 MB.
const ARRIVALS_KEPT: u64 = 1_000_000;

/// The arrivals of every so many-th draft.
#[derive(Debug)]
pub(crate) struct Middles {
    every: usize,
    /// Latency from due in microseconds, by draft.
    arrivals: BTreeMap<usize, Vec<u32>>,
}

impl Middles {
    /// Of a run with about so many deliveries.
    pub(crate) fn new(deliveries: u64) -> Self {
        Self {
            every: deliveries.div_ceil(ARRIVALS_KEPT).max(1) as usize,
            arrivals: BTreeMap::new(),
        }
    }

    /// A reader heard draft `index` so long after it was due.
    pub(crate) fn heard(&mut self, index: usize, from_due: Nanos) {
        if index.is_multiple_of(self.every) {
            let micros = u32::try_from(from_due / 1_000).unwrap_or(u32::MAX);
            self.arrivals.entry(index).or_default().push(micros);
        }
    }

    /// Adds another shard's.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (index, arrivals) in &other.arrivals {
            self.arrivals.entry(*index).or_default().extend(arrivals);
        }
    }

    /// The latency of the median receiver (the lower of two) of each draft.
    pub(crate) fn medians(&mut self) -> impl Iterator<Item = Nanos> {
        self.arrivals.values_mut().map(|arrivals| {
            let middle = (arrivals.len() - 1) / 2;
            u64::from(*arrivals.select_nth_unstable(middle).1) * 1_000
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_receiver_is_found_over_all_shards() {
        let (mut one, mut other) = (Middles::new(2_000_000), Middles::new(2_000_000));
        for (index, micros) in [(0, 5), (1, 1), (2, 40), (0, 9)] {
            one.heard(index, micros * 1_000);
        }
        other.heard(0, 7_000);
        other.heard(2, 30_000);
        one.merge(&other);
        assert_eq!(one.medians().collect::<Vec<_>>(), [7_000, 30_000]);
    }
}
