//! Several servers over one log, to which the connections of a classroom go in turn, and of which the
//! teacher ends one and starts it again.
//!
//! They are in this process, so that their sockets are tapped like those of a single one; rooms,
//! memory and connections to the log are each one's own. A server that is ended is cut off as the end
//! of its process would cut it off: its connections end without a word, and it writes nothing more.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use server::{Behind, Chat, Endpoint, Extension, Settings, Source, Store, StoreError, Tap};
use tokio::{net::TcpStream, sync::mpsc};

use crate::{
    door::Door,
    options::{ClassroomError, Reach, Several},
    shared::Shared,
    state::{Life, State},
};

/// The pause after a connection could not be accepted, most often for want of descriptors.
const REST: Duration = Duration::from_millis(20);

/// A connection that was accepted, and the address of its client.
type Connection = (TcpStream, SocketAddr);

/// The servers, and whose turn it is.
pub(crate) struct Servers {
    store: Arc<Reach>,
    settings: Settings,
    extension: Extension,
    /// The servers that are there, by number.
    running: Mutex<Vec<Option<Running>>>,
    turn: AtomicUsize,
}

/// A server that is there.
struct Running {
    /// The sender of its endpoints.
    open: mpsc::UnboundedSender<Endpoint>,
    /// The senders of connections, by the numbers of the doors at which these came in.
    doors: HashMap<usize, mpsc::UnboundedSender<Connection>>,
}

impl Servers {
    /// Makes the servers, and returns them with the chat of each.
    ///
    /// # Errors
    /// Fails if the log cannot be reached, or no chat can run with these settings.
    pub(crate) fn open(
        several: &Several,
        settings: Settings,
        extension: Extension,
    ) -> Result<(Self, Vec<Arc<Chat>>), ClassroomError> {
        let servers = Self {
            store: Arc::clone(&several.store),
            settings,
            extension,
            running: Mutex::new((0..several.servers).map(|_| None).collect()),
            turn: AtomicUsize::new(0),
        };
        let chat = |_| servers.chat((servers.store)()?);
        let chats: Result<_, ClassroomError> = (0..several.servers).map(chat).collect();
        let chats = chats?;
        Ok((servers, chats))
    }

    /// Serves until the classroom closes.
    ///
    /// # Errors
    /// Fails if a server cannot go on.
    pub(crate) async fn serve(
        &self,
        chats: Vec<Arc<Chat>>,
        shared: &Arc<Shared>,
        mut doors: mpsc::UnboundedReceiver<Door>,
    ) -> Result<(), ClassroomError> {
        let mut lives = FuturesUnordered::new();
        for (number, chat) in chats.into_iter().enumerate() {
            lives.push(self.live(number, chat, shared));
        }
        let mut attended = FuturesUnordered::new();
        loop {
            tokio::select! {
                Some(door) = doors.recv() => {
                    attended.push(self.attend(attended.len(), door, shared));
                }
                Some(()) = attended.next() => {}
                ended = lives.next() => match ended {
                    Some(ended) => ended?,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Lets one server serve, and again each time it is started, until the classroom closes.
    async fn live(
        &self,
        number: usize,
        first: Arc<Chat>,
        shared: &Arc<Shared>,
    ) -> Result<(), ClassroomError> {
        let mut next = Some(first);
        while let Some(chat) = next {
            if !self.serve_until_ended(number, &chat, shared).await? {
                return Ok(());
            }
            drop(chat);
            next = self.started(number, shared).await;
        }
        Ok(())
    }

    /// Serves until the teacher ends this server, or the classroom closes. Returns whether it was the
    /// teacher.
    async fn serve_until_ended(
        &self,
        number: usize,
        chat: &Arc<Chat>,
        shared: &Arc<Shared>,
    ) -> Result<bool, ClassroomError> {
        let (open, endpoints) = mpsc::unbounded_channel();
        let doors = HashMap::new();
        self.running()[number] = Some(Running { open, doors });
        shared.serve(number, chat);
        shared.set_life(number, Life::Here);
        let mut state = shared.state.subscribe();
        let ended = async {
            let is_over = |state: &State| state.servers[number] != Life::Here;
            drop(state.wait_for(is_over).await);
            self.running()[number] = None;
            shared.forget(number);
            // Before its connections end: nobody is told who leaves with them.
            chat.abandon();
        };
        let mut leaving = shared.leaving.subscribe();
        let left = async { drop(leaving.wait_for(|leaving| *leaving).await) };
        tokio::select! {
            served = server::serve_endpoints(chat, endpoints, left) => {
                served?;
                Ok(false)
            }
            () = ended => Ok(true),
        }
    }

    /// Waits until the teacher starts this server again, and makes its chat; `None` once the classroom
    /// closes.
    async fn started(&self, number: usize, shared: &Arc<Shared>) -> Option<Arc<Chat>> {
        let mut state = shared.state.subscribe();
        let mut leaving = shared.leaving.subscribe();
        loop {
            let starts = async {
                let is_ordered = |state: &State| state.servers[number] == Life::Starts;
                drop(state.wait_for(is_ordered).await);
            };
            tokio::select! {
                () = starts => {}
                () = async { drop(leaving.wait_for(|leaving| *leaving).await) } => return None,
            }
            match self.again().await {
                Ok(chat) => return Some(chat),
                Err(_) => shared.set_life(number, Life::Failed),
            }
        }
    }

    /// Makes the chat of a server that is started again.
    async fn again(&self) -> Result<Arc<Chat>, ClassroomError> {
        let store = Arc::clone(&self.store);
        // The log may be slow to answer, and a thread that serves does not wait for it.
        let reached = tokio::task::spawn_blocking(move || store()).await;
        let reached = reached.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())));
        self.chat(reached?)
    }

    /// Makes a chat whose logs are in `store`.
    fn chat(&self, store: Store) -> Result<Arc<Chat>, ClassroomError> {
        let settings = Settings {
            store: Some(store),
            ..self.settings.clone()
        };
        Ok(Chat::with_extension(settings, self.extension.clone())?)
    }

    /// Accepts what comes to a door, and leads it to the servers, for as long as it is polled.
    async fn attend(&self, number: usize, door: Door, shared: &Arc<Shared>) {
        let mut state = shared.state.subscribe();
        loop {
            // While there is no server, whoever comes waits.
            drop(state.wait_for(State::is_served).await);
            match door.listener.accept().await {
                Ok(connection) => self.lead(number, &door, connection, shared),
                Err(_) => tokio::time::sleep(REST).await,
            }
        }
    }

    /// Leads a connection to the next server that is there.
    fn lead(&self, door: usize, at: &Door, connection: Connection, shared: &Arc<Shared>) {
        let turn = self.turn.fetch_add(1, Relaxed);
        let mut running = self.running();
        let count = running.len();
        let mut order = (0..count).map(|step| turn.wrapping_add(step) % count);
        let next = order.find(|number| running[*number].is_some());
        if let Some(number) = next
            && let Some(server) = &mut running[number]
        {
            let ends = || (at.tap(shared, Some(number)), at.clients());
            server.take(door, connection, ends);
        }
    }

    fn running(&self) -> MutexGuard<'_, Vec<Option<Running>>> {
        self.running.lock().expect("no holder panics")
    }
}

impl Running {
    /// Hands over a connection that came to a door; the first one opens an endpoint, with the tap
    /// and the clients that `ends` returns.
    fn take(
        &mut self,
        door: usize,
        connection: Connection,
        ends: impl FnOnce() -> (Option<Tap>, Option<Behind>),
    ) {
        let hand = self.doors.entry(door).or_insert_with(|| {
            let (hand, handed) = mpsc::unbounded_channel();
            let (tap, behind) = ends();
            let source = Source::Handed(handed);
            let endpoint = Endpoint {
                source,
                tap,
                behind,
            };
            // A server that has ended takes nothing, and its connections end.
            let _ = self.open.send(endpoint);
            hand
        });
        let _ = hand.send(connection);
    }
}
