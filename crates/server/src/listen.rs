//! Binding the address.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted. A swarm's ramp-up brings
/// thousands at once, and what does not fit is retried after a whole second.
const BACKLOG: u32 = 4096;

/// Listens on `address`; port 0 takes any that is free.
///
/// # Errors
/// Whatever the operating system has against it: most often that the address
/// is in use.
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
