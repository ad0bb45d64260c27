//! The counts of lost connections, and of readers that came back.

use crate::{
    clock::{Nanos, SECOND},
    outcome,
};

/// The counts of lost connections, and of readers that came back.
#[derive(Debug, Default)]
pub(crate) struct Comebacks {
    /// Connections that were lost.
    pub(crate) lost: u64,
    /// The time of the first loss.
    first_loss: Option<Nanos>,
    /// The time at which the last reader was back.
    last_back: Nanos,
    /// The time for which each reader was away that came back.
    away: Vec<Nanos>,
    /// Readers that were away and do not come back.
    pub(crate) stayed_away: u64,
    /// Attempts that the server did not answer, or answered with a refusal.
    pub(crate) refused: u64,
    /// Times at which readers began to connect, the ramp's among them.
    pub(crate) begun: Vec<Nanos>,
    /// Times at which they were connected.
    pub(crate) made: Vec<Nanos>,
    /// Events that were sent before their reader was back.
    replayed: u64,
    /// Bytes of their JSON.
    replayed_bytes: u64,
    /// The number of times that a reader was told that its place is of another log.
    pub(crate) new_logs: u64,
}

impl Comebacks {
    /// Notes that a reader's connection was lost.
    pub(crate) fn lost(&mut self, now: Nanos) {
        self.lost += 1;
        self.first_loss = Some(self.first_loss.map_or(now, |first| first.min(now)));
    }

    /// Notes that a reader is back that was away since `since`.
    pub(crate) fn is_back(&mut self, since: Nanos, now: Nanos) {
        self.away.push(now.saturating_sub(since));
        self.last_back = self.last_back.max(now);
    }

    /// Returns whether a reader is away that may come back.
    pub(crate) fn is_anybody_away(&self) -> bool {
        self.lost > self.away.len() as u64 + self.stayed_away
    }

    /// Notes that an event came that was sent before its reader was back.
    pub(crate) fn replayed(&mut self, bytes: usize) {
        self.replayed += 1;
        self.replayed_bytes += bytes as u64;
    }

    /// Adds another shard's.
    pub(super) fn merge(&mut self, other: &Self) {
        self.lost += other.lost;
        self.first_loss = match (self.first_loss, other.first_loss) {
            (Some(mine), Some(others)) => Some(mine.min(others)),
            (mine, others) => mine.or(others),
        };
        self.last_back = self.last_back.max(other.last_back);
        self.away.extend(&other.away);
        self.stayed_away += other.stayed_away;
        self.refused += other.refused;
        self.begun.extend(&other.begun);
        self.made.extend(&other.made);
        self.replayed += other.replayed;
        self.replayed_bytes += other.replayed_bytes;
        self.new_logs += other.new_logs;
    }

    /// Returns what is told of them.
    pub(crate) fn outcome(mut self) -> outcome::Comebacks {
        self.away.sort_unstable();
        let since = self.first_loss.unwrap_or(Nanos::MAX);
        self.made.retain(|at| *at >= since);
        self.made.sort_unstable();
        let all_back = !self.away.is_empty() && self.away.len() as u64 == self.lost;
        outcome::Comebacks {
            lost: self.lost,
            back: self.away.len() as u64,
            last_back: all_back.then(|| self.last_back.saturating_sub(since)),
            away: self.away,
            attempts: self.begun.iter().filter(|at| **at >= since).count() as u64,
            peak_per_second: peak(&self.made),
            refused: self.refused,
            replayed: self.replayed,
            replayed_bytes: self.replayed_bytes,
            new_logs: self.new_logs,
        }
    }
}

/// Returns the most of these times, in order, that any one second holds.
fn peak(times: &[Nanos]) -> u64 {
    let mut from = 0;
    let mut most = 0;
    for (index, at) in times.iter().enumerate() {
        while times[from] + SECOND <= *at {
            from += 1;
        }
        most = most.max(index + 1 - from);
    }
    most as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_of_any_second_wherever_it_begins() {
        const MS: Nanos = 1_000_000;
        assert_eq!(peak(&[]), 0);
        assert_eq!(peak(&[5]), 1);
        let times = [0, 900 * MS, 1_000 * MS, 1_800 * MS, 1_899 * MS, 1_900 * MS];
        // From 900 ms to just before 1,900 ms.
        assert_eq!(peak(&times), 4);
    }

    #[test]
    fn two_shards_are_one_swarm() {
        let mut one = Comebacks::default();
        let mut other = Comebacks::default();
        one.begun = vec![1, 60];
        one.lost(50);
        one.lost(52);
        one.is_back(52, 70);
        other.begun = vec![55, 65];
        other.made = vec![2, 65];
        other.lost(40);
        other.is_back(40, 65);
        other.replayed(120);
        one.merge(&other);
        one.is_back(50, 90);
        let told = one.outcome();
        assert_eq!((told.lost, told.back, told.attempts), (3, 3, 3));
        assert_eq!((told.away, told.last_back), (vec![18, 25, 40], Some(50)));
        assert_eq!(told.peak_per_second, 1);
        assert_eq!((told.replayed, told.replayed_bytes), (1, 120));
    }

    #[test]
    fn one_who_is_still_away_leaves_no_last() {
        let mut one = Comebacks::default();
        one.lost(1);
        one.lost(2);
        one.is_back(1, 5);
        assert_eq!(one.outcome().last_back, None);
    }
}
