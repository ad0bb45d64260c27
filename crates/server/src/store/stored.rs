//! The stored values, in the types in which rooms hand it over and get it back.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wire::{Epoch, Event, Person, Seq};

/// A room as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) epoch: Epoch,
}

/// A change of what is stored.
#[derive(Debug)]
pub(crate) enum Step {
    /// An event is added, and all up to the number `dropped` are removed.
    Event {
        room: Arc<Label>,
        seq: Seq,
        json: Bytes,
        dropped: Seq,
    },
    /// All events of a room are removed; its numbers go on.
    Clear(Arc<Label>),
    /// A room is given up. The generation is the number of rooms given up so far.
    Forget(Arc<Label>, u64),
    /// The events after this number are removed, which nobody was given.
    TakeBack(Arc<Label>, Seq),
    /// A person is in the room, under the number of their visit.
    Here(Arc<Label>, Visit),
    /// The person of this visit is no longer in the room.
    Gone(Arc<Label>, u64),
}

impl Step {
    /// Returns the room that changes.
    pub(crate) fn label(&self) -> &Arc<Label> {
        match self {
            Self::Event { room: label, .. }
            | Self::Clear(label)
            | Self::Forget(label, _)
            | Self::TakeBack(label, _)
            | Self::Here(label, _)
            | Self::Gone(label, _) => label,
        }
    }
}

/// A person in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visit {
    /// The number of the visit in its room.
    pub(crate) number: u64,
    pub(crate) known_by: KnownBy,
    pub(crate) person: Person,
}

/// The mark by which a person is known when they come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KnownBy {
    /// The token that the client chose.
    Token(String),
    /// The name of a poller without a token.
    Name,
    /// A connection, which does not outlive its server.
    Connection,
}

/// A room that was read from the store.
#[derive(Debug)]
pub(crate) struct StoredRoom {
    pub(crate) label: Arc<Label>,
    /// The place before the oldest event.
    pub(crate) before: Seq,
    pub(crate) events: Vec<Event>,
    pub(crate) people: Vec<Visit>,
}
