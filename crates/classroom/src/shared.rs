//! The state that all connections, pages and tasks of one classroom share.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use server::{Chat, Member, Order};
use tokio::sync::watch;
use wire::{Draft, Seq};

use crate::{
    books::Books,
    channels::Channels,
    facts::Facts,
    hub::Hub,
    lanes::Lanes,
    own,
    sheets::Sheets,
    state::{Life, State},
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
    /// The chat of each server, once there is one; weak, because a chat holds the extension, and the
    /// extension holds this.
    chats: Mutex<Vec<Weak<Chat>>>,
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
            chats: Mutex::default(),
        }
    }

    /// Sets the chat of server number `server`; the only one has number 0.
    pub(crate) fn serve(&self, server: usize, chat: &Arc<Chat>) {
        // One that was started again is to open the same rooms as before.
        let named = self.state.borrow().rooms.clone();
        name_rooms(chat, named.as_deref());
        self.set_chat(server, Arc::downgrade(chat));
    }

    /// Forgets the chat of a server that has ended.
    pub(crate) fn forget(&self, server: usize) {
        self.set_chat(server, Weak::new());
    }

    fn set_chat(&self, server: usize, chat: Weak<Chat>) {
        let mut chats = self.chats.lock().expect("no holder panics");
        if chats.len() <= server {
            chats.resize(server + 1, Weak::new());
        }
        chats[server] = chat;
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

    /// Returns the number of the newest event in the class's room that a server has.
    pub(crate) fn newest(&self) -> Seq {
        let chats = self.chats();
        let newest = chats.iter().map(|(_, chat)| chat.newest(&self.facts.room));
        newest.max().unwrap_or_default()
    }

    /// Returns the people in the class's room, as the teacher sees them. Of several servers each
    /// numbers its own people: the number that is shown says the server, too.
    pub(crate) fn members(&self) -> Vec<Member> {
        let servers = self.servers();
        let mut all = Vec::new();
        for (server, chat) in self.chats() {
            let members = chat.members(&self.facts.room).into_iter();
            all.extend(members.map(|member| Member {
                id: member.id * servers + server,
                ..member
            }));
        }
        all
    }

    /// Carries out the teacher's order about one person, at the server that has them.
    pub(crate) fn order(&self, id: u64, order: Order) {
        let servers = self.servers();
        let chats = self.chats().into_iter();
        for (_, chat) in chats.filter(|(server, _)| *server == id % servers) {
            chat.order(&self.facts.room, id / servers, order);
        }
    }

    /// Lets everybody in and speak again.
    pub(crate) fn pardon(&self) {
        for (_, chat) in self.chats() {
            chat.pardon(&self.facts.room);
        }
    }

    /// Allows only these rooms to be opened beside the class's; `None` allows all. The rooms of
    /// students' own are always allowed.
    pub(crate) fn name_rooms(&self, named: Option<Vec<String>>) {
        for (_, chat) in self.chats() {
            name_rooms(&chat, named.as_deref());
        }
        self.state.send_modify(|state| state.rooms = named);
    }

    /// Returns whether there are several servers over one log.
    pub(crate) fn has_several(&self) -> bool {
        !self.state.borrow().servers.is_empty()
    }

    /// Carries out the teacher's order that a server ends, or starts again. Returns false if that
    /// changes nothing, or would leave none.
    pub(crate) fn order_server(&self, server: usize, on: bool) -> bool {
        self.state
            .send_if_modified(|state| state.order_server(server, on))
    }

    /// Sets what pages are told of the life of a server.
    pub(crate) fn set_life(&self, server: usize, life: Life) {
        self.state.send_modify(|state| state.servers[server] = life);
    }

    /// Publishes a draft in a room. A draft that the chat refuses is dropped: talkers keep within
    /// its limits.
    pub(crate) fn say(&self, room: &str, draft: Draft) {
        if let Some((_, chat)) = self.chats().first() {
            let _ = chat.say(room, draft);
        }
    }

    pub(crate) fn clear(&self) {
        for (_, chat) in self.chats() {
            chat.clear(&self.facts.room);
        }
        self.state.send_modify(|state| state.cleared += 1);
    }

    /// Returns the chats that there are, by the numbers of their servers.
    fn chats(&self) -> Vec<(u64, Arc<Chat>)> {
        let chats = self.chats.lock().expect("no holder panics");
        let there = (0..).zip(chats.iter());
        there
            .filter_map(|(server, chat)| Some((server, chat.upgrade()?)))
            .collect()
    }

    /// Returns the number of servers, whether they are there or not.
    fn servers(&self) -> u64 {
        self.state.borrow().servers.len().max(1) as u64
    }
}

/// Lets clients of a chat open only these rooms, beside those of students' own; `None` allows all.
fn name_rooms(chat: &Chat, named: Option<&[String]>) {
    let own = || format!("{}*", own::PREFIX);
    let with_own = |named: &[String]| named.iter().cloned().chain([own()]).collect();
    chat.name_rooms(named.map(with_own));
}
