//! The kernel's counts of one TCP connection, and the cost of its headers.
//!
//! Headers of TCP and IP never show at a socket. Linux counts segments
//! (`TCP_INFO`, tcp(7)), and on a network without surprises each has headers of
//! a known size, so their bytes can be estimated:
//!
//! - 20 bytes of IPv4 (RFC 791, section 3.1) or 40 of IPv6 (RFC 8200, section 3);
//! - 20 bytes of TCP (RFC 9293, section 3.1);
//! - 12 bytes of timestamps in each segment where both sides agreed on them
//!   (RFC 7323, section 3.2);
//! - 20 bytes of options in a SYN: MSS, SACK permitted, timestamps, window scale.
//!
//! Link layers and SACK blocks after a loss are left out. Other systems than Linux do not tell their
//! counts in this form: there is no estimate there, and no account of these bytes.

mod kernel;

use std::{
    io,
    os::fd::{AsRawFd, RawFd},
};

use dissect::{Amount, Direction};
use socket2::Socket;
use tokio::net::TcpStream;

const IPV4: u64 = 20;
const IPV6: u64 = 40;
const TCP: u64 = 20;
const TIMESTAMP: u64 = 12;
const SYN_OPTIONS: u64 = 20;

/// The counts of the kernel for one connection at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpInfo {
    /// Segments with and without data, up and down, the SYNs included.
    pub segments: [u64; 2],
    /// The number of those that carried data.
    pub data_segments: [u64; 2],
    /// Bytes that TCP carried, up and down, each counted once. Down includes
    /// what nobody has read yet.
    pub bytes: [u64; 2],
    state: u8,
    timestamps: bool,
}

/// Has a socket carry no more in a segment than a link of Ethernet does, where segments are counted.
///
/// # Errors
/// Fails if `socket` is no TCP socket.
pub(crate) fn as_on_a_network(socket: &Socket) -> io::Result<()> {
    kernel::as_on_a_network(socket)
}

impl TcpInfo {
    /// Reads the kernel's counts of the connection of `socket`; all are 0 where there is no
    /// connection.
    ///
    /// # Errors
    /// Fails if `socket` is no TCP socket, and on any system but Linux.
    pub fn of(socket: RawFd) -> io::Result<Self> {
        kernel::counts(socket)
    }

    /// Returns the segments, up and down, that are still to come when we close in this
    /// state: FINs and their acknowledgements (RFC 9293, section 3.6), each
    /// with as much in one segment as can be. A reset needs fewer.
    const fn closing(self) -> [u64; 2] {
        match self.state {
            // Our FIN; the peer's, which acknowledges it; our acknowledgement.
            state::ESTABLISHED => [2, 1],
            // One of the two is out already.
            state::FIN_WAIT_1 | state::FIN_WAIT_2 | state::CLOSE_WAIT => [1, 1],
            // Both are out.
            state::LAST_ACK | state::CLOSING => [0, 1],
            _ => [0, 0],
        }
    }

    /// Returns the headers of `count` segments.
    fn headers(self, ip: u64, count: u64) -> Amount {
        let each = ip + TCP + if self.timestamps { TIMESTAMP } else { 0 };
        Amount {
            bytes: each * count,
            count,
        }
    }
}

/// The estimate for one connection, which grows from look to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    socket: RawFd,
    ip: u64,
    seen: [u64; 2],
}

impl Estimate {
    /// Creates the record of `stream`, before anything was counted.
    pub(crate) fn new(stream: &TcpStream) -> Self {
        let is_ipv6 = stream.peer_addr().is_ok_and(|peer| peer.is_ipv6());
        Self {
            socket: stream.as_raw_fd(),
            ip: if is_ipv6 { IPV6 } else { IPV4 },
            seen: [0; 2],
        }
    }

    /// Returns the headers of the segments since the last look, for both directions; none if the
    /// kernel does not report them.
    pub(crate) fn sample(&mut self) -> [(Direction, Amount); 2] {
        let info = TcpInfo::of(self.socket).unwrap_or_default();
        Direction::ALL.map(|direction| {
            let seen = &mut self.seen[direction as usize];
            let all = info.segments[direction as usize];
            let mut amount = info.headers(self.ip, all.saturating_sub(*seen));
            if *seen == 0 && all > 0 {
                // The first segment of each side is its SYN.
                amount.bytes += self.ip + TCP + SYN_OPTIONS - info.headers(self.ip, 1).bytes;
            }
            *seen = all.max(*seen);
            (direction, amount)
        })
    }

    /// Looks for the last time, right before the socket is closed: with the segments that will
    /// follow.
    pub(crate) fn last_sample(&mut self) -> [(Direction, Amount); 2] {
        let info = TcpInfo::of(self.socket).unwrap_or_default();
        let closing = info.closing();
        self.sample().map(|(direction, amount)| {
            let more = info.headers(self.ip, closing[direction as usize]);
            let amount = Amount {
                bytes: amount.bytes + more.bytes,
                count: amount.count + more.count,
            };
            (direction, amount)
        })
    }
}

/// States of a connection, in Linux's numbers.
mod state {
    pub(super) const ESTABLISHED: u8 = 1;
    pub(super) const FIN_WAIT_1: u8 = 4;
    pub(super) const FIN_WAIT_2: u8 = 5;
    pub(super) const CLOSE_WAIT: u8 = 8;
    pub(super) const LAST_ACK: u8 = 9;
    pub(super) const CLOSING: u8 = 11;
}
