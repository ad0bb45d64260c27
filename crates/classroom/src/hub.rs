//! The distribution of notes from connections to the pages that follow them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use tokio::sync::mpsc;

use crate::note::Note;

/// The number of notes that may wait for one page. A page that does not keep up receives the number
/// of notes that it missed: its totals, which are sent whole, stay right.
const WAITING: usize = 2048;
/// The number of bytes that these notes may have together: a request line alone may have 64 KiB. One
/// note that is longer is kept if no other waits.
const MOST_BYTES: usize = 512 * 1024;
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
    notes: mpsc::Sender<Arc<str>>,
    /// The number of bytes of the notes that wait.
    waiting: Arc<AtomicUsize>,
    missed: Arc<AtomicU64>,
}

/// The notes that wait for one page.
#[derive(Debug)]
pub(crate) struct WaitingNotes {
    notes: mpsc::Receiver<Arc<str>>,
    bytes: Arc<AtomicUsize>,
}

impl Follower {
    /// Returns a follower, the notes for it, and the count of those that it missed.
    pub(crate) fn new() -> (Self, WaitingNotes, Arc<AtomicU64>) {
        let (notes, receiver) = mpsc::channel(WAITING);
        let follower = Self {
            notes,
            waiting: Arc::default(),
            missed: Arc::default(),
        };
        let waiting = WaitingNotes {
            notes: receiver,
            bytes: Arc::clone(&follower.waiting),
        };
        let missed = Arc::clone(&follower.missed);
        (follower, waiting, missed)
    }

    /// Lets a note wait for the page; returns false if too much waits already.
    fn take(&self, note: &Arc<str>) -> bool {
        // Only the hub adds, one note after the other.
        let before = self.waiting.fetch_add(note.len(), Relaxed);
        let fits = before == 0 || before + note.len() <= MOST_BYTES;
        let taken = match fits.then(|| self.notes.try_send(Arc::clone(note))) {
            Some(Ok(())) => return true,
            // The page is gone: it misses nothing.
            Some(Err(mpsc::error::TrySendError::Closed(_))) => true,
            Some(Err(mpsc::error::TrySendError::Full(_))) | None => false,
        };
        self.waiting.fetch_sub(note.len(), Relaxed);
        taken
    }
}

impl WaitingNotes {
    /// Waits for the next note. Dropping the future loses none.
    pub(crate) async fn next(&mut self) -> Option<Arc<str>> {
        let note = self.notes.recv().await?;
        self.bytes.fetch_sub(note.len(), Relaxed);
        Some(note)
    }

    /// Returns the next note, if there is one.
    pub(crate) fn next_now(&mut self) -> Option<Arc<str>> {
        let note = self.notes.try_recv().ok()?;
        self.bytes.fetch_sub(note.len(), Relaxed);
        Some(note)
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

    /// Sends a note to the followers of this person, who share it; it is made only if there are any.
    pub(crate) fn tell<'a>(&self, person: &str, note: impl FnOnce() -> Note<'a>) {
        let Some(followers) = self.by_person.get(person) else {
            return;
        };
        let Ok(text) = serde_json::to_string(&note()) else {
            return;
        };
        let text: Arc<str> = text.into();
        for follower in followers {
            if !follower.take(&text) {
                follower.missed.fetch_add(1, Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(hub: &Hub, words: &str) {
        hub.tell("ann", || Note::Closed {
            person: words,
            conn: 1,
            at: 0.0,
        });
    }

    #[test]
    fn few_bytes_wait_for_a_page_that_takes_none_and_pages_share_them() {
        let mut hub = Hub::default();
        let (one, mut notes, missed) = Follower::new();
        let (other, mut others, _) = Follower::new();
        hub.follow("ann", &one);
        hub.follow("ann", &other);
        let long = "x".repeat(60_000);
        for _ in 0..100 {
            tell(&hub, &long);
        }
        let first = notes.next_now().unwrap();
        assert!(Arc::ptr_eq(&first, &others.next_now().unwrap()));
        let mut waited = 1;
        while notes.next_now().is_some() {
            waited += 1;
        }
        assert_eq!(waited, MOST_BYTES / first.len());
        assert_eq!(missed.load(Relaxed), 100 - waited as u64);
        // Whoever takes them is told again, of something longer than all of that too.
        tell(&hub, &"x".repeat(2 * MOST_BYTES));
        assert!(notes.next_now().is_some());
        assert_eq!(notes.bytes.load(Relaxed), 0);
    }
}
