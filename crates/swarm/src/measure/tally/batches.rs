//! The number of events per exchange: not the mean, which does not show whether a batch of
//! fifty ever happens, but each size and its count.

use hdrhistogram::Histogram;

/// The largest batch told apart; a log keeps 200 events unless it is told to
/// keep more.
const LARGEST: u64 = 1_000_000;

/// Sizes of the batches of one window. Exact up to 2,047 events.
#[derive(Debug)]
pub(crate) struct Batches(Histogram<u64>);

impl Default for Batches {
    fn default() -> Self {
        // Fails only for bounds below 1:2 or more than five digits.
        Self(Histogram::new_with_bounds(1, LARGEST, 3).expect("constant bounds are valid"))
    }
}

impl Batches {
    /// Begins the window: what came before is forgotten.
    pub(crate) fn begin(&mut self) {
        self.0.reset();
    }

    /// Enters the number of events that an exchange brought; none is no batch.
    pub(crate) fn brought(&mut self, events: u64) {
        if events > 0 {
            self.0.saturating_record(events);
        }
    }

    /// Adds another shard's.
    pub(crate) fn merge(&mut self, other: &Self) {
        // Cannot fail: both have the same bounds.
        let _ = self.0.add(&other.0);
    }

    /// Returns the sizes and how often each came.
    pub(crate) fn sizes(self) -> Histogram<u64> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_the_window_are_exact() {
        let (mut one, mut other) = (Batches::default(), Batches::default());
        one.brought(500);
        one.begin();
        for size in [0, 1, 1, 200] {
            one.brought(size);
            other.brought(size + 1_000);
        }
        one.merge(&other);
        let sizes = one.sizes();
        assert_eq!((sizes.len(), sizes.min(), sizes.max()), (7, 1, 1_200));
        assert_eq!(sizes.count_at(1), 2);
        assert_eq!(sizes.count_at(500), 0);
    }
}
