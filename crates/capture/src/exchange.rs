//! A request and its answer, whether packets or a browser's export told of it.

use std::{ops::Range, time::Duration};

use dissect::Ledger;

use crate::{Remark, content::Brought, frames::Told, head::Head, terms::Path};

/// An exchange of HTTP, or a WebSocket from its request on.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The client's address, without its port.
    pub(crate) client: String,
    /// The server's name, or its address.
    pub(crate) server: String,
    /// The number of the connection.
    pub(crate) lane: usize,
    /// The round trip of the connection, if it is known; else zero.
    pub(crate) round_trip: Duration,
    pub(crate) path: Path,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) request: Head,
    pub(crate) sent: Brought,
    /// The times of the request's first and last byte.
    pub(crate) at: Duration,
    pub(crate) asked: Duration,
    pub(crate) answer: Option<Answer>,
    /// The time of the last byte.
    pub(crate) end: Duration,
    pub(crate) bytes: Bytes,
    pub(crate) socket: Option<Box<Socket>>,
    /// True if the answer, or the WebSocket, ended in good order.
    pub(crate) is_whole: bool,
    /// Bytes of the connection that belong to no exchange.
    pub(crate) extra: Option<Box<Ledger>>,
    pub(crate) remarks: Vec<Remark>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Head,
    /// The time of its first byte.
    pub(crate) at: Duration,
    pub(crate) brought: Brought,
    /// The times at which chunks began, if it is chunked.
    pub(crate) chunks: Vec<Duration>,
}

/// The whereabouts of the bytes of an exchange.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// A place in a connection that was captured.
    Captured {
        wire: usize,
        up: Range<usize>,
        down: Range<usize>,
    },
    /// A stream of a connection of HTTP/2 that was captured.
    Stream {
        wire: usize,
        stream: u32,
        /// The bytes in which the heads of request and answer crossed, with the heads of their frames.
        packed: [u64; 2],
    },
    /// Only their number is known.
    Stated(Sizes),
}

/// The sizes that a HAR states, in bytes, as far as it does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    pub(crate) request_head: Option<u64>,
    pub(crate) request_body: Option<u64>,
    pub(crate) answer_head: Option<u64>,
    pub(crate) answer_body: Option<u64>,
}

/// A WebSocket behind the exchange that opened it.
#[derive(Debug, Default)]
pub(crate) struct Socket {
    /// The first byte behind the answer, of a connection that was captured.
    pub(crate) down: usize,
    pub(crate) said: Told,
    pub(crate) heard: Told,
}

impl Exchange {
    /// Returns how long the server let the client wait, the round trip aside.
    pub(crate) fn hold(&self) -> Option<Duration> {
        let answer = self.answer.as_ref()?;
        Some(
            answer
                .at
                .saturating_sub(self.asked)
                .saturating_sub(self.round_trip),
        )
    }

    /// Returns the number of its stream; 0 if the connection has no streams.
    pub(crate) const fn stream(&self) -> u32 {
        match self.bytes {
            Bytes::Stream { stream, .. } => stream,
            Bytes::Captured { .. } | Bytes::Stated(_) => 0,
        }
    }

    /// Returns the media type of the answer, in lower case and without parameters.
    pub(crate) fn media(&self) -> String {
        let answer = self.answer.as_ref();
        let kind = answer.and_then(|answer| answer.head.field("content-type"));
        let kind = kind.unwrap_or_default();
        kind.split(';')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase()
    }

    /// Returns whether the method brings content.
    pub(crate) fn sends(&self) -> bool {
        matches!(self.method.as_str(), "POST" | "PUT" | "PATCH")
    }

    /// Returns whether the answer says that the request was met.
    pub(crate) fn is_good(&self) -> bool {
        let status = self.answer.as_ref().map_or(0, |answer| answer.status);
        (200..300).contains(&status)
    }
}
