//! The state of a session of polls, and what it has for the next one.

use std::{collections::VecDeque, mem};

use bytes::Bytes;
use tokio::time::Instant;
use wire::Way;

use crate::{
    address::Address,
    protocol::{
        Host,
        engine_io::{
            packet::{CLOSE, NOOP, PING, SEPARATOR},
            pulse::Pulse,
        },
        held::{Chair, Reached},
        is_too_much,
        socket_io::client::{Client, Joined},
    },
    room::{
        entry::Encoding,
        log::Portion,
        memory::Account,
        wrapping::{Carrier, Wrapping},
    },
};

/// The largest number of packets in one answer: clients in Python take no more.
const MOST_PACKETS: usize = 15;
/// The largest number of packets beside events.
const MOST_BESIDE: usize = 3;

/// The encoding of events in an answer to a poll.
pub(super) const ENCODING: Encoding = Encoding::Wrapped(Wrapping::SocketIo, Carrier::Bare);

/// The state of a session of polls.
#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) client: Client,
    /// The packets for the client that are not events.
    waiting: VecDeque<String>,
    /// The account of the bytes of those packets.
    account: Account,
    pub(super) pulse: Pulse,
    pub(super) opened: Instant,
    /// True while a GET, or a POST, is being answered.
    pub(super) getting: bool,
    pub(super) posting: bool,
    /// The seat of the GET that is held.
    pub(super) chair: Chair,
}

/// The stage that a session has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Polling,
    /// A probe was answered, and polls are released.
    Upgrading,
    /// The session lives on as a WebSocket.
    Upgraded,
    /// The session is over; the packet is the answer to a poll that is held.
    Over(&'static str),
}

impl State {
    /// Begins a session; `query` is that of its handshake.
    pub(super) fn new(query: &str, address: Address, host: &Host) -> Self {
        Self {
            phase: Phase::Polling,
            client: Client::new(query, Way::LongPoll, address),
            waiting: VecDeque::new(),
            account: host.waiting.open(),
            pulse: Pulse::new(&host.settings),
            opened: Instant::now(),
            getting: false,
            posting: false,
            chair: Chair::default(),
        }
    }

    /// Takes note of the place that the client has reached if the sweep has answered its poll.
    pub(super) fn settle(&mut self) {
        let reached = self.chair.settle();
        self.has_reached(reached);
    }

    /// Keeps the sweep from answering the poll that is held: the session does.
    pub(super) fn stop(&mut self) {
        let reached = self.chair.stop();
        self.has_reached(reached);
    }

    fn has_reached(&mut self, reached: Option<Reached>) {
        let Some((place, _)) = reached else { return };
        self.getting = false;
        if let Some(joined) = self.client.joined() {
            joined.start.place = place;
        }
    }

    /// Keeps a packet for the next poll.
    pub(super) fn wait(&mut self, packet: String) {
        self.account.add(packet.len());
        self.waiting.push_back(packet);
    }

    /// Keeps a packet for the next poll, before all others.
    fn wait_first(&mut self, packet: String) {
        self.account.add(packet.len());
        self.waiting.push_front(packet);
    }

    /// Takes all packets that wait.
    pub(super) fn take_waiting(&mut self) -> VecDeque<String> {
        self.account.give_back(self.account.held());
        mem::take(&mut self.waiting)
    }

    /// Returns whether more waits for the client than may.
    pub(super) fn is_full(&self) -> bool {
        is_too_much(&self.account)
    }

    /// Keeps the packet that tells a client that it is connected: it comes
    /// before all events.
    pub(super) fn greet(&mut self, packet: String) {
        // The information about the log comes between the two.
        if let Some(gap) = self.client.joined().and_then(Joined::greeting) {
            self.wait_first(gap);
        }
        self.wait_first(packet);
    }

    /// Returns what a poll is answered with now; `None` if it has to wait.
    pub(super) fn payload(&mut self) -> Option<Bytes> {
        match self.phase {
            Phase::Over(last) => return Some(Bytes::from_static(last.as_bytes())),
            Phase::Upgrading | Phase::Upgraded => {
                return Some(Bytes::from_static(NOOP.as_bytes()));
            }
            Phase::Polling => {}
        }
        if self
            .client
            .joined()
            .is_some_and(|joined| joined.is_sent_out())
        {
            self.phase = Phase::Over(CLOSE);
            return Some(Bytes::from_static(CLOSE.as_bytes()));
        }
        if self.pulse.ping(Instant::now()) {
            self.wait(PING.to_owned());
        }
        let portion = self.events();
        let joined = self.client.joined();
        let closing = joined.is_some_and(|joined| {
            joined.room.is_closed() && joined.start.place >= joined.room.newest()
        });
        if closing {
            self.phase = Phase::Over(CLOSE);
        }
        if self.waiting.is_empty() && !closing {
            // Shared by all pollers at this place.
            return portion.map(|portion| portion.bytes);
        }
        let most = if portion.is_some() {
            MOST_BESIDE
        } else {
            MOST_PACKETS
        };
        let count = self.waiting.len().min(most);
        let waiting: Vec<String> = self.waiting.drain(..count).collect();
        let bytes = waiting.iter().map(String::len).sum();
        self.account.give_back(bytes);
        let mut pieces: Vec<&[u8]> = waiting.iter().map(String::as_bytes).collect();
        pieces.extend(portion.as_ref().map(|portion| &portion.bytes[..]));
        pieces.extend(closing.then_some(CLOSE.as_bytes()));
        Some(Bytes::from(pieces.join(&SEPARATOR)))
    }

    /// Takes the events after the client's place.
    fn events(&mut self) -> Option<Portion> {
        let joined = self.client.joined()?;
        joined.room.next_portion(&mut joined.start, ENCODING)
    }
}
