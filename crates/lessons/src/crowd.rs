//! A crowd: many readers behind one browser's connection limit.

use serde::{Deserialize, Serialize};

/// Readers of one transport who share a browser.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// The name by which checks refer to the crowd.
    pub name: String,
    /// The transport over which the crowd reads.
    pub transport: String,
    /// The number of readers.
    pub readers: u32,
    /// The number of server ports over which the readers are spread. The default is 1.
    #[serde(default = "one")]
    pub ports: u32,
    /// The number of connections to one port that may be open at once, if no browser imposes a
    /// limit of its own. The default is 6, the limit of browsers for HTTP/1.1.
    #[serde(default = "six")]
    pub cap: u32,
    /// True if all who go to one port share one connection of HTTP/2, which has no limit but the
    /// server's. The default is HTTP/1.1.
    #[serde(default)]
    pub http2: bool,
    /// The time for which the readers' polls are held, in seconds.
    #[serde(default)]
    pub hold: Option<f64>,
}

/// A figure of a crowd.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfCrowd {
    /// The crowd's name.
    pub crowd: String,
    /// The figure that is read.
    pub read: CrowdReading,
}

/// A figure that can be read from a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrowdReading {
    /// The number of readers that hear a message at once.
    Heard,
    /// The latency of a draft that shares the readers' port, in milliseconds.
    DraftMs,
}

impl CrowdReading {
    /// Returns the word for the figure in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::DraftMs => "draft_ms",
        }
    }
}

const fn one() -> u32 {
    1
}

const fn six() -> u32 {
    6
}
