//! The file of a store: what is read at the start, and one transaction after the other.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    io,
    sync::Arc,
};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use serde::de::DeserializeOwned;
use wire::{Epoch, Event};

use crate::store::{
    StoreError,
    book::{ABOUT, Book, EVENTS, GENERATION, Kept, PEOPLE, ROOMS},
    stored::{Label, Step, StoredRoom, Visit},
};

/// The version of the tables and of what is in them.
const VERSION: u64 = 1;
/// The key of the version.
const FORMAT: &str = "format";
/// The key of the number from which epochs are made.
const SECRET: &str = "secret";

/// A function that opens the file.
pub(crate) type Opener = Box<dyn Fn() -> Result<Database, StoreError> + Send>;

/// A store that is open, and what is in it.
pub(crate) struct Disk {
    open: Opener,
    /// The file; `None` after it failed, until it is opened again.
    database: Option<Database>,
    book: Book,
    /// The rooms that were read when it was opened, until somebody takes them.
    rooms: Vec<StoredRoom>,
    epochs: Epochs,
}

/// The numbers from which the epochs of rooms that are not stored follow. Such a room has the same
/// one after a restart, so that a place in it stays good though nothing was written for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Epochs {
    secret: u64,
    /// The number of rooms that were given up: a room made anew has another epoch.
    pub(crate) generation: u64,
}

impl Epochs {
    /// Returns the epoch of a room that is made now: 24 bits of FNV-1a (Fowler, Noll, Vo) over the
    /// generation and the name, begun with the secret.
    pub(crate) fn of(self, name: &str) -> Epoch {
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let generation = self.generation.to_le_bytes();
        let bytes = generation.into_iter().chain(name.bytes());
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        let hash = bytes.fold(BASIS ^ self.secret, mix);
        // The last byte changes the lower bits least.
        Epoch::from_bits(hash ^ (hash >> 24) ^ (hash >> 48))
    }
}

impl Disk {
    /// Opens a store, and reads all that is in it.
    pub(super) fn open(open: Opener) -> Result<Self, StoreError> {
        let database = open()?;
        let epochs = describe(&database)?;
        Ok(Self {
            open,
            book: book_of(&database)?,
            rooms: read(&database)?,
            database: Some(database),
            epochs,
        })
    }

    /// Returns the rooms that were read when the store was opened.
    pub(crate) fn take_rooms(&mut self) -> Vec<StoredRoom> {
        std::mem::take(&mut self.rooms)
    }

    /// Returns the numbers from which epochs follow, as they were when the store was opened.
    pub(crate) fn epochs(&self) -> Epochs {
        self.epochs
    }

    /// Writes all steps in one transaction. They are on disk when it returns, or else the store
    /// has failed and has to be opened again: it is not known then which of the two states the
    /// disk has.
    pub(crate) fn commit(&mut self, steps: &[Step]) -> Result<(), StoreError> {
        match self.try_commit(steps) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.database = None;
                Err(error)
            }
        }
    }

    fn try_commit(&mut self, steps: &[Step]) -> Result<(), StoreError> {
        let Some(database) = &self.database else {
            return Err(StoreError::Other("it has to be opened again".to_owned()));
        };
        let transaction = database.begin_write().map_err(redb::Error::from)?;
        let committed = self.book.changes().write(&transaction, steps)?;
        transaction.commit().map_err(redb::Error::from)?;
        self.book.accept(committed);
        Ok(())
    }

    /// Opens a store that has failed again, as the disk has it.
    pub(crate) fn reopen(&mut self) -> Result<(), StoreError> {
        // The lock has to be free first.
        self.database = None;
        let database = (self.open)()?;
        if describe(&database)?.secret != self.epochs.secret {
            return Err(StoreError::Other(
                "another store is in its place".to_owned(),
            ));
        }
        self.book = book_of(&database)?;
        self.database = Some(database);
        Ok(())
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Disk")
    }
}

/// Reads what the store says of itself; writes it if the store is new.
pub(super) fn describe(database: &Database) -> Result<Epochs, StoreError> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    let is_new = transaction
        .list_tables()
        .map_err(redb::Error::from)?
        .next()
        .is_none();
    let mut about = transaction.open_table(ABOUT).map_err(redb::Error::from)?;
    if is_new {
        about.insert(FORMAT, VERSION)?;
        // Each state is made with other random keys.
        about.insert(SECRET, RandomState::new().hash_one(VERSION))?;
        about.insert(GENERATION, 0)?;
    }
    let get = |key: &str| -> Result<Option<u64>, StoreError> {
        Ok(about.get(key)?.map(|number| number.value()))
    };
    let format = get(FORMAT)?.ok_or(StoreError::NotAStore)?;
    if format != VERSION {
        return Err(StoreError::Format(format, VERSION));
    }
    let missing = || StoreError::Damaged("it does not say what it is".to_owned());
    let epochs = Epochs {
        secret: get(SECRET)?.ok_or_else(missing)?,
        generation: get(GENERATION)?.ok_or_else(missing)?,
    };
    drop(about);
    if is_new {
        for result in [
            transaction.open_table(ROOMS).map(drop),
            transaction.open_table(EVENTS).map(drop),
            transaction.open_table(PEOPLE).map(drop),
        ] {
            result.map_err(redb::Error::from)?;
        }
        transaction.commit().map_err(redb::Error::from)?;
    }
    Ok(epochs)
}

/// Reads the entries of all rooms.
fn book_of(database: &Database) -> Result<Book, StoreError> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let rooms = transaction.open_table(ROOMS).map_err(redb::Error::from)?;
    let mut book = Book::default();
    for entry in rooms.iter()? {
        let (name, row) = entry?;
        let kept = Kept::from_row(row.value());
        book.next_id = book.next_id.max(kept.id + 1);
        book.rooms.insert(name.value().to_owned(), kept);
    }
    Ok(book)
}

/// Reads all rooms, in the order in which they were made, with their events and people.
fn read(database: &Database) -> Result<Vec<StoredRoom>, StoreError> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let events = transaction.open_table(EVENTS).map_err(redb::Error::from)?;
    let people = transaction.open_table(PEOPLE).map_err(redb::Error::from)?;
    let mut kept: Vec<_> = book_of(database)?.rooms.into_iter().collect();
    kept.sort_unstable_by_key(|(_, kept)| kept.id);
    let mut rooms = Vec::new();
    for (name, kept) in kept {
        let events: Vec<Event> = all_of(&events, kept.id)?;
        check(&name, kept, &events)?;
        rooms.push(StoredRoom {
            before: kept.before,
            events,
            people: all_of::<Visit>(&people, kept.id)?,
            label: Arc::new(Label {
                name,
                epoch: kept.epoch,
            }),
        });
    }
    let found: usize = rooms.iter().map(|room| room.events.len()).sum();
    if events.len()? != found as u64 {
        let what = "it has events of a room that it does not have".to_owned();
        return Err(StoreError::Damaged(what));
    }
    Ok(rooms)
}

/// Reads everything of one room out of a table of JSON.
fn all_of<T: DeserializeOwned>(
    table: &impl ReadableTable<(u64, u64), &'static [u8]>,
    id: u64,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    for entry in table.range((id, 0)..=(id, u64::MAX))? {
        let (_, json) = entry?;
        let one = serde_json::from_slice(json.value());
        all.push(one.map_err(|error| StoreError::Damaged(error.to_string()))?);
    }
    Ok(all)
}

/// Refuses a room whose name is none, or whose events are not exactly those that it should have.
fn check(name: &str, kept: Kept, events: &[Event]) -> Result<(), StoreError> {
    let wrong = |what: String| Err(StoreError::Damaged(format!("room {name:?}: {what}")));
    if !wire::room_name_is_valid(name) {
        return wrong("this is no name of a room".to_owned());
    }
    let mut found = events.iter().map(|event| event.seq);
    for seq in kept.before + 1..=kept.newest {
        if found.next() != Some(seq) {
            return wrong(format!("event {seq} is missing"));
        }
    }
    match found.next() {
        None => Ok(()),
        Some(seq) => wrong(format!("event {seq} is one too many")),
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::NotAStore,
            redb::Error::Io(error) => Self::Io(error),
            redb::Error::PreviousIo => Self::Io(io::Error::other("an earlier write failed")),
            redb::Error::Corrupted(what) => Self::Damaged(what),
            redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_) => Self::NotAStore,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        redb::Error::from(error).into()
    }
}
