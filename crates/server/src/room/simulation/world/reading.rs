//! The readers of a world: over connections that stay open, by asking, and by polls that are held.

use std::task::Poll;

use wire::Epoch;

use super::{Position, READERS, World};
use crate::room::{
    After,
    simulation::reader::{Held, Reader},
};

impl World {
    /// Lets somebody begin to read, or come back after a crash.
    pub(super) fn begin_reading(&mut self) -> Result<(), String> {
        if self.readers.len() >= READERS {
            return Ok(());
        }
        if !self.away.is_empty() && self.chance.below(2) == 0 {
            let number = self.chance.below(self.away.len());
            let position = self.away.swap_remove(number);
            return self.come_back(position);
        }
        let place = self.chance.below(self.model.newest() as usize + 1) as u64;
        let epoch = self.room.epoch();
        let after = match self.chance.below(4) {
            0 => After::Latest,
            1 => After::Kept,
            2 => After::Of(place, epoch),
            _ => {
                let epoch = another(epoch);
                let position = Position { place, epoch };
                return self.read(position.after(), Some(position));
            }
        };
        self.read(after, None)
    }

    /// Lets a reader begin that asks for this. It may have come with a place of another log.
    fn read(&mut self, after: After, came_with: Option<Position>) -> Result<(), String> {
        let start = self.room.start(after, false);
        self.model.check_start(after, start)?;
        let taken = self.model.newest() + self.model.waiting.len() as u64;
        let reader = Reader::begin(&self.room, start, came_with, taken, &self.settings);
        self.readers.push(reader);
        self.note(&format!("a reader at {}", start.place));
        Ok(())
    }

    pub(super) fn take(&mut self, number: usize) -> Result<bool, String> {
        let reader = &mut self.readers[number];
        let took = reader.take(&self.model)?;
        let place = reader.place;
        if took {
            self.note(&format!("reader {number} is at {place}"));
        }
        Ok(took)
    }

    /// Lets the task of a reader go on, if it was woken. Returns whether it was.
    pub(super) fn poll_reader(&mut self, number: usize) -> Result<bool, String> {
        match self.readers[number].poll() {
            None => Ok(false),
            Some(Poll::Pending) => Ok(true),
            Some(Poll::Ready(woken)) => Err(format!("reader {number} ends by {woken:?}")),
        }
    }

    pub(super) fn ask(&mut self) -> Result<(), String> {
        let number = self.chance.below(self.pollers.len());
        let from = self.pollers[number];
        let batch = self.room.batch_after(from.after(), false);
        self.pollers[number] = self.model.check_batch(from, &batch)?;
        self.note(&format!("poller {number} was at {}", from.place));
        Ok(())
    }

    pub(super) fn hold(&mut self) {
        let Position { place, epoch } = self.pollers[0];
        // One with a place of another log is answered at once.
        if self.held.len() < 4 && epoch == self.model.epoch {
            let place = place.max(self.model.before_oldest());
            self.held.push(Held::begin(&self.room, place));
        }
    }

    /// Lets a held poll go on, if it was woken. Returns whether it was.
    pub(super) fn poll_held(&mut self, number: usize) -> Result<bool, String> {
        let Some(answer) = self.held[number].poll() else {
            return Ok(false);
        };
        if let Poll::Ready(answer) = answer {
            let held = self.held.swap_remove(number);
            let batch = answer.ok_or("a poll was let go before the end")?;
            let from = Position {
                place: held.place,
                epoch: self.model.epoch,
            };
            let next = self.model.check_batch(from, &batch)?.place;
            self.note(&format!("held from {} to {next}", from.place));
        }
        Ok(true)
    }

    /// Lets a reader come back that lost its connection in a crash. It may have forgotten of which
    /// log its place is.
    pub(super) fn come_back(&mut self, position: Position) -> Result<(), String> {
        let after = if self.chance.below(4) == 0 {
            After::Place(position.place)
        } else {
            position.after()
        };
        self.read(after, Some(position))
    }
}

/// Returns the epoch of some other log.
fn another(epoch: Epoch) -> Epoch {
    let one = Epoch::from_bits(1);
    if one == epoch {
        Epoch::from_bits(2)
    } else {
        one
    }
}
