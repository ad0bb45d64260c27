//! Connections that go silent in the middle of a run: the link carries nothing on them any more, and
//! tells neither end.

use std::time::{Duration, Instant};

use scenario::{Cut, CutKind};

use crate::child::Process;

/// The silence of a run; a run has at most one.
#[derive(Debug)]
pub(crate) struct Silence {
    /// The time from the beginning of *measure*, if the scenario asks for one.
    after: Option<Duration>,
    /// The time at which it begins; known once *measure* begins, until it has begun.
    at: Option<Instant>,
}

impl Silence {
    /// Makes the silence that the scenario asks for, if it asks for one.
    pub(crate) fn new(cut: Option<&Cut>) -> Self {
        let cut = cut.filter(|cut| cut.kind == CutKind::Silent);
        Self {
            after: cut.map(|cut| cut.after),
            at: None,
        }
    }

    /// Sets the time of the silence; *measure* begins at `now`.
    pub(crate) fn measure_begins(&mut self, now: Instant) {
        self.at = self.after.map(|after| now + after);
    }

    /// Returns the time until it begins, at most `longest`.
    pub(crate) fn rest(&self, now: Instant, longest: Duration) -> Duration {
        self.at
            .map_or(longest, |at| at.saturating_duration_since(now).min(longest))
    }

    /// Asks the links for it, once it is due.
    pub(crate) fn act(&mut self, now: Instant, links: &[Process]) {
        if self.at.take_if(|at| now >= *at).is_some() {
            for link in links {
                link.silence();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_waited_for_only_where_it_is_asked_for() {
        let look = Duration::from_millis(100);
        let now = Instant::now();
        for (kind, rest) in [(CutKind::Silent, 30), (CutKind::Freeze, 100)] {
            let cut = Cut {
                kind,
                after: Duration::from_secs(1),
                rate: None,
                share: 1.0,
                duration: Duration::from_secs(3),
            };
            let mut silence = Silence::new(Some(&cut));
            assert_eq!(silence.rest(now, look), look);
            silence.measure_begins(now);
            let almost = now + Duration::from_millis(970);
            let rest = Duration::from_millis(rest);
            assert_eq!(silence.rest(almost, look), rest, "{kind:?}");
        }
    }
}
