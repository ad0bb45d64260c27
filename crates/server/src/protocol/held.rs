//! Polls of libraries' sessions that wait in a seat of their room, as plain long polls do.
//!
//! While a poll is held in this way, the writer of its connection keeps the client's place, and the
//! sweep answers the poll without telling the session. The session takes the place over when it is
//! next looked at. When something changes in the session itself (an answer to what its client says,
//! a ping that is due, its end), the session wakes the task of the connection, which answers the
//! poll.
//!
//! A session's lock is taken before that of a writer, and never the other way round.

use std::{fmt::Debug, mem, sync::Arc};

use bytes::Bytes;
use tokio::time::Instant;
use wire::Seq;

use crate::{
    http::reply::Reply,
    room::{Room, answers::Form, writer::Writer},
};

/// A session whose client polls.
pub(crate) trait Polled: Debug + Send + Sync {
    /// Returns the form of the answers to its polls.
    fn form(&self) -> Form;

    /// Answers a poll that comes over the connection of `writer`, or holds it.
    fn take_poll(&self, writer: &Arc<Writer>) -> PollOutcome;

    /// Looks at the poll that is held over the connection of `writer`. `is_due` is true if it was
    /// held for as long as it may be.
    fn check_poll(&self, writer: &Arc<Writer>, is_due: bool) -> PollOutcome;

    /// Ends the session if its poll is still held over the connection of `writer`, which is over.
    fn cut_poll(&self, writer: &Arc<Writer>);
}

/// The outcome of a look at a poll.
#[derive(Debug)]
pub(crate) enum PollOutcome {
    /// The poll is answered with this content.
    Content(Bytes),
    /// The poll is refused, and counted under this code.
    Refused(&'static str, Box<Reply>),
    /// The poll is held.
    Held(Hold),
    /// The poll is held as before.
    Waits,
    /// The sweep has answered the poll.
    Answered,
}

/// The terms on which a poll is held.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The room in whose seats it waits.
    pub(crate) room: Arc<Room>,
    /// The place of its client.
    pub(crate) place: Seq,
    /// The time at which it is due.
    pub(crate) until: Instant,
}

/// A poll of a session over one connection. If it is dropped before it is answered, the client has
/// cut the connection, and the session is over.
#[derive(Debug)]
pub(crate) struct SessionPoll {
    session: Arc<dyn Polled>,
    writer: Arc<Writer>,
}

impl SessionPoll {
    /// Makes the poll that comes over the connection of `writer`.
    pub(crate) fn new(session: Arc<dyn Polled>, writer: Arc<Writer>) -> Self {
        Self { session, writer }
    }

    /// Returns the form of its answer.
    pub(crate) fn form(&self) -> Form {
        self.session.form()
    }

    /// Answers or holds it.
    pub(crate) fn begin(&self) -> PollOutcome {
        self.session.take_poll(&self.writer)
    }

    /// Looks at it while it is held; `is_due` is true once it was for as long as it may be.
    pub(crate) fn check(&self, is_due: bool) -> PollOutcome {
        self.session.check_poll(&self.writer, is_due)
    }
}

impl Drop for SessionPoll {
    fn drop(&mut self) {
        self.session.cut_poll(&self.writer);
    }
}

/// The connection in whose seat a session's poll is held, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Chair {
    writer: Option<Arc<Writer>>,
    /// True if the task of the connection answers the poll, and no longer the sweep.
    is_stopped: bool,
    /// True if the session has changed since the poll was looked at.
    is_rung: bool,
}

/// The place that a client has reached by an answer of the sweep, and when.
pub(crate) type Reached = (Seq, Instant);

impl Chair {
    /// Holds a poll, which the sweep answers from now on.
    pub(crate) fn hold(&mut self, writer: &Arc<Writer>, place: Seq, form: Form) {
        writer.hold(place, form);
        *self = Self {
            writer: Some(Arc::clone(writer)),
            ..Self::default()
        };
    }

    /// Returns whether the poll that is held came over the connection of `writer`.
    pub(crate) fn is_held_by(&self, writer: &Arc<Writer>) -> bool {
        self.writer
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(held, writer))
    }

    /// Has the task of the connection look at the session again.
    pub(crate) fn ring(&mut self) {
        if let Some(writer) = &self.writer {
            self.is_rung = true;
            writer.wake();
        }
    }

    /// Returns whether the session has changed since the poll was looked at, and takes note of it.
    pub(crate) fn take_ring(&mut self) -> bool {
        mem::take(&mut self.is_rung)
    }

    /// Ends the holding. The poll is answered, or nobody is left to answer.
    pub(crate) fn leave(&mut self) {
        *self = Self::default();
    }

    /// Ends the holding if the sweep has answered the poll, and returns what was reached with it.
    pub(crate) fn settle(&mut self) -> Option<Reached> {
        let writer = self.writer.as_ref().filter(|_| !self.is_stopped)?;
        let reached = writer.answered()?;
        self.leave();
        Some(reached)
    }

    /// Keeps the sweep from answering the poll, if there is one. Returns what was reached if it
    /// answered in this very moment.
    pub(crate) fn stop(&mut self) -> Option<Reached> {
        let writer = self.writer.as_ref().filter(|_| !self.is_stopped)?;
        self.is_stopped = writer.release().is_some();
        self.settle()
    }
}
