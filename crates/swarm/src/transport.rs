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

mod ask;
#[cfg(test)]
mod conformance;
mod frame;
mod http_stream;
pub(crate) mod in_page;
mod library_polls;
mod library_socket;
mod long_poll;
mod plain;
mod poll;
pub(crate) mod reader;
pub(crate) mod resume;
mod short_poll;
mod upgrade;
mod websocket;

use std::mem;

use wire::{Carrier, Framing, Seq, Way};

use self::reader::{Heard, Reader};
use crate::{
    failure::Failure,
    plan::{LIBRARY_HOLD, Variant},
};

pub(crate) use plain::Plain;
pub(crate) use websocket::Sink;

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
    /// A stream or a WebSocket that is read in a batch, and not by its reader's task.
    Plain(Box<Plain>),
    /// A listener whose connection was lost.
    Gone,
}

impl From<websocket::Listener> for Listener {
    fn from(listener: websocket::Listener) -> Self {
        Self::Websocket(Box::new(listener))
    }
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
            Variant::LongPoll { hold, keep_alive } | Variant::Jsonp { hold, keep_alive } => {
                let (listener, place) =
                    long_poll::Listener::open(reader, place, hold, keep_alive).await?;
                (Self::LongPoll(listener), place)
            }
            Variant::HttpStream { framing } => {
                let way = variant.way();
                let listener = http_stream::Listener::open(reader, place, way, framing).await?;
                (listener, place)
            }
            Variant::Iframe => {
                let way = variant.way();
                let opened = http_stream::Listener::open(reader, place, way, Framing::Ndjson);
                (opened.await?, place)
            }
            Variant::Websocket => {
                let (listener, up) = websocket::Listener::open(reader, place).await?;
                sink = up;
                (listener, place)
            }
            Variant::Library {
                way, keep_alive, ..
            } => {
                let (listener, up) = Self::open_way(way, keep_alive, reader, place).await?;
                sink = up;
                (listener, place)
            }
            // What is asked for and read there follows from the network's compression.
            Variant::Compressed { ref of, .. } => {
                return Box::pin(Self::open(of, reader, place)).await;
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
                Ok((listener, None))
            }
            Carrier::Frame => websocket::Listener::open(reader, place).await,
        }
    }

    /// Takes leave at the end of a run. Only a WebSocket has a word for it.
    pub(crate) async fn close(self, sink: Option<Sink>) {
        let listener = match self {
            Self::Plain(plain) => plain.into_listener(),
            listener => listener,
        };
        if let Self::Websocket(listener) = listener {
            listener.close(sink).await;
        }
    }

    /// Takes the connection away if it is read in a batch.
    pub(crate) fn take_plain(&mut self) -> Option<Plain> {
        if !matches!(self, Self::Plain(_)) {
            return None;
        }
        match mem::replace(self, Self::Gone) {
            Self::Plain(plain) => Some(*plain),
            _ => None,
        }
    }

    /// Takes a connection back that was read in a batch. What comes next on a WebSocket is for its
    /// reader's task.
    pub(crate) fn put_back(&mut self, plain: Plain) {
        *self = plain.into_listener();
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
            // A stream that is read in a batch is lost with the batch.
            Self::Plain(_) | Self::Gone => Err(Failure::Closed),
        }
    }
}
