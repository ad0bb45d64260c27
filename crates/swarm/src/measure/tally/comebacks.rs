//! The counts of lost connections, and of readers that came back.

use hdrhistogram::Histogram;

use crate::{
    clock::{Nanos, SECOND},
    outcome,
};

/// The finest latency that is told apart, and the longest at least.
const BOUNDS: [Nanos; 2] = [1_000, 60 * SECOND];
/// The digits of a latency.
const DIGITS: u8 = 3;

/// The counts of lost connections, and of readers that came back.
#[derive(Debug, Default)]
pub(crate) struct Comebacks {
    /// Connections that were lost.
    pub(crate) lost: u64,
    /// The time of the first loss.
    first_loss: Option<Nanos>,
    /// The time at which the last reader was back.
    last_back: Nanos,
    /// The time for which each reader that came back was away.
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
    /// Connections that their readers gave up, because nothing came over them any more.
    pub(crate) silent: u64,
    /// The number of times that a reader left by itself.
    left: u64,
    /// The time at which the first did.
    first_leave: Option<Nanos>,
    /// The number of times that a reader that had left was back.
    came: u64,
    /// The number of times that it was back over another way.
    changed: u64,
    /// The number of times that a reader was told that its place is of another log.
    pub(crate) new_logs: u64,
    /// The latency of messages that were due after the first loss, to readers that still had their
    /// connection; absent before the first of them.
    undisturbed: Option<Box<Histogram<u64>>>,
}

impl Comebacks {
    /// Notes that a reader's connection was lost.
    pub(crate) fn lost(&mut self, now: Nanos) {
        self.lost += 1;
        self.first_loss = earlier(self.first_loss, Some(now));
    }

    /// Notes that a reader left by itself.
    pub(crate) fn leaves(&mut self, now: Nanos) {
        self.left += 1;
        self.first_leave = earlier(self.first_leave, Some(now));
    }

    /// Notes that a reader that had left is back, over another way if `changes`.
    pub(crate) fn came(&mut self, changes: bool) {
        self.came += 1;
        self.changed += u64::from(changes);
    }

    /// Notes that a reader is back that was away since `since`.
    pub(crate) fn is_back(&mut self, since: Nanos, now: Nanos) {
        self.away.push(now.saturating_sub(since));
        self.last_back = self.last_back.max(now);
    }

    /// Returns whether a reader is away that may come back.
    pub(crate) fn is_anybody_away(&self) -> bool {
        self.lost + self.left > self.away.len() as u64 + self.came + self.stayed_away
    }

    /// Notes that an event came that was sent before its reader was back.
    pub(crate) fn replayed(&mut self, bytes: usize) {
        self.replayed += 1;
        self.replayed_bytes += bytes as u64;
    }

    /// Notes that a reader that never lost its connection heard at `now` what was due at `due`.
    pub(crate) fn undisturbed(&mut self, due: Nanos, now: Nanos) {
        if self.first_loss.is_some_and(|first| due >= first) {
            let times = self.undisturbed.get_or_insert_with(|| Box::new(times()));
            times.saturating_record(now.saturating_sub(due));
        }
    }

    /// Adds another shard's.
    pub(super) fn merge(&mut self, other: &Self) {
        self.lost += other.lost;
        self.first_loss = earlier(self.first_loss, other.first_loss);
        self.silent += other.silent;
        self.left += other.left;
        self.first_leave = earlier(self.first_leave, other.first_leave);
        self.came += other.came;
        self.changed += other.changed;
        self.last_back = self.last_back.max(other.last_back);
        self.away.extend(&other.away);
        self.stayed_away += other.stayed_away;
        self.refused += other.refused;
        self.begun.extend(&other.begun);
        self.made.extend(&other.made);
        self.replayed += other.replayed;
        self.replayed_bytes += other.replayed_bytes;
        self.new_logs += other.new_logs;
        if let Some(others) = &other.undisturbed {
            let times = self.undisturbed.get_or_insert_with(|| Box::new(times()));
            // Cannot fail: both have the same bounds.
            let _ = times.add(&**others);
        }
    }

    /// Returns the summary of these counts for the outcome.
    pub(crate) fn outcome(mut self) -> outcome::Comebacks {
        self.away.sort_unstable();
        let first_loss = self.first_loss.unwrap_or(Nanos::MAX);
        let since = earlier(self.first_loss, self.first_leave).unwrap_or(Nanos::MAX);
        self.made.retain(|at| *at >= since);
        self.made.sort_unstable();
        self.begun.retain(|at| *at >= since);
        self.begun.sort_unstable();
        let times = self.undisturbed.as_deref();
        let at = |quantile| times.map(|times| times.value_at_quantile(quantile));
        let all_back = !self.away.is_empty() && self.away.len() as u64 == self.lost;
        outcome::Comebacks {
            lost: self.lost,
            back: self.away.len() as u64,
            last_back: all_back.then(|| self.last_back.saturating_sub(first_loss)),
            away: self.away,
            attempts: self.begun.len() as u64,
            attempts_peak: peak(&self.begun),
            peak_per_second: peak(&self.made),
            refused: self.refused,
            replayed: self.replayed,
            replayed_bytes: self.replayed_bytes,
            new_logs: self.new_logs,
            silent: self.silent,
            left: self.left,
            came: self.came,
            changed: self.changed,
            undisturbed: times.map_or(0, Histogram::len),
            undisturbed_p50: at(0.5),
            undisturbed_p99: at(0.99),
        }
    }
}

/// Makes an empty histogram of latencies.
fn times() -> Histogram<u64> {
    // Fails only for bounds below 1:2 or more than five digits.
    let times = Histogram::new_with_bounds(BOUNDS[0], BOUNDS[1], DIGITS);
    times.expect("constant bounds are valid")
}

/// Returns the earlier of two times, of which there may be none.
fn earlier(one: Option<Nanos>, other: Option<Nanos>) -> Option<Nanos> {
    one.into_iter().chain(other).min()
}

/// Returns the largest number of these times, which are in order, that lie within one second.
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
    fn whoever_left_is_no_loss_and_is_waited_for() {
        let mut one = Comebacks {
            begun: vec![1, 30, 60],
            made: vec![1, 31, 61],
            ..Comebacks::default()
        };
        one.leaves(20);
        one.leaves(25);
        one.came(true);
        assert!(one.is_anybody_away());
        let mut other = Comebacks::default();
        other.lost(40);
        other.is_back(40, 61);
        other.came(false);
        one.merge(&other);
        assert!(!one.is_anybody_away());
        let told = one.outcome();
        assert_eq!((told.left, told.came, told.changed), (2, 2, 1));
        assert_eq!((told.lost, told.back, told.last_back), (1, 1, Some(21)));
        assert_eq!((told.attempts, told.peak_per_second), (2, 2));
    }

    #[test]
    fn what_others_notice_is_of_what_is_due_after_the_first_loss() {
        const MS: Nanos = 1_000_000;
        let mut one = Comebacks::default();
        // Nobody has lost anything yet.
        one.undisturbed(MS, 2 * MS);
        one.lost(10 * MS);
        one.undisturbed(9 * MS, 90 * MS);
        one.undisturbed(10 * MS, 12 * MS);
        let mut other = Comebacks::default();
        other.lost(11 * MS);
        other.undisturbed(20 * MS, 26 * MS);
        other.undisturbed(30 * MS, 36 * MS);
        one.merge(&other);
        let told = one.outcome();
        let ms = |nanos: Option<u64>| nanos.map(|nanos| nanos / MS);
        assert_eq!(told.undisturbed, 3);
        assert_eq!(ms(told.undisturbed_p50), Some(6));
        assert_eq!(ms(told.undisturbed_p99), Some(6));
        assert_eq!(Comebacks::default().outcome().undisturbed_p50, None);
    }

    #[test]
    fn attempts_that_come_to_nothing_are_part_of_their_peak() {
        let mut one = Comebacks {
            begun: vec![1, 3 * SECOND, 3 * SECOND + 1, 5 * SECOND],
            made: vec![5 * SECOND + 1],
            ..Comebacks::default()
        };
        one.lost(2 * SECOND);
        let told = one.outcome();
        assert_eq!((told.attempts, told.attempts_peak), (3, 2));
        assert_eq!(told.peak_per_second, 1);
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
