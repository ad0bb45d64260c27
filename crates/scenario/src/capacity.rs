//! `[capacity]`: the way in which `wirebench capacity` grows the load. A run does not use
//! it, and each value may be given on the command line instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[capacity]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// The condition at which a load is too much: `"p95 > 500ms"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The quantity that grows. Default `"clients"`.
    #[serde(default)]
    pub grow: Grow,
    /// The first load. Default: the scenario's own value of what grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The largest load to be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// The amount by which the load grows each time, without bisecting at the end.
    /// Without it the load doubles, and the knee is then bisected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// The largest distance, in percent, between the load that held and the one that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<f64>,
    /// The treatment of a load at which the generator doubts itself.
    #[serde(default)]
    pub doubts: Doubts,
}

/// The treatment of a load at which the generator doubts itself, and nothing else
/// is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubts {
    /// The search stops there.
    #[default]
    Stop,
    /// The load is judged by its figure all the same, and the result is marked:
    /// it is the generator's as much as the server's. A closed loop keeps the
    /// slower of the two busy, whichever that is.
    Note,
}

/// The quantity that grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grow {
    /// The people: `swarm.clients`.
    #[default]
    Clients,
    /// The drafts a second in each room: `traffic.rate`.
    Rate,
}

impl Grow {
    /// Returns the word as it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Rate => "rate",
        }
    }

    /// Returns the scenario's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Clients => "swarm.clients",
            Self::Rate => "traffic.rate",
        }
    }
}
