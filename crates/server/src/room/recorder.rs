//! The way of events to the disk, where a server has a store.
//!
//! A room does not put an event into its log then, but hands it to one thread that writes for all
//! rooms. The thread gives events their numbers, commits many of them in one transaction, and only
//! then puts them into their logs: what a reader was given, or a speaker was answered for, is on
//! disk. Where several servers share the logs in a Redis, another thread takes what is handed over
//! (`room/redis/`). Without a store a room has no [`Record`], and none of this is done.

#[cfg(test)]
pub(super) mod by_hand;
mod plan;
mod thread;

pub(super) use plan::Piece;
pub(super) use thread::{Gathered, Over, gather};

use std::{
    sync::{
        Arc, Weak,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
        mpsc,
    },
    time::Duration,
};

use tokio::sync::oneshot;
use wire::{Event, People, Seq};

use crate::{
    net::notice::{Topic, tell},
    room::{Room, redis::Shared},
    store::{
        disk::{Disk, Epochs},
        redis::Redis,
        stored::{Label, Visit},
    },
};

/// The answer to a draft that was handed over: its number once it is on disk.
pub(crate) type Reply = oneshot::Receiver<Result<Seq, NotStored>>;

/// The answer to a draft that could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStored;

/// The rooms' side of the thread that writes.
#[derive(Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Task>,
    /// True from a failed transaction until the store could be opened again. Nothing is handed
    /// over meanwhile.
    has_failed: Arc<AtomicBool>,
    epochs: Epochs,
    /// The number of rooms given up since the store was made.
    generation: AtomicU64,
    /// The logs that other servers have too, where they are in a Redis.
    pub(super) shared: Option<Arc<Shared>>,
}

/// A room's own part in what is written.
#[derive(Debug)]
pub(crate) struct Record {
    recorder: Arc<Recorder>,
    pub(super) label: Arc<Label>,
    room: Weak<Room>,
    /// The number of events that were handed over and are not in the log yet. It is changed under
    /// the log's lock, and so is `bytes`.
    events: AtomicUsize,
    /// The number of bytes of memory that these events will use in the log.
    bytes: AtomicUsize,
}

/// A task of the thread that writes.
#[derive(Debug)]
pub(super) enum Task {
    /// Something in a room changes.
    Change(Arc<Room>, Change),
    /// A room was given up, as the one of this generation.
    Forget(Arc<Label>, u64),
    /// Somebody wants to know who is in the room of this name, whatever server they are at.
    People(String, oneshot::Sender<Result<People, NotStored>>),
    /// The server is leaving: everything before this is to be written, and the file closed.
    End(oneshot::Sender<()>),
}

/// A change in one room.
#[derive(Debug)]
pub(super) enum Change {
    /// An event is added.
    Event(Box<Handed>),
    /// All events are removed; the numbers go on.
    Clear,
    /// A person came or left.
    Person(Whom),
}

/// An event on its way.
#[derive(Debug)]
pub(super) struct Handed {
    /// The event, without its number.
    pub(super) event: Event,
    /// The number of bytes of memory that it will use in the log.
    pub(super) bytes: usize,
    /// The person whose coming or going it tells.
    pub(super) whom: Option<Whom>,
    pub(super) reply: Option<oneshot::Sender<Result<Seq, NotStored>>>,
}

/// A person who came or left.
#[derive(Debug)]
pub(crate) enum Whom {
    /// A person who came.
    Came(Visit),
    /// The visit that ended.
    Left(Visit),
}

impl Recorder {
    /// Starts the thread that writes to `disk`. A transaction is committed `delay` after its first
    /// event was handed over, with all that came meanwhile; `log_events` is the number of events
    /// that a room keeps.
    pub(crate) fn start(disk: Disk, delay: Duration, log_events: usize) -> Arc<Self> {
        let (queue, tasks) = mpsc::channel();
        let epochs = disk.epochs();
        let has_failed = Arc::new(AtomicBool::new(false));
        let writer = thread::Writer::new(disk, delay, log_events, &has_failed);
        let thread = std::thread::Builder::new().name("store".to_owned());
        // Without the thread nobody receives, so that every draft is refused.
        if let Err(error) = thread.spawn(move || writer.run(&tasks)) {
            tell(Topic::Store, || {
                format!("nothing can be stored, for want of a thread: {error}")
            });
        }
        Arc::new(Self {
            queue,
            has_failed,
            epochs,
            generation: AtomicU64::new(epochs.generation),
            shared: None,
        })
    }

    /// Starts the threads that write to a Redis and follow what others write there. The delay and
    /// the number of events are as in [`Self::start`].
    pub(crate) fn share(redis: Redis, delay: Duration, log_events: usize) -> Arc<Self> {
        let (queue, tasks) = mpsc::channel();
        let has_failed = Arc::new(AtomicBool::new(false));
        let shared = Shared::start(redis, delay, log_events, &has_failed, tasks);
        Arc::new(Self {
            queue,
            has_failed,
            epochs: Epochs::default(),
            generation: AtomicU64::new(0),
            shared: Some(shared),
        })
    }

    /// Returns who is in the room of this name, at whatever server they are.
    pub(crate) async fn people(&self, room: &str) -> Result<People, NotStored> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::People(room.to_owned(), reply))?;
        answer.await.unwrap_or(Err(NotStored))
    }

    /// Returns the label of a room that is made now.
    pub(crate) fn label(&self, name: &str) -> Arc<Label> {
        let mut epochs = self.epochs;
        epochs.generation = self.generation.load(SeqCst);
        Arc::new(Label {
            name: name.to_owned(),
            epoch: epochs.of(name),
        })
    }

    /// Waits until everything that was handed over is written and the file is closed.
    pub(crate) async fn end(&self) {
        let (done, is_done) = oneshot::channel();
        if self.queue.send(Task::End(done)).is_ok() {
            // An error means that the thread is gone, and the file with it.
            let _ = is_done.await;
        }
    }

    /// Returns whether nothing is taken for now.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(SeqCst)
    }

    fn send(&self, task: Task) -> Result<(), NotStored> {
        if self.has_failed.load(SeqCst) {
            return Err(NotStored);
        }
        self.queue.send(task).map_err(|_| NotStored)
    }
}

impl Record {
    /// Makes the part of `room`.
    pub(crate) fn new(recorder: &Arc<Recorder>, label: Arc<Label>, room: Weak<Room>) -> Self {
        Self {
            recorder: Arc::clone(recorder),
            label,
            room,
            events: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Returns the number of events that are on their way to the log, and of their bytes in it.
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.events.load(Relaxed), self.bytes.load(Relaxed))
    }

    /// Hands over a draft as this event, and returns the answer that it will get. The log's lock
    /// must be held.
    pub(super) fn say(&self, event: Event, bytes: usize) -> Result<Reply, NotStored> {
        let (reply, answer) = oneshot::channel();
        self.hand_over(event, bytes, None, Some(reply))?;
        Ok(answer)
    }

    /// Hands over a join or leave. The log's lock must be held. If nothing can be stored for now,
    /// nothing is handed over and `whom` is given back; where the log is in a Redis, `whom` is
    /// dropped instead.
    pub(super) fn note(
        &self,
        event: Event,
        bytes: usize,
        whom: Option<Whom>,
    ) -> Result<(), Option<Whom>> {
        let is_shared = self.recorder.shared.is_some();
        if self.recorder.has_failed.load(SeqCst) && !is_shared {
            return Err(whom);
        }
        match self.hand_over(event, bytes, whom, None) {
            // Once a Redis is back, this server tells it who is here; it reports the difference.
            Ok(()) => Ok(()),
            Err(NotStored) if is_shared => Ok(()),
            Err(NotStored) => Err(None),
        }
    }

    fn hand_over(
        &self,
        event: Event,
        bytes: usize,
        whom: Option<Whom>,
        reply: Option<oneshot::Sender<Result<Seq, NotStored>>>,
    ) -> Result<(), NotStored> {
        // A room that nobody holds any more needs no event.
        let room = self.room.upgrade().ok_or(NotStored)?;
        let handed = Box::new(Handed {
            event,
            bytes,
            whom,
            reply,
        });
        let task = Task::Change(room, Change::Event(handed));
        self.events.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
        let sent = self.recorder.send(task);
        if sent.is_err() {
            self.arrived(1, bytes);
        }
        sent
    }

    /// Hands over a change that is no event. If nothing can be stored for now, the change is lost:
    /// after its next start the server takes people who left for present until their lease is over.
    pub(super) fn change(&self, change: Change) {
        if let Some(room) = self.room.upgrade() {
            let _ = self.recorder.send(Task::Change(room, change));
        }
    }

    /// Records that events are no longer on their way. The log's lock must be held.
    pub(super) fn arrived(&self, events: usize, bytes: usize) {
        self.events.fetch_sub(events, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
    }

    /// Records that the room was given up.
    pub(super) fn forget(&self) {
        let generation = self.recorder.generation.fetch_add(1, SeqCst) + 1;
        let task = Task::Forget(Arc::clone(&self.label), generation);
        let _ = self.recorder.send(task);
    }
}

#[cfg(test)]
mod tests;
