//! The rooms that are stored, as they will be once a transaction is committed.

use std::collections::HashMap;

use redb::{StorageError, Table, TableDefinition, WriteTransaction};
use wire::{Epoch, Seq, codec};

use crate::store::stored::{Label, Step};

/// The facts about the store itself.
pub(super) const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
/// The rooms by name: number, epoch, the place before the oldest event, the newest event.
pub(super) const ROOMS: TableDefinition<'_, &str, Row> = TableDefinition::new("rooms");
/// The events as JSON, by the number of their room and their own.
pub(super) const EVENTS: TableDefinition<'_, (u64, Seq), &[u8]> = TableDefinition::new("events");
/// The people as JSON, by the number of their room and of their visit.
pub(super) const PEOPLE: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("people");
/// The key of the number of rooms that were given up.
pub(super) const GENERATION: &str = "generation";

/// A room as it is stored.
pub(super) type Row = (u64, u32, Seq, Seq);

/// A room's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) id: u64,
    pub(super) epoch: Epoch,
    pub(super) before: Seq,
    pub(super) newest: Seq,
}

impl Kept {
    pub(super) fn from_row((id, epoch, before, newest): Row) -> Self {
        Self {
            id,
            epoch: Epoch::from_bits(epoch.into()),
            before,
            newest,
        }
    }

    fn row(self) -> Row {
        (self.id, self.epoch.bits(), self.before, self.newest)
    }
}

/// All rooms that are stored, by name.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) rooms: HashMap<String, Kept>,
    /// A number that no room has had since the store was opened.
    pub(super) next_id: u64,
}

/// The changes of a book in one transaction.
pub(super) struct Changes<'a> {
    book: &'a Book,
    rooms: HashMap<String, Option<Kept>>,
    next_id: u64,
}

/// The changes of a book, once they are on disk.
pub(super) struct Committed {
    rooms: HashMap<String, Option<Kept>>,
    next_id: u64,
}

/// The tables of a transaction that hold something for each room.
struct Tables<'a> {
    events: Table<'a, (u64, Seq), &'static [u8]>,
    people: Table<'a, (u64, u64), &'static [u8]>,
}

impl Book {
    /// Begins the changes of one transaction.
    pub(super) fn changes(&self) -> Changes<'_> {
        Changes {
            book: self,
            rooms: HashMap::new(),
            next_id: self.next_id,
        }
    }

    /// Puts the changes of a transaction that was committed into the book.
    pub(super) fn accept(&mut self, committed: Committed) {
        self.next_id = committed.next_id;
        for (name, kept) in committed.rooms {
            match kept {
                Some(kept) => self.rooms.insert(name, kept),
                None => self.rooms.remove(&name),
            };
        }
    }
}

impl Changes<'_> {
    /// Writes all steps into a transaction, in their order.
    pub(super) fn write(
        mut self,
        transaction: &WriteTransaction,
        steps: &[Step],
    ) -> Result<Committed, redb::Error> {
        let mut tables = Tables {
            events: transaction.open_table(EVENTS)?,
            people: transaction.open_table(PEOPLE)?,
        };
        for step in steps {
            self.write_step(transaction, &mut tables, step)?;
        }
        drop(tables);
        let mut rooms = transaction.open_table(ROOMS)?;
        for (name, kept) in &self.rooms {
            match kept {
                Some(kept) => drop(rooms.insert(name.as_str(), kept.row())?),
                None => drop(rooms.remove(name.as_str())?),
            }
        }
        Ok(Committed {
            rooms: self.rooms,
            next_id: self.next_id,
        })
    }

    fn write_step(
        &mut self,
        transaction: &WriteTransaction,
        tables: &mut Tables<'_>,
        step: &Step,
    ) -> Result<(), redb::Error> {
        let label = step.label();
        let known = self.find(label);
        let changed = match (step, known) {
            (
                Step::Event {
                    seq, json, dropped, ..
                },
                known,
            ) => {
                let mut kept = self.known_or_new(known, tables, label)?;
                tables.events.insert((kept.id, *seq), &json[..])?;
                kept.newest = *seq;
                tables.drop_up_to(&mut kept, *dropped)?;
                kept
            }
            (Step::Here(_, visit), known) => {
                let kept = self.known_or_new(known, tables, label)?;
                let json = codec::encode(visit);
                tables.people.insert((kept.id, visit.number), &json[..])?;
                kept
            }
            // The rest concerns only what is there.
            (_, None) => return Ok(()),
            (Step::Gone(_, visit), Some(kept)) => {
                tables.people.remove((kept.id, *visit))?;
                return Ok(());
            }
            (Step::Clear(_), Some(mut kept)) => {
                let newest = kept.newest;
                tables.drop_up_to(&mut kept, newest)?;
                kept
            }
            (Step::TakeBack(_, newest), Some(mut kept)) => {
                tables.take_back(&mut kept, *newest)?;
                kept
            }
            (Step::Forget(_, generation), Some(kept)) => {
                tables.forget(kept.id)?;
                let mut about = transaction.open_table(ABOUT)?;
                about.insert(GENERATION, *generation)?;
                self.rooms.insert(label.name.clone(), None);
                return Ok(());
            }
        };
        self.rooms.insert(label.name.clone(), Some(changed));
        Ok(())
    }

    /// Returns the entry of this very room, if it is stored.
    fn find(&self, label: &Label) -> Option<Kept> {
        self.named(&label.name)
            .filter(|kept| kept.epoch == label.epoch)
    }

    fn named(&self, name: &str) -> Option<Kept> {
        match self.rooms.get(name) {
            Some(changed) => *changed,
            None => self.book.rooms.get(name).copied(),
        }
    }

    /// Returns the entry of a room, made anew if it has none. Another room of this name is removed:
    /// its end was not stored.
    fn known_or_new(
        &mut self,
        known: Option<Kept>,
        tables: &mut Tables<'_>,
        label: &Label,
    ) -> Result<Kept, StorageError> {
        if let Some(kept) = known {
            return Ok(kept);
        }
        if let Some(other) = self.named(&label.name) {
            tables.forget(other.id)?;
        }
        let id = self.next_id;
        self.next_id += 1;
        Ok(Kept {
            id,
            epoch: label.epoch,
            before: 0,
            newest: 0,
        })
    }
}

impl Tables<'_> {
    /// Removes a room's events up to `last`.
    fn drop_up_to(&mut self, kept: &mut Kept, last: Seq) -> Result<(), StorageError> {
        let last = last.min(kept.newest);
        for seq in kept.before + 1..=last {
            self.events.remove((kept.id, seq))?;
        }
        kept.before = kept.before.max(last);
        Ok(())
    }

    /// Removes a room's events after `newest`.
    fn take_back(&mut self, kept: &mut Kept, newest: Seq) -> Result<(), StorageError> {
        for seq in newest + 1..=kept.newest {
            self.events.remove((kept.id, seq))?;
        }
        kept.newest = kept.newest.min(newest);
        kept.before = kept.before.min(kept.newest);
        Ok(())
    }

    /// Removes all that is stored of a room.
    fn forget(&mut self, id: u64) -> Result<(), StorageError> {
        let all = (id, 0)..=(id, u64::MAX);
        self.events.retain_in(all.clone(), |_, _| false)?;
        self.people.retain_in(all, |_, _| false)
    }
}
