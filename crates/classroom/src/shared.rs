//! What all connections, pages and tasks of one classroom share.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use server::Chat;
use tokio::sync::watch;
use wire::{Draft, People, Seq};

use crate::{books::Books, facts::Facts, hub::Hub, lanes::Lanes, sheets::Sheets, state::State};

/// What all connections, pages and tasks of one classroom share.
pub(crate) struct Shared {
    pub(crate) facts: Facts,
    pub(crate) lanes: Lanes,
    pub(crate) state: watch::Sender<State>,
    /// Set once, when the classroom closes: pages are told goodbye.
    pub(crate) leaving: watch::Sender<bool>,
    opened: Instant,
    books: Mutex<Books>,
    hub: Mutex<Hub>,
    sheets: Mutex<Sheets>,
    connections: AtomicU64,
    /// Weak, because the chat holds the extension, and the extension holds this.
    chat: OnceLock<Weak<Chat>>,
}

impl Shared {
    pub(crate) fn new(facts: Facts, lanes: Lanes, state: State) -> Self {
        Self {
            facts,
            lanes,
            state: watch::Sender::new(state),
            leaving: watch::Sender::new(false),
            opened: Instant::now(),
            books: Mutex::default(),
            hub: Mutex::default(),
            sheets: Mutex::default(),
            connections: AtomicU64::new(0),
            chat: OnceLock::new(),
        }
    }

    /// The chat, once there is one.
    pub(crate) fn serve(&self, chat: &Arc<Chat>) {
        let _ = self.chat.set(Arc::downgrade(chat));
    }

    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Relaxed) + 1
    }

    /// Milliseconds since the classroom opened, to the microsecond.
    pub(crate) fn millis(&self, at: Instant) -> f64 {
        let since = at.saturating_duration_since(self.opened).as_micros();
        since as f64 / 1000.0
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no holder panics")
    }

    pub(crate) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().expect("no holder panics")
    }

    pub(crate) fn sheets(&self) -> MutexGuard<'_, Sheets> {
        self.sheets.lock().expect("no holder panics")
    }

    /// The number of the newest event in the class's room.
    pub(crate) fn newest(&self) -> Seq {
        self.chat().map_or(0, |chat| chat.newest(&self.facts.room))
    }

    pub(crate) fn people(&self) -> People {
        let nobody = People {
            online: 0,
            people: Vec::new(),
        };
        self.chat()
            .map_or(nobody, |chat| chat.people(&self.facts.room))
    }

    /// Says a draft in a room. What is out of bounds is not said: talkers keep
    /// within them.
    pub(crate) fn say(&self, room: &str, draft: Draft) {
        if let Some(chat) = self.chat() {
            let _ = chat.say(room, draft);
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(chat) = self.chat() {
            chat.clear(&self.facts.room);
        }
        self.state.send_modify(|state| state.cleared += 1);
    }

    fn chat(&self) -> Option<Arc<Chat>> {
        self.chat.get()?.upgrade()
    }
}
