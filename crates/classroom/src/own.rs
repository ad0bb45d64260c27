//! A student's own room: nobody else hears the messages of the page there, and a talker of its own
//! talks there for a limited time. Its lanes have a fixed delay, whatever the teacher sets for the
//! class.

use std::{future::pending, time::Duration};

use rand::RngExt;
use tokio::time::{Instant, sleep_until};
use wire::Draft;

use crate::{options::Lang, shared::Shared, state::Talker, talker::text};

/// The prefix of the name of each student's own room.
pub(crate) const PREFIX: &str = "own-";
/// The longest time for which a student's talker talks; an experiment takes less.
const LONGEST: Duration = Duration::from_mins(2);

/// The own room and talker of one page.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) room: String,
    talker: Talker,
    said: u64,
    due: Instant,
    until: Instant,
}

impl Own {
    /// Creates a room with an unguessable name and a silent talker.
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

    /// Sets the talker, which begins to talk or falls silent.
    pub(crate) fn talk(&mut self, talker: Talker) {
        self.talker = talker.bounded();
        self.due = Instant::now();
        self.until = self.due + LONGEST;
    }

    /// Returns when a message is due; never while the talker is silent.
    pub(crate) async fn due(&self) {
        if self.talker.per_second <= 0.0 || self.due >= self.until {
            return pending().await;
        }
        sleep_until(self.due).await;
    }

    /// Publishes the message that is due, and sets the time of the next.
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
