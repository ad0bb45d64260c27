//! A timer of the system (timerfd_create(2)), exact to tens of microseconds where tokio's own
//! counts milliseconds.

use std::{
    io,
    os::fd::OwnedFd,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::{Interest, unix::AsyncFd};

/// A future that is ready at a moment, and can then be set to another.
#[derive(Debug)]
pub struct Delay {
    timer: AsyncFd<OwnedFd>,
    due: Instant,
    /// The timer runs towards `due`.
    is_set: bool,
}

impl Delay {
    /// Makes one that is due at this moment. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// The system has no descriptor for it, or the runtime cannot watch one.
    pub fn new(due: Instant) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: AsyncFd::with_interest(timer, Interest::READABLE)?,
            due,
            is_set: false,
        })
    }

    /// Sets it to another moment, whether or not the one before has come.
    pub const fn reset(&mut self, due: Instant) {
        self.due = due;
        self.is_set = false;
    }

    /// Lets the timer ring once, after this time, which is not zero.
    fn start(&self, after: Duration) -> io::Result<()> {
        let never = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let once = Itimerspec {
            it_interval: never,
            it_value: Timespec::try_from(after).map_err(io::Error::other)?,
        };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

impl Future for Delay {
    /// An error of the descriptor, which nothing but a fault of this program causes.
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.is_set {
            let wait = self.due.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Poll::Ready(Ok(()));
            }
            self.start(wait)?;
            self.is_set = true;
        }
        loop {
            let mut guard = ready!(self.timer.poll_read_ready(context))?;
            // What rang before it was set anew is gone: there is nothing to read then.
            let rung = guard.try_io(|timer| {
                let mut count = [0_u8; 8];
                rustix::io::read(timer.get_ref(), &mut count)?;
                Ok(())
            });
            if let Ok(read) = rung {
                return Poll::Ready(read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_never_early_and_can_be_set_again() {
        let begin = Instant::now();
        let mut delay = Delay::new(begin).unwrap();
        // What is past is due at once.
        (&mut delay).await.unwrap();
        for millis in [5, 12, 13] {
            let due = begin + Duration::from_millis(millis);
            delay.reset(due);
            (&mut delay).await.unwrap();
            assert!(Instant::now() >= due, "{millis} ms");
        }
    }

    #[tokio::test]
    async fn a_moment_that_was_given_up_does_not_ring() {
        let begin = Instant::now();
        let mut delay = Delay::new(begin + Duration::from_millis(1)).unwrap();
        tokio::select! {
            biased;
            rung = &mut delay => rung.unwrap(),
            () = tokio::task::yield_now() => {}
        }
        std::thread::sleep(Duration::from_millis(2));
        let due = Instant::now() + Duration::from_millis(5);
        delay.reset(due);
        (&mut delay).await.unwrap();
        assert!(Instant::now() >= due);
    }
}
