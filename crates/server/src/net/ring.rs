//! Many sends to many sockets with one system call: the only file of the server with unsafe code.
//!
//! The kernel reads the queued bytes while it is in `io_uring_enter`, or as late as it likes unless
//! it is told otherwise. What makes this sound:
//!
//! - **The bytes outlive the reading.** [`Ring::send`] borrows them, and does not return before the
//!   kernel has given a result for each entry that it took. Where that cannot be known (the system
//!   call fails for a reason of its own), the bytes are never freed: a counted reference to them is
//!   forgotten.
//! - **The sockets stay open.** An entry holds the number of a socket that is borrowed
//!   ([`BorrowedFd`]) until the kernel has taken the entry; from then on the kernel counts a
//!   reference of its own.
//! - **No entry is left behind.** `send` takes the ring by value and gives it back only with empty
//!   queues, so that what one batch queued cannot be submitted with the next. A ring that failed, or
//!   that a panic passes, is dropped, and what the kernel has not taken is gone with it.
//! - **One thread.** The ring is asked for by one thread and used by it alone, as
//!   `IORING_SETUP_SINGLE_ISSUER` promises the kernel; its owner is a thread-local variable
//!   (`io.rs`).
//!
//! No send may wait, which is no matter of soundness but of liveness: `MSG_DONTWAIT` has a full socket
//! answer with `EAGAIN` while the entry is submitted (see `io_uring_enter(2)`, `send(2)`), as a
//! `write` to a socket that does not block does. `MSG_NOSIGNAL` is what Rust's programs have anyway:
//! `SIGPIPE` is ignored.

#![expect(
    unsafe_code,
    reason = "the kernel reads memory that it was given by address; no safe crate submits sends"
)]

use std::{
    io, mem,
    os::fd::{AsRawFd, BorrowedFd},
};

use bytes::Bytes;
use io_uring::{IoUring, opcode, types::Fd};

/// The number of sends that one system call submits.
pub(super) const ENTRIES: usize = 64;

/// One send of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    /// The socket.
    pub(crate) socket: BorrowedFd<'a>,
    /// The bytes.
    pub(crate) bytes: &'a Bytes,
}

/// The result of one send of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The socket took this many bytes.
    Taken(usize),
    /// The socket took nothing: it is full or broken, or the kernel never saw the send.
    Nothing,
    /// The number of bytes that the socket took cannot be known: the ring failed in between.
    Unknown,
}

/// A ring with empty queues.
pub(super) struct Ring(Box<IoUring>);

impl Ring {
    /// Asks the kernel for a ring that this thread alone may use.
    ///
    /// # Errors
    /// Returns the kernel's error: `ENOSYS` or `EPERM` where there is no `io_uring`, or none for
    /// this process; `EINVAL` before Linux 6.1, which does not know the flags.
    pub(super) fn open() -> io::Result<Self> {
        let ring: IoUring = IoUring::builder()
            // One bad send does not keep the rest from being submitted.
            .setup_submit_all()
            // One thread submits and waits: the kernel need not interrupt it.
            .setup_single_issuer()
            .setup_defer_taskrun()
            .build(ENTRIES as u32)?;
        Ok(Self(Box::new(ring)))
    }

    /// Sends all of a batch, at most [`ENTRIES`], and puts what became of each into `sent`, which
    /// is as long as the batch. Returns the ring, empty again.
    ///
    /// # Errors
    /// Returns the error of the system call. `sent` says also then what became of each.
    pub(super) fn send(mut self, batch: &[Outgoing<'_>], sent: &mut [Sent]) -> io::Result<Self> {
        sent.fill(Sent::Nothing);
        let queued = self.queue(batch);
        // Until the kernel says more of those.
        sent[..queued].fill(Sent::Unknown);
        let mut open = queued;
        while open > 0 {
            let entered = self.0.submit_and_wait(open);
            for result in self.0.completion() {
                let entry = sent.get_mut(result.user_data() as usize);
                if let Some(entry) = entry.filter(|entry| **entry == Sent::Unknown) {
                    // An error is a negative number.
                    *entry = usize::try_from(result.result()).map_or(Sent::Nothing, Sent::Taken);
                    open -= 1;
                }
            }
            match entered {
                Err(error) if error.kind() != io::ErrorKind::Interrupted && open > 0 => {
                    self.give_up(&batch[..queued], sent);
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(self)
    }

    /// Queues sends, numbered in their order, and returns how many found room: all that are in a
    /// batch of at most [`ENTRIES`].
    fn queue(&mut self, batch: &[Outgoing<'_>]) -> usize {
        let mut queue = self.0.submission();
        let mut queued = 0;
        for (number, send) in batch.iter().enumerate() {
            // A longer piece is sent in part, as any send may be.
            let length = u32::try_from(send.bytes.len()).unwrap_or(u32::MAX);
            let socket = Fd(send.socket.as_raw_fd());
            let entry = opcode::Send::new(socket, send.bytes.as_ptr(), length)
                .flags(libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
                .build()
                .user_data(number as u64);
            // SAFETY: the bytes and the socket are borrowed until `send` returns, and `send`
            // returns only after the kernel has given the result of each entry that it took, or
            // after `give_up`. See the head of this file.
            if unsafe { queue.push(&entry) }.is_err() {
                break;
            }
            queued += 1;
        }
        queued
    }

    /// Drops a ring that failed. Entries that the kernel never took count as not sent; the bytes of
    /// those that it took, and gave no result of, stay in memory for ever.
    fn give_up(mut self, queued: &[Outgoing<'_>], sent: &mut [Sent]) {
        // The kernel takes them in order, so those that are still here are the last.
        let taken = queued.len().saturating_sub(self.0.submission().len());
        for (number, (send, sent)) in queued.iter().zip(sent).enumerate() {
            if *sent != Sent::Unknown {
                continue;
            }
            if number < taken {
                mem::forget(send.bytes.clone());
            } else {
                *sent = Sent::Nothing;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        os::{fd::AsFd, unix::net::UnixStream},
    };

    use super::*;
    use crate::net::io::tests::has_uring;

    #[test]
    fn a_ring_that_fails_says_that_nothing_was_sent_and_holds_no_bytes() {
        if !has_uring() {
            return;
        }
        let (ours, _theirs) = UnixStream::pair().expect("a pair");
        let bytes = Bytes::from(b"x".to_vec());
        let batch = [Outgoing {
            socket: ours.as_fd(),
            bytes: &bytes,
        }; 3];
        let ring = Ring::open().expect("a ring");
        let null = File::open("/dev/null").expect("it is there");
        // SAFETY: both are open, and the ring is asked for nothing but to fail.
        let replaced = unsafe { libc::dup2(null.as_raw_fd(), ring.0.as_raw_fd()) };
        assert_eq!(replaced, ring.0.as_raw_fd());
        let mut sent = [Sent::Unknown; 3];
        assert!(ring.send(&batch, &mut sent).is_err(), "it is no ring");
        assert_eq!(sent, [Sent::Nothing; 3]);
        assert!(bytes.is_unique(), "the kernel has none of it");
    }
}
