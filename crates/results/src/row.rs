//! The rows of a results folder: the file format, and nothing else.
//!
//! Each field of a row is a column, in the order of the fields. A column that a run cannot fill is
//! empty. Integer columns carry their unit in their name. The few fractions are written with a
//! fixed number of digits, so that the same run gives the same bytes.

pub mod digits;
mod meaning;
mod path;
mod run;

use serde::{Deserialize, Serialize};

pub use path::{Contract, Link, Path, Target, Whose};
pub use run::RunRow;

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
    /// The transport, as in [`RunRow::transport`].
    pub transport: String,
    /// The variant, as in [`RunRow::variant`].
    pub variant: String,
    /// The cell, as in [`RunRow::cell`].
    pub cell: String,
    /// The repeat, as in [`RunRow::repeat`].
    pub repeat: u32,
    /// The time from which latency is measured: `due` or `sent`.
    pub clock: String,
    /// The quantile, from 0 to 1.
    #[serde(serialize_with = "digits::six")]
    pub quantile: f64,
    /// The latency at that quantile.
    pub latency_us: u64,
    /// The number of deliveries at or below that latency.
    pub count: u64,
}

/// An account of one run (`ledger.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// The transport, as in [`RunRow::transport`].
    pub transport: String,
    /// The variant, as in [`RunRow::variant`].
    pub variant: String,
    /// The cell, as in [`RunRow::cell`].
    pub cell: String,
    /// The repeat, as in [`RunRow::repeat`].
    pub repeat: u32,
    /// The direction: `up` (from clients to the server) or `down`.
    pub direction: String,
    /// The purpose of the bytes.
    pub purpose: String,
    /// The layer of the protocol that the bytes belong to.
    pub layer: String,
    /// The number of bytes in this account.
    pub bytes: u64,
    /// The number of spans in this account.
    pub count: u64,
    /// The period that the account covers. `whole`: from the first connection to the last;
    /// `measure`: the part of it that became known from the beginning of *measure* to the end of
    /// *drain*. The first contains the second, so they must never be added up.
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
    /// The transport, as in [`RunRow::transport`].
    pub transport: String,
    /// The variant, as in [`RunRow::variant`].
    pub variant: String,
    /// The cell, as in [`RunRow::cell`].
    pub cell: String,
    /// The repeat, as in [`RunRow::repeat`].
    pub repeat: u32,
    /// The number of seconds since measuring began.
    pub second: u32,
    /// The number of deliveries in this second.
    pub delivered: u64,
    /// The median latency from the due time of the deliveries in this second.
    pub p50_us: Option<u64>,
    /// The 99th percentile of latency from the due time of the deliveries in this second.
    pub p99_us: Option<u64>,
    /// The socket bytes from clients to the server in this second.
    pub bytes_up: u64,
    /// The socket bytes from the server to clients in this second.
    pub bytes_down: u64,
    /// The processor time that the server took in this second.
    pub server_cpu_us: Option<u64>,
    /// The resident memory of the server at the end of this second; empty while it is gone.
    pub server_rss_bytes: Option<u64>,
    /// The number of readers connected at the end of this second.
    #[serde(default)]
    pub connected: Option<u64>,
    /// The number of connections that readers made in this second; empty where the run does not
    /// say how readers come back (`reconnect`).
    #[serde(default)]
    pub connections: Option<u64>,
}
