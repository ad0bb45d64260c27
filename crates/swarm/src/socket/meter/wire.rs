//! The socket beneath a meter, and who reads it: the runtime tells when it is ready, or somebody
//! else reads it meanwhile (`socket/ring.rs`), and the runtime does not watch it.

use std::{
    io, mem,
    net::TcpStream as UnwatchedStream,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
};

use tokio::net::TcpStream;

/// The socket of a meter.
#[derive(Debug)]
pub(super) enum Wire {
    /// The runtime watches it.
    Watched(TcpStream),
    /// Somebody else reads it.
    Unwatched(UnwatchedStream),
    /// It failed with this number of an error (errno(3)). It is closed already if the runtime did
    /// not take it back.
    Failed(Option<UnwatchedStream>, i32),
}

impl Wire {
    /// Returns the socket, which the runtime watches from now on.
    ///
    /// # Errors
    /// Fails if the runtime cannot watch it, and with the error that somebody else met.
    pub(super) fn watched(&mut self) -> io::Result<&mut TcpStream> {
        if let Self::Unwatched(_) = self {
            *self = match mem::replace(self, Self::Failed(None, libc::EBADF)) {
                Self::Unwatched(stream) => match TcpStream::from_std(stream) {
                    Ok(stream) => Self::Watched(stream),
                    Err(error) => Self::failed(&error),
                },
                other => other,
            };
        }
        match self {
            Self::Watched(stream) => Ok(stream),
            Self::Failed(_, errno) => Err(io::Error::from_raw_os_error(*errno)),
            Self::Unwatched(_) => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Makes the runtime forget the socket, so that nothing wakes it for what somebody else reads.
    ///
    /// # Errors
    /// Fails if it does not; then the socket is closed.
    pub(super) fn unwatch(&mut self) -> io::Result<BorrowedFd<'_>> {
        if let Self::Watched(_) = self {
            *self = match mem::replace(self, Self::Failed(None, libc::EBADF)) {
                Self::Watched(stream) => match stream.into_std() {
                    Ok(stream) => Self::Unwatched(stream),
                    Err(error) => Self::failed(&error),
                },
                other => other,
            };
        }
        match &*self {
            Self::Unwatched(stream) => Ok(stream.as_fd()),
            Self::Failed(_, errno) => Err(io::Error::from_raw_os_error(*errno)),
            Self::Watched(_) => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Notes the error that somebody else met while reading.
    pub(super) fn fail(&mut self, errno: i32) {
        *self = match mem::replace(self, Self::Failed(None, errno)) {
            Self::Unwatched(stream) => Self::Failed(Some(stream), errno),
            other => other,
        };
    }

    fn failed(error: &io::Error) -> Self {
        Self::Failed(None, error.raw_os_error().unwrap_or(libc::EIO))
    }

    /// Returns the socket, unless it is closed already.
    pub(super) fn socket(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Watched(stream) => Some(stream.as_fd()),
            Self::Unwatched(stream) | Self::Failed(Some(stream), _) => Some(stream.as_fd()),
            Self::Failed(None, _) => None,
        }
    }

    /// Returns its number; -1 if it is closed already.
    pub(super) fn number(&self) -> RawFd {
        self.socket().map_or(-1, |socket| socket.as_raw_fd())
    }
}
