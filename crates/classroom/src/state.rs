//! The state that the teacher can change, and that is sent to every page.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use link::Buffering;
use wire::Way;

/// The part of an answer that a buffering proxy gathers before it passes it on; nginx has as much
/// by default.
const BUFFER: usize = 4096;
/// The silence after which a path cuts a connection. Proxies cut after a minute, for which no class
/// waits; a heartbeat comes later than this.
const SILENCE: Duration = Duration::from_secs(10);

/// The state that the teacher can change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct State {
    /// The transport to which everybody is moved; `None` leaves the choice to each person.
    pub(crate) moved: Option<Way>,
    /// The settings of the built-in talker.
    pub(crate) talker: Talker,
    /// The one-way delay that the lanes add, in milliseconds.
    pub(crate) delay_ms: u64,
    /// The proxy in the path of the lanes.
    pub(crate) path: Path,
    /// True if the lanes offer HTTP/2; only under TLS, as browsers speak it nowhere else.
    pub(crate) http2: bool,
    /// The time when the countdown ends, in milliseconds since the classroom opened; `None` is no
    /// countdown.
    pub(crate) ends_at: Option<f64>,
    /// The rooms that may be opened beside the class's; `None` is any.
    pub(crate) rooms: Option<Vec<String>>,
    /// The number of times that the room has been cleared.
    pub(crate) cleared: u64,
}

/// The proxy in the path of the lanes, beside the delay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Path {
    /// Nothing.
    #[default]
    Open,
    /// A proxy that gathers an answer before it passes it on.
    Buffers,
    /// A proxy that cuts connections on which nothing moves.
    Cuts,
}

impl Path {
    /// Returns the settings of a link that does this beside what `base` does.
    pub(crate) fn settings(self, base: &link::Settings) -> link::Settings {
        let mut settings = base.clone();
        match self {
            Self::Open => {}
            Self::Buffers => settings.buffer = Buffering::Bytes(BUFFER),
            Self::Cuts => settings.idle_cut = Some(SILENCE),
        }
        settings
    }
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
