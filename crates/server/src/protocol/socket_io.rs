//! Socket.IO, protocol 5 (what Socket.IO 4 clients speak), over Engine.IO.
//!
//! A client connects to the namespace `/` with the room, its name and its place
//! in `auth`, and then every event of the room's log is an event of Socket.IO.
//! docs/src/socket-io.md has the whole mapping.

pub(crate) mod auth;
pub(crate) mod client;
mod no_entry;
pub(crate) mod packet;
pub(crate) mod said;
