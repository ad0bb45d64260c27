//! The readers over connections that stay open, and the sweep that brings all
//! of them from their places to the newest event.
//!
//! Waking a task for each reader and event would cost more than the event. So
//! an event, or several that come together, starts one sweep: it goes from seat
//! to seat and writes what all readers share. A reader whose socket is full is
//! passed by; its own task waits until there is room.

use std::sync::{
    Arc, Mutex, OnceLock, Weak,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
};

use tokio::{runtime::Handle, task::yield_now};
use wire::Seq;

use crate::room::{
    Room,
    sweep_cache::SweepCache,
    writer::{Writer, advance_together},
};

#[cfg(test)]
use crate::room::planted::{self, Fault};

/// The number of readers that are served before other tasks may run: about a
/// quarter of a millisecond of writing.
const SLICE: usize = 64;

/// The seats of a room.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    /// The rows, made for the first reader: a room of pollers needs none.
    rows: OnceLock<Rows>,
}

/// The rows of a room: one for each thread of the runtime, each with a sweep of
/// its own.
#[derive(Debug)]
struct Rows {
    room: Weak<Room>,
    runtime: Handle,
    all: Box<[Row]>,
    /// The number of readers that were registered, to spread them over the
    /// rows.
    registered: AtomicUsize,
}

#[derive(Debug, Default)]
struct Row {
    seats: Mutex<SeatList>,
    /// True while a sweep is on its way.
    sweeping: AtomicBool,
    /// The number of the event up to which the last sweep served all readers who
    /// keep up.
    served: AtomicU64,
}

/// The writers in their seats. None is moved while a sweep passes, or the sweep
/// could miss it.
#[derive(Debug, Default)]
struct SeatList {
    seats: Vec<Option<Arc<Writer>>>,
    free: Vec<usize>,
}

/// A reader's seat; dropping it leaves it.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) room: Arc<Room>,
    pub(crate) writer: Arc<Writer>,
    // Small, as each reader has one; no row has that many seats.
    row: u32,
    number: u32,
}

impl Room {
    /// Registers a reader, and sends it all events that it has not seen.
    pub(crate) fn register(self: &Arc<Self>, writer: Arc<Writer>) -> Seat {
        let (row, number) = self.seats.take(self, Arc::clone(&writer));
        // Events that came before are sent now; a sweep for those that come from now on finds the
        // reader in its seat.
        writer.advance(&mut self.sweep_cache());
        Seat {
            room: Arc::clone(self),
            writer,
            row: row as u32,
            number: number as u32,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(rows) = self.room.seats.rows.get() {
            rows.all[self.row as usize].leave(self.number as usize);
        }
    }
}

impl Seats {
    fn take(&self, room: &Arc<Room>, writer: Arc<Writer>) -> (usize, usize) {
        let rows = self.rows.get_or_init(|| {
            let runtime = Handle::current();
            let threads = runtime.metrics().num_workers();
            Rows {
                room: Arc::downgrade(room),
                runtime,
                all: (0..threads).map(|_| Row::new(room.newest())).collect(),
                registered: AtomicUsize::new(0),
            }
        });
        let row = rows.registered.fetch_add(1, Relaxed) % rows.all.len();
        (row, rows.all[row].take(writer))
    }

    /// Starts a sweep, if none is on its way, that sends every reader the
    /// events up to the newest.
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

    /// Returns the number of the event up to which all readers who keep up were
    /// served; `None` where no reader has a seat.
    pub(crate) fn served(&self) -> Option<Seq> {
        let rows = self.rows.get()?.all.iter();
        rows.map(|row| row.served.load(SeqCst)).min()
    }

    /// Calls `count` with the writer of each reader that waits.
    pub(crate) fn each(&self, mut count: impl FnMut(&Writer)) {
        for row in self.rows.get().iter().flat_map(|rows| &rows.all) {
            let list = row.seats.lock().expect("no holder panics");
            for writer in list.sitting().filter(|writer| writer.waits()) {
                count(writer);
            }
        }
    }

    /// Wakes every reader's own task.
    pub(crate) fn wake_all(&self) {
        for row in self.rows.get().iter().flat_map(|rows| &rows.all) {
            for writer in row.seats.lock().expect("no holder panics").sitting() {
                writer.wake();
            }
        }
    }
}

impl Row {
    fn new(served: Seq) -> Self {
        Self {
            served: AtomicU64::new(served),
            ..Self::default()
        }
    }

    fn take(&self, writer: Arc<Writer>) -> usize {
        let mut list = self.seats.lock().expect("no holder panics");
        if let Some(number) = list.free.pop() {
            list.seats[number] = Some(writer);
            return number;
        }
        list.seats.push(Some(writer));
        list.seats.len() - 1
    }

    fn leave(&self, number: usize) {
        let mut list = self.seats.lock().expect("no holder panics");
        list.seats[number] = None;
        list.free.push(number);
        #[cfg(test)]
        if planted::is(Fault::SharedSeat) {
            list.free.push(number);
        }
    }

    fn len(&self) -> usize {
        self.seats.lock().expect("no holder panics").seats.len()
    }

    /// Advances the readers in the seats `from..to`. The row stays locked
    /// meanwhile: counting references to each writer up and down would cost as
    /// much as all other work of this program for a delivery, and a reader that
    /// waits to be registered waits for one slice only.
    fn advance(&self, from: usize, to: usize, cache: &mut SweepCache<'_>) {
        let list = self.seats.lock().expect("no holder panics");
        let to = to.min(list.seats.len());
        let sitting = list.seats[from.min(to)..to].iter().flatten();
        if cache.room.submits {
            return advance_together(sitting, cache);
        }
        let mut sitting = sitting.peekable();
        while let Some(writer) = sitting.next() {
            if let Some(next) = sitting.peek() {
                next.prefetch();
            }
            writer.advance(cache);
        }
    }
}

impl SeatList {
    /// Returns the writers of all readers that have a seat.
    fn sitting(&self) -> impl Iterator<Item = &Arc<Writer>> {
        self.seats.iter().flatten()
    }
}

/// Advances all readers of a row to the newest event, until no new event has
/// come meanwhile.
async fn sweep(room: Arc<Room>, number: usize) {
    let Some(row) = room.seats.rows.get().map(|rows| &rows.all[number]) else {
        return;
    };
    loop {
        // Speakers whose tasks are ready speak first, and share this sweep.
        yield_now().await;
        let newest = room.newest();
        sweep_once(&room, row, newest).await;
        #[cfg(test)]
        if planted::is(Fault::TiredSweep) {
            return row.sweeping.store(false, SeqCst);
        }
        if room.newest() == newest {
            row.sweeping.store(false, SeqCst);
            // A speaker may have seen this sweep on its way, and have started none for its event.
            if room.newest() == newest || row.sweeping.swap(true, SeqCst) {
                return;
            }
        }
    }
}

/// Advances all readers of a row to `turn`, which also chooses the reader that is
/// first.
async fn sweep_once(room: &Room, row: &Row, turn: Seq) {
    let len = row.len();
    let begin = first_of(len, turn);
    let mut cache = room.sweep_cache();
    for (from, to) in slices(begin, len).chain(slices(0, begin)) {
        row.advance(from, to, &mut cache);
        yield_now().await;
    }
    row.served.store(cache.behind.unwrap_or(turn), SeqCst);
    if let Some(counters) = &room.counters {
        counters.sweep(cache.now.elapsed());
    }
}

/// Returns the seat, of `len` seats, at which the sweep begins that brings
/// readers to the event `turn`: a golden section further on for each event.
/// Whatever the turns are, each seat has its share of first and last places.
/// A step of one seat for each event would not suffice: if messages come in bursts as large as the
/// room, the same reader would be last for all of them.
fn first_of(len: usize, turn: Seq) -> usize {
    /// The number 2^64 divided by the golden ratio.
    const SECTION: u64 = 0x9E37_79B9_7F4A_7C15;
    let share_of_round = u128::from(turn.wrapping_mul(SECTION));
    ((share_of_round * len as u128) >> 64) as usize
}

fn slices(from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
    (from..to)
        .step_by(SLICE)
        .map(move |begin| (begin, to.min(begin + SLICE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the seats in the order in which a sweep passes them.
    fn order(len: usize, turn: Seq) -> Vec<usize> {
        let begin = first_of(len, turn);
        let slices = slices(begin, len).chain(slices(0, begin));
        slices.flat_map(|(from, to)| from..to).collect()
    }

    #[test]
    fn a_sweep_passes_each_seat_once() {
        for len in [0, 1, 2, 63, 64, 65, 200] {
            for turn in [0, 1, 2, 63, 64, 65, u64::MAX] {
                let mut seats = order(len, turn);
                seats.sort_unstable();
                assert_eq!(seats, (0..len).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn no_seat_is_last_more_than_its_share_however_messages_come() {
        const SWEEPS: usize = 2_000;
        for len in [2, 3, 5, 8, 20, 21, 50] {
            // So many messages in each sweep.
            for burst in 1..=60 {
                let mut times = vec![0; len];
                for sweep in 1..=SWEEPS as u64 {
                    times[*order(len, sweep * burst).last().expect("a seat")] += 1;
                }
                let share = SWEEPS / len;
                let (least, most) = (times.iter().min(), times.iter().max());
                assert!(least >= Some(&(share / 2)), "{len} {burst} {times:?}");
                assert!(most <= Some(&(share * 3 / 2)), "{len} {burst} {times:?}");
            }
        }
    }
}
