//! The ways to read a room.
//!
//! This is the only list of them. Whoever needs the path of a way, the word for it or
//! anything that it does asks here, so that server, load generator, ledger, report,
//! traces and pages cannot disagree.

mod lookup;
mod words;

use serde::{Deserialize, Serialize};

pub use words::{UnknownTransport, UnknownWay};

/// A way to read a room: a transport and, of a stream, its framing.
///
/// What is spoken around the messages (the room's own contract, or another's) is not part
/// of the way; it stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Ask each interval; the answer comes at once and is often empty.
    ShortPoll,
    /// Ask, and be answered when there is something or the hold is over; ask again.
    LongPoll,
    /// Ask once and read on, a JSON text a line.
    #[serde(rename = "http_stream")]
    Ndjson,
    /// Ask once and read on, a server-sent event each.
    Sse,
    /// Upgrade once; a frame each, and speak on the same socket.
    Websocket,
}

/// All that is particular to a way to read a room. The pages get it as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// The word for it on the pages and in `trace`.
    pub name: &'static str,
    /// The word for it where a stream is named by its framing: below `[target]`, in
    /// objectives and in `--only`.
    pub key: &'static str,
    /// The transport, a column of `runs.csv` and the `kind` of a scenario.
    pub transport: Transport,
    /// The last part of its path: `/rooms/ROOM/PATH`.
    pub path: &'static str,
    /// Its title in figures and tables.
    pub title: &'static str,
    /// Its title on the pages, in English and in Chinese.
    pub label: [&'static str; 2],
    /// A sentence for whoever chooses between the ways, in English and in Chinese.
    pub about: [&'static str; 2],
    /// Its colour on the pages, as CSS writes it. Figures have colours of their own, which
    /// stay apart in grey print.
    pub tint: &'static str,
    /// What ends an exchange of a question and its answer.
    pub exchange: Exchange,
    /// What an event travels in.
    #[serde(skip)]
    pub carrier: Carrier,
    /// Whether drafts go up on the connection that events come down on.
    pub carries_drafts: bool,
}

/// What ends an exchange of a question and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// The answer, which comes at once; the reader asks again when its interval is over.
    Immediate,
    /// The answer, which comes with the next event or when the hold is over; the reader
    /// asks again at once.
    Held,
    /// The end of the connection: the answer goes on until either side leaves.
    Open,
}

/// What an event travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A JSON batch, which is the body of an answer.
    Batch,
    /// A piece of a stream, in a chunk of an answer's body.
    Stream(Framing),
    /// A WebSocket frame (RFC 6455, section 5).
    Frame,
}

impl Way {
    /// Every way, in the order in which the comparison is told.
    pub const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::Ndjson,
        Self::Sse,
        Self::Websocket,
    ];

    /// Returns all that is particular to it.
    #[must_use]
    pub const fn properties(self) -> &'static Properties {
        match self {
            Self::ShortPoll => &Properties {
                name: "short_poll",
                key: "short_poll",
                transport: Transport::ShortPoll,
                path: "poll",
                title: "Short poll",
                label: ["Short polling", "短轮询"],
                about: [
                    "Asks each second, and is often told that there is nothing.",
                    "每秒问一次，得到的往往是“没有”。",
                ],
                tint: "#b8651b",
                exchange: Exchange::Immediate,
                carrier: Carrier::Batch,
                carries_drafts: false,
            },
            Self::LongPoll => &Properties {
                name: "long_poll",
                key: "long_poll",
                transport: Transport::LongPoll,
                path: "long-poll",
                title: "Long poll",
                label: ["Long polling", "长轮询"],
                about: [
                    "Asks, and the server keeps the question until it has an answer.",
                    "提问后，服务器一直留着问题，直到有答案。",
                ],
                tint: "#a98a12",
                exchange: Exchange::Held,
                carrier: Carrier::Batch,
                carries_drafts: false,
            },
            Self::Ndjson => &Properties {
                name: "http_stream",
                key: "ndjson",
                transport: Transport::HttpStream,
                path: "stream",
                title: "Stream (NDJSON)",
                label: ["HTTP stream", "HTTP 流"],
                about: [
                    "Asks once; the answer never ends and carries a line per event.",
                    "只问一次；响应永不结束，每个事件一行。",
                ],
                tint: "#2b8a5f",
                exchange: Exchange::Open,
                carrier: Carrier::Stream(Framing::Ndjson),
                carries_drafts: false,
            },
            Self::Sse => &Properties {
                name: "sse",
                key: "sse",
                transport: Transport::HttpStream,
                path: "sse",
                title: "Stream (SSE)",
                label: ["Server-sent events", "服务器发送事件"],
                about: [
                    "The same stream, read by the browser itself.",
                    "同样的流，由浏览器自己读取。",
                ],
                tint: "#2c7f9e",
                exchange: Exchange::Open,
                carrier: Carrier::Stream(Framing::Sse),
                carries_drafts: false,
            },
            Self::Websocket => &Properties {
                name: "websocket",
                key: "websocket",
                transport: Transport::Websocket,
                path: "ws",
                title: "WebSocket",
                label: ["WebSocket", "WebSocket"],
                about: [
                    "One connection, both ways, a frame per event.",
                    "一条连接，双向，每个事件一帧。",
                ],
                tint: "#6354c2",
                exchange: Exchange::Open,
                carrier: Carrier::Frame,
                carries_drafts: true,
            },
        }
    }
}

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

#[cfg(test)]
mod tests;
