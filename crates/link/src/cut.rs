//! The limits of a path that ends exchanges or lets only some of them in at a time, and what
//! follows from them by arithmetic.
//!
//! An exchange is a request and its answer. A stream's answer and an upgraded connection (RFC
//! 9110, section 7.8) last until their connection ends, and so does their exchange.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The ends that a path puts to exchanges: serverless platforms and load balancers of clouds have
/// both, of 60, 100 or 300 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cut {
    /// The age of an exchange at which its connection is closed, whatever moves on it.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub after: Option<Duration>,
    /// The silence within an exchange, in both directions, after which its connection is closed.
    /// A connection between two exchanges is not meant.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub idle: Option<Duration>,
}

impl Cut {
    /// Returns whether neither limit is set.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the moment at which an exchange is cut if it began at `began` and its last byte
    /// moved at `active`; `None` if it is never cut. All moments count from the same start.
    #[must_use]
    pub fn due(&self, began: Duration, active: Duration) -> Option<Duration> {
        let old = self.after.map(|age| began.saturating_add(age));
        let silent = self.idle.map(|idle| began.max(active).saturating_add(idle));
        [old, silent].into_iter().flatten().min()
    }

    /// Returns how long a stream or WebSocket lasts if a byte moves on it once in each `every`
    /// (`None` if none ever does); `None` if it is never cut.
    #[must_use]
    pub fn lasts(&self, every: Option<Duration>) -> Option<Duration> {
        let silent = self
            .idle
            .filter(|idle| every.is_none_or(|every| every > *idle));
        [self.after, silent].into_iter().flatten().min()
    }

    /// Returns how often in an hour the reader of a stream or WebSocket is cut, if a byte moves on
    /// it once in each `every`, and if the reader is back `away` after each cut.
    #[must_use]
    pub fn per_hour(&self, every: Option<Duration>, away: Duration) -> f64 {
        let cycle = self.lasts(every).map(|lasts| lasts.saturating_add(away));
        cycle.map_or(0.0, |cycle| HOUR / cycle.as_secs_f64())
    }

    /// Returns how many events an hour are sent while such a reader is away, and so are given to it
    /// once it is back with its place, if `rate` events are sent in a second.
    #[must_use]
    pub fn replays_per_hour(&self, every: Option<Duration>, away: Duration, rate: f64) -> f64 {
        self.per_hour(every, away) * away.as_secs_f64() * rate
    }
}

/// An hour, in seconds.
const HOUR: f64 = 3_600.0;

/// Returns how many of `readers` can hear anything at the same time through a path with this many
/// `workers`, if each reader keeps an exchange open: each exchange takes a worker.
#[must_use]
pub fn readers_at_once(workers: Option<usize>, readers: usize) -> usize {
    workers.map_or(readers, |workers| workers.min(readers))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const CUT: Cut = Cut {
        after: Some(s(300)),
        idle: Some(s(60)),
    };

    #[test]
    fn an_exchange_is_cut_at_its_age_or_for_its_silence() {
        assert_eq!(CUT.due(s(10), s(20)), Some(s(80)));
        assert_eq!(CUT.due(s(10), s(290)), Some(s(310)));
        // What moved before it began was of another exchange.
        assert_eq!(CUT.due(s(100), s(20)), Some(s(160)));
        assert_eq!(Cut::default().due(s(1), s(2)), None);
        assert!(Cut::default().is_none() && !CUT.is_none());
    }

    #[test]
    fn cuts_an_hour_follow_from_the_shorter_limit() {
        // A heartbeat every 25 s: only the age cuts.
        assert_eq!(CUT.lasts(Some(s(25))), Some(s(300)));
        assert!((CUT.per_hour(Some(s(25)), s(0)) - 12.0).abs() < 1e-9);
        // 86,400 seconds a day over 300.
        assert!((24.0 * CUT.per_hour(Some(s(25)), s(0)) - 288.0).abs() < 1e-9);
        assert_eq!(CUT.lasts(Some(s(61))), Some(s(60)));
        assert!((CUT.per_hour(None, s(0)) - 60.0).abs() < 1e-9);
        assert!((CUT.per_hour(None, s(60)) - 30.0).abs() < 1e-9);
        assert!((CUT.replays_per_hour(Some(s(25)), s(60), 0.5) - 300.0).abs() < 1e-9);
        assert!(Cut::default().per_hour(None, s(1)).abs() < 1e-9);
    }

    #[test]
    fn a_worker_for_each_reader_who_holds_one() {
        assert_eq!(readers_at_once(Some(150), 1_000), 150);
        assert_eq!(readers_at_once(Some(150), 100), 100);
        assert_eq!(readers_at_once(None, 1_000), 1_000);
    }
}
