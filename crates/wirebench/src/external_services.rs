//! The servers and the Redis that a run is given, so that it does not start them.

use crate::{broker::GivenRedis, process_tree::RunningServer};

/// The servers that run already when a run begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExternalServices<'a> {
    /// The server under test.
    pub(crate) server: Option<&'a RunningServer>,
    /// The Redis of servers that the run starts.
    pub(crate) redis: Option<&'a GivenRedis>,
}
