//! The schedule of the drafts: when each is due, who sends it and how long it is. All are
//! pure functions of the plan.
//!
//! Open loop: a due time depends on nothing that happens in the run, so a slow
//! server cannot slow down the questions (and hide its slowness).

use std::{ops::Range, time::Duration};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::SliceRandom};
use rand_distr::{Distribution, Exp1};

use crate::{
    clock::Nanos,
    plan::{Arrivals, Pacing, Plan, Speak},
};

/// The numbers of the streams of chance that are drawn from one seed.
const ARRIVALS: u64 = 1 << 32;
const PAYLOADS: u64 = 2 << 32;
const PHASES: u64 = 3 << 32;

/// The time that a server which is started anew has before somebody speaks to it.
const STARTING: Duration = Duration::from_secs(1);

/// A draft before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// The time at which the draft is due, from the beginning of *settle*.
    pub(crate) at: Nanos,
    /// The room that the draft is sent to.
    pub(crate) room: u32,
    /// The index of the room's publisher that sends it.
    pub(crate) publisher: u32,
}

impl Due {
    /// Returns the person who speaks. People who only speak are numbered after those who listen.
    pub(crate) fn person(self, plan: &Plan) -> usize {
        let (room, publisher) = (self.room as usize, self.publisher as usize);
        match plan.traffic.speak {
            Speak::Same => plan.swarm.listener(room, publisher),
            Speak::Post | Speak::PostClose => plan.swarm.clients + publisher * plan.rooms() + room,
        }
    }
}

/// All drafts of a run in the order in which they are due. A draft's index in
/// it is what its tag carries.
#[derive(Debug)]
pub(crate) struct Schedule {
    drafts: Vec<Due>,
    settle: Nanos,
}

impl Schedule {
    /// Returns the schedule of `plan`.
    pub(crate) fn new(plan: &Plan) -> Self {
        let away = away(plan);
        let mut drafts: Vec<Due> = (0..plan.rooms())
            .flat_map(|room| {
                room_dues(plan, room).enumerate().map(move |(k, at)| Due {
                    at,
                    room: room as u32,
                    publisher: (k % plan.traffic.publishers) as u32,
                })
            })
            .filter(|due| !away.contains(&due.at))
            .collect();
        // Stable, so that drafts of one room keep their order within a burst.
        drafts.sort_by_key(|due| due.at);
        Self {
            drafts,
            settle: nanos(plan.traffic.settle),
        }
    }

    /// Returns all drafts, by index.
    pub(crate) fn drafts(&self) -> &[Due] {
        &self.drafts
    }

    /// Returns the indexes of the drafts that count when no more are said from `end` on (from the
    /// beginning of *settle*).
    pub(crate) fn counting(&self, end: Nanos) -> Range<usize> {
        let before = |at: Nanos| self.drafts.partition_point(|due| due.at < at);
        let first = before(self.settle);
        first..before(end).max(first)
    }
}

/// Returns the time from the beginning of *settle* in which nobody speaks, because the server is
/// gone; none where it stays.
fn away(plan: &Plan) -> Range<Nanos> {
    let Some(cut) = plan.cut.as_ref().filter(|cut| cut.kind.ends_the_server()) else {
        return 0..0;
    };
    let begin = plan.traffic.settle + cut.after;
    nanos(begin)..nanos(begin + cut.duration + STARTING)
}

/// Returns about how many drafts `plan` has, without making them.
pub(crate) fn estimate(plan: &Plan) -> f64 {
    match plan.traffic.pacing {
        Pacing::Open | Pacing::Closed => {
            plan.traffic.rate
                * plan.rooms() as f64
                * (plan.traffic.settle + plan.traffic.measure).as_secs_f64()
        }
        Pacing::InFlight { .. } => 0.0,
    }
}

/// Returns the due times in one room. Rooms that speak at equal distances are spread over that
/// distance, or every room would speak at the same instant; each in the middle of its part, so that
/// no draft is due at the very edge of a phase.
fn room_dues(plan: &Plan, room: usize) -> impl Iterator<Item = Nanos> + use<> {
    let end = nanos(plan.traffic.settle + plan.traffic.measure);
    let gap = 1e9 / plan.traffic.rate;
    let offset = (room as f64 + 0.5) / plan.rooms() as f64;
    let arrivals = plan.traffic.arrivals;
    let mut chance = stream(plan.seed, ARRIVALS + room as u64);
    let mut elapsed = 0.0;
    let unscheduled = matches!(plan.traffic.pacing, Pacing::InFlight { .. });
    let silent = plan.traffic.rate <= 0.0 || plan.traffic.publishers == 0 || unscheduled;
    (0_u64..)
        .map(move |k| match arrivals {
            Arrivals::Constant => (k as f64 + offset) * gap,
            Arrivals::Burst { size } => {
                let size = size.max(1) as u64;
                ((k / size) as f64 + offset) * gap * size as f64
            }
            Arrivals::Poisson => {
                let wait: f64 = Exp1.sample(&mut chance);
                elapsed += wait * gap;
                elapsed
            }
        })
        .map(|at| at.round() as Nanos)
        .take_while(move |&at| !silent && at < end)
}

/// Returns the size of the text of draft `index`, in bytes.
pub(crate) fn payload_bytes(plan: &Plan, index: usize) -> usize {
    let bounds = plan.traffic.payload.min..=plan.traffic.payload.max.max(plan.traffic.payload.min);
    stream(plan.seed, PAYLOADS + index as u64).random_range(bounds)
}

/// Draws the time within the interval at which each person polls: one slot each, shuffled,
/// with jitter inside the slot. Without it all pollers that came in one ramp would ask at
/// the same instant ever after.
pub(crate) fn poll_phases(people: usize, interval: Duration, seed: u64) -> Vec<Nanos> {
    let mut chance = stream(seed, PHASES);
    let slot = nanos(interval) as f64 / people.max(1) as f64;
    let mut phases: Vec<Nanos> = (0..people)
        .map(|index| ((index as f64 + chance.random::<f64>()) * slot) as Nanos)
        .collect();
    phases.shuffle(&mut chance);
    phases
}

/// Makes a named generator, because the default one may change between versions of its crate and a
/// seed must mean the same run next year.
fn stream(seed: u64, number: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(17) ^ number)
}

/// Returns a duration on the run's clock.
pub(crate) fn nanos(duration: Duration) -> Nanos {
    duration.as_nanos() as Nanos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Payload, Variant};

    const MS: Nanos = 1_000_000;

    /// Makes a plan of two rooms, two publishers each, four drafts a second for 1 s and 2 s.
    fn plan(arrivals: Arrivals) -> Plan {
        let mut plan = crate::sample::plan(Variant::Websocket);
        plan.traffic.arrivals = arrivals;
        plan.traffic.payload = Payload { min: 10, max: 12 };
        plan.traffic.measure = Duration::from_secs(2);
        plan
    }

    fn dues(schedule: &Schedule, room: u32) -> Vec<Nanos> {
        let drafts = schedule.drafts().iter();
        drafts
            .filter(|due| due.room == room)
            .map(|due| due.at)
            .collect()
    }

    #[test]
    fn constant_arrivals_are_evenly_spread_in_time_and_over_rooms() {
        let schedule = Schedule::new(&plan(Arrivals::Constant));
        let first: Vec<_> = (0..12).map(|k| 62_500_000 + k * 250 * MS).collect();
        let second: Vec<_> = (0..12).map(|k| 187_500_000 + k * 250 * MS).collect();
        assert_eq!(dues(&schedule, 0), first);
        assert_eq!(dues(&schedule, 1), second);
        assert!(schedule.drafts().is_sorted_by_key(|due| due.at));
        let publishers: Vec<_> = schedule.drafts().iter().map(|due| due.publisher).collect();
        assert_eq!(publishers[..6], [0, 0, 1, 1, 0, 0]);
    }

    #[test]
    fn what_counts_is_due_in_measure() {
        let schedule = Schedule::new(&plan(Arrivals::Constant));
        assert_eq!(schedule.counting(Nanos::MAX), 8..24);
        assert_eq!(schedule.counting(2_000 * MS), 8..16);
        // Stopped while settling.
        assert_eq!(schedule.counting(500 * MS), 8..8);
    }

    #[test]
    fn a_burst_is_due_at_once_and_bursts_keep_the_rate() {
        let schedule = Schedule::new(&plan(Arrivals::Burst { size: 4 }));
        let first = [250, 250, 250, 250, 1_250, 1_250, 1_250, 1_250];
        assert_eq!(dues(&schedule, 0)[..8], first.map(|ms| ms * MS));
        assert_eq!(dues(&schedule, 0).len(), 12);
        let said_by: Vec<_> = schedule
            .drafts()
            .iter()
            .filter(|due| due.room == 0)
            .map(|due| due.publisher)
            .collect();
        assert_eq!(said_by[..4], [0, 1, 0, 1]);
    }

    #[test]
    fn poisson_arrivals_follow_from_the_seed_and_keep_the_rate() {
        let mut plan = plan(Arrivals::Poisson);
        plan.traffic.rate = 1_000.0;
        let schedule = Schedule::new(&plan);
        assert_eq!(schedule.drafts(), Schedule::new(&plan).drafts());
        let count = schedule.drafts().len() as f64;
        // Six thousand expected; five standard deviations are 387.
        assert!((count - 6_000.0).abs() < 387.0, "{count}");
        // An exponential gap is as long as its own standard deviation.
        let gaps: Vec<f64> = dues(&schedule, 0)
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64)
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.15);
        assert_ne!(dues(&schedule, 0), dues(&schedule, 1));
        plan.seed += 1;
        assert_ne!(schedule.drafts(), Schedule::new(&plan).drafts());
    }

    #[test]
    fn one_seed_means_the_same_drafts_for_ever() {
        let schedule = Schedule::new(&plan(Arrivals::Poisson));
        assert_eq!(
            dues(&schedule, 0)[..3],
            [762_016_978, 971_344_405, 997_494_693]
        );
        let plan = plan(Arrivals::Constant);
        let lengths: Vec<_> = (0..8).map(|index| payload_bytes(&plan, index)).collect();
        assert_eq!(lengths, [11, 10, 11, 10, 12, 12, 10, 10]);
    }

    #[test]
    fn silence_has_no_drafts() {
        let mut plan = plan(Arrivals::Poisson);
        plan.traffic.rate = 0.0;
        assert!(Schedule::new(&plan).drafts().is_empty());
        plan.traffic.publishers = 0;
        assert!(Schedule::new(&plan).drafts().is_empty());
    }

    #[test]
    fn poll_phases_are_one_in_each_slot() {
        let phases = poll_phases(100, Duration::from_secs(1), 1);
        assert!(!phases.is_sorted());
        let mut slots: Vec<_> = phases.iter().map(|phase| phase / (10 * MS)).collect();
        slots.sort_unstable();
        assert_eq!(slots, (0..100).collect::<Vec<_>>());
    }
}
