//! The vocabulary of both sides: the messages that a server sends and a reader understands.
//!
//! The server encodes with this crate and the load generator decodes with it, so the two cannot
//! diverge. Nothing here does I/O or reads a clock.
//!
//! Reading order: [`Way`] names the ways to read a room, and [`Protocol`] what is spoken over them;
//! [`Draft`], [`Event`] and [`Batch`] are the messages; [`codec`] is the only module that depends on
//! JSON; [`lines`] writes events to an HTTP stream; [`hixie_76`] is the handshake of an old
//! WebSocket, and [`deflate`] the compression of one of today.

pub mod codec;
mod compression;
pub mod deflate;
mod epoch;
pub mod events;
pub mod hixie_76;
pub mod lines;
mod message;
mod protocol;
mod way;

pub use compression::{Coding, Compression};
pub use epoch::{Epoch, NotAnEpoch, read_place};
pub use message::{
    Batch, Draft, DraftError, Event, Gap, Glance, Kind, People, Person, Said, room_name_is_valid,
};
pub use protocol::Protocol;
pub use way::{
    BROWSER_CONNECTIONS, Carrier, Exchange, Framing, Properties, Transport, UnknownTransport,
    UnknownWay, Way,
};

/// The sequence number of an event in its room, from 1. A reader's place is the number of the last
/// event that it has seen; 0 is the place before the first.
pub type Seq = u64;

#[cfg(test)]
mod fuzz;
