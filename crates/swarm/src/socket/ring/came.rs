//! The results of receives, and the marks by which receives are told apart.

/// The result of a receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came<'a> {
    /// The next bytes of the socket.
    Bytes(&'a [u8]),
    /// The end of what the other side sends.
    End,
    /// The socket failed, with this number of an error (errno(3)).
    Failed(i32),
    /// Nothing; the receive stopped for a reason that is not the socket's.
    Nothing,
}

impl Came<'_> {
    /// Returns what the number of an error means for the one who receives.
    pub(super) const fn of_error(errno: i32) -> Self {
        match errno {
            // There was no buffer; somebody stopped it; the kernel wants it to be tried again.
            libc::ENOBUFS | libc::ECANCELED | libc::EINTR | libc::EAGAIN => Self::Nothing,
            errno => Self::Failed(errno),
        }
    }
}

/// A result, and the place that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival<'a> {
    /// The place that the receive was begun for.
    pub(crate) place: usize,
    /// The result.
    pub(crate) came: Came<'a>,
    /// True if more comes by the same receive; otherwise it is over.
    pub(crate) goes_on: bool,
    /// The place that what is taken next came for, if anything has come.
    pub(crate) next: Option<usize>,
}

/// A completion that nobody has looked at yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Completion {
    /// The receive that it is of.
    pub(super) of: Mark,
    /// The number of bytes, or of an error as a negative number.
    pub(super) result: i32,
    /// The kernel's flags.
    pub(super) flags: u32,
}

/// The place of a receive, and its number among all receives of the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The place.
    pub(super) place: u32,
    /// The number.
    pub(super) number: u32,
}

impl Mark {
    /// Returns both as the kernel carries them from an entry to its completions.
    pub(super) const fn bits(self) -> u64 {
        ((self.number as u64) << 32) | self.place as u64
    }

    /// Returns the mark that the kernel carried.
    pub(super) const fn of(bits: u64) -> Self {
        Self {
            place: bits as u32,
            number: (bits >> 32) as u32,
        }
    }
}
