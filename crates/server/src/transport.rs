//! The four ways to read a room, one file each, to be read side by side.
//!
//! | transport | the server | the client | an exchange ends when |
//! | --- | --- | --- | --- |
//! | [`short_poll`] | `after`, once | asks each interval | answered, often with nothing |
//! | [`long_poll`] | waits under a hold for what comes after, once | asks again at once | something came, or the hold is over |
//! | [`http_stream`] | has a seat in the room, a line each | asks once, reads on | either side leaves |
//! | [`websocket`] | has a seat in the room, a frame each, while reading drafts | upgrades once, reads frames, speaks on the same socket | either side leaves |
//!
//! They differ in which side asks, which side waits, and what silence costs.
//!
//! - Short poll: the client waits, and asks whether or not anything happened. An
//!   event is late by half an interval on average, and silence costs a request
//!   and an answer each interval.
//! - Long poll: the server waits before it answers. An event is sent at once, but
//!   each answer costs a whole request, and an event that happens while that
//!   request is on its way waits for it.
//! - HTTP stream: the server waits and never finishes its answer. One request
//!   serves for all events, with some bytes of chunk around each; to speak, the
//!   client still needs requests of its own.
//! - WebSocket: the same, and the client can send on the connection too. There
//!   are a few bytes of frame header around each event, and none of HTTP.
//!
//! Each file has one function, `answer`, from a [`Reading`] to an [`Answer`] or a refusal.
//! The first two answer and are done. The other two answer with a head and a
//! session, in which the connection lives on: as a body that does not end, or
//! as something that is no longer HTTP.
//!
//! Slow readers: no transport has a queue. Events wait in the log, and a reader that cannot keep up
//! finds that the log has moved past its place and is informed how much it missed. One reader
//! occupies at most a socket's send buffer and the rest of one write: of one event, of some
//! kilobytes of events, or of one answer.
//!
//! [`jsonp`] and [`iframe`] are the long poll and the HTTP stream once more, in
//! the only forms that a very old browser reads across origins: a script that
//! calls a function, and a page that never ends.
//!
//! These files need not know that readers that stay, and polls that are held, wait in
//! the [seats] of their room, where one sweep serves them all, nor that plain polls
//! and drafts take the [fast path][fast].
//!
//! [seats]: crate::room::seats
//! [fast]: crate::connection

pub(crate) mod http_stream;
pub(crate) mod iframe;
pub(crate) mod jsonp;
pub(crate) mod long_poll;
pub(crate) mod reading;
pub(crate) mod short_poll;
pub(crate) mod websocket;

use std::{fmt::Debug, pin::Pin};

use bytes::Bytes;
use tokio::sync::watch;
use wire::{Framing, Way};

use crate::{
    http::{refusal::Refusal, reply::Reply},
    net::handover::Handover,
    transport::{long_poll::Held, reading::Reading},
};

/// The way in which a request is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A batch, for a poll.
    Batch(Bytes),
    /// A batch that does not exist yet.
    Held(Held),
    /// An HTTP answer, after which the connection goes on with HTTP.
    Http(Reply),
    /// A head, after which the connection belongs to the session.
    Session(Reply, Box<dyn Session>),
}

/// A use of a connection that begins when HTTP on it is over.
pub(crate) trait Session: Debug + Send {
    /// Runs until one side leaves. `leaving` becomes true when that is the
    /// server.
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running;

    /// Returns whether drafts come over the session's connection at any time. Such a session also
    /// ends when `leaving` becomes true and the server stays, because its connection is to make room
    /// for another.
    fn hears_drafts(&self) -> bool {
        false
    }
}

/// The future of a session: boxed, because each kind has another size.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Answers a request to read: the one match from a way to its code.
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    match reading.way {
        Way::ShortPoll => short_poll::answer(reading),
        Way::LongPoll => long_poll::answer(reading),
        Way::Ndjson => http_stream::answer(reading, Framing::Ndjson),
        Way::Sse => http_stream::answer(reading, Framing::Sse),
        Way::Websocket => websocket::answer(reading),
    }
}
