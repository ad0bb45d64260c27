//! The timer in a shard's own loop, which shows what kept the shard from running.

use link::Delay;

use super::Shard;
use crate::{clock::Nanos, measure::lag::Watch};

impl Shard {
    /// Lets a timer ring until the window is over, and enters how late it was.
    pub(super) async fn watch_lag(&self) {
        let clock = self.run.clock;
        let Some(table) = self.timetable.get() else {
            return;
        };
        // Without a timer there are no figures of lateness.
        let Ok(mut timer) = Delay::new(clock.instant(table.measure)) else {
            return;
        };
        if (&mut timer).await.is_err() {
            return;
        }
        self.begin_watch();
        while let Some(due) = self.next_ring() {
            timer.reset(clock.instant(due));
            if (&mut timer).await.is_err() {
                return;
            }
            self.rang(clock.now().saturating_sub(due));
        }
    }

    fn begin_watch(&self) {
        let tally = self.tally.borrow();
        if !tally.is_closed() {
            let seed = self.run.plan.seed ^ self.people as u64;
            *self.watch.borrow_mut() = Some(Watch::begin(seed, self.speaks, tally.delivered));
        }
    }

    /// Returns the time of the next ring; `None` if the window is over.
    fn next_ring(&self) -> Option<Nanos> {
        let wait = self.watch.borrow_mut().as_mut()?.wait();
        Some(self.run.clock.now() + wait)
    }

    fn rang(&self, late: Nanos) {
        if let Some(watch) = self.watch.borrow_mut().as_mut() {
            let mut tally = self.tally.borrow_mut();
            let delivered = tally.delivered;
            watch.rang(late, delivered, &mut tally.hindrance);
        }
    }

    /// Notes that the window is over: what comes later delays no delivery that counts.
    pub(super) fn end_watch(&self) {
        if let Some(mut watch) = self.watch.borrow_mut().take() {
            let mut tally = self.tally.borrow_mut();
            let delivered = tally.delivered;
            watch.end(delivered, &mut tally.hindrance);
        }
    }
}
