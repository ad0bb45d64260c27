//! The part of a decoded event that a follower of the log needs.

use wire::{Epoch, Glance, Kind, Seq};

use crate::draft::Tag;

/// The content of one event, or notice, that a follower of the log needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventInfo {
    pub(crate) kind: Kind,
    /// The event's number; 0 for a notice.
    pub(crate) seq: Seq,
    /// The tag of the draft, if it is one of ours.
    pub(crate) tag: Option<Tag>,
    /// The length of the event's JSON, in bytes.
    pub(crate) length: usize,
    /// The number of events that this reader will never see; used in a gap.
    pub(crate) missed: u64,
    /// The place to go on from; used in a gap.
    pub(crate) next: Seq,
    /// The log's epoch, where a gap names it.
    pub(crate) epoch: Option<Epoch>,
}

impl EventInfo {
    /// Takes what is needed from a text of `length` bytes.
    pub(crate) fn new(glance: &Glance<'_>, length: usize) -> Self {
        Self {
            kind: glance.kind,
            seq: glance.seq,
            tag: glance.tag.as_deref().and_then(Tag::read),
            length,
            missed: glance.missed,
            next: glance.next,
            epoch: glance.epoch,
        }
    }
}
