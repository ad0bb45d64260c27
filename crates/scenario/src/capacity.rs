//! `[capacity]`: how `wirebench capacity` grows the load. No run looks at it, and
//! each value may be given on the command line instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[capacity]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// The condition at which a load is too much: `"p95 > 500ms"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What grows. Default `"clients"`.
    #[serde(default)]
    pub grow: Grow,
    /// The first load. Default: the scenario's own value of what grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The largest load to be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// By how much the load grows each time, without bisecting at the end.
    /// Without it the load doubles, and the knee is then bisected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// How near to each other, in percent, what held and what did not must lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<f64>,
    /// What becomes of a load at which the generator doubts itself.
    #[serde(default)]
    pub doubts: Doubts,
}

/// What becomes of a load at which the generator doubts itself, and nothing else
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

/// What grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grow {
    /// `swarm.clients`
    #[default]
    Clients,
    /// `traffic.rate`
    Rate,
}

impl Grow {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Rate => "rate",
        }
    }

    /// The scenario's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Clients => "swarm.clients",
            Self::Rate => "traffic.rate",
        }
    }
}
