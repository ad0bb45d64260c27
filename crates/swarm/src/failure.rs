//! The failures that can happen to one person. A failure is data: it is counted by kind and
//! never stops the others.

use std::{io, time::Duration};

use hyper::header::{HeaderMap, LOCATION};
use tokio_tungstenite::tungstenite;
use wire::deflate::{Fault, offer::Declined};

/// The longest answer that is read, head and body, in bytes: a thousand of the server's
/// longest messages are far less.
pub(crate) const LONGEST_ANSWER: u64 = 64 << 20;

/// The longest line or event of a stream, in bytes.
pub(crate) const LONGEST_LINE: usize = 16 << 20;

/// The longest head of an answer, in bytes: four times what Node.js writes at most.
pub(crate) const LONGEST_HEAD: usize = 64 << 10;

/// The largest number of fields in the head of an answer. It is hyper's own limit.
pub(crate) const MOST_FIELDS: usize = 100;

/// The longest address of a redirect that is told, in characters.
const LONGEST_PLACE: usize = 200;

/// The reason why an exchange or a connection failed. Its text is the kind under which it
/// is counted, so it carries nothing that differs from person to person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The connection could not be made.
    #[error("cannot connect: {0}")]
    Connect(io::ErrorKind),
    /// There is no connection under TLS.
    #[error(transparent)]
    Tls(#[from] tls::Failure),
    /// The server did not agree to HTTP/2 in the handshake of TLS.
    #[error("the server does not offer HTTP/2: it did not choose h2 by ALPN")]
    NoAlpn,
    /// The server's first bytes are no frame of HTTP/2.
    #[error("the server does not speak HTTP/2: it did not begin with SETTINGS")]
    NoHttp2,
    /// The server left before it sent a frame of HTTP/2: it may not speak it, or may be going.
    #[error("closed by the server before it sent anything in HTTP/2; it may not speak it")]
    NoFrame,
    /// The server does not announce extended CONNECT (RFC 8441).
    #[error(
        "the server takes no WebSocket over HTTP/2: its SETTINGS do not announce extended CONNECT (RFC \
         8441)"
    )]
    NoExtendedConnect,
    /// The connection broke.
    #[error("connection lost: {0}")]
    Lost(io::ErrorKind),
    /// The server closed the connection.
    #[error("closed by the server")]
    Closed,
    /// The connection ended when a part of the head of an answer had come.
    #[error("the connection ended in the middle of a head")]
    CutHead,
    /// The server closed the connection before anything of a request left.
    #[error("closed by the server")]
    Unsent,
    /// The server ended a stream in good order.
    #[error("the stream was ended by the server")]
    Ended,
    /// The answer, line or content has more bytes than any should have.
    #[error("{0} of more than {limit} MiB", limit = .1 >> 20)]
    TooLong(&'static str, u64),
    /// The head of the answer has more bytes or fields than any should have.
    #[error(
        "a response head of more than {} KiB (8 of a server that [target] does not describe), or of \
         more than {MOST_FIELDS} fields",
        LONGEST_HEAD >> 10
    )]
    LongHead,
    /// The server closed the WebSocket with a code (RFC 6455, section 7.4).
    #[error("closed by the server with code {0}")]
    ClosedWith(u16),
    /// The server closed the WebSocket and gave no code (its close frame is empty).
    #[error("closed by the server without a code")]
    ClosedWithoutCode,
    /// The code in the server's close frame is one that only stands for what came without a
    /// code, or that has no meaning (RFC 6455, sections 7.4.1 and 7.4.2), or 1014, which was
    /// registered later.
    #[error(
        "closed by the server with a code that no frame may carry, such as 1005 (no code given), or \
         with 1014 (bad gateway)"
    )]
    ClosedWithNoSuchCode,
    /// The answer has a status other than the expected one.
    #[error("answered with status {0}")]
    Status(u16),
    /// The answer to a request for a stream is content of another type, such as a page.
    #[error(
        "answered with {0}, which is no stream: is the path right, and was nobody sent to a login?"
    )]
    NoStream(String),
    /// The answer sends the request elsewhere. The place has the room's name as a hole and no
    /// query.
    #[error(
        "answered with status {status}, a redirect to {place}: redirects are not followed, \
         write that address into the scenario"
    )]
    Redirect {
        /// The status.
        status: u16,
        /// The value of `Location`.
        place: String,
    },
    /// The content is packed in a way that is not read here.
    #[error(
        "an answer with Content-Encoding: {0}, which is not read here (gzip, deflate and br are)"
    )]
    Encoding(String),
    /// The content is not what its `Content-Encoding` says.
    #[error("an answer whose {0} content cannot be unpacked")]
    Packed(&'static str),
    /// The content was asked for in a coding, and came without it.
    #[error("an answer without the {0} that was asked for")]
    NotCoded(&'static str),
    /// The WebSocket was not compressed as it was asked for.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// The answer that opens a session lacks what is to fill a hole.
    #[error("the answer that opens the session has nothing for {{{0}}}")]
    Session(String),
    /// The session was not opened.
    #[error("the session was not opened: {0}")]
    NoSession(Box<Self>),
    /// The frame that the opening of a WebSocket waits for did not come.
    #[error("no frame came that matches {0}")]
    NoMatch(String),
    /// The data that came is no packet of the library's protocol, or not the one that belongs
    /// there.
    #[error("what came is no packet of {0}, or not the one that belongs there")]
    Envelope(&'static str),
    /// The data that came is not the script, or not the page, that a page asked for.
    #[error("what came is not the script that the page asked for")]
    Script,
    /// The server of a library did not open the session in time.
    #[error("a session of {0} was not opened in time")]
    NotOpened(&'static str),
    /// The server of a library did not let the client in.
    #[error("a client of {0} was not let in")]
    NoEntry(&'static str),
    /// The peer does not speak the protocol.
    #[error("protocol error: {0}")]
    Protocol(String),
    /// The JSON is not what the contract says.
    #[error("an answer that cannot be read")]
    Unreadable,
    /// A draft was refused on a WebSocket.
    #[error("a draft was refused")]
    Refused,
    /// A draft was due and its speaker was not connected.
    #[error("a draft was due but its speaker was not connected")]
    NoSpeaker,
    /// A server that is not ours sent a message of another room.
    #[error("a message of another room")]
    OtherRoom,
    /// The run itself cut the connection, as its plan says.
    #[error("cut by the run")]
    Cut,
    /// A reader left by itself, as its plan says.
    #[error("left by itself")]
    Left,
    /// A reader gave its connection up, over which nothing came any more.
    #[error("nothing came any more")]
    Silent,
    /// A reader that lost its connection made all the attempts that it may.
    #[error("gave up coming back")]
    GaveUp,
    /// A reader was still away at the end, because its server told it to wait for so long.
    #[error("still away at the end, after a stream that says to come back in {} ms", .0.as_millis())]
    ToldToWait(Duration),
    /// The person was not connected when the time for that was over.
    #[error("not connected in time")]
    TooLate,
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        // hyper says so of a request that it never began to write.
        if error.is_canceled() {
            return Self::Unsent;
        }
        if error.is_parse_too_large() {
            return Self::LongHead;
        }
        let source = std::error::Error::source(&error);
        if let Some(http2) = source.and_then(|source| source.downcast_ref::<h2::Error>()) {
            return Self::http2(http2);
        }
        let io_kind = source
            .and_then(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        match io_kind {
            Some(kind) => kind.into(),
            None if error.is_closed() || error.is_incomplete_message() => Self::Closed,
            None => Self::Protocol(error.to_string()),
        }
    }
}

impl From<io::ErrorKind> for Failure {
    fn from(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::FileTooLarge => Self::TooLong("a response", LONGEST_ANSWER),
            kind => Self::Lost(kind),
        }
    }
}

impl Failure {
    /// Returns whether the connection ended under an exchange, as one does that the
    /// server closed while it was idle.
    pub(crate) const fn is_of_the_connection(&self) -> bool {
        matches!(
            self,
            Self::Unsent
                | Self::Closed
                | Self::Lost(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        )
    }

    /// Returns the failure of an exchange whose head was not whole; `has_begun` says whether anything
    /// of it came. A server that closed an idle connection sends nothing: an exchange of which
    /// something came is not repeated in silence.
    pub(crate) fn in_head(self, has_begun: bool) -> Self {
        if has_begun && self.is_of_the_connection() && self != Self::Unsent {
            return Self::CutHead;
        }
        self
    }

    /// Returns what an error of HTTP/2 means.
    fn http2(error: &h2::Error) -> Self {
        match (error.get_io(), error.reason()) {
            (Some(error), _) => error.kind().into(),
            // The server has processed nothing of the request (RFC 9113, section 8.7).
            (None, Some(h2::Reason::REFUSED_STREAM)) => Self::Unsent,
            (None, Some(h2::Reason::NO_ERROR)) => Self::Closed,
            (None, Some(reason)) => Self::Protocol(format!("HTTP/2, {reason:?}")),
            (None, None) => Self::Protocol(error.to_string()),
        }
    }

    /// Returns whether the server, or the way to it, may be there again later.
    pub(crate) const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Connect(_)
                | Self::Lost(_)
                | Self::Closed
                | Self::ClosedWithoutCode
                | Self::CutHead
                | Self::Unsent
                | Self::NoFrame
                | Self::Cut
                | Self::Left
                | Self::Silent
                // RFC 6455, section 7.4.1, and the registry of that section: going away, and
                // (of the server) trouble, restarting, and try again later.
                | Self::ClosedWith(1001 | 1011..=1013)
                | Self::Status(408 | 429 | 500 | 502..=504)
        )
    }

    /// Returns whether a server that is full may have said so: by a status, or by an end of the
    /// connection that came before its status was read.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Status(429 | 503)
                | Self::Lost(_)
                | Self::Closed
                | Self::ClosedWithoutCode
                | Self::CutHead
                | Self::Unsent
        )
    }

    /// Returns what an unwanted status means, `room` being the one that was asked about.
    pub(crate) fn status(status: u16, headers: &HeaderMap, room: &str) -> Self {
        match headers.get(LOCATION) {
            Some(place) if (300..400).contains(&status) => Self::Redirect {
                status,
                // Some servers write letters that are not ASCII as they are.
                place: shown_place(&String::from_utf8_lossy(place.as_bytes()), room),
            },
            _ => Self::Status(status),
        }
    }
}

/// Returns the address of a redirect without its query, `room` as a hole and the rest of a long one
/// left out.
fn shown_place(place: &str, room: &str) -> String {
    let place = place.split(['?', '#']).next().unwrap_or(place);
    let place = place.replace(room, "{room}");
    match place.char_indices().nth(LONGEST_PLACE) {
        Some((end, _)) => format!("{}...", &place[..end]),
        None => place,
    }
}

impl From<tungstenite::Error> for Failure {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::{Error, error::ProtocolError};
        match error {
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Closed,
            Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(Fault::TooLong(limit)) => Self::TooLong("a message", *limit as u64),
                Some(Fault::Broken) => Self::Packed("permessage-deflate"),
                Some(fault @ Fault::Frame) => Self::Protocol(fault.to_string()),
                None => error.kind().into(),
            },
            other => Self::Protocol(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn only_an_exchange_that_lost_its_connection_can_have_lost_half_a_head() {
        let reset = || Failure::Lost(io::ErrorKind::ConnectionReset);
        for failure in [Failure::Closed, reset()] {
            assert_eq!(failure.clone().in_head(true), Failure::CutHead);
            assert!(failure.is_of_the_connection() && failure.passes());
        }
        for other in [Failure::Unsent, Failure::Status(500), Failure::LongHead] {
            assert_eq!(other.clone().in_head(true), other);
        }
        assert_eq!(reset().in_head(false), reset());
        let cut = Failure::CutHead;
        assert!(!cut.is_of_the_connection() && cut.passes() && cut.is_refusal());
    }

    #[test]
    fn a_redirect_says_where_to_however_it_is_written() {
        let to = |place: &[u8]| {
            let place = HeaderValue::from_bytes(place).unwrap();
            let headers = [(LOCATION, place)].into_iter().collect();
            match Failure::status(307, &headers, "r0-x") {
                Failure::Redirect { place, .. } => place,
                other => panic!("{other}"),
            }
        };
        assert_eq!(to(b"http://a/r0-x/?b=c"), "http://a/{room}/");
        assert_eq!(to("/caf\u{e9}/".as_bytes()), "/caf\u{e9}/");
        assert_eq!(to(b"/caf\xe9"), "/caf\u{fffd}");
        assert_eq!(
            to("/\u{e9}".repeat(5000).as_bytes()),
            format!("{}...", "/\u{e9}".repeat(100))
        );
        let nowhere = Failure::status(307, &HeaderMap::new(), "r0-x");
        assert_eq!(nowhere, Failure::Status(307));
    }
}
