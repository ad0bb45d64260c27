//! The ring of systems without `io_uring`, which is a part of Linux: it can never be opened.

use std::{convert::Infallible, io};

use bytes::Bytes;

use crate::net::handle::Handle;

/// The number of sends that one system call would submit.
pub(super) const ENTRIES: usize = 64;

/// One send of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    /// The socket.
    #[expect(dead_code, reason = "only a ring reads it")]
    pub(crate) socket: Handle<'a>,
    /// The bytes.
    #[expect(dead_code, reason = "only a ring reads it")]
    pub(crate) bytes: &'a Bytes,
}

/// The result of one send of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(dead_code, reason = "without a ring nothing is taken")]
pub(crate) enum Sent {
    /// The socket took this many bytes.
    Taken(usize),
    /// The socket took nothing.
    Nothing,
    /// The number of bytes that the socket took cannot be known.
    Unknown,
}

/// A ring, of which there is none.
pub(super) struct Ring(Infallible);

impl Ring {
    /// Says that there is none.
    ///
    /// # Errors
    /// Fails always.
    pub(super) fn open() -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it is a part of Linux; --io epoll, a system call for each reader, works on every system",
        ))
    }

    /// Is never called: there is no ring.
    pub(super) fn send(self, _batch: &[Outgoing<'_>], _sent: &mut [Sent]) -> io::Result<Self> {
        match self.0 {}
    }
}
