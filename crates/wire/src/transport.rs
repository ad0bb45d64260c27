//! The transports, and the framings of a stream: what a way to read a room is made of.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The transport of a way: how a reader gets events from a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Ask each interval; the answer comes at once and is often empty.
    ShortPoll,
    /// Ask, and be answered when there is something or the hold is over; ask again.
    LongPoll,
    /// Ask once and read on: a line (or an SSE event) each.
    HttpStream,
    /// Upgrade once; a frame each, and speak on the same socket.
    Websocket,
}

impl Transport {
    /// Every transport, in the order in which the comparison is told.
    pub const ALL: [Self; 4] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Websocket,
    ];

    /// Returns the word for it in CSV, TOML and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShortPoll => "short_poll",
            Self::LongPoll => "long_poll",
            Self::HttpStream => "http_stream",
            Self::Websocket => "websocket",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A word that names no transport.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no transport is called {word:?}; there are {transports}",
    transports = listed(&Transport::ALL.map(Transport::name))
)]
pub struct UnknownTransport {
    word: String,
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.name() == word)
            .ok_or_else(|| UnknownTransport {
                word: word.to_owned(),
            })
    }
}

/// The marks by which an HTTP stream tells where an event ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// A JSON text a line (`application/x-ndjson`).
    Ndjson,
    /// Server-sent events (WHATWG HTML, section 9.2), which a browser's
    /// `EventSource` reads unaided.
    Sse,
}

impl Framing {
    /// Every framing.
    pub const ALL: [Self; 2] = [Self::Ndjson, Self::Sse];

    /// Returns the word for it in CSV and TOML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Sse => "sse",
        }
    }

    /// Returns the media type of the response.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Sse => "text/event-stream",
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Joins words as a sentence lists them: `a, b and c`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
