//! The programs of others that a run used: the proxies before the server, and a Redis.

use serde::{Deserialize, Serialize};

use super::Others;

/// A proxy before the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Proxy {
    /// The arguments of the command.
    pub arguments: String,
    /// The settings, with holes for what differs from run to run.
    pub config: String,
    /// The name of the program.
    pub program: String,
    /// The version of the program.
    pub version: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// A Redis that the runs used and did not start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Redis {
    /// The setting `appendfsync`, which decides what an acknowledged draft survives.
    pub appendfsync: String,
    /// The setting `appendonly`.
    pub appendonly: String,
    /// True if its processor time and memory were measured.
    pub is_on_this_machine: bool,
    /// False: it was there before the run, and others may use it as well.
    pub is_own: bool,
    /// The version of the Redis.
    pub version: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}
