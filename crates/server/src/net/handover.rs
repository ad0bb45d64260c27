//! A connection that is handed from one protocol to the next.

use crate::net::stream::Stream;

/// A connection between two protocols: each takes it over from the one before.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) stream: Stream,
    /// The bytes that the client sent and that are not answered yet.
    pub(crate) early: Vec<u8>,
}
