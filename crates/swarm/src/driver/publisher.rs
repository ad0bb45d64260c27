//! The publishers who are connected: what their drafts go through.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::{Rc, Weak},
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};

use crate::{
    clock::Nanos,
    foreign::Said,
    socket::{connection::Connection, network::Network, pool::Pool},
};

/// The publishers who are connected, by person.
pub(crate) type Publishers = RefCell<HashMap<usize, Publisher>>;

/// The path of one publisher's drafts to the server.
#[derive(Debug, Clone)]
pub(crate) enum Publisher {
    /// Connections that wait for a draft.
    Idle(Rc<IdlePool>),
    /// Connections that the publisher's browser has for all of its tabs.
    Tab(Rc<Pool>),
    /// The queue of the task that owns the connection.
    Queue {
        /// The sender for the drafts of this publisher.
        drafts: mpsc::UnboundedSender<ToPublisher>,
        /// The answer to the draft before; only a WebSocket's task asks.
        answered: Rc<Answered>,
    },
}

/// The answer to the draft before, on a WebSocket.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(super) came: Notify,
    /// The time at which the answer came that the draft was taken; `None` if it was
    /// refused.
    pub(super) taken: Cell<Option<Nanos>>,
}

/// The connections of one publisher who does not wait for answers.
#[derive(Debug, Default)]
pub(crate) struct IdlePool {
    /// The connections that wait for a draft; connections that do not stay open are not
    /// kept.
    pub(super) connections: RefCell<Vec<Connection>>,
    /// Drafts that are not answered yet.
    pub(super) unanswered: Cell<usize>,
}

/// The connections over which clerks speak, by clerk. All readers of one clerk have the same, as
/// the rooms that are open in one browser do.
#[derive(Debug, Default)]
pub(crate) struct ClerkPools(RefCell<HashMap<usize, Weak<IdlePool>>>);

impl ClerkPools {
    /// Returns the connections of `clerk`, and whether none of its readers had them before.
    pub(super) fn of(&self, clerk: usize) -> (Rc<IdlePool>, bool) {
        let mut pools = self.0.borrow_mut();
        let kept = pools.entry(clerk).or_default();
        if let Some(free) = kept.upgrade() {
            return (free, false);
        }
        let free = Rc::default();
        *kept = Rc::downgrade(&free);
        (free, true)
    }
}

/// A draft that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueuedDraft {
    /// The draft's index.
    pub(crate) index: usize,
    /// The time at which the draft is due.
    pub(crate) due: Nanos,
    /// The person who sends the draft.
    pub(crate) person: usize,
    /// The room that the draft is sent to.
    pub(crate) room: usize,
    /// True if an earlier draft of the same publisher is on its way.
    pub(crate) overlaps: bool,
}

/// An item in the queue of a publisher.
#[derive(Debug)]
pub(crate) enum ToPublisher {
    /// A draft that is due.
    Draft(QueuedDraft),
    /// A frame beside drafts, which only foreign servers want.
    Frame(String),
}

impl QueuedDraft {
    /// Returns the draft with all that a foreign server's format needs.
    pub(super) fn said<'a>(&self, network: &'a Network, draft: &Bytes) -> Said<'a> {
        Said {
            network,
            person: self.person,
            room: self.room,
            number: self.index,
            draft: draft.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_of_one_clerk_speak_over_the_same_connections() {
        let pools = ClerkPools::default();
        let (first, is_new) = pools.of(0);
        assert!(is_new);
        let (same, is_new) = pools.of(0);
        assert!(Rc::ptr_eq(&first, &same) && !is_new);
        let (other, is_new) = pools.of(1);
        assert!(!Rc::ptr_eq(&first, &other) && is_new);
        // They are closed with the last reader, so that who comes back opens one.
        drop((first, same));
        assert!(pools.of(0).1);
    }
}
