//! A lane: one transport as the classroom page shows it.

use serde::{Deserialize, Serialize};

/// A transport as the page counts them: server-sent events are a lane of their
/// own, though on the server they are the HTTP stream in another framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Ask each interval.
    ShortPoll,
    /// Ask, and be answered when there is something.
    LongPoll,
    /// Ask once and read on, a line each.
    HttpStream,
    /// The same, read by the browser's `EventSource`.
    Sse,
    /// A frame each, both ways.
    Websocket,
}

impl Lane {
    /// Every lane, from left to right.
    pub const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Sse,
        Self::Websocket,
    ];

    /// The word for it in files and addresses.
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
