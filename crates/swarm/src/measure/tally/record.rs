//! The record of one draft.

use crate::clock::Nanos;

/// The record of one draft, as far as one shard knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DraftRecord {
    /// The time at which its first receiver heard it.
    pub(crate) first: Nanos,
    /// The time at which its last receiver heard it.
    pub(crate) last: Nanos,
    /// The person who was the last receiver.
    pub(crate) last_by: u32,
    /// The time at which it was sent; the greatest number if not known here.
    pub(crate) sent: Nanos,
    /// The number of people who heard it.
    pub(crate) heard: u32,
    /// The time at which the server answered that it took the draft; the greatest number if
    /// it did not, or not here.
    pub(crate) answered: Nanos,
    /// True if the server took it: it answered so, or somebody heard it.
    pub(crate) taken: bool,
}

impl DraftRecord {
    /// The record of a draft of which nothing is known yet.
    pub(crate) const UNHEARD: Self = Self {
        first: Nanos::MAX,
        last: 0,
        last_by: 0,
        sent: Nanos::MAX,
        heard: 0,
        answered: Nanos::MAX,
        taken: false,
    };

    /// Returns the time at which the server first showed that it had the draft; `None` if
    /// it never did.
    pub(crate) fn sign(&self) -> Option<Nanos> {
        Some(self.answered.min(self.first)).filter(|sign| *sign < Nanos::MAX)
    }

    /// Adds what another shard knows of the same draft.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        if other.last > self.last {
            (self.last, self.last_by) = (other.last, other.last_by);
        }
        self.sent = self.sent.min(other.sent);
        self.heard += other.heard;
        self.answered = self.answered.min(other.answered);
        self.taken |= other.taken;
    }
}
