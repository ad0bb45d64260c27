//! The model of a simulation: what readers may be told, and what a store must have kept.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::oneshot::Receiver;
use wire::{Epoch, Kind, Seq};

use crate::room::{
    After,
    log::{Start, Told},
    presence::Identity,
    recorder::Reply,
};

/// An event as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) from: String,
    /// The first word of a text.
    pub(super) text: Option<String>,
    pub(super) online: Option<u64>,
}

/// A change that an event makes in the people that a store has.
#[derive(Debug)]
pub(super) enum Whom {
    /// The person of this visit came.
    Came(u64, Identity),
    /// The person of this visit left.
    Left(u64),
}

/// An event that happened; where there is a store, it waits until it is on disk.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) said: Said,
    pub(super) whom: Option<Whom>,
    /// The answer that a speaker waits for.
    pub(super) reply: Option<Reply>,
}

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) place: Seq,
    pub(super) epoch: Epoch,
}

impl Position {
    /// Returns what a reader asks for who comes back with it.
    pub(super) const fn after(self) -> After {
        After::Of(self.place, self.epoch)
    }
}

/// A model of a room: all that must be so.
#[derive(Debug)]
pub(super) struct Model {
    /// All events of the log, in the order of their numbers.
    pub(super) said: Vec<Said>,
    /// The number of events that the log keeps.
    pub(super) capacity: u64,
    /// True if nobody who keeps up may miss anything.
    pub(super) presses: bool,
    /// True if there is a store.
    pub(super) is_stored: bool,
    pub(super) epoch: Epoch,
    /// The events on their way to the disk, in order.
    pub(super) waiting: VecDeque<Happened>,
    /// The people that a store has, by their visits.
    pub(super) stored: BTreeMap<u64, (Identity, String)>,
}

impl Model {
    pub(super) fn newest(&self) -> Seq {
        self.said.len() as u64
    }

    pub(super) fn before_oldest(&self) -> Seq {
        self.newest().saturating_sub(self.capacity)
    }

    /// Notes an event: it is in the log, or on its way to the disk.
    pub(super) fn happen(&mut self, happened: Happened) {
        if self.is_stored {
            self.waiting.push_back(happened);
        } else {
            self.keep(happened);
        }
    }

    fn keep(&mut self, happened: Happened) {
        match happened.whom {
            Some(Whom::Came(visit, identity)) => {
                let name = happened.said.from.clone();
                self.stored.insert(visit, (identity, name));
            }
            Some(Whom::Left(visit)) => drop(self.stored.remove(&visit)),
            None => {}
        }
        self.said.push(happened.said);
    }

    /// Notes that so many events are on disk, and checks that their speakers were told so.
    pub(super) fn written(&mut self, count: usize) -> Result<(), String> {
        for _ in 0..count {
            let mut one =
                (self.waiting.pop_front()).ok_or("more is written than was handed over")?;
            let seq = self.newest() + 1;
            let told = one.reply.as_mut().map(Receiver::try_recv);
            if told.is_some() && told != Some(Ok(Ok(seq))) {
                return Err(format!("the speaker of event {seq} was told {told:?}"));
            }
            self.keep(one);
        }
        Ok(())
    }

    /// Notes that so many events were found on disk after a crash, though nobody was told so, and
    /// that all others that waited are lost. Returns how many these are.
    pub(super) fn found(&mut self, count: usize) -> usize {
        for _ in 0..count {
            if let Some(one) = self.waiting.pop_front() {
                self.keep(one);
            }
        }
        let lost = self.waiting.len();
        self.waiting.clear();
        lost
    }

    /// Notes that the log is gone, and that another one has taken its place.
    pub(super) fn begin_anew(&mut self, epoch: Epoch) {
        self.said.clear();
        self.stored.clear();
        self.epoch = epoch;
    }

    /// Checks what is said to a reader who comes with a place: it is good, or one of another log.
    /// Without an epoch a place that the new log has reached cannot be told from its own.
    pub(super) fn check_start(&self, after: After, start: Start) -> Result<(), String> {
        let (place, is_good) = match after {
            After::Kept | After::Latest => return Ok(()),
            After::Of(place, epoch) => (place, epoch == self.epoch),
            After::Place(place) if place > self.newest() => (place, false),
            After::Place(_) if !self.is_stored => return Ok(()),
            After::Place(place) => (place, true),
        };
        let wanted = if is_good {
            (place, Told::Nothing)
        } else {
            (self.before_oldest(), Told::Anew)
        };
        if (start.place, start.told) != wanted {
            return Err(format!("{after:?} begins by {start:?}, not {wanted:?}"));
        }
        Ok(())
    }

    /// Checks the event that follows `place`; returns its number.
    pub(super) fn check(&self, place: Seq, event: &Value) -> Result<Seq, String> {
        let seq = event["seq"].as_u64().ok_or("an event without a number")?;
        if seq != place + 1 {
            return Err(format!("event {seq} after place {place}"));
        }
        let wanted = (self.said.get(place as usize)).ok_or("an event that nobody said")?;
        let text = event["text"].as_str();
        let found = Said {
            kind: serde_json::from_value(event["kind"].clone()).map_err(|why| why.to_string())?,
            from: event["from"].as_str().unwrap_or_default().to_owned(),
            text: text.and_then(|text| Some(text.split(' ').next()?.to_owned())),
            online: event["online"].as_u64(),
        };
        if found != *wanted {
            return Err(format!("event {seq} is {found:?}, not {wanted:?}"));
        }
        Ok(seq)
    }

    /// Checks a batch for a reader who came with this place; returns the one that follows.
    pub(super) fn check_batch(&self, from: Position, batch: &Bytes) -> Result<Position, String> {
        let batch: Value = serde_json::from_slice(batch).map_err(|why| why.to_string())?;
        let Position { place, epoch } = from;
        let is_anew = epoch != self.epoch;
        let (begin, missed) = if is_anew {
            (self.before_oldest(), self.before_oldest().max(1))
        } else {
            let missed = self.before_oldest().saturating_sub(place);
            (place + missed, missed)
        };
        if batch["missed"] != missed {
            let told = &batch["missed"];
            return Err(format!("{told} missed from place {place}, not {missed}"));
        }
        if is_anew && batch["epoch"] != json!(self.epoch) {
            return Err(format!("another log is told by {}", batch["epoch"]));
        }
        let events = batch["events"].as_array().ok_or("a batch of no events")?;
        let next = events
            .iter()
            .try_fold(begin, |place, event| self.check(place, event))?;
        if next != self.newest() || batch["next"] != next {
            return Err(format!("a batch from {place} that ends at {next}"));
        }
        Ok(Position {
            place: next,
            epoch: self.epoch,
        })
    }
}
