//! The one clock: monotonic, in nanoseconds since the run began.
//!
//! Speakers and readers live in one process, so one clock gives one-way
//! latency without any agreement between machines.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds since the run began.
pub(crate) type Nanos = u64;

/// One second.
pub(crate) const SECOND: Nanos = 1_000_000_000;

/// Tells the time since the run began. Only this type reads the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that stands at zero now.
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// The time now.
    pub(crate) fn now(self) -> Nanos {
        self.origin.elapsed().as_nanos() as Nanos
    }

    /// The instant at which this clock shows `at`, for timers.
    pub(crate) fn instant(self, at: Nanos) -> Instant {
        self.origin + Duration::from_nanos(at)
    }

    /// Sleeps until `at`. Tokio's timer is about a millisecond late, which is
    /// good enough for readers and for phases; speakers have a better one.
    pub(crate) async fn sleep_until(self, at: Nanos) {
        tokio::time::sleep_until(self.instant(at).into()).await;
    }
}

/// CPU time of this process so far, all threads.
pub(crate) fn process_cpu() -> Duration {
    // This clock exists on every Linux; zero is no worse than a panic here.
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// CPU time of this thread so far.
pub(crate) fn thread_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
