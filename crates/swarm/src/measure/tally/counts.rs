//! Counts that only make sense over a window of time.

use std::ops::Sub;

/// Counts that are taken over the window (*measure* and *drain*): read at its
/// beginning and its end, and subtracted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Reading exchanges finished.
    pub(crate) exchanges: u64,
    /// The number of those that were polls without an event.
    pub(crate) empty_exchanges: u64,
    /// Events that exchanges brought, joins and leaves among them.
    pub(crate) events: u64,
    /// Events that the server said it could not give. Before the window the count proves nothing: a
    /// log may well be shorter than the joins of a ramp.
    pub(crate) missed: u64,
    /// Bytes written.
    pub(crate) bytes_up: u64,
    /// Bytes read.
    pub(crate) bytes_down: u64,
    /// Connections that readers made, where the plan says how they come back.
    pub(crate) made: u64,
}

/// The most missed events that one notice counts for: no log can have lost more at once, and many
/// such counts still add up without an overflow.
pub(super) const MOST_MISSED: u64 = 1 << 32;

impl Counts {
    /// Notes that the server said that it could not give `count` events.
    pub(crate) fn miss(&mut self, count: u64) {
        self.missed = self.missed.saturating_add(count.min(MOST_MISSED));
    }

    /// Returns the sum of both counts.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            exchanges: self.exchanges + other.exchanges,
            empty_exchanges: self.empty_exchanges + other.empty_exchanges,
            events: self.events + other.events,
            missed: self.missed + other.missed,
            bytes_up: self.bytes_up + other.bytes_up,
            bytes_down: self.bytes_down + other.bytes_down,
            made: self.made + other.made,
        }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            exchanges: self.exchanges - before.exchanges,
            empty_exchanges: self.empty_exchanges - before.empty_exchanges,
            events: self.events - before.events,
            missed: self.missed - before.missed,
            bytes_up: self.bytes_up - before.bytes_up,
            bytes_down: self.bytes_down - before.bytes_down,
            made: self.made - before.made,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hostile_server_says_is_missing_does_not_overflow() {
        let mut counts = Counts::default();
        counts.miss(3);
        assert_eq!(counts.missed, 3);
        let before = counts;
        counts.miss(u64::MAX);
        counts.miss(u64::MAX);
        // What was said before the window hides nothing of what is said in it.
        assert_eq!((counts - before).missed, 2 * MOST_MISSED);
    }
}
