//! The sessions whose clients come back by an id.
//!
//! Where there are as many as there may be, one whose client is between two requests is given up for
//! another, one that came early first: opening sessions that nobody uses keeps nobody out. A few are
//! looked at for each that is opened, so refusing or opening one more costs the same however many
//! there are.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use tokio::{sync::Notify, time::Instant};

use crate::room::reason::Reason;

/// The number of sessions that there may be: a client that opens them and never
/// comes back holds each for less than a minute.
const MOST: usize = 100_000;
/// The number of sessions that are looked at for one to give up.
const LOOKS: usize = 16;

/// A session that a table can end.
pub(crate) trait Ends {
    /// Returns whether the session is over at `now`, and ends it if its client
    /// stayed away for too long.
    fn is_over(&self, now: Instant) -> bool;

    /// Ends the session if no request of its client is being answered. Returns whether it is over.
    fn give_up(&self) -> bool;

    /// Ends the session, because the server is leaving.
    fn close(&self);
}

/// The sessions of one protocol, by their ids.
#[derive(Debug)]
pub(crate) struct Table<S> {
    sessions: Mutex<Sessions<S>>,
    /// The number of sessions that there may be.
    most: usize,
    added: Notify,
    closed: AtomicBool,
}

#[derive(Debug)]
struct Sessions<S> {
    by_id: HashMap<Arc<str>, Kept<S>>,
    /// The number of sessions that were added so far.
    added: u64,
    /// The sessions in the order in which they came, but for those that were looked at and kept.
    listed: VecDeque<Listed>,
}

#[derive(Debug)]
struct Kept<S> {
    session: Arc<S>,
    number: u64,
}

/// A session in the list. It is stale once the session of this id is gone or has another number.
#[derive(Debug)]
struct Listed {
    id: Arc<str>,
    number: u64,
}

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl<S> Table<S> {
    /// Makes a table of up to `most` sessions.
    fn of(most: usize) -> Self {
        Self {
            sessions: Mutex::new(Sessions {
                by_id: HashMap::new(),
                added: 0,
                listed: VecDeque::new(),
            }),
            most,
            added: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions<S>> {
        self.sessions.lock().expect("no holder panics")
    }
}

impl<S: Ends> Table<S> {
    /// Adds a session. Fails if there are too many that are in use, if the server is leaving, or if
    /// there is one of this id.
    pub(crate) fn add(&self, id: String, session: S) -> Result<Arc<S>, Reason> {
        let mut sessions = self.sessions();
        if self.closed.load(SeqCst) || sessions.by_id.contains_key(&*id) {
            return Err(Reason::Leaving);
        }
        if sessions.by_id.len() >= self.most && !sessions.give_up_one() {
            return Err(Reason::SessionsFull(self.most));
        }
        let session = Arc::new(session);
        sessions.add(id.into(), Arc::clone(&session));
        drop(sessions);
        self.added.notify_one();
        Ok(session)
    }

    /// Returns the session of this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<S>> {
        let sessions = self.sessions();
        let kept = sessions.by_id.get(id)?;
        Some(Arc::clone(&kept.session))
    }

    /// Removes a session.
    pub(crate) fn remove(&self, id: &str) {
        let gone = self.sessions().by_id.remove(id);
        drop(gone);
    }

    /// Waits until there is a session.
    pub(crate) async fn has_some(&self) {
        while self.sessions().by_id.is_empty() {
            self.added.notified().await;
        }
    }

    /// Removes the sessions that are over.
    pub(crate) fn expire(&self, now: Instant) {
        let mut sessions = self.sessions();
        sessions.by_id.retain(|_, kept| !kept.session.is_over(now));
    }

    /// Ends all sessions, those to come too.
    pub(crate) fn close(&self) {
        let sessions = self.sessions();
        self.closed.store(true, SeqCst);
        for kept in sessions.by_id.values() {
            kept.session.close();
        }
    }
}

impl<S: Ends> Sessions<S> {
    fn add(&mut self, id: Arc<str>, session: Arc<S>) {
        self.added += 1;
        let number = self.added;
        self.listed.push_back(Listed {
            id: Arc::clone(&id),
            number,
        });
        self.by_id.insert(id, Kept { session, number });
        // Stale lines are struck out once they are most of them.
        if self.listed.len() > 2 * self.by_id.len() + LOOKS {
            let by_id = &self.by_id;
            self.listed.retain(|listed| listed.is_in(by_id));
        }
    }

    /// Gives up one session. Returns false if none of those that were looked at could be.
    fn give_up_one(&mut self) -> bool {
        let mut looks = 0;
        while looks < LOOKS
            && let Some(listed) = self.listed.pop_front()
        {
            // A stale line is struck out once, and is none of those that are looked at: the oldest
            // sessions are the first to go, so that all lines at the front may be stale.
            if !listed.is_in(&self.by_id) {
                continue;
            }
            looks += 1;
            let is_over = self.by_id[&listed.id].session.give_up();
            if is_over {
                self.by_id.remove(&listed.id);
                return true;
            }
            self.listed.push_back(listed);
        }
        false
    }
}

impl Listed {
    fn is_in<S>(&self, by_id: &HashMap<Arc<str>, Kept<S>>) -> bool {
        let kept = by_id.get(&self.id);
        kept.is_some_and(|kept| kept.number == self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session whose client has a request under way, or has none.
    #[derive(Debug)]
    struct Asking(bool);

    impl Ends for Asking {
        fn is_over(&self, _now: Instant) -> bool {
            !self.0
        }

        fn give_up(&self) -> bool {
            !self.0
        }

        fn close(&self) {}
    }

    #[test]
    fn sessions_that_nobody_uses_keep_nobody_out() {
        let table = Table::of(3);
        let add = |id: &str, asks| table.add(id.to_owned(), Asking(asks));
        for (id, asks) in [("a", true), ("b", false), ("c", false)] {
            assert!(add(id, asks).is_ok(), "{id}");
        }
        assert!(matches!(add("a", true), Err(Reason::Leaving)));
        assert!(add("d", true).is_ok());
        let is_there = |id| table.find(id).is_some();
        assert_eq!(
            ["a", "b", "c", "d"].map(is_there),
            [true, false, true, true]
        );
        assert!(add("e", true).is_ok());
        assert_eq!(
            ["a", "c", "d", "e"].map(is_there),
            [true, false, true, true]
        );
        assert!(matches!(add("f", true), Err(Reason::SessionsFull(3))));
        table.remove("a");
        assert!(add("f", true).is_ok());
    }

    #[test]
    fn sessions_that_are_gone_are_none_of_those_that_are_looked_at() {
        let most = LOOKS + 2;
        let table = Table::of(most);
        let add = |number: usize| table.add(number.to_string(), Asking(false)).is_ok();
        for number in 0..=LOOKS {
            assert!(add(number), "{number}");
            table.remove(&number.to_string());
        }
        for number in 0..most {
            assert!(add(100 + number), "{number}");
        }
        assert_eq!(table.sessions().listed.len(), LOOKS + 1 + most);
        assert!(add(1_000), "one that nobody uses makes room");
    }

    #[test]
    fn sessions_that_come_and_go_leave_nothing() {
        let table = Table::of(3);
        for _ in 0..1000 {
            table.add("a".to_owned(), Asking(false)).unwrap();
            table.expire(Instant::now());
        }
        let sessions = table.sessions();
        assert!(sessions.by_id.is_empty() && sessions.listed.len() <= LOOKS + 3);
    }
}
