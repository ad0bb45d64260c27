//! A connection that is handed from one protocol to the next.

use crate::net::stream::Stream;

/// A connection between two who speak on it: each takes it from the one before.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) stream: Stream,
    /// What the client sent, and nobody has answered yet.
    pub(crate) early: Vec<u8>,
}
