//! The checks of the generator's own accuracy: its lateness, its share of the processors and the
//! time for which it was kept from running, each against a stated limit.

mod moved;

use std::{thread, time::Duration};

use hdrhistogram::Histogram;
use results::{
    Reason,
    manifest::{Limits, Others},
};
use swarm::outcome::Outcome;

use moved::{ALLOWED, SHARE, Which, moved, moved_by_lateness, name};

/// A code, and the sentence that says it with its figures.
pub(crate) type Doubt = (Reason, String);

/// The limit of the median lateness. If half of the drafts leave later than this after their
/// scheduled time, the schedule was not kept, whatever the effect on a percentile, unless latency
/// is so long that it does not matter. Ten milliseconds is ten times what an idle two-core machine
/// shows, and small against any poll interval.
const LATE: Duration = Duration::from_millis(10);
/// The share of the median latency that applies in place of [`LATE`], if it is longer.
const LATE_SHARE: f64 = SHARE;
/// The quantile of lateness that this is held against.
const LATE_QUANTILE: f64 = 0.5;
/// The share of one processor above which a thread of the swarm is a queue of its own, so that the
/// measured latency contains the time that its people wait for it.
const BUSY_THREAD: f64 = 0.8;
/// The share of all processors above which the swarm takes processor time that the server needs.
const BUSY_SWARM: f64 = 0.7;

/// The share of one processor that programs beside the run may take. Above it, a generator that was
/// kept from running when deliveries came was kept by a stranger, and not by the server alone.
/// The highest share in fifty runs of five seconds on a quiet machine was 0.023.
const OTHERS: f64 = 0.1;

/// The remedy for a thread that is too busy.
const REMEDY: &str = "more shards would spread it";

/// Returns the limits that hold for every run, for the manifest.
pub(crate) fn limits() -> Limits {
    Limits {
        late_us: Some(LATE.as_micros() as u64),
        late_share_of_median_latency: Some(LATE_SHARE),
        late_quantile: Some(LATE_QUANTILE),
        busiest_thread_share: Some(BUSY_THREAD),
        swarm_share_of_machine: Some(BUSY_SWARM),
        added_share_of_percentile: Some(SHARE),
        other_programs_share_of_processor: Some(OTHERS),
        added_us_always_allowed_at_p50_p90_p99: Some(
            [0, 1, 2].map(|at| ALLOWED[at].1.as_micros() as u64),
        ),
        others: Others::new(),
    }
}

/// Returns the doubts about the generator in a run; a good run has none. `others` is the share of a
/// processor that other programs took, if it is known.
pub(crate) fn doubts(outcome: &Outcome, others: Option<f64>) -> Vec<Doubt> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut doubts = doubts_on(outcome, processors);
    if !doubts.iter().any(|(reason, _)| *reason == Reason::Starved) {
        doubts.extend(crowded(outcome, others).map(|words| (Reason::Starved, words)));
    }
    doubts
}

/// Returns a doubt if other programs took processors, and the generator was kept from running when
/// deliveries came for long enough to have moved a median or a p90.
///
/// Weighed by time, short bursts of work that meet a neighbour each time count for nothing: between
/// them the generator has no wish to run. Weighed by deliveries they count, and so does the server's
/// own work, which is no fault; hence the question who else was there.
fn crowded(outcome: &Outcome, others: Option<f64>) -> Option<String> {
    let others = others.filter(|share| *share > OTHERS)?;
    let kept = &outcome.hindrance.kept_deliveries;
    let words = starved(outcome, kept, Which::Always, "deliveries")?;
    Some(format!(
        "{words}; other programs took {:.0} % of a processor, the limit is {:.0} %",
        others * 100.0,
        OTHERS * 100.0
    ))
}

/// Returns the doubts about a generator that had so many processors, of one machine or several.
pub(crate) fn doubts_on(outcome: &Outcome, processors: usize) -> Vec<Doubt> {
    let late = lateness(outcome).or_else(|| late_for(outcome, Which::Always));
    let hindrance = &outcome.hindrance;
    let starved = starved(outcome, &hindrance.kept, Which::Always, "time");
    let of = |reason| move |words| (reason, words);
    late.map(of(Reason::Late))
        .into_iter()
        .chain(busy(outcome, processors).into_iter().map(of(Reason::Busy)))
        .chain(starved.map(of(Reason::Starved)))
        .collect()
}

/// Returns why a run must not report the 99th percentile of its latency, because the generator can
/// have moved it, or `None` if it may. The other figures of such a run stand: one delivery in a
/// hundred is decided by a single slice of the scheduler, and medians, bytes and processor time are
/// not.
///
/// The time for which the generator was kept from running is weighed by time and by deliveries. The
/// weight by deliveries counts against p99 alone: the server works when drafts come, on the same
/// processors, and so keeps the generator waiting at that moment. For a median, that is a part of
/// what one machine measures.
pub(crate) fn p99_withheld(outcome: &Outcome) -> Option<String> {
    let hindrance = &outcome.hindrance;
    let starved = |kept, what| starved(outcome, kept, Which::Tail, what);
    late_for(outcome, Which::Tail)
        .or_else(|| starved(&hindrance.kept, "time"))
        .or_else(|| starved(&hindrance.kept_deliveries, "deliveries"))
}

/// Returns a doubt if drafts left late enough to have moved a reported percentile.
fn late_for(outcome: &Outcome, which: Which) -> Option<String> {
    let moved = moved_by_lateness(outcome, which)?;
    Some(format!(
        "the generator was late: that made {} {:.1} ms longer, the limit is {:.1} ms for a {} of {:.1} ms",
        name(moved.quantile),
        ms(moved.added),
        ms(moved.limit),
        name(moved.quantile),
        ms(moved.reported)
    ))
}

/// Returns a doubt if the generator's threads were kept from running (`kept`) for long enough to
/// have moved a reported percentile. The text gives it as a share of `what`.
fn starved(outcome: &Outcome, kept: &Histogram<u64>, which: Which, what: &str) -> Option<String> {
    let moved = moved(outcome, kept, which)?;
    // A run that was ended before it measured has no window to have a share of.
    let window = outcome.window.as_secs_f64();
    let waited = outcome.hindrance.waited.filter(|_| window > 0.0);
    let waited = waited.map_or_else(String::new, |waited| {
        format!(
            ", and a thread of it waited {:.0} % of the window for a processor",
            waited.as_secs_f64() / window * 100.0
        )
    });
    Some(format!(
        "the generator was starved: it was kept from running for {:.1} ms at {} of the {what}, \
         the limit is {:.1} ms for a {} of {:.1} ms{waited}",
        ms(moved.added),
        name(moved.looked_at),
        ms(moved.limit),
        name(moved.quantile),
        ms(moved.reported)
    ))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Returns the limit of a draft's lateness in this run.
pub(crate) fn late_limit(outcome: &Outcome) -> Duration {
    let median = Duration::from_nanos(outcome.due.value_at_quantile(0.5));
    LATE.max(median.mul_f64(LATE_SHARE))
}

fn lateness(outcome: &Outcome) -> Option<String> {
    let late = Duration::from_nanos(outcome.lateness.value_at_quantile(LATE_QUANTILE));
    let limit = late_limit(outcome);
    (late > limit).then(|| {
        format!(
            "the generator was late: {:.1} ms in the median, the limit is {:.0} ms",
            ms(late),
            ms(limit)
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
        outcome.drafts_due = drafts;
        // Two in a hundred leave late, of few drafts two.
        let late = drafts.div_ceil(50).max(2);
        let latency = latency_ms * 1_000_000;
        for (count, lateness) in [(drafts, 100_000), (late, late_ms * 1_000_000)] {
            outcome.lateness.saturating_record_n(lateness, count);
            outcome.due.saturating_record_n(latency + lateness, count);
            outcome.sent.saturating_record_n(latency, count);
        }
        outcome
    }

    fn said(outcome: &Outcome) -> Vec<String> {
        doubts(outcome, None)
            .into_iter()
            .map(|doubt| doubt.1)
            .collect()
    }

    #[test]
    fn few_drafts_are_judged_too_by_what_is_reported_of_them() {
        assert_eq!(said(&outcome(200, 9, 500)), [""; 0]);
        assert_eq!(
            p99_withheld(&outcome(2_000, 50, 1)).as_deref(),
            Some(
                "the generator was late: that made p99 50.0 ms longer, the limit is 8.0 ms for a p99 of 51.0 ms"
            )
        );
        assert_eq!(said(&outcome(2_000, 50, 1)), [""; 0]);
        // Two in twelve are more than lie beyond p90.
        assert_eq!(
            said(&outcome(10, 50, 1)),
            [
                "the generator was late: that made p90 50.0 ms longer, the limit is 5.1 ms for a p90 of 51.0 ms"
            ]
        );
        assert_eq!(said(&outcome(10, 50, 1_000)), [""; 0]);
        let mut all_late = Outcome::empty();
        all_late.lateness.saturating_record(12_000_000);
        assert!(said(&all_late)[0].starts_with("the generator was late: 12.0 ms in the median"));
    }

    #[test]
    fn against_a_long_latency_a_little_lateness_is_nothing() {
        assert_eq!(late_limit(&outcome(1, 0, 50)), LATE);
        let slow = outcome(200, 19, 2_000);
        assert!(late_limit(&slow).abs_diff(Duration::from_millis(200)) < Duration::from_millis(2));
        assert_eq!(said(&slow), [""; 0]);
    }

    #[test]
    fn what_kept_it_from_running_counts_in_time_and_for_what_was_read() {
        let mut outcome = outcome(2_000, 0, 4);
        outcome.window = Duration::from_secs(2);
        let kept = &mut outcome.hindrance.kept;
        kept.saturating_record_n(100_000, 1_000);
        assert_eq!(said(&outcome), [""; 0]);
        // What comes with the drafts may be the server's own work.
        let deliveries = &mut outcome.hindrance.kept_deliveries;
        deliveries.saturating_record_n(4_000_000, 3_900);
        assert_eq!(said(&outcome), [""; 0]);
        // A hiccup of no weight in time that meets one draft in forty.
        outcome.due.saturating_record_n(19_000_000, 60);
        let deliveries = &mut outcome.hindrance.kept_deliveries;
        deliveries.saturating_record_n(15_000_000, 100);
        outcome.hindrance.waited = Some(Duration::from_millis(500));
        assert_eq!(said(&outcome), [""; 0]);
        let found = p99_withheld(&outcome).expect("a reason");
        let wanted = " ms at p99.5 of the deliveries, the limit is 8.0 ms for a p99 of 19.0 ms, \
                      and a thread of it waited 25 % of the window for a processor";
        assert!(found.ends_with(wanted), "{found}");
        // A run that was ended before it measured.
        outcome.window = Duration::ZERO;
        let found = p99_withheld(&outcome).expect("a reason");
        assert!(found.ends_with(" for a p99 of 19.0 ms"), "{found}");
        outcome.window = Duration::from_secs(2);
        let kept = &mut outcome.hindrance.kept;
        kept.saturating_record_n(65_000_000, 2_000);
        outcome.due.saturating_record_n(69_000_000, 3_000);
        let wanted = " ms at p75 of the time, the limit is 6.9 ms for a p50 of 69.0 ms, ";
        let found = doubts(&outcome, None);
        assert_eq!(found[0].0, Reason::Starved);
        assert!(found[0].1.contains(wanted), "{found:?}");
    }

    #[test]
    fn bursts_that_meet_another_program_each_time_are_found() {
        let mut outcome = outcome(2_000, 0, 4);
        outcome.window = Duration::from_secs(2);
        let hindrance = &mut outcome.hindrance;
        hindrance.kept.saturating_record_n(1_000, 95);
        hindrance
            .kept_deliveries
            .saturating_record_n(4_000_000, 2_000);
        // The server may have kept it.
        for others in [None, Some(0.0), Some(OTHERS)] {
            assert_eq!(doubts(&outcome, others), [], "{others:?}");
        }
        let found = doubts(&outcome, Some(0.5));
        assert_eq!((found.len(), found[0].0), (1, Reason::Starved));
        let words = &found[0].1;
        assert!(
            words.contains(" ms at p75 of the deliveries, the limit is 0.5 ms"),
            "{words}"
        );
        assert!(words.ends_with("; other programs took 50 % of a processor, the limit is 10 %"));
        // Another program that keeps nobody waiting is none of the run's business.
        outcome.hindrance.kept_deliveries.reset();
        outcome
            .hindrance
            .kept_deliveries
            .saturating_record_n(1_000, 2_000);
        assert_eq!(doubts(&outcome, Some(2.0)), []);
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
        outcome.window = Duration::ZERO;
        assert_eq!(busy(&outcome, 2), [""; 0]);
    }
}
