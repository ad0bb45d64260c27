//! The state of a session of polls, and what it has for the next one.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::time::Instant;
use wire::Way;

use crate::{
    address::Address,
    protocol::{
        engine_io::{
            packet::{CLOSE, NOOP, PING, SEPARATOR},
            pulse::Pulse,
        },
        held::{Chair, Reached},
        socket_io::client::{Client, Joined},
    },
    room::{
        entry::Encoding,
        log::Portion,
        wrapping::{Carrier, Wrapping},
    },
    settings::Settings,
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
    pub(super) waiting: VecDeque<String>,
    /// The number of bytes of those packets.
    pub(super) waiting_bytes: usize,
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
    pub(super) fn new(query: &str, address: Address, settings: &Settings) -> Self {
        Self {
            phase: Phase::Polling,
            client: Client::new(query, Way::LongPoll, address),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            pulse: Pulse::new(settings),
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
        self.waiting_bytes += packet.len();
        self.waiting.push_back(packet);
    }

    /// Keeps the packet that tells a client that it is connected: it comes
    /// before all events.
    pub(super) fn greet(&mut self, packet: String) {
        // The information about the log comes between the two.
        if let Some(gap) = self.client.joined().and_then(Joined::greeting) {
            self.waiting_bytes += gap.len();
            self.waiting.push_front(gap);
        }
        self.waiting_bytes += packet.len();
        self.waiting.push_front(packet);
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
        self.waiting_bytes -= waiting.iter().map(String::len).sum::<usize>();
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
