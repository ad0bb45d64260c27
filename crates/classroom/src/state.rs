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
    /// The servers over one log, by number; none where there is a single one.
    pub(crate) servers: Vec<Life>,
    /// The time when the countdown ends, in milliseconds since the classroom opened; `None` is no
    /// countdown.
    pub(crate) ends_at: Option<f64>,
    /// The rooms that may be opened beside the class's; `None` is any.
    pub(crate) rooms: Option<Vec<String>>,
    /// The number of times that the room has been cleared.
    pub(crate) cleared: u64,
}

/// The life of a server, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Life {
    /// It serves.
    Here,
    /// The teacher ended it.
    Ended,
    /// It is being started.
    Starts,
    /// It could not be started.
    Failed,
}

impl State {
    /// Returns whether there is a server that serves.
    pub(crate) fn is_served(&self) -> bool {
        self.servers.contains(&Life::Here)
    }

    /// Lets a server end, or start. Returns false, and changes nothing, if it is as ordered, or the
    /// last one that serves.
    pub(crate) fn order_server(&mut self, number: usize, on: bool) -> bool {
        let all = self.servers.iter();
        let serving = all.filter(|life| **life == Life::Here).count();
        let Some(life) = self.servers.get_mut(number) else {
            return false;
        };
        *life = match (*life, on) {
            (Life::Here, false) if serving > 1 => Life::Ended,
            (Life::Ended | Life::Failed, true) => Life::Starts,
            _ => return false,
        };
        true
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_server_stays() {
        let mut state = State {
            moved: None,
            talker: Talker {
                per_second: 0.0,
                bytes: 1,
            },
            delay_ms: 0,
            path: Path::Open,
            http2: false,
            servers: vec![Life::Here, Life::Starts],
            ends_at: None,
            rooms: None,
            cleared: 0,
        };
        // One that is not there yet serves nobody.
        assert!(!state.order_server(0, false));
        state.servers[1] = Life::Here;
        assert!(state.order_server(0, false) && !state.order_server(1, false));
        assert_eq!(state.servers, [Life::Ended, Life::Here]);
        assert!(!state.order_server(1, true) && !state.order_server(2, false));
        assert!(state.order_server(0, true) && !state.order_server(0, true));
        assert_eq!(state.servers, [Life::Starts, Life::Here]);
        state.servers[0] = Life::Failed;
        assert!(state.is_served() && state.order_server(0, true));
    }
}
