//! The sum of each second over all shards: it is whole when every shard has told it or has nothing
//! more to tell.

use std::collections::VecDeque;

use crate::outcome::Second;

/// The seconds of a run that are not whole yet.
#[derive(Debug)]
pub struct Seconds {
    shards: Vec<Progress>,
    /// The second at the front is number `whole`.
    pending: VecDeque<Second>,
    whole: u32,
}

/// The progress of one shard's reports.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The number of seconds reported so far.
    told: u32,
    drained: bool,
    connected: usize,
}

impl Seconds {
    /// Creates the state for `shards` shards.
    #[must_use]
    pub fn new(shards: usize) -> Self {
        Self {
            shards: vec![Progress::default(); shards],
            pending: VecDeque::new(),
            whole: 0,
        }
    }

    /// Notes that a shard's second is over.
    pub fn add(&mut self, shard: usize, second: Second) {
        let progress = &mut self.shards[shard];
        progress.told = second.second + 1;
        progress.connected = second.connected;
        let at = (second.second - self.whole) as usize;
        match self.pending.get_mut(at) {
            // Shards tell their seconds in order, so none is left out.
            None => self.pending.push_back(second),
            Some(sum) => {
                sum.delivered += second.delivered;
                sum.bytes_up += second.bytes_up;
                sum.bytes_down += second.bytes_down;
                sum.made += second.made;
                // Cannot fail: all shards' histograms have the same bounds.
                let _ = sum.due.add(second.due);
            }
        }
    }

    /// Notes that a shard has told its last second.
    pub fn drained(&mut self, shard: usize) {
        self.shards[shard].drained = true;
    }

    /// Returns the next second that is whole.
    pub fn next_whole(&mut self) -> Option<Second> {
        let number = self.whole;
        let is_whole = self
            .shards
            .iter()
            .all(|shard| shard.drained || shard.told > number);
        if !is_whole {
            return None;
        }
        let mut second = self.pending.pop_front()?;
        second.connected = self.shards.iter().map(|shard| shard.connected).sum();
        self.whole += 1;
        Some(second)
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;

    fn second(second: u32, delivered: u64, connected: usize) -> Second {
        let mut due = Histogram::new(2).unwrap();
        due.record_n(1_000, delivered).unwrap();
        Second {
            second,
            delivered,
            due,
            bytes_up: 10,
            bytes_down: 100,
            connected,
            made: 2,
        }
    }

    #[test]
    fn a_second_is_whole_when_each_shard_has_told_it_or_is_drained() {
        let mut seconds = Seconds::new(2);
        seconds.add(0, second(0, 3, 5));
        assert!(seconds.next_whole().is_none());
        seconds.add(0, second(1, 1, 5));
        seconds.add(1, second(0, 4, 6));
        let whole = seconds.next_whole().unwrap();
        assert_eq!((whole.second, whole.delivered, whole.connected), (0, 7, 11));
        assert_eq!(
            (
                whole.bytes_up,
                whole.bytes_down,
                whole.due.len(),
                whole.made
            ),
            (20, 200, 7, 4)
        );
        assert!(seconds.next_whole().is_none());
        seconds.drained(1);
        assert_eq!(seconds.next_whole().unwrap().delivered, 1);
        assert!(seconds.next_whole().is_none());
    }
}
