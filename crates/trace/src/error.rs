//! The errors of making a trace.

use std::io;

/// The reason for which a trace could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A socket could not be opened, or it failed.
    #[error("the socket failed while waiting for {what}: {error}")]
    Socket {
        /// The action during which the socket failed.
        what: &'static str,
        /// The error that the operating system reported.
        error: io::Error,
    },
    /// Expected bytes did not arrive in time.
    #[error("nothing came for {seconds} s while waiting for {what}; is the link too slow?")]
    Silent {
        /// The bytes that were expected.
        what: &'static str,
        /// The time that was waited, in seconds.
        seconds: u64,
    },
    /// The other side closed too early.
    #[error("the connection was closed while waiting for {0}; does the link cut or reset it?")]
    Closed(&'static str),
    /// An answer that is not the expected one.
    #[error("the server refused: {0}")]
    Refused(String),
    /// TLS could not be set up, or the two sides did not agree.
    #[error("no TLS: {0}")]
    Tls(String),
    /// The message does not fit into a draft.
    #[error("the message has {0} bytes; send 1 to 65536")]
    Message(usize),
    /// A header line that would break the request.
    #[error("the header line {0:?} has a line break in it; take it out")]
    Header(String),
}
