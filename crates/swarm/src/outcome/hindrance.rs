//! The delays of the load generator's own threads.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{Machine, portable};
use crate::clock::Nanos;

/// The number of significant digits of the histograms.
const DIGITS: u8 = 2;
/// The finest lateness told apart: a microsecond.
const FINEST: Nanos = 1_000;
/// The longest at least: an hour.
const LONGEST: Nanos = 3_600_000_000_000;

/// The delays of the threads that hold people, over the window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hindrance {
    /// The lateness of a timer, in nanoseconds, weighted by time: a lateness of 400 ms
    /// counts for each moment of it, with the lateness that was left then.
    #[serde(with = "portable::counted")]
    pub lag: Histogram<u64>,
    /// The part of it in which the thread was kept from running, in nanoseconds, weighted
    /// by time.
    #[serde(with = "portable::counted")]
    pub kept: Histogram<u64>,
    /// The time for which each delivery's thread was kept from running in the stretch
    /// between two rings in which the delivery was decoded, in nanoseconds. No delivery
    /// waited longer than that because of the thread's absence.
    #[serde(with = "portable::counted")]
    pub kept_deliveries: Histogram<u64>,
    /// The total time that the thread that waited longest for a processor did so; `None` if
    /// the system does not report it.
    pub waited: Option<Duration>,
    /// The activity of the whole machine in the same time.
    pub machine: Machine,
}

impl Default for Hindrance {
    fn default() -> Self {
        // Fails only for bounds below 1:2 or more than five digits.
        let histogram = || {
            Histogram::new_with_bounds(FINEST, LONGEST, DIGITS).expect("constant bounds are valid")
        };
        Self {
            lag: histogram(),
            kept: histogram(),
            kept_deliveries: histogram(),
            waited: None,
            machine: Machine::default(),
        }
    }
}

impl Hindrance {
    /// Adds another shard's.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.lag, &other.lag),
            (&mut self.kept, &other.kept),
            (&mut self.kept_deliveries, &other.kept_deliveries),
        ] {
            // Cannot fail: all have the same bounds.
            let _ = mine.add(others);
        }
        self.waited = self.waited.max(other.waited);
        self.machine = self.machine.or(other.machine);
    }
}
