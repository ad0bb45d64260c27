//! Sockets: where connections come from, what is counted beneath their protocol, HTTP and TLS on
//! them. This layer knows no way to read a room.

pub(crate) mod arrival;
mod browser;
pub(crate) mod chunks;
pub(crate) mod connection;
pub(crate) mod content;
mod gate;
mod greeting;
mod handshake;
pub(crate) mod headers;
pub(crate) mod io;
pub(crate) mod lines;
pub(crate) mod meter;
pub(crate) mod multiplex;
pub(crate) mod network;
pub(crate) mod packed;
pub(crate) mod pool;
pub(crate) mod read_only;
pub(crate) mod ready;
pub(crate) mod request;
#[cfg(target_os = "linux")]
pub(crate) mod ring;
#[cfg(not(target_os = "linux"))]
#[path = "socket/no_ring.rs"]
pub(crate) mod ring;
pub(crate) mod session;
pub(crate) mod source;
pub(crate) mod tunnel;
