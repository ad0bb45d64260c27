//! The sessions whose clients come back by an id.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use tokio::{sync::Notify, time::Instant};

/// The number of sessions that there may be: a client that opens them and never
/// comes back holds each for less than a minute.
const MOST: usize = 100_000;

/// A session that a table can end.
pub(crate) trait Ends {
    /// Returns whether the session is over at `now`, and ends it if its client
    /// stayed away for too long.
    fn is_over(&self, now: Instant) -> bool;

    /// Ends the session, because the server is leaving.
    fn close(&self);
}

/// The sessions of one protocol, by their ids.
#[derive(Debug)]
pub(crate) struct Table<S> {
    by_id: Mutex<HashMap<String, Arc<S>>>,
    added: Notify,
    closed: AtomicBool,
}

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self {
            by_id: Mutex::default(),
            added: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }
}

impl<S: Ends> Table<S> {
    /// Adds a session. Returns `None` if there are too many, if the server is
    /// leaving, or if there is one of this id.
    pub(crate) fn add(&self, id: String, session: S) -> Option<Arc<S>> {
        let mut by_id = self.by_id.lock().expect("no holder panics");
        if by_id.len() >= MOST || self.closed.load(SeqCst) || by_id.contains_key(&id) {
            return None;
        }
        let session = Arc::new(session);
        by_id.insert(id, Arc::clone(&session));
        drop(by_id);
        self.added.notify_one();
        Some(session)
    }

    /// Returns the session of this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<S>> {
        self.by_id
            .lock()
            .expect("no holder panics")
            .get(id)
            .cloned()
    }

    /// Removes a session.
    pub(crate) fn remove(&self, id: &str) {
        let gone = self.by_id.lock().expect("no holder panics").remove(id);
        drop(gone);
    }

    /// Waits until there is a session.
    pub(crate) async fn has_some(&self) {
        while self.by_id.lock().expect("no holder panics").is_empty() {
            self.added.notified().await;
        }
    }

    /// Removes the sessions that are over.
    pub(crate) fn expire(&self, now: Instant) {
        let mut by_id = self.by_id.lock().expect("no holder panics");
        by_id.retain(|_, session| !session.is_over(now));
    }

    /// Ends all sessions, those to come too.
    pub(crate) fn close(&self) {
        let by_id = self.by_id.lock().expect("no holder panics");
        self.closed.store(true, SeqCst);
        for session in by_id.values() {
            session.close();
        }
    }
}
