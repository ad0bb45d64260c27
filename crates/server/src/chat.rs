//! The state that all connections share, and the calls that the program around
//! the server may make.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use wire::{Draft, DraftError, People, Seq};

use crate::{
    extension::Extension,
    protocol::Host,
    room::{presence::admission::Member, rooms::Rooms},
    settings::{Settings, SettingsError},
};

/// The number of chats that were made in this process.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The state that all connections share: the rooms and the settings.
#[derive(Debug)]
pub struct Chat {
    /// A number that no other chat of this process has.
    pub(crate) number: u64,
    pub(crate) settings: Arc<Settings>,
    pub(crate) rooms: Arc<Rooms>,
    /// The sessions of clients that speak other protocols.
    pub(crate) host: Arc<Host>,
    /// The first `Host` that was found right: nearly all clients send the same.
    pub(crate) usual_host: OnceLock<Box<[u8]>>,
    /// The answers to addresses outside the rooms.
    pub(crate) extension: Option<Extension>,
}

/// An order of a moderator about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The person may not speak.
    Mute,
    /// The person may speak again.
    Unmute,
    /// The person's connections end, and the person stays out for a minute.
    SendOut,
    /// The person's connections end, and the person may not come back.
    Ban,
}

impl Chat {
    /// Makes a chat with no one in it yet.
    ///
    /// # Errors
    /// Returns an error if no chat can run with these settings.
    pub fn new(settings: Settings) -> Result<Arc<Self>, SettingsError> {
        Self::build(settings, None)
    }

    /// Makes a chat beside which `extension` is served.
    ///
    /// # Errors
    /// Returns an error if no chat can run with these settings.
    pub fn with_extension(
        settings: Settings,
        extension: Extension,
    ) -> Result<Arc<Self>, SettingsError> {
        Self::build(settings, Some(extension))
    }

    fn build(
        mut settings: Settings,
        extension: Option<Extension>,
    ) -> Result<Arc<Self>, SettingsError> {
        settings.check()?;
        settings.settle_io()?;
        let settings = Arc::new(settings);
        let rooms = Arc::new(Rooms::new(Arc::clone(&settings)));
        Ok(Arc::new(Self {
            number: MADE.fetch_add(1, Relaxed),
            host: Arc::new(Host::new(Arc::clone(&rooms), Arc::clone(&settings))),
            usual_host: OnceLock::new(),
            rooms,
            settings,
            extension,
        }))
    }

    /// Returns the people in a room. Does not open the room.
    #[must_use]
    pub fn people(&self, room: &str) -> People {
        let nobody = People {
            online: 0,
            people: Vec::new(),
        };
        self.rooms.find(room).map_or(nobody, |room| room.people())
    }

    /// Returns the number of the newest event of a room; 0 where there is none.
    #[must_use]
    pub fn newest(&self, room: &str) -> Seq {
        self.rooms.find(room).map_or(0, |room| room.newest())
    }

    /// Puts a draft into a room, without regard to the limits on how fast people may speak. Where
    /// there is a store, the room has the draft once it is stored, and not yet on return. Returns
    /// false if the room cannot be opened, if the server is leaving, or if nothing can be stored.
    ///
    /// # Errors
    /// Returns an error if the draft is out of bounds.
    pub fn say(&self, room: &str, draft: Draft) -> Result<bool, DraftError> {
        draft.check(self.settings.text_limit)?;
        let room = self.rooms.open(room, None);
        Ok(room.is_ok_and(|room| room.announce(draft)))
    }

    /// Returns the people in a room as a moderator sees them. Does not open the room.
    #[must_use]
    pub fn members(&self, room: &str) -> Vec<Member> {
        let members = self.rooms.find(room).map(|room| room.members());
        members.unwrap_or_default()
    }

    /// Carries out a moderator's order for the person with this [`Member::id`]. Returns false if the
    /// person is not in the room.
    pub fn order(&self, room: &str, id: u64, order: Order) -> bool {
        let Some(room) = self.rooms.find(room) else {
            return false;
        };
        match order {
            Order::Mute => room.mute(id, true),
            Order::Unmute => room.mute(id, false),
            Order::SendOut => room.send_out(id, false),
            Order::Ban => room.send_out(id, true),
        }
    }

    /// Ends this server's part in the logs of a Redis as the end of its process would: the server
    /// writes nothing more there, and reports nobody's leave. The other servers remove its people
    /// once its lease is over, except those who have gone to another server. Does nothing where
    /// there is no Redis.
    pub fn abandon(&self) {
        self.rooms.abandon();
    }

    /// Lets everybody who was muted, sent out or banned in and speak again.
    pub fn pardon(&self, room: &str) {
        if let Some(room) = self.rooms.find(room) {
            room.rules.pardon();
        }
    }

    /// Lets clients open only these rooms from now on, beside those that exist and
    /// [`Settings::kept_rooms`]; one that ends in `*` stands for all that begin so.
    /// `None` lets in all.
    pub fn name_rooms(&self, named: Option<Vec<String>>) {
        self.rooms.name_rooms(named);
    }

    /// Drops everything from a room's log. Its numbers go on, so that readers keep their places; a
    /// reader that had not read to the end is informed of a gap.
    pub fn clear(&self, room: &str) {
        if let Some(room) = self.rooms.find(room) {
            room.clear();
        }
    }
}
