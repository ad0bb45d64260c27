//! Stamps as the kernel gives them: how they are asked for, and how they come with bytes.

use std::{io, time::Duration};

use tokio::net::TcpStream;

#[cfg(target_os = "linux")]
pub(super) use linux::{ask, receive};

/// Says that there are no stamps: only Linux stamps the bytes of TCP.
#[cfg(not(target_os = "linux"))]
pub(super) fn ask(_stream: &TcpStream) -> Option<Vec<u8>> {
    None
}

/// Reads nothing: nobody was given stamps by [`ask`].
#[cfg(not(target_os = "linux"))]
pub(super) fn receive(
    _stream: &TcpStream,
    _room: &mut [u8],
    _control: &mut [u8],
) -> io::Result<(usize, Option<Duration>)> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{io::IoSliceMut, os::fd::AsRawFd};

    use nix::sys::{
        socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns},
        time::TimeSpec,
    };

    use super::{Duration, TcpStream, io};

    /// Asks for stamps on `stream`. Returns the room for one, or `None` where there are none.
    pub(crate) fn ask(stream: &TcpStream) -> Option<Vec<u8>> {
        setsockopt(stream, ReceiveTimestampns, &true).ok()?;
        Some(nix::cmsg_space!(TimeSpec))
    }

    /// Reads from `stream` into `room`. Returns the number of bytes, and the calendar time at which
    /// they had arrived, counted from 1970.
    pub(crate) fn receive(
        stream: &TcpStream,
        room: &mut [u8],
        control: &mut [u8],
    ) -> io::Result<(usize, Option<Duration>)> {
        let mut pieces = [IoSliceMut::new(room)];
        let received = recvmsg::<()>(
            stream.as_raw_fd(),
            &mut pieces,
            Some(control),
            MsgFlags::empty(),
        )?;
        let stamp = received.cmsgs().ok().and_then(|mut told| {
            told.find_map(|message| match message {
                ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
                _ => None,
            })
        });
        Ok((received.bytes, stamp))
    }
}
