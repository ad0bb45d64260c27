//! The ring of systems without `io_uring`, which is a part of Linux: it can never be opened.

#[path = "ring/came.rs"]
#[allow(dead_code, reason = "only a ring makes them")]
mod came;

use std::{
    convert::Infallible,
    io,
    os::fd::{BorrowedFd, OwnedFd},
};

use tokio::io::unix::AsyncFd;

pub(crate) use self::came::{Arrival, Came};

/// A ring, of which there is none.
#[derive(Debug)]
pub(crate) struct Ring(Infallible);

impl Ring {
    /// Says that there is none.
    ///
    /// # Errors
    /// Fails always.
    pub(crate) fn open(_places: usize) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it is a part of Linux; swarm.io = \"epoll\" works on every system",
        ))
    }

    /// Is never called, like all below: there is no ring.
    pub(crate) fn bell(&self) -> io::Result<AsyncFd<OwnedFd>> {
        match self.0 {}
    }

    pub(crate) fn begin(&mut self, _place: usize, _socket: BorrowedFd<'_>) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn begin_soon(&mut self, _place: usize, _socket: BorrowedFd<'_>) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn look(&mut self) -> io::Result<bool> {
        match self.0 {}
    }

    pub(crate) fn take_next<T>(&mut self, _take: impl FnOnce(Arrival<'_>) -> T) -> Option<T> {
        match self.0 {}
    }

    pub(crate) fn stop(&mut self, _: usize, _take: impl FnMut(Arrival<'_>)) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn stop_all(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}
