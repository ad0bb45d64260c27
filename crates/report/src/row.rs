//! The rows of a results folder: the file format, and nothing else.
//!
//! A field is a column, in this order. A column that a run cannot fill is empty.
//! Integers carry their unit in the column's name; the few fractions are written
//! with a fixed number of digits, so that the same run gives the same bytes.

use serde::{Deserialize, Serialize};

/// Stands in a run's `path` where the server does not keep the contract of ours,
/// by which sizes could be predicted.
pub const CONTRACT_OF_ITS_OWN: &str = "a contract of its own";

/// All that a results folder holds, file by file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// `runs.csv`
    pub runs: Vec<RunRow>,
    /// `ladder.csv`
    pub ladder: Vec<LadderRow>,
    /// `ledger.csv`
    pub ledger: Vec<LedgerRow>,
    /// `timeline.csv`
    pub timeline: Vec<TimelineRow>,
}

/// One run: transport x cell x repeat (`runs.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// The scenario's name.
    pub scenario: String,
    /// How readers read: `short_poll`, `long_poll`, `http_stream`, `websocket`.
    pub transport: String,
    /// The transport's parameters, such as `250ms`, `hold 25s`, `sse`; `-` without any.
    pub variant: String,
    /// Values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// Which repeat of the cell, from 1.
    pub repeat: u32,
    /// People in all; each of them listens.
    pub clients: u64,
    /// Rooms that the clients are spread over.
    pub rooms: u64,
    /// People in each room who also speak.
    pub publishers: u64,
    /// Drafts a second in each room.
    #[serde(serialize_with = "digits::three")]
    pub rate_per_s: f64,
    /// Mean bytes of text in a draft.
    pub payload_bytes: u64,
    /// Name of the header profile that each request carries.
    pub headers: String,
    /// Length of the phase whose drafts count, in milliseconds.
    pub measured_ms: u64,
    /// Deliveries that the plan demands.
    pub expected: u64,
    /// Deliveries of drafts that count.
    pub delivered: u64,
    /// Expected deliveries that never came.
    pub lost: u64,
    /// Deliveries of an event that the reader had already.
    pub duplicated: u64,
    /// Deliveries of an event older than the reader's newest.
    pub reordered: u64,
    /// Events that the log dropped before a reader saw them.
    pub missed: u64,
    /// Drafts a second that the schedule asked for, all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub offered_per_s: f64,
    /// Drafts a second that the server took, all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub achieved_per_s: f64,
    /// Latency from the due time: median.
    pub p50_us: Option<u64>,
    /// Latency from the due time: 90th percentile.
    pub p90_us: Option<u64>,
    /// Latency from the due time: 99th percentile, only where at least 1,000
    /// deliveries carry it.
    pub p99_us: Option<u64>,
    /// Latency from the due time: 99.9th percentile, only where at least 10,000
    /// deliveries carry it.
    pub p999_us: Option<u64>,
    /// Latency from the due time: the slowest delivery.
    pub max_us: Option<u64>,
    /// Latency from the sending time: median.
    pub sent_p50_us: Option<u64>,
    /// Latency from the sending time: 99th percentile.
    pub sent_p99_us: Option<u64>,
    /// How late drafts left against their schedule: median.
    pub late_p50_us: Option<u64>,
    /// How late drafts left against their schedule: 99th percentile.
    pub late_p99_us: Option<u64>,
    /// How late drafts left against their schedule: the worst.
    pub late_max_us: Option<u64>,
    /// From connecting to being ready to hear: median.
    pub opening_p50_us: Option<u64>,
    /// From connecting to being ready to hear: 99th percentile.
    pub opening_p99_us: Option<u64>,
    /// From first to last receiver of one draft: median.
    pub spread_p50_us: Option<u64>,
    /// From first to last receiver of one draft: 99th percentile.
    pub spread_p99_us: Option<u64>,
    /// Requests that readers made.
    pub exchanges: u64,
    /// Requests that brought no event.
    pub empty_exchanges: u64,
    /// Socket bytes from clients to the server.
    pub bytes_up: u64,
    /// Socket bytes from the server to clients.
    pub bytes_down: u64,
    /// Bytes of the delivered events' JSON alone.
    pub event_bytes: u64,
    /// Bytes of everything that is not an event's JSON, for each delivery.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub header_bytes_per_delivery: Option<f64>,
    /// Processor time of the server process for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub server_cpu_us_per_delivery: Option<f64>,
    /// Resident memory that the clients added to the server, for each client.
    pub server_rss_bytes_per_client: Option<u64>,
    /// Processor time of the load generator for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub swarm_cpu_us_per_delivery: Option<f64>,
    /// Whether the run may be believed.
    pub valid: bool,
    /// Why not, or what went wrong; empty when nothing did.
    pub error: String,
    /// What lies between people and server, in words for captions: `loopback`,
    /// `link 50 ms each way`, `target http://...`; empty where nobody said.
    #[serde(default)]
    pub path: String,
    /// One-way delay between readers and the server.
    pub read_delay_us: Option<u64>,
    /// One-way delay between speakers and the server.
    pub say_delay_us: Option<u64>,
    /// When drafts were due: `constant`, `poisson`, `burst 20`.
    #[serde(default)]
    pub arrivals: String,
    /// Whose connections drafts went over: `same` (the readers'), `post`, `post_close`.
    #[serde(default)]
    pub speak: String,
    /// Whether a draft waited for the one before: `open`, `closed`, `4 in flight`.
    #[serde(default)]
    pub pacing: String,
    /// Length of the phase before *measure*, whose drafts did not count, in milliseconds.
    pub settle_ms: Option<u64>,
    /// Whether people gave names, and so caused presence traffic.
    pub named: Option<bool>,
    /// Bytes of what the `Host` header said.
    pub host_bytes: Option<u64>,
    /// Bytes of the profile's header lines on each reading request, line ends included.
    pub read_line_bytes: Option<u64>,
    /// The same for a draft said by a request of its own; empty where drafts go
    /// over the reader's socket.
    pub say_line_bytes: Option<u64>,
    /// Latency from the due time: mean.
    pub mean_us: Option<u64>,
    /// Latency from the due time: standard deviation.
    pub deviation_us: Option<u64>,
    /// Latency from the sending time: mean.
    pub sent_mean_us: Option<u64>,
    /// Socket bytes from clients to the server up to the first draft: handshakes,
    /// stream openings, pollers' first questions.
    pub connect_bytes_up: Option<u64>,
    /// The same from the server to clients.
    pub connect_bytes_down: Option<u64>,
}

/// One percentile of one run (`ladder.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LadderRow {
    /// As in [`RunRow::transport`].
    pub transport: String,
    /// As in [`RunRow::variant`].
    pub variant: String,
    /// As in [`RunRow::cell`].
    pub cell: String,
    /// As in [`RunRow::repeat`].
    pub repeat: u32,
    /// Where latency starts: `due` or `sent`.
    pub clock: String,
    /// From 0 to 1.
    #[serde(serialize_with = "digits::six")]
    pub quantile: f64,
    /// Latency at that quantile.
    pub latency_us: u64,
    /// Deliveries at or below it.
    pub count: u64,
}

/// One account of one run (`ledger.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// As in [`RunRow::transport`].
    pub transport: String,
    /// As in [`RunRow::variant`].
    pub variant: String,
    /// As in [`RunRow::cell`].
    pub cell: String,
    /// As in [`RunRow::repeat`].
    pub repeat: u32,
    /// `up` or `down`.
    pub direction: String,
    /// What the bytes were for.
    pub purpose: String,
    /// Which layer of the protocol they belong to.
    pub layer: String,
    /// Bytes in this account.
    pub bytes: u64,
    /// Spans in this account.
    pub count: u64,
    /// `whole`: from the first connection to the last; `measure`: of that, what
    /// became known from the beginning of *measure* to the end of *drain*. The
    /// one contains the other: never add both up.
    #[serde(default)]
    pub window: String,
}

impl LedgerRow {
    /// Whether it tells of the window alone; rows that do not say do.
    pub(crate) fn is_of_window(&self) -> bool {
        self.window != "whole"
    }

    /// Whether it tells of all that a connection carried; rows that do not say do.
    pub(crate) fn is_whole(&self) -> bool {
        self.window != "measure"
    }
}

/// One second of one run (`timeline.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineRow {
    /// As in [`RunRow::transport`].
    pub transport: String,
    /// As in [`RunRow::variant`].
    pub variant: String,
    /// As in [`RunRow::cell`].
    pub cell: String,
    /// As in [`RunRow::repeat`].
    pub repeat: u32,
    /// Seconds since measuring began.
    pub second: u32,
    /// Deliveries in this second.
    pub delivered: u64,
    /// Median latency from the due time of what arrived in this second.
    pub p50_us: Option<u64>,
    /// 99th percentile of the same.
    pub p99_us: Option<u64>,
    /// Socket bytes from clients to the server in this second.
    pub bytes_up: u64,
    /// Socket bytes from the server to clients in this second.
    pub bytes_down: u64,
    /// Processor time that the server took in this second.
    pub server_cpu_us: Option<u64>,
    /// Resident memory of the server at the end of this second.
    pub server_rss_bytes: Option<u64>,
}

/// Fractions with a fixed number of digits: `f64`'s own text is as long as it
/// needs to be, which makes columns hard to read and to compare.
pub(crate) mod digits {
    use serde::Serializer;

    // serde calls these with a reference, whatever the type.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn three<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:.3}"))
    }

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn three_or_empty<S: Serializer>(
        value: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => three(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn six<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:.6}"))
    }
}
