//! The time at which the median receiver of a draft heard it. That needs all arrivals of
//! the draft side by side, so it is determined for only some drafts if there are many.

use std::collections::BTreeMap;

use crate::clock::Nanos;

/// Arrivals kept at most, about: 4 MB.
const ARRIVALS_KEPT: u64 = 1_000_000;

/// The arrivals of every so many-th draft.
#[derive(Debug)]
pub(crate) struct MedianReceivers {
    every: usize,
    /// Latency from due in microseconds, by draft.
    arrivals: BTreeMap<usize, Vec<u32>>,
}

impl MedianReceivers {
    /// Creates the record for a run with about `deliveries` deliveries.
    pub(crate) fn new(deliveries: u64) -> Self {
        Self {
            every: deliveries.div_ceil(ARRIVALS_KEPT).max(1) as usize,
            arrivals: BTreeMap::new(),
        }
    }

    /// Notes that a reader heard draft `index` so long after it was due.
    pub(crate) fn heard(&mut self, index: usize, from_due: Nanos) {
        if index.is_multiple_of(self.every) {
            let micros = u32::try_from(from_due / 1_000).unwrap_or(u32::MAX);
            self.arrivals.entry(index).or_default().push(micros);
        }
    }

    /// Keeps fewer drafts if the `deliveries` so far are more than were expected, as they
    /// may be without a schedule.
    pub(crate) fn thin(&mut self, deliveries: u64) {
        while deliveries / self.every as u64 > 2 * ARRIVALS_KEPT {
            self.keep_every(2 * self.every);
        }
    }

    /// Adds another shard's. Both began alike, and each has only ever doubled.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.keep_every(self.every.max(other.every));
        for (index, arrivals) in &other.arrivals {
            if index.is_multiple_of(self.every) {
                self.arrivals.entry(*index).or_default().extend(arrivals);
            }
        }
    }

    fn keep_every(&mut self, every: usize) {
        self.every = every;
        self.arrivals.retain(|index, _| index.is_multiple_of(every));
    }

    /// Returns each draft's index and the latency of its median receiver (the lower of two).
    pub(crate) fn medians(&mut self) -> impl Iterator<Item = (usize, Nanos)> {
        self.arrivals.iter_mut().map(|(index, arrivals)| {
            let middle = (arrivals.len() - 1) / 2;
            let micros = *arrivals.select_nth_unstable(middle).1;
            (*index, u64::from(micros) * 1_000)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_receiver_is_found_over_all_shards() {
        let (mut one, mut other) = (
            MedianReceivers::new(2_000_000),
            MedianReceivers::new(2_000_000),
        );
        for (index, micros) in [(0, 5), (1, 1), (2, 40), (0, 9)] {
            one.heard(index, micros * 1_000);
        }
        other.heard(0, 7_000);
        other.heard(2, 30_000);
        one.merge(&other);
        assert_eq!(one.medians().collect::<Vec<_>>(), [(0, 7_000), (2, 30_000)]);
    }

    #[test]
    fn more_than_was_thought_is_thinned_out_on_every_shard() {
        let (mut one, mut other) = (MedianReceivers::new(0), MedianReceivers::new(0));
        for index in 0..8 {
            one.heard(index, 1_000);
            other.heard(index, 3_000);
        }
        one.thin(2 * ARRIVALS_KEPT);
        assert_eq!((one.every, one.arrivals.len()), (1, 8));
        one.thin(5 * ARRIVALS_KEPT);
        assert_eq!((one.every, one.arrivals.len()), (4, 2));
        one.heard(9, 1_000);
        one.heard(12, 1_000);
        assert_eq!(one.arrivals.len(), 3);
        // Whichever of the two is asked, the coarser one counts.
        other.merge(&one);
        assert_eq!(other.arrivals.keys().collect::<Vec<_>>(), [&0, &4, &12]);
        assert_eq!(other.arrivals[&4].len(), 2);
    }
}
