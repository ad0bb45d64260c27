//! `[traffic]`: what they say, and when.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{notation, schema};
use crate::plan::{Arrivals, Pacing, Payload, Speak};

/// `[traffic]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// People in each room who speak. Default 1; 0 is silence.
    pub publishers: usize,
    /// Drafts a second in each room, of all its publishers together. Default 1.
    pub rate: f64,
    /// When drafts are due: `"constant"` (default), `"poisson"` or `{ burst = 20 }`.
    #[serde(with = "notation::arrivals")]
    #[schemars(schema_with = "schema::arrivals")]
    pub arrivals: Arrivals,
    /// Whose connections drafts go over: `"post"` (default) or `"post_close"` (the
    /// publishers are more people, who do not listen, each with a connection of
    /// its own, kept or opened for each draft), or `"same"` (they are among the
    /// clients, and on a WebSocket speak over the socket that they read from).
    pub speak: Speak,
    /// Whether a draft waits for the answer to the one before: `"open"`
    /// (default), `"closed"` or `{ in_flight = 4 }`, which may say when one is
    /// back: with its speaker (default) or with everyone (`back = "everyone"`).
    #[serde(with = "notation::pacing")]
    #[schemars(schema_with = "schema::pacing")]
    pub pacing: Pacing,
    /// Bytes of text in a draft: `100` (default) or `{ min = 10, max = 500 }`.
    #[serde(with = "notation::payload")]
    #[schemars(schema_with = "schema::payload")]
    pub payload: Payload,
    /// A reader is coherent while it holds every event that was due at least
    /// this long ago. Default 1s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub coherent_within: Duration,
    /// From the first draft to the first that counts. Default 1s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub settle: Duration,
    /// For how long drafts that count are due. Default 10s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub measure: Duration,
    /// How long to wait for the last arrivals before they are lost. Default 10s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub drain: Duration,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            publishers: 1,
            rate: 1.0,
            arrivals: Arrivals::Constant,
            speak: Speak::Post,
            pacing: Pacing::Open,
            payload: Payload { min: 100, max: 100 },
            coherent_within: Duration::from_secs(1),
            settle: Duration::from_secs(1),
            measure: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}
