//! The settings of a trace.

use std::time::Duration;

use wire::Way;

/// Silence that is shown as such: long enough to be seen beside what moves.
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
    /// Header lines of reading requests, beside what HTTP demands. `{host}` in a
    /// value stands for the server's host and port.
    pub read_headers: Vec<(String, String)>,
    /// Header lines of a draft's request.
    pub say_headers: Vec<(String, String)>,
    /// Makes the WebSocket's key and masks the same each time. A real client
    /// must draw them anew (RFC 6455, section 10.3).
    pub seed: Option<u64>,
}

impl Settings {
    /// A trace of `way` with nothing special about it.
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

    /// One-way delay of the link.
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
