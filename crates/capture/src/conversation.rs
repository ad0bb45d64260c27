//! Conversations: the result of reading a capture.

use std::{fmt, time::Duration};

use dissect::Ledger;

use crate::{Figures, Remark, Terms};

/// A capture that was read.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// The conversations, in the order in which they began.
    pub conversations: Vec<Conversation>,
    /// Remarks about the file as a whole.
    pub remarks: Vec<Remark>,
    /// The numbers of the file as a whole; `None` for a HAR, which has no packets.
    pub totals: Option<Totals>,
}

/// The numbers of a file of packets as a whole, to be compared with the counts of another
/// program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Packets, whatever they carry.
    pub packets: u64,
    /// Packets that have a segment of TCP and are no fragment of IP.
    pub segments: u64,
    /// Connections of TCP that are followed, those among them over which no content went.
    pub connections: u64,
}

/// All that one client and one server exchanged in one manner: a poll with all its requests, one
/// stream, one WebSocket, or the plain requests to one server.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The manner.
    pub kind: Kind,
    /// The client's address; `browser` for a HAR.
    pub client: String,
    /// The server's name, or its address.
    pub server: String,
    /// The path that was asked for, without the query; empty where there are several.
    pub target: String,
    /// The version of HTTP: `1.1`, `2` or `3`, several with commas; empty if it is not known.
    pub http: String,
    /// The number of connections that carried it.
    pub connections: u64,
    /// The account of each byte.
    pub ledger: Ledger,
    /// The terms on which it was held.
    pub terms: Terms,
    /// The figures that follow from it.
    pub figures: Figures,
    /// Remarks about what could not be read or told.
    pub remarks: Vec<Remark>,
}

/// The way in which a library carries its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Over {
    /// Polls.
    Polling,
    /// A stream down, requests up.
    Streaming,
    /// A WebSocket.
    WebSocket,
}

/// The manner of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Requests at a fixed interval, answered at once.
    ShortPoll {
        /// The median time from one request to the next.
        interval: Duration,
    },
    /// Requests that the server holds, each sent as soon as the one before it was answered.
    LongPoll {
        /// The longest time that the server held a request it then answered with nothing; if there
        /// is none, the longest time that it held any.
        hold: Duration,
    },
    /// Server-sent events.
    Sse,
    /// A stream of lines of JSON.
    Ndjson,
    /// An answer in chunks that came over a longer time.
    ChunkedStream,
    /// A WebSocket.
    WebSocket,
    /// Socket.IO, or Engine.IO without it.
    SocketIo(Over),
    /// SockJS.
    SockJs(Over),
    /// Requests that are none of the above.
    Plain,
    /// A connection under TLS.
    Tls,
    /// The frames of connections of HTTP/2 that belong to the connection and to no stream.
    Http2,
    /// A connection that changed to another protocol than WebSocket.
    Upgraded,
    /// A connection in a protocol that is not known here.
    Other,
}

impl Kind {
    /// Returns the name, for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ShortPoll { .. } => "short_poll",
            Self::LongPoll { .. } => "long_poll",
            Self::Sse => "sse",
            Self::Ndjson => "ndjson",
            Self::ChunkedStream => "chunked_stream",
            Self::WebSocket => "websocket",
            Self::SocketIo(Over::WebSocket) => "socket_io_websocket",
            Self::SocketIo(_) => "socket_io_polling",
            Self::SockJs(Over::WebSocket) => "sockjs_websocket",
            Self::SockJs(Over::Streaming) => "sockjs_streaming",
            Self::SockJs(Over::Polling) => "sockjs_polling",
            Self::Plain => "plain_requests",
            Self::Tls => "tls",
            Self::Http2 => "http2",
            Self::Upgraded => "upgraded",
            Self::Other => "other",
        }
    }

    /// Returns whether nothing is known of what the bytes were for.
    #[must_use]
    pub const fn is_opaque(self) -> bool {
        matches!(self, Self::Tls | Self::Upgraded | Self::Other)
    }

    /// Returns whether each request asks for what is new.
    #[must_use]
    pub const fn is_poll(self) -> bool {
        matches!(self, Self::ShortPoll { .. } | Self::LongPoll { .. })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: &Duration| format!("{:.2} s", time.as_secs_f64());
        match self {
            Self::ShortPoll { interval } => {
                write!(formatter, "short poll each {}", seconds(interval))
            }
            Self::LongPoll { hold } => {
                write!(formatter, "long poll, held for up to {}", seconds(hold))
            }
            Self::Sse => formatter.write_str("server-sent events"),
            Self::Ndjson => formatter.write_str("NDJSON stream"),
            Self::ChunkedStream => formatter.write_str("chunked stream"),
            Self::WebSocket => formatter.write_str("WebSocket"),
            Self::SocketIo(Over::WebSocket) => formatter.write_str("Socket.IO over WebSocket"),
            Self::SocketIo(_) => formatter.write_str("Socket.IO over polling"),
            Self::SockJs(Over::WebSocket) => formatter.write_str("SockJS over WebSocket"),
            Self::SockJs(Over::Streaming) => formatter.write_str("SockJS over a stream"),
            Self::SockJs(Over::Polling) => formatter.write_str("SockJS over polling"),
            Self::Plain => formatter.write_str("plain requests"),
            Self::Tls => formatter.write_str("TLS, not opened"),
            Self::Http2 => formatter.write_str("connections of HTTP/2, streams aside"),
            Self::Upgraded => formatter.write_str("another protocol after HTTP"),
            Self::Other => formatter.write_str("not HTTP"),
        }
    }
}

impl Conversation {
    /// Returns the bytes of one direction, over all accounts.
    #[must_use]
    pub fn total(&self, direction: dissect::Direction) -> u64 {
        self.ledger.total(direction)
    }
}

impl Captured {
    /// Returns whether the capture has everything that it shows to have crossed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let of_each = self.conversations.iter().flat_map(|one| &one.remarks);
        !self.remarks.iter().chain(of_each).any(Remark::is_loss)
    }
}
