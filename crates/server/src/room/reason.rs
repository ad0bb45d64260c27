//! The reasons for which a room refuses a draft or a reader.

use bytes::Bytes;
use serde::Serialize;
use wire::{DraftError, Kind, codec, codec::DecodeError};

/// A reason for which a draft or a reader is refused, in words that say what to
/// do instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Reason {
    #[error("the draft is not UTF-8 (first at byte {0}); all JSON here is UTF-8")]
    NotUtf8(usize),
    #[error("{0}; a draft is {{\"from\": \"ann\", \"text\": \"hello\"}}")]
    NotADraft(#[from] DecodeError),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("there are {0} rooms, which is the limit; use one that exists")]
    RoomsFull(usize),
    #[error(
        "your address has opened {0} rooms, which is the limit, and all are in use; use one of them"
    )]
    ManyRooms(usize),
    #[error("this room may not be opened here; use one that the teacher named")]
    RoomNotNamed,
    #[error(
        "the room is full: {0} people are in it, which is the limit; try again when one has left"
    )]
    RoomFull(usize),
    #[error(
        "{0} people have come from your address, which is the limit; come in when one has left"
    )]
    Crowded(usize),
    #[error("your address has {0} sessions, which is the limit; end one or wait")]
    ManySessions(usize),
    #[error("there are {0} sessions, which is the limit; try again later")]
    SessionsFull(usize),
    #[error("you may not come in any more: the teacher has sent you out")]
    Banned,
    #[error("you may not speak: the teacher has muted you; you may read on")]
    Muted,
    #[error("the readers cannot follow so fast; try again in a moment")]
    Pressed,
    #[error(
        "that was a little fast: your address may send {0} messages a second; please wait a moment"
    )]
    AddressTooFast(u32),
    #[error("that was a little fast: please wait a moment, {0} messages a second is the limit")]
    TooFast(u32),
    #[error("the message could not be stored for now; try again in a moment")]
    NotStored,
    #[error("the room cannot be reached for now; try again in a moment")]
    NoLog,
    #[error("the server is leaving; try again when it is back")]
    Leaving,
}

/// The JSON of an error; only a WebSocket needs a `kind` to tell it from
/// events.
///
/// The words are for the author of a client. A page in another language recognises the refusal by
/// its code, and fills the limit into words of its own.
#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    error: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

impl Reason {
    /// Returns the refusal as the JSON of a WebSocket frame.
    pub(crate) fn frame(&self) -> Bytes {
        let words = self.to_string();
        error_json(Some(Kind::Error), &words, self.code(), self.limit())
    }

    /// Returns what is refused, in one word that never changes.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8(_) | Self::NotADraft(_) => "not_a_draft",
            Self::Draft(DraftError::From(_)) => "name",
            Self::Draft(DraftError::LongText { .. }) => "too_long",
            Self::Draft(DraftError::NoText) => "no_text",
            Self::Draft(DraftError::Tag(_)) => "tag",
            Self::RoomsFull(_) => "rooms_full",
            Self::ManyRooms(_) => "many_rooms",
            Self::RoomNotNamed => "room_not_named",
            Self::RoomFull(_) => "room_full",
            Self::Crowded(_) => "crowded",
            // To a client its session is its connection.
            Self::ManySessions(_) => "many_connections",
            Self::SessionsFull(_) => "connections_full",
            Self::Banned => "banned",
            Self::Muted => "muted",
            Self::Pressed => "pressed",
            Self::TooFast(_) | Self::AddressTooFast(_) => "too_fast",
            Self::NotStored => "not_stored",
            Self::NoLog => "no_log",
            Self::Leaving => "leaving",
        }
    }

    /// Returns whether the same may be tried again in a moment, without a change.
    pub(crate) fn passes(&self) -> bool {
        matches!(
            self,
            Self::RoomsFull(_)
                | Self::ManyRooms(_)
                | Self::RoomFull(_)
                | Self::Crowded(_)
                | Self::ManySessions(_)
                | Self::SessionsFull(_)
                | Self::Pressed
                | Self::TooFast(_)
                | Self::AddressTooFast(_)
                | Self::NotStored
                | Self::NoLog
                | Self::Leaving
        )
    }

    /// Returns the limit that was reached, where there is one: bytes of text,
    /// rooms, people, sessions or drafts a second.
    pub(crate) fn limit(&self) -> Option<usize> {
        match self {
            Self::Draft(DraftError::LongText { limit, .. })
            | Self::RoomsFull(limit)
            | Self::ManyRooms(limit)
            | Self::Crowded(limit)
            | Self::ManySessions(limit)
            | Self::SessionsFull(limit)
            | Self::RoomFull(limit) => Some(*limit),
            Self::TooFast(limit) | Self::AddressTooFast(limit) => usize::try_from(*limit).ok(),
            _ => None,
        }
    }
}

/// Encodes an error as JSON; `kind` is for a WebSocket, where it comes as a
/// message among others.
pub(crate) fn error_json(
    kind: Option<Kind>,
    error: &str,
    code: &'static str,
    limit: Option<usize>,
) -> Bytes {
    codec::encode(&ErrorBody {
        kind,
        error,
        code,
        limit,
    })
}
