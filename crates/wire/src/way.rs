//! The ways to read a room.
//!
//! This is the only list of them. Whoever needs the path of a way, the word for it or
//! anything that it does asks here, so that server, load generator, ledger, report,
//! traces and pages cannot disagree.

mod lookup;

use serde::{Deserialize, Serialize};

pub use lookup::UnknownWay;

use crate::{Framing, Transport};

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
                exchange: Exchange::Open,
                carrier: Carrier::Frame,
                carries_drafts: true,
            },
        }
    }
}

#[cfg(test)]
mod tests;
