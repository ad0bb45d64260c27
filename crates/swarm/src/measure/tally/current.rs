//! The second that is going on.

use hdrhistogram::Histogram;

use super::Counts;
use crate::{clock::Nanos, outcome::Second};

/// The second that is going on.
#[derive(Debug)]
pub(super) struct Current {
    number: u32,
    delivered: u64,
    due: Histogram<u64>,
    /// The shard's counts at the beginning of the second.
    bytes_up: u64,
    bytes_down: u64,
    made: u64,
}

impl Current {
    /// Makes the first, with an empty histogram.
    pub(super) const fn new(due: Histogram<u64>) -> Self {
        Self {
            number: 0,
            delivered: 0,
            due,
            bytes_up: 0,
            bytes_down: 0,
            made: 0,
        }
    }

    /// Enters a delivery so long after it was due.
    pub(super) fn heard(&mut self, from_due: Nanos) {
        self.delivered += 1;
        self.due.saturating_record(from_due);
    }

    /// Enters a delivery whose latency this process cannot tell.
    pub(super) const fn heard_from_elsewhere(&mut self) {
        self.delivered += 1;
    }

    /// Begins the second at `counts`.
    pub(super) const fn begin(&mut self, counts: &Counts) {
        self.bytes_up = counts.bytes_up;
        self.bytes_down = counts.bytes_down;
        self.made = counts.made;
    }

    /// Ends the second at `counts`, and begins the next.
    pub(super) fn end(&mut self, counts: &Counts, connected: usize) -> Second {
        let ended = Second {
            second: self.number,
            delivered: self.delivered,
            due: self.due.clone(),
            bytes_up: counts.bytes_up - self.bytes_up,
            bytes_down: counts.bytes_down - self.bytes_down,
            connected,
            made: counts.made - self.made,
        };
        self.number += 1;
        self.delivered = 0;
        self.due.reset();
        self.begin(counts);
        ended
    }
}
