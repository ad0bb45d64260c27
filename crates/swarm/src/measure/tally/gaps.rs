//! The times between the deliveries to one reader, and the time until it has the first one. Pure: it
//! reads no clock.

use std::mem;

use hdrhistogram::Histogram;

use crate::clock::Nanos;

/// The times between the deliveries of drafts that count to the same reader. Of each reader the time
/// of the last delivery is kept, and nothing else.
#[derive(Debug)]
pub(crate) struct Gaps {
    /// The times from one delivery to the next to the same reader, of all readers.
    pub(crate) between: Histogram<u64>,
    /// The times from when the first draft of a reader was due until the reader heard it, one for
    /// each reader.
    pub(crate) first: Histogram<u64>,
    /// The time of the last delivery to each reader, by the reader's place among the people of the
    /// shard; 0 for a reader that has heard nothing.
    last: Vec<Nanos>,
}

impl Gaps {
    /// Makes the record of so many readers, with the bounds of another histogram.
    pub(crate) fn new(readers: usize, like: &Histogram<u64>) -> Self {
        Self {
            between: Histogram::new_from(like),
            first: Histogram::new_from(like),
            last: vec![0; readers],
        }
    }

    /// Notes that the reader at `place` heard a draft `now`, so long after it was due; that is not
    /// known of a draft that another process sent.
    pub(crate) fn delivered(&mut self, place: usize, now: Nanos, from_due: Option<Nanos>) {
        let Some(last) = self.last.get_mut(place) else {
            return;
        };
        let before = mem::replace(last, now);
        if before > 0 {
            self.between.saturating_record(now.saturating_sub(before));
        } else if let Some(from_due) = from_due {
            self.first.saturating_record(from_due);
        }
    }

    /// Adds the times of another shard, whose readers are others.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.between, &other.between),
            (&mut self.first, &other.first),
        ] {
            // Cannot fail: both have the bounds of the same run.
            let _ = mine.add(others);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Nanos = 1_000_000;

    /// Deliveries: the place of the reader, when it heard, and how long after the due time, in
    /// milliseconds.
    const HEARD: [(usize, Nanos, Nanos); 5] = [
        (0, 100, 7),
        (1, 105, 9),
        (1, 106, 2),
        (0, 110, 5),
        (0, 140, 5),
    ];

    fn gaps(readers: usize) -> Gaps {
        let like = Histogram::new_with_bounds(1_000, 60_000 * MS, 3).expect("valid bounds");
        Gaps::new(readers, &like)
    }

    /// Returns the values of a histogram in milliseconds, each with its count.
    fn told(histogram: &Histogram<u64>) -> Vec<(u64, u64)> {
        let recorded = histogram.iter_recorded();
        recorded
            .map(|value| (value.value_iterated_to() / MS, value.count_at_value()))
            .collect()
    }

    fn heard(gaps: &mut Gaps, deliveries: &[(usize, Nanos, Nanos)]) {
        for (place, at, from_due) in deliveries {
            gaps.delivered(*place, at * MS, Some(from_due * MS));
        }
    }

    #[test]
    fn known_times_give_known_gaps() {
        let mut gaps = gaps(2);
        heard(&mut gaps, &HEARD);
        assert_eq!(told(&gaps.between), [(1, 1), (10, 1), (30, 1)]);
        assert_eq!(told(&gaps.first), [(7, 1), (9, 1)]);
    }

    /// Checks that the figures would not be the same if the readers were taken for one another.
    #[test]
    fn readers_that_are_mixed_up_are_seen() {
        let mut gaps = gaps(2);
        heard(&mut gaps, &HEARD.map(|(_, at, from_due)| (0, at, from_due)));
        assert_eq!(
            told(&gaps.between),
            [(1, 1), (4, 1), (5, 1), (30, 1)],
            "all to one reader"
        );
        assert_eq!(told(&gaps.first), [(7, 1)]);
    }

    #[test]
    fn what_comes_together_has_gaps_of_nothing() {
        let mut gaps = gaps(1);
        heard(&mut gaps, &[(0, 100, 30), (0, 100, 20), (0, 100, 10)]);
        heard(&mut gaps, &[(0, 130, 30)]);
        assert_eq!(told(&gaps.between), [(0, 2), (30, 1)]);
        assert_eq!(told(&gaps.first), [(30, 1)]);
    }

    #[test]
    fn a_first_delivery_by_another_clock_has_no_latency_and_begins_a_gap() {
        let mut gaps = gaps(1);
        gaps.delivered(0, 100 * MS, None);
        gaps.delivered(0, 120 * MS, Some(5 * MS));
        assert!(gaps.first.is_empty());
        assert_eq!(told(&gaps.between), [(20, 1)]);
        // Somebody who has no place here is not recorded.
        gaps.delivered(1, 130 * MS, Some(MS));
        assert_eq!((gaps.first.len(), gaps.between.len()), (0, 1));
    }

    #[test]
    fn shards_add_up_and_have_readers_of_their_own() {
        let (mut one, mut other) = (gaps(1), gaps(1));
        heard(&mut one, &[(0, 100, 7), (0, 110, 5)]);
        heard(&mut other, &[(0, 105, 9), (0, 106, 2)]);
        one.merge(&other);
        assert_eq!(told(&one.between), [(1, 1), (10, 1)]);
        assert_eq!(told(&one.first), [(7, 1), (9, 1)]);
    }
}
