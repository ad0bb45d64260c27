//! The times at which the server had each draft, and at which its first, median and last
//! receiver heard it.

use std::collections::HashMap;

use hdrhistogram::Histogram;

use super::drafts::Draft;
use crate::{clock::Nanos, measure::tally::Tally};

/// Times of drafts, one sample a draft, in nanoseconds.
#[derive(Debug)]
pub(super) struct Receivers {
    /// The time from the first receiver to the last.
    pub(super) spread: Histogram<u64>,
    /// The time from due to the first receiver.
    pub(super) first: Histogram<u64>,
    /// The time from due to the median receiver.
    pub(super) middle: Histogram<u64>,
    /// The time from due to the last receiver.
    pub(super) last: Histogram<u64>,
    /// The time from due to the first sign that the server had the draft.
    pub(super) accepted: Histogram<u64>,
    /// The time from that sign to the median receiver.
    pub(super) heard: Histogram<u64>,
}

/// Takes the times of all drafts that count.
pub(super) fn receivers(drafts: &[Draft], tally: &mut Tally) -> Receivers {
    let empty = || tally.histogram_like();
    let mut receivers = Receivers {
        spread: empty(),
        first: empty(),
        middle: empty(),
        last: empty(),
        accepted: empty(),
        heard: empty(),
    };
    // The time from due to the sign of each draft, by the draft's index.
    let mut signs: HashMap<usize, Nanos> = HashMap::with_capacity(drafts.len());
    for Draft {
        index, due, record, ..
    } in drafts
    {
        let since_due = |at: Nanos| at.saturating_sub(*due);
        if let Some(sign) = record.sign() {
            receivers.accepted.saturating_record(since_due(sign));
            signs.extend(index.map(|index| (index, since_due(sign))));
        }
        if record.heard > 0 {
            receivers
                .spread
                .saturating_record(record.last - record.first);
            receivers.first.saturating_record(since_due(record.first));
            receivers.last.saturating_record(since_due(record.last));
        }
    }
    for (index, median) in tally.middles.medians() {
        receivers.middle.saturating_record(median);
        if let Some(sign) = signs.get(&index) {
            // Medians are kept in whole microseconds, so one receiver alone may
            // seem to have heard before the sign that it gave.
            let heard = median.saturating_sub(*sign);
            receivers.heard.saturating_record(heard);
        }
    }
    receivers
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measure::tally::DraftRecord;

    const MS: Nanos = 1_000_000;

    /// Makes a draft that was due at 100 ms.
    fn draft(index: usize, answered: Nanos, first: Nanos, heard: u32) -> Draft {
        Draft {
            index: Some(index),
            due: 100 * MS,
            is_own: true,
            readers: 3,
            record: DraftRecord {
                first,
                last: first,
                answered,
                heard,
                ..DraftRecord::UNHEARD
            },
        }
    }

    #[test]
    fn the_way_up_ends_with_the_answer_or_the_first_delivery() {
        let mut tally = Tally::new(0, 3, Duration::from_secs(1));
        tally.middles = crate::measure::tally::MedianReceivers::new(0);
        for (index, from_due) in [(7, 9), (7, 12), (7, 30), (8, 20)] {
            tally.middles.heard(index, from_due * MS);
        }
        let drafts = [
            // Answered after 5 ms, first heard after 9, by the median after 12.
            draft(7, 105 * MS, 109 * MS, 3),
            // Heard after 20 ms, answered only after 50.
            draft(8, 150 * MS, 120 * MS, 1),
            // Never heard, answered after 40 ms.
            draft(9, 140 * MS, Nanos::MAX, 0),
        ];
        let found = receivers(&drafts, &mut tally);
        let times = |histogram: &Histogram<u64>| -> Vec<u64> {
            let recorded = histogram.iter_recorded();
            recorded
                .map(|value| value.value_iterated_to() / 10_000)
                .collect()
        };
        assert_eq!(times(&found.accepted), [500, 2_000, 4_000]);
        assert_eq!(times(&found.heard), [0, 700]);
        assert_eq!((found.middle.len(), found.first.len()), (2, 2));
    }
}
