//! The way in which the readers that only listen are read: each by itself, or all by `io_uring`.

use std::{
    io::{self, Write},
    os::{fd::AsFd, unix::net::UnixStream},
};

use crate::{
    plan::Io,
    socket::ring::{Came, Ring},
};

/// Tries whether this process can read by `io_uring`, by a byte that is received so. A ring alone
/// proves little, because a filter may forbid its use.
///
/// # Errors
/// Returns the kernel's error if it cannot.
pub fn try_uring() -> io::Result<()> {
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
/// Returns the kernel's error if `Uring` cannot be had.
pub(crate) fn settled(io: Io) -> io::Result<Io> {
    if io == Io::Epoll {
        return Ok(io);
    }
    match try_uring() {
        Ok(()) => Ok(Io::Uring),
        Err(_) if io == Io::Auto => Ok(Io::Epoll),
        Err(why) => Err(why),
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
            eprintln!("SKIPPED: io_uring cannot be had: {why}");
        }
        tried.is_ok()
    }

    #[test]
    fn what_is_settled_is_what_can_be_had() {
        let can = has_uring();
        let settled = |io| settled(io).ok();
        assert_eq!(settled(Io::Epoll), Some(Io::Epoll));
        assert_eq!(settled(Io::Uring), can.then_some(Io::Uring));
        let found = if can { Io::Uring } else { Io::Epoll };
        assert_eq!(settled(Io::Auto), Some(found));
    }

    #[test]
    fn a_refusal_says_what_would_work() {
        let refusal = StartError::NoUring(io::Error::from_raw_os_error(libc::EPERM)).to_string();
        assert!(refusal.starts_with("io_uring cannot be had: "), "{refusal}");
        let remedy = "use swarm.io = \"epoll\" or \"auto\"";
        assert!(refusal.ends_with(remedy), "{refusal}");
    }
}
