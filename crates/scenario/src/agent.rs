//! `[agent]`: the turns of an agent with a model's server, in place of a chat.

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[agent]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Agent {
    /// Turns, one after the other. Each adds 1,000 bytes to the history and has an answer of 200.
    /// Default 20.
    pub turns: usize,
    /// The connection of a turn: `new` or `kept`. Default kept.
    pub connection: Connection,
    /// The content of a turn: the `whole` history, or a `reference` to it with what is new. Default
    /// reference.
    pub history: History,
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            turns: 20,
            connection: Connection::Kept,
            history: History::Reference,
        }
    }
}

/// The connection of a turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Each turn opens its own.
    New,
    /// One serves all turns.
    #[default]
    Kept,
}

/// The part of the history that a turn sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// All of it, again and again.
    Whole,
    /// The new part, and a reference to the rest, which the server keeps.
    #[default]
    Reference,
}

/// The word of the `agent` column: `20 turns, kept connection, whole history`.
impl fmt::Display for Agent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connection = match self.connection {
            Connection::New => "new connections",
            Connection::Kept => "kept connection",
        };
        let history = match self.history {
            History::Whole => "whole history",
            History::Reference => "reference",
        };
        write!(formatter, "{} turns, {connection}, {history}", self.turns)
    }
}

impl Agent {
    /// Returns about how long the turns take over a path with this one-way delay; `upgrades` if a
    /// connection needs a round trip more before its first turn.
    #[must_use]
    pub fn takes(&self, delay: Duration, upgrades: bool) -> Duration {
        let opening = if upgrades { 2 } else { 1 };
        let opened = match self.connection {
            Connection::New => self.turns,
            Connection::Kept => 1,
        };
        let trips = self.turns + opening * opened;
        delay.saturating_mul(2 * trips as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_round_trips() {
        let mut agent = Agent::default();
        let delay = Duration::from_millis(100);
        assert_eq!(agent.takes(delay, false), Duration::from_millis(4_200));
        assert_eq!(agent.takes(delay, true), Duration::from_millis(4_400));
        agent.connection = Connection::New;
        assert_eq!(agent.takes(delay, false), Duration::from_secs(8));
        assert_eq!(agent.to_string(), "20 turns, new connections, reference");
    }
}
