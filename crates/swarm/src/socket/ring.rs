//! Many sockets that one thread reads by `io_uring`.
//!
//! Each socket has a receive that goes on by itself (multishot, `io_uring_prep_recv_multishot(3)`).
//! The kernel takes a buffer from those that it was given ([`buffers`]), puts into it what has come,
//! and says so in the completion queue. What makes this sound:
//!
//! - **The buffers outlive the receives.** They are freed only after every receive has given its last
//!   completion, which [`Ring`] waits for when it is dropped, and after the kernel was told to forget
//!   them. Where that cannot be known (a system call fails), they are never freed.
//! - **A buffer has one owner.** It is the kernel's from the moment at which it is offered until a
//!   completion names it, and ours from then until it is offered again. Only [`Ring`] knows which
//!   completion names which buffer; a reader sees the bytes by a borrow that ends before the buffer
//!   is offered ([`Ring::take_next`], [`Ring::stop`]).
//! - **One thread.** The ring is asked for by one thread and used by it alone, as
//!   `IORING_SETUP_SINGLE_ISSUER` promises the kernel: [`Ring`] is not `Send`. From any other task
//!   the kernel would refuse it (`EEXIST`).
//!
//! Two further rules keep the bytes of one reader from another:
//!
//! - **A socket is itself.** An entry holds the number of a socket that is borrowed
//!   ([`BorrowedFd`]); the kernel counts a reference of its own once it has taken the entry, and
//!   [`Ring::stop`] has the kernel take all entries before it returns the socket to its owner.
//! - **Nobody hears what another's receive brought.** Each receive has a number of its own beside
//!   its place. Whatever is left of a receive that was stopped or replaced is given back unread.
//!
//! The kernel does its part of the receives when this thread asks for completions
//! (`IORING_SETUP_DEFER_TASKRUN`), and rings [`Ring::bell`] when there is something to ask for.

#![expect(
    unsafe_code,
    reason = "the kernel writes into memory that it was given by address; no safe crate receives so"
)]

mod buffers;
mod came;

use std::{
    collections::VecDeque,
    fmt,
    io::{self, ErrorKind},
    mem::{self, ManuallyDrop},
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
};

use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::event::{EventfdFlags, eventfd};
use tokio::io::{Interest, unix::AsyncFd};

use self::{
    buffers::{Buffers, GROUP},
    came::{Completion, Mark},
};

pub(crate) use self::came::{Arrival, Came};

/// The number of entries that one system call submits.
const ENTRIES: u32 = 256;

/// The number of completions that the kernel keeps for us without memory of its own.
const COMPLETIONS: u32 = 4096;

/// The mark of the completion of a cancellation.
const CANCELLED: u64 = u64::MAX;

/// The latest receive of a place.
#[derive(Debug, Clone, Copy, Default)]
struct Receive {
    /// The number of the receive; 0 if its completions are for nobody.
    number: u32,
    /// True until its last completion has come.
    is_open: bool,
}

/// The receives of one thread.
pub(crate) struct Ring {
    uring: Box<IoUring>,
    buffers: ManuallyDrop<Buffers>,
    /// True if there were not enough buffers since the last look.
    is_short: bool,
    bell: OwnedFd,
    /// The completions that were not looked at yet.
    queue: VecDeque<Completion>,
    /// The receives by place.
    receives: Vec<Receive>,
    /// The number of those that are open.
    open: usize,
    /// The number of the receive that was begun last.
    last: u32,
}

impl fmt::Debug for Ring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Ring");
        shown.field("open", &self.open).finish_non_exhaustive()
    }
}

impl Ring {
    /// Asks the kernel for a ring that this thread alone may use, for receives of so many places.
    ///
    /// # Errors
    /// Returns the kernel's error: `ENOSYS` or `EPERM` where there is no `io_uring`, or none for
    /// this process; `EINVAL` before Linux 6.1, which does not know the flags.
    pub(crate) fn open(places: usize) -> io::Result<Self> {
        let uring: IoUring = IoUring::builder()
            // One bad entry does not keep the rest from being submitted.
            .setup_submit_all()
            // One thread submits and looks: the kernel need not interrupt it.
            .setup_single_issuer()
            .setup_defer_taskrun()
            // It is seen without a system call whether there is something to ask for.
            .setup_taskrun_flag()
            .setup_cqsize(COMPLETIONS)
            .build(ENTRIES)?;
        let mut buffers = ManuallyDrop::new(Buffers::new());
        // SAFETY: the buffers are freed only after the ring has forgotten them; see the head of this
        // file. If this fails, the ring never knew them, and they stay for ever nevertheless.
        unsafe { buffers.register(&uring.submitter()) }?;
        buffers.grow();
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        uring.submitter().register_eventfd(bell.as_raw_fd())?;
        Ok(Self {
            uring: Box::new(uring),
            buffers,
            is_short: false,
            bell,
            queue: VecDeque::new(),
            receives: vec![Receive::default(); places],
            open: 0,
            last: 0,
        })
    }

    /// Returns a descriptor that becomes readable each time that there is something to ask for. It
    /// is never read, so that only the change tells (`EPOLLET`, epoll(7)).
    ///
    /// # Errors
    /// Fails if the process may open no more descriptors.
    #[expect(
        deprecated,
        reason = "it is unsound for descriptors that may change; an owned one stays the same"
    )]
    pub(crate) fn bell(&self) -> io::Result<AsyncFd<OwnedFd>> {
        AsyncFd::with_interest(self.bell.try_clone()?, Interest::READABLE)
    }

    /// Begins to receive from `socket`, whose bytes are for `place`. The kernel has the socket when
    /// this returns. What an earlier receive for the same place still brings is dropped.
    ///
    /// # Errors
    /// Returns the error of the system call, after which the ring is of no use.
    pub(crate) fn begin(&mut self, place: usize, socket: BorrowedFd<'_>) -> io::Result<()> {
        self.begin_soon(place, socket)?;
        self.enter(0)
    }

    /// Does the same with the next look, or the next stop. The socket must not be closed before one
    /// of them, or its number might be another's by then.
    ///
    /// # Errors
    /// Returns the error of the system call, after which the ring is of no use.
    pub(crate) fn begin_soon(&mut self, place: usize, socket: BorrowedFd<'_>) -> io::Result<()> {
        // Numbers begin again after four thousand million receives.
        self.last = self.last.wrapping_add(1).max(1);
        let mark = Mark {
            place: place as u32,
            number: self.last,
        };
        let entry = opcode::RecvMulti::new(types::Fd(socket.as_raw_fd()), GROUP).build();
        self.push(&entry.user_data(mark.bits()))?;
        self.open += 1;
        self.receives[place] = Receive {
            number: mark.number,
            is_open: true,
        };
        Ok(())
    }

    /// Asks for all that has come, and returns whether there is anything to take.
    ///
    /// # Errors
    /// Returns the error of the system call, after which the ring is of no use.
    pub(crate) fn look(&mut self) -> io::Result<bool> {
        if mem::take(&mut self.is_short) {
            self.buffers.grow();
        }
        loop {
            let has_work = self.has_work();
            if has_work {
                self.enter(0)?;
            }
            self.reap();
            // The kernel does only a part of the work at once, and rings for none of the rest.
            if !has_work || !self.queue.is_empty() {
                return Ok(!self.queue.is_empty());
            }
        }
    }

    /// Returns whether the kernel has something to do for the receives when it is asked.
    fn has_work(&mut self) -> bool {
        let queue = self.uring.submission();
        queue.taskrun() || queue.cq_overflow() || !queue.is_empty()
    }

    /// Gives what came first of all that a look brought to `take`. Returns `None` if there is
    /// nothing more.
    pub(crate) fn take_next<T>(&mut self, take: impl FnOnce(Arrival<'_>) -> T) -> Option<T> {
        while let Some(next) = self.queue.pop_front() {
            if self.is_current(next.of) {
                return Some(self.give(next, take));
            }
            self.give(next, |_| ());
        }
        None
    }

    /// Stops the receive of `place`, and gives all that it has brought to `take`, in order. What
    /// comes later stays in the socket.
    ///
    /// # Errors
    /// Returns the error of the system call, after which the ring is of no use; what had come until
    /// then was given nevertheless.
    pub(crate) fn stop(
        &mut self,
        place: usize,
        mut take: impl FnMut(Arrival<'_>),
    ) -> io::Result<()> {
        let Receive { number, is_open } = self.receives[place];
        if number == 0 {
            return Ok(());
        }
        let stopped = if is_open {
            self.cancel(place).and_then(|()| self.wait_for_end(place))
        } else {
            Ok(())
        };
        let mark = Mark {
            place: place as u32,
            number,
        };
        // Most who are stopped have nothing in the queue.
        if self.queue.iter().any(|completion| completion.of == mark) {
            for completion in mem::take(&mut self.queue) {
                if completion.of == mark {
                    self.give(completion, &mut take);
                } else {
                    self.queue.push_back(completion);
                }
            }
        }
        self.receives[place].number = 0;
        stopped
    }

    /// Stops all receives. What they have brought is there to be taken.
    ///
    /// # Errors
    /// Returns the error of the system call, after which the ring is of no use.
    pub(crate) fn stop_all(&mut self) -> io::Result<()> {
        for place in 0..self.receives.len() {
            if self.receives[place].is_open {
                self.cancel(place)?;
            }
        }
        // Those that were replaced have no place.
        let all = types::CancelBuilder::any().all();
        self.push(&opcode::AsyncCancel2::new(all).build().user_data(CANCELLED))?;
        while self.open > 0 {
            self.enter(1)?;
            self.reap();
        }
        Ok(())
    }

    /// Queues the cancellation of the receive of a place.
    fn cancel(&mut self, place: usize) -> io::Result<()> {
        let mark = Mark {
            place: place as u32,
            number: self.receives[place].number,
        };
        let entry = opcode::AsyncCancel::new(mark.bits()).build();
        self.push(&entry.user_data(CANCELLED))
    }

    fn wait_for_end(&mut self, place: usize) -> io::Result<()> {
        while self.receives[place].is_open {
            // There is always a completion to come: the last one of the receive.
            self.enter(1)?;
            self.reap();
        }
        Ok(())
    }

    /// Queues an entry, after those before it were submitted if there is no room.
    fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        for _ in 0..2 {
            // SAFETY: a cancellation has no address in it, and a receive has that of no memory: it
            // takes its buffer from the group, whose memory outlives it. See the head of this file.
            if unsafe { self.uring.submission().push(entry) }.is_ok() {
                return Ok(());
            }
            self.enter(0)?;
        }
        // The kernel took none of them.
        Err(ErrorKind::OutOfMemory.into())
    }

    /// Submits what is queued, has the kernel do its part of the receives, and waits for so many
    /// completions.
    fn enter(&mut self, completions: usize) -> io::Result<()> {
        loop {
            match self.uring.submit_and_wait(completions) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(()),
            }
        }
    }

    /// Takes all completions from the kernel.
    fn reap(&mut self) {
        for entry in self.uring.completion() {
            if entry.user_data() == CANCELLED {
                continue;
            }
            let of = Mark::of(entry.user_data());
            if !cqueue::more(entry.flags()) {
                self.open -= 1;
                let receive = &mut self.receives[of.place as usize];
                receive.is_open &= receive.number != of.number;
            }
            self.queue.push_back(Completion {
                of,
                result: entry.result(),
                flags: entry.flags(),
            });
        }
    }

    fn is_current(&self, mark: Mark) -> bool {
        self.receives[mark.place as usize].number == mark.number
    }

    /// Gives a completion to `take` and its buffer back to the kernel.
    fn give<T>(&mut self, completion: Completion, take: impl FnOnce(Arrival<'_>) -> T) -> T {
        let Completion { of, result, flags } = completion;
        let buffer = cqueue::buffer_select(flags);
        let came = match (usize::try_from(result), buffer) {
            (Ok(0), _) => Came::End,
            // SAFETY: the kernel named the buffer in this completion, which was taken out of the
            // queue, so that it is ours until it is offered below.
            (Ok(length), Some(buffer)) => {
                Came::Bytes(unsafe { self.buffers.filled(buffer, length) })
            }
            (Ok(_), None) => Came::Nothing,
            (Err(_), _) => Came::of_error(-result),
        };
        let taken = take(Arrival {
            place: of.place as usize,
            came,
            goes_on: cqueue::more(flags),
            next: self.queue.front().map(|next| next.of.place as usize),
        });
        if let Some(buffer) = buffer {
            self.buffers.offer(buffer);
        }
        self.is_short |= result == -libc::ENOBUFS;
        taken
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let stopped = self.stop_all();
        let forget = || self.uring.submitter().unregister_buf_ring(GROUP);
        if stopped.and_then(|()| forget()).is_ok() {
            // SAFETY: no receive is left, the kernel has forgotten the buffers, and nobody uses them
            // again.
            unsafe { ManuallyDrop::drop(&mut self.buffers) };
        }
        // Otherwise some receive may still write into the buffers: they stay for ever.
    }
}

#[cfg(test)]
mod tests;
