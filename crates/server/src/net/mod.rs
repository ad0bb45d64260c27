//! Sockets: listening for them, and watching what crosses them.

pub(crate) mod bookkeeper;
pub(crate) mod listen;
pub(crate) mod tap;
