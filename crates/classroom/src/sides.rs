//! The bytes of one direction that are in no span yet, and the times when they passed.

use std::{collections::VecDeque, time::Instant};

/// The largest number of bytes kept, a bound on what anybody can send; the rest is counted and not
/// shown.
const KEPT: usize = 128 * 1024;

/// The state of one direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Side {
    /// The bytes that are kept from `start` on.
    kept: VecDeque<u8>,
    /// The offset of `kept`, in bytes of this direction.
    start: u64,
    /// The number of bytes that have passed.
    passed: u64,
    /// The times when bytes passed: the offset of the first of them, and the time.
    marks: VecDeque<(u64, Instant)>,
}

impl Side {
    /// Takes the next bytes that passed.
    pub(crate) fn pass(&mut self, at: Instant, bytes: &[u8]) {
        if self.marks.back().is_none_or(|(_, last)| *last != at) {
            self.marks.push_back((self.passed, at));
        }
        self.passed += bytes.len() as u64;
        // Once something was left out, all that follows it is, until a span
        // takes what is kept: there are no holes in `kept`.
        let whole = self.start + self.kept.len() as u64 + bytes.len() as u64 == self.passed;
        if whole && self.kept.len() + bytes.len() <= KEPT {
            self.kept.extend(bytes);
        }
    }

    /// Takes the span of `len` bytes from `start` on, and returns when its first byte passed, and
    /// its bytes as far as they are kept.
    pub(crate) fn take(&mut self, start: u64, len: u64) -> (Option<Instant>, Vec<u8>) {
        while self
            .marks
            .get(1)
            .is_some_and(|(offset, _)| *offset <= start)
        {
            self.marks.pop_front();
        }
        let at = self.marks.front().map(|(_, at)| *at);
        let there = (self.kept.len() as u64).min(len) as usize;
        let kept = self.kept.drain(..there).collect();
        self.start = start + len;
        (at, kept)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn spans_get_their_bytes_and_the_time_of_their_first() {
        let first = Instant::now();
        let later = first + Duration::from_millis(5);
        let mut side = Side::default();
        side.pass(first, b"abc");
        side.pass(later, b"defg");
        assert_eq!(side.take(0, 2), (Some(first), b"ab".to_vec()));
        assert_eq!(side.take(2, 2), (Some(first), b"cd".to_vec()));
        assert_eq!(side.take(4, 3), (Some(later), b"efg".to_vec()));
    }

    #[test]
    fn much_is_counted_but_not_kept() {
        let now = Instant::now();
        let mut side = Side::default();
        for _ in 0..100 {
            side.pass(now, &[b'x'; 4096]);
        }
        assert_eq!(side.kept.len(), KEPT);
        assert_eq!(side.take(0, 409_600).1.len(), KEPT);
        side.pass(now, b"after");
        assert_eq!(side.take(409_600, 5).1, b"after");
    }
}
