//! Rooms whose logs are in a Redis, so that several servers have the same.
//!
//! A room's memory log is then a copy. What is handed over goes to one thread, which adds it to the
//! log in Redis, all of a room in one script that also gives the numbers ([`writer`]); another
//! thread follows the streams of the rooms that are open here, and puts what comes into their logs
//! ([`follower`]). So the readers of all servers are given the same events under the same numbers,
//! and only what Redis has taken. Neither thread runs where there is no Redis.

mod batch;
mod follower;
mod life;
mod people;
mod writer;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
        },
        mpsc::Receiver,
    },
    thread,
    time::{Duration, Instant},
};

use wire::{Epoch, Event, Seq, codec};

use crate::{
    net::notice::{Topic, tell},
    room::{
        Room,
        entry::Entry,
        recorder::{NotStored, Task},
    },
    store::{
        StoreError,
        redis::{Connection, Redis, fresh_epoch, reply, script::Script},
        stored::{Label, StoredRoom},
    },
};

/// The time that an answer of Redis is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same while a room is opened: its first reader or speaker waits for it.
const OPENING: Duration = Duration::from_secs(1);
/// The number of seconds that a room stays in Redis in which nothing was said and that no server
/// has open.
const EMPTY: u64 = 600;
/// The number of events that are put into a log at once.
const SLICE: usize = 64;
/// The number of bytes that an event is assumed to use while readers are waited for.
const ABOUT: usize = 1024;
/// The time for which events wait for readers who keep up, and the pause between two looks.
const FOR_READERS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(1));

/// The part of this server in the logs that it shares.
#[derive(Debug)]
pub(crate) struct Shared {
    redis: Redis,
    /// The number of events that a room keeps.
    log_events: usize,
    /// The rooms that are open here.
    rooms: Mutex<HashMap<String, Weak<Room>>>,
    /// The connection on which rooms are opened.
    opener: Mutex<Option<Connection>>,
    /// True while nothing is taken.
    has_failed: Arc<AtomicBool>,
    has_ended: AtomicBool,
}

impl Shared {
    /// Starts both threads.
    pub(super) fn start(
        redis: Redis,
        delay: Duration,
        log_events: usize,
        has_failed: &Arc<AtomicBool>,
        tasks: Receiver<Task>,
    ) -> Arc<Self> {
        let shared = Arc::new(Self {
            redis,
            log_events,
            rooms: Mutex::default(),
            opener: Mutex::default(),
            has_failed: Arc::clone(has_failed),
            has_ended: AtomicBool::new(false),
        });
        let writer = writer::Writer::new(&shared, delay);
        let follower = follower::Follower::new(&shared);
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        // Without the threads nobody receives, so that every draft is refused.
        let started = named("redis-write")
            .spawn(move || writer.run(&tasks))
            .and_then(|_| named("redis-follow").spawn(move || follower.run()));
        if let Err(error) = started {
            shared.fail(|| format!("for want of a thread: {error}"));
        }
        shared
    }

    /// Returns what Redis has of the room of this name, which is made there if it is not.
    pub(super) fn load(&self, name: &str) -> Result<StoredRoom, NotStored> {
        if self.has_failed.load(SeqCst) {
            return Err(NotStored);
        }
        let keys = self.redis.keys.room(name);
        let mut command = Script::Open.call(&[&keys.about, &keys.log, &keys.people]);
        command.arg(fresh_epoch().to_string()).arg(EMPTY);
        let mut connection = self.opener.lock().expect("no holder panics");
        // A connection that was idle may be gone; a new one says so at once.
        for _ in 0..2 {
            let asked = ask(&mut connection, &self.redis, &command);
            match asked.and_then(reply::opened) {
                Ok(opened) => return Ok(stored(name, opened)),
                Err(_) => *connection = None,
            }
        }
        Err(NotStored)
    }

    /// Puts into a room what Redis has up to `place`: another server may have given it to a reader
    /// who comes here with it, before the follower has brought it. A place that Redis does not have
    /// either, or that is further ahead than a log is long, is left to be answered as unknown.
    pub(super) fn catch_up(&self, name: &str, room: &Room, place: Seq) {
        let newest = room.newest();
        let ahead = place.saturating_sub(newest);
        if ahead == 0 || ahead > self.log_events as u64 || self.has_failed.load(SeqCst) {
            return;
        }
        let mut range = redis::cmd("XRANGE");
        range.arg(&self.redis.keys.room(name).log);
        range
            .arg(format!("{}-0", newest + 1))
            .arg(format!("{place}-0"));
        let mut opener = self.opener.lock().expect("no holder panics");
        let asked = ask(&mut opener, &self.redis, &range);
        if asked.is_err() {
            *opener = None;
        }
        drop(opener);
        let events: Result<Vec<_>, _> = asked
            .map(reply::list)
            .and_then(|entries| entries.iter().map(reply::event).collect());
        // What would push out events that other readers are still to be given comes in its turn.
        if let Ok(events) = events
            && !room.would_push_out(events.len())
        {
            room.take_over(&events);
        }
    }

    /// Follows a room from now on.
    pub(super) fn follow(&self, name: &str, room: &Arc<Room>) {
        let mut rooms = self.rooms.lock().expect("no holder panics");
        rooms.insert(name.to_owned(), Arc::downgrade(room));
        drop(rooms);
        let mut wake = redis::cmd("XADD");
        wake.arg(self.bell()).arg("MAXLEN").arg(1).arg("*");
        wake.arg("r").arg(1);
        let mut opener = self.opener.lock().expect("no holder panics");
        // If this fails, the follower looks at its rooms again soon.
        let _ = ask(&mut opener, &self.redis, &wake);
    }

    /// Returns the key of the stream by which the follower is woken.
    fn bell(&self) -> String {
        self.redis.keys.bell_of(&self.redis.node)
    }

    /// Returns the rooms that are open here, and forgets those that are not any more.
    fn rooms(&self) -> Vec<(String, Weak<Room>)> {
        let mut rooms = self.rooms.lock().expect("no holder panics");
        rooms.retain(|_, room| room.strong_count() > 0);
        let rooms = rooms.iter();
        rooms
            .map(|(name, room)| (name.clone(), Weak::clone(room)))
            .collect()
    }

    /// Ends a room whose log in Redis is not the one that it has: its readers are to come back, and
    /// are told then that the log is another one.
    fn lose(&self, connection: &mut Connection, name: &str, room: &Room) {
        let keys = self.redis.keys.room(name);
        let mut renew = Script::Renew.call(&[&keys.about]);
        renew.arg(room.epoch().to_string());
        renew.arg(fresh_epoch().to_string());
        if let Err(error) = connection.call(&renew) {
            // The log is compared again before anything is added to it.
            refuses(|| error.to_string());
        }
        room.close();
        let mut rooms = self.rooms.lock().expect("no holder panics");
        let is_it = |kept: &Weak<Room>| std::ptr::eq(kept.as_ptr(), room);
        if rooms.get(name).is_some_and(is_it) {
            rooms.remove(name);
        }
    }

    /// Refuses all drafts from now on.
    fn fail(&self, why: impl FnOnce() -> String) {
        self.has_failed.store(true, SeqCst);
        refuses(why);
    }

    /// Ends both threads as the end of the process would: what was handed over, and is not on its way
    /// yet, is never written.
    pub(super) fn abandon(&self) {
        self.has_ended.store(true, Relaxed);
        self.has_failed.store(true, SeqCst);
    }

    fn has_ended(&self) -> bool {
        self.has_ended.load(Relaxed)
    }
}

/// Tells that drafts are refused.
fn refuses(why: impl FnOnce() -> String) {
    tell(Topic::Store, || {
        let why = why();
        format!("Redis takes nothing for now ({why}); drafts are refused, reading goes on")
    });
}

/// Calls a command on a connection, which is made if there is none.
fn ask(
    connection: &mut Option<Connection>,
    redis: &Redis,
    command: &redis::Cmd,
) -> Result<redis::Value, StoreError> {
    if connection.is_none() {
        *connection = Some(redis.connect(OPENING)?);
    }
    let Some(connection) = connection else {
        return Err(reply::strange());
    };
    connection.call(command)
}

/// Returns a room as a store gives it.
fn stored(name: &str, opened: reply::Opened) -> StoredRoom {
    let first = opened.events.first().map(|event| event.seq - 1);
    StoredRoom {
        label: Arc::new(Label {
            name: name.to_owned(),
            epoch: opened.epoch,
        }),
        before: first.unwrap_or(opened.newest),
        events: opened.events,
        people: Vec::new(),
    }
}

impl Room {
    /// Puts events that Redis has into the log, except those that the log already has. Waits a
    /// moment for readers who keep up, so that nothing is pushed out before they were given it.
    fn take_over(&self, events: &[Event]) {
        for slice in events.chunks(SLICE) {
            self.wait_for_readers(slice.len());
            let entries: Vec<_> = slice.iter().map(|one| (one.seq, Entry::new(one))).collect();
            let mut log = self.log.lock().expect("no holder panics");
            for (seq, entry) in entries {
                if seq <= log.newest() {
                    continue;
                }
                if seq > log.newest() + 1 {
                    // Redis has dropped what lies between.
                    log.skip_to(seq - 1);
                }
                log.append(entry);
            }
            log.note_given();
            self.publish(log);
        }
    }

    /// Puts these events into the log if they are the very next ones, and push out nothing that
    /// readers who keep up were not given. Otherwise the follower brings them in their turn.
    fn take_next(&self, events: &[Event]) {
        let next = self.newest() + 1;
        let is_next = events.first().is_some_and(|first| first.seq == next);
        if is_next && !self.would_push_out(events.len()) {
            self.take_over(events);
        }
    }

    fn wait_for_readers(&self, events: usize) {
        let (most, pause) = FOR_READERS;
        let until = Instant::now() + most;
        while self.would_push_out(events) && !self.is_closed() && Instant::now() < until {
            self.seats.sweep_soon();
            thread::sleep(pause);
        }
    }

    /// Returns whether so many events would push out one that readers who keep up were not given.
    fn would_push_out(&self, events: usize) -> bool {
        let Some(served) = self.seats.served() else {
            return false;
        };
        let log = self.log.lock().expect("no holder panics");
        log.before_oldest_with(events, events * ABOUT) > served
    }

    /// Returns the log's epoch, the number of its newest event, and that event if it is kept.
    fn end_of_log(&self) -> (Epoch, Seq, Option<Event>) {
        let log = self.log.lock().expect("no holder panics");
        let newest = log.newest_json();
        let event = newest.and_then(|json| codec::decode(&json).ok());
        (log.epoch, log.newest(), event)
    }
}

#[cfg(test)]
mod tests;
