//! The shards whose folders were merged into one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Clock, Machine, Others};

/// A shard of the load generator: its machine, and for each run what cannot be added up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shard {
    /// The resolution of its clock.
    pub clock: Option<Clock>,
    /// The machine at the start.
    pub machine: Machine,
    /// The facts about each run, by the name of the run.
    pub runs: BTreeMap<String, ShardRun>,
    /// The number of the shard and how many there are, such as `2/4`.
    pub shard: String,
    /// The time of the start, in the form of RFC 3339.
    pub started: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The facts about one run that a shard has for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ShardRun {
    /// The calendar time at which *settle* began, in nanoseconds since 1970.
    pub began_unix_ns: Option<u64>,
    /// The processor time of the busiest thread.
    pub busiest_cpu_us: u64,
    /// The most by which the clocks of two shards differ.
    pub clock_error_us: Option<u64>,
    /// The time by which the calendar clock moved in the run.
    pub clock_moved_us: u64,
    /// The number of deliveries.
    pub delivered: u64,
    /// The number of latencies.
    pub latencies: u64,
    /// True if the shard saw the server's processor time.
    pub saw_server: bool,
    /// The processor time of the load generator.
    pub swarm_cpu_us: u64,
    /// The length of the window.
    pub window_ms: u64,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}
