//! What can go wrong for one person. It is data: counted by kind, it never
//! stops the others.

use std::io;

use tokio_tungstenite::tungstenite;

/// Why an exchange or a connection failed. Its text is the kind under which it
/// is counted, so it carries nothing that differs from person to person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection came about.
    #[error("cannot connect: {0}")]
    Connect(io::ErrorKind),
    /// The connection broke.
    #[error("connection lost: {0}")]
    Lost(io::ErrorKind),
    /// The server closed the connection.
    #[error("closed by the server")]
    Closed,
    /// The server closed the WebSocket with a code (RFC 6455, section 7.4).
    #[error("closed by the server with code {0}")]
    ClosedWith(u16),
    /// Not the status that was asked for.
    #[error("answered with status {0}")]
    Status(u16),
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
    /// A server that is not ours sent what was said elsewhere.
    #[error("a message of another room")]
    OtherRoom,
    /// A server that is not ours sent a draft's tag without its text.
    #[error("{}", crate::outcome::ALTERED)]
    Altered,
    /// Not connected when the ramp and its grace were over.
    #[error("not connected in time")]
    TooLate,
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        let io_kind = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        match io_kind {
            Some(kind) => Self::Lost(kind),
            None if error.is_canceled() || error.is_closed() || error.is_incomplete_message() => {
                Self::Closed
            }
            None => Self::Protocol(error.to_string()),
        }
    }
}

impl From<tungstenite::Error> for Failure {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::{Error, error::ProtocolError};
        match error {
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Closed,
            Error::Io(error) => Self::Lost(error.kind()),
            Error::Http(response) => Self::Status(response.status().as_u16()),
            other => Self::Protocol(other.to_string()),
        }
    }
}
