//! A server that is stopped for a while in the middle of a run, as by a long
//! pause for garbage: SIGSTOP and SIGCONT, so that nothing in it is prepared.

use std::time::{Duration, Instant};

use scenario::ServerStall;

use crate::child::Process;

/// The stall of a run; a run has at most one.
#[derive(Debug)]
pub(crate) struct Stall {
    wish: Option<ServerStall>,
    /// The times at which it begins and ends; known once *measure* begins.
    times: Option<(Instant, Instant)>,
    halted: bool,
}

impl Stall {
    /// Creates the stall that the scenario requests, if any.
    pub(crate) const fn new(wish: Option<ServerStall>) -> Self {
        Self {
            wish,
            times: None,
            halted: false,
        }
    }

    /// Sets the times of the stall; *measure* begins at `now`.
    pub(crate) fn measure_begins(&mut self, now: Instant) {
        self.times = self.wish.map(|wish| {
            let begin = now + wish.after;
            (begin, begin + wish.duration)
        });
    }

    /// Returns the time until the next action, at most `longest`.
    pub(crate) fn rest(&self, now: Instant, longest: Duration) -> Duration {
        let Some((begin, end)) = self.times else {
            return longest;
        };
        let next = if self.halted { end } else { begin };
        next.saturating_duration_since(now).min(longest)
    }

    /// Performs the action that is due at `now`.
    pub(crate) fn act(&mut self, now: Instant, server: &Process) {
        match self.times {
            Some((_, end)) if self.halted && now >= end => self.end(server),
            Some((begin, _)) if !self.halted && now >= begin => {
                server.halt();
                self.halted = true;
            }
            _ => {}
        }
    }

    /// Ends it, however early.
    pub(crate) fn end(&mut self, server: &Process) {
        server.go_on();
        self.halted = false;
        self.times = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_to_be_done_until_it_begins_and_until_it_ends() {
        let look = Duration::from_millis(100);
        let wish = ServerStall {
            after: Duration::from_secs(10),
            duration: Duration::from_millis(1_400),
        };
        let mut stall = Stall::new(Some(wish));
        let now = Instant::now();
        assert_eq!(stall.rest(now, look), look);
        stall.measure_begins(now);
        let almost = now + Duration::from_millis(9_970);
        assert_eq!(stall.rest(almost, look), Duration::from_millis(30));
        assert_eq!(stall.rest(now + wish.after, look), Duration::ZERO);
        stall.halted = true;
        let almost = now + Duration::from_millis(11_395);
        assert_eq!(stall.rest(almost, look), Duration::from_millis(5));
        let mut none = Stall::new(None);
        none.measure_begins(now);
        assert_eq!(none.rest(almost, look), look);
    }
}
