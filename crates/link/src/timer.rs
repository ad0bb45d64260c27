//! A precise timer that the whole link shares.
//!
//! Tokio's own timer counts milliseconds and is about one late at the median, which would be most
//! of the error of a 5 ms delay. A [`Delay`] is exact to tens of microseconds, but one for each
//! direction of each connection would double the descriptors that the link holds, and 1,000
//! connections already need 2,000. All alarms therefore share one ordered map behind one delay:
//! setting an alarm costs the logarithm of their number, and a system call only when it becomes the
//! earliest.

use std::{
    collections::BTreeMap,
    future, io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::delay::Delay;

/// The alarms by the moment at which they are due; the number distinguishes those of the same
/// moment.
type Pending = BTreeMap<(Duration, u64), Waker>;

#[derive(Debug)]
struct Shared {
    start: Instant,
    pending: Mutex<Pending>,
    numbers: AtomicU64,
    /// The earliest alarm is a new one.
    sooner: Notify,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Poisoned only if another thread panicked with the map in hand.
        self.pending.lock().expect("no panic while holding alarms")
    }
}

/// The link's clock, and where alarms come from.
#[derive(Debug, Clone)]
pub(crate) struct Timer {
    shared: Arc<Shared>,
}

impl Timer {
    /// Starts the link's time, and hands out the clockwork that somebody must run.
    pub(crate) fn start() -> io::Result<(Self, Clockwork)> {
        let start = Instant::now();
        let shared = Arc::new(Shared {
            start,
            pending: Mutex::default(),
            numbers: AtomicU64::new(0),
            sooner: Notify::new(),
        });
        let clockwork = Clockwork {
            delay: Delay::new(start)?,
            shared: Arc::clone(&shared),
        };
        Ok((Self { shared }, clockwork))
    }

    /// Returns the time since the link's start.
    pub(crate) fn now(&self) -> Duration {
        self.shared.start.elapsed()
    }

    /// Makes an alarm that is not set.
    pub(crate) fn alarm(&self) -> Alarm {
        Alarm {
            number: self.shared.numbers.fetch_add(1, Ordering::Relaxed),
            shared: Arc::clone(&self.shared),
            set: None,
        }
    }
}

/// An alarm, which wakes one waiting task, again and again.
#[derive(Debug)]
pub(crate) struct Alarm {
    shared: Arc<Shared>,
    number: u64,
    set: Option<Duration>,
}

impl Alarm {
    /// Waits until `due`, counted from the link's start; not at all if that has passed.
    pub(crate) async fn until(&mut self, due: Duration) {
        future::poll_fn(|context| self.poll(due, context)).await;
    }

    fn poll(&mut self, due: Duration, context: &Context<'_>) -> Poll<()> {
        if self.shared.start.elapsed() >= due {
            self.unset();
            return Poll::Ready(());
        }
        if self.set != Some(due) {
            self.unset();
        }
        let key = (due, self.number);
        let mut pending = self.shared.pending();
        let is_new = pending.insert(key, context.waker().clone()).is_none();
        let is_first = pending.first_key_value().map(|(first, _)| *first) == Some(key);
        drop(pending);
        self.set = Some(due);
        if is_new && is_first {
            self.shared.sooner.notify_one();
        }
        Poll::Pending
    }

    fn unset(&mut self) {
        if let Some(due) = self.set.take() {
            self.shared.pending().remove(&(due, self.number));
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.unset();
    }
}

/// The task that makes the alarms go off.
pub(crate) struct Clockwork {
    shared: Arc<Shared>,
    delay: Delay,
}

impl Clockwork {
    /// Runs for as long as the link does; returns only if the delay fails.
    pub(crate) async fn run(mut self) -> io::Error {
        loop {
            let Some(next) = self.ring() else {
                self.shared.sooner.notified().await;
                continue;
            };
            self.delay.reset(self.shared.start + next);
            tokio::select! {
                rung = &mut self.delay => if let Err(error) = rung {
                    return error;
                },
                () = self.shared.sooner.notified() => {}
            }
        }
    }

    /// Wakes all tasks that are due and returns the time of the next alarm.
    fn ring(&self) -> Option<Duration> {
        let now = self.shared.start.elapsed();
        let mut pending = self.shared.pending();
        let later = pending.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut *pending, later);
        let next = pending.first_key_value().map(|((next, _), _)| *next);
        // Woken tasks want the map again: let it go first.
        drop(pending);
        due.into_values().for_each(Waker::wake);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_alarm_goes_off_and_none_is_early() {
        let (timer, clockwork) = Timer::start().unwrap();
        let clockwork = tokio::spawn(clockwork.run());
        let waits = [30, 10, 20, 10].map(|milliseconds| {
            let timer = timer.clone();
            tokio::spawn(async move {
                let due = Duration::from_millis(milliseconds);
                timer.alarm().until(due).await;
                assert!(timer.now() >= due);
            })
        });
        for wait in waits {
            wait.await.unwrap();
        }
        assert!(timer.shared.pending().is_empty());
        clockwork.abort();
    }

    #[tokio::test]
    async fn a_dropped_alarm_leaves_nothing_behind() {
        let (timer, _clockwork) = Timer::start().unwrap();
        let mut alarm = timer.alarm();
        let hour = Duration::from_hours(1);
        for due in [hour, 2 * hour, 2 * hour] {
            let context = &Context::from_waker(Waker::noop());
            assert!(alarm.poll(due, context).is_pending());
            assert_eq!(timer.shared.pending().len(), 1);
        }
        drop(alarm);
        assert!(timer.shared.pending().is_empty());
    }
}
