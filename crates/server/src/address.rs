//! The addresses of clients, as the limits count them.

use std::net::IpAddr;

/// A client's address. Of IPv6 the first 64 bits count: a client has all addresses
/// that begin so (RFC 4291, section 2.5.4). One of IPv4 is a number of 32 bits behind
/// 16 ones, with which no address of IPv6 in use begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address(u64);

impl Address {
    /// Returns the address that is counted for a client at `ip`.
    pub(crate) fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V6(ip) => (ip.to_bits() >> 64) as u64,
            IpAddr::V4(ip) => 0xFFFF << 32 | u64::from(ip.to_bits()),
        })
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
}
