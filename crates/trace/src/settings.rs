//! The settings of a trace.

use std::time::Duration;

use wire::Way;

/// The length of a silence in a trace: long enough to be seen beside the traffic.
const QUIET: Duration = Duration::from_millis(400);

/// The settings of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The way in which the traced person listens.
    pub way: Way,
    /// The text that is sent, once by another person and once by the traced one.
    pub message: String,
    /// The network in between; `None` is bare loopback.
    pub link: Option<link::Settings>,
    /// The header lines of reading requests, besides those that HTTP requires. `{host}` in a value
    /// stands for the server's host and port.
    pub read_headers: Vec<(String, String)>,
    /// The header lines of a draft's request.
    pub say_headers: Vec<(String, String)>,
    /// The seed that makes the WebSocket's key and masks the same each time. A real client must
    /// draw them anew (RFC 6455, section 10.3).
    pub seed: Option<u64>,
}

impl Settings {
    /// Returns the default settings for a trace of `way`.
    #[must_use]
    pub fn new(way: Way) -> Self {
        Self {
            way,
            message: "hello".to_owned(),
            link: None,
            read_headers: Vec::new(),
            say_headers: Vec::new(),
            seed: None,
        }
    }

    /// Returns the one-way delay of the link.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.link.as_ref().map_or(Duration::ZERO, |link| link.delay)
    }

    /// The hold, the interval and the heartbeat, all alike: longer than any
    /// exchange takes, so that silence is silence.
    pub(crate) fn quiet(&self) -> Duration {
        QUIET + 8 * self.delay()
    }
}
