//! All the rooms, by name, and which of them are given up for others.
//!
//! A room that nobody is in may be given up: its log has an epoch, so a reader who comes back to a
//! room made anew is informed of it. Rooms that were little used go first, in the order in which
//! they were made; then others. A room is looked at once for each that is made, so refusing or
//! opening one more costs the same however many there are.

mod kept;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst},
    },
};

use wire::Seq;

use crate::{
    address::Address,
    room::{Room, memory::Memory, reason::Reason, recorder::Recorder, shares::Shares},
    settings::Settings,
    store::{Backing, stored::StoredRoom},
};

/// The number of rooms that are looked at for one to give up.
const LOOKS: usize = 16;
/// The largest number of events that a room may have had since it was listed, and still count as
/// little used.
const LITTLE: Seq = 1;

/// The rooms, by name. A room is made when it is first read or spoken in.
#[derive(Debug)]
pub(crate) struct Rooms {
    book: Mutex<Book>,
    settings: Arc<Settings>,
    pub(crate) shares: Arc<Shares>,
    memory: Arc<Memory>,
    closed: AtomicBool,
    /// The rooms that may be, if that is limited.
    named: RwLock<Option<Vec<String>>>,
    /// The thread that writes to the store, if there is one.
    recorder: Option<Arc<Recorder>>,
}

#[derive(Debug, Default)]
struct Book {
    by_name: HashMap<Arc<str>, Kept>,
    /// The number of rooms made so far.
    made: u64,
    /// The rooms that were little used, in the order in which they were made.
    young: VecDeque<Listed>,
    /// The rooms that were in use when they were looked at.
    old: VecDeque<Listed>,
    /// The number of events of the rooms that were given up.
    gone: Seq,
    /// The number of events that their readers were told that they missed.
    gone_missed: Seq,
    /// The rooms of each address; kept if the number of rooms of an address is limited.
    by_address: HashMap<Address, VecDeque<Listed>>,
}

#[derive(Debug)]
struct Kept {
    room: Arc<Room>,
    number: u64,
    by: Option<Address>,
}

/// A room in a list. It is stale once the room of this name has another number.
#[derive(Debug)]
struct Listed {
    name: Arc<str>,
    number: u64,
    /// The newest event when it was listed.
    newest: Seq,
}

impl Rooms {
    /// Makes a collection of the rooms that are stored; without a store there are none.
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        let mut rooms = Self {
            book: Mutex::default(),
            shares: Arc::new(Shares::new(settings.per_address)),
            memory: Memory::new(settings.all_log_bytes),
            settings,
            closed: AtomicBool::new(false),
            named: RwLock::default(),
            recorder: None,
        };
        if let Some(store) = &rooms.settings.store
            && let Some(backing) = store.take()
        {
            let delay = store.delay();
            match backing {
                Backing::Disk(disk) => rooms.restore(*disk, delay),
                Backing::Redis(redis) => rooms.share(*redis, delay),
            }
        }
        rooms
    }

    /// Returns the room of this name, which is made if there is none. `by` is who
    /// asks; `None` is the program around the server.
    pub(crate) fn open(&self, name: &str, by: Option<Address>) -> Result<Arc<Room>, Reason> {
        if let Some(shared) = self.shared() {
            return self.open_shared(shared, name, by);
        }
        self.open_with(name, by, None)
    }

    /// Does what [`Self::open`] does, without looking the room up if it is `known`, a room that the
    /// caller already has. Most often it is.
    pub(crate) fn open_known(
        &self,
        known: Option<&Arc<Room>>,
        name: &str,
        by: Option<Address>,
    ) -> Result<Arc<Room>, Reason> {
        match known {
            Some(known) if self.shared().is_none() && known.is(name) => Ok(Arc::clone(known)),
            _ => self.open(name, by),
        }
    }

    /// Returns whether other servers have the same logs, so that each poll has to look whether they
    /// have more.
    pub(crate) fn are_shared(&self) -> bool {
        self.shared().is_some()
    }

    /// Returns the room of this name; one that is made has what is `stored` of it.
    fn open_with(
        &self,
        name: &str,
        by: Option<Address>,
        stored: Option<&StoredRoom>,
    ) -> Result<Arc<Room>, Reason> {
        let mut book = self.book.lock().expect("no holder panics");
        if let Some(kept) = book.by_name.get(name) {
            return Ok(Arc::clone(&kept.room));
        }
        let is_kept = self.settings.kept_rooms.iter().any(|kept| kept == name);
        if let Some(by) = by
            && !is_kept
        {
            self.check_name(name)?;
            if let Some(most) = self.settings.per_address.rooms {
                book.make_way_of(by, most, &self.settings.kept_rooms)?;
            }
        }
        if !is_kept && book.by_name.len() >= self.settings.max_rooms {
            let gave_up = book.give_up_one(&self.settings.kept_rooms);
            if !gave_up {
                return Err(Reason::RoomsFull(self.settings.max_rooms));
            }
        }
        for _ in 0..LOOKS {
            if !self.memory.is_full() || !book.give_up_one(&self.settings.kept_rooms) {
                break;
            }
        }
        let (account, shares) = (self.memory.open(), Arc::clone(&self.shares));
        let room = match &self.recorder {
            None => Arc::new(Room::new(&self.settings, account, shares)),
            Some(recorder) => {
                let label = stored.map(|stored| Arc::clone(&stored.label));
                let label = label.unwrap_or_else(|| recorder.label(name));
                Room::recorded(&self.settings, account, shares, recorder, label)
            }
        };
        if let Some(stored) = stored {
            room.restore(stored, self.settings.lease_grace);
        }
        if self.closed.load(Relaxed) {
            room.close();
        }
        let by = by.filter(|_| self.settings.per_address.rooms.is_some());
        book.add(name, Arc::clone(&room), by);
        Ok(room)
    }

    /// Returns the room of this name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Room>> {
        let book = self.book.lock().expect("no holder panics");
        book.by_name.get(name).map(|kept| Arc::clone(&kept.room))
    }

    /// Lets only these rooms be opened from now on, beside those that are there and
    /// those that are kept; `None` lets in all.
    pub(crate) fn name_rooms(&self, named: Option<Vec<String>>) {
        *self.named.write().expect("no holder panics") = named;
    }

    fn check_name(&self, name: &str) -> Result<(), Reason> {
        let named = self.named.read().expect("no holder panics");
        let is = |named: &String| match named.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == named,
        };
        match &*named {
            Some(named) if !named.iter().any(is) => Err(Reason::RoomNotNamed),
            _ => Ok(()),
        }
    }

    /// Returns the rooms in which a lease may end.
    pub(crate) fn with_leases(&self) -> Vec<Arc<Room>> {
        let book = self.book.lock().expect("no holder panics");
        let rooms = book.by_name.values().map(|kept| &kept.room);
        let leased = rooms.filter(|room| room.has_leases.load(Relaxed));
        leased.cloned().collect()
    }

    /// Returns whether the server is leaving.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// Ends all waiting in all rooms.
    pub(crate) fn close(&self) {
        let book = self.book.lock().expect("no holder panics");
        // Under the lock, so that no other thread makes a room that stays open.
        self.closed.store(true, Relaxed);
        for kept in book.by_name.values() {
            kept.room.close();
        }
    }
}

impl Book {
    fn add(&mut self, name: &str, room: Arc<Room>, by: Option<Address>) {
        self.made += 1;
        let (name, number) = (Arc::<str>::from(name), self.made);
        let listed = || Listed {
            name: Arc::clone(&name),
            number,
            newest: 0,
        };
        // A room is added once.
        let _ = room.name.set(Arc::clone(&name));
        self.young.push_back(listed());
        if let Some(by) = by {
            self.by_address.entry(by).or_default().push_back(listed());
        }
        self.by_name.insert(name, Kept { room, number, by });
        self.strike_stale();
    }

    /// Strikes stale lines out of the lists, once these are most of them.
    fn strike_stale(&mut self) {
        let most = 2 * self.by_name.len() + LOOKS;
        if self.young.len() + self.old.len() > most {
            let by_name = &self.by_name;
            let is_there = |listed: &Listed| room_of(by_name, listed).is_some();
            self.young.retain(is_there);
            self.old.retain(is_there);
        }
    }

    /// Makes way for one more room of this address, which may have `most`. If it has as many, one
    /// of its own that nobody is in is given up.
    fn make_way_of(
        &mut self,
        by: Address,
        most: usize,
        kept_rooms: &[String],
    ) -> Result<(), Reason> {
        let Some(mut own) = self.by_address.remove(&by) else {
            return Ok(());
        };
        let mut fits = own.len() < most;
        for _ in 0..own.len().min(LOOKS) {
            if fits {
                break;
            }
            let Some(listed) = own.pop_front() else { break };
            match room_of(&self.by_name, &listed) {
                Some(room) if !is_idle(room, &listed, kept_rooms) => own.push_back(listed),
                Some(_) => {
                    self.end(&listed.name);
                    fits = true;
                }
                None => fits = own.len() < most,
            }
        }
        self.by_address.insert(by, own);
        if fits {
            Ok(())
        } else {
            Err(Reason::ManyRooms(most))
        }
    }

    /// Gives up one room that nobody is in, of those that were little used if there
    /// is one. Returns false if none was found.
    fn give_up_one(&mut self, kept_rooms: &[String]) -> bool {
        for _ in 0..LOOKS {
            let is_young = !self.young.is_empty();
            let list = if is_young {
                &mut self.young
            } else {
                &mut self.old
            };
            let Some(mut listed) = list.pop_front() else {
                return false;
            };
            let Some(room) = room_of(&self.by_name, &listed) else {
                continue;
            };
            let newest = room.newest();
            let was_used = is_young && newest > listed.newest + LITTLE;
            if was_used || !is_idle(room, &listed, kept_rooms) {
                listed.newest = newest;
                self.old.push_back(listed);
                continue;
            }
            if let Some(kept) = self.end(&listed.name) {
                self.forget_line(&kept);
            }
            return true;
        }
        false
    }

    /// Gives up a room, with what is stored of it.
    fn end(&mut self, name: &str) -> Option<Kept> {
        let kept = self.by_name.remove(name)?;
        kept.room.is_given_up.store(true, SeqCst);
        kept.room.forget();
        self.gone += kept.room.newest();
        self.gone_missed += kept.room.missed();
        Some(kept)
    }

    /// Gives up this room, which has lost its log, unless another one has taken its place.
    fn end_lost(&mut self, name: &str, lost: &Arc<Room>) {
        let is_it = |kept: &Kept| Arc::ptr_eq(&kept.room, lost);
        if self.by_name.get(name).is_some_and(is_it)
            && let Some(kept) = self.end(name)
        {
            self.forget_line(&kept);
        }
    }

    /// Strikes a room that was given up off the list of the address that made it.
    fn forget_line(&mut self, kept: &Kept) {
        if let Some(by) = kept.by
            && let Some(own) = self.by_address.get_mut(&by)
        {
            own.retain(|listed| listed.number != kept.number);
            if own.is_empty() {
                self.by_address.remove(&by);
            }
        }
    }
}

fn room_of<'a>(by_name: &'a HashMap<Arc<str>, Kept>, listed: &Listed) -> Option<&'a Arc<Room>> {
    let kept = by_name.get(&listed.name)?;
    (kept.number == listed.number).then_some(&kept.room)
}

/// Returns whether nobody is in a room: no reader, no request and no lease.
fn is_idle(room: &Arc<Room>, listed: &Listed, kept_rooms: &[String]) -> bool {
    Arc::strong_count(room) == 1
        && room.is_deserted()
        && !kept_rooms.iter().any(|kept| **kept == *listed.name)
}

#[cfg(test)]
mod tests;
