//! What the teacher can change, and every page is told.

use serde::{Deserialize, Serialize};

use wire::Way;

/// What the teacher can change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct State {
    /// The transport to which everybody is moved; `None` is each one's own choice.
    pub(crate) moved: Option<Way>,
    /// What the built-in talker says.
    pub(crate) talker: Talker,
    /// One-way delay that the lanes add, in milliseconds.
    pub(crate) delay_ms: u64,
    /// When the countdown ends, in milliseconds since the classroom opened; `None` is no countdown.
    pub(crate) ends_at: Option<f64>,
    /// The rooms that may be opened beside the class's; `None` is any.
    pub(crate) rooms: Option<Vec<String>>,
    /// How often the room has been cleared.
    pub(crate) cleared: u64,
}

/// The built-in talker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Talker {
    /// Messages a second; 0 is silence.
    pub(crate) per_second: f64,
    /// Bytes of text in each.
    pub(crate) bytes: usize,
}

impl Talker {
    /// Within what a room can take.
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
