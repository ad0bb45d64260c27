//! Remarks: what could not be read, or not be told, and from which byte.

use dissect::{Direction, Fault};

/// The reason for which the bytes of a direction cannot be followed further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No packet of the file has the next bytes.
    #[error("{0} bytes are not in the capture")]
    Missing(u64),
    /// The packets were cut when they were captured.
    #[error("packets were cut when they were captured (snaplen)")]
    Cut,
    /// A record cannot be opened with the keys that are given.
    #[error("no key opens what follows")]
    NoKey,
    /// More bytes came than are kept.
    #[error("more bytes than are kept")]
    NotKept,
}

/// The place at which a direction of a connection stops being readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("incomplete from byte {at} {}: {why}", direction.name())]
pub struct Gap {
    /// The direction.
    pub direction: Direction,
    /// The offset of the first byte that cannot be read, in bytes from the first byte of this
    /// direction.
    pub at: u64,
    /// The reason.
    pub why: Why,
}

/// Makes the remark about so many of a kind.
pub(crate) type CountedRemark = fn(u64) -> Remark;

/// A remark about a file or a conversation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Remark {
    /// The file ends within a packet.
    #[error("the file is cut short at byte {0}")]
    FileCut(u64),
    /// The file is damaged; what comes behind was not read.
    #[error("the file is damaged at byte {0}; what comes behind was not read")]
    FileDamaged(u64),
    /// The file has no packet, or no entry.
    #[error("nothing was captured in it")]
    NothingCaptured,
    /// Packets on links of a type that is not read.
    #[error("{count} packets on a link of type {link}, which is not read")]
    UnknownLink {
        /// The number of packets.
        count: u64,
        /// The number of the type (`LINKTYPE_`).
        link: i32,
    },
    /// Packets that are not TCP over IP.
    #[error("{0} packets are not TCP (QUIC and other UDP, ARP, ICMP)")]
    NotTcp(u64),
    /// UDP datagrams from or to port 443.
    #[error("{packets} packets with {bytes} bytes are UDP on port 443: QUIC, which is not read")]
    Quic {
        /// The number of datagrams.
        packets: u64,
        /// The bytes in them.
        bytes: u64,
    },
    /// Fragments of IP.
    #[error("{0} packets are fragments of IP, which are not put together")]
    Fragments(u64),
    /// Packets whose headers are cut or wrong.
    #[error("{0} packets have no whole head of IP and TCP")]
    BrokenPackets(u64),
    /// Packets that were cut when they were captured.
    #[error(
        "{0} packets were cut when they were captured: capture with a larger snaplen (tcpdump -s 0)"
    )]
    CutPackets(u64),
    /// More connections than are followed.
    #[error("{0} packets belong to more connections than are followed")]
    ManyConnections(u64),
    /// A direction of a connection cannot be followed to its end.
    #[error("{0}")]
    Incomplete(Gap),
    /// The capture began after the connection.
    #[error("the connection was open before the capture began")]
    BeganBefore,
    /// The connection was reset.
    #[error("ended by a reset")]
    Reset,
    /// The connection ended before the last exchange on it did.
    #[error("the connection ended before the answer did")]
    CutOff,
    /// The last exchange had no end in the capture.
    #[error("still open at the end of the capture")]
    StillOpen,
    /// The bytes break the protocol.
    #[error("{0}")]
    Fault(Fault),
    /// The connection changed to a protocol that is not read.
    #[error("changed to {0:?}, which is not read")]
    Upgraded(String),
    /// Repeated requests without a fixed interval.
    #[error("{count} requests for {target} at no fixed interval: not called a poll")]
    Irregular {
        /// The number of requests.
        count: u64,
        /// The resource that was asked for.
        target: String,
    },
    /// Requests or answers of a HAR whose heads have no size.
    #[error(
        "{0} heads have no size of their own in the HAR (HTTP/2 or 3): they are in no account, or with the body if only the sum is stated"
    )]
    UnsizedHeads(u64),
    /// Answers of a HAR whose content has no size.
    #[error("{0} bodies have no size in the HAR: they are in no account")]
    UnsizedBodies(u64),
    /// Answers of a HAR whose text was not saved.
    #[error("{0} answers have no text in the HAR: what they brought is judged by their size")]
    NoTexts(u64),
    /// Answers of a HAR that came from the browser's cache.
    #[error("{0} answers came from the browser's cache: nothing crossed the network")]
    Cached(u64),
    /// Entries of a HAR that cannot be understood.
    #[error("{0} entries have no address or time that can be read")]
    BadEntries(u64),
    /// Content in a coding that is not decoded.
    #[error("{0} answers are compressed so that their content cannot be read")]
    Undecoded(u64),
    /// The connection is sealed.
    #[error("under TLS, without keys: bytes are counted, their purposes are not known")]
    Sealed,
    /// The connection is sealed, and there are keys, but not of it.
    #[error("no secret in the key log is of this connection, or its cipher is not opened here")]
    NoSecret,
    /// Heads that refer to fields of heads before the capture began.
    #[error("heads refer to fields that were sent before the capture began, which are not known")]
    UnknownFields,
    /// Streams of HTTP/2 whose requests are not in the capture.
    #[error(
        "{0} streams of HTTP/2 have no request in the capture: their bytes are counted, their purposes are not known"
    )]
    UnknownStreams(u64),
    /// The frames of a WebSocket in a HAR are computed.
    #[error(
        "a HAR has no frames: their heads are computed from the messages, and pings are not in it"
    )]
    ComputedFrames,
    /// Messages of a WebSocket that cannot be inflated.
    #[error("compressed messages that cannot be inflated")]
    Uninflated,
}

impl Remark {
    /// Returns whether this tells that the capture lacks something that it shows to have crossed.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        !matches!(
            self,
            Self::NotTcp(_)
                | Self::Cached(_)
                | Self::NoTexts(_)
                | Self::Quic { .. }
                | Self::Upgraded(_)
                | Self::Reset
                | Self::StillOpen
                | Self::CutOff
                | Self::Irregular { .. }
                | Self::Sealed
                | Self::ComputedFrames
        )
    }
}
