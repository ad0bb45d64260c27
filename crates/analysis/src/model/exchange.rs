//! Heads and JSON texts of this project's own exchanges, written out and counted.
//!
//! Each text here is one that swarm or server writes, with the parts that vary
//! in length as parameters; the tests hold them against captured bytes. Case
//! does not matter to a count, so `host:` stands for `Host:` as well.

use wire::{Exchange, Way};

use super::framing::decimal_digits;

/// Bytes of a person's name, such as `p000017`.
pub const NAME: u64 = 7;
/// Bytes of the tag in which a draft carries its times.
pub const TAG: u64 = 30;
/// The name of a room; all have this length.
const ROOM: &str = "r00000";
/// `Mon, 01 Jan 2024 00:00:00 GMT` (RFC 9110, section 5.6.7).
const DATE: &str = "date: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
const CLOSE: &str = "connection: close\r\n";

/// What a run's requests have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Bytes of the server's host and port.
    pub host: u64,
    /// Bytes of the header profile's lines, line ends included.
    pub lines: u64,
    /// Whether each request is its connection's last.
    pub closes: bool,
    /// Whether readers give a name.
    pub named: bool,
}

impl Client {
    /// Head of a request without a body (RFC 9112, section 3): request line,
    /// `Host`, the profile's lines, the empty line.
    #[must_use]
    pub fn get(&self, target: u64) -> u64 {
        length("GET  HTTP/1.1\r\n")
            + target
            + self.host_line()
            + self.lines
            + self.close_line()
            + length("\r\n")
    }

    /// Head of a request that says a draft of `body` bytes.
    #[must_use]
    pub fn say(&self, body: u64) -> u64 {
        length("POST /rooms//messages HTTP/1.1\r\n")
            + length(ROOM)
            + self.host_line()
            + length("content-length: \r\n")
            + decimal_digits(body)
            + self.lines
            + self.close_line()
            + length("\r\n")
    }

    /// The opening handshake's request (RFC 6455, section 4.1).
    #[must_use]
    pub fn upgrade(&self) -> u64 {
        const FIELDS: &str = "connection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: 0123456789012345678901==\r\n";
        self.get(self.target(Way::Websocket.path(), "latest")) + length(FIELDS)
    }

    /// Head of a stream's request.
    #[must_use]
    pub fn open(&self, way: &str) -> u64 {
        self.get(self.target(way, "latest"))
    }

    /// Head of a short poll that goes on after `seq`.
    #[must_use]
    pub fn short_poll(&self, seq: u64, interval: f64) -> u64 {
        self.question(Way::ShortPoll, seq, interval)
    }

    /// Head of a long poll that goes on after `seq`.
    #[must_use]
    pub fn long_poll(&self, seq: u64, hold: f64) -> u64 {
        self.question(Way::LongPoll, seq, hold)
    }

    /// Head of the question of a reader who polls, after `seq`; `every` is its interval or
    /// its hold, in seconds. Nothing for ways in which a reader asks once.
    #[must_use]
    pub fn question(&self, way: Way, seq: u64, every: f64) -> u64 {
        let parameter = match way.exchange() {
            // Who gives a name also says when to be counted as gone.
            Exchange::Immediate if self.named => length(&format!("&interval={every}")),
            Exchange::Immediate => 0,
            Exchange::Held => length(&format!("&hold={every}")),
            Exchange::Open => return 0,
        };
        self.get(self.target(way.path(), &seq.to_string()) + parameter)
    }

    fn target(&self, way: &str, after: &str) -> u64 {
        let name = if self.named {
            length("&name=") + NAME
        } else {
            0
        };
        length(&format!("/rooms/{ROOM}/{way}?after={after}")) + name
    }

    const fn close_line(&self) -> u64 {
        if self.closes { length(CLOSE) } else { 0 }
    }

    fn host_line(&self) -> u64 {
        length("host: \r\n") + self.host
    }
}

/// Head of the answer to a poll with `body` bytes of JSON.
#[must_use]
pub fn poll_answer(body: u64, closes: bool) -> u64 {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         cache-control: no-store\r\ncontent-length: \r\n\r\n";
    let close = if closes { length(CLOSE) } else { 0 };
    length(HEAD) + length(DATE) + close + decimal_digits(body)
}

/// Head of the answer that begins a stream of this content type.
#[must_use]
pub const fn stream_answer(content_type: &str) -> u64 {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: \r\n\
         cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
    length(HEAD) + length(DATE) + length(content_type)
}

/// The answer to an opening handshake (RFC 6455, section 4.2.2).
#[must_use]
pub const fn upgrade_answer() -> u64 {
    const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-accept: 012345678901234567890123456=\r\n\r\n";
    length(HEAD) + length(DATE)
}

/// Head of the answer to a draft, before [`said`].
#[must_use]
pub const fn said_answer(seq: u64, closes: bool) -> u64 {
    const HEAD: &str = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\
         content-length: \r\n\r\n";
    let close = if closes { length(CLOSE) } else { 0 };
    length(HEAD) + length(DATE) + close + decimal_digits(said(seq))
}

/// `{"seq":N}`
#[must_use]
pub const fn said(seq: u64) -> u64 {
    length(r#"{"seq":}"#) + decimal_digits(seq)
}

/// An event's JSON with `text` bytes of text that need no escapes.
#[must_use]
pub const fn event(seq: u64, text: u64) -> u64 {
    const AROUND: &str =
        r#"{"seq":,"kind":"message","from":"","text":"","tag":"","at":1700000000000}"#;
    length(AROUND) + decimal_digits(seq) + NAME + text + TAG
}

/// A draft's JSON with `text` bytes of text that need no escapes.
#[must_use]
pub const fn draft(text: u64) -> u64 {
    length(r#"{"from":"","text":"","tag":""}"#) + NAME + text + TAG
}

const fn length(text: &str) -> u64 {
    text.len() as u64
}

#[cfg(test)]
mod tests;
