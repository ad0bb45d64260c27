//! The place and the time of a measurement: its sittings, the machine, its clock, and the conditions
//! that are the same for all transports.

use serde::{Deserialize, Serialize};

use super::Others;

/// A start of the program that added runs: its time, and the machine and its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// The number of the sitting, from 1, as in the column `sitting`.
    #[serde(rename = "sitting")]
    pub number: u32,
    /// The time of the start, in the form of RFC 3339.
    pub began: String,
    /// The load averages over 1, 5 and 15 minutes at the start (`/proc/loadavg`).
    #[serde(default)]
    pub load_average: Vec<f64>,
    /// The machine at the start; `None` if an earlier version did not record it.
    #[serde(default)]
    pub machine: Option<Machine>,
}

/// The machine, and its limits that matter to a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The name of the processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// The number of processors that the program may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processors: Option<usize>,
    /// The memory of the machine, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The kernel's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The number of files that a process may open, after raising the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files: Option<u64>,
    /// The first and the last port of outgoing connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_ports: Option<String>,
    /// The largest length of the queue of connections that are not yet accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_backlog: Option<String>,
    /// The reason why programs here cannot have `io_uring`; absent where they can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_uring: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

impl Machine {
    /// Returns the most important values in one line.
    #[must_use]
    pub fn in_words(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{} x {}, {} MiB, Linux {}",
            self.processors.unwrap_or_default(),
            text(&self.processor),
            self.memory_bytes.unwrap_or_default() >> 20,
            text(&self.kernel)
        )
    }
}

/// The resolution of a clock: smaller differences cannot be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// The smallest step between two readings that differ, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_ns: Option<u64>,
    /// The duration of one reading, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_ns: Option<u64>,
}

/// The conditions that are the same for all transports, so that none is favoured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hygiene {
    /// True if small segments are sent at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_nodelay: Option<bool>,
    /// True if bodies and frames are compressed; absent where only those of some runs are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<bool>,
    /// True if connections are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// A statement, in words, of whether each run has a server of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_per_run: Option<String>,
    /// A description of how the ledger determines the purposes of bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<String>,
    /// The limits beyond which the generator may not be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The limits beyond which the generator may not be believed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// The lateness with which drafts may be sent, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_us: Option<u64>,
    /// The same lateness, as a share of the median latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_share_of_median_latency: Option<f64>,
    /// The quantile of lateness that is compared with these limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_quantile: Option<f64>,
    /// The share of one processor that the busiest thread may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busiest_thread_share: Option<f64>,
    /// The share of all processors that the swarm may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swarm_share_of_machine: Option<f64>,
    /// The share of a percentile that the generator may add to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_share_of_percentile: Option<f64>,
    /// The share of one processor that programs beside the run may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_programs_share_of_processor: Option<f64>,
    /// The amount that it may always add to p50, p90 and p99, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_us_always_allowed_at_p50_p90_p99: Option<[u64; 3]>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}
