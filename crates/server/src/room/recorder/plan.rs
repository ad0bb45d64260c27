//! One transaction: the steps on disk, and those of the rooms once they are there.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;
use wire::Seq;

use crate::{
    room::{
        Room,
        entry::Entry,
        recorder::{Change, Handed, NotStored, Whom},
    },
    store::stored::{Label, Step},
};

#[cfg(test)]
use crate::room::planted::{Fault, is};

/// A transaction that is being put together.
#[derive(Debug)]
pub(super) struct Plan {
    /// The number of events that a room keeps.
    log_events: usize,
    pub(super) steps: Vec<Step>,
    rooms: Vec<Part>,
    /// The place of a room's part in `rooms`, by the room's address in memory. The part holds the
    /// room, so that no other room can have that address meanwhile.
    known: HashMap<*const Room, usize>,
}

/// The part of one room.
#[derive(Debug)]
pub(super) struct Part {
    room: Arc<Room>,
    label: Arc<Label>,
    /// The newest event before the transaction.
    before: Seq,
    newest: Seq,
    /// The place before the oldest event that the log has before the transaction.
    dropped: Seq,
    pieces: Vec<Piece>,
    /// The number of events that arrive, and of their bytes, as they were announced.
    events: usize,
    bytes: usize,
    replies: Vec<(oneshot::Sender<Result<Seq, NotStored>>, Seq)>,
}

/// A change of a log.
#[derive(Debug)]
pub(crate) enum Piece {
    /// An event is added.
    Entry(Entry),
    /// All events are removed.
    Clear,
}

impl Plan {
    /// Makes an empty plan.
    pub(super) fn new(log_events: usize) -> Self {
        Self {
            log_events,
            steps: Vec::new(),
            rooms: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Returns whether nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds what is to be done for a change.
    pub(super) fn add(&mut self, room: Arc<Room>, change: Change) {
        let Some(label) = room.label() else { return };
        match change {
            Change::Event(handed) => self.add_event(room, &label, *handed),
            Change::Clear => {
                self.part(room, &label).pieces.push(Piece::Clear);
                self.steps.push(Step::Clear(label));
            }
            Change::Person(whom) => self.add_person(label, whom),
        }
    }

    /// Adds the end of a room.
    pub(super) fn forget(&mut self, label: Arc<Label>, generation: u64) {
        self.steps.push(Step::Forget(label, generation));
    }

    fn add_event(&mut self, room: Arc<Room>, label: &Arc<Label>, handed: Handed) {
        let most = self.log_events as u64;
        let Handed {
            mut event,
            bytes,
            whom,
            reply,
        } = handed;
        let part = self.part(room, label);
        let dropped = part.dropped;
        part.newest += 1;
        let seq = part.newest;
        event.seq = seq;
        let entry = Entry::new(&event);
        let json = entry.json.clone();
        part.pieces.push(Piece::Entry(entry));
        part.events += 1;
        part.bytes += bytes;
        part.replies.extend(reply.map(|reply| (reply, seq)));
        self.steps.push(Step::Event {
            room: Arc::clone(label),
            seq,
            json,
            dropped: dropped.max(seq.saturating_sub(most)),
        });
        if let Some(whom) = whom {
            self.add_person(Arc::clone(label), whom);
        }
    }

    fn add_person(&mut self, label: Arc<Label>, whom: Whom) {
        #[cfg(test)]
        if is(Fault::StoredGhost) && matches!(whom, Whom::Left(_)) {
            return;
        }
        self.steps.push(match whom {
            Whom::Came(visit) => Step::Here(label, visit),
            Whom::Left(visit) => Step::Gone(label, visit.number),
        });
    }

    fn part(&mut self, room: Arc<Room>, label: &Arc<Label>) -> &mut Part {
        let at = *self.known.entry(Arc::as_ptr(&room)).or_insert_with(|| {
            let newest = room.newest();
            self.rooms.push(Part {
                dropped: room.before_oldest(),
                room,
                label: Arc::clone(label),
                before: newest,
                newest,
                pieces: Vec::new(),
                events: 0,
                bytes: 0,
                replies: Vec::new(),
            });
            self.rooms.len() - 1
        });
        &mut self.rooms[at]
    }

    /// Lets readers and speakers know that it is on disk.
    pub(super) fn publish(self) {
        for part in self.rooms {
            part.room.arrive(part.pieces, part.events, part.bytes);
            for (reply, seq) in part.replies {
                // A speaker who is gone needs no answer.
                let _ = reply.send(Ok(seq));
            }
        }
    }

    /// Lets speakers know that it is not on disk. Returns the steps that take back what may have
    /// got there all the same.
    pub(super) fn give_up(self) -> Vec<Step> {
        let mut steps = Vec::new();
        for part in self.rooms {
            part.room.arrive(Vec::new(), part.events, part.bytes);
            for (reply, _) in part.replies {
                let _ = reply.send(Err(NotStored));
            }
            if part.events > 0 {
                steps.push(Step::TakeBack(part.label, part.before));
            }
        }
        steps
    }
}
