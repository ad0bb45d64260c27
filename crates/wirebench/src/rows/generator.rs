//! The columns of the load generator itself: the processor time that it took, what kept it from
//! running, and how much of a latency was its reading.

use std::time::Duration;

use results::RunRow;
use swarm::outcome::Outcome;

use super::outcome_columns::{micros, p99, per_delivery, reports_p99};

/// Returns `row` with the generator's columns.
pub(super) fn fill(row: RunRow, outcome: &Outcome) -> RunRow {
    hindered(shares(row, outcome), outcome)
}

fn shares(row: RunRow, outcome: &Outcome) -> RunRow {
    let share = |cpu| share(cpu, outcome);
    RunRow {
        late_p50_us: micros(&outcome.lateness, 0.5),
        late_p99_us: micros(&outcome.lateness, 0.99),
        late_max_us: micros(&outcome.lateness, 1.0),
        swarm_cpu_us_per_delivery: per_delivery(outcome.swarm_cpu.as_secs_f64() * 1e6, outcome),
        swarm_cpu_share: share(outcome.swarm_cpu),
        busiest_cpu_share: share(outcome.busiest_cpu),
        speaking_cpu_share: share(outcome.speaking_cpu),
        ..row
    }
}

/// Adds the time for which the generator's threads were kept from running, and the part of latency
/// that was reading.
fn hindered(row: RunRow, outcome: &Outcome) -> RunRow {
    let hindrance = &outcome.hindrance;
    // They are parts of a latency, and are read beside its own p99.
    let carries_p99 = reports_p99(outcome);
    RunRow {
        arrived_p50_us: micros(&outcome.arrived, 0.5),
        arrived_p99_us: p99(&outcome.arrived).filter(|_| carries_p99),
        reading_p50_us: micros(&outcome.reading, 0.5),
        reading_p99_us: p99(&outcome.reading).filter(|_| carries_p99),
        generator_lag_p50_us: micros(&hindrance.lag, 0.5),
        generator_lag_p99_us: micros(&hindrance.lag, 0.99),
        generator_lag_max_us: micros(&hindrance.lag, 1.0),
        generator_wait_share: hindrance.waited.and_then(|waited| share(waited, outcome)),
        machine_steal_share: hindrance.machine.steal,
        machine_pressure_share: hindrance.machine.pressure,
        ..row
    }
}

fn share(part: Duration, outcome: &Outcome) -> Option<f64> {
    let window = outcome.window.as_secs_f64();
    (window > 0.0).then(|| part.as_secs_f64() / window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_one_processor() {
        let mut outcome = Outcome::empty();
        assert_eq!(shares(RunRow::default(), &outcome).swarm_cpu_share, None);
        outcome.window = Duration::from_secs(10);
        outcome.swarm_cpu = Duration::from_secs(15);
        outcome.busiest_cpu = Duration::from_secs(9);
        outcome.speaking_cpu = Duration::from_millis(500);
        let row = shares(RunRow::default(), &outcome);
        let shares = [
            row.swarm_cpu_share,
            row.busiest_cpu_share,
            row.speaking_cpu_share,
        ];
        assert_eq!(shares, [Some(1.5), Some(0.9), Some(0.05)]);
    }

    #[test]
    fn what_kept_it_is_told_and_what_nobody_counts_is_left_out() {
        let mut outcome = Outcome::empty();
        let nothing = hindered(RunRow::default(), &outcome);
        assert_eq!(
            (
                nothing.generator_wait_share,
                nothing.generator_lag_p50_us,
                nothing.arrived_p50_us
            ),
            (None, None, None)
        );
        outcome.window = Duration::from_secs(4);
        outcome.hindrance.waited = Some(Duration::from_secs(1));
        outcome.hindrance.machine.steal = Some(0.125);
        outcome.hindrance.lag.saturating_record(2_000);
        outcome.arrived.saturating_record_n(64_000, 999);
        outcome.reading.saturating_record_n(32_000, 1_000);
        outcome.due.saturating_record_n(96_000, 1_000);
        // Few messages, however many hear each of them.
        outcome.drafts_due = 10;
        let few = hindered(RunRow::default(), &outcome);
        assert_eq!((few.arrived_p99_us, few.reading_p99_us), (None, None));
        outcome.drafts_due = 100;
        let row = hindered(RunRow::default(), &outcome);
        assert_eq!(row.generator_wait_share, Some(0.25));
        assert_eq!(
            (row.machine_steal_share, row.machine_pressure_share),
            (Some(0.125), None)
        );
        assert_eq!(
            (row.generator_lag_p50_us, row.arrived_p50_us),
            (Some(2), Some(64))
        );
        assert_eq!((row.arrived_p99_us, row.reading_p99_us), (None, Some(32)));
    }
}
