//! The refusals of Engine.IO, as the library's own server words them.

use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};

use crate::http::reply::{self, Reply};

/// A request that is refused. Its code is the protocol's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The transport is neither polling nor WebSocket.
    Transport,
    /// No session has this id.
    Unknown,
    /// A session is opened by GET only.
    Method,
    /// The request does not fit the session, or is no handshake.
    Bad,
    /// A page from a foreign origin may not come in.
    Forbidden,
    /// The version of the protocol is not 4.
    Version,
    /// The payload is longer than `maxPayload`. It has no code of its own.
    Long,
    /// There are too many sessions, or the server is leaving.
    Busy,
    /// There are too many sessions of this address.
    Many,
}

impl Fault {
    /// Returns the word by which it is counted: where other ways have the same refusal, theirs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Transport | Self::Version => "query",
            Self::Method => "method",
            Self::Forbidden => "origin",
            Self::Long => "much_too_long",
            Self::Busy => "connections_full",
            Self::Many => "many_connections",
            Self::Unknown | Self::Bad => "session",
        }
    }

    /// Returns the refusal as an answer.
    pub(super) fn reply(self) -> Reply {
        let (status, code, message) = match self {
            Self::Transport => (StatusCode::BAD_REQUEST, 0, "Transport unknown"),
            Self::Unknown => (StatusCode::BAD_REQUEST, 1, "Session ID unknown"),
            Self::Method => (StatusCode::BAD_REQUEST, 2, "Bad handshake method"),
            Self::Bad => (StatusCode::BAD_REQUEST, 3, "Bad request"),
            Self::Forbidden => (StatusCode::FORBIDDEN, 4, "Forbidden"),
            Self::Version => (StatusCode::BAD_REQUEST, 5, "Unsupported protocol version"),
            Self::Long => (StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, 3, "Too many sessions"),
            Self::Many => (
                StatusCode::TOO_MANY_REQUESTS,
                3,
                "Too many sessions of your address",
            ),
        };
        let json = format!("{{\"code\":{code},\"message\":\"{message}\"}}");
        let mut reply = reply::json(status, Bytes::from(json));
        let no_store = HeaderValue::from_static("no-store");
        reply.headers_mut().insert(header::CACHE_CONTROL, no_store);
        if self == Self::Long {
            // The rest of the body is not read.
            let close = HeaderValue::from_static("close");
            reply.headers_mut().insert(header::CONNECTION, close);
        }
        reply
    }
}
