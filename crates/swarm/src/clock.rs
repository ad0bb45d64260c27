//! The only clock: monotonic, in nanoseconds since the run began.
//!
//! Speakers and readers live in one process, so one clock gives one-way
//! latency without any agreement between machines.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// Nanoseconds since the run began.
pub(crate) type Nanos = u64;

/// The length of one second.
pub(crate) const SECOND: Nanos = 1_000_000_000;

/// A clock that tells the time since the run began. Only this type reads the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    /// Starts a clock that stands at zero now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others go by"
    )]
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// Returns the time now.
    pub(crate) fn now(self) -> Nanos {
        self.origin.elapsed().as_nanos() as Nanos
    }

    /// Returns the time of this clock at the calendar time `stamp`, counted from 1970. The result is
    /// not before the clock began, nor later than now, even if the calendar's clock was set
    /// meanwhile.
    pub(crate) fn at(self, stamp: Duration) -> Nanos {
        let age = clock_gettime(ClockId::CLOCK_REALTIME).map_or(0, |now| {
            let age = Duration::from(now).saturating_sub(stamp);
            age.as_nanos() as Nanos
        });
        self.now().saturating_sub(age)
    }

    /// Returns the time of this clock at an instant; 0 for one before it began.
    pub(crate) fn time_of(self, instant: Instant) -> Nanos {
        instant.saturating_duration_since(self.origin).as_nanos() as Nanos
    }

    /// Returns the calendar time at which this clock shows `at`, in nanoseconds since 1970; 0 if the
    /// system does not tell. Both clocks are read several times, and the readings that lie closest
    /// together count: a thread may be kept from running between two of them.
    pub(crate) fn calendar(self, at: Nanos) -> u64 {
        const LOOKS: usize = 8;
        let look = |_| {
            let before = self.now();
            let calendar = clock_gettime(ClockId::CLOCK_REALTIME).ok()?;
            let after = self.now();
            let calendar = Duration::from(calendar).as_nanos() as u64;
            let origin = calendar.saturating_sub(before.midpoint(after));
            Some((after - before, origin))
        };
        let closest = (0..LOOKS).filter_map(look).min();
        closest.map_or(0, |(_, origin)| origin.saturating_add(at))
    }

    /// Returns the instant at which this clock shows `at`, for timers.
    pub(crate) fn instant(self, at: Nanos) -> Instant {
        self.origin + Duration::from_nanos(at)
    }

    /// Sleeps until `at`. Tokio's timer is about a millisecond late, which is
    /// good enough for readers and for phases; speakers have a better one.
    pub(crate) async fn sleep_until(self, at: Nanos) {
        tokio::time::sleep_until(self.instant(at).into()).await;
    }
}

/// The resolution of the clock: no smaller difference can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Grain {
    /// The smallest step between two readings that differ, in nanoseconds.
    pub step_ns: u64,
    /// The time that one reading takes, in nanoseconds.
    pub reading_ns: u64,
}

impl Grain {
    /// Reads the clock of runs until it has made a thousand steps, mostly for less than a
    /// millisecond. Returns `None` if the clock stands still.
    #[must_use]
    pub fn measure() -> Option<Self> {
        /// The number of steps that are looked at.
        const STEPS: u32 = 1_000;
        let clock = Clock::start();
        let began = clock.now();
        let (mut before, mut readings, mut smallest) = (began, 1, Nanos::MAX);
        let mut steps = 0;
        // A clock that stands still never makes these steps, so readings are counted too.
        while steps < STEPS && readings < SECOND / 20 {
            let now = clock.now();
            readings += 1;
            if now > before {
                smallest = smallest.min(now - before);
                steps += 1;
            }
            before = now;
        }
        (steps > 0).then(|| Self {
            step_ns: smallest,
            reading_ns: (before - began).div_ceil(readings),
        })
    }
}

/// Returns the CPU time of this process so far, all threads.
pub(crate) fn process_cpu() -> Duration {
    // This clock exists on every Linux and macOS; zero is no worse than a panic here.
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// Returns the CPU time of this thread so far.
pub(crate) fn thread_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_that_of_the_system() {
        let clock = Clock::start();
        let now = clock_gettime(ClockId::CLOCK_REALTIME).expect("a calendar");
        let later = Duration::from(now) + Duration::from_secs(100);
        let told = clock.calendar(clock.now() + 100 * SECOND);
        assert!(
            told.abs_diff(later.as_nanos() as u64) < 10 * SECOND,
            "{told}"
        );
    }

    #[test]
    fn the_clock_is_fine_enough_for_what_is_told_by_it() {
        let grain = Grain::measure().expect("a clock that goes");
        assert!(grain.step_ns > 0 && grain.reading_ns > 0);
        // Latencies are told in microseconds.
        assert!(grain.step_ns <= 1_000, "{grain:?}");
    }
}
