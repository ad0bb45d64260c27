//! What became of one draft.

use crate::clock::Nanos;

/// What became of one draft, as far as one shard knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DraftRecord {
    /// When its first receiver heard it.
    pub(crate) first: Nanos,
    /// When its last receiver heard it.
    pub(crate) last: Nanos,
    /// Who that was.
    pub(crate) last_by: u32,
    /// When it was sent; the greatest number if not known here.
    pub(crate) sent: Nanos,
    /// How many heard it.
    pub(crate) heard: u32,
    /// Whether the server answered that it took it.
    pub(crate) taken: bool,
}

impl DraftRecord {
    /// Nothing known yet.
    pub(crate) const UNHEARD: Self = Self {
        first: Nanos::MAX,
        last: 0,
        last_by: 0,
        sent: Nanos::MAX,
        heard: 0,
        taken: false,
    };

    /// Adds what another shard knows of the same draft.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        if other.last > self.last {
            (self.last, self.last_by) = (other.last, other.last_by);
        }
        self.sent = self.sent.min(other.sent);
        self.heard += other.heard;
        self.taken |= other.taken;
    }
}
