//! Notices to the person who runs a server, limited to one in a while.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The time for which a server is silent after a notice.
const SILENCE: Duration = Duration::from_secs(10);

/// A function that reports a shortage to the person who runs the server.
#[derive(Clone)]
pub struct Notice(Arc<Inner>);

struct Inner {
    tell: Box<dyn Fn(&str) + Send + Sync>,
    last: Mutex<Option<Instant>>,
}

impl Notice {
    /// Makes a notice that is reported by `tell`, at most once in ten seconds.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            tell: Box::new(tell),
            last: Mutex::default(),
        }))
    }

    /// Reports this, unless a notice was reported a moment ago.
    pub(crate) fn tell(&self, text: impl FnOnce() -> String) {
        let now = Instant::now();
        let mut last = self.0.last.lock().expect("no holder panics");
        if last.is_none_or(|last| now.saturating_duration_since(last) >= SILENCE) {
            *last = Some(now);
            (self.0.tell)(&text());
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
