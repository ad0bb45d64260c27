//! One task that reads the connections of many readers.
//!
//! If each reader has a task of its own, each message wakes every task, and all that a reader has
//! is fetched into the caches with it: its future, its WebSocket's state, a buffer of its own. Here
//! one task goes through all connections that are ready, with one buffer, and touches of each
//! reader only what the message changes. What it hears is entered as the reader's own task would
//! enter it.
//!
//! A reader takes a seat here as long as its connection brings nothing but texts, and its task
//! waits. The task has the connection back when something else comes or the connection is over, and
//! at once when it wants to leave.
//!
//! There are two ways to read: the runtime tells which sockets are ready, and each is read; or the
//! kernel receives for all of them, and tells what has come ([`by_ring`]).

pub(super) mod by_ring;

use std::{
    cell::{Cell, RefCell},
    hint::black_box,
    mem,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tokio::{
    sync::oneshot,
    task::{unconstrained, yield_now},
};

use super::{hear, shard::Shard};
use crate::{
    failure::Failure,
    measure::audit::Audit,
    socket::{arrival::Stamp, ready::Ready, ring::Ring},
    transport::{
        Listener, Plain,
        reader::{Reader, Receiver},
        resume::Resume,
    },
};

/// The size of the buffer that all connections are read with, in bytes.
const ROOM: usize = 64 * 1024;

/// The number of connections that are read before timers and other tasks have their turn. Between
/// two looks at its timers the runtime runs about as many tasks.
const AT_ONCE: usize = 64;

/// The one who takes each text.
type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Failure>;

/// The connections of a shard's readers that one task reads.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The seat of each reader that has one, by its place among the people of the shard.
    seats: RefCell<Vec<Option<Box<Seat>>>>,
    /// The places of those whose connections are ready.
    ready: Ready,
    /// The ring that reads those that need no stamps; absent where the plan does not ask for it.
    ring: RefCell<Option<Ring>>,
    /// The number of times that the ring began with a reader's connection.
    lent: Cell<u64>,
    /// The state that a reader keeps from one connection to the next, which all have in common:
    /// nobody comes back by a policy here.
    resume: Resume,
}

/// A reader in the batch.
#[derive(Debug)]
struct Seat {
    plain: Plain,
    person: usize,
    /// The stamp of what the person read last; present for the few people whose sockets have
    /// stamps.
    arrival: Option<Stamp>,
    audit: Audit,
    /// True once the reader has heard anything here.
    has_heard: bool,
    /// The waker that puts the reader among those who are ready; without effect for those whom the
    /// ring reads.
    waker: Waker,
    /// The way to the reader's task; absent once it was told why it has to go on.
    task: Option<oneshot::Sender<Result<(), Failure>>>,
}

impl Batch {
    /// Makes the batch of a shard with so many readers, none of whom is in it yet.
    pub(super) fn new(people: usize) -> Self {
        Self {
            seats: RefCell::new((0..people).map(|_| None).collect()),
            ready: Ready::default(),
            ring: RefCell::default(),
            lent: Cell::new(0),
            resume: Resume::default(),
        }
    }

    /// Closes all connections that are still read here.
    pub(super) fn close(&self) {
        self.close_ring();
        self.seats.take();
    }

    /// Takes a reader out, if it is in the batch.
    fn take(&self, place: usize) -> Option<Box<Seat>> {
        self.seats.borrow_mut().get_mut(place)?.take()
    }

    /// Takes a reader out for good, with all that the ring has read for it.
    fn take_back(&self, place: usize) -> Option<Box<Seat>> {
        let mut seat = self.take(place)?;
        self.stop(place, &mut seat);
        Some(seat)
    }

    fn put(&self, place: usize, seat: Box<Seat>) {
        if let Some(empty) = self.seats.borrow_mut().get_mut(place) {
            *empty = Some(seat);
        }
    }

    /// Makes the processor fetch a reader's state while the kernel reads for the one before.
    fn prefetch(&self, place: usize) {
        if let Some(Some(seat)) = self.seats.borrow().get(place) {
            black_box(seat.person);
            seat.plain.prefetch();
        }
    }

    /// Reads what has come for the reader at `place`, if it is still there.
    fn read_one(&self, shard: &Rc<Shard>, place: usize, room: &mut [u8]) {
        let Some(mut seat) = self.take(place) else {
            return;
        };
        seat.read(shard, place, room);
        self.put(place, seat);
    }
}

impl Seat {
    fn read(&mut self, shard: &Rc<Shard>, place: usize, room: &mut [u8]) {
        self.step(shard, place, |plain, waker, take| {
            plain.poll_texts(&mut Context::from_waker(waker), room, take)
        });
    }

    /// Has `look` give texts, and tells the reader's task if the connection is to go back to it. A
    /// task that was told already is told nothing more.
    fn step(
        &mut self,
        shard: &Rc<Shard>,
        place: usize,
        look: impl FnOnce(&mut Plain, &Waker, Take<'_>) -> Poll<Result<(), Failure>>,
    ) {
        if self.task.is_none() {
            return;
        }
        let Self {
            plain,
            audit,
            has_heard,
            waker,
            ..
        } = self;
        let receiver = Receiver {
            person: self.person,
            place,
            arrival: self.arrival.as_ref(),
            resume: &shard.batch.resume,
        };
        let polled = look(plain, waker, &mut |text| {
            hear::hear_text(shard, receiver, audit, text)?;
            *has_heard = true;
            Ok(())
        });
        if let Poll::Ready(result) = polled {
            self.tell(result);
        }
    }

    /// Tells the reader's task to go on, which then takes the reader out.
    fn tell(&mut self, result: Result<(), Failure>) {
        if let Some(task) = self.task.take() {
            // If the task is gone, it has taken its reader out.
            let _ = task.send(result);
        }
    }
}

/// Reads the connections of a shard's batch, as long as the shard runs.
pub(super) async fn read(shard: Rc<Shard>) {
    // tokio ends a task's turn after as many reads as suit one connection; this task has many.
    unconstrained(read_all(shard)).await;
}

async fn read_all(shard: Rc<Shard>) {
    let (mut ready, mut room) = (Vec::new(), vec![0; ROOM]);
    let mut turns = 0;
    loop {
        shard.batch.ready.take(&mut ready).await;
        let mut places = ready.drain(..).peekable();
        while let Some(place) = places.next() {
            if let Some(next) = places.peek() {
                shard.batch.prefetch(*next);
            }
            shard.batch.read_one(&shard, place, &mut room);
            turns += 1;
            if turns == AT_ONCE {
                turns = 0;
                yield_now().await;
            }
        }
    }
}

/// Lets the batch read the connection of a reader until the reader's task has to go on; returns at
/// once if the connection is not one for the batch. `has_heard` becomes true if anything was heard.
///
/// # Errors
/// Fails when the connection is over.
pub(super) async fn join(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    audit: &mut Audit,
    has_heard: &mut bool,
) -> Result<(), Failure> {
    let Some(plain) = listener.take_plain() else {
        return Ok(());
    };
    let by_ring = shard.batch.has_ring() && plain.may_be_read_elsewhere();
    let (task, told) = oneshot::channel();
    let seat = Box::new(Seat {
        plain,
        person: reader.person,
        arrival: reader.arrival.clone(),
        audit: mem::replace(audit, Audit::new(None)),
        has_heard: false,
        waker: if by_ring {
            Waker::noop().clone()
        } else {
            shard.batch.ready.waker(reader.place)
        },
        task: Some(task),
    });
    if by_ring {
        by_ring::sit_down(shard, reader.place, seat);
    } else {
        // What came with the head of the answer is looked at without waiting for more.
        seat.waker.wake_by_ref();
        shard.batch.put(reader.place, seat);
    }
    let mut stay = Stay {
        shard,
        place: reader.place,
        listener,
        audit,
        has_heard,
        is_over: false,
    };
    // A batch that is closed tells nobody, and its readers are gone.
    let result = told.await.unwrap_or(Ok(()));
    stay.is_over = result.is_err();
    result
}

/// The stay of a reader in the batch. When it is dropped, the reader's task has everything back,
/// even if that task no longer waits for the batch.
struct Stay<'a> {
    shard: &'a Shard,
    place: usize,
    listener: &'a mut Listener,
    audit: &'a mut Audit,
    has_heard: &'a mut bool,
    is_over: bool,
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let Some(seat) = self.shard.batch.take_back(self.place) else {
            return;
        };
        let seat = *seat;
        *self.audit = seat.audit;
        *self.has_heard |= seat.has_heard;
        if !self.is_over {
            self.listener.put_back(seat.plain);
        }
    }
}
