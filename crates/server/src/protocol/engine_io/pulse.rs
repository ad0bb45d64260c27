//! The heartbeats of Engine.IO.

use std::time::Duration;

use tokio::time::Instant;

use crate::{protocol::engine_io::PING_TIMEOUT, settings::Settings};

/// The heartbeats of a session: the server pings at an interval after the last
/// answer, and waits for the answer for a while.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    heard: Instant,
    pinged: bool,
    interval: Duration,
}

impl Pulse {
    /// Begins the heartbeats.
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            heard: Instant::now(),
            pinged: false,
            interval: settings.heartbeat,
        }
    }

    /// Returns the time at which the next ping is due or, after a ping, its answer.
    pub(super) fn deadline(&self) -> Instant {
        let due = self.heard + self.interval;
        if self.pinged { due + PING_TIMEOUT } else { due }
    }

    /// Returns whether a ping is to be sent now, and notes that it is.
    pub(super) fn ping(&mut self, now: Instant) -> bool {
        let due = !self.pinged && now >= self.heard + self.interval;
        self.pinged |= due;
        due
    }

    /// Returns whether the client stayed silent for too long.
    pub(super) fn is_lost(&self, now: Instant) -> bool {
        now >= self.heard + self.interval + PING_TIMEOUT
    }

    /// Records the answer to a ping.
    pub(super) fn pong(&mut self) {
        if self.pinged {
            self.heard = Instant::now();
            self.pinged = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_due_once_and_its_answer_in_time() {
        let settings = Settings::default();
        let mut pulse = Pulse::new(&settings);
        let begun = pulse.heard;
        let due = begun + settings.heartbeat;
        assert_eq!(pulse.deadline(), due);
        assert!(!pulse.ping(begun));
        // An answer that nobody asked for changes nothing.
        pulse.pong();
        assert_eq!(pulse.heard, begun);
        assert!(pulse.ping(due) && !pulse.ping(due));
        assert_eq!(pulse.deadline(), due + PING_TIMEOUT);
        assert!(!pulse.is_lost(due) && pulse.is_lost(due + PING_TIMEOUT));
        pulse.pong();
        assert!(!pulse.pinged && pulse.deadline() >= due);
    }
}
