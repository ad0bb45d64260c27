//! What a run leaves in memory: counts and histograms, merged over all shards.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// People come in, spread over the ramp.
    Connect,
    /// Drafts flow, none counts yet.
    Settle,
    /// Drafts due now count.
    Measure,
    /// No more drafts; the last arrivals are awaited.
    Drain,
}

/// What a running swarm tells, once a phase and once a second. Never per event.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A phase begins.
    Phase(Phase),
    /// A second is over.
    Second(Second),
}

/// One second of a run, counted from the beginning of *measure*; the seconds of
/// *drain* follow on.
#[derive(Debug, Clone)]
pub struct Second {
    /// Its number, from 0.
    pub second: u32,
    /// Deliveries that arrived in it (of drafts that count).
    pub delivered: u64,
    /// Their latency from the due time, in nanoseconds.
    pub due: Histogram<u64>,
    /// Bytes written to sockets in it.
    pub bytes_up: u64,
    /// Bytes read from sockets in it.
    pub bytes_down: u64,
    /// People connected at its end.
    pub connected: usize,
}

/// What one run of one transport came to. *Window* is *measure* and *drain* together.
#[derive(Debug)]
pub struct Outcome {
    /// Deliveries that the plan asks for: drafts due in *measure* times their rooms' readers.
    pub expected: u64,
    /// Of those, how many arrived (each counted once).
    pub delivered: u64,
    /// Events seen a second time by one reader.
    pub duplicated: u64,
    /// Events that came after one with a higher number.
    pub reordered: u64,
    /// Events that the server said in the window it could no longer give.
    pub missed: u64,
    /// Drafts that were due in *measure*.
    pub drafts_due: u64,
    /// Of those, how many the server took.
    pub drafts_said: u64,
    /// Latency from due to heard, in nanoseconds. What never came is in it at the time-out.
    pub due: Histogram<u64>,
    /// Latency from sent to heard, in nanoseconds.
    pub sent: Histogram<u64>,
    /// How late drafts left against the schedule, in nanoseconds.
    pub lateness: Histogram<u64>,
    /// From connecting to being ready to hear, in nanoseconds, one a person.
    pub opening: Histogram<u64>,
    /// From first to last receiver of one draft, in nanoseconds.
    pub spread: Histogram<u64>,
    /// Reading exchanges finished in the window: a poll, or a stream's or socket's delivery-bearing piece.
    pub exchanges: u64,
    /// Polls that brought no event.
    pub empty_exchanges: u64,
    /// Bytes written in the window, on all sockets.
    pub bytes_up: u64,
    /// Bytes read in the window, on all sockets.
    pub bytes_down: u64,
    /// Of `bytes_down`: the JSON of the events that were delivered.
    pub payload_bytes: u64,
    /// Bytes before the window, both directions: connections, handshakes, settling.
    pub bytes_before: u64,
    /// How long *measure* took.
    pub measured: Duration,
    /// CPU time of this process from the beginning of *measure* to the end of *drain*.
    pub swarm_cpu: Duration,
    /// Connections opened because all of a speaker's were busy with a draft.
    pub extra_connections: u64,
    /// What went wrong, and how often. A client's failure is data.
    pub failures: BTreeMap<String, u64>,
    /// Why the run ended early, if it did.
    pub ended_early: Option<String>,
}

impl Outcome {
    /// Deliveries that never came.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.delivered)
    }
}
