//! The changes of one room that are added to its log together.

use std::{collections::HashMap, sync::Arc};

use redis::Cmd;
use tokio::sync::oneshot;
use wire::{Event, Kind, Seq, codec};

use crate::{
    room::{
        Room,
        recorder::{Change, Handed, NotStored, Whom},
        redis::people,
    },
    store::{
        redis::{Redis, script::Script},
        stored::Label,
    },
};

/// The changes of one room, in their order.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) room: Arc<Room>,
    pub(super) label: Arc<Label>,
    changes: Vec<OneChange>,
    /// The number of events that were handed over, and of their bytes, as they were announced.
    events: usize,
    bytes: usize,
}

/// A change as the script takes it, and who waits for its outcome.
#[derive(Debug)]
struct OneChange {
    arguments: Vec<Vec<u8>>,
    /// The message that is said.
    said: Option<Event>,
    reply: Option<oneshot::Sender<Result<Seq, NotStored>>>,
}

/// The batches of several rooms, in the order in which the rooms came.
#[derive(Debug, Default)]
pub(super) struct Batches {
    pub(super) all: Vec<Batch>,
    /// The place of a room's batch in `all`, by the room's address in memory. The batch holds the
    /// room, so that no other room can have that address meanwhile.
    known: HashMap<*const Room, usize>,
}

impl Batches {
    /// Adds a change to the batch of its room. `node` is this server's name.
    pub(super) fn add(&mut self, room: Arc<Room>, change: Change, node: &str) {
        let Some(label) = room.label() else { return };
        let at = *self.known.entry(Arc::as_ptr(&room)).or_insert_with(|| {
            self.all.push(Batch::new(room, label));
            self.all.len() - 1
        });
        let batch = &mut self.all[at];
        match change {
            Change::Event(handed) => batch.add_event(*handed, node),
            Change::Person(whom) => batch.add_person(whom, &[], node),
            // A log that other servers have too is not theirs to clear.
            Change::Clear => {}
        }
    }
}

impl Batch {
    fn new(room: Arc<Room>, label: Arc<Label>) -> Self {
        Self {
            room,
            label,
            changes: Vec::new(),
            events: 0,
            bytes: 0,
        }
    }

    fn add_event(&mut self, handed: Handed, node: &str) {
        let Handed {
            event,
            bytes,
            whom,
            reply,
        } = handed;
        self.events += 1;
        self.bytes += bytes;
        let json = codec::encode(&event);
        if let Some(whom) = whom {
            self.add_person(whom, &json, node);
            return;
        }
        let is_message = event.kind == Kind::Message;
        let kind: &[u8] = if is_message { b"say" } else { b"tell" };
        self.changes.push(OneChange {
            arguments: vec![kind.to_vec(), json.to_vec()],
            said: is_message.then_some(event),
            reply,
        });
    }

    /// Adds that a person came or left, which `event` tells unless it is empty.
    fn add_person(&mut self, whom: Whom, event: &[u8], node: &str) {
        let arguments = match whom {
            Whom::Came(visit) => vec![
                b"came".to_vec(),
                people::mark(&visit, node).into_bytes(),
                codec::encode(&visit.person).to_vec(),
                event.to_vec(),
            ],
            Whom::Left(visit) => vec![
                b"left".to_vec(),
                people::mark(&visit, node).into_bytes(),
                event.to_vec(),
            ],
        };
        self.changes.push(OneChange {
            arguments,
            said: None,
            reply: None,
        });
    }

    /// Returns the command that adds the batch under this number. Sent again, it changes nothing.
    pub(super) fn command(&self, redis: &Redis, number: u64, log_events: usize) -> Cmd {
        let Label { name, epoch } = &*self.label;
        let node = &redis.node;
        let keys = redis.keys.room(name);
        let last = redis.keys.last_batch(name, node);
        let rooms = redis.keys.rooms_of(node);
        let mut command =
            Script::Append.call(&[&keys.about, &keys.log, &keys.people, &last, &rooms]);
        command.arg(epoch.to_string()).arg(self.room.newest());
        command.arg(log_events).arg(node).arg(number);
        command.arg(name);
        for argument in self.changes.iter().flat_map(|change| &change.arguments) {
            command.arg(&argument[..]);
        }
        command
    }

    /// Lets speakers know the numbers under which their drafts are in the log. Gives readers the
    /// drafts up to the first join or leave that Redis has added among them; the follower brings
    /// the rest.
    pub(super) fn publish(self, seqs: &[Seq]) {
        let mut next = Vec::new();
        let mut goes_on = true;
        for (change, &seq) in self.changes.iter().zip(seqs) {
            match &change.said {
                Some(event) if goes_on => next.push(Event {
                    seq,
                    ..event.clone()
                }),
                // The event of a join or leave says how many are here, which only Redis knows.
                _ => goes_on &= seq == 0,
            }
        }
        self.room.take_next(&next);
        self.room.arrive(Vec::new(), self.events, self.bytes);
        for (change, &seq) in self.changes.into_iter().zip(seqs) {
            if let Some(reply) = change.reply {
                // A speaker who is gone needs no answer.
                let _ = reply.send(Ok(seq));
            }
        }
    }

    /// Lets speakers know that their drafts were not acknowledged.
    pub(super) fn give_up(self) {
        self.room.arrive(Vec::new(), self.events, self.bytes);
        for change in self.changes {
            if let Some(reply) = change.reply {
                let _ = reply.send(Err(NotStored));
            }
        }
    }

    /// Returns the number of changes.
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }
}
