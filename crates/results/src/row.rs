//! The rows of a results folder: the file format, and nothing else.
//!
//! Each field of a row is a column, in the order of the fields. A column that a run cannot fill is
//! empty. Integer columns carry their unit in their name. The few fractions are written with a
//! fixed number of digits, so that the same run gives the same bytes.

pub mod digits;
mod run;

use serde::{Deserialize, Serialize};

pub use run::RunRow;

/// The text in a run's `path` for a server that does not keep the contract of the built-in server,
/// so that the sizes of its messages cannot be predicted.
pub const CONTRACT_OF_ITS_OWN: &str = "a contract of its own";

/// The prefix of the largest deviation from the delay in a run's `path`, as in `jitter 20ms`.
pub const JITTER: &str = "jitter ";

/// The text in a run's `path` for a link that does more than delay (it limits the rate, stalls,
/// holds data back or cuts connections), so that times cannot be predicted.
pub const MORE_THAN_DELAY: &str = "more than a delay";

/// The contents of a results folder, file by file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The rows of `runs.csv`.
    pub runs: Vec<RunRow>,
    /// The rows of `ladder.csv`.
    pub ladder: Vec<LadderRow>,
    /// The rows of `ledger.csv`.
    pub ledger: Vec<LedgerRow>,
    /// The rows of `timeline.csv`.
    pub timeline: Vec<TimelineRow>,
}

/// A percentile of one run (`ladder.csv`).
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

/// An account of one run (`ledger.csv`).
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
    /// Returns whether the row covers the measured window alone; a row without a `window` counts as
    /// such.
    #[must_use]
    pub fn is_of_window(&self) -> bool {
        self.window != "whole"
    }

    /// Returns whether the row covers all that the connections carried; a row without a `window`
    /// counts as such.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.window != "measure"
    }
}

/// A second of one run (`timeline.csv`).
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
