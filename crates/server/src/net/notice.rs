//! Notices to the person who runs a server, limited to one of each topic in a while.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The time for which a server is silent about a topic after a notice.
const SILENCE: Duration = Duration::from_secs(10);

/// The subject of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
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

impl Topic {
    /// All topics.
    const ALL: [Self; 5] = [
        Self::Accept,
        Self::Refused,
        Self::Handshake,
        Self::Store,
        Self::Io,
    ];

    /// Returns the topic in one word that never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refused => "refused",
            Self::Handshake => "handshake",
            Self::Store => "store",
            Self::Io => "io",
        }
    }
}

/// A function that reports a shortage to the person who runs the server.
#[derive(Clone)]
pub struct Notice(Arc<Inner>);

struct Inner {
    tell: Box<Tell>,
    /// The time of the last notice of each topic.
    last: Mutex<[Option<Instant>; Topic::ALL.len()]>,
}

type Tell = dyn Fn(Topic, &str) + Send + Sync;

impl Notice {
    /// Makes a notice that is reported by `tell`, at most once in ten seconds for each topic.
    pub fn new(tell: impl Fn(Topic, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            tell: Box::new(tell),
            last: Mutex::default(),
        }))
    }

    /// Reports this, unless a notice of its topic was reported a moment ago.
    pub(crate) fn tell(&self, topic: Topic, text: impl FnOnce() -> String) {
        let now = Instant::now();
        let mut all = self.0.last.lock().expect("no holder panics");
        let last = &mut all[topic as usize];
        if last.is_none_or(|last| now.saturating_duration_since(last) >= SILENCE) {
            *last = Some(now);
            (self.0.tell)(topic, &text());
        }
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Notice")
    }
}

/// Two notices are equal if they are the same one.
impl PartialEq for Notice {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Notice {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_topic_is_bounded_and_does_not_silence_another() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let tells = Arc::clone(&told);
        let notice = Notice::new(move |topic, text| {
            tells
                .lock()
                .unwrap()
                .push(format!("{} {text}", topic.name()));
        });
        for number in 0..100 {
            notice.tell(Topic::Refused, || number.to_string());
        }
        notice.tell(Topic::Store, || "full".to_owned());
        assert_eq!(*told.lock().unwrap(), ["refused 0", "store full"]);
        for (index, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, index);
        }
    }
}
