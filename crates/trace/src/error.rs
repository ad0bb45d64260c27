//! Why a trace could not be made.

use std::io;

/// Why a trace could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// No socket, or it broke.
    #[error("the socket failed while waiting for {what}: {error}")]
    Socket {
        /// What was being done.
        what: &'static str,
        /// What the operating system says.
        error: io::Error,
    },
    /// Nothing came.
    #[error("nothing came for {seconds} s while waiting for {what}; is the link too slow?")]
    Silent {
        /// What was awaited.
        what: &'static str,
        /// For how long.
        seconds: u64,
    },
    /// The other side closed too early.
    #[error("the connection was closed while waiting for {0}; does the link cut or reset it?")]
    Closed(&'static str),
    /// An answer that is not the expected one.
    #[error("the server refused: {0}")]
    Refused(String),
    /// What is said must fit in a draft.
    #[error("the message has {0} bytes; send 1 to 65536")]
    Message(usize),
    /// A header line that would break the request.
    #[error("the header line {0:?} has a line break in it; take it out")]
    Header(String),
}
