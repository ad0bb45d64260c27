//! What a reader sees from its place, and how each transport writes it down.

use std::sync::Arc;

use bytes::Bytes;
use wire::{Framing, Gap, Kind, Seq, codec, lines};

use crate::{
    entry::{self, Entry},
    pieces::Pieces,
};

/// What came after a place, in order.
#[derive(Debug)]
pub(crate) struct View {
    /// The events, shared with every other reader; often none.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// The reader's new place.
    pub(crate) next: Seq,
    /// Events that the log had dropped before this reader saw them. They came
    /// before the first of `entries`.
    pub(crate) missed: u64,
}

impl View {
    /// For the answer to a poll.
    pub(crate) fn batch(&self) -> Bytes {
        let events = self.entries.iter().map(|entry| entry.json.as_ref());
        codec::join_batch(events, self.next, self.missed)
    }

    /// For an HTTP stream: a gap, if there is one, and the events.
    pub(crate) fn lines(&self, framing: Framing) -> Pieces {
        let gap = self
            .gap()
            .map(|gap| lines::frame(framing, gap.next, &codec::encode(&gap)));
        self.pieces(gap, |entry| entry.piece(framing))
    }

    /// For a WebSocket: the same, a frame each.
    pub(crate) fn frames(&self) -> Pieces {
        let gap = self
            .gap()
            .map(|gap| entry::text_frame(&codec::encode(&gap)));
        self.pieces(gap, |entry| &entry.frame)
    }

    /// The gap before the events. Its `next` is the place right behind it, so
    /// that an `EventSource` that breaks off there comes back to the first event.
    pub(crate) fn gap(&self) -> Option<Gap> {
        (self.missed > 0).then(|| Gap {
            kind: Kind::Gap,
            missed: self.missed,
            next: self.next - self.entries.len() as u64,
        })
    }

    fn pieces(&self, gap: Option<Bytes>, shape: impl Fn(&Entry) -> &Bytes) -> Pieces {
        let mut pieces = gap.map(Pieces::from).unwrap_or_default();
        for entry in &self.entries {
            pieces.push(shape(entry).clone());
        }
        pieces
    }
}
