//! All the rooms, by name.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use crate::{
    room::{Room, reason::Reason},
    settings::Settings,
};

/// All the rooms, by name. A room is made when it is first read or spoken in,
/// and stays.
#[derive(Debug)]
pub(crate) struct Rooms {
    by_name: Mutex<HashMap<String, Arc<Room>>>,
    settings: Arc<Settings>,
    closed: AtomicBool,
}

impl Rooms {
    /// Makes a collection without rooms.
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self {
            by_name: Mutex::default(),
            settings,
            closed: AtomicBool::new(false),
        }
    }

    /// Returns the room of this name, which is made if there is none.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<Room>, Reason> {
        let mut rooms = self.by_name.lock().expect("no holder panics");
        if let Some(room) = rooms.get(name) {
            return Ok(Arc::clone(room));
        }
        if rooms.len() >= self.settings.max_rooms {
            // A room in which nothing ever happened, and that nobody holds, can
            // go. Others stay: if their numbers began again at 1, the places
            // that readers hold would be wrong.
            rooms.retain(|_, room| Arc::strong_count(room) > 1 || !room.is_untouched());
        }
        if rooms.len() >= self.settings.max_rooms {
            return Err(Reason::RoomsFull(self.settings.max_rooms));
        }
        let room = Arc::new(Room::new(&self.settings));
        if self.closed.load(Relaxed) {
            room.close();
        }
        rooms.insert(name.to_owned(), Arc::clone(&room));
        Ok(room)
    }

    /// Returns the room of this name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Room>> {
        let rooms = self.by_name.lock().expect("no holder panics");
        rooms.get(name).cloned()
    }

    /// Returns the rooms in which a lease may end.
    pub(crate) fn with_leases(&self) -> Vec<Arc<Room>> {
        let rooms = self.by_name.lock().expect("no holder panics");
        let leased = rooms.values().filter(|room| room.has_leases.load(Relaxed));
        leased.cloned().collect()
    }

    /// Returns whether the server is leaving.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// Ends all waiting in all rooms.
    pub(crate) fn close(&self) {
        let rooms = self.by_name.lock().expect("no holder panics");
        // Under the lock, so that no room is made open behind our back.
        self.closed.store(true, Relaxed);
        for room in rooms.values() {
            room.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::Draft;

    use super::*;

    fn rooms() -> Rooms {
        Rooms::new(Arc::new(Settings {
            max_rooms: 2,
            ..Settings::default()
        }))
    }

    #[test]
    fn a_room_that_was_spoken_in_is_never_forgotten() {
        let rooms = rooms();
        let spoken = rooms.open("spoken").unwrap();
        let said = spoken.say(Draft {
            from: "ann".into(),
            text: "x".into(),
            tag: None,
        });
        assert_eq!(said, Some(1));
        drop(spoken);
        let held = rooms.open("held").unwrap();
        assert!(matches!(rooms.open("third"), Err(Reason::RoomsFull(2))));
        drop(held);
        rooms.open("third").unwrap();
        assert!(rooms.find("held").is_none() && rooms.find("spoken").is_some());
    }

    #[tokio::test]
    async fn a_room_made_after_closing_is_closed() {
        let rooms = rooms();
        rooms.close();
        assert!(rooms.open("late").unwrap().wait_after(0).await.is_none());
    }
}
