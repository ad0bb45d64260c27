//! `[server]`: the server that a run starts, and a stop of it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest text that a server takes unless it is told otherwise, in bytes.
const TEXT_LIMIT: usize = 65_536;

/// Returns whether a limit need not be written down.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_usual(limit: &usize) -> bool {
    *limit == TEXT_LIMIT
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Threads of the server. Default 1.
    pub threads: usize,
    /// Events that a room keeps. Default 200.
    pub log: usize,
    /// Bytes of the longest text that it takes in a draft. Default 65536.
    #[serde(skip_serializing_if = "is_usual")]
    pub text_limit: usize,
    /// True if events that wait for a reader go out in one write, as they do by
    /// default, false if each goes out in a write of its own.
    pub coalesce: bool,
    /// A stop of the server for a while. Default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<ServerStall>,
}

/// `stall = { after = "10s", for = "1400ms" }`: the server's process is stopped
/// once, as by a long pause for garbage or a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerStall {
    /// Time from the beginning of *measure* to the stop.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub after: Duration,
    /// The length of the stop.
    #[serde(rename = "for", with = "humantime_serde")]
    #[schemars(with = "String")]
    pub duration: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            threads: 1,
            log: 200,
            text_limit: TEXT_LIMIT,
            coalesce: true,
            stall: None,
        }
    }
}
