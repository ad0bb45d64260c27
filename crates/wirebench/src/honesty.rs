//! When the generator may not be believed: its lateness and its share of the
//! processors, each against a stated limit.

use std::{thread, time::Duration};

use serde::Serialize;
use swarm::outcome::Outcome;

/// A draft that leaves later than this against its schedule is late, unless
/// latency is so long that it does not matter. Ten milliseconds is ten times
/// what an idle two-core machine shows, and small against any poll interval.
const LATE: Duration = Duration::from_millis(10);
/// Or than this share of the median latency.
const LATE_SHARE: f64 = 0.01;
/// Drafts from which on lateness is judged by its 99th percentile. Of fewer
/// that would be the very worst, which one hiccup of the machine decides; then
/// it is judged by the median.
const CARRIES_P99: u64 = 100;
/// Share of one processor beyond which a thread of the swarm is a queue of its
/// own, and what is measured is how long its people wait for it.
const BUSY_THREAD: f64 = 0.8;
/// Share of all processors beyond which the swarm takes from the server what it
/// needs.
const BUSY_SWARM: f64 = 0.7;

/// What helps a thread that is too busy.
const REMEDY: &str = "more shards would spread it";

/// The limits, for the manifest.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Limits {
    late_us: u64,
    late_share_of_median_latency: f64,
    late_quantile_from_100_drafts: f64,
    late_quantile_below: f64,
    busiest_thread_share: f64,
    swarm_share_of_machine: f64,
}

impl Limits {
    /// Those that hold for every run.
    pub(crate) const fn stated() -> Self {
        Self {
            late_us: LATE.as_micros() as u64,
            late_share_of_median_latency: LATE_SHARE,
            late_quantile_from_100_drafts: 0.99,
            late_quantile_below: 0.5,
            busiest_thread_share: BUSY_THREAD,
            swarm_share_of_machine: BUSY_SWARM,
        }
    }
}

/// What speaks against the generator in a run; nothing in a good one.
pub(crate) fn doubts(outcome: &Outcome) -> Vec<String> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    lateness(outcome)
        .into_iter()
        .chain(busy(outcome, processors))
        .collect()
}

/// Whether the `error` of a row has a doubt of the generator's in it.
pub(crate) fn doubted(error: &str) -> bool {
    error
        .split("; ")
        .any(|reason| reason.starts_with("the generator "))
}

/// Whether such doubts are all that the `error` of a row has.
pub(crate) fn only_doubted(error: &str) -> bool {
    doubted(error)
        && error
            .split("; ")
            .all(|reason| reason.starts_with("the generator ") || reason == REMEDY)
}

/// How late a draft may leave in this run.
pub(crate) fn late_limit(outcome: &Outcome) -> Duration {
    let median = Duration::from_nanos(outcome.due.value_at_quantile(0.5));
    LATE.max(median.mul_f64(LATE_SHARE))
}

fn lateness(outcome: &Outcome) -> Option<String> {
    let (quantile, words) = if outcome.lateness.len() >= CARRIES_P99 {
        (0.99, "at p99")
    } else {
        (0.5, "in the median")
    };
    let late = Duration::from_nanos(outcome.lateness.value_at_quantile(quantile));
    let limit = late_limit(outcome);
    (late > limit).then(|| {
        format!(
            "the generator was late: {:.1} ms {words}, the limit is {:.0} ms",
            late.as_secs_f64() * 1e3,
            limit.as_secs_f64() * 1e3
        )
    })
}

fn busy(outcome: &Outcome, processors: usize) -> Vec<String> {
    let window = outcome.window.as_secs_f64();
    if window <= 0.0 {
        return Vec::new();
    }
    let share = |cpu: Duration| cpu.as_secs_f64() / window;
    let thread = share(outcome.busiest_cpu);
    let swarm = share(outcome.swarm_cpu) / processors as f64;
    let mut doubts = Vec::new();
    if thread > BUSY_THREAD {
        doubts.push(format!(
            "the generator was busy: a thread of it took {:.0} % of a processor, the limit is {:.0} %; \
             {REMEDY}",
            thread * 100.0,
            BUSY_THREAD * 100.0
        ));
    }
    if swarm > BUSY_SWARM {
        doubts.push(format!(
            "the generator took {:.0} % of the machine, the limit is {:.0} %",
            swarm * 100.0,
            BUSY_SWARM * 100.0
        ));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(drafts: u64, late_ms: u64, latency_ms: u64) -> Outcome {
        let mut outcome = Outcome::empty();
        for _ in 0..drafts {
            outcome.lateness.saturating_record(100_000);
            outcome.due.saturating_record(latency_ms * 1_000_000);
        }
        // Two in a hundred.
        for _ in 0..drafts.div_ceil(50) {
            outcome.lateness.saturating_record(late_ms * 1_000_000);
        }
        outcome
    }

    #[test]
    fn a_few_drafts_are_judged_by_the_median_and_many_by_the_tail() {
        assert_eq!(doubts(&outcome(10, 50, 1)), [""; 0]);
        assert_eq!(
            doubts(&outcome(200, 50, 1)),
            ["the generator was late: 50.0 ms at p99, the limit is 10 ms"]
        );
        assert_eq!(doubts(&outcome(200, 9, 1)), [""; 0]);
        let mut all_late = Outcome::empty();
        all_late.lateness.saturating_record(12_000_000);
        let said = doubts(&all_late);
        assert!(said[0].starts_with("the generator was late: 12.0 ms in the median"));
    }

    #[test]
    fn against_a_long_latency_a_little_lateness_is_nothing() {
        assert_eq!(late_limit(&outcome(1, 0, 500)), LATE);
        let slow = outcome(200, 19, 2_000);
        assert!(late_limit(&slow).abs_diff(Duration::from_millis(20)) < Duration::from_millis(1));
        assert_eq!(doubts(&slow), [""; 0]);
    }

    #[test]
    fn a_busy_generator_says_so() {
        let mut outcome = Outcome::empty();
        outcome.window = Duration::from_secs(10);
        (outcome.busiest_cpu, outcome.swarm_cpu) =
            (Duration::from_secs(8), Duration::from_secs(14));
        assert_eq!(busy(&outcome, 2), [""; 0]);
        (outcome.busiest_cpu, outcome.swarm_cpu) =
            (Duration::from_secs(9), Duration::from_secs(15));
        assert_eq!(
            busy(&outcome, 2),
            [
                "the generator was busy: a thread of it took 90 % of a processor, the limit is 80 %; more shards would spread it",
                "the generator took 75 % of the machine, the limit is 70 %"
            ]
        );
        assert_eq!(busy(&outcome, 4).len(), 1);
        let error = ["3 lost".to_owned(), busy(&outcome, 4).join("; ")].join("; ");
        assert!(!only_doubted(&error) && only_doubted(&busy(&outcome, 2).join("; ")));
        assert!(doubted(&error) && !doubted("3 lost; more shards would spread it"));
        outcome.window = Duration::ZERO;
        assert_eq!(busy(&outcome, 2), [""; 0]);
    }
}
