//! The reasons for which a client may not connect.

use crate::{
    http::query::QueryError,
    protocol::socket_io::packet::text,
    room::reason::{Reason, error_json},
};

/// A reason for which a client may not connect.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoEntry {
    #[error(
        "auth is not understood; send an object such as {{\"room\": \"lobby\", \"name\": \"ann\"}}"
    )]
    Auth,
    #[error("say which room: auth.room is 1 to 64 of A-Z a-z 0-9 _ -")]
    Room,
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Refused(#[from] Reason),
}

impl NoEntry {
    /// Returns what is refused, in one word that never changes.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Refused(reason) => reason.code(),
            Self::Query(QueryError::Name(_)) => "name",
            Self::Auth | Self::Room | Self::Query(_) => "query",
        }
    }

    /// Returns the payload of a `CONNECT_ERROR` packet.
    pub(super) fn json(&self) -> String {
        let limit = match self {
            Self::Refused(reason) => reason.limit(),
            _ => None,
        };
        let data = text(&error_json(None, &self.to_string(), self.code(), limit));
        let message = serde_json::Value::from(self.to_string());
        format!("{{\"message\":{message},\"data\":{data}}}")
    }
}
