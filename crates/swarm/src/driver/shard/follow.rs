//! A shard in the course of a run: its window, its seconds, and what it waits
//! for at the end.

use std::time::Duration;

use tokio::sync::watch;

use super::Shard;
use crate::{
    clock::{Nanos, SECOND, thread_cpu},
    driver::config::{Command, Status, Timetable},
    measure::tally::Counts,
    outcome::Second,
    schedule,
    socket::lines::Lines,
};

/// The time before *measure* at which the window's counts begin. A shard's timer is a
/// millisecond late, and the cost of the first draft must not fall before them.
const WINDOW_LEAD: Nanos = 2_000_000;

impl Shard {
    /// Follows the timetable through settle, measure and drain.
    pub(super) async fn follow(
        &self,
        people: &[usize],
        commands: &mut watch::Receiver<Command>,
        report: impl Fn(Status),
    ) {
        let mut window: Option<(Counts, Nanos)> = None;
        let mut told_alone = false;
        let mut expected_by = None;
        self.end_connecting();
        loop {
            let Command::Follow(table) = *commands.borrow_and_update() else {
                break;
            };
            if expected_by.replace(table) != Some(table) {
                self.timetable.set(Some(table));
                if !self.run.launched.is_scheduled() {
                    let times = table.measure..table.drain;
                    self.tally.borrow_mut().count_due_in(times);
                }
                self.expected.set(self.expect(people, &table));
            }
            if self.is_alone() && !told_alone {
                report(Status::Alone);
                told_alone = true;
            }
            let now = self.run.clock.now();
            if now >= table.drain && !self.run.launched.is_scheduled() {
                // Only now it is known how many drafts left.
                self.expected.set(self.expect(people, &table));
            }
            if now >= table.end || (now >= table.drain && self.is_complete()) {
                break;
            }
            match &mut window {
                None if now + self.lead() >= table.measure => {
                    window = Some((self.begin_window(), table.measure + SECOND));
                }
                Some((_, second_ends)) if now >= *second_ends => {
                    *second_ends += SECOND;
                    report(Status::Second(self.end_second()));
                }
                _ => {}
            }
            let second_ends = window.map_or(Nanos::MAX, |window| window.1);
            let wake = next_instant(now, self.lead(), &table, second_ends);
            tokio::select! {
                () = self.changed.notified() => {}
                changed = commands.changed() => if changed.is_err() { break },
                () = self.run.clock.sleep_until(wake) => {}
            }
        }
        if window.is_some() {
            report(Status::Second(self.end_second()));
        }
        self.note_long_waits();
        let before = window.map_or_else(|| self.begin_window(), |window| window.0);
        self.end_watch();
        let mut tally = self.tally.borrow_mut();
        tally.close(before);
        tally.shards_cpu = thread_cpu().saturating_sub(self.cpu_before.get());
        tally.busiest_cpu = tally.shards_cpu;
        let took = self.run.clock.now().saturating_sub(self.window_began.get());
        tally.window_took = Duration::from_nanos(took);
        if self.speaks {
            tally.speaking_cpu = tally.shards_cpu;
        }
        drop(tally);
        self.network.accountant.end_window();
    }

    /// Returns the time before *measure* at which opening the window starts, so that it has
    /// begun by then.
    fn lead(&self) -> Nanos {
        WINDOW_LEAD + self.network.accountant.sampling_takes()
    }

    /// Returns the number of deliveries that these people should hear.
    fn expect(&self, people: &[usize], table: &Timetable) -> u64 {
        let plan = &self.run.plan;
        let of_room = |drafts: &[u64]| -> u64 {
            let rooms = people.iter().map(|person| plan.swarm.room_of(*person));
            rooms.map(|room| drafts[room]).sum()
        };
        if !self.run.launched.is_scheduled() {
            let drafts: Vec<u64> = self.run.launched.by_room().collect();
            return of_room(&drafts);
        }
        let mut drafts = vec![0_u64; plan.rooms()];
        for due in &self.run.schedule.drafts()[table.counting(&self.run.schedule)] {
            drafts[due.room as usize] += 1;
        }
        of_room(&drafts)
    }

    /// Ends the phase of connecting: everybody is connected, or will not be.
    fn end_connecting(&self) {
        self.count();
        let mut tally = self.tally.borrow_mut();
        tally.connecting = tally.counts;
    }

    fn begin_window(&self) -> Counts {
        self.network.accountant.begin_window();
        // Looking at all connections is no work of the window.
        self.cpu_before.set(thread_cpu());
        self.window_began.set(self.run.clock.now());
        self.count();
        let mut tally = self.tally.borrow_mut();
        tally.begin_seconds();
        tally.batches.begin();
        tally.counts
    }

    fn end_second(&self) -> Second {
        self.count();
        self.tally.borrow_mut().end_second(self.connected.get())
    }

    /// Looks at how old the newest events of some readers are, while *measure*
    /// lasts.
    pub(super) async fn sample_freshness(&self) {
        let within = schedule::nanos(self.run.plan.traffic.coherent_within);
        let clock = self.run.clock;
        while let Some(table) = self.timetable.get() {
            let now = clock.now();
            if now >= table.drain {
                return;
            }
            let wait = self.freshness.borrow_mut().wait();
            clock.sleep_until(table.measure.max(now) + wait).await;
            let now = clock.now();
            let drafts = self.run.schedule.drafts();
            let samples = self
                .freshness
                .borrow_mut()
                .sample(now, within, table.settle, drafts);
            if now < table.drain {
                self.tally.borrow_mut().sampled(&samples);
            }
        }
    }

    fn count(&self) {
        let mut tally = self.tally.borrow_mut();
        tally.counts.bytes_up = self.network.bytes.up.get();
        tally.counts.bytes_down = self.network.bytes.down.get();
        let lines = self.network.lines.as_ref();
        tally.counts.made = lines.map_or(0, Lines::made_so_far);
    }
}

/// Returns the next instant at which something is to be done.
fn next_instant(now: Nanos, lead: Nanos, table: &Timetable, second_ends: Nanos) -> Nanos {
    let window = table.measure.saturating_sub(lead);
    let instants = [window, table.drain, table.end, second_ends];
    instants
        .into_iter()
        .filter(|&at| at > now)
        .min()
        .unwrap_or(now)
}
