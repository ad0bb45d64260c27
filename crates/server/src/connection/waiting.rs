//! The part of a connection that held polls need.
//!
//! Most pollers are answered at once and never need it, so it has an allocation of its own, made when
//! the first poll is held.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{protocol::held::SessionPoll, room::seats::Seat};

/// The holding of the polls of one connection.
#[derive(Default)]
pub(super) struct Waiting {
    /// The seat in the room in which a poll was last held. The sweep answers the poll there; the
    /// connection's task is woken by the next request.
    pub(super) seat: Option<Seat>,
    /// The poll of a library's session that is held.
    pub(super) session: Option<SessionPoll>,
    /// The timer of the hold.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Waiting {
    /// Sets the time at which the hold is over.
    pub(super) fn set_timer(&mut self, until: Instant) {
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(until),
            None => self.timer = Some(Box::pin(sleep_until(until))),
        }
    }

    /// Waits until the hold is over.
    pub(super) fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context),
            None => Poll::Ready(()),
        }
    }
}
