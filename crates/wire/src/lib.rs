//! The words both sides use: what a server sends and a reader understands.
//!
//! The server encodes with this crate and the swarm decodes with it, so the two
//! cannot drift apart. Nothing here does I/O or reads a clock.
//!
//! Reading order: [`Way`] names the ways to read a room; [`Draft`],
//! [`Event`] and [`Batch`] are what travels; [`codec`] is the only place that
//! knows they travel as JSON; [`lines`] puts events on an HTTP stream.

pub mod codec;
mod epoch;
pub mod events;
pub mod lines;
mod message;
mod way;

pub use epoch::{Epoch, NotAnEpoch, read_place};
pub use message::{
    Batch, Draft, DraftError, Event, Gap, Glance, Kind, People, Person, Said, room_name_is_valid,
};
pub use way::{
    Carrier, Exchange, Framing, Properties, Transport, UnknownTransport, UnknownWay, Way,
};

/// Sequence number of an event in its room, from 1. A reader's place is the
/// number of the last event it has seen; 0 is the place before the first.
pub type Seq = u64;
