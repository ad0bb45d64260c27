//! The consequences of lost connections.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The consequences of lost connections, in a run whose readers come back by a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comebacks {
    /// Connections that were lost in the course of the run.
    pub lost: u64,
    /// The number of times that a reader came back: a stream or WebSocket when its opening is
    /// answered, a poller when its first question is.
    pub back: u64,
    /// The time for which each of them was away, from the loss until it was back, in nanoseconds
    /// and in order.
    pub away: Vec<u64>,
    /// The time from the first loss until the last reader was back, in nanoseconds; `None` while
    /// one is away.
    pub last_back: Option<u64>,
    /// Connections that readers began from the first loss on.
    pub attempts: u64,
    /// Connections that readers made in the second that has most of them.
    pub peak_per_second: u64,
    /// Connections that readers began in the second that has most of them.
    pub attempts_peak: u64,
    /// Attempts that the server did not answer in time, or refused.
    pub refused: u64,
    /// Events that reached a reader after it was back and were sent before.
    pub replayed: u64,
    /// Bytes of their JSON.
    pub replayed_bytes: u64,
    /// The number of times that a reader was told that its place is of another log.
    pub new_logs: u64,
    /// Connections that their readers gave up, because nothing came over them any more.
    pub silent: u64,
    /// The number of times that a reader left by itself.
    pub left: u64,
    /// The number of times that a reader that had left was back.
    pub came: u64,
    /// The number of times that it was back over another way.
    pub changed: u64,
    /// Deliveries of messages that were due after the first loss, to readers that still had their
    /// connection.
    pub undisturbed: u64,
    /// Their median latency from due, in nanoseconds; `None` if there are none.
    pub undisturbed_p50: Option<u64>,
    /// The 99th percentile of the same.
    pub undisturbed_p99: Option<u64>,
}

impl Comebacks {
    /// Returns the time after which this share of those who came back were back; `None` if nobody
    /// did.
    #[must_use]
    pub fn away_at(&self, share: f64) -> Option<Duration> {
        let rank = (share * self.away.len() as f64).ceil() as usize;
        let at = rank.clamp(1, self.away.len().max(1)) - 1;
        self.away.get(at).map(|nanos| Duration::from_nanos(*nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_by_rank() {
        let away = (1..=100).map(|ms| ms * 1_000_000).collect();
        let told = Comebacks {
            away,
            ..Comebacks::default()
        };
        let at = |share| told.away_at(share).map(|away| away.as_millis());
        assert_eq!(
            (at(0.5), at(0.99), at(1.0)),
            (Some(50), Some(99), Some(100))
        );
        assert_eq!(at(0.0), Some(1));
        assert_eq!(Comebacks::default().away_at(0.5), None);
    }
}
