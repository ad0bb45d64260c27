//! The bytes that the logs of all rooms hold together.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The divisor for the share of one log, while all logs together hold too much: a log may hold one
/// part in so many of the bytes that are left.
const PART: usize = 4;

/// The account of all logs.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The number of bytes beyond which logs are cut to their share.
    most: usize,
    held: AtomicUsize,
}

/// The account of one log; dropping it gives back all that it held.
#[derive(Debug)]
pub(crate) struct Account {
    memory: Arc<Memory>,
    held: usize,
}

impl Memory {
    /// Makes the account of logs that are cut to their share beyond `most` bytes.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: AtomicUsize::new(0),
        })
    }

    /// Opens the account of a log that holds nothing yet.
    pub(crate) fn open(self: &Arc<Self>) -> Account {
        Account {
            memory: Arc::clone(self),
            held: 0,
        }
    }

    /// Returns whether logs hold as much as they ever may: rooms that nobody is in
    /// are given up before another is opened.
    pub(crate) fn is_full(&self) -> bool {
        self.held.load(Relaxed) >= self.bound()
    }

    /// Returns the number of bytes that all logs together stay below, but for one
    /// event of each.
    fn bound(&self) -> usize {
        self.most.saturating_mul(2)
    }

    /// Returns the number of bytes that all logs hold.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }
}

impl Account {
    /// Returns the number of bytes that the log holds.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Records that the log holds this many bytes more.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.held += bytes;
        self.memory.held.fetch_add(bytes, Relaxed);
    }

    /// Records that the log holds this many bytes less.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.held -= bytes;
        self.memory.held.fetch_sub(bytes, Relaxed);
    }

    /// Returns the number of bytes that this log may hold now. As soon as all logs together hold
    /// more than `most`, it is a part ([`PART`]) of what is left to twice `most`. So a large log
    /// that still grows is cut, a small one is not, and all together stay below twice `most`.
    pub(crate) fn share(&self) -> usize {
        let held = self.memory.held.load(Relaxed);
        if held <= self.memory.most {
            return usize::MAX;
        }
        self.memory.bound().saturating_sub(held) / PART
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.memory.held.fetch_sub(self.held, Relaxed);
    }
}
