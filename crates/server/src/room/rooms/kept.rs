//! The rooms as they outlive a server, and what is asked of all of them at once.

use std::{sync::Arc, time::Duration};

use wire::Seq;

use crate::{
    room::{Room, reason::Reason, recorder::Recorder, rooms::Rooms},
    store::disk::Disk,
};

impl Rooms {
    /// Opens the rooms that are stored, and lets the store take what happens from now on.
    pub(super) fn restore(&mut self, mut disk: Disk, delay: Duration) {
        let stored = disk.take_rooms();
        let settings = Arc::clone(&self.settings);
        let recorder = Recorder::start(disk, delay, settings.log_events, settings.notice.clone());
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

    /// Returns all rooms, and the number of events of those that were given up.
    pub(crate) fn all(&self) -> (Vec<Arc<Room>>, Seq) {
        let book = self.book.lock().expect("no holder panics");
        let rooms = book.by_name.values().map(|kept| Arc::clone(&kept.room));
        (rooms.collect(), book.gone)
    }

    /// Returns the number of bytes that all logs hold.
    pub(crate) fn held(&self) -> usize {
        self.memory.held()
    }

    /// Refuses the question whether drafts are taken, if they are not.
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
