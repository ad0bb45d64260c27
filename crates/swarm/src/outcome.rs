//! The results of a run in memory: counts and histograms, merged over all shards.

mod comebacks;
mod cross_shard;
mod draft_audit;
mod ending;
mod hindrance;
mod portable;
mod sum;

use std::{collections::BTreeMap, sync::mpsc, time::Duration};

use dissect::Ledger;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

pub use comebacks::Comebacks;
pub use cross_shard::{ByClocks, CrossShard, Waits};
pub use draft_audit::DraftAudit;
pub use ending::Ending;
pub use hindrance::Hindrance;

/// The phase that a run has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// A notice of a running swarm, sent once a phase and once a second, never per event.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A phase begins.
    Phase(Phase),
    /// Everybody is connected, or will not be; no draft has left.
    Gathered,
    /// A second is over.
    Second(Second),
    /// *Drain* is over, all seconds are told and every connection is still open.
    /// Nobody is told to close before this value is gone, or has been kept for
    /// longer than anybody should need.
    WindowEnded(Look),
}

/// A moment in which the server can be looked at: it lasts until this value is dropped.
#[derive(Debug, Clone)]
pub struct Look {
    /// The end of this tells the waiter at the other end.
    _open: mpsc::SyncSender<()>,
}

impl Look {
    /// Returns a look, and what ends when it is over.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<()>) {
        let (open, over) = mpsc::sync_channel(0);
        (Self { _open: open }, over)
    }
}

/// A second of a run, counted from the beginning of *measure*; the seconds of *drain*
/// follow on, and the last of them ends with the window, so that all of them together are
/// the window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Second {
    /// The number of the second, from 0.
    pub second: u32,
    /// Deliveries that arrived in it (of drafts that count).
    pub delivered: u64,
    /// Their latency from the due time, in nanoseconds; of those only whose latency is known here.
    #[serde(with = "portable::counted")]
    pub due: Histogram<u64>,
    /// Bytes written to sockets in it.
    pub bytes_up: u64,
    /// Bytes read from sockets in it.
    pub bytes_down: u64,
    /// People connected at its end.
    pub connected: usize,
    /// Connections that readers made in it, where the plan says how they come back; otherwise 0.
    #[serde(default)]
    pub made: u64,
}

/// The activity of the whole machine in the window, from 0 to 1; `None` if the system does
/// not report it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Share of its processors' time that its host took away.
    pub steal: Option<f64>,
    /// Share of the time in which some task waited for a processor.
    pub pressure: Option<f64>,
}

impl Machine {
    /// Returns these, or those of another look where they say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            steal: self.steal.or(other.steal),
            pressure: self.pressure.or(other.pressure),
        }
    }
}

/// The results of one run of one transport. *Window* is *measure* and *drain* together.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Deliveries that the plan asks for: drafts due in *measure* times their rooms' readers.
    pub expected: u64,
    /// The number of those that arrived (each counted once).
    pub delivered: u64,
    /// Events seen a second time by one reader.
    pub duplicated: u64,
    /// Events that came after one with a higher number.
    pub reordered: u64,
    /// Events that the server said in the window it could no longer give.
    pub missed: u64,
    /// Drafts that were due in *measure*.
    pub drafts_due: u64,
    /// The number of those that the server took.
    pub drafts_said: u64,
    /// Latency from due to heard, in nanoseconds. What never came is in it at the time-out.
    #[serde(with = "portable::counted")]
    pub due: Histogram<u64>,
    /// Latency from sent to heard, in nanoseconds.
    #[serde(with = "portable::counted")]
    pub sent: Histogram<u64>,
    /// Latency from due to when the bytes had arrived, in nanoseconds, of the few
    /// readers whose arrivals the kernel stamps.
    #[serde(with = "portable::counted")]
    pub arrived: Histogram<u64>,
    /// The time from then to decoding, in nanoseconds, of the same deliveries.
    #[serde(with = "portable::counted")]
    pub reading: Histogram<u64>,
    /// The lateness of drafts against the schedule, in nanoseconds.
    #[serde(with = "portable::counted")]
    pub lateness: Histogram<u64>,
    /// The time from connecting to being ready to hear, in nanoseconds, one value per
    /// person.
    #[serde(with = "portable::counted")]
    pub opening: Histogram<u64>,
    /// The time from the first to the last receiver of one draft, in nanoseconds.
    #[serde(with = "portable::counted")]
    pub spread: Histogram<u64>,
    /// Latency from due of each draft's first receiver, in nanoseconds.
    #[serde(with = "portable::counted")]
    pub first: Histogram<u64>,
    /// Latency from due of each draft's median receiver, in nanoseconds; of some
    /// drafts only where there are more than a million deliveries.
    #[serde(with = "portable::counted")]
    pub middle: Histogram<u64>,
    /// Latency from due of each draft's last receiver, in nanoseconds. Of what
    /// some never heard: of the last that did.
    #[serde(with = "portable::counted")]
    pub last: Histogram<u64>,
    /// The time from due to the first sign that the server had a draft, in nanoseconds, one
    /// value per draft: its answer or its first delivery, whichever came first.
    #[serde(with = "portable::counted")]
    pub accepted: Histogram<u64>,
    /// The time from that sign to the draft's median receiver, in nanoseconds; of the same
    /// drafts as `middle`.
    #[serde(with = "portable::counted")]
    pub heard: Histogram<u64>,
    /// Latency from due of the first draft that each reader heard, in nanoseconds, one value per
    /// reader; of those only whose latency is known here.
    #[serde(default = "nothing", with = "portable::counted")]
    pub first_delivery: Histogram<u64>,
    /// The time from one delivery to the next to the same reader, in nanoseconds.
    #[serde(default = "nothing", with = "portable::counted")]
    pub gaps: Histogram<u64>,
    /// Share of drafts whose last receiver was always the same of their room, from
    /// 0 to 1: of each room, the reader who was last most often. By chance it is
    /// one in the room's readers, and more where there are few drafts. Nothing
    /// where no draft had two receivers.
    pub last_same: Option<f64>,
    /// The time since the newest event that a reader holds was due, sampled in time and
    /// over readers while *measure* lasts, in nanoseconds.
    #[serde(with = "portable::counted")]
    pub staleness: Histogram<u64>,
    /// The number of those samples in which a reader held every event that was due
    /// `coherent_within` ago or earlier.
    pub coherent_samples: u64,
    /// Samples in all.
    pub samples: u64,
    /// Reading exchanges finished in the window: a poll, or a stream's or socket's delivery-bearing
    /// piece.
    pub exchanges: u64,
    /// Polls that brought no event.
    pub empty_exchanges: u64,
    /// Events that exchanges brought in the window, joins and leaves among them.
    pub events: u64,
    /// The number of events per exchange of the window, over the exchanges that brought
    /// any.
    #[serde(with = "portable::counted")]
    pub batches: Histogram<u64>,
    /// Bytes written in the window, on all sockets.
    pub bytes_up: u64,
    /// Bytes read in the window, on all sockets.
    pub bytes_down: u64,
    /// The part of `bytes_down` that is the JSON of the events that were delivered.
    pub payload_bytes: u64,
    /// Bytes before the window, both directions: connections, handshakes, settling.
    pub bytes_before: u64,
    /// The part of them that was written until everybody was connected.
    pub connect_bytes_up: u64,
    /// Bytes read from the sockets in the same time.
    pub connect_bytes_down: u64,
    /// The length of *measure*.
    pub measured: Duration,
    /// CPU time of this process from the beginning of *measure* to the end of *drain*.
    pub swarm_cpu: Duration,
    /// The part of it that is CPU time of the threads that hold people.
    pub shards_cpu: Duration,
    /// The part of that which is CPU time of the thread that sends the drafts.
    pub speaking_cpu: Duration,
    /// CPU time of the busiest of the threads that hold people.
    pub busiest_cpu: Duration,
    /// True if the thread that sends the drafts was given priority over the rest of the
    /// machine.
    pub speaks_first: bool,
    /// The time from the beginning of *measure* to the end of *drain*, of which CPU times
    /// are shares; zero if the run was ended before *measure*.
    pub window: Duration,
    /// Drafts that count and never left: their speaker was not connected, or
    /// waited for an answer to the end.
    pub drafts_unsent: u64,
    /// Every byte of the connections that were accounted for, from the first to
    /// the last, and the estimate of TCP/IP headers.
    #[serde(with = "portable::accounts")]
    pub ledger: Ledger,
    /// The part of it that became known in the window. A span that straddles an edge of the
    /// window belongs to the side on which its purpose shows.
    #[serde(with = "portable::accounts")]
    pub window_ledger: Ledger,
    /// The number of connections that were accounted for.
    pub accounted: u64,
    /// The bytes that the meter counted on them, up and down: the ledger's totals.
    pub metered: [u64; 2],
    /// Bytes by which ledger and meter differ, over all connections and both directions.
    pub ledger_difference: u64,
    /// The first few breaks of the protocol: at which byte, which way, and why.
    pub unparsed: Vec<String>,
    /// Unparsed bytes of elements that the swarm itself cut in two by leaving.
    pub cut_off: u64,
    /// Connections opened because all of a speaker's were busy with a draft.
    pub extra_connections: u64,
    /// The delays that kept the generator's threads from running.
    pub hindrance: Hindrance,
    /// Exchanges of the run that opened a connection anew because the server had
    /// closed the idle one, or said that it would.
    pub retried_exchanges: u64,
    /// The number of connections of readers that only listen which `io_uring` read: over HTTP/1.1 and
    /// in the clear, without those of the few readers whose arrivals the kernel stamps.
    #[serde(default)]
    pub received_by_ring: u64,
    /// The version and cipher of TLS that handshakes agreed on; `None` without TLS, and if no
    /// handshake succeeded.
    #[serde(with = "portable::suite")]
    pub suite: Option<tls::Suite>,
    /// Streams of a foreign server that it ended in good order in the course of
    /// the run.
    pub stream_ends: u64,
    /// The consequences of lost connections; absent where readers have no way back.
    pub comebacks: Option<Comebacks>,
    /// The number of messages whose text is not what was said.
    pub altered: u64,
    /// The number of other failures by kind. A client's failure is data.
    pub failures: BTreeMap<String, u64>,
    /// The reason why the run ended early, if it did.
    pub ended_early: Option<Ending>,
    /// The calendar time at which *settle* began, in nanoseconds since 1970; `None` if the run never
    /// got so far.
    pub began_unix_ns: Option<u64>,
    /// The account of each draft; only of a part of a run.
    pub audit: Option<DraftAudit>,
    /// The deliveries of drafts that other parts sent, by the number of the part; only of a part of a
    /// run. Their times count from the due time in the schedule to when the draft was heard, as if
    /// every part had begun when this one did.
    #[serde(default)]
    pub crossed: BTreeMap<usize, Waits>,
    /// The number of those deliveries, and over all parts their latency; `None` where one process runs
    /// everybody.
    #[serde(default)]
    pub cross_shard: Option<CrossShard>,
    /// The largest error of the calendar clock of a part, as somebody states it.
    #[serde(default)]
    pub clock_error: Option<Duration>,
    /// The distance by which the calendar clock moved against the clock of the run, from the beginning
    /// to the end.
    #[serde(default)]
    pub clock_moved: Duration,
}

/// Returns an empty histogram with the bounds of a short run: a microsecond to a minute, three
/// digits. It is also that of what an older version did not count.
fn nothing() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("valid bounds")
}

impl Outcome {
    /// Returns the outcome of a run in which nothing happened, to be filled in.
    #[must_use]
    pub fn empty() -> Self {
        let histogram = nothing;
        Self {
            expected: 0,
            delivered: 0,
            duplicated: 0,
            reordered: 0,
            missed: 0,
            drafts_due: 0,
            drafts_said: 0,
            due: histogram(),
            sent: histogram(),
            arrived: histogram(),
            reading: histogram(),
            lateness: histogram(),
            opening: histogram(),
            spread: histogram(),
            first: histogram(),
            middle: histogram(),
            last: histogram(),
            accepted: histogram(),
            heard: histogram(),
            first_delivery: histogram(),
            gaps: histogram(),
            last_same: None,
            staleness: histogram(),
            coherent_samples: 0,
            samples: 0,
            exchanges: 0,
            empty_exchanges: 0,
            events: 0,
            batches: histogram(),
            bytes_up: 0,
            bytes_down: 0,
            payload_bytes: 0,
            bytes_before: 0,
            connect_bytes_up: 0,
            connect_bytes_down: 0,
            measured: Duration::ZERO,
            swarm_cpu: Duration::ZERO,
            shards_cpu: Duration::ZERO,
            speaking_cpu: Duration::ZERO,
            busiest_cpu: Duration::ZERO,
            speaks_first: false,
            window: Duration::ZERO,
            drafts_unsent: 0,
            ledger: Ledger::default(),
            window_ledger: Ledger::default(),
            accounted: 0,
            metered: [0; 2],
            ledger_difference: 0,
            unparsed: Vec::new(),
            cut_off: 0,
            extra_connections: 0,
            hindrance: Hindrance::default(),
            retried_exchanges: 0,
            received_by_ring: 0,
            suite: None,
            stream_ends: 0,
            comebacks: None,
            altered: 0,
            failures: BTreeMap::new(),
            ended_early: None,
            began_unix_ns: None,
            audit: None,
            crossed: BTreeMap::new(),
            cross_shard: None,
            clock_error: None,
            clock_moved: Duration::ZERO,
        }
    }

    /// Returns the bytes that broke the protocol, without those that the end of a connection cut.
    #[must_use]
    pub fn unparsed_bytes(&self) -> u64 {
        self.ledger.unparsed().saturating_sub(self.cut_off)
    }

    /// Returns whether anything failed, or was not what was said.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.altered > 0 || !self.failures.is_empty()
    }

    /// Returns the number of expected deliveries that never came.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.delivered)
    }
}
