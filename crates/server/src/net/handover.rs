//! A connection that is handed from one protocol to the next.

use crate::net::stream::Stream;

/// A connection between two protocols: each takes it over from the one before.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) stream: Stream,
    /// Bytes that the client sent and nobody has answered yet.
    pub(crate) early: Vec<u8>,
}
