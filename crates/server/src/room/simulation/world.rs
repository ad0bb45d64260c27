//! A world of one room, and the scheduler that draws what happens next in it.

mod crash;
mod reading;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::{runtime::Builder, task::yield_now};
use wire::{Draft, Kind};

use super::{
    chance::Chance,
    model::{Happened, Model, Position, Said},
    people::{GRACE, People},
    reader::{Held, Reader},
    store::Store,
};
use crate::{
    room::{
        Room,
        rooms::Rooms,
        taking::{Accepted, Unsaid},
    },
    settings::Settings,
};

/// The bytes of a text that fills a socket in a few messages.
const LONG: usize = 30_000;
/// The name of the room.
const ROOM: &str = "hall";
/// The readers that there are at most at a time.
const READERS: usize = 12;
/// The most changes that share a transaction.
const TOGETHER: usize = 6;
/// The rounds after which a world must have come to rest.
const ROUNDS: usize = 5_000;

/// A room, those who use it, and what must be so.
struct World {
    room: Arc<Room>,
    /// The store, in a world that has one.
    store: Option<Store>,
    settings: Arc<Settings>,
    chance: Chance,
    /// True if the server crashes now and then. People who stay for long are met only where it does
    /// not.
    crashes: bool,
    model: Model,
    readers: Vec<Reader>,
    /// The places of readers who lost their connections in a crash, and have not come back.
    away: Vec<Position>,
    /// The places of those who ask and go.
    pollers: [Position; 3],
    held: Vec<Held>,
    people: People,
    /// The drafts so far.
    drafts: u64,
    trace: Vec<String>,
}

/// Lets a world of this seed run to its end; what happened in it, or what went wrong.
pub(super) fn run(seed: u64) -> Result<Vec<String>, String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|why| why.to_string())?.block_on(async {
        let mut world = World::new(seed)?;
        let steps = 150 + world.chance.below(150);
        for _ in 0..steps {
            world.step().await?;
            world.check()?;
        }
        world.end().await?;
        Ok(world.trace)
    })
}

impl World {
    /// Makes a world: of slow readers and people who come and go, or of readers who keep up and
    /// speakers who wait for them; with a store or without.
    fn new(seed: u64) -> Result<Self, String> {
        let mut chance = Chance::new(seed);
        let presses = chance.below(2) == 0;
        let capacity = 2 + chance.below(8);
        let settings = Arc::new(Settings {
            log_events: capacity,
            presence_per_second: None,
            coalesce: chance.below(4) > 0,
            lease_grace: Duration::from_secs(GRACE),
            ..Settings::default()
        });
        let crashes = chance.below(2) == 0;
        let mut store = (chance.below(2) == 0).then(Store::default);
        let rooms = match &mut store {
            Some(store) => store.open(&settings).map_err(|why| why.to_string())?,
            None => Rooms::new(Arc::clone(&settings)),
        };
        let room = (rooms.open(ROOM, None)).map_err(|why| format!("{why:?}"))?;
        let epoch = room.epoch();
        Ok(Self {
            room,
            settings,
            chance,
            crashes,
            model: Model {
                said: Vec::new(),
                capacity: capacity as u64,
                presses,
                is_stored: store.is_some(),
                epoch,
                waiting: VecDeque::new(),
                stored: BTreeMap::new(),
            },
            store,
            readers: Vec::new(),
            away: Vec::new(),
            pollers: [Position { place: 0, epoch }; 3],
            held: Vec::new(),
            people: People::default(),
            drafts: 0,
            trace: Vec::new(),
        })
    }

    async fn step(&mut self) -> Result<(), String> {
        match self.chance.below(26) {
            0..=5 => self.say(),
            6 => self.begin_reading(),
            7 if !self.readers.is_empty() => {
                let number = self.chance.below(self.readers.len());
                drop(self.readers.swap_remove(number));
                self.note(&format!("reader {number} leaves"));
                Ok(())
            }
            8..=9 if !self.readers.is_empty() => {
                let number = self.chance.below(self.readers.len());
                self.take(number).map(drop)
            }
            10..=11 if !self.readers.is_empty() => {
                let number = self.chance.below(self.readers.len());
                self.poll_reader(number).map(drop)
            }
            12..=13 => {
                for _ in 0..=self.chance.below(3) {
                    yield_now().await;
                }
                Ok(())
            }
            14..=15 => self.ask(),
            16 => {
                self.hold();
                Ok(())
            }
            17 if !self.held.is_empty() => {
                let number = self.chance.below(self.held.len());
                self.poll_held(number).map(drop)
            }
            18..=20 if !self.model.presses => {
                self.people
                    .step(&self.room, &mut self.chance, &mut self.model);
                self.note("people");
                Ok(())
            }
            21..=23 => self.write().map(drop),
            24..=25 if self.crashes && self.chance.below(4) == 0 => self.crash(),
            _ => Ok(()),
        }
    }

    fn note(&mut self, what: &str) {
        let newest = self.model.newest();
        self.trace.push(format!("{newest}: {what}"));
    }

    /// Checks what must be so after each step.
    fn check(&self) -> Result<(), String> {
        let (found, wanted) = (self.room.newest(), self.model.newest());
        if found != wanted {
            return Err(format!("the newest event is {found}, not {wanted}"));
        }
        let mut waiting = 0;
        self.room.seats.each(|_| waiting += 1);
        if waiting != self.readers.len() {
            let there = self.readers.len();
            return Err(format!("{waiting} seats are taken by {there} readers"));
        }
        let (ahead, wanted) = (self.room.ahead().0, self.model.waiting.len());
        if ahead != wanted {
            return Err(format!("{ahead} events are on their way, not {wanted}"));
        }
        if self.room.epoch() != self.model.epoch {
            return Err("the log has another epoch".to_owned());
        }
        self.people.check(&self.room)
    }

    fn say(&mut self) -> Result<(), String> {
        self.drafts += 1;
        let number = self.drafts.to_string();
        let is_long = !self.model.presses && self.chance.below(3) == 0;
        let rest = if is_long {
            "x".repeat(LONG)
        } else {
            String::new()
        };
        let draft = Draft {
            from: "ann".to_owned(),
            text: format!("{number} {rest}"),
            tag: None,
        };
        let taken = if self.model.presses {
            self.room.try_say(draft, 100)
        } else {
            self.room.say_where(draft, 100, |_| true)
        };
        match taken {
            Ok(accepted) => {
                let reply = match accepted {
                    Accepted::Said(_) => None,
                    Accepted::Handed(reply) => Some(reply),
                };
                if reply.is_some() != self.model.is_stored {
                    return Err("a draft passes a store by".to_owned());
                }
                let said = Said {
                    kind: Kind::Message,
                    from: "ann".to_owned(),
                    text: Some(number),
                    online: None,
                };
                self.model.happen(Happened {
                    said,
                    whom: None,
                    reply,
                });
                self.note("said");
                Ok(())
            }
            Err(Unsaid::Pressed(_)) if self.model.presses => {
                self.note("pressed");
                Ok(())
            }
            Err(other) => Err(format!("a draft came to {other:?}")),
        }
    }

    /// Lets the writer of a store write some of what was handed over. Returns whether there was any.
    fn write(&mut self) -> Result<bool, String> {
        let Some(store) = &mut self.store else {
            return Ok(false);
        };
        let most = 1 + self.chance.below(TOGETHER);
        let count = most.min(self.model.waiting.len());
        store.write(most);
        self.model.written(count)?;
        if count > 0 {
            self.note(&format!("{count} are written"));
        }
        Ok(count > 0)
    }

    /// Lets everything go on until nothing does.
    async fn settle(&mut self) -> Result<(), String> {
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            yield_now().await;
            let mut moves = self.write()?;
            for number in 0..self.readers.len() {
                moves |= self.take(number)? | self.poll_reader(number)?;
            }
            for number in (0..self.held.len()).rev() {
                moves |= self.poll_held(number)?;
            }
            quiet = if moves { 0 } else { quiet + 1 };
            if quiet > 8 {
                return Ok(());
            }
        }
        Err("it does not come to rest".to_owned())
    }

    /// Lets all come to rest, and then the room close.
    async fn end(&mut self) -> Result<(), String> {
        while let Some(position) = self.away.pop() {
            self.come_back(position)?;
        }
        self.people.end(&self.room, &mut self.model)?;
        self.settle().await?;
        self.check()?;
        let newest = self.model.newest();
        for (number, reader) in self.readers.iter().enumerate() {
            if reader.place != newest {
                let place = reader.place;
                return Err(format!("reader {number} was left at {place} of {newest}"));
            }
        }
        if self.held.iter().any(|held| held.place < newest) {
            return Err("a poll is held though there is something".to_owned());
        }
        if self.model.presses
            && self
                .room
                .seats
                .served()
                .is_some_and(|served| served < newest)
        {
            return Err("readers are said to be behind who are not".to_owned());
        }
        self.close()
    }

    /// Closes the room: nothing is taken any more, and all who wait are let go.
    fn close(&mut self) -> Result<(), String> {
        self.room.close();
        let draft = Draft {
            from: "ann".to_owned(),
            text: "late".to_owned(),
            tag: None,
        };
        if !matches!(self.room.try_say(draft, 100), Err(Unsaid::Leaving)) {
            return Err("a draft was taken after the goodbye".to_owned());
        }
        for reader in &mut self.readers {
            let left = reader.poll();
            if !matches!(left, Some(Poll::Ready(_))) {
                return Err(format!("a reader that is to leave is at {left:?}"));
            }
        }
        for held in &mut self.held {
            if !matches!(held.poll(), Some(Poll::Ready(None))) {
                return Err("a poll is held after the goodbye".to_owned());
            }
        }
        Ok(())
    }
}
