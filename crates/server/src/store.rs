//! The logs of all rooms outside the server, so that they survive its end.
//!
//! A [`Store`] is a folder that was opened and locked before a server uses it, or a Redis that
//! several servers share. [`disk`] reads the folder and writes to it, one transaction at a time;
//! [`redis`] is what there is to ask of a Redis. Nothing here knows a room that is served: the
//! threads that take what rooms hand over are in `room/recorder.rs` and `room/redis/`.

mod book;
pub(crate) mod disk;
#[cfg(test)]
pub(crate) mod forgetful;
pub(crate) mod redis;
pub(crate) mod stored;

use std::{
    fmt,
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use redb::Database;

use crate::store::{
    disk::{Disk, Opener},
    redis::Redis,
};

pub use self::redis::RedisSettings;

/// The name of the file in the folder.
const FILE: &str = "log.redb";
/// The name that the file has until it is whole for the first time.
const NEW: &str = "log.redb.new";
/// The number of bytes of the file that are kept in memory: events are read only at the start, so
/// that little more than the inner nodes is ever asked for.
const CACHE: usize = 8 * 1024 * 1024;

/// A store, opened, that one server can be given.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    delay: Duration,
    /// The store until a server takes it.
    backing: Mutex<Option<Backing>>,
}

/// The place where the logs are.
#[derive(Debug)]
pub(crate) enum Backing {
    /// A folder that is open.
    Disk(Box<Disk>),
    /// A Redis that several servers share.
    Redis(Box<Redis>),
}

/// The reason why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another server of this one, has it open.
    #[error("another server has this store open; give each server a folder of its own")]
    InUse,
    /// The folder holds other files, and no store.
    #[error(
        "the folder has {0:?} in it and no store; name an empty folder, or one that is not there yet"
    )]
    Foreign(String),
    /// The file `log.redb` is no database of a store.
    #[error("log.redb is no store; move it away, or name another folder")]
    NotAStore,
    /// Another version of the program wrote it.
    #[error("the store has format {0}, and this program knows format {1} only")]
    Format(u64, u64),
    /// The contents contradict themselves.
    #[error("the store is damaged ({0}); move it away to begin anew, or bring back a copy")]
    Damaged(String),
    /// A Redis cannot be reached, or does not answer in time.
    #[error("Redis is out of reach: {0}")]
    Away(String),
    /// A Redis answers with an error, or with something unexpected.
    #[error("Redis does not do what it should: {0}")]
    Redis(String),
    /// A Redis is too old.
    #[error("this is Redis {0}, and {1} or later is needed")]
    OldRedis(String, u32),
    /// A Redis has fewer replicas than are to have each draft.
    #[error(
        "{0} replicas follow this Redis, and {1} are to have a message before it is acknowledged; \
         start them (redis-server --replicaof HOST PORT), or ask for fewer"
    )]
    FewReplicas(u32, u32),
    /// Too few replicas have what was added in time.
    #[error("only {0} of the {1} replicas that are to have a message have the newest in time")]
    NotCopied(u32, u32),
    /// The operating system failed to read or write.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database failed in another way.
    #[error("the store failed: {0}")]
    Other(String),
}

impl Store {
    /// Opens the store in `folder`, which is made if it is not there. Its contents are read and
    /// checked to the last byte. `delay` is the time for which the first draft of a transaction
    /// waits for others to share it.
    ///
    /// # Errors
    /// Returns an error if the folder is in use, holds something else or is damaged, and if it
    /// cannot be read or written.
    pub fn open(folder: &Path, delay: Duration) -> Result<Self, StoreError> {
        prepare(folder)?;
        let folder = folder.to_owned();
        let open = move || -> Result<Database, StoreError> {
            let file = folder.join(FILE);
            if file.exists() {
                Ok(builder().create(&file)?)
            } else {
                create(&folder, &file)
            }
        };
        Self::with(Box::new(open), delay)
    }

    /// Opens the store that `open` reaches.
    pub(crate) fn with(open: Opener, delay: Duration) -> Result<Self, StoreError> {
        let disk = Backing::Disk(Box::new(Disk::open(open)?));
        Ok(Self::of(disk, delay))
    }

    /// Reaches the Redis at `url` (`redis://HOST:PORT[/DB]`), version 7 or later, in which several
    /// servers keep one log for each room. Each server of a process needs a store of its own.
    ///
    /// # Errors
    /// Returns an error if the URL is none of Redis, if nothing answers there, and if the Redis is
    /// too old or has fewer replicas than are to have each draft.
    pub fn redis(url: &str, settings: &RedisSettings) -> Result<Self, StoreError> {
        let redis = Redis::open(url, settings)?;
        Ok(Self::of(Backing::Redis(Box::new(redis)), settings.delay))
    }

    fn of(backing: Backing, delay: Duration) -> Self {
        Self(Arc::new(Inner {
            delay,
            backing: Mutex::new(Some(backing)),
        }))
    }

    /// Returns the store for the server that uses it from now on; `None` if one does already.
    pub(crate) fn take(&self) -> Option<Backing> {
        self.0.backing.lock().expect("no holder panics").take()
    }

    /// Returns whether no server uses it yet.
    pub(crate) fn is_free(&self) -> bool {
        self.0.backing.lock().expect("no holder panics").is_some()
    }

    /// Returns the time for which the first draft of a transaction waits for others.
    pub(crate) fn delay(&self) -> Duration {
        self.0.delay
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Store")
    }
}

/// Two stores are equal if they are the same one.
impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Store {}

/// Returns the settings with which a database is opened: the checksums of all of its pages are
/// verified.
pub(crate) fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder
        .set_cache_size(CACHE)
        .set_check_integrity_on_open(true);
    builder
}

/// Makes a new file. It has its name only once it is whole: a store whose making was cut short is
/// made anew.
fn create(folder: &Path, file: &Path) -> Result<Database, StoreError> {
    let new = folder.join(NEW);
    let made = builder().create(&new).map_err(StoreError::from);
    let database = match made {
        Err(StoreError::NotAStore | StoreError::Damaged(_)) => {
            fs::remove_file(&new)?;
            builder().create(&new)?
        }
        other => other?,
    };
    disk::describe(&database)?;
    fs::rename(&new, file)?;
    // The name has to survive as well.
    File::open(folder)?.sync_all()?;
    Ok(database)
}

/// Makes the folder if it is not there, and refuses one in which other files are.
fn prepare(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder)?;
    if folder.join(FILE).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        // The root of a file system of its own is empty but for this.
        if name != "lost+found" && name != NEW {
            return Err(StoreError::Foreign(name.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}
