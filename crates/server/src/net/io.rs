//! The way in which a sweep writes to its readers: a system call for each, or one for many by
//! `io_uring`.
//!
//! Only sends are submitted; reading, accepting and timers are tokio's in either case. A ring
//! belongs to a thread, which asks for it when it first has a batch. Where the kernel gives no ring
//! any more (no memory, no descriptors), a batch is written with a system call for each reader, and
//! the thread asks again after a while.

use std::{
    cell::Cell,
    fmt, io,
    time::{Duration, Instant},
};

pub(crate) use crate::net::ring::{Outgoing, Sent};
use crate::net::{
    notice::{Topic, tell},
    ring::{ENTRIES, Ring},
};

/// The time after which a thread whose ring failed asks for another.
const REST: Duration = Duration::from_secs(10);

/// The way in which a sweep writes to its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Io {
    /// Batches by `io_uring` where the system lets this process have it, otherwise as `Epoll`.
    Auto,
    /// A system call for each reader.
    #[default]
    Epoll,
    /// Batches by `io_uring`, or no server.
    Uring,
}

impl Io {
    /// Returns `Epoll` or `Uring`. If `Auto` becomes `Epoll`, a notice says why.
    ///
    /// # Errors
    /// Returns the reason why `Uring` cannot be had.
    pub(crate) fn settled(self) -> Result<Self, NoUring> {
        if self == Self::Epoll {
            return Ok(self);
        }
        match try_uring() {
            Ok(()) => Ok(Self::Uring),
            Err(why) if self == Self::Uring => Err(why),
            Err(why) => {
                tell(Topic::Io, || {
                    format!("{why}; each reader is written to by itself, as with --io epoll")
                });
                Ok(Self::Epoll)
            }
        }
    }
}

/// The reason why this process cannot have `io_uring`.
#[derive(Debug, thiserror::Error)]
pub struct NoUring(#[from] io::Error);

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

/// Tries whether this process can have `io_uring`, by a send of one byte.
///
/// # Errors
/// Returns the reason why it cannot.
pub fn try_uring() -> Result<(), NoUring> {
    Ok(send_one()?)
}

/// Sends a byte through a ring that is made for it. A ring alone proves little, because a filter
/// may forbid its use.
#[cfg(target_os = "linux")]
fn send_one() -> io::Result<()> {
    use std::os::{fd::AsFd, unix::net::UnixStream};

    use bytes::Bytes;

    let (socket, _other) = UnixStream::pair()?;
    let byte = Bytes::from_static(b".");
    let batch = [Outgoing {
        socket: socket.as_fd(),
        bytes: &byte,
    }];
    let mut sent = [Sent::Nothing];
    Ring::open()?.send(&batch, &mut sent)?;
    match sent {
        [Sent::Taken(1)] => Ok(()),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Fails: elsewhere there is no ring.
#[cfg(not(target_os = "linux"))]
fn send_one() -> io::Result<()> {
    Ring::open().map(drop)
}

/// The ring of a thread.
enum Slot {
    /// The thread has had no batch yet.
    Unasked,
    /// The ring is there.
    Open(Ring),
    /// The ring failed at this time.
    Failed(Instant),
}

thread_local! {
    static SLOT: Cell<Slot> = const { Cell::new(Slot::Unasked) };
}

/// Sends a batch with as few system calls as possible, and returns what became of each send, in
/// the order of the batch. The kernel may take the sends in any order; a batch has each socket only
/// once, so the bytes of a socket stay in order.
///
/// # Errors
/// The second value is the error of a ring that failed just now. A send that no ring has taken is
/// [`Sent::Nothing`].
pub(crate) fn send_together(batch: &[Outgoing<'_>]) -> (Vec<Sent>, Option<NoUring>) {
    let mut sent = vec![Sent::Nothing; batch.len()];
    let mut failure = None;
    SLOT.with(|slot| {
        let ring = match slot.replace(Slot::Unasked) {
            Slot::Open(ring) => Ok(ring),
            Slot::Failed(at) if at.elapsed() < REST => {
                slot.set(Slot::Failed(at));
                return;
            }
            Slot::Unasked | Slot::Failed(_) => Ring::open(),
        };
        let parts = batch.chunks(ENTRIES).zip(sent.chunks_mut(ENTRIES));
        let used = parts.fold(ring, |ring, (batch, sent)| ring?.send(batch, sent));
        slot.set(match used {
            Ok(ring) => Slot::Open(ring),
            Err(error) => {
                failure = Some(error.into());
                Slot::Failed(Instant::now())
            }
        });
    });
    (sent, failure)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        io::{Read, Write},
        os::{fd::AsFd, unix::net::UnixStream},
    };

    use bytes::Bytes;

    use super::*;

    /// Returns whether there is `io_uring` here; says so aloud where there is not.
    #[expect(clippy::print_stderr, reason = "a check that is left out says so")]
    pub(crate) fn has_uring() -> bool {
        let tried = try_uring();
        if let Err(why) = &tried {
            eprintln!("SKIPPED: {why}");
        }
        tried.is_ok()
    }

    /// Has this thread's ring fail just now.
    pub(crate) fn fail() {
        SLOT.with(|slot| slot.set(Slot::Failed(Instant::now())));
    }

    fn pair() -> (UnixStream, UnixStream) {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        ours.set_nonblocking(true).expect("a socket");
        theirs.set_nonblocking(true).expect("a socket");
        (ours, theirs)
    }

    fn filled() -> (UnixStream, UnixStream) {
        let (mut ours, theirs) = pair();
        while ours.write(&[b'x'; 4096]).is_ok() {}
        (ours, theirs)
    }

    #[test]
    fn a_batch_ends_as_writes_one_by_one_do() {
        if !has_uring() {
            return;
        }
        // Far more than a socket takes.
        let (piece, long) = (
            Bytes::from(vec![b'p'; 1000]),
            Bytes::from(vec![b'l'; 8 << 20]),
        );
        let sockets = || {
            let gone = (pair().0, pair().0);
            [
                (pair(), &piece),
                (filled(), &piece),
                (pair(), &long),
                (gone, &piece),
            ]
        };
        let written = sockets().map(|((mut ours, _theirs), bytes)| {
            let taken = ours.write(bytes);
            taken.map_or(Sent::Nothing, Sent::Taken)
        });
        let mut submitted = sockets();
        let batch = submitted.each_ref().map(|((ours, _), bytes)| Outgoing {
            socket: ours.as_fd(),
            bytes,
        });
        let (sent, failure) = send_together(&batch);
        assert!(failure.is_none(), "{failure:?}");
        assert_eq!(sent, written);
        assert_eq!(sent[0], Sent::Taken(1000));
        assert!(matches!(sent[2], Sent::Taken(short) if (1..long.len()).contains(&short)));
        assert_eq!((sent[1], sent[3]), (Sent::Nothing, Sent::Nothing));
        let mut heard = Vec::new();
        let ((_, theirs), _) = &mut submitted[0];
        // It ends with the error of a socket that has no more.
        let _ = theirs.read_to_end(&mut heard);
        assert_eq!(heard, piece);
    }

    #[test]
    fn a_batch_may_be_longer_than_the_ring() {
        if !has_uring() {
            return;
        }
        let pairs: Vec<_> = (0..=2 * ENTRIES).map(|_| pair()).collect();
        let texts: Vec<_> = (0..pairs.len())
            .map(|number| Bytes::from(number.to_string()))
            .collect();
        let batch: Vec<_> = pairs
            .iter()
            .zip(&texts)
            .map(|((ours, _), bytes)| Outgoing {
                socket: ours.as_fd(),
                bytes,
            })
            .collect();
        for _ in 0..3 {
            let (sent, failure) = send_together(&batch);
            assert!(failure.is_none(), "{failure:?}");
            for (sent, text) in sent.iter().zip(&texts) {
                assert_eq!(*sent, Sent::Taken(text.len()));
            }
        }
        for ((_, theirs), text) in pairs.iter().zip(&texts) {
            let mut theirs = theirs;
            let mut heard = vec![0; 3 * text.len() + 1];
            let count = theirs.read(&mut heard).expect("it came");
            assert_eq!(heard[..count], [&text[..]; 3].concat());
        }
    }

    #[test]
    fn a_thread_whose_ring_failed_sends_nothing_until_it_asks_for_another() {
        if !has_uring() {
            return;
        }
        let (ours, _theirs) = pair();
        let bytes = Bytes::from_static(b"x");
        let batch = [Outgoing {
            socket: ours.as_fd(),
            bytes: &bytes,
        }];
        fail();
        let (sent, failure) = send_together(&batch);
        assert_eq!(sent, [Sent::Nothing]);
        assert!(failure.is_none(), "it is told once: {failure:?}");
        let long_ago = Instant::now().checked_sub(REST).expect("a clock that runs");
        SLOT.with(|slot| slot.set(Slot::Failed(long_ago)));
        assert_eq!(send_together(&batch).0, [Sent::Taken(1)]);
    }

    #[test]
    fn a_reason_says_what_to_look_at() {
        let said = |code| NoUring(io::Error::from_raw_os_error(code)).to_string();
        assert!(said(libc::EPERM).contains("kernel.io_uring_disabled"));
        assert!(said(libc::EINVAL).contains("Linux 6.1"));
        assert!(said(libc::EMFILE).ends_with("(os error 24)"));
    }
}
