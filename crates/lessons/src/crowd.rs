//! A crowd: many readers behind one browser's limit of connections.

use serde::{Deserialize, Serialize};

/// Readers of one transport who share a browser.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// By which checks mean it.
    pub name: String,
    /// Over which transport they read.
    pub transport: String,
    /// How many they are.
    pub readers: u32,
    /// Over how many ports of the server they are spread. Default 1.
    #[serde(default = "one")]
    pub ports: u32,
    /// Connections to one port that may be open at once, where no browser says
    /// so itself. Default 6, as browsers have it for HTTP/1.1.
    #[serde(default = "six")]
    pub cap: u32,
    /// For how long their polls are held, in seconds.
    #[serde(default)]
    pub hold: Option<f64>,
}

/// A figure of a crowd.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfCrowd {
    /// The crowd's name.
    pub crowd: String,
    /// What is read off.
    pub read: CrowdReading,
}

/// What can be read off a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrowdReading {
    /// How many hear a message at once.
    Heard,
    /// How long a draft takes that shares their port, in milliseconds.
    DraftMs,
}

impl CrowdReading {
    /// The word for it in files.
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
