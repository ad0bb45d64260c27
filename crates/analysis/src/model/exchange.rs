//! The sizes of heads and JSON texts of this project's own exchanges, counted from their texts.
//!
//! Each text here is one that the load generator or the server writes, with the parts that vary in
//! length as parameters; the tests compare them with captured bytes. Upper and lower case do not
//! affect a count, so `host:` stands for `Host:` as well.

use wire::{Exchange, Way};

use super::framing::decimal_digits;

/// The number of bytes of a person's name, such as `p000017`.
pub const NAME: u64 = 7;
/// The number of bytes of the tag in which a draft carries its times.
pub const TAG: u64 = 30;
/// The name of a room; all names have this length.
const ROOM: &str = "r00000";
/// The `Date` field, as in `Mon, 01 Jan 2024 00:00:00 GMT` (RFC 9110, section 5.6.7).
pub(super) const DATE: &str = "date: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
const CLOSE: &str = "connection: close\r\n";

/// The common properties of a run's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The number of bytes of the server's host and port.
    pub host: u64,
    /// The number of bytes of the header profile's lines, line ends included.
    pub lines: u64,
    /// True if each request is the last on its connection.
    pub closes: bool,
    /// True if readers give a name.
    pub named: bool,
}

impl Client {
    /// Returns the size of the head of a request without a body (RFC 9112, section 3): request
    /// line, `Host`, the profile's lines, and the empty line.
    #[must_use]
    pub fn get(&self, target: u64) -> u64 {
        length("GET  HTTP/1.1\r\n")
            + target
            + self.host_line()
            + self.lines
            + self.close_line()
            + length("\r\n")
    }

    /// Returns the size of the head of a request that publishes a draft of `body` bytes.
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

    /// Returns the size of the opening handshake's request (RFC 6455, section 4.1).
    #[must_use]
    pub fn upgrade(&self) -> u64 {
        self.upgrade_to(self.target(Way::Websocket.path(), "latest"))
    }

    /// Returns the size of a handshake's request for a target of this many bytes.
    pub(super) fn upgrade_to(&self, target: u64) -> u64 {
        const FIELDS: &str = "connection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: 0123456789012345678901==\r\n";
        self.get(target) + length(FIELDS)
    }

    /// Returns the size of the head of a stream's request.
    #[must_use]
    pub fn open(&self, way: &str) -> u64 {
        self.get(self.target(way, "latest"))
    }

    /// Returns the size of the head of a short poll that continues after `seq`.
    #[must_use]
    pub fn short_poll(&self, seq: u64, interval: f64) -> u64 {
        self.question(Way::ShortPoll, seq, interval)
    }

    /// Returns the size of the head of a long poll that continues after `seq`.
    #[must_use]
    pub fn long_poll(&self, seq: u64, hold: f64) -> u64 {
        self.question(Way::LongPoll, seq, hold)
    }

    /// Returns the size of the head of a poll after `seq`; `every` is its interval or its hold, in
    /// seconds. Returns 0 for ways in which a reader asks only once.
    #[must_use]
    pub fn question(&self, way: Way, seq: u64, every: f64) -> u64 {
        let parameter = match way.exchange() {
            // A reader who gives a name also states the interval after which it counts as gone.
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

/// Returns the size of the head of the answer to a poll with `body` bytes of JSON.
#[must_use]
pub fn poll_answer(body: u64, closes: bool) -> u64 {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         cache-control: no-store\r\ncontent-length: \r\n\r\n";
    let close = if closes { length(CLOSE) } else { 0 };
    length(HEAD) + length(DATE) + close + decimal_digits(body)
}

/// Returns the size of the head of the answer that begins a stream of this content type.
#[must_use]
pub const fn stream_answer(content_type: &str) -> u64 {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: \r\n\
         cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
    length(HEAD) + length(DATE) + length(content_type)
}

/// Returns the size of the answer to an opening handshake (RFC 6455, section 4.2.2).
#[must_use]
pub const fn upgrade_answer() -> u64 {
    const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-accept: 012345678901234567890123456=\r\n\r\n";
    length(HEAD) + length(DATE)
}

/// Returns the size of the head of the answer to a draft, which precedes the body of [`said`].
#[must_use]
pub const fn said_answer(seq: u64, closes: bool) -> u64 {
    const HEAD: &str = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\
         content-length: \r\n\r\n";
    let close = if closes { length(CLOSE) } else { 0 };
    length(HEAD) + length(DATE) + close + decimal_digits(said(seq))
}

/// Returns the size of the answer's body, `{"seq":N}`.
#[must_use]
pub const fn said(seq: u64) -> u64 {
    length(r#"{"seq":}"#) + decimal_digits(seq)
}

/// Returns the size of an event's JSON with `text` bytes of text that need no escapes.
#[must_use]
pub const fn event(seq: u64, text: u64) -> u64 {
    const AROUND: &str =
        r#"{"seq":,"kind":"message","from":"","text":"","tag":"","at":1700000000000}"#;
    length(AROUND) + decimal_digits(seq) + NAME + text + TAG
}

/// Returns the size of a draft's JSON with `text` bytes of text that need no escapes.
#[must_use]
pub const fn draft(text: u64) -> u64 {
    length(r#"{"from":"","text":"","tag":""}"#) + NAME + text + TAG
}

const fn length(text: &str) -> u64 {
    text.len() as u64
}

#[cfg(test)]
mod tests;
