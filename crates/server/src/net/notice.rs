//! Notices to the person who runs a server: events of `tracing`, at most one of each topic in a
//! while, however many servers are in this process.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use tracing::Level;

/// The time for which there is silence about a topic after a notice.
const SILENCE: Duration = Duration::from_secs(10);

/// The subject of a notice.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Topic {
    /// Connections cannot be accepted, most often for want of descriptors.
    Accept,
    /// Connections are refused, because a limit is reached.
    Refused,
    /// A handshake under TLS failed.
    Handshake,
    /// The store takes nothing.
    Store,
    /// Batches cannot be submitted to `io_uring`.
    Io,
}

/// The number of topics.
const TOPICS: usize = 5;

impl Topic {
    /// Returns the topic in one word that never changes.
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refused => "refused",
            Self::Handshake => "handshake",
            Self::Store => "store",
            Self::Io => "io",
        }
    }
}

/// Tells this as a warning with its topic, unless its topic was told of a moment ago. Without a
/// subscriber of `tracing` that takes warnings, the text is not made.
pub(crate) fn tell(topic: Topic, text: impl FnOnce() -> String) {
    /// The notices of this process.
    static TOLD: Told = Told::new();
    if tracing::enabled!(Level::WARN) && TOLD.is_due(topic, Instant::now()) {
        tracing::warn!(topic = topic.name(), "{}", text());
    }
}

/// The time of the last notice of each topic.
struct Told(Mutex<[Option<Instant>; TOPICS]>);

impl Told {
    const fn new() -> Self {
        Self(Mutex::new([None; TOPICS]))
    }

    /// Returns whether a notice of this topic may be told now; if so, it counts as told.
    fn is_due(&self, topic: Topic, now: Instant) -> bool {
        let mut all = self.0.lock().expect("no holder panics");
        let last = &mut all[topic as usize];
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= SILENCE);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_topic_is_bounded_and_does_not_silence_another() {
        let told = Told::new();
        let begin = Instant::now();
        for topic in [
            Topic::Accept,
            Topic::Refused,
            Topic::Handshake,
            Topic::Store,
            Topic::Io,
        ] {
            for (after, is_due) in [(0, true), (1, false), (9_999, false), (10_000, true)] {
                let now = begin + Duration::from_millis(after);
                assert_eq!(told.is_due(topic, now), is_due, "{topic:?} {after}");
            }
        }
    }
}
