//! A student's own room: what a page says there, nobody else hears, and a talker
//! of its own talks there for a while. Its lanes have a fixed delay, whatever the
//! teacher sets for everybody's.

use std::{future::pending, time::Duration};

use rand::RngExt;
use tokio::time::{Instant, sleep_until};
use wire::Draft;

use crate::{options::Lang, shared::Shared, state::Talker, talker::text};

/// What the name of each student's own room begins with.
pub(crate) const PREFIX: &str = "own-";
/// The longest time for which a student's talker talks; an experiment takes less.
const LONGEST: Duration = Duration::from_mins(2);

/// One page's own room and talker.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) room: String,
    talker: Talker,
    said: u64,
    due: Instant,
    until: Instant,
}

impl Own {
    /// A room that nobody guesses, in which nobody talks yet.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            room: format!("{PREFIX}{:024x}", rand::rng().random::<u128>() >> 32),
            talker: Talker {
                per_second: 0.0,
                bytes: 1,
            },
            said: 0,
            due: now,
            until: now,
        }
    }

    /// Begins to talk so, or ends it.
    pub(crate) fn talk(&mut self, talker: Talker) {
        self.talker = talker.bounded();
        self.due = Instant::now();
        self.until = self.due + LONGEST;
    }

    /// Returns when something is to be said; never while nobody talks.
    pub(crate) async fn due(&self) {
        if self.talker.per_second <= 0.0 || self.due >= self.until {
            return pending().await;
        }
        sleep_until(self.due).await;
    }

    /// Says what is due, and sets when the next is.
    pub(crate) fn say(&mut self, shared: &Shared) {
        self.said += 1;
        let draft = Draft {
            from: "talker".into(),
            text: text(self.said, self.talker.bytes, Lang::En),
            tag: None,
        };
        shared.say(&self.room, draft);
        let pause = Duration::try_from_secs_f64(1.0 / self.talker.per_second);
        self.due =
            self.due.max(Instant::now() - Duration::from_secs(1)) + pause.unwrap_or(Duration::MAX);
    }
}
