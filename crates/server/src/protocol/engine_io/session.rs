//! A session that began with a poll.

use std::{
    collections::VecDeque,
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use tokio::{
    sync::Notify,
    task::consume_budget,
    time::{Instant, sleep_until},
};
use wire::Way;

use crate::{
    address::Address,
    protocol::{
        Host,
        engine_io::{
            CONNECT_TIMEOUT,
            packet::{CLOSE, NOOP, Packet, SEPARATOR},
            pulse::Pulse,
            state::{Phase, State},
            turn::Turn,
        },
        socket_io::{
            client::{Client, Heard},
            said::Said,
        },
        table::Ends,
    },
    room::shares::SessionShare,
};

/// A session of polls, until its client changes to a WebSocket.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) sid: String,
    address: Address,
    state: Mutex<State>,
    /// The bell that is rung when something changed for a poll that is held.
    bell: Notify,
    _share: SessionShare,
}

/// The state that a WebSocket takes over from a session of polls.
#[derive(Debug)]
pub(super) struct Upgraded {
    pub(super) client: Client,
    pub(super) waiting: VecDeque<String>,
    pub(super) pulse: Pulse,
}

/// The outcome of a packet.
#[derive(Debug)]
enum PacketOutcome {
    /// The packet needs no further action.
    Done,
    /// The client says something to the room.
    Says(Said),
}

impl Session {
    /// Makes a session; `query` is that of its handshake, and `share` counts it for its address.
    pub(super) fn new(
        sid: String,
        (query, address): (&str, Address),
        share: SessionShare,
        host: &Host,
    ) -> Self {
        Self {
            sid,
            address,
            state: Mutex::new(State::new(query, address, host)),
            bell: Notify::new(),
            _share: share,
        }
    }

    /// Returns whether the session lives on as a WebSocket.
    pub(super) fn has_upgraded(&self) -> bool {
        self.state().phase == Phase::Upgraded
    }

    /// Returns whether a probe was answered, and the client has not decided yet.
    pub(super) fn is_upgrading(&self) -> bool {
        self.state().phase == Phase::Upgrading
    }

    /// Begins to answer a request. Returns `None`, and ends the session, if another request of the
    /// same method is still being answered.
    pub(super) fn begin(&self, getting: bool) -> Option<Turn<'_>> {
        let mut state = self.state();
        let State {
            getting: gets,
            posting: posts,
            ..
        } = &mut *state;
        let busy = if getting { gets } else { posts };
        if mem::replace(busy, true) {
            self.end(&mut state, CLOSE);
            return None;
        }
        Some(Turn::new(self, getting))
    }

    /// Records that a request is answered, or that its client has cut it off: then the session is
    /// over.
    pub(super) fn finish(&self, getting: bool, answered: bool) {
        let mut state = self.state();
        if getting {
            state.getting = false;
        } else {
            state.posting = false;
        }
        if !answered {
            self.end(&mut state, CLOSE);
        }
    }

    /// Waits for something to answer a poll with.
    pub(super) async fn payload(&self) -> Bytes {
        loop {
            let rung = self.bell.notified();
            let mut rung = pin!(rung);
            // From here on no ring is missed.
            rung.as_mut().enable();
            let (seat, deadline) = {
                let mut state = self.state();
                if let Some(payload) = state.payload() {
                    return payload;
                }
                let joined = state.client.joined();
                let seat = joined.map(|joined| (Arc::clone(&joined.room), joined.start.place));
                (seat, state.pulse.deadline())
            };
            let news = async {
                match seat {
                    Some((room, place)) => room.news(place).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = rung => {}
                () = news => {}
                () = sleep_until(deadline) => {}
            }
        }
    }

    /// Takes the packets of a payload. Returns `None` if one of them may not
    /// come; the session is over then.
    pub(super) async fn take(&self, host: &Host, payload: &str) -> Option<()> {
        for text in payload.split(char::from(SEPARATOR)) {
            // A client that sends many at once must not keep the thread to itself.
            consume_budget().await;
            let said = match self.take_packet(host, text)? {
                PacketOutcome::Done => continue,
                PacketOutcome::Says(said) => said,
            };
            // Without the lock, so that other requests go on while a speaker is slowed down.
            let answer = said.say(&host.settings).await;
            let mut state = self.state();
            if let Some(packet) = answer {
                state.wait(packet);
            }
            self.bound(&mut state)?;
        }
        self.ring(&mut self.state());
        Some(())
    }

    /// Takes one packet; `None` if it may not come.
    fn take_packet(&self, host: &Host, text: &str) -> Option<PacketOutcome> {
        let mut state = self.state();
        if let Phase::Over(_) = state.phase {
            return Some(PacketOutcome::Done);
        }
        let heard = match Packet::parse(text) {
            Some(Packet::Close) => Some(Heard::Left),
            Some(Packet::Pong) => {
                state.pulse.pong();
                Some(Heard::Nothing)
            }
            Some(Packet::Idle) => Some(Heard::Nothing),
            Some(Packet::Message(message)) => state.client.hear(host, message).ok(),
            None => None,
        };
        match heard {
            Some(Heard::Nothing) => {}
            Some(Heard::Answer(packet)) => state.wait(packet),
            Some(Heard::Joined(packet)) => state.greet(packet),
            Some(Heard::Says(said)) => return Some(PacketOutcome::Says(said)),
            // The library's client closes the session next; one that does not
            // has nothing to read here.
            Some(Heard::Left) => self.end(&mut state, NOOP),
            None => {
                self.end(&mut state, CLOSE);
                return None;
            }
        }
        self.bound(&mut state)?;
        Some(PacketOutcome::Done)
    }

    /// Ends the session, and returns `None`, if more bytes wait for its client than may.
    fn bound(&self, state: &mut State) -> Option<()> {
        if state.is_full() {
            self.end(state, CLOSE);
            return None;
        }
        Some(())
    }

    /// Begins the change to a WebSocket; polls are released from now on.
    /// Returns `None` if it is not the time for it.
    pub(super) fn begin_upgrade(&self) -> Option<()> {
        let mut state = self.state();
        if state.phase != Phase::Polling {
            return None;
        }
        // From now on the task of its connection answers the poll that is held, and not the sweep.
        state.stop();
        state.phase = Phase::Upgrading;
        self.ring(&mut state);
        Some(())
    }

    /// Gives up the change to a WebSocket that went wrong; polls go on.
    pub(super) fn give_up_upgrade(&self) {
        let mut state = self.state();
        if state.phase == Phase::Upgrading {
            state.phase = Phase::Polling;
        }
    }

    /// Hands the session over to a WebSocket.
    pub(super) fn upgrade(&self) -> Option<Upgraded> {
        let mut state = self.state();
        if state.phase != Phase::Upgrading {
            return None;
        }
        state.phase = Phase::Upgraded;
        let nobody = Client::new("", Way::Websocket, self.address);
        let mut client = mem::replace(&mut state.client, nobody);
        client.change(Way::Websocket);
        let waiting = state.take_waiting();
        self.ring(&mut state);
        Some(Upgraded {
            client,
            waiting,
            pulse: state.pulse,
        })
    }

    /// Ends the session; `last` answers a poll that is held.
    pub(super) fn end(&self, state: &mut State, last: &'static str) {
        if !matches!(state.phase, Phase::Over(_) | Phase::Upgraded) {
            // The task of its connection answers the poll that is held, with the last packet.
            state.stop();
            state.phase = Phase::Over(last);
            // The client leaves its room with this.
            state.client = Client::new("", Way::LongPoll, self.address);
            drop(state.take_waiting());
            self.ring(state);
        }
    }

    /// Returns the state, after taking over the place to which the sweep has brought the client.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().expect("no holder panics");
        state.settle();
        state
    }

    /// Has a poll that is held look at the session again.
    fn ring(&self, state: &mut State) {
        state.chair.ring();
        self.bell.notify_waiters();
    }
}

impl Ends for Session {
    fn is_over(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.phase {
            // The WebSocket removes it from the table.
            Phase::Upgraded => return false,
            Phase::Over(_) => return true,
            Phase::Polling | Phase::Upgrading => {}
        }
        let alone = state.client.joined().is_none() && now >= state.opened + CONNECT_TIMEOUT;
        if alone || state.pulse.is_lost(now) {
            self.end(&mut state, CLOSE);
        }
        // A poll that is held is answered first.
        matches!(state.phase, Phase::Over(_)) && !state.getting
    }

    fn give_up(&self) -> bool {
        let mut state = self.state();
        let is_idle = !state.getting && !state.posting;
        // A WebSocket is in use, or is being tried out.
        if is_idle && state.phase == Phase::Polling {
            self.end(&mut state, CLOSE);
        }
        is_idle && matches!(state.phase, Phase::Over(_))
    }

    fn close(&self) {
        let mut state = self.state();
        if state.client.joined().is_none() {
            self.end(&mut state, CLOSE);
        }
        // A poll of a client in a room learns of the end from the room, after the last events.
        self.ring(&mut state);
    }
}
