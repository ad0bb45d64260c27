//! Which addresses of loopback a program may connect from, and who chooses the port there.

use std::io;

use socket2::Socket;

/// The most loopback addresses that are used: 127.0.0.1 to 127.0.0.250 on Linux, where all of 127/8
/// is this machine, and elsewhere 127.0.0.1 alone.
pub(super) const MOST_ADDRESSES: usize = if cfg!(target_os = "linux") { 250 } else { 1 };

/// Lets the kernel choose the port at connect (`IP_BIND_ADDRESS_NO_PORT`, ip(7)), not at bind.
#[cfg(target_os = "linux")]
pub(super) fn left_to_connect(socket: &Socket) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};

    Ok(setsockopt(socket, IpBindAddressNoPort, &true)?)
}

/// Does nothing: with one address, none is bound.
#[cfg(not(target_os = "linux"))]
pub(super) fn left_to_connect(_socket: &Socket) -> io::Result<()> {
    Ok(())
}
