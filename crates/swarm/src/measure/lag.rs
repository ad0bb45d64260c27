//! The measurement of what keeps a thread of the load generator from running.
//!
//! Each shard's own loop has a timer that rings every twenty milliseconds or so. How
//! late it rings is what anything else in that loop would have waited that came
//! at this moment. Part of that is the loop's own work, one socket after the
//! other; what is left is the time in which the thread could have worked and did
//! not: it waited for a processor (the kernel counts that for each thread), or
//! its process was stopped, which nobody counts and which only shows as lateness
//! without work.
//!
//! About fifty times a second the watch costs each shard one timer, one read of a file in `/proc`
//! and one of a clock; it costs nothing for each delivery. Twice as often would double that, which
//! shows in the generator's processor time per delivery when there are few deliveries; half as
//! often would charge a delivery with what its thread waited in a stretch four times as long as a
//! slice of the scheduler.

mod kernel;

use std::time::Duration;

use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::{
    clock::{Nanos, thread_cpu},
    outcome::Hindrance,
};

use kernel::{MachineCounts, WaitClock};

/// The mean time between two rings.
const BETWEEN: Nanos = 20_000_000;

impl Hindrance {
    fn enter(&mut self, late: Nanos, stretch: &Stretch) {
        weigh_by_time(&mut self.lag, late);
        weigh_by_time(&mut self.kept, stretch.kept_of(late));
        self.enter_deliveries(late, stretch);
    }

    fn enter_deliveries(&mut self, late: Nanos, stretch: &Stretch) {
        let kept = stretch.kept(late).min(self.kept_deliveries.high());
        // Cannot fail: clamped to the highest value.
        let _ = self.kept_deliveries.record_n(kept, stretch.deliveries);
    }
}

/// Enters a lateness, weighted by its length in time. A lateness of several intervals hid the rings
/// that were due meanwhile, each of which would have been late by the part that was left then.
fn weigh_by_time(histogram: &mut Histogram<u64>, late: Nanos) {
    let late = late.min(histogram.high());
    // Cannot fail: clamped to the highest value.
    let _ = histogram.record_correct(late, BETWEEN);
}

/// The stretch from one ring of the timer to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// The time that the thread waited for a processor; `None` if nobody counts it.
    waited: Option<Nanos>,
    /// The time that the thread had a processor.
    worked: Nanos,
    /// The number of deliveries that the thread decoded.
    deliveries: u64,
}

impl Stretch {
    /// Returns the time that the thread was kept from running, if the ring at the end came
    /// `late`. Lateness that work does not explain was spent stopped.
    fn kept(&self, late: Nanos) -> Nanos {
        let unexplained = late.saturating_sub(self.worked);
        self.waited.unwrap_or(0).max(unexplained)
    }

    /// Returns the part of that time that can have been part of the lateness.
    fn kept_of(&self, late: Nanos) -> Nanos {
        self.kept(late).min(late)
    }
}

/// A watch over one thread in the window; to be asked in that thread.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: WaitClock,
    /// The machine's counts at the beginning of the window; only one shard reads them.
    machine: Option<MachineCounts>,
    waited_before: Option<Nanos>,
    waited: Option<Nanos>,
    worked: Nanos,
    deliveries: u64,
    chance: Xoshiro256PlusPlus,
}

impl Watch {
    /// Begins the window of the calling thread. `machine` says whether it looks
    /// at the whole machine, too.
    pub(crate) fn begin(seed: u64, machine: bool, deliveries: u64) -> Self {
        let clock = WaitClock::of_this_thread();
        let waited = clock.read();
        Self {
            clock,
            machine: machine.then(MachineCounts::read),
            waited_before: waited,
            waited,
            worked: thread_cpu().as_nanos() as Nanos,
            deliveries,
            chance: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// Draws the time until the next ring: at random around the mean, because otherwise the
    /// rings could keep step with what is measured.
    pub(crate) fn wait(&mut self) -> Nanos {
        self.chance.random_range(BETWEEN / 2..=BETWEEN / 2 * 3)
    }

    /// Notes that the timer rang, `late` after its time, when `deliveries` had come in all.
    pub(crate) fn rang(&mut self, late: Nanos, deliveries: u64, into: &mut Hindrance) {
        let stretch = self.stretch(deliveries);
        into.enter(late, &stretch);
    }

    /// Ends the window.
    pub(crate) fn end(&mut self, deliveries: u64, into: &mut Hindrance) {
        let stretch = self.stretch(deliveries);
        into.enter_deliveries(0, &stretch);
        let waited = self.waited.zip(self.waited_before);
        into.waited = waited.map(|(now, then)| Duration::from_nanos(now.saturating_sub(then)));
        if let Some(then) = &self.machine {
            into.machine = MachineCounts::read().since(then);
        }
    }

    fn stretch(&mut self, deliveries: u64) -> Stretch {
        let waited = self.clock.read();
        let worked = thread_cpu().as_nanos() as Nanos;
        let stretch = Stretch {
            waited: waited
                .zip(self.waited)
                .map(|(now, then)| now.saturating_sub(then)),
            worked: worked.saturating_sub(self.worked),
            deliveries: deliveries.saturating_sub(self.deliveries),
        };
        (self.waited, self.worked, self.deliveries) = (waited, worked, deliveries);
        stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Nanos = 1_000_000;

    fn stretch(waited: Option<Nanos>, worked: Nanos) -> Stretch {
        Stretch {
            waited,
            worked,
            deliveries: 1,
        }
    }

    #[test]
    fn work_is_no_hindrance_and_a_stop_is_one_that_nobody_counts() {
        let busy = stretch(Some(0), 8 * MS);
        assert_eq!((busy.kept(5 * MS), busy.kept_of(5 * MS)), (0, 0));
        let pushed_aside = stretch(Some(6 * MS), 2 * MS);
        assert_eq!(pushed_aside.kept(5 * MS), 6 * MS);
        assert_eq!(pushed_aside.kept_of(5 * MS), 5 * MS);
        let stopped = stretch(Some(0), MS);
        assert_eq!(stopped.kept(400 * MS), 399 * MS);
        assert_eq!(stretch(None, MS).kept(400 * MS), 399 * MS);
        assert_eq!(stretch(None, MS).kept(MS / 2), 0);
    }

    #[test]
    fn a_stop_counts_for_each_moment_that_it_lasted() {
        let mut hindrance = Hindrance::default();
        for _ in 0..80 {
            hindrance.enter(0, &stretch(Some(0), 0));
        }
        hindrance.enter(400 * MS, &stretch(Some(0), 0));
        // Twenty of a hundred moments, from 400 ms down to 20.
        assert_eq!(hindrance.kept.len(), 100);
        assert_eq!(
            hindrance.lag.value_at_quantile(0.5),
            1_000.min(hindrance.lag.value_at_quantile(0.5))
        );
        let near = |quantile: f64, wanted: Nanos| {
            let found = hindrance.kept.value_at_quantile(quantile);
            assert!(found.abs_diff(wanted) <= wanted / 50, "{found} {wanted}");
        };
        near(0.9, 200 * MS);
        near(1.0, 400 * MS);
        // Two deliveries in all stretches but the last say nothing of the stop.
        assert_eq!(hindrance.kept_deliveries.len(), 81);
        assert!(hindrance.kept_deliveries.value_at_quantile(0.98) < MS);
    }

    #[test]
    fn the_worst_thread_and_the_one_look_at_the_machine_are_kept() {
        let mut one = Hindrance {
            waited: Some(Duration::from_millis(5)),
            ..Hindrance::default()
        };
        one.machine.steal = Some(0.25);
        let mut other = Hindrance::default();
        other.enter(MS, &stretch(Some(MS), 0));
        other.waited = Some(Duration::from_millis(7));
        one.merge(&other);
        assert_eq!(one.waited, Some(Duration::from_millis(7)));
        assert_eq!((one.machine.steal, one.lag.len()), (Some(0.25), 1));
    }

    #[test]
    fn rings_are_twenty_milliseconds_apart_on_average_and_never_in_step() {
        let mut watch = Watch::begin(7, false, 0);
        let waits: Vec<Nanos> = (0..1_000).map(|_| watch.wait()).collect();
        let mean = waits.iter().sum::<Nanos>() / 1_000;
        assert!(mean.abs_diff(BETWEEN) < BETWEEN / 20, "{mean}");
        assert!(waits.iter().all(|wait| (10 * MS..=30 * MS).contains(wait)));
        assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
