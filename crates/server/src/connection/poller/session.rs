//! The polls of libraries' sessions on a connection.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::Poller;
use crate::{
    connection::Client,
    http::whole,
    protocol::held::{PollOutcome, Polled, SessionPoll},
    room::answers::wrapped,
};

/// The shortest time for which a poll is held again after it was due.
const AGAIN: Duration = Duration::from_millis(100);

impl Poller {
    /// Answers the poll of a library's session, or holds it.
    pub(super) fn answer_session(&mut self, session: Arc<dyn Polled>, client: &Client) {
        let poll = SessionPoll::new(session, Arc::clone(&self.writer));
        let outcome = poll.begin();
        self.follow(poll, outcome, client, (false, false));
    }

    /// Answers a session's poll or holds it, as the result of a look at the session demands. `was_due`
    /// is true if the look was due; if `closing`, the connection ends with the answer.
    fn follow(
        &mut self,
        poll: SessionPoll,
        outcome: PollOutcome,
        client: &Client,
        (was_due, closing): (bool, bool),
    ) {
        let date = || client.chat().settings.date_header.then(SystemTime::now);
        let answer = match outcome {
            PollOutcome::Content(content) => wrapped(poll.form(), &[&content[..]], closing, date()),
            PollOutcome::Refused(code, reply) => {
                if let Some(counters) = &client.chat().settings.counters {
                    counters.refuse(code);
                }
                whole::bytes(*reply, closing, date())
            }
            PollOutcome::Held(hold) => {
                let soonest = was_due.then(|| Instant::now() + AGAIN);
                let waiting = self.waiting.get_or_insert_default();
                waiting.set_timer(soonest.map_or(hold.until, |soonest| soonest.max(hold.until)));
                waiting.session = Some(poll);
                return self.register(&hold.room, hold.place);
            }
            PollOutcome::Waits => {
                self.waiting.get_or_insert_default().session = Some(poll);
                return;
            }
            PollOutcome::Answered => return,
        };
        // The session has a new place now, and its writer an old one: the sweep must not use it.
        self.leave_seat();
        self.is_free = false;
        self.writer.send(&answer, Instant::now());
    }

    /// Waits until the poll of a session is answered; returns false if the connection is over
    /// before.
    pub(super) fn poll_session(
        &mut self,
        client: &Client,
        left: bool,
        context: &mut Context<'_>,
    ) -> Poll<bool> {
        while let Some(poll) = self.take_session() {
            let is_due = left || self.poll_hold(context).is_ready();
            let outcome = poll.check(is_due);
            let has_changed = !matches!(outcome, PollOutcome::Waits);
            self.follow(poll, outcome, client, (is_due, left));
            if self.has_session() && left {
                // Nothing is left to hear in a room that is closed.
                return Poll::Ready(false);
            }
            if !has_changed {
                break;
            }
        }
        if !self.has_session() {
            return Poll::Ready(true);
        }
        if self.poll_gone(context).is_ready() {
            return Poll::Ready(false);
        }
        if !self.early.is_empty() && !self.writer.wake_on_reply() {
            // The sweep answered the poll in this very moment, so nothing else wakes the task.
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}
