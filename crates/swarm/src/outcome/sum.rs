//! The sum of the outcomes of several parts of one run.

use super::{Hindrance, Machine, Outcome};

/// The number of breaks of the protocol that are kept in words.
const FAULTS_TOLD: usize = 5;

impl Outcome {
    /// Adds the outcome of another part of the same run: counts, bytes, ledgers and processor time
    /// as sums, histograms by their counts. A share of one thread stays that of the busiest one, and
    /// a length of time that of the longest.
    pub(crate) fn add(&mut self, other: &Self) {
        self.add_deliveries(other);
        self.add_histograms(other);
        self.add_bytes(other);
        self.add_generator(other);
        self.altered = self.altered.saturating_add(other.altered);
        for (kind, count) in &other.failures {
            let known = self.failures.entry(kind.clone()).or_default();
            *known = known.saturating_add(*count);
        }
        let ended = &mut self.ended_early;
        *ended = ended.take().or_else(|| other.ended_early.clone());
        // Who was last over all parts nobody knows.
        (self.last_same, self.comebacks, self.audit) = (None, None, None);
        // Whoever has all parts tells the latency between them.
        (self.cross_shard, self.clock_error) = (None, None);
        self.crossed.clear();
        self.clock_moved = self.clock_moved.max(other.clock_moved);
        self.began_unix_ns = self.began_unix_ns.min(other.began_unix_ns);
    }

    fn add_deliveries(&mut self, other: &Self) {
        self.expected += other.expected;
        self.delivered += other.delivered;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
        self.missed += other.missed;
        self.drafts_due += other.drafts_due;
        self.drafts_said += other.drafts_said;
        self.drafts_unsent += other.drafts_unsent;
        self.coherent_samples += other.coherent_samples;
        self.samples += other.samples;
        self.exchanges += other.exchanges;
        self.empty_exchanges += other.empty_exchanges;
        self.events += other.events;
        self.extra_connections += other.extra_connections;
        self.retried_exchanges += other.retried_exchanges;
        self.stream_ends += other.stream_ends;
        self.received_by_ring += other.received_by_ring;
    }

    fn add_histograms(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.due, &other.due),
            (&mut self.sent, &other.sent),
            (&mut self.arrived, &other.arrived),
            (&mut self.reading, &other.reading),
            (&mut self.lateness, &other.lateness),
            (&mut self.opening, &other.opening),
            (&mut self.spread, &other.spread),
            (&mut self.first, &other.first),
            (&mut self.middle, &other.middle),
            (&mut self.last, &other.last),
            (&mut self.accepted, &other.accepted),
            (&mut self.heard, &other.heard),
            (&mut self.first_delivery, &other.first_delivery),
            (&mut self.gaps, &other.gaps),
            (&mut self.staleness, &other.staleness),
            (&mut self.batches, &other.batches),
        ] {
            // Cannot fail: both have the bounds of the same run.
            let _ = mine.add(others);
        }
    }

    fn add_bytes(&mut self, other: &Self) {
        self.bytes_up += other.bytes_up;
        self.bytes_down += other.bytes_down;
        self.payload_bytes += other.payload_bytes;
        self.bytes_before += other.bytes_before;
        self.connect_bytes_up += other.connect_bytes_up;
        self.connect_bytes_down += other.connect_bytes_down;
        self.ledger.merge(&other.ledger);
        self.window_ledger.merge(&other.window_ledger);
        self.accounted += other.accounted;
        self.metered[0] += other.metered[0];
        self.metered[1] += other.metered[1];
        self.ledger_difference += other.ledger_difference;
        self.unparsed.extend_from_slice(&other.unparsed);
        self.unparsed.truncate(FAULTS_TOLD);
        self.cut_off += other.cut_off;
        self.suite = self.suite.or(other.suite);
    }

    fn add_generator(&mut self, other: &Self) {
        self.measured = self.measured.max(other.measured);
        self.window = self.window.max(other.window);
        self.swarm_cpu += other.swarm_cpu;
        self.shards_cpu += other.shards_cpu;
        self.speaking_cpu = self.speaking_cpu.max(other.speaking_cpu);
        self.busiest_cpu = self.busiest_cpu.max(other.busiest_cpu);
        self.speaks_first |= other.speaks_first;
        let machine = most_hindered(&self.hindrance, &other.hindrance);
        self.hindrance.merge(&other.hindrance);
        self.hindrance.machine = machine;
    }
}

/// Returns the larger of what two machines report; both may be the same.
fn most_hindered(one: &Hindrance, other: &Hindrance) -> Machine {
    let most = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    };
    Machine {
        steal: most(one.machine.steal, other.machine.steal),
        pressure: most(one.machine.pressure, other.machine.pressure),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: u64 = 1_000_000;

    fn outcome(latencies: &[u64]) -> Outcome {
        let mut outcome = Outcome::empty();
        for latency in latencies {
            outcome.due.saturating_record(latency * MS);
        }
        outcome.delivered = latencies.len() as u64;
        outcome
    }

    /// Checks two parts with medians of 2 ms and 90 ms: the median of all is neither, nor their
    /// mean.
    #[test]
    fn percentiles_come_from_the_counts() {
        let mut sum = outcome(&[1, 1, 2, 2, 2, 3, 3]);
        let other = outcome(&[80, 90, 100]);
        sum.add(&other);
        let at = |quantile| sum.due.value_at_quantile(quantile) / MS;
        assert_eq!((sum.delivered, sum.due.len()), (10, 10));
        assert_eq!((at(0.5), at(0.7), at(0.8), at(1.0)), (2, 3, 80, 100));
        assert_eq!(sum.due.count_between(0, 50 * MS), 7);
    }

    /// Checks that the gaps of readers in two processes are those of all of them.
    #[test]
    fn gaps_come_from_the_counts() {
        let part = |gap: u64, count: u64| {
            let mut part = Outcome::empty();
            part.gaps.saturating_record_n(gap * MS, count);
            part.first_delivery.saturating_record(gap * MS);
            part
        };
        let mut sum = part(10, 6);
        sum.add(&part(40, 3));
        let at = |quantile| sum.gaps.value_at_quantile(quantile) / MS;
        assert_eq!((sum.gaps.len(), at(0.5), at(0.9)), (9, 10, 40));
        assert_eq!(sum.first_delivery.len(), 2);
    }

    #[test]
    fn work_is_added_up_and_shares_of_a_thread_are_not() {
        let part = |busiest, window, pressure| {
            let mut part = Outcome::empty();
            part.swarm_cpu = Duration::from_secs(3);
            part.busiest_cpu = Duration::from_secs(busiest);
            part.window = Duration::from_secs(window);
            part.received_by_ring = window;
            part.hindrance.machine.pressure = pressure;
            part.hindrance.waited = Some(Duration::from_secs(busiest));
            part
        };
        let mut sum = part(2, 10, None);
        sum.add(&part(1, 11, Some(0.25)));
        sum.add(&part(1, 9, Some(0.125)));
        assert_eq!(sum.swarm_cpu, Duration::from_secs(9));
        assert_eq!(sum.received_by_ring, 10 + 11 + 9);
        assert_eq!(sum.busiest_cpu, Duration::from_secs(2));
        assert_eq!(sum.window, Duration::from_secs(11));
        assert_eq!(sum.hindrance.machine.pressure, Some(0.25));
        assert_eq!(sum.hindrance.waited, Some(Duration::from_secs(2)));
    }
}
