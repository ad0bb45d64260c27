//! The terms on which a conversation was held: TLS, the version of HTTP, the round trip, and the
//! header lines that its requests carried.

use std::time::Duration;

use crate::{exchange::Exchange, head::Head, middle::median};

/// The version of TLS under which a conversation was held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// The conversation was in the clear.
    #[default]
    Off,
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
    /// Some version of TLS that the capture does not name.
    Unknown,
}

/// The version of HTTP in which a conversation was held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpVersion {
    /// HTTP/1.0 or HTTP/1.1.
    V1_1,
    /// HTTP/2.
    V2,
    /// HTTP/3.
    V3,
    /// The capture does not tell.
    #[default]
    Unknown,
}

impl HttpVersion {
    /// Returns the number of the version; empty if the capture does not tell.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V2 => "2",
            Self::V3 => "3",
            Self::Unknown => "",
        }
    }
}

/// The terms of one exchange.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) tls: TlsVersion,
    pub(crate) http: HttpVersion,
    /// The time that the handshake of TCP took, if the capture has it.
    pub(crate) trip: Option<Duration>,
}

/// The terms of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// The version of TLS.
    pub tls: TlsVersion,
    /// The version of HTTP.
    pub http: HttpVersion,
    /// The median of the times that handshakes of TCP took; `None` if the capture has none.
    pub round_trip: Option<Duration>,
    /// The number of requests whose header lines are known.
    pub requests: u64,
    /// The bytes of these requests' header lines, line ends included, beside cookies and those that
    /// HTTP demands.
    pub lines: u64,
    /// The bytes of the values of these requests' cookies.
    pub cookies: u64,
}

/// The fields that HTTP demands of a request, of one with a body, and of a handshake.
const DEMANDED: [&str; 8] = [
    "host",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-key1",
    "sec-websocket-key2",
];

impl Terms {
    /// Returns the terms of exchanges that make a conversation.
    pub(crate) fn of(exchanges: &[Exchange]) -> Self {
        let paths = || exchanges.iter().map(|one| one.path);
        let mut terms = Self {
            tls: paths().map(|path| path.tls).max().unwrap_or_default(),
            http: paths().map(|path| path.http).max().unwrap_or_default(),
            round_trip: median(paths().filter_map(|path| path.trip).collect()),
            ..Self::default()
        };
        for exchange in exchanges {
            terms.add(&exchange.request);
        }
        terms
    }

    /// Counts the header lines of a request. One without any was not saved with them.
    fn add(&mut self, head: &Head) {
        let fields = head.lines.get(1..).unwrap_or_default();
        if fields.is_empty() {
            return;
        }
        let is_upgrade = head.field("upgrade").is_some();
        self.requests += 1;
        for line in fields {
            let colon = memchr::memchr(b':', line).unwrap_or(line.len());
            let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
            let is_demanded =
                DEMANDED.contains(&name.as_str()) || (is_upgrade && name == "connection");
            if name == "cookie" {
                let value = line.get(colon + 1..).unwrap_or_default();
                self.cookies += value.trim_ascii().len() as u64;
            } else if !is_demanded {
                self.lines += line.len() as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Terms {
        let mut terms = Terms::default();
        terms.add(&Head::read(text.as_bytes()).expect("a head"));
        terms
    }

    #[test]
    fn what_http_demands_is_no_line_of_ones_own() {
        let bare = counted("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!((bare.requests, bare.lines, bare.cookies), (1, 0, 0));
        let lines = "Accept: */*\r\n";
        let terms = counted(&format!(
            "GET / HTTP/1.1\r\nhost: a\r\n{lines}COOKIE:  a=b; c=d \r\n\r\n"
        ));
        assert_eq!((terms.lines, terms.cookies), (lines.len() as u64, 8));
        // Outside of a handshake somebody chose to send this line.
        let kept = counted("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        assert_eq!(kept.lines, "Connection: keep-alive\r\n".len() as u64);
        let socket = counted(
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\nOrigin: b\r\n\r\n",
        );
        assert_eq!(socket.lines, "Origin: b\r\n".len() as u64);
        assert_eq!(counted("GET / HTTP/1.1\r\n\r\n").requests, 0);
    }
}
