//! A disk in memory for tests: it forgets what was not synced when its power fails, and can be
//! full.

use std::{
    io,
    sync::{Arc, Mutex},
};

use redb::StorageBackend;

use crate::store::{
    builder,
    disk::{Opener, describe},
};

/// The number of bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Random numbers from a seed (`SplitMix64`; Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number below `most`.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % most
    }
}

/// The disk. Its clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forgetful(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The bytes that are there after a failure of the power, for certain.
    synced: Vec<u8>,
    /// The bytes that are read.
    cached: Vec<u8>,
    /// The writes since the last sync, in order.
    unsynced: Vec<Change>,
    /// True once the store was whole: until then its file has another name, and is made anew.
    is_made: bool,
    /// The number of changes and syncs until the power fails.
    left: Option<u64>,
    is_full: bool,
    /// True if it says that it synced, and does not.
    lies: bool,
    /// The number of syncs so far.
    syncs: u64,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Forgetful {
    /// Makes a disk that says it synced, and does not.
    pub(crate) fn that_lies() -> Self {
        let disk = Self::default();
        disk.state().lies = true;
        disk
    }

    /// Returns the function that opens the store on this disk.
    pub(crate) fn opener(&self) -> Opener {
        let disk = self.clone();
        Box::new(move || {
            let database = builder().create_with_backend(disk.clone())?;
            describe(&database)?;
            disk.state().is_made = true;
            Ok(database)
        })
    }

    /// Lets the power fail after so many changes and syncs.
    pub(crate) fn fail_after(&self, changes: u64) {
        self.state().left = Some(changes);
    }

    /// Lets the power stay from now on.
    pub(crate) fn keep_power(&self) {
        self.state().left = None;
    }

    /// Brings back what a killed process had written: all of it, synced or not.
    pub(crate) fn keep_all(&self) {
        let mut state = self.state();
        state.unsynced.clear();
        state.synced = state.cached.clone();
        state.left = None;
    }

    /// Lets the disk be full, or have room again.
    pub(crate) fn fill(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    /// Makes a disk with these contents.
    pub(crate) fn with(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.state().is_made = true;
        disk.state().synced = bytes.clone();
        disk.state().cached = bytes;
        disk
    }

    /// Returns the number of syncs so far.
    pub(crate) fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Returns its contents.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().cached.clone()
    }

    /// Brings the power back: of what was not synced some is there, sector by sector, and some is
    /// not.
    pub(crate) fn power_on(&self, random: &mut Random) {
        let mut state = self.state();
        let unsynced = std::mem::take(&mut state.unsynced);
        if !state.is_made {
            state.synced.clear();
            state.cached.clear();
            state.left = None;
            return;
        }
        for change in unsynced {
            match (change, random.below(3)) {
                (_, 0) => {}
                (Change::Length(length), _) => state.synced.resize(length, 0),
                (Change::Write(at, bytes), kind) => {
                    for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                        if kind == 1 || random.below(2) == 0 {
                            put(&mut state.synced, at + index * SECTOR, sector);
                        }
                    }
                }
            }
        }
        state.cached = state.synced.clone();
        state.left = None;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Counts a change or sync; an error if the power is gone.
    fn step(&mut self) -> io::Result<()> {
        match &mut self.left {
            Some(0) => Err(io::Error::other("no power")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn has_room(&self) -> io::Result<()> {
        if self.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    if bytes.len() < at + data.len() {
        bytes.resize(at + data.len(), 0);
    }
    bytes[at..at + data.len()].copy_from_slice(data);
}

impl StorageBackend for Forgetful {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().cached.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let at = offset as usize;
        let found = state.cached.get(at..at + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.has_room()?;
        state.cached.resize(len as usize, 0);
        state.unsynced.push(Change::Length(len as usize));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.syncs += 1;
        if !state.lies {
            state.synced = state.cached.clone();
            state.unsynced.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.has_room()?;
        put(&mut state.cached, offset as usize, data);
        let change = Change::Write(offset as usize, data.to_vec());
        state.unsynced.push(change);
        Ok(())
    }
}
