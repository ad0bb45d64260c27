//! The distribution of notes from connections to the pages that follow them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tokio::sync::mpsc;

use crate::note::Note;

/// The number of notes that may wait for one page. A page that does not keep up receives the number
/// of notes that it missed: its totals, which are sent whole, stay right.
const WAITING: usize = 2048;
/// The number of persons that one page may follow; it has a lane for each transport.
pub(crate) const MOST_PERSONS: usize = 16;

/// The pages that follow each person.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    by_person: HashMap<String, Vec<Follower>>,
}

/// A page that follows a person. A person's token is known to the page that made it up, so whoever
/// knows it may see the bytes of that person.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    notes: mpsc::Sender<String>,
    missed: Arc<AtomicU64>,
}

impl Follower {
    /// Returns a follower, the receiver of its notes, and the count of those that it missed.
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
    /// Registers a page as a follower of a person.
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

    /// Sends a note to the followers of this person; the note is made only if there are any.
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
