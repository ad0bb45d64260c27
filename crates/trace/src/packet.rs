//! IPv4 and TCP packets around bytes that a socket carried (RFC 791, RFC 9293).
//!
//! No packet here was on a wire: the socket's bytes are cut at the usual segment size, numbered,
//! acknowledged and given correct checksums.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use dissect::Direction;

use crate::Connection;

/// The largest segment on an Ethernet path: 1,500 less two headers of 20 bytes.
const MSS: usize = 1460;
const IP_HEADER: usize = 20;
const TCP_HEADER: usize = 20;
const WINDOW: u16 = u16::MAX;
const TTL: u8 = 64;
const TCP: u8 = 6;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// A packet, and when it passed the client.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) at: Duration,
    pub(crate) bytes: Vec<u8>,
}

/// Returns all packets of a connection, from its first SYN to its last ACK.
pub(crate) fn packets(connection: &Connection) -> Vec<Packet> {
    let mut wire = Wire::new(connection);
    wire.open(connection);
    for event in events(connection) {
        match event {
            Event::Bytes(at, direction, bytes) => {
                let last = bytes.len().div_ceil(MSS) - 1;
                for (index, segment) in bytes.chunks(MSS).enumerate() {
                    let push = if index == last { PSH } else { 0 };
                    wire.segment(at, direction, ACK | push, segment);
                    wire.segment(at, direction.opposite(), ACK, &[]);
                }
            }
            Event::End(at, direction) => {
                wire.segment(at, direction, FIN | ACK, &[]);
                wire.segment(at, direction.opposite(), ACK, &[]);
            }
        }
    }
    wire.packets
}

enum Event<'a> {
    Bytes(Duration, Direction, &'a [u8]),
    End(Duration, Direction),
}

impl Event<'_> {
    const fn at(&self) -> Duration {
        match self {
            Self::Bytes(at, ..) | Self::End(at, _) => *at,
        }
    }
}

fn events(connection: &Connection) -> Vec<Event<'_>> {
    let pieces = connection.crossed().iter();
    let mut events: Vec<Event<'_>> = pieces
        .map(|piece| Event::Bytes(piece.at, piece.direction, &piece.bytes))
        .collect();
    let ends = Direction::ALL.into_iter().zip(connection.ended);
    events.extend(ends.filter_map(|(direction, at)| Some(Event::End(at?, direction))));
    // Stable: an end comes behind the bytes of the same moment.
    events.sort_by_key(Event::at);
    events
}

/// The state of a connection's numbers.
struct Wire {
    ends: [(Ipv4Addr, u16); 2],
    /// The next sequence number of each direction.
    next: [u32; 2],
    number: u16,
    packets: Vec<Packet>,
}

impl Wire {
    fn new(connection: &Connection) -> Self {
        Self {
            ends: [connection.client, connection.server].map(end),
            // Any number will do; round ones are easy to follow.
            next: [1_000_000, 2_000_000],
            number: 0,
            packets: Vec::new(),
        }
    }

    fn open(&mut self, connection: &Connection) {
        self.segment(connection.dialled, Direction::Up, SYN, &[]);
        self.segment(connection.opened, Direction::Down, SYN | ACK, &[]);
        self.segment(connection.opened, Direction::Up, ACK, &[]);
    }

    fn segment(&mut self, at: Duration, direction: Direction, flags: u8, data: &[u8]) {
        let sequence = self.next[direction as usize];
        let acknowledged = if flags & ACK > 0 {
            self.next[direction.opposite() as usize]
        } else {
            0
        };
        let counted = u32::from(flags & (SYN | FIN) > 0);
        self.next[direction as usize] = sequence.wrapping_add(data.len() as u32 + counted);
        let (from, to) = match direction {
            Direction::Up => (self.ends[0], self.ends[1]),
            Direction::Down => (self.ends[1], self.ends[0]),
        };
        let tcp = tcp(from, to, [sequence, acknowledged], flags, data);
        self.number = self.number.wrapping_add(1);
        let mut bytes = ip(from.0, to.0, self.number, tcp.len());
        bytes.extend_from_slice(&tcp);
        self.packets.push(Packet { at, bytes });
    }
}

/// Returns an end of a connection as an IPv4 address. Traces run over IPv4 loopback; an address of
/// another family is replaced by 127.0.0.1.
fn end(address: SocketAddr) -> (Ipv4Addr, u16) {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(_) => Ipv4Addr::LOCALHOST,
    };
    (ip, address.port())
}

/// Builds an IPv4 header (RFC 791, section 3.1).
fn ip(from: Ipv4Addr, to: Ipv4Addr, number: u16, content: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(IP_HEADER + content);
    header.extend_from_slice(&[0x45, 0]);
    header.extend_from_slice(&((IP_HEADER + content) as u16).to_be_bytes());
    header.extend_from_slice(&number.to_be_bytes());
    // Do not fragment; no offset.
    header.extend_from_slice(&[0x40, 0, TTL, TCP, 0, 0]);
    header.extend_from_slice(&from.octets());
    header.extend_from_slice(&to.octets());
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header
}

/// Builds a TCP segment (RFC 9293, section 3.1).
fn tcp(
    from: (Ipv4Addr, u16),
    to: (Ipv4Addr, u16),
    [sequence, acknowledged]: [u32; 2],
    flags: u8,
    data: &[u8],
) -> Vec<u8> {
    let options: &[u8] = if flags & SYN > 0 {
        // Maximum segment size.
        &[2, 4, (MSS >> 8) as u8, (MSS & 0xff) as u8]
    } else {
        &[]
    };
    let header = TCP_HEADER + options.len();
    let mut segment = Vec::with_capacity(header + data.len());
    segment.extend_from_slice(&from.1.to_be_bytes());
    segment.extend_from_slice(&to.1.to_be_bytes());
    segment.extend_from_slice(&sequence.to_be_bytes());
    segment.extend_from_slice(&acknowledged.to_be_bytes());
    segment.extend_from_slice(&[(header as u8 / 4) << 4, flags]);
    segment.extend_from_slice(&WINDOW.to_be_bytes());
    segment.extend_from_slice(&[0; 4]);
    segment.extend_from_slice(options);
    segment.extend_from_slice(data);
    let mut summed = Vec::with_capacity(12 + segment.len());
    summed.extend_from_slice(&from.0.octets());
    summed.extend_from_slice(&to.0.octets());
    summed.extend_from_slice(&[0, TCP]);
    summed.extend_from_slice(&(segment.len() as u16).to_be_bytes());
    summed.extend_from_slice(&segment);
    let sum = checksum(&summed);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

/// Returns the Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
        .sum();
    while sum >> 16 > 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_its_own_checksum_sums_to_nothing() {
        let header = ip(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, 7, 33);
        assert_eq!(checksum(&header), 0);
        // RFC 1071, section 3: the example's sum is ddf2.
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
    }
}
