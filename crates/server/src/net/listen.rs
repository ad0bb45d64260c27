//! Listening sockets.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// The number of connections that may wait to be accepted. A swarm's ramp-up
/// brings thousands at once, and a connection that does not fit is retried
/// after a whole second.
const BACKLOG: u32 = 4096;

/// Listens on `address`; port 0 takes any that is free.
///
/// # Errors
/// Returns the error of the operating system: most often the address is in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that was just ended leaves connections in TIME_WAIT, and a
    // benchmark starts the next one on the same port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Returns whether a failed accept means that the listening socket itself is gone.
/// Every other failure concerns one connection, or passes when others end: for
/// want of descriptors or memory, most often.
pub(crate) fn socket_is_gone(error: &io::Error) -> bool {
    // Those of accept(2) that tell of the listening descriptor.
    matches!(
        error.raw_os_error(),
        Some(libc::EBADF | libc::EINVAL | libc::ENOTSOCK | libc::EOPNOTSUPP)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_no_broken_socket() {
        let is_gone = |code| socket_is_gone(&io::Error::from_raw_os_error(code));
        for passing in [
            libc::EMFILE,
            libc::ENFILE,
            libc::ENOBUFS,
            libc::ENOMEM,
            libc::ECONNABORTED,
            libc::EPERM,
            libc::EPROTO,
            libc::EINTR,
        ] {
            assert!(!is_gone(passing), "{passing}");
        }
        for gone in [libc::EBADF, libc::EINVAL, libc::ENOTSOCK] {
            assert!(is_gone(gone), "{gone}");
        }
    }
}
