//! The buffers that the kernel receives into (`io_uring_register_buf_ring(3)`). What makes this sound:
//!
//! - **The tail of the offered buffers is written last**, with release order, so that the kernel sees
//!   whole entries. Nobody else writes into that memory but the one thread that has the ring.
//! - **The memory is never moved**, and was zeroed at first, so that every byte of it may be read.
//!   That it is not freed too early, and that nobody reads a buffer that the kernel may write, is
//!   the word of [`Ring`](super::Ring).

#![expect(
    unsafe_code,
    reason = "the kernel writes into memory that it was given by address; no safe crate offers it"
)]

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    io,
    ptr::NonNull,
    slice,
    sync::atomic::{AtomicU16, Ordering},
};

use io_uring::{Submitter, types};

/// The number of the group that the buffers are in. There is no other.
pub(super) const GROUP: u16 = 0;

/// The size of a buffer, in bytes. It is no power of two, so that the beginnings of all buffers,
/// which are the parts in use, do not share the same few lines of the processor's cache.
pub(super) const SIZE: usize = 2048 + 64;

/// The number of buffers that are offered at first. The kernel uses them in turn, so that few of
/// them stay in the processor's cache.
pub(super) const FEW: u16 = 128;

/// The number of buffers that are offered at most; a power of two.
pub(super) const MOST: u16 = 2048;

/// The buffers that the kernel receives into, and the memory in which they are offered to it.
pub(super) struct Buffers {
    /// `MOST` entries, which the kernel reads.
    entries: NonNull<types::BufRingEntry>,
    /// `MOST` buffers of `SIZE` bytes, one behind the other.
    space: NonNull<u8>,
    /// The number of buffers that the kernel was ever offered.
    known: u16,
    /// The number of all offers, as the kernel counts them.
    tail: u16,
}

impl Buffers {
    /// Allocates all buffers; none is offered yet.
    pub(super) fn new() -> Self {
        let [entries, space] = [Self::entries_layout(), Self::space_layout()].map(|layout| {
            // SAFETY: neither layout is of no bytes.
            let memory = unsafe { alloc_zeroed(layout) };
            NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
        });
        Self {
            entries: entries.cast(),
            space,
            known: 0,
            tail: 0,
        }
    }

    /// Makes them the buffers of a ring.
    ///
    /// # Safety
    /// They must not be freed before the ring has forgotten them.
    pub(super) unsafe fn register(&self, submitter: &Submitter<'_>) -> io::Result<()> {
        let address = self.entries.as_ptr() as u64;
        // SAFETY: the entries are aligned memory for `MOST` of them, and stay by the caller's word.
        unsafe { submitter.register_buf_ring_with_flags(address, MOST, GROUP, 0) }
    }

    /// Returns the layout of the entries, which begin with a page (`io_uring_register_buf_ring(3)`).
    fn entries_layout() -> Layout {
        let bytes = usize::from(MOST) * size_of::<types::BufRingEntry>();
        Layout::from_size_align(bytes, 65_536).expect("constant sizes are valid")
    }

    fn space_layout() -> Layout {
        Layout::array::<u8>(usize::from(MOST) * SIZE).expect("constant sizes are valid")
    }

    /// Offers twice as many buffers as before, up to the most that there are.
    pub(super) fn grow(&mut self) {
        let known = (self.known * 2).clamp(FEW, MOST);
        for buffer in self.known..known {
            self.offer(buffer);
        }
        self.known = known;
    }

    /// Offers a buffer, which nobody uses, to the kernel.
    pub(super) fn offer(&mut self, buffer: u16) {
        let address = self.address(buffer) as u64;
        let entry = usize::from(self.tail & (MOST - 1));
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: the entry is one of `MOST`, and the buffer lies in `space`. The kernel reads the
        // entry only once the tail says so. The tail lies in a part of the first entry that the
        // three calls do not write; it is aligned, and both sides use it as an atomic.
        unsafe {
            let entry = &mut *self.entries.as_ptr().add(entry);
            entry.set_addr(address);
            entry.set_len(SIZE as u32);
            entry.set_bid(buffer);
            let tail = types::BufRingEntry::tail(self.entries.as_ptr());
            (*tail.cast::<AtomicU16>()).store(self.tail, Ordering::Release);
        }
    }

    fn address(&self, buffer: u16) -> *mut u8 {
        assert!(buffer < MOST, "one of ours");
        // SAFETY: `space` has `MOST` buffers.
        unsafe { self.space.as_ptr().add(usize::from(buffer) * SIZE) }
    }

    /// Returns the first `length` bytes of a buffer.
    ///
    /// # Safety
    /// The kernel must have filled the buffer and must not be offered it while it is borrowed.
    pub(super) unsafe fn filled(&self, buffer: u16, length: usize) -> &[u8] {
        // SAFETY: all of it was zeroed at first, and by the caller's word nobody writes to it.
        unsafe { slice::from_raw_parts(self.address(buffer), length.min(SIZE)) }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: both were allocated with these layouts.
        unsafe {
            dealloc(self.entries.as_ptr().cast(), Self::entries_layout());
            dealloc(self.space.as_ptr(), Self::space_layout());
        }
    }
}
