//! The keeper of the phases: it starts the shards, fixes the timetable once everybody is connected,
//! hears one message a shard and second, and adds up at the end.

use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{
    clock::{Nanos, SECOND, process_cpu},
    driver::{
        config::{Command, Run, ShardConfig, Status, Timetable},
        shard,
        shard_plan::{ShardPlan, divide},
        total,
    },
    measure::{seconds::Seconds, tally::Tally},
    outcome::{Ending, Look, Notice, Outcome, Phase},
    schedule,
};

/// The time from the order to begin until the first draft may be due, so that every shard
/// knows the order by then.
const HEADROOM: Nanos = 50_000_000;
/// The longest time that a stopped run waits for its last arrivals.
const SHORT_DRAIN: Nanos = 2 * SECOND;
/// The time for which a shard may be silent after its time is over.
const SHARD_GRACE: Nanos = 10 * SECOND;
/// The time for which a look at the server may keep connections open after the window.
const LOOK: Duration = Duration::from_secs(2);

/// Runs the plan; called in a thread of its own.
pub(crate) fn coordinate(
    run: &Arc<Run>,
    reports: &mpsc::Sender<(usize, Status)>,
    inbox: &mpsc::Receiver<(usize, Status)>,
    notices: &mpsc::Sender<Notice>,
) -> Outcome {
    let (commands, _) = watch::channel(Command::Connect);
    let shard_plans = divide(&run.plan, run.part);
    let mut coordinator = Coordinator {
        run,
        inbox,
        notices,
        seconds: Seconds::new(shard_plans.len()),
        commands,
        shards: shard_plans.len(),
        gathered: 0,
        alone: 0,
        drained: 0,
        stopped: None,
        begins: None,
        cpu_before: None,
    };
    let mut threads = Vec::new();
    for (number, shard_plan) in shard_plans.into_iter().enumerate() {
        match coordinator.spawn(number, shard_plan, reports) {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                coordinator.shards -= 1;
                coordinator.stop(format!("cannot start a thread: {error}").into());
            }
        }
    }
    let calendar = |table: Timetable| run.clock.calendar(table.settle);
    let planned = coordinator.connect();
    let began = planned.map(calendar);
    let table = planned.map(|table| coordinator.measure(table));
    let before = coordinator.cpu_before;
    let cpu = before.map(|before| process_cpu().saturating_sub(before));
    let ended = run.clock.now();
    if let Some(table) = &table {
        coordinator.let_look(table);
    }
    let _ = coordinator.commands.send(Command::Close);
    let mut outcome = match collect(threads, &mut coordinator.stopped) {
        Some(tally) => total::outcome(run, tally, table, ended),
        None => total::outcome(run, Tally::new(0, 0, Duration::ZERO), None, ended),
    };
    outcome.swarm_cpu = cpu.unwrap_or_default();
    outcome.ended_early = coordinator.stopped;
    outcome.began_unix_ns = table.map(calendar);
    let moved = began.zip(outcome.began_unix_ns);
    let moved = moved.map_or(0, |(before, after)| before.abs_diff(after));
    outcome.clock_moved = Duration::from_nanos(moved);
    outcome
}

/// Waits for all shards and adds their tallies up.
fn collect(threads: Vec<JoinHandle<Option<Tally>>>, stopped: &mut Option<Ending>) -> Option<Tally> {
    let mut total: Option<Tally> = None;
    for thread in threads {
        let Ok(Some(tally)) = thread.join() else {
            stopped.get_or_insert_with(|| "a shard broke down".into());
            continue;
        };
        match &mut total {
            None => total = Some(tally),
            Some(total) => total.merge(&tally),
        }
    }
    total
}

#[derive(Debug)]
struct Coordinator<'a> {
    run: &'a Arc<Run>,
    inbox: &'a mpsc::Receiver<(usize, Status)>,
    notices: &'a mpsc::Sender<Notice>,
    commands: watch::Sender<Command>,
    seconds: Seconds,
    shards: usize,
    gathered: usize,
    alone: usize,
    drained: usize,
    stopped: Option<Ending>,
    /// The time at which a run that is held begins.
    begins: Option<Instant>,
    /// CPU time of this process at the beginning of *measure*; `None` before.
    cpu_before: Option<Duration>,
}

impl Coordinator<'_> {
    fn spawn(
        &self,
        number: usize,
        shard_plan: ShardPlan,
        reports: &mpsc::Sender<(usize, Status)>,
    ) -> std::io::Result<JoinHandle<Option<Tally>>> {
        let config = ShardConfig {
            number,
            speaks: shard_plan.speaks,
            people: shard_plan.listen,
            publish_only: shard_plan.publish_only,
            run: Arc::clone(self.run),
            commands: self.commands.subscribe(),
            reports: reports.clone(),
        };
        thread::Builder::new()
            .name(format!("shard-{number}"))
            .spawn(move || shard::runner::run(config))
    }

    /// Waits until everybody is connected or has failed to. `None` if the run
    /// was stopped before.
    fn connect(&mut self) -> Option<Timetable> {
        self.tell(Notice::Phase(Phase::Connect));
        let clock = self.run.clock;
        let swarm = &self.run.plan.swarm;
        let deadline = schedule::nanos(swarm.ramp + swarm.connect_within);
        while self.gathered < self.shards && self.stopped.is_none() {
            if !self.hear_until(deadline) {
                break;
            }
        }
        if self.stopped.is_some() {
            return None;
        }
        self.tell(Notice::Gathered);
        let settle = if self.run.is_held {
            self.hold()?
        } else {
            clock.now() + HEADROOM
        };
        let plan = &self.run.plan;
        let measure = settle + schedule::nanos(plan.traffic.settle);
        let drain = measure + schedule::nanos(plan.traffic.measure);
        Some(Timetable {
            settle,
            measure,
            drain,
            end: drain + schedule::nanos(plan.traffic.drain),
        })
    }

    /// Waits until the run is told when it begins. `None` if it was stopped before, or was not ready
    /// then.
    fn hold(&mut self) -> Option<Nanos> {
        let clock = self.run.clock;
        while self.begins.is_none() && self.stopped.is_none() {
            self.hear_until(clock.now() + SECOND);
        }
        let at = clock.time_of(self.begins.filter(|_| self.stopped.is_none())?);
        let ready = clock.now() + HEADROOM;
        if ready > at + schedule::nanos(self.run.plan.traffic.settle) {
            let late = Duration::from_nanos(ready - at).as_secs_f64();
            let why = format!("its people were connected {late:.1} s after it was to begin");
            self.stop(why.into());
            return None;
        }
        Some(at.max(ready))
    }

    /// Takes the run through settle, measure and drain; the timetable by which
    /// it really went.
    fn measure(&mut self, planned: Timetable) -> Timetable {
        let mut table = planned;
        let mut phases = vec![Phase::Drain, Phase::Measure, Phase::Settle];
        let mut cut = false;
        self.order(table);
        while self.drained < self.shards {
            let now = self.run.clock.now();
            let next = phases.last().map(|phase| match phase {
                Phase::Connect | Phase::Settle => table.settle,
                Phase::Measure => table.measure,
                Phase::Drain => table.drain,
            });
            if let (Some(at), Some(&phase)) = (next, phases.last())
                && now >= at
            {
                phases.pop();
                if phase == Phase::Measure {
                    self.cpu_before = Some(process_cpu());
                }
                self.tell(Notice::Phase(phase));
                continue;
            }
            if now >= table.end + SHARD_GRACE {
                self.stop("a shard did not end in time".into());
                break;
            }
            self.hear_until(next.unwrap_or(table.end + SHARD_GRACE));
            if !cut && let Some(drain) = self.early_end(&table) {
                cut = true;
                table = cut_short(table, drain.0, drain.1);
                self.order(table);
            }
        }
        table
    }

    /// Returns the times at which sending and waiting should end, if that is earlier than
    /// planned.
    fn early_end(&mut self, table: &Timetable) -> Option<(Nanos, Nanos)> {
        let now = self.run.clock.now();
        if self.alone >= self.shards {
            self.stop("nobody is connected any more".into());
            return Some((now, now));
        }
        self.stopped.is_some().then(|| {
            // Late enough that the speaking shard knows before.
            let drain = now + HEADROOM;
            (drain, table.end.min(drain + SHORT_DRAIN))
        })
    }

    fn order(&self, table: Timetable) {
        let _ = self.commands.send(Command::Follow(table));
    }

    fn tell(&self, notice: Notice) {
        // Nobody has to listen.
        let _ = self.notices.send(notice);
    }

    /// Tells that the window has ended and waits until that was looked at; no
    /// longer than [`LOOK`], so that nobody who fell asleep can hold up the run. A part may have to
    /// wait for the windows of others.
    fn let_look(&self, table: &Timetable) {
        let others = if self.run.is_held {
            Duration::from_nanos(table.end.saturating_sub(self.run.clock.now()))
        } else {
            Duration::ZERO
        };
        let (look, over) = Look::new();
        self.tell(Notice::WindowEnded(look));
        // Ends when the look is dropped: by who looked, or with the notice where
        // nobody listens.
        let _ = over.recv_timeout(LOOK + others);
    }

    fn stop(&mut self, reason: Ending) {
        self.stopped.get_or_insert(reason);
    }

    /// Hears one report, or waits until `at`; false if nothing came.
    fn hear_until(&mut self, at: Nanos) -> bool {
        let wait = Duration::from_nanos(at.saturating_sub(self.run.clock.now()));
        let Ok((shard, report)) = self.inbox.recv_timeout(wait) else {
            return false;
        };
        match report {
            Status::Gathered => self.gathered += 1,
            Status::Alone => self.alone += 1,
            Status::Second(second) => self.seconds.add(shard, second),
            Status::Drained => {
                self.drained += 1;
                self.seconds.drained(shard);
            }
            Status::Stop(reason) => self.stop(reason),
            Status::Begin(at) => self.begins = Some(at),
        }
        while let Some(second) = self.seconds.next_whole() {
            self.tell(Notice::Second(second));
        }
        true
    }
}

/// Returns `table`, but nothing is said from `drain` on and nothing awaited from `end` on.
fn cut_short(table: Timetable, drain: Nanos, end: Nanos) -> Timetable {
    let drain = table.drain.min(drain);
    Timetable {
        settle: table.settle.min(drain),
        measure: table.measure.min(drain),
        drain,
        end: table.end.min(end).max(drain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_as_long_as_it_really_was() {
        let planned = Timetable {
            settle: SECOND,
            measure: 3 * SECOND,
            drain: 13 * SECOND,
            end: 15 * SECOND,
        };
        assert_eq!(
            planned.window(14 * SECOND, Duration::ZERO),
            Duration::from_secs(11)
        );
        let window = |stopped: Nanos, ended: Nanos| {
            let drain = stopped + HEADROOM;
            let taken_over = Duration::from_millis(120);
            cut_short(planned, drain, drain + SHORT_DRAIN).window(ended, taken_over)
        };
        assert_eq!(window(5 * SECOND, 6 * SECOND), Duration::from_secs(3));
        // Nothing was to count, though the shards need a moment to end.
        let ended = 2 * SECOND + HEADROOM + 1_000_000;
        assert_eq!(window(2 * SECOND, ended), Duration::ZERO);
        // A thread was looked at for longer than the window lasted.
        let ended = 3 * SECOND + 5_000_000;
        assert_eq!(
            window(3 * SECOND - HEADROOM + 1, ended),
            Duration::from_millis(120)
        );
    }
}
