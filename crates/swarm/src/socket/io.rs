//! The way in which the readers that only listen are read: each by itself, or all by `io_uring`.

use std::{
    fmt,
    io::{self, Write},
    os::{fd::AsFd, unix::net::UnixStream},
};

use crate::{
    plan::SwarmIo,
    socket::ring::{Came, Ring},
};

/// The reason why this process cannot read by `io_uring`.
#[derive(Debug, thiserror::Error)]
pub struct NoUring(#[source] io::Error);

impl fmt::Display for NoUring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        write!(formatter, "io_uring cannot be had: {error}")?;
        formatter.write_str(match error.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => {
                "; kernel.io_uring_disabled or a container's seccomp filter forbids it"
            }
            Some(libc::ENOSYS) => {
                "; this kernel, or the container that the program is in, has none"
            }
            Some(libc::EINVAL) => "; Linux 6.1 or newer is needed",
            Some(libc::ENOMEM) => "; memory that may be locked (ulimit -l) is at its limit",
            _ => "",
        })
    }
}

/// Tries whether this process can read by `io_uring`, by a byte that is received so.
///
/// # Errors
/// Returns the reason why it cannot.
pub fn try_uring() -> Result<(), NoUring> {
    receive_one().map_err(NoUring)
}

/// Receives a byte through a ring that is made for it. A ring alone proves little, because a filter
/// may forbid its use.
fn receive_one() -> io::Result<()> {
    let (socket, mut other) = UnixStream::pair()?;
    socket.set_nonblocking(true)?;
    let mut ring = Ring::open(1)?;
    ring.begin(0, socket.as_fd())?;
    other.write_all(b".")?;
    let has_come = ring.look()?;
    let came = ring.take_next(|arrival| arrival.came == Came::Bytes(b"."));
    if has_come && came == Some(true) {
        return Ok(());
    }
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns `Epoll` or `Uring`, as this process can have it.
///
/// # Errors
/// Returns the reason why `Uring` cannot be had.
pub(crate) fn settled(io: SwarmIo) -> Result<SwarmIo, NoUring> {
    match (io, try_for(io)) {
        (SwarmIo::Epoll, _) | (SwarmIo::Auto, Err(_)) => Ok(SwarmIo::Epoll),
        (SwarmIo::Uring, Err(why)) => Err(why),
        (SwarmIo::Auto | SwarmIo::Uring, Ok(())) => Ok(SwarmIo::Uring),
    }
}

fn try_for(io: SwarmIo) -> Result<(), NoUring> {
    match io {
        SwarmIo::Epoll => Ok(()),
        SwarmIo::Auto | SwarmIo::Uring => try_uring(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::StartError;

    /// Returns whether there is `io_uring` here; says so aloud where there is not.
    #[expect(clippy::print_stderr, reason = "a check that is left out says so")]
    pub(crate) fn has_uring() -> bool {
        let tried = try_uring();
        if let Err(why) = &tried {
            eprintln!("SKIPPED: {why}");
        }
        tried.is_ok()
    }

    #[test]
    fn what_is_settled_is_what_can_be_had() {
        let can = has_uring();
        let settled = |io| settled(io).ok();
        assert_eq!(settled(SwarmIo::Epoll), Some(SwarmIo::Epoll));
        assert_eq!(settled(SwarmIo::Uring), can.then_some(SwarmIo::Uring));
        let found = if can { SwarmIo::Uring } else { SwarmIo::Epoll };
        assert_eq!(settled(SwarmIo::Auto), Some(found));
    }

    #[test]
    fn a_reason_says_what_to_look_at() {
        let said = |code| NoUring(io::Error::from_raw_os_error(code)).to_string();
        assert!(said(libc::EPERM).contains("kernel.io_uring_disabled"));
        assert!(said(libc::EINVAL).contains("Linux 6.1"));
        assert!(said(libc::EMFILE).ends_with("(os error 24)"));
        let refusal = StartError::NoUring(NoUring(io::Error::from_raw_os_error(libc::EPERM)));
        let remedy = "use swarm.io = \"epoll\" or \"auto\"";
        assert!(refusal.to_string().ends_with(remedy), "{refusal}");
    }
}
