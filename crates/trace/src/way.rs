//! The ways to listen that can be traced: the four transports, and SSE beside
//! NDJSON, because their bytes differ.

use std::{fmt, str::FromStr};

/// A way to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Ask each interval.
    ShortPoll,
    /// Ask and be held.
    LongPoll,
    /// Ask once, read NDJSON lines.
    HttpStream,
    /// Ask once, read server-sent events.
    Sse,
    /// Upgrade once, read frames.
    Websocket,
}

impl Way {
    /// Every way, in the order in which the comparison is told.
    pub const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Sse,
        Self::Websocket,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShortPoll => "short_poll",
            Self::LongPoll => "long_poll",
            Self::HttpStream => "http_stream",
            Self::Sse => "sse",
            Self::Websocket => "websocket",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A word that names no way to listen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be traced; there are short_poll, long_poll, http_stream, sse and websocket")]
pub struct UnknownWay(String);

impl FromStr for Way {
    type Err = UnknownWay;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|way| way.name() == word)
            .ok_or_else(|| UnknownWay(word.to_owned()))
    }
}
