//! The address that a class can open.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Returns the address under which others reach a listener on `listen`: that address itself or, if
/// it is unspecified, the one that this machine would use towards the network.
#[must_use]
pub fn reachable(listen: SocketAddr) -> IpAddr {
    if !listen.ip().is_unspecified() {
        return listen.ip();
    }
    outgoing(listen.is_ipv4()).unwrap_or_else(|| match listen {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    })
}

/// Returns the source address of outgoing packets. Connecting a UDP socket sends nothing: it only
/// asks the kernel's routes. The addresses are of the blocks for documentation (RFC 5737, RFC
/// 3849).
fn outgoing(v4: bool) -> Option<IpAddr> {
    let (any, somewhere): (IpAddr, IpAddr) = if v4 {
        (
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::new(192, 0, 2, 1).into(),
        )
    } else {
        let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        (Ipv6Addr::UNSPECIFIED.into(), documentation.into())
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((somewhere, 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_becomes_an_address_that_can_be_opened() {
        let listen: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert!(!reachable(listen).is_unspecified());
        let listen: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(reachable(listen), listen.ip());
    }
}
