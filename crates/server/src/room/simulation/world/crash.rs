//! The crash of the server in a world: all that was in its memory is gone, and so is what its disk
//! was not made to keep.

use std::sync::Arc;

use super::{Position, READERS, ROOM, TOGETHER, World};
use crate::room::{After, rooms::Rooms};

/// The changes of the disk within which the power fails while a transaction is written.
const WHILE_WRITTEN: usize = 24;

impl World {
    /// Lets the server crash, in the middle of a transaction or between two, and begin again.
    pub(super) fn crash(&mut self) -> Result<(), String> {
        let unanswered = self.crash_in_a_transaction()?;
        self.end_connections()?;
        let rooms = match &mut self.store {
            Some(store) => store.crash(&self.settings, &mut self.chance)?,
            None => Rooms::new(Arc::clone(&self.settings)),
        };
        self.room = (rooms.open(ROOM, None)).map_err(|why| format!("{why:?}"))?;
        if self.store.is_some() {
            self.check_restored(unanswered)?;
        } else {
            self.check_anew()?;
        }
        self.people.crash(&self.model.stored);
        self.check_places()
    }

    /// Lets the power fail while the store writes something, most often. Returns the number of
    /// events of which nobody knows then whether they are on disk.
    fn crash_in_a_transaction(&mut self) -> Result<usize, String> {
        let waiting = self.model.waiting.len();
        let Some(store) = &mut self.store else {
            return Ok(0);
        };
        if waiting == 0 || self.chance.below(4) == 0 {
            return Ok(0);
        }
        let count = 1 + self.chance.below(waiting.min(TOGETHER));
        store.fail_after(self.chance.below(WHILE_WRITTEN));
        store.write(count);
        if self.room.newest() == self.model.newest() {
            return Ok(count);
        }
        // The transaction was over before, and speakers were answered.
        self.model.written(count)?;
        Ok(0)
    }

    /// Ends all connections. Readers may still be given some of what lies in their sockets.
    fn end_connections(&mut self) -> Result<(), String> {
        for mut reader in std::mem::take(&mut self.readers) {
            for _ in 0..self.chance.below(4) {
                if !reader.take(&self.model)? {
                    break;
                }
            }
            self.away.push(reader.position(&self.model));
        }
        self.away.truncate(READERS);
        self.held.clear();
        Ok(())
    }

    /// Checks that a log that was stored goes on where it was: all that speakers were told and
    /// readers were given is there, and of a transaction all or nothing.
    fn check_restored(&mut self, unanswered: usize) -> Result<(), String> {
        let (found, known) = (self.room.newest(), self.model.newest());
        let Some(more) = found.checked_sub(known) else {
            return Err(format!("{found} of {known} events are there after a crash"));
        };
        let more = more as usize;
        if more != 0 && more != unanswered {
            return Err(format!(
                "{more} of {unanswered} events that were written at once"
            ));
        }
        if self.room.epoch() != self.model.epoch {
            return Err("a log that was stored has another epoch".to_owned());
        }
        let lost = self.model.found(more);
        let from = Position {
            place: self.model.before_oldest(),
            epoch: self.model.epoch,
        };
        let kept = self.room.batch_after(After::Kept, false);
        self.model.check_batch(from, &kept)?;
        self.note(&format!(
            "a crash: {more} more were written, {lost} are lost"
        ));
        Ok(())
    }

    /// Checks that a log in memory alone is gone, and that another one has its place.
    fn check_anew(&mut self) -> Result<(), String> {
        let epoch = self.room.epoch();
        if epoch == self.model.epoch {
            return Err("another log has the epoch of the one that is gone".to_owned());
        }
        let gone = self.model.newest();
        self.model.begin_anew(epoch);
        self.note(&format!("a crash: {gone} events are gone"));
        Ok(())
    }

    /// Checks that all places that readers have are good, or told to be of another log.
    fn check_places(&self) -> Result<(), String> {
        for position in self.away.iter().chain(&self.pollers) {
            let start = self.room.start(position.after(), false);
            self.model.check_start(position.after(), start)?;
        }
        Ok(())
    }
}
