//! The ways to read a room.
//!
//! This is the only list of them. Code that needs the path of a way, its name or any of its
//! properties takes them from here, so that server, load generator, ledger, report, traces and
//! pages agree.

mod lookup;
mod words;

use serde::{Deserialize, Serialize};

pub use words::{UnknownTransport, UnknownWay};

/// A way to read a room: a transport and, for a stream, its framing.
///
/// The protocol of the messages (the room's own contract, or that of another server) is not part of
/// the way; it is stored beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Short polling: the reader asks once in each interval; the answer comes at once and is often
    /// empty.
    ShortPoll,
    /// Long polling: the reader asks, and the server answers when there is an event or the hold is
    /// over; then the reader asks again.
    LongPoll,
    /// A stream: the reader asks once and reads on, one JSON text in each line.
    #[serde(rename = "http_stream")]
    Ndjson,
    /// A stream: the reader asks once and reads on, one server-sent event for each event.
    Sse,
    /// A WebSocket: the reader upgrades once, gets a frame for each event, and speaks on the same
    /// socket.
    Websocket,
}

/// The properties of a way to read a room. The pages get them as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// The name on the pages and in `trace`.
    pub name: &'static str,
    /// The name in contexts where a stream is named by its framing: below `[target]`, in objectives
    /// and in `--only`.
    pub key: &'static str,
    /// The transport, which is a column of `runs.csv` and the `kind` in a scenario.
    pub transport: Transport,
    /// The last part of the path: `/rooms/ROOM/PATH`.
    pub path: &'static str,
    /// The title in figures and tables.
    pub title: &'static str,
    /// The title on the pages, in English and in Chinese.
    pub label: [&'static str; 2],
    /// A sentence for readers who choose between the ways, in English and in Chinese.
    pub about: [&'static str; 2],
    /// The colour on the pages, in CSS notation. Figures have colours of their own, which stay
    /// distinct in grey print.
    pub tint: &'static str,
    /// The event that ends an exchange of a request and its answer.
    pub exchange: Exchange,
    /// The unit in which an event is transported.
    #[serde(skip)]
    pub carrier: Carrier,
    /// True if drafts go up on the connection on which events come down.
    pub carries_drafts: bool,
}

/// The event that ends an exchange of a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// The answer, which comes at once; the reader asks again when its interval is over.
    Immediate,
    /// The answer, which comes with the next event or when the hold is over; the reader
    /// asks again at once.
    Held,
    /// The end of the connection: the answer continues until either side leaves.
    Open,
}

/// The most connections that a browser opens to one server over HTTP/1.1, WebSockets apart. Chromium
/// and Firefox have the same number; RFC 9112, section 9.4, names none.
pub const BROWSER_CONNECTIONS: usize = 6;

/// The unit in which an event is transported.
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
    /// All ways, in the order of presentation.
    pub const ALL: [Self; 5] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::Ndjson,
        Self::Sse,
        Self::Websocket,
    ];

    /// Returns the properties of the way.
    #[must_use]
    pub const fn properties(self) -> &'static Properties {
        match self {
            Self::ShortPoll => &SHORT_POLL,
            Self::LongPoll => &LONG_POLL,
            Self::Ndjson => &NDJSON,
            Self::Sse => &SSE,
            Self::Websocket => &WEBSOCKET,
        }
    }
}

const SHORT_POLL: Properties = Properties {
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
};

const LONG_POLL: Properties = Properties {
    name: "long_poll",
    key: "long_poll",
    transport: Transport::LongPoll,
    path: "long-poll",
    title: "Long poll",
    label: ["Long polling", "长轮询"],
    about: [
        "Asks, and the server keeps the question until it has an answer.",
        "发出请求，服务器把它挂起，直到有消息可答。",
    ],
    tint: "#a98a12",
    exchange: Exchange::Held,
    carrier: Carrier::Batch,
    carries_drafts: false,
};

const NDJSON: Properties = Properties {
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
};

const SSE: Properties = Properties {
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
};

const WEBSOCKET: Properties = Properties {
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
};

/// The transport of a way: the method by which a reader gets events from a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Short polling: the reader asks once in each interval; the answer comes at once and is often
    /// empty.
    ShortPoll,
    /// Long polling: the reader asks, and the server answers when there is an event or the hold is
    /// over; then the reader asks again.
    LongPoll,
    /// A stream: the reader asks once and reads on, one line (or one SSE event) for each event.
    HttpStream,
    /// A WebSocket: the reader upgrades once, gets a frame for each event, and speaks on the same
    /// socket.
    Websocket,
}

impl Transport {
    /// All transports, in the order of presentation.
    pub const ALL: [Self; 4] = [
        Self::ShortPoll,
        Self::LongPoll,
        Self::HttpStream,
        Self::Websocket,
    ];

    /// Returns the name in CSV, TOML and on the command line.
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

/// The format by which an HTTP stream marks the end of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// A JSON text in each line (`application/x-ndjson`).
    Ndjson,
    /// Server-sent events (WHATWG HTML, section 9.2), which a browser's `EventSource` reads without
    /// further code.
    Sse,
}

impl Framing {
    /// All framings.
    pub const ALL: [Self; 2] = [Self::Ndjson, Self::Sse];

    /// Returns the name in CSV and TOML.
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
