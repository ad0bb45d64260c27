//! Everything that the server refuses, and in which words.

use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use serde::Serialize;
use wire::{DraftError, Kind, codec, codec::DecodeError};

use crate::http::{
    query::QueryError,
    reply::{self, Reply},
};

/// A request or draft that is refused, in words that say what to do instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "there is nothing at {0:?}; a room is at /rooms/NAME/messages, poll, long-poll, stream, sse, ws or people, with 1 to 64 of A-Z a-z 0-9 _ - as NAME"
    )]
    NoSuchPath(String),
    #[error("this address takes {allow}, not {method}")]
    Method { method: String, allow: &'static str },
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("the body has more than {0} bytes, which no draft within the limits needs")]
    LongBody(usize),
    #[error("the body ended before it was complete")]
    CutBody,
    #[error("the draft is not UTF-8 (first at byte {0}); all JSON here is UTF-8")]
    NotUtf8(usize),
    #[error("{0}; a draft is {{\"from\": \"ann\", \"text\": \"hello\"}}")]
    NotADraft(#[from] DecodeError),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("there are {0} rooms, which is the limit; use one that exists")]
    RoomsFull(usize),
    #[error(
        "this address speaks WebSocket; send \"Connection: Upgrade\" and \"Upgrade: websocket\""
    )]
    NoUpgrade,
    #[error("the WebSocket version here is 13; send \"Sec-WebSocket-Version: 13\"")]
    Version,
    #[error("\"Sec-WebSocket-Key\" is missing, is there twice or is not 16 bytes in base64")]
    Key,
    #[error(
        "the room is full: {0} people are in it, which is the limit; try again when one has left"
    )]
    RoomFull(usize),
    #[error("that was a little fast: please wait a moment, {0} messages a second is the limit")]
    TooFast(u32),
    #[error("send one \"Host\", as HTTP/1.1 requires: a name or address, and perhaps a port")]
    Host,
    #[error("\"Transfer-Encoding: chunked\" may be applied once only")]
    ChunkedTwice,
    #[error("the only transfer coding known here is \"chunked\"")]
    Coding,
    #[error("the server is leaving; try again when it is back")]
    Leaving,
    #[error("pages from {0:?} may not speak here; the server's allowed origins can be extended")]
    Origin(String),
}

/// The JSON of an error; only a WebSocket needs to be told that it is one.
///
/// The words are for whoever writes a client. A page in another language knows
/// the refusal by its code, and fills the limit into words of its own.
#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    error: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

impl Refusal {
    /// The refusal as an answer.
    pub(crate) fn reply(&self) -> Reply {
        let mut reply = reply::json(self.status(), self.json(None));
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
            // What follows cannot be told from the body (RFC 9112, section 6.1).
            Self::ChunkedTwice | Self::Coding => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            // RFC 6585, section 4.
            Self::TooFast(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        reply
    }

    /// The refusal as the JSON of a WebSocket frame.
    pub(crate) fn frame(&self) -> Bytes {
        self.json(Some(Kind::Error))
    }

    fn json(&self, kind: Option<Kind>) -> Bytes {
        let error = &self.to_string();
        codec::encode(&ErrorBody {
            kind,
            error,
            code: self.code(),
            limit: self.limit(),
        })
    }

    /// What is refused, in one word that never changes.
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPath(_) => "no_such_path",
            Self::Method { .. } => "method",
            Self::Query(QueryError::Name(_)) | Self::Draft(DraftError::From(_)) => "name",
            Self::Query(_) => "query",
            Self::LongBody(_) => "much_too_long",
            Self::Draft(DraftError::LongText { .. }) => "too_long",
            Self::CutBody | Self::NotUtf8(_) | Self::NotADraft(_) => "not_a_draft",
            Self::Draft(DraftError::NoText) => "no_text",
            Self::Draft(DraftError::Tag(_)) => "tag",
            Self::RoomsFull(_) => "rooms_full",
            Self::RoomFull(_) => "room_full",
            Self::NoUpgrade | Self::Version | Self::Key => "handshake",
            Self::TooFast(_) => "too_fast",
            Self::Host | Self::ChunkedTwice | Self::Coding => "head",
            Self::Leaving => "leaving",
            Self::Origin(_) => "origin",
        }
    }

    /// The limit that was reached, where there is one: bytes of text, rooms,
    /// people or drafts a second. A whole body's says nothing to its speaker.
    fn limit(&self) -> Option<usize> {
        match self {
            Self::Draft(DraftError::LongText { limit, .. })
            | Self::RoomsFull(limit)
            | Self::RoomFull(limit) => Some(*limit),
            Self::TooFast(limit) => usize::try_from(*limit).ok(),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath(_) => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::LongBody(_) | Self::Draft(DraftError::LongText { .. }) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Origin(_) => StatusCode::FORBIDDEN,
            Self::Coding => StatusCode::NOT_IMPLEMENTED,
            Self::RoomsFull(_) | Self::RoomFull(_) | Self::Leaving => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::TooFast(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Query(_)
            | Self::CutBody
            | Self::NotUtf8(_)
            | Self::NotADraft(_)
            | Self::Draft(_)
            | Self::Host
            | Self::ChunkedTwice
            | Self::Key => StatusCode::BAD_REQUEST,
        }
    }
}
