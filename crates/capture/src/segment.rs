//! A packet to a segment of TCP: links, VLANs, IPv4 and IPv6.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    EtherType, LaxIpPayloadSlice, LaxNetSlice, LaxSlicedPacket, LenSource, TransportSlice,
    ip_number,
};

/// The numbers of the types of links that are read (`LINKTYPE_`).
mod link {
    pub(super) const NULL: i32 = 0;
    pub(super) const ETHERNET: i32 = 1;
    pub(super) const RAW: i32 = 101;
    pub(super) const LOOP: i32 = 108;
    pub(super) const LINUX_SLL: i32 = 113;
    pub(super) const IPV4: i32 = 228;
    pub(super) const IPV6: i32 = 229;
    pub(super) const LINUX_SLL2: i32 = 276;
    /// Raw IP, by the numbers that some systems write into files (`DLT_RAW`).
    pub(super) const RAW_OF_OTHERS: [i32; 2] = [12, 14];
}

const QUIC_PORT: u16 = 443;

/// The flags of TCP that are read (RFC 9293, section 3.1).
mod flag {
    pub(super) const FIN: u8 = 0x01;
    pub(super) const SYN: u8 = 0x02;
    pub(super) const RST: u8 = 0x04;
    pub(super) const ACK: u8 = 0x10;
}

/// A segment of TCP.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags of TCP are independent bits"
)]
pub(crate) struct Segment<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) sequence: u32,
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    /// The bytes that were captured, from the first on.
    pub(crate) bytes: &'a [u8],
    /// The number of bytes that the segment had on the wire.
    pub(crate) length: u64,
}

/// The content of a packet.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Segment(Segment<'a>),
    Datagram {
        is_quic: bool,
        length: u64,
    },
    Fragment,
    /// Neither TCP nor UDP.
    Other,
    /// Half a head, or a wrong one.
    Broken,
    UnknownLink,
}

/// Reads a packet that had `length` bytes on the wire.
pub(crate) fn read(link: i32, bytes: &[u8], length: u32) -> Found<'_> {
    let Some(sliced) = slice(link, bytes) else {
        return Found::UnknownLink;
    };
    let Some(packet) = sliced else {
        return Found::Broken;
    };
    let Some(net) = &packet.net else {
        return if packet.stop_err.is_some() {
            Found::Broken
        } else {
            Found::Other
        };
    };
    let (Some(ends), Some(payload)) = (ends(net), net.ip_payload_ref()) else {
        return Found::Other;
    };
    if payload.fragmented {
        return Found::Fragment;
    }
    let cut = u64::from(length).saturating_sub(bytes.len() as u64);
    let cut = cut_of_payload(net, cut);
    match &packet.transport {
        Some(TransportSlice::Tcp(tcp)) => Found::Segment(Segment {
            from: SocketAddr::new(ends[0], tcp.source_port()),
            to: SocketAddr::new(ends[1], tcp.destination_port()),
            sequence: tcp.sequence_number(),
            syn: tcp.syn(),
            ack: tcp.ack(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            bytes: tcp.payload(),
            length: tcp.payload().len() as u64 + cut,
        }),
        Some(TransportSlice::Udp(udp)) => Found::Datagram {
            is_quic: [udp.source_port(), udp.destination_port()].contains(&QUIC_PORT),
            length: udp.payload().len() as u64 + cut,
        },
        None if packet.stop_err.is_some() => {
            cut_head(ends, payload, cut).map_or(Found::Broken, Found::Segment)
        }
        _ => Found::Other,
    }
}

/// Reads the head of a segment that was cut within its options: what is in front of them says where
/// the segment belongs, and IP how long it was.
fn cut_head(
    ends: [IpAddr; 2],
    payload: &LaxIpPayloadSlice<'_>,
    cut: u64,
) -> Option<Segment<'static>> {
    if payload.ip_number != ip_number::TCP || cut == 0 {
        return None;
    }
    let there = payload.payload.len() as u64;
    let head: &[u8; 20] = payload.payload.first_chunk()?;
    let &[
        f0,
        f1,
        t0,
        t1,
        s0,
        s1,
        s2,
        s3,
        _,
        _,
        _,
        _,
        offset,
        flags,
        ..,
    ] = head;
    let head_len = u64::from(offset >> 4) * 4;
    if head_len <= there {
        return None;
    }
    let has = |flag: u8| flags & flag > 0;
    Some(Segment {
        from: SocketAddr::new(ends[0], u16::from_be_bytes([f0, f1])),
        to: SocketAddr::new(ends[1], u16::from_be_bytes([t0, t1])),
        sequence: u32::from_be_bytes([s0, s1, s2, s3]),
        syn: has(flag::SYN),
        ack: has(flag::ACK),
        fin: has(flag::FIN),
        rst: has(flag::RST),
        bytes: &[],
        length: (there + cut).checked_sub(head_len)?,
    })
}

/// Takes a packet of a link of this type apart: `None` if the type is not known, and nothing within
/// if there is no whole head.
#[expect(
    clippy::option_option,
    reason = "an unknown link and a broken packet are counted apart"
)]
fn slice(link: i32, bytes: &[u8]) -> Option<Option<LaxSlicedPacket<'_>>> {
    let ip = |bytes| LaxSlicedPacket::from_ip(bytes).ok();
    Some(match link {
        link::ETHERNET => LaxSlicedPacket::from_ethernet(bytes).ok(),
        // A word says the family, in the order of bytes of the machine that captured; IP says it too.
        link::NULL | link::LOOP => bytes.get(4..).and_then(ip),
        link::LINUX_SLL => cooked(bytes, 14, 16),
        link::LINUX_SLL2 => cooked(bytes, 0, 20),
        link::RAW | link::IPV4 | link::IPV6 => ip(bytes),
        other if link::RAW_OF_OTHERS.contains(&other) => ip(bytes),
        _ => return None,
    })
}

/// Takes a packet with the head of a Linux cooked link apart: where the protocol stands, and where
/// the packet begins.
fn cooked(bytes: &[u8], protocol: usize, begin: usize) -> Option<LaxSlicedPacket<'_>> {
    let protocol = bytes.get(protocol..protocol + 2)?;
    let protocol = u16::from_be_bytes([protocol[0], protocol[1]]);
    let packet = bytes.get(begin..)?;
    Some(LaxSlicedPacket::from_ether_type(
        EtherType(protocol),
        packet,
    ))
}

/// Returns how many bytes of what IP carries were cut off, of a packet that lost `cut` bytes when it
/// was captured. IP's own length says it: what Ethernet adds behind it, to reach its shortest frame
/// and as a checksum, is no part of it. Where IP states none, as in segments that the network card
/// splits, all that was cut is.
fn cut_of_payload(net: &LaxNetSlice<'_>, cut: u64) -> u64 {
    let (stated, heads, payload) = match net {
        LaxNetSlice::Ipv4(ip) => {
            let extension = ip.extensions().auth.map_or(0, |auth| auth.slice().len());
            let heads = ip.header().slice().len() + extension;
            (ip.header().total_len(), heads, ip.payload())
        }
        LaxNetSlice::Ipv6(ip) => {
            let heads = ip.extensions().slice().len();
            (ip.header().payload_length(), heads, ip.payload())
        }
        LaxNetSlice::Arp(_) => return 0,
    };
    if payload.incomplete {
        let there = heads + payload.payload.len();
        return cut.min(usize::from(stated).saturating_sub(there) as u64);
    }
    if payload.len_source == LenSource::Slice {
        cut
    } else {
        0
    }
}

/// Returns the addresses of both ends.
fn ends(net: &LaxNetSlice<'_>) -> Option<[IpAddr; 2]> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            Some([
                header.source_addr().into(),
                header.destination_addr().into(),
            ])
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            Some([
                header.source_addr().into(),
                header.destination_addr().into(),
            ])
        }
        LaxNetSlice::Arp(_) => None,
    }
}
