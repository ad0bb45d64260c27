//! Sockets: listening, reading and writing, watching the bytes that cross them, streams of HTTP/2
//! that stand for a socket, and WebSockets after their handshake. This layer knows no room and no
//! HTTP.

pub(crate) mod bookkeeper;
pub(crate) mod counters;
pub(crate) mod deflated;
pub(crate) mod handle;
pub(crate) mod handover;
pub(crate) mod io;
pub(crate) mod listen;
pub(crate) mod notice;
pub(crate) mod pipe;
pub(crate) mod reachable;
#[cfg(target_os = "linux")]
mod ring;
#[cfg(not(target_os = "linux"))]
#[path = "net/no_ring.rs"]
mod ring;
pub(crate) mod secure;
pub(crate) mod shutdown;
pub(crate) mod stream;
pub(crate) mod tap;
pub(crate) mod web_socket;
