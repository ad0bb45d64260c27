//! The system's handle of a socket, under one name: a descriptor, or what Windows has in its place.

use tokio::net::TcpStream;

/// A handle that is borrowed from its socket.
#[cfg(unix)]
pub(crate) type Handle<'a> = std::os::fd::BorrowedFd<'a>;
/// A handle that is borrowed from its socket.
#[cfg(windows)]
pub(crate) type Handle<'a> = std::os::windows::io::BorrowedSocket<'a>;

/// Returns the handle of a socket.
#[cfg(unix)]
pub(crate) fn of(stream: &TcpStream) -> Handle<'_> {
    std::os::fd::AsFd::as_fd(stream)
}

/// Returns the handle of a socket.
#[cfg(windows)]
pub(crate) fn of(stream: &TcpStream) -> Handle<'_> {
    std::os::windows::io::AsSocket::as_socket(stream)
}
