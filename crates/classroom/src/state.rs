//! The state that the teacher can change, and that is sent to every page.

use serde::{Deserialize, Serialize};

use wire::Way;

/// The state that the teacher can change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct State {
    /// The transport to which everybody is moved; `None` leaves the choice to each person.
    pub(crate) moved: Option<Way>,
    /// The settings of the built-in talker.
    pub(crate) talker: Talker,
    /// The one-way delay that the lanes add, in milliseconds.
    pub(crate) delay_ms: u64,
    /// The time when the countdown ends, in milliseconds since the classroom opened; `None` is no
    /// countdown.
    pub(crate) ends_at: Option<f64>,
    /// The rooms that may be opened beside the class's; `None` is any.
    pub(crate) rooms: Option<Vec<String>>,
    /// The number of times that the room has been cleared.
    pub(crate) cleared: u64,
}

/// The settings of a built-in talker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Talker {
    /// The number of messages a second; 0 is silence.
    pub(crate) per_second: f64,
    /// The bytes of text in each message.
    pub(crate) bytes: usize,
}

impl Talker {
    /// Returns the settings within the limits of a room.
    pub(crate) fn bounded(self) -> Self {
        let rate = if self.per_second.is_finite() {
            self.per_second
        } else {
            0.0
        };
        Self {
            per_second: rate.clamp(0.0, 50.0),
            bytes: self.bytes.clamp(1, 8192),
        }
    }
}
