//! The addresses of clients, as the limits count them.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// A client's address in the form in which limits count it. An IPv6 address counts by its first
/// 64 bits, because a client has all addresses that begin with them (RFC 4291, section 2.5.4). An
/// IPv4 address is its 32 bits behind `0xFFFF`, with which no IPv6 address in use begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(u64);

impl Address {
    /// Returns the address that is counted for a client at `ip`.
    pub(crate) fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(ip) => (ip.to_bits() >> 64) as u64,
            IpAddr::V4(ip) => 0xFFFF << 32 | u64::from(ip.to_bits()),
        })
    }
}

/// A way to find the client behind a connection that a link made on the client's behalf: a function
/// from the address of the link's socket to the address of the client.
#[derive(Clone)]
pub struct Behind(Arc<dyn Fn(SocketAddr) -> Option<IpAddr> + Send + Sync>);

impl Behind {
    /// Makes such a way of a function, which returns `None` if it knows no client behind a socket.
    pub fn new(who: impl Fn(SocketAddr) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Arc::new(who))
    }

    /// Returns the address that is counted for a connection from `peer`.
    pub(crate) fn address(&self, peer: SocketAddr) -> Address {
        Address::of((self.0)(peer).unwrap_or(peer.ip()))
    }
}

impl fmt::Debug for Behind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Behind")
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self::of(ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_the_addresses_of_its_network() {
        let of = |ip: &str| Address::of(ip.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }

    #[test]
    fn who_is_behind_a_socket_counts_in_its_place() {
        let near: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let client: IpAddr = "192.0.2.7".parse().unwrap();
        let behind = Behind::new(move |socket| (socket == near).then_some(client));
        assert_eq!(behind.address(near), Address::of(client));
        let other: SocketAddr = "127.0.0.1:10".parse().unwrap();
        assert_eq!(behind.address(other), Address::of(other.ip()));
    }
}
