//! The accounts: each byte of a connection is in exactly one.

use serde::{Deserialize, Serialize};

/// The direction in which a byte travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The direction from the client to the server.
    Up,
    /// The direction from the server to the client.
    Down,
}

impl Direction {
    /// The two directions.
    pub const ALL: [Self; 2] = [Self::Up, Self::Down];

    /// Returns the word for it in CSV.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// Returns the other one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// The purpose of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Handshakes and the opening of streams.
    Setup,
    /// An exchange or frame that brought at least one message.
    Deliver,
    /// A draft on its way up.
    Say,
    /// The answer to a draft.
    Ack,
    /// An exchange that brought no event.
    Empty,
    /// The keeping alive of a connection.
    Heartbeat,
    /// Joins, leaves and the list of people.
    Presence,
    /// The closing of a connection.
    Close,
}

impl Purpose {
    /// Every purpose, in the order of the columns of a figure.
    pub const ALL: [Self; 8] = [
        Self::Setup,
        Self::Deliver,
        Self::Say,
        Self::Ack,
        Self::Empty,
        Self::Heartbeat,
        Self::Presence,
        Self::Close,
    ];

    /// Returns the word for it in CSV.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Deliver => "deliver",
            Self::Say => "say",
            Self::Ack => "ack",
            Self::Empty => "empty",
            Self::Heartbeat => "heartbeat",
            Self::Presence => "presence",
            Self::Close => "close",
        }
    }

    /// Returns the purpose of the answer to a request of this purpose.
    pub(crate) const fn answered(self) -> Self {
        match self {
            Self::Say => Self::Ack,
            other => other,
        }
    }
}

/// The layer of the protocol to which a byte belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The JSON of an event or draft.
    Payload,
    /// The bytes that the protocol of a library puts around a payload, and its packets without one.
    Envelope,
    /// The JSON around events in a poll's answer, or of an acknowledgement.
    Batch,
    /// SSE fields, NDJSON line ends.
    TextFrame,
    /// HTTP chunk sizes and ends.
    Chunk,
    /// Request or status line and header fields.
    HttpHead,
    /// WebSocket frame heads without the mask.
    WsHead,
    /// WebSocket masking keys.
    WsMask,
    /// The heads of frames of HTTP/2 that carry heads and content, with padding and priority.
    H2Frame,
    /// The frames of HTTP/2 that carry neither (`SETTINGS`, `WINDOW_UPDATE`, `PING`, `RST_STREAM`,
    /// `GOAWAY`), whole, and the preface.
    H2Control,
    /// TLS records around all of it.
    Tls,
    /// TCP and IP headers: an estimate, never part of the socket's sum.
    TcpIp,
    /// Bytes that broke the protocol. Any at all make a run not valid.
    Unparsed,
}

impl Layer {
    /// Every layer, from the inside out.
    pub const ALL: [Self; 13] = [
        Self::Payload,
        Self::Envelope,
        Self::Batch,
        Self::TextFrame,
        Self::Chunk,
        Self::HttpHead,
        Self::WsHead,
        Self::WsMask,
        Self::H2Frame,
        Self::H2Control,
        Self::Tls,
        Self::TcpIp,
        Self::Unparsed,
    ];

    /// Returns the word for it in CSV.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Envelope => "envelope",
            Self::Batch => "batch",
            Self::TextFrame => "text_frame",
            Self::Chunk => "chunk",
            Self::HttpHead => "http_head",
            Self::WsHead => "ws_head",
            Self::WsMask => "ws_mask",
            Self::H2Frame => "h2_frame",
            Self::H2Control => "h2_control",
            Self::Tls => "tls",
            Self::TcpIp => "tcp_ip",
            Self::Unparsed => "unparsed",
        }
    }
}
