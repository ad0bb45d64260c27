//! The rooms as they outlive a server, and what is asked of all of them at once.

use std::{sync::Arc, time::Duration};

use wire::{People, Seq};

use crate::{
    address::Address,
    room::{After, Room, reason::Reason, recorder::Recorder, redis::Shared, rooms::Rooms},
    store::{disk::Disk, redis::Redis, stored::StoredRoom},
};

impl Rooms {
    /// Opens the rooms that are stored, and lets the store take what happens from now on.
    pub(super) fn restore(&mut self, mut disk: Disk, delay: Duration) {
        let stored = disk.take_rooms();
        let recorder = Recorder::start(disk, delay, self.settings.log_events);
        self.take_up(stored, recorder);
    }

    /// Opens rooms that were stored, whose recorder this is.
    pub(in crate::room) fn take_up(&mut self, stored: Vec<StoredRoom>, recorder: Arc<Recorder>) {
        let settings = Arc::clone(&self.settings);
        let book = self.book.get_mut().expect("no holder panics");
        for one in stored {
            let (account, shares) = (self.memory.open(), Arc::clone(&self.shares));
            let label = Arc::clone(&one.label);
            let room = Room::recorded(&settings, account, shares, &recorder, label);
            room.restore(&one, settings.lease_grace);
            book.add(&one.label.name, room, None);
        }
        self.recorder = Some(recorder);
    }

    /// Puts the logs of all rooms into a Redis, where other servers have them too.
    pub(super) fn share(&mut self, redis: Redis, delay: Duration) {
        self.recorder = Some(Recorder::share(redis, delay, self.settings.log_events));
    }

    /// Returns this server's part in the logs of a Redis, if the logs are in one.
    pub(super) fn shared(&self) -> Option<&Arc<Shared>> {
        self.recorder.as_ref()?.shared.as_ref()
    }

    /// Returns the room of this name, with the log that other servers have of it. A room that has
    /// lost its log is made anew.
    pub(super) fn open_shared(
        &self,
        shared: &Arc<Shared>,
        name: &str,
        by: Option<Address>,
    ) -> Result<Arc<Room>, Reason> {
        if let Some(room) = self.find(name) {
            if !room.is_closed() || self.is_closed() {
                return Ok(room);
            }
            self.book
                .lock()
                .expect("no holder panics")
                .end_lost(name, &room);
        }
        // Not under the lock: nobody else has to wait for it.
        let stored = shared.load(name).map_err(|_| Reason::NoLog)?;
        let room = self.open_with(name, by, Some(&stored))?;
        shared.follow(name, &room);
        Ok(room)
    }

    /// Ends the part of this server in the logs that it shares, as the end of its process would.
    pub(crate) fn abandon(&self) {
        if let Some(shared) = self.shared() {
            shared.abandon();
        }
    }

    /// Brings a room up to the place of a reader who may have been at another server.
    pub(crate) fn catch_up(&self, name: &str, room: &Room, after: After) {
        if let (Some(shared), After::Place(place) | After::Of(place, _)) = (self.shared(), after) {
            shared.catch_up(name, room, place);
        }
    }

    /// Returns who is in the room of this name, at whatever server they are. Does not open the room.
    pub(crate) async fn people(&self, name: &str) -> Result<People, Reason> {
        if let Some(recorder) = self.recorder.as_ref().filter(|one| one.shared.is_some()) {
            return recorder.people(name).await.map_err(|_| Reason::NoLog);
        }
        let nobody = People {
            online: 0,
            people: Vec::new(),
        };
        Ok(self.find(name).map_or(nobody, |room| room.people()))
    }

    /// Returns all rooms, the number of events of those that were given up, and the number of those
    /// that their readers missed.
    pub(crate) fn all(&self) -> (Vec<Arc<Room>>, Seq, Seq) {
        let book = self.book.lock().expect("no holder panics");
        let rooms = book.by_name.values().map(|kept| Arc::clone(&kept.room));
        (rooms.collect(), book.gone, book.gone_missed)
    }

    /// Returns the number of bytes that all logs hold.
    pub(crate) fn held(&self) -> usize {
        self.memory.held()
    }

    /// Checks whether drafts are taken now; the error is the reason why they are not.
    pub(crate) fn check_ready(&self) -> Result<(), Reason> {
        if self.is_closed() {
            return Err(Reason::Leaving);
        }
        let has_failed = self.recorder.as_deref().is_some_and(Recorder::has_failed);
        if has_failed {
            Err(Reason::NotStored)
        } else {
            Ok(())
        }
    }

    /// Waits until everything that was taken is on disk, and closes the store.
    pub(crate) async fn end(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.end().await;
        }
    }
}
