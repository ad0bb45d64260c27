//! From connections to the pages that want to see them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tokio::sync::mpsc;

use crate::note::Note;

/// Notes that may wait for one page. A page that does not keep up is told how
/// many it missed: the books, which it is sent whole, stay right.
const WAITING: usize = 2048;
/// Persons that one page may follow; it has a lane for each transport.
pub(crate) const MOST_PERSONS: usize = 16;

/// Which pages follow which persons.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    by_person: HashMap<String, Vec<Follower>>,
}

/// One page that follows a person. A person's token is known to the page that
/// made it up, so whoever knows it may see what it carries.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    notes: mpsc::Sender<String>,
    missed: Arc<AtomicU64>,
}

impl Follower {
    /// A follower, what it will be sent, and the count of what it missed.
    pub(crate) fn new() -> (Self, mpsc::Receiver<String>, Arc<AtomicU64>) {
        let (notes, receiver) = mpsc::channel(WAITING);
        let missed = Arc::default();
        let follower = Self {
            notes,
            missed: Arc::clone(&missed),
        };
        (follower, receiver, missed)
    }
}

impl Hub {
    /// A page wants to follow a person.
    pub(crate) fn follow(&mut self, person: &str, follower: &Follower) {
        let followers = self.by_person.entry(person.to_owned()).or_default();
        followers.push(follower.clone());
    }

    /// Forgets pages that are gone.
    pub(crate) fn tidy(&mut self) {
        self.by_person.retain(|_, followers| {
            followers.retain(|follower| !follower.notes.is_closed());
            !followers.is_empty()
        });
    }

    /// Tells whoever follows this person; the note is made only for them.
    pub(crate) fn tell<'a>(&self, person: &str, note: impl FnOnce() -> Note<'a>) {
        let Some(followers) = self.by_person.get(person) else {
            return;
        };
        let Ok(text) = serde_json::to_string(&note()) else {
            return;
        };
        for follower in followers {
            if let Err(mpsc::error::TrySendError::Full(_)) = follower.notes.try_send(text.clone()) {
                follower.missed.fetch_add(1, Relaxed);
            }
        }
    }
}
