//! A session of SockJS that goes by requests: a place in a room between one
//! request and the next.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, task::consume_budget, time::Instant};
use wire::{Kind, Said, codec};

use crate::{
    address::Address,
    protocol::{
        Host,
        held::{Chair, Reached},
        is_too_much,
        sockjs::frame,
        table::Ends,
    },
    room::{
        Room,
        entry::Encoding,
        log::{Portion, Start},
        memory::Account,
        presence::PresenceGuard,
        reason::Reason,
        say::{Speaker, speak},
        shares::SessionShare,
        wrapping::{Carrier, Wrapping},
    },
    settings::Settings,
    transport::reading::Reading,
};

/// The time for which a session waits for its client to receive again.
const DISCONNECT_DELAY: Duration = Duration::from_secs(5);

/// The encoding of the information about the log that a reader is sent.
const TOLD: Encoding = Encoding::Wrapped(Wrapping::SockJs, Carrier::Bare);

/// A session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) room: Arc<Room>,
    pub(super) settings: Arc<Settings>,
    person: Option<String>,
    address: Address,
    ack: bool,
    state: Mutex<State>,
    /// The bell that is rung when something changed for the receiver.
    pub(super) bell: Notify,
    _share: SessionShare,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) start: Start,
    /// The array frames for the client that are not events.
    waiting: Vec<String>,
    /// The account of the bytes of those frames.
    account: Account,
    pub(super) receiving: bool,
    /// The time at which somebody last received.
    pub(super) seen: Instant,
    pub(super) over: bool,
    guard: Option<PresenceGuard>,
    /// The seat of the poll that is held.
    pub(super) chair: Chair,
    /// The time at which the poll that is held is due.
    pub(super) until: Instant,
}

/// A guard for a request that receives. If it is dropped before [`end`](Self::end) is called, the
/// client has cut its connection, and the session is over.
#[derive(Debug)]
pub(super) struct Turn {
    session: Arc<Session>,
    done: bool,
}

impl Turn {
    /// Records that the request is answered.
    pub(super) fn end(mut self) {
        self.done = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.session.state();
        state.receiving = false;
        state.seen = Instant::now();
        if !self.done {
            end(&mut state);
        }
    }
}

impl Session {
    /// Opens a session for a reader.
    pub(super) fn open(host: &Host, id: String, reading: &Reading) -> Result<Arc<Self>, Reason> {
        let share = host.rooms.shares.open_session(reading.address);
        let share = share.map_err(Reason::ManySessions)?;
        let (mut start, guard) = reading.connect();
        // The information about the log comes before all events.
        let told = reading.room.greeting(&mut start, TOLD);
        let mut state = State {
            start,
            waiting: Vec::new(),
            account: host.waiting.open(),
            receiving: false,
            seen: Instant::now(),
            over: false,
            guard,
            chair: Chair::default(),
            until: Instant::now(),
        };
        if let Some(frame) = told {
            state.wait(String::from_utf8_lossy(&frame).into_owned());
        }
        let session = Self {
            room: Arc::clone(&reading.room),
            settings: Arc::clone(&reading.settings),
            person: reading.query.person.clone(),
            address: reading.address,
            ack: reading.query.ack,
            state: Mutex::new(state),
            bell: Notify::new(),
            _share: share,
        };
        host.sockjs.add(id, session)
    }

    /// Begins to receive; the error is the frame for a client that may not.
    pub(super) fn begin(self: &Arc<Self>) -> Result<Turn, &'static str> {
        let mut state = self.state();
        if state.over {
            return Err(frame::GO_AWAY);
        }
        if mem::replace(&mut state.receiving, true) {
            return Err(frame::TAKEN);
        }
        Ok(Turn {
            session: Arc::clone(self),
            done: false,
        })
    }

    /// Returns where the client goes on.
    pub(super) fn start(&self) -> Start {
        self.state().start
    }

    /// Returns the next portion for the client, if there is any, and the place that the client has
    /// after it.
    pub(super) fn next_portion(&self, encoding: Encoding) -> (wire::Seq, Option<Portion>) {
        let mut state = self.state();
        let portion = self.room.next_portion(&mut state.start, encoding);
        (state.start.place, portion)
    }

    /// Records the place from which the client goes on.
    pub(super) fn move_to(&self, place: wire::Seq) {
        let start = &mut self.state().start;
        (start.place, start.is_new) = (place, false);
    }

    /// Returns whether the session is over.
    pub(super) fn has_ended(&self) -> bool {
        self.state().has_ended()
    }

    /// Takes the frames that wait for the client.
    pub(super) fn take_waiting(&self) -> Vec<String> {
        self.state().take_waiting()
    }

    /// Takes the messages that the client sent.
    pub(super) async fn hear(&self, messages: &[String]) {
        let speaker = Speaker {
            person: self.person.as_deref(),
            address: self.address,
        };
        for message in messages {
            // A client that says much at once must not keep the thread to itself.
            consume_budget().await;
            let answer = hear(&self.room, &self.settings, speaker, self.ack, message).await;
            if let Some(frame) = answer {
                self.keep(frame);
            }
        }
        self.ring(&mut self.state());
    }

    /// Keeps a frame for the client, or ends the session if too much waits for it.
    fn keep(&self, frame: String) {
        let mut state = self.state();
        if state.over {
            return;
        }
        state.wait(frame);
        if is_too_much(&state.account) {
            end(&mut state);
        }
    }

    /// Returns the state, after taking over the place to which the sweep has brought the client.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().expect("no holder panics");
        state.settle();
        state
    }

    /// Has the request that receives look at the session again.
    fn ring(&self, state: &mut State) {
        state.chair.ring();
        self.bell.notify_waiters();
    }
}

impl State {
    fn wait(&mut self, frame: String) {
        self.account.add(frame.len());
        self.waiting.push(frame);
    }

    /// Takes the frames that wait for the client.
    pub(super) fn take_waiting(&mut self) -> Vec<String> {
        self.account.give_back(self.account.held());
        mem::take(&mut self.waiting)
    }

    /// Returns whether the session is over.
    pub(super) fn has_ended(&self) -> bool {
        self.over || self.guard.as_ref().is_some_and(PresenceGuard::is_cut)
    }

    /// Takes note of the place that the client has reached if the sweep has answered its poll.
    fn settle(&mut self) {
        let reached = self.chair.settle();
        self.has_reached(reached);
    }

    /// Keeps the sweep from answering the poll that is held: the session does.
    pub(super) fn stop(&mut self) {
        let reached = self.chair.stop();
        self.has_reached(reached);
    }

    fn has_reached(&mut self, reached: Option<Reached>) {
        if let Some((place, at)) = reached {
            self.start.place = place;
            (self.receiving, self.seen) = (false, at);
        }
    }
}

/// Ends a session; the client leaves its room with it.
pub(super) fn end(state: &mut State) {
    // The task of its connection tells the client whose poll is held, and not the sweep.
    state.stop();
    state.over = true;
    state.guard = None;
    drop(state.take_waiting());
}

/// Puts a draft that was received into the room, and returns the frame that
/// answers it, if any: as on a plain WebSocket.
pub(super) async fn hear(
    room: &Room,
    settings: &Settings,
    speaker: Speaker<'_>,
    ack: bool,
    message: &str,
) -> Option<String> {
    let answer = match speak(room, settings, speaker, message.as_bytes()).await {
        Ok(_) if !ack => return None,
        Ok(said) => codec::encode(&Said {
            kind: Some(Kind::Said),
            ..said
        }),
        Err(reason) => reason.frame(),
    };
    Some(frame::message(&String::from_utf8_lossy(&answer)))
}

impl Ends for Session {
    fn is_over(&self, now: Instant) -> bool {
        let mut state = self.state();
        if !state.receiving && now >= state.seen + DISCONNECT_DELAY {
            end(&mut state);
            return true;
        }
        // A session that is over stays for a while, so that a client that asks for it is told so.
        false
    }

    fn give_up(&self) -> bool {
        let mut state = self.state();
        if !state.receiving {
            end(&mut state);
        }
        !state.receiving
    }

    fn close(&self) {
        self.ring(&mut self.state());
    }
}
