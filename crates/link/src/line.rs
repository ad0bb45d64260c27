//! The delay line: bytes enter when they arrive and leave, in order, when they are due.
//!
//! A line is one direction of one connection. It uses no clock and no socket: every moment is
//! passed in as a `Duration` since the link's start, so that tests can check exact numbers.

use std::{collections::VecDeque, time::Duration};

use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::{Rate, Settings};

/// The size of the pieces in which bytes are stamped at a limited rate: as many as fit a segment on
/// Ethernet with TCP timestamps. One stamp for a large read would deliver it in one lump.
const SEGMENT: usize = 1448;

/// A load that travels on a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// Some bytes.
    Bytes(Vec<u8>),
    /// The end of the sender's bytes (FIN). It travels behind the bytes, with the same delay.
    End,
}

/// The delay line of one direction of one connection.
#[derive(Debug)]
pub(crate) struct Line {
    delay: Duration,
    jitter: Duration,
    rate: Option<Rate>,
    dice: SmallRng,
    /// The time at which the last byte so far has been put on the line, at the line's rate.
    free_at: Duration,
    last_due: Duration,
    waiting: usize,
    queue: VecDeque<(Duration, Load)>,
}

impl Line {
    /// Creates an empty line; `number` makes its random jitter differ from that of the link's other
    /// lines.
    pub(crate) fn new(settings: &Settings, number: u64) -> Self {
        // An odd constant keeps neighbouring seeds and numbers from meeting.
        let seed = settings
            .seed
            .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self {
            delay: settings.delay,
            jitter: settings.jitter,
            rate: settings.rate,
            dice: SmallRng::seed_from_u64(seed),
            free_at: Duration::ZERO,
            last_due: Duration::ZERO,
            waiting: 0,
            queue: VecDeque::new(),
        }
    }

    /// Puts the bytes that came at `now` on the line.
    pub(crate) fn push(&mut self, now: Duration, bytes: &[u8]) {
        let piece = match self.rate {
            Some(_) => SEGMENT,
            None => bytes.len().max(1),
        };
        for piece in bytes.chunks(piece) {
            let due = self.stamp(now, piece.len());
            self.waiting += piece.len();
            self.queue.push_back((due, Load::Bytes(piece.to_vec())));
        }
    }

    /// Puts the end on the line; what follows it will not be asked for.
    pub(crate) fn end(&mut self, now: Duration) {
        let due = self.stamp(now, 0);
        self.queue.push_back((due, Load::End));
    }

    /// Returns the time at which the next load may leave, if there is one.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.queue.front().map(|(due, _)| *due)
    }

    /// Returns the next load, if it is due at `now`.
    pub(crate) fn take(&mut self, now: Duration) -> Option<Load> {
        let (_, load) = self.queue.pop_front_if(|(due, _)| *due <= now)?;
        if let Load::Bytes(bytes) = &load {
            self.waiting -= bytes.len();
        }
        Some(load)
    }

    /// Returns the number of bytes that have entered the line and not left it.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Returns the time at which bytes may leave. The line is first busy with the bytes, one after
    /// another; then they travel.
    fn stamp(&mut self, now: Duration, bytes: usize) -> Duration {
        self.free_at = self.free_at.max(now);
        if let Some(rate) = self.rate {
            self.free_at += rate.time_for(bytes);
        }
        let travel = if self.jitter.is_zero() {
            self.delay
        } else {
            let earliest = self.delay.saturating_sub(self.jitter);
            self.dice.random_range(earliest..=self.delay + self.jitter)
        };
        self.last_due = self.last_due.max(self.free_at + travel);
        self.last_due
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settings_from;

    fn line(settings: &str) -> Line {
        Line::new(&settings_from(settings).unwrap(), 0)
    }

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn bytes(text: &str) -> Load {
        Load::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn what_comes_goes_out_a_delay_later_and_not_before() {
        let mut line = line("delay=50ms");
        line.push(ms(10), b"first");
        line.push(ms(30), b"second");
        line.end(ms(31));
        assert_eq!((line.waiting(), line.next_due()), (11, Some(ms(60))));
        assert_eq!(line.take(ms(59)), None);
        assert_eq!(line.take(ms(60)), Some(bytes("first")));
        assert_eq!(line.take(ms(60)), None);
        assert_eq!((line.waiting(), line.next_due()), (6, Some(ms(80))));
        assert_eq!(line.take(ms(500)), Some(bytes("second")));
        assert_eq!(line.take(ms(80)), None, "the end has a due time of its own");
        assert_eq!(line.take(ms(81)), Some(Load::End));
        assert_eq!((line.waiting(), line.next_due()), (0, None));
    }

    #[test]
    fn without_settings_everything_is_due_at_once() {
        let mut line = line("");
        line.push(ms(7), b"now");
        assert_eq!(line.take(ms(7)), Some(bytes("now")));
    }

    #[test]
    fn at_a_rate_bytes_queue_behind_each_other() {
        // 8 kbit/s is a byte a millisecond.
        let mut line = line("delay=20ms,rate=8kbit");
        line.push(ms(0), b"0123456789");
        line.push(ms(5), b"abcde");
        line.push(ms(100), b"x");
        let due: Vec<_> = line.queue.iter().map(|(due, _)| *due).collect();
        assert_eq!(due, [ms(30), ms(35), ms(121)]);
    }

    #[test]
    fn at_a_rate_a_large_read_trickles_out_in_segments() {
        let mut line = line("rate=8mbit"); // a byte a microsecond
        line.push(ms(0), &[0; 3000]);
        let due: Vec<_> = line.queue.iter().map(|(due, _)| due.as_micros()).collect();
        assert_eq!(due, [1448, 2896, 3000]);
    }

    #[test]
    fn the_same_seed_throws_the_same_jitter() {
        let throw = |seed: &str, number| {
            let settings = settings_from(&format!("delay=50ms,jitter=50ms,seed={seed}")).unwrap();
            let mut line = Line::new(&settings, number);
            line.push(ms(0), b"x");
            line.next_due()
        };
        assert_eq!(throw("1", 0), throw("1", 0));
        assert_ne!(throw("1", 0), throw("2", 0));
        assert_ne!(throw("1", 0), throw("1", 1));
    }

    proptest! {
        #[test]
        fn bytes_keep_their_order_and_their_bounds(
            pushes in prop::collection::vec((0..40_u64, prop::collection::vec(any::<u8>(), 0..4000)), 0..30),
            rate in prop::option::of(1_u32..100_000),
            delay in 0..60_u64,
            jitter in 0..60_u64,
        ) {
            let settings = Settings {
                delay: ms(delay),
                jitter: ms(jitter.min(delay)),
                rate: rate.and_then(|rate| Rate::new(rate.into())),
                ..Settings::default()
            };
            let mut line = Line::new(&settings, 3);
            let (mut now, mut sent) = (0, Vec::new());
            for (pause, bytes) in &pushes {
                now += pause;
                line.push(ms(now), bytes);
                sent.extend_from_slice(bytes);
                let earliest = ms(now) + settings.delay.saturating_sub(settings.jitter);
                prop_assert!(bytes.is_empty() || line.queue.back().unwrap().0 >= earliest);
                if rate.is_none() {
                    let latest = ms(now) + settings.delay + settings.jitter;
                    prop_assert!(line.queue.iter().all(|(due, _)| *due <= latest));
                }
            }
            prop_assert_eq!(line.waiting(), sent.len());
            line.end(ms(now));
            let (mut got, mut last, mut ended) = (Vec::new(), Duration::ZERO, false);
            while let Some(due) = line.next_due() {
                prop_assert!(due >= last && !ended);
                last = due;
                match line.take(due).unwrap() {
                    Load::Bytes(bytes) => got.extend(bytes),
                    Load::End => ended = true,
                }
            }
            prop_assert!(ended && line.waiting() == 0);
            prop_assert_eq!(got, sent);
        }
    }
}
