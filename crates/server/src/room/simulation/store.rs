//! The store of a simulation: a disk that forgets what was not synced, and a writer that writes
//! when the scheduler says so.

use std::{sync::Arc, time::Duration};

use super::chance::Chance;
use crate::{
    room::{recorder::by_hand::ByHand, rooms::Rooms},
    settings::Settings,
    store::{
        Backing, StoreError,
        forgetful::{Forgetful, Random},
    },
};

/// The changes of the disk within which the power may fail while a store is opened.
const WHILE_OPENED: usize = 40;

/// The store.
#[derive(Debug, Default)]
pub(super) struct Store {
    disk: Forgetful,
    writer: Option<ByHand>,
}

impl Store {
    /// Opens the rooms that are stored. The settings have no store of their own.
    pub(super) fn open(&mut self, settings: &Arc<Settings>) -> Result<Rooms, StoreError> {
        let store = crate::store::Store::with(self.disk.opener(), Duration::ZERO)?;
        let Some(Backing::Disk(mut disk)) = store.take() else {
            return Err(StoreError::InUse);
        };
        let stored = disk.take_rooms();
        let (recorder, writer) = ByHand::over(*disk, settings.log_events);
        self.writer = Some(writer);
        let mut rooms = Rooms::new(Arc::clone(settings));
        rooms.take_up(stored, recorder);
        Ok(rooms)
    }

    /// Writes what was handed over, at most so many changes, in one transaction.
    pub(super) fn write(&mut self, most: usize) {
        if let Some(writer) = &mut self.writer {
            writer.write(most);
        }
    }

    /// Lets the power fail after so many changes of the disk.
    pub(super) fn fail_after(&self, changes: usize) {
        self.disk.fail_after(changes as u64);
    }

    /// Ends all that uses the disk, and opens the rooms again that are on it. The power may fail
    /// once more meanwhile.
    pub(super) fn crash(
        &mut self,
        settings: &Arc<Settings>,
        chance: &mut Chance,
    ) -> Result<Rooms, String> {
        self.disk.fail_after(0);
        self.writer = None;
        self.bring_back(chance);
        if chance.below(4) == 0 {
            self.disk.fail_after(chance.below(WHILE_OPENED) as u64);
            match self.open(settings) {
                Ok(rooms) => {
                    self.disk.keep_power();
                    return Ok(rooms);
                }
                Err(StoreError::Io(_)) => self.bring_back(chance),
                Err(why) => return Err(why.to_string()),
            }
        }
        self.open(settings).map_err(|why| why.to_string())
    }

    /// Brings back what was written by a process that was killed, or what a disk has after its
    /// power failed: of what was not synced some.
    fn bring_back(&self, chance: &mut Chance) {
        if chance.below(3) == 0 {
            self.disk.keep_all();
        } else {
            let seed = chance.below(usize::MAX) as u64;
            self.disk.power_on(&mut Random(seed));
        }
    }
}
