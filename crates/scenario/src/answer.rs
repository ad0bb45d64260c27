//! `[answer]`: one answer of a language model, token by token, in place of a chat.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[answer]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// Tokens of the answer. They come `traffic.rate` a second and have `traffic.payload` bytes of
    /// text, its lengths in turn. Default 500.
    pub tokens: usize,
    /// The JSON around each token: `raw` for none, `openai` or `anthropic`. Default raw.
    pub envelope: Envelope,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            tokens: 500,
            envelope: Envelope::Raw,
        }
    }
}

/// The JSON around each token of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// None: the text alone.
    #[default]
    Raw,
    /// A chunk of the chat completions of `OpenAI`.
    Openai,
    /// A delta of Anthropic's messages, over server-sent events with its `event` line.
    Anthropic,
}

impl Envelope {
    /// Returns the word of the `envelope` column, as a scenario writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}
