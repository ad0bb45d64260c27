//! The state that all connections, pages and tasks of one classroom share.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use server::{Chat, Member, Order};
use tokio::sync::watch;
use wire::{Draft, Seq};

use crate::{
    books::Books, channels::Channels, facts::Facts, hub::Hub, lanes::Lanes, own, sheets::Sheets,
    state::State,
};

/// The state that all connections, pages and tasks of one classroom share.
pub(crate) struct Shared {
    pub(crate) facts: Facts,
    pub(crate) lanes: Lanes,
    pub(crate) state: watch::Sender<State>,
    /// True once the classroom closes, so that pages can be notified.
    pub(crate) leaving: watch::Sender<bool>,
    opened: Instant,
    books: Mutex<Books>,
    hub: Mutex<Hub>,
    sheets: Mutex<Sheets>,
    connections: AtomicU64,
    /// The channels that pages have open.
    pub(crate) channels: Arc<Channels>,
    /// The lock that is held for a moment after each wrong token, so that there is one guess at a
    /// time.
    pub(crate) guesses: tokio::sync::Mutex<()>,
    /// The chat; weak, because the chat holds the extension, and the extension holds this.
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
            channels: Arc::default(),
            guesses: tokio::sync::Mutex::default(),
            chat: OnceLock::new(),
        }
    }

    /// Sets the chat, once there is one.
    pub(crate) fn serve(&self, chat: &Arc<Chat>) {
        let _ = self.chat.set(Arc::downgrade(chat));
    }

    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Relaxed) + 1
    }

    /// Returns the milliseconds since the classroom opened, to the microsecond.
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

    /// Returns the number of the newest event in the class's room.
    pub(crate) fn newest(&self) -> Seq {
        self.chat().map_or(0, |chat| chat.newest(&self.facts.room))
    }

    /// Returns the people in the class's room, as the teacher sees them.
    pub(crate) fn members(&self) -> Vec<Member> {
        let members = self.chat().map(|chat| chat.members(&self.facts.room));
        members.unwrap_or_default()
    }

    /// Carries out the teacher's order about one person.
    pub(crate) fn order(&self, id: u64, order: Order) {
        if let Some(chat) = self.chat() {
            chat.order(&self.facts.room, id, order);
        }
    }

    /// Lets everybody in and speak again.
    pub(crate) fn pardon(&self) {
        if let Some(chat) = self.chat() {
            chat.pardon(&self.facts.room);
        }
    }

    /// Allows only these rooms to be opened beside the class's; `None` allows all. The rooms of
    /// students' own are always allowed.
    pub(crate) fn name_rooms(&self, named: Option<Vec<String>>) {
        if let Some(chat) = self.chat() {
            let own = || format!("{}*", own::PREFIX);
            let with_own = |named: Vec<String>| named.into_iter().chain([own()]).collect();
            chat.name_rooms(named.clone().map(with_own));
        }
        self.state.send_modify(|state| state.rooms = named);
    }

    /// Publishes a draft in a room. A draft that the chat refuses is dropped: talkers keep within
    /// its limits.
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
