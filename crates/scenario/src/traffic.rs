//! `[traffic]`: what they say, and when.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{notation, schema};

/// `[traffic]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// People in each room who speak. Default 1; 0 is silence.
    pub publishers: usize,
    /// Drafts a second in each room, of all its publishers together. Default 1.
    pub rate: f64,
    /// The distribution of the times at which drafts are due: `"constant"` (default),
    /// `"poisson"` or `{ burst = 20 }`.
    #[serde(with = "notation::arrivals")]
    #[schemars(schema_with = "schema::arrivals")]
    pub arrivals: Arrivals,
    /// The connections that drafts go over: `"post"` (default) or `"post_close"` (the
    /// publishers are more people, who do not listen, each with a connection of
    /// its own, kept or opened for each draft), or `"same"` (they are among the
    /// clients, and on a WebSocket speak over the socket that they read from).
    pub speak: Speak,
    /// The rule that says whether a draft waits for the answer to the one before: `"open"`
    /// (default), `"closed"` or `{ in_flight = 4 }`, which may say when a draft is
    /// back: with its speaker (default) or with everyone (`back = "everyone"`).
    #[serde(with = "notation::pacing")]
    #[schemars(schema_with = "schema::pacing")]
    pub pacing: Pacing,
    /// Bytes of text in a draft: `100` (default) or `{ min = 10, max = 500 }`.
    #[serde(with = "notation::payload")]
    #[schemars(schema_with = "schema::payload")]
    pub payload: Payload,
    /// The source of texts: `random` letters, in which a compressor finds next to nothing, a
    /// `corpus` of chat in English and Chinese, or the same with an `emoji` behind each sentence.
    /// Default random.
    #[serde(skip_serializing_if = "Text::is_random")]
    pub text: Text,
    /// A reader is coherent while it holds every event that was due at least
    /// this long ago. Default 1s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub coherent_within: Duration,
    /// The time from the first draft to the first that counts. Default 1s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub settle: Duration,
    /// The time for which drafts that count are due. Default 10s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub measure: Duration,
    /// The time to wait for the last arrivals before they are lost. Default 10s.
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
            text: Text::Random,
            coherent_within: Duration::from_secs(1),
            settle: Duration::from_secs(1),
            measure: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}

/// The connections that drafts go over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speak {
    /// Some of the readers also speak: on a WebSocket over the same socket,
    /// elsewhere over a connection of their own beside it.
    #[default]
    Same,
    /// Additional people only speak: each sends a POST over a connection that
    /// stays open, whatever the transport.
    Post,
    /// Additional people only speak, as with `post`, and open a new connection for each
    /// draft, so that latency includes connecting.
    PostClose,
}

/// The rule that says whether a draft waits for the answer to the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Pacing {
    /// Drafts do not wait: they leave when they are due (open loop).
    #[default]
    Open,
    /// Drafts wait: a publisher's draft leaves when it is due and the one before was
    /// answered (closed loop). Due times stay the schedule's.
    Closed,
    /// There is no schedule: in each room so many drafts are on their way, and
    /// the next leaves as soon as one has come back. It is due when it leaves.
    InFlight {
        /// Drafts on their way in each room.
        count: usize,
        /// The condition at which a draft has come back.
        back: Back,
    },
}

/// The condition at which a draft in flight has come back, so that the next may leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Back {
    /// The speaker has heard it.
    #[default]
    Speaker,
    /// Everyone in its room has heard it.
    Everyone,
}

impl Pacing {
    /// Returns the word of the `pacing` column: `open`, `closed`, `4 in flight`,
    /// `4 in flight to everyone`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed => "closed".to_owned(),
            Self::InFlight { count, back } => match back {
                Back::Speaker => format!("{count} in flight"),
                Back::Everyone => format!("{count} in flight to everyone"),
            },
        }
    }
}

/// The distribution of the times at which drafts are due.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Arrivals {
    /// Drafts are due at equal distances.
    Constant,
    /// Drafts are due at exponentially distributed distances.
    Poisson,
    /// So many drafts are due at once, at equal distances that keep the rate.
    Burst {
        /// Drafts in a burst.
        size: usize,
    },
}

/// The material of the texts of drafts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// Random letters.
    #[default]
    Random,
    /// Sentences of a chat, read on from one draft to the next.
    Corpus,
    /// The same sentences with an emoji behind each, which is four bytes or more.
    Emoji,
}

impl Text {
    /// Returns the word of the `text` column, as a scenario writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Corpus => "corpus",
            Self::Emoji => "emoji",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    const fn is_random(&self) -> bool {
        matches!(self, Self::Random)
    }
}

/// The bytes of text in a draft: uniform between both bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Payload {
    /// Fewest bytes.
    pub min: usize,
    /// Most bytes.
    pub max: usize,
}
