//! The part of the batch that a ring reads (`socket/ring.rs`).
//!
//! The runtime does not watch a socket that is read so, or it would be told of each packet as well,
//! and the server that is measured would pay for that in its system call. The runtime watches the
//! ring's bell instead. When the reader's task takes its connection back, the receive is stopped
//! first; what it brought and nobody has looked at goes back with the connection.

use std::{io, os::fd::OwnedFd, rc::Rc, task::Poll};

use tokio::{
    io::unix::AsyncFd,
    task::{unconstrained, yield_now},
};

use super::{AT_ONCE, Batch, Seat};
use crate::{
    driver::shard::Shard,
    failure::Failure,
    socket::ring::{Arrival, Ring},
};

impl Batch {
    /// Asks the kernel for the ring of this thread.
    ///
    /// # Errors
    /// Returns the kernel's error; then the runtime tells which sockets are ready.
    pub(in crate::driver) fn open_ring(&self) -> io::Result<()> {
        let places = self.seats.borrow().len();
        *self.ring.borrow_mut() = Some(Ring::open(places)?);
        Ok(())
    }

    /// Returns the number of times that the ring began with a reader's connection.
    pub(in crate::driver) fn lent(&self) -> u64 {
        self.lent.get()
    }

    pub(super) fn has_ring(&self) -> bool {
        self.ring.borrow().is_some()
    }

    fn bell(&self) -> Option<io::Result<AsyncFd<OwnedFd>>> {
        self.ring.borrow().as_ref().map(Ring::bell)
    }

    /// Has the ring receive for a reader from now on.
    fn lend(&self, place: usize, seat: &mut Seat) {
        let socket = match seat.plain.lend() {
            Ok(socket) => socket,
            Err(error) => return seat.tell(Err(error.kind().into())),
        };
        let mut ring = self.ring.borrow_mut();
        let begun = ring.as_mut().map(|ring| ring.begin(place, socket));
        drop(ring);
        match begun {
            Some(Ok(())) => self.lent.set(self.lent.get() + 1),
            Some(Err(error)) => {
                seat.tell(Err(error.kind().into()));
                self.give_up(&error);
            }
            None => seat.tell(Err(Failure::Closed)),
        }
    }

    /// Stops the receive for a reader, if the ring reads its connection, and keeps what it brought.
    pub(super) fn stop(&self, place: usize, seat: &mut Seat) {
        let mut ring = self.ring.borrow_mut();
        let Some(open) = ring.as_mut() else {
            return;
        };
        if let Err(error) = open.stop(place, |arrival| seat.plain.keep(arrival.came)) {
            drop(ring);
            self.give_up(&error);
        }
    }

    /// Stops all receives, and counts what they have brought.
    pub(super) fn close_ring(&self) {
        let Some(mut ring) = self.ring.take() else {
            return;
        };
        // A ring that fails here is closed all the same.
        let _ = ring.stop_all();
        while ring.take_next(|arrival| self.keep(&arrival)).is_some() {}
    }

    fn keep(&self, arrival: &Arrival<'_>) {
        if let Some(Some(seat)) = self.seats.borrow_mut().get_mut(arrival.place) {
            seat.plain.keep(arrival.came);
        }
    }

    /// Does without the ring, which failed: those whose connections it read have lost them.
    fn give_up(&self, error: &io::Error) {
        self.close_ring();
        for seat in self.seats.borrow_mut().iter_mut().flatten() {
            if seat.plain.is_lent() {
                seat.tell(Err(error.kind().into()));
            }
        }
    }

    /// Asks the ring what has come, and returns whether there is anything to take.
    fn look(&self) -> bool {
        let looked = match self.ring.borrow_mut().as_mut() {
            Some(ring) => ring.look(),
            None => return false,
        };
        looked.unwrap_or_else(|error| {
            self.give_up(&error);
            false
        })
    }

    /// Takes what came first. Returns false if there is nothing more.
    fn take_next(&self, shard: &Rc<Shard>) -> bool {
        let mut ring = self.ring.borrow_mut();
        let Some(open) = ring.as_mut() else {
            return false;
        };
        let taken = open.take_next(|arrival| {
            if let Some(next) = arrival.next {
                self.prefetch(next);
            }
            let mut seat = self.take(arrival.place)?;
            seat.hear(shard, arrival);
            let has_ended = !arrival.goes_on && seat.task.is_some();
            Some((arrival.place, seat, has_ended))
        });
        let Some(taken) = taken else {
            return false;
        };
        if let Some((place, mut seat, has_ended)) = taken {
            let begun = if has_ended {
                let socket = seat.plain.lend();
                socket.and_then(|socket| open.begin_soon(place, socket))
            } else {
                Ok(())
            };
            self.put(place, seat);
            if let Err(error) = begun {
                drop(ring);
                self.give_up(&error);
            }
        }
        true
    }
}

impl Seat {
    /// Takes what came. Once the reader's task was told to go on, it is for the task.
    fn hear(&mut self, shard: &Rc<Shard>, arrival: Arrival<'_>) {
        if self.task.is_none() {
            return self.plain.keep(arrival.came);
        }
        self.step(shard, arrival.place, |plain, _, mut take| {
            polled(plain.take_came(arrival.came, &mut take))
        });
    }
}

/// Returns what a look that waits for nothing comes to.
fn polled(is_for_batch: Result<bool, Failure>) -> Poll<Result<(), Failure>> {
    match is_for_batch {
        Ok(true) => Poll::Pending,
        Ok(false) => Poll::Ready(Ok(())),
        Err(failure) => Poll::Ready(Err(failure)),
    }
}

/// Gives a reader its seat: what came with the head of the answer is looked at, and the ring
/// receives what follows.
pub(super) fn sit_down(shard: &Rc<Shard>, place: usize, mut seat: Box<Seat>) {
    seat.step(shard, place, |plain, _, mut take| {
        polled(plain.take_kept(&mut take))
    });
    if seat.task.is_some() {
        shard.batch.lend(place, &mut seat);
    }
    shard.batch.put(place, seat);
}

/// Takes what the ring of a shard's batch receives, as long as the shard runs. Returns at once if
/// there is no ring.
pub(in crate::driver) async fn read(shard: Rc<Shard>) {
    let Some(bell) = shard.batch.bell() else {
        return;
    };
    match bell {
        // As the task that reads by itself, this one has many connections.
        Ok(bell) => unconstrained(read_all(&shard, &bell)).await,
        Err(error) => shard.batch.give_up(&error),
    }
}

async fn read_all(shard: &Rc<Shard>, bell: &AsyncFd<OwnedFd>) {
    let mut turns = 0;
    while let Ok(mut rung) = bell.readable().await {
        // Before the look, so that a bell that rings during it is heard.
        rung.clear_ready();
        while shard.batch.look() {
            while shard.batch.take_next(shard) {
                turns += 1;
                if turns == AT_ONCE {
                    turns = 0;
                    yield_now().await;
                }
            }
        }
    }
}
