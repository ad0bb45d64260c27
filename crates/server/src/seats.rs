//! Those who read over a connection that stays open, and the sweep that carries
//! all of them from their places to the head of the log.
//!
//! Waking a task for each reader and event would cost more than the event. So
//! an event, or several that come together, starts one sweep: it goes from seat
//! to seat and writes what all readers share. A reader whose socket is full is
//! passed by; its own task waits until there is room.

use std::sync::{
    Arc, Mutex, OnceLock, Weak,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
};

use tokio::{runtime::Handle, task::yield_now};

use crate::{
    outlet::Outlet,
    room::{Portions, Room},
};

/// Readers who are served before others may run: about a quarter of a
/// millisecond of writing.
const SLICE: usize = 64;

/// All seats of a room.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    /// Made when somebody sits down: a room of pollers needs none.
    rows: OnceLock<Rows>,
}

/// A row for each thread of the runtime, each with a sweep of its own.
#[derive(Debug)]
struct Rows {
    room: Weak<Room>,
    runtime: Handle,
    all: Box<[Row]>,
    /// Counts those who sat down, to spread them over the rows.
    sat: AtomicUsize,
}

#[derive(Debug, Default)]
struct Row {
    seats: Mutex<Taken>,
    /// Whether a sweep is on its way.
    sweeping: AtomicBool,
}

/// Who sits where. Nobody is moved while a sweep passes, or it could pass by
/// somebody.
#[derive(Debug, Default)]
struct Taken {
    seats: Vec<Option<Arc<Outlet>>>,
    free: Vec<usize>,
}

/// A reader's seat; dropping it leaves it.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) room: Arc<Room>,
    pub(crate) outlet: Arc<Outlet>,
    row: usize,
    number: usize,
}

impl Room {
    /// Gives a reader a seat, and sends it what it has not seen.
    pub(crate) fn sit(self: &Arc<Self>, outlet: Arc<Outlet>) -> Seat {
        let (row, number) = self.seats.take(self, Arc::clone(&outlet));
        // Whatever came before is sent now, whatever comes from now on finds
        // the reader in its seat.
        outlet.advance(&mut self.portions());
        Seat {
            room: Arc::clone(self),
            outlet,
            row,
            number,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(rows) = self.room.seats.rows.get() {
            rows.all[self.row].leave(self.number);
        }
    }
}

impl Seats {
    fn take(&self, room: &Arc<Room>, outlet: Arc<Outlet>) -> (usize, usize) {
        let rows = self.rows.get_or_init(|| {
            let runtime = Handle::current();
            let threads = runtime.metrics().num_workers();
            Rows {
                room: Arc::downgrade(room),
                runtime,
                all: (0..threads).map(|_| Row::default()).collect(),
                sat: AtomicUsize::new(0),
            }
        });
        let row = rows.sat.fetch_add(1, Relaxed) % rows.all.len();
        (row, rows.all[row].take(outlet))
    }

    /// Sees to it that everybody is sent what is in the log now.
    pub(crate) fn sweep_soon(&self) {
        let Some(rows) = self.rows.get() else { return };
        for (number, row) in rows.all.iter().enumerate() {
            if !row.sweeping.swap(true, SeqCst)
                && let Some(room) = rows.room.upgrade()
            {
                rows.runtime.spawn(sweep(room, number));
            }
        }
    }

    /// Wakes every reader's own task.
    pub(crate) fn wake_all(&self) {
        for row in self.rows.get().iter().flat_map(|rows| &rows.all) {
            for outlet in row.seats.lock().expect("no holder panics").sitting() {
                outlet.wake();
            }
        }
    }
}

impl Row {
    fn take(&self, outlet: Arc<Outlet>) -> usize {
        let mut taken = self.seats.lock().expect("no holder panics");
        if let Some(number) = taken.free.pop() {
            taken.seats[number] = Some(outlet);
            return number;
        }
        taken.seats.push(Some(outlet));
        taken.seats.len() - 1
    }

    fn leave(&self, number: usize) {
        let mut taken = self.seats.lock().expect("no holder panics");
        taken.seats[number] = None;
        taken.free.push(number);
    }

    fn len(&self) -> usize {
        self.seats.lock().expect("no holder panics").seats.len()
    }

    /// Carries on who sits in the seats `from..to`. The row stays locked for it:
    /// to count up and down who holds each outlet would cost as much as all else
    /// that is ours of a delivery, and who waits to sit down waits for one slice.
    fn advance(&self, from: usize, to: usize, portions: &mut Portions<'_>) {
        let taken = self.seats.lock().expect("no holder panics");
        let to = to.min(taken.seats.len());
        let mut sitting = taken.seats[from.min(to)..to].iter().flatten().peekable();
        while let Some(outlet) = sitting.next() {
            if let Some(next) = sitting.peek() {
                next.come_near();
            }
            outlet.advance(portions);
        }
    }
}

impl Taken {
    /// Everybody who sits.
    fn sitting(&self) -> impl Iterator<Item = &Arc<Outlet>> {
        self.seats.iter().flatten()
    }
}

/// Carries everybody in a row to the head, until nothing new has come meanwhile.
async fn sweep(room: Arc<Room>, number: usize) {
    let Some(row) = room.seats.rows.get().map(|rows| &rows.all[number]) else {
        return;
    };
    loop {
        // Whoever is about to speak speaks first, and shares this sweep.
        yield_now().await;
        let newest = room.newest();
        sweep_once(&room, row, newest as usize).await;
        if room.newest() == newest {
            row.sweeping.store(false, SeqCst);
            // Somebody may have spoken in between, and left it to us.
            if room.newest() == newest || row.sweeping.swap(true, SeqCst) {
                return;
            }
        }
    }
}

/// `turn`: whose turn it is to be first. Each sweep begins further on, so that
/// nobody is always last.
async fn sweep_once(room: &Room, row: &Row, turn: usize) {
    let len = row.len();
    let begin = turn % len.max(1);
    let mut portions = room.portions();
    for (from, to) in slices(begin, len).chain(slices(0, begin)) {
        row.advance(from, to, &mut portions);
        yield_now().await;
    }
}

fn slices(from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
    (from..to)
        .step_by(SLICE)
        .map(move |begin| (begin, to.min(begin + SLICE)))
}
