//! The requests that are refused, and the answers that say so.

use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use wire::{DraftError, hixie_76::KeyError};

use crate::{
    http::{
        query::QueryError,
        reply::{self, Reply},
    },
    room::reason::{Reason, error_json},
};

/// The code of a head that is too long or has too many lines.
pub(crate) const LONG_HEAD: &str = "head_too_long";

/// A request that is refused, in words that say what to do instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Room(#[from] Reason),
    #[error(
        "there is nothing at {0:?}; a room is at /rooms/NAME/messages, poll, long-poll, stream, sse, ws, jsonp, iframe or people, with 1 to 64 of A-Z a-z 0-9 _ - as NAME"
    )]
    NoSuchPath(String),
    #[error("this address takes {allow}, not {method}")]
    Method { method: String, allow: &'static str },
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("the body has more than {0} bytes, which no draft within the limits needs")]
    LongBody(usize),
    #[error(
        "no \"Content-Encoding\" of a request is read here; send the content as it is, or \"identity\""
    )]
    Packed,
    #[error("the body ended before it was complete")]
    CutBody,
    #[error(
        "this address speaks WebSocket; send \"Connection: Upgrade\" and \"Upgrade: websocket\""
    )]
    NoUpgrade,
    #[error(
        "over HTTP/2 this address takes CONNECT with \":protocol\" \"websocket\" (RFC 8441), or a WebSocket handshake over HTTP/1.1"
    )]
    NoExtendedConnect,
    #[error(
        "this server is no proxy: over HTTP/2 it takes CONNECT only with \":protocol\" \"websocket\" (RFC 8441), at the address of a WebSocket"
    )]
    Tunnel,
    #[error("the WebSocket version here is 13; send \"Sec-WebSocket-Version: 13\"")]
    Version,
    #[error("\"Sec-WebSocket-Key\" is missing, is there twice or is not 16 bytes in base64")]
    Key,
    #[error(
        "a WebSocket handshake has no body; leave out \"Content-Length\" and \"Transfer-Encoding\""
    )]
    HandshakeBody,
    #[error("\"Sec-WebSocket-Key{0}\" is missing or is there twice")]
    NoOldKey(u8),
    #[error("\"Sec-WebSocket-Key{number}\" {why}")]
    OldKey { number: u8, why: KeyError },
    #[error("the connection ended before the eight bytes that follow the head")]
    CutKey,
    #[error("send one \"Host\", as HTTP/1.1 requires: a name or address, and perhaps a port")]
    Host,
    #[error("\"Transfer-Encoding: chunked\" may be applied once only")]
    ChunkedTwice,
    #[error("the only transfer coding known here is \"chunked\"")]
    Coding,
    #[error("pages from {0:?} may not speak here; the server's allowed origins can be extended")]
    Origin(String),
    #[error("a page of another site may not join, speak or read here; open this server's own page")]
    CrossSite,
    #[error("this server is not known as {0:?}; use its address, or start it with --host NAME")]
    UnknownHost(String),
    #[error("the body did not arrive in time; send it at once")]
    SlowBody,
    #[error("the head has more than {0} header lines; send fewer")]
    ManyLines(usize),
}

impl Refusal {
    /// Returns the refusal as an answer.
    pub(crate) fn reply(&self) -> Reply {
        let mut reply = reply::json(self.status(), self.json());
        let headers = reply.headers_mut();
        match self {
            // RFC 9110, section 15.5.6.
            Self::Method { allow, .. } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            // RFC 9110, section 15.5.22: a 426 names what to change to.
            Self::NoUpgrade => reply::offer_upgrade(headers),
            // RFC 6455, section 4.4.
            Self::Version => {
                reply::offer_upgrade(headers);
                let version = HeaderValue::from_static("13");
                headers.insert(header::SEC_WEBSOCKET_VERSION, version);
            }
            // The next request cannot be distinguished from the body (RFC 9112, section 6.1), or the
            // rest of the body is not read.
            Self::ChunkedTwice | Self::Coding | Self::SlowBody | Self::LongBody(_) => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            // RFC 9110, section 12.5.3: a 415 names the codings that are read.
            Self::Packed => {
                let identity = HeaderValue::from_static("identity");
                headers.insert(header::ACCEPT_ENCODING, identity);
            }
            // RFC 6585, section 4, and RFC 9110, section 15.6.4.
            Self::Room(reason) if reason.passes() => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        reply
    }

    fn json(&self) -> Bytes {
        // The limit of a whole body says nothing to its speaker.
        let limit = match self {
            Self::Room(reason) => reason.limit(),
            _ => None,
        };
        error_json(None, &self.to_string(), self.code(), limit)
    }

    /// Returns what is refused, in one word that never changes.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPath(_) => "no_such_path",
            Self::Method { .. } | Self::Tunnel => "method",
            Self::Room(reason) => reason.code(),
            Self::Query(QueryError::Name(_)) => "name",
            Self::Query(_) => "query",
            Self::LongBody(_) => "much_too_long",
            Self::Packed => "packed",
            Self::CutBody => "not_a_draft",
            Self::NoUpgrade
            | Self::NoExtendedConnect
            | Self::Version
            | Self::Key
            | Self::HandshakeBody
            | Self::NoOldKey(_)
            | Self::OldKey { .. }
            | Self::CutKey => "handshake",
            Self::Host | Self::ChunkedTwice | Self::Coding => "head",
            Self::Origin(_) | Self::CrossSite => "origin",
            Self::UnknownHost(_) => "host",
            Self::SlowBody => "too_slow",
            Self::ManyLines(_) => LONG_HEAD,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath(_) => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Room(reason) => status_of(reason),
            Self::LongBody(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Packed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Origin(_) | Self::CrossSite => StatusCode::FORBIDDEN,
            // RFC 9110, section 15.5.20.
            Self::UnknownHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            // RFC 6585, section 5.
            Self::ManyLines(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            // RFC 9220, section 3, of a CONNECT whose protocol is not known.
            Self::Coding | Self::Tunnel => StatusCode::NOT_IMPLEMENTED,
            // A 426 would name a protocol to upgrade to, which HTTP/2 does not have.
            Self::NoExtendedConnect
            | Self::Query(_)
            | Self::CutBody
            | Self::Host
            | Self::ChunkedTwice
            | Self::Key
            | Self::HandshakeBody
            | Self::NoOldKey(_)
            | Self::OldKey { .. }
            | Self::CutKey => StatusCode::BAD_REQUEST,
        }
    }
}

/// Returns the status that a room's refusal has over HTTP.
fn status_of(reason: &Reason) -> StatusCode {
    match reason {
        Reason::Draft(DraftError::LongText { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
        Reason::RoomsFull(_)
        | Reason::RoomFull(_)
        | Reason::SessionsFull(_)
        | Reason::NotStored
        | Reason::NoLog
        | Reason::Leaving => StatusCode::SERVICE_UNAVAILABLE,
        Reason::ManyRooms(_)
        | Reason::Crowded(_)
        | Reason::ManySessions(_)
        | Reason::Pressed
        | Reason::TooFast(_)
        | Reason::AddressTooFast(_) => StatusCode::TOO_MANY_REQUESTS,
        Reason::Banned | Reason::Muted | Reason::RoomNotNamed => StatusCode::FORBIDDEN,
        Reason::NotUtf8(_) | Reason::NotADraft(_) | Reason::Draft(_) => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_could_not_be_stored_may_be_sent_again() {
        let refusal = Refusal::from(Reason::NotStored);
        assert_eq!(refusal.code(), "not_stored");
        let reply = refusal.reply();
        assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.headers()[header::RETRY_AFTER], "1");
    }
}
