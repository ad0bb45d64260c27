//! Sockets: listening for them, and watching what crosses them.

pub(crate) mod bookkeeper;
pub(crate) mod handover;
pub(crate) mod listen;
pub(crate) mod shutdown;
pub(crate) mod stream;
pub(crate) mod tap;
pub(crate) mod web_socket;
