//! The measurements of the load generator against a server that does nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Others;

/// The results of a calibration, for runs of one shape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// The people whose bytes are in the ledger.
    pub accounting: Value,
    /// The number of readers.
    pub clients: u64,
    /// The floor; `None` if the calibration itself failed.
    pub floor: Option<Floor>,
    /// The processor time that the kernel takes for a message over loopback.
    pub loopback: Option<Loopback>,
    /// The bytes of text in a draft.
    pub payload: Payload,
    /// The number of publishers.
    pub publishers: u64,
    /// The number of drafts a second.
    pub rate: f64,
    /// The number of rooms.
    pub rooms: u64,
    /// The number of threads that readers are divided among.
    pub shards: u64,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The latency and the cost that remain when the server does nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Floor {
    /// The number of readers of the calibration.
    pub clients: u64,
    /// The processor time of the generator for each delivery.
    pub cpu_us_per_delivery: f64,
    /// The number of deliveries.
    pub deliveries: u64,
    /// The 99th percentile of the lateness of drafts.
    pub late_p99_us: u64,
    /// The median latency from the due time.
    pub p50_us: u64,
    /// The 99th percentile of latency from the due time.
    pub p99_us: u64,
    /// True if the speaking thread was given priority over the others.
    pub speaks_first: bool,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The processor time of one `send` of a small frame over loopback.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Loopback {
    /// The time in microseconds if the frame is queued and cannot leave.
    pub queued_us: f64,
    /// The share of `send_us` that the receiver's half is at most.
    pub receiver_share_at_most: f64,
    /// The time in microseconds if a reader waits for the frame.
    pub send_us: f64,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The bytes of text in a draft: from the fewest to the most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Payload {
    /// The most bytes.
    pub max: u64,
    /// The fewest bytes.
    pub min: u64,
}
