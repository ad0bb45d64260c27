//! The four ways to read a room, one file each, to be read side by side.
//!
//! | transport | the server | the client | an exchange ends when |
//! | --- | --- | --- | --- |
//! | [`short_poll`] | `after`, once | asks each interval | answered, often with nothing |
//! | [`long_poll`] | waits under a hold for what comes after, once | asks again at once | something came, or the hold is over |
//! | [`http_stream`] | has a seat in the room, a line each | asks once, reads on | either side leaves |
//! | [`websocket`] | has a seat in the room, a frame each, while reading drafts | upgrades once, reads frames, speaks on the same socket | either side leaves |
//!
//! In other words: who asks, who waits, and who pays for the quiet.
//!
//! - Short poll: the client waits, blind, and asks whether or not anything
//!   happened. What happens is late by half an interval on average, and the
//!   quiet costs a request and an answer each interval.
//! - Long poll: the server waits with the answer in its hand. What happens is
//!   sent at once, but each answer costs a whole request, and what happens
//!   while that request is on its way waits for it.
//! - HTTP stream: the server waits and never finishes its answer. One request
//!   for everything, some bytes of chunk around each event; to speak, the
//!   client still needs requests of its own.
//! - WebSocket: the same, and the way back is open too. A few bytes of frame
//!   header around each event, none of HTTP.
//!
//! Each file has one function, `answer(Reading) -> Result<Answer, Refusal>`.
//! The first two answer and are done. The other two answer with a head and a
//! session, in which the connection lives on: as a body that does not end, or
//! as something that is no longer HTTP.
//!
//! Slow readers: no transport has a queue. Events wait in the log, and a reader
//! that cannot keep up finds that the log has moved past its place and is told
//! how much it missed. What one reader can hold up is a socket's send buffer
//! and what that did not take of one write: of one event, or of some kilobytes
//! of them, or of one answer.
//!
//! Beneath these files, and of no consequence for what they say: readers who
//! stay, and polls that are held, wait in the [seats] of their room, and one
//! sweep serves them all; plain polls come and go the [fast path][fast].
//!
//! [seats]: crate::room::seats
//! [fast]: crate::connection::fast_path

pub(crate) mod http_stream;
pub(crate) mod long_poll;
pub(crate) mod reading;
pub(crate) mod short_poll;
pub(crate) mod websocket;

use std::{fmt::Debug, pin::Pin};

use bytes::Bytes;
use tokio::sync::watch;
use wire::Transport;

use crate::{
    http::{refusal::Refusal, reply::Reply},
    net::handover::Handover,
    transport::{long_poll::Held, reading::Reading},
};

/// How a request is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// With a batch, as polls are.
    Batch(Bytes),
    /// With a batch that there is not yet.
    Held(Held),
    /// And the connection goes on speaking HTTP.
    Http(Reply),
    /// And then the connection is the session's.
    Session(Reply, Box<dyn Session>),
}

/// A use of a connection that begins when HTTP on it is over.
pub(crate) trait Session: Debug + Send {
    /// Goes on until one side leaves. `leaving` tells when that is the server.
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running;
}

/// A session that runs: boxed, as each kind is of another size.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Answers a request to read: the one match from a transport to its code.
pub(crate) fn answer(transport: Transport, reading: Reading) -> Result<Answer, Refusal> {
    match transport {
        Transport::ShortPoll => short_poll::answer(reading),
        Transport::LongPoll => long_poll::answer(reading),
        Transport::HttpStream => http_stream::answer(reading),
        Transport::Websocket => websocket::answer(reading),
    }
}
