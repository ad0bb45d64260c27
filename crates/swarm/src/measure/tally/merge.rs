//! The sum of the tallies of several shards.

use super::{DraftRecord, Tally};

impl Tally {
    /// Adds another shard's tally of the same run.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.due, &other.due),
            (&mut self.sent, &other.sent),
            (&mut self.arrived, &other.arrived),
            (&mut self.reading, &other.reading),
            (&mut self.lateness, &other.lateness),
            (&mut self.opening, &other.opening),
            (&mut self.staleness, &other.staleness),
        ] {
            // Cannot fail: both have the bounds of the same run.
            let _ = mine.add(others);
        }
        for (part, times) in &other.crossed {
            self.crossed.entry(*part).or_default().merge(times);
        }
        self.delivered += other.delivered;
        self.payload_bytes += other.payload_bytes;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
        self.extra_connections += other.extra_connections;
        self.retried += other.retried;
        self.received_by_ring += other.received_by_ring;
        self.suite = self.suite.or(other.suite);
        self.stream_ends += other.stream_ends;
        self.comebacks.merge(&other.comebacks);
        self.counts = self.counts.plus(other.counts);
        self.coherence = self.coherence.plus(other.coherence);
        self.middles.merge(&other.middles);
        self.gaps.merge(&other.gaps);
        self.batches.merge(&other.batches);
        self.shards_cpu += other.shards_cpu;
        self.speaking_cpu += other.speaking_cpu;
        self.busiest_cpu = self.busiest_cpu.max(other.busiest_cpu);
        self.window_took = self.window_took.max(other.window_took);
        self.speaks_first |= other.speaks_first;
        self.connecting = self.connecting.plus(other.connecting);
        self.before = self.before.plus(other.before);
        self.window = self.window.plus(other.window);
        self.accounts.merge(&other.accounts);
        self.hindrance.merge(&other.hindrance);
        self.altered = self.altered.saturating_add(other.altered);
        for (kind, count) in &other.failures {
            self.failed(kind, *count);
        }
        if self.drafts.len() < other.drafts.len() {
            self.drafts.resize(other.drafts.len(), DraftRecord::UNHEARD);
        }
        for (mine, others) in self.drafts.iter_mut().zip(&other.drafts) {
            mine.merge(others);
        }
    }
}
