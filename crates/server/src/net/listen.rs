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
    listen_with(address, None)
}

/// Listens as [`listen`] does; the connections that are accepted have a send buffer of so many bytes
/// (`SO_SNDBUF`; Linux doubles it), as they take it over from the listening socket.
///
/// # Errors
/// Returns the error of the operating system.
pub fn listen_with(address: SocketAddr, send_buffer: Option<usize>) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that was just ended leaves connections in TIME_WAIT, and a
    // benchmark starts the next one on the same port.
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = send_buffer {
        socket.set_send_buffer_size(u32::try_from(bytes).unwrap_or(u32::MAX))?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The errors of accept(2) that tell of the listening descriptor.
#[cfg(unix)]
const GONE: [i32; 4] = [libc::EBADF, libc::EINVAL, libc::ENOTSOCK, libc::EOPNOTSUPP];
/// The same errors in the numbers of Windows (`WSAEBADF` and so on).
#[cfg(windows)]
const GONE: [i32; 4] = [10_009, 10_022, 10_038, 10_045];

/// Returns whether a failed accept means that the listening socket itself is gone.
/// Every other failure concerns one connection, or passes when others end: for
/// want of descriptors or memory, most often.
pub(crate) fn socket_is_gone(error: &io::Error) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| GONE.contains(&code))
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn who_is_accepted_has_the_send_buffer_that_was_asked_for() {
        let loopback = "127.0.0.1:0".parse().expect("an address");
        let listener = listen_with(loopback, Some(16 * 1024)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let _keep = client.expect("connected");
        let (accepted, _) = accepted.expect("accepted");
        let buffer = SockRef::from(&accepted).send_buffer_size();
        // Linux doubles it.
        assert_eq!(buffer.expect("a socket"), 32 * 1024);
    }

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
