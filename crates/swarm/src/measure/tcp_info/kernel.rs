//! The counts as the kernel gives them, and the segment size that is asked for so that they are
//! those of a network.

use std::{io, os::fd::RawFd};

use socket2::Socket;

use super::TcpInfo;

#[cfg(target_os = "linux")]
pub(super) use linux::{as_on_a_network, counts};

/// Returns no counts: this system has others, or none.
#[cfg(not(target_os = "linux"))]
pub(super) fn counts(_socket: RawFd) -> io::Result<TcpInfo> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "the kernel's counts of TCP segments (TCP_INFO) are read on Linux alone",
    ))
}

/// Leaves the segment size alone: nothing counts segments here, and macOS refuses a size above the
/// one that it begins with.
#[cfg(not(target_os = "linux"))]
pub(super) fn as_on_a_network(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem;

    use super::{RawFd, Socket, TcpInfo, io};
    use crate::measure::tcp_info::state;

    /// The maximum segment size of a link with Ethernet's 1,500 bytes: without IPv4's 20 and TCP's 20
    /// (RFC 9293, section 3.7.1). Our sockets ask for it, which binds both sides, so that the kernel
    /// counts segments as such a link carries them although loopback carries 64 KiB.
    const MSS: u32 = 1460;
    /// `TCPI_OPT_TIMESTAMPS` of Linux: both sides agreed on timestamps.
    const TIMESTAMPS: u8 = 1;

    /// Has a socket carry at most [`MSS`] bytes in a segment.
    pub(crate) fn as_on_a_network(socket: &Socket) -> io::Result<()> {
        socket.set_tcp_mss(MSS)
    }

    /// Returns the counts of one connection.
    pub(crate) fn counts(socket: RawFd) -> io::Result<TcpInfo> {
        let info = ask(socket)?;
        let peer_ended = matches!(
            info.tcpi_state,
            state::CLOSE_WAIT | state::LAST_ACK | state::CLOSING
        );
        Ok(TcpInfo {
            segments: [info.tcpi_segs_out.into(), info.tcpi_segs_in.into()],
            data_segments: [
                info.tcpi_data_segs_out.into(),
                info.tcpi_data_segs_in.into(),
            ],
            bytes: [
                info.tcpi_bytes_sent - info.tcpi_bytes_retrans,
                // The kernel counts the sequence number of the FIN as a byte.
                info.tcpi_bytes_received - u64::from(peer_ended),
            ],
            state: info.tcpi_state,
            timestamps: info.tcpi_options & TIMESTAMPS != 0,
        })
    }

    /// Asks the kernel by `getsockopt(TCP_INFO)`.
    #[expect(unsafe_code, reason = "no safe crate offers TCP_INFO with byte counts")]
    fn ask(socket: RawFd) -> io::Result<libc::tcp_info> {
        // SAFETY: `tcp_info` is integers only, for which all zeroes is a value.
        let mut info: libc::tcp_info = unsafe { mem::zeroed() };
        let mut length = mem::size_of_val(&info) as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to `info`, which are its
        // size, and to `length`; both outlive the call. A descriptor that is no TCP
        // socket is an error and nothing worse.
        let answer = unsafe {
            libc::getsockopt(
                socket,
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                (&raw mut info).cast(),
                &raw mut length,
            )
        };
        if answer != 0 {
            return Err(io::Error::last_os_error());
        }
        // An old kernel writes less: what it does not know would be a wrong 0.
        let needed = mem::offset_of!(libc::tcp_info, tcpi_bytes_retrans) + size_of::<u64>();
        if (length as usize) < needed {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(info)
    }
}
