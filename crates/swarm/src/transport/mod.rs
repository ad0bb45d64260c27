//! The four ways to listen: who asks, who waits, what ends an exchange.
//!
//! | transport | the client | an exchange ends when |
//! | --- | --- | --- |
//! | short poll | asks each interval | answered, often with nothing |
//! | long poll | asks again at once | something came, or the hold is over |
//! | HTTP stream | asks once, reads on | either side leaves |
//! | WebSocket | upgrades once, reads frames | either side leaves |
//!
//! Each file has one type with the same two functions: `open` takes a place in
//! the room, `next` waits for what comes after it. The WebSocket deviates in
//! one point: its socket also carries drafts up, so `open` gives back a sink.

mod http_stream;
mod long_poll;
mod short_poll;
mod websocket;

use std::rc::Rc;

use bytes::Bytes;
use wire::{Carrier, Seq, Way};

use crate::{
    arrival::Stamp,
    clock::{Clock, Nanos},
    comeback::Resume,
    draft,
    failure::Failure,
    foreign::Place,
    http::Network,
    library::Library,
    plan::{LIBRARY_HOLD, Variant},
};

pub(crate) use websocket::{Sink, next_text};

/// A person who listens, and the place that the person listens to.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The network that connections are made from.
    pub(crate) network: Rc<Network>,
    /// The run's clock.
    pub(crate) clock: Clock,
    /// Number of the person.
    pub(crate) person: usize,
    /// The reader's index among the people of its shard.
    pub(crate) place: usize,
    /// Number of the room.
    pub(crate) room: usize,
    /// True if the person gives a name.
    pub(crate) named: bool,
    /// The time within the interval at which a short poller asks.
    pub(crate) phase: Nanos,
    /// True if the person also speaks.
    pub(crate) speaks: bool,
    /// True if drafts that are sent over the socket should be answered.
    pub(crate) wants_answers: bool,
    /// The arrival of what the person read last; present for the few people of whom it is
    /// known.
    pub(crate) arrival: Option<Stamp>,
    /// The reader's place on a server that does not keep our contract.
    pub(crate) foreign: Option<Box<Place>>,
    /// The reader's part in the protocol of a library, if it speaks one.
    pub(crate) library: Option<Rc<Library>>,
    /// The state that the reader keeps from one connection to the next.
    pub(crate) resume: Resume,
}

impl Reader {
    /// Returns the reader's place if messages have tags and no numbers.
    pub(crate) fn by_tags(&self) -> Option<&Place> {
        let place = self.foreign.as_deref()?;
        place.description().goes_by_tags().then_some(place)
    }

    /// The name of its room, as the server knows it.
    pub(crate) fn room_name(&self) -> String {
        let foreign = self.foreign.as_deref();
        foreign.map_or_else(|| draft::room_name(self.room), Place::room_name)
    }

    /// Returns `/rooms/ROOM/PATH?after=PLACE`, without a name.
    fn lurking(&self, way: Way, place: Option<Seq>) -> String {
        if let Some(foreign) = &self.foreign {
            return foreign.path(place);
        }
        let room = draft::room_name(self.room);
        let (way, place) = (way.path(), self.resume.place(place));
        format!("/rooms/{room}/{way}?after={place}")
    }

    /// Returns the same path with the name of a person who has one.
    fn path(&self, way: Way, place: Option<Seq>) -> String {
        let mut path = self.lurking(way, place);
        if self.named {
            path.push_str("&name=");
            path.push_str(&draft::person_name(self.person));
        }
        path
    }
}

/// The result of one step of listening. It is still JSON: the person decodes it borrowed,
/// so that no text is copied.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A poll's answer: a batch.
    Batch(Bytes),
    /// A piece of a stream or socket: one event, or a notice.
    Text(Bytes),
}

/// A listener that has a place.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The listener.
    pub(crate) listener: Listener,
    /// The listener's place, if the opening reported it.
    pub(crate) place: Option<Seq>,
    /// The way up, on the one transport that has it.
    pub(crate) sink: Option<Sink>,
}

/// A listener of one of the four kinds.
#[derive(Debug)]
pub(crate) enum Listener {
    /// See `short_poll`.
    ShortPoll(short_poll::Listener),
    /// See `long_poll`.
    LongPoll(long_poll::Listener),
    /// See `http_stream`.
    HttpStream(http_stream::Listener),
    /// See `websocket`.
    Websocket(Box<websocket::Listener>),
    /// A listener whose connection was lost.
    Gone,
}

impl Listener {
    /// Goes to `place` (`None`: only what comes next) over `variant`.
    pub(crate) async fn open(
        variant: &Variant,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<Opened, Failure> {
        let mut sink = None;
        let (listener, place) = match *variant {
            Variant::ShortPoll {
                interval,
                keep_alive,
            } => {
                let opened = short_poll::Listener::open(reader, place, interval, keep_alive).await;
                let (listener, place) = opened?;
                (Self::ShortPoll(listener), place)
            }
            Variant::LongPoll { hold, keep_alive } => {
                let (listener, place) =
                    long_poll::Listener::open(reader, place, hold, keep_alive).await?;
                (Self::LongPoll(listener), place)
            }
            Variant::HttpStream { framing } => {
                let listener =
                    http_stream::Listener::open(reader, place, variant.way(), framing).await?;
                (Self::HttpStream(listener), place)
            }
            Variant::Websocket => {
                let (listener, up) = websocket::Listener::open(reader, place).await?;
                sink = up;
                (Self::Websocket(Box::new(listener)), place)
            }
            Variant::Library {
                way, keep_alive, ..
            } => {
                let (listener, up) = Self::open_way(way, keep_alive, reader, place).await?;
                sink = up;
                (listener, place)
            }
        };
        Ok(Opened {
            listener,
            place,
            sink,
        })
    }

    /// Goes to `place` over a way on which a library's protocol is spoken.
    async fn open_way(
        way: Way,
        keep_alive: bool,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<(Self, Option<Sink>), Failure> {
        match way.carrier() {
            Carrier::Batch => {
                let hold = LIBRARY_HOLD;
                let opened = long_poll::Listener::open(reader, place, hold, keep_alive).await?;
                Ok((Self::LongPoll(opened.0), None))
            }
            Carrier::Stream(framing) => {
                let listener = http_stream::Listener::open(reader, place, way, framing).await?;
                Ok((Self::HttpStream(listener), None))
            }
            Carrier::Frame => {
                let (listener, sink) = websocket::Listener::open(reader, place).await?;
                Ok((Self::Websocket(Box::new(listener)), sink))
            }
        }
    }

    /// Takes leave at the end of a run. Only a WebSocket has a word for it.
    pub(crate) async fn close(self, sink: Option<Sink>) {
        if let Self::Websocket(listener) = self {
            listener.close(sink).await;
        }
    }

    /// Sends a frame beside drafts, or gives it back for the speaker's queue.
    pub(crate) async fn send(
        &mut self,
        reader: &Reader,
        frame: String,
    ) -> Result<Option<String>, Failure> {
        match self {
            Self::Websocket(listener) => listener.send(frame).await,
            Self::LongPoll(listener) => listener.send(reader, frame).await,
            _ => Ok(None),
        }
    }

    /// Waits for what comes after `place`.
    pub(crate) async fn next(
        &mut self,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<Heard, Failure> {
        match self {
            Self::ShortPoll(listener) => listener.next(reader, place).await,
            Self::LongPoll(listener) => listener.next(reader, place).await,
            Self::HttpStream(listener) => listener.next(reader).await,
            Self::Websocket(listener) => listener.next().await,
            Self::Gone => Err(Failure::Closed),
        }
    }
}
