//! A timer that is finer than tokio's own, which counts milliseconds and is about one late.
//!
//! On Linux it is a timerfd (`timerfd_create(2)`), which the runtime waits for as for a socket.
//! Elsewhere a thread of its own sleeps until the moment and wakes the task: the systems' sleep is
//! as fine as their clocks, and a program has no more than a few of these timers.

#[cfg(not(target_os = "linux"))]
pub use by_thread::Delay;
#[cfg(target_os = "linux")]
pub use tokio_timerfd::Delay;

#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(
    target_os = "linux",
    expect(unreachable_pub, reason = "only its test is compiled there")
)]
mod by_thread;

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Delay, by_thread};

    /// Waits three times, and once for a moment that has passed.
    macro_rules! is_never_early {
        ($delay:ty) => {{
            let mut delay = <$delay>::new(Instant::now()).expect("a timer");
            for wait in [Duration::from_millis(3), Duration::from_millis(1)] {
                let due = Instant::now() + wait;
                delay.reset(due);
                (&mut delay).await.expect("it rings");
                assert!(Instant::now() >= due);
            }
            delay.reset(Instant::now());
            (&mut delay).await.expect("it rings");
        }};
    }

    #[tokio::test]
    async fn a_delay_rings_each_time_and_is_never_early() {
        is_never_early!(Delay);
        is_never_early!(by_thread::Delay);
    }
}
