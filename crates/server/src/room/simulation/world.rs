//! A world of one room, and the scheduler that draws what happens next in it.

use std::{sync::Arc, task::Poll};

use tokio::{runtime::Builder, task::yield_now};
use wire::{Draft, Epoch, Kind, Seq};

use super::{
    chance::Chance,
    people::People,
    reader::{Held, Model, Reader, Said},
};
use crate::{
    room::{
        After, Room,
        taking::{Accepted, Unsaid},
        tests::room_of,
    },
    settings::Settings,
};

/// The bytes of a text that fills a socket in a few messages.
const LONG: usize = 30_000;
/// The rounds after which a world must have come to rest.
const ROUNDS: usize = 5_000;

/// A room, those who use it, and what must be so.
struct World {
    room: Arc<Room>,
    settings: Arc<Settings>,
    chance: Chance,
    model: Model,
    readers: Vec<Reader>,
    /// The most readers that there were at a time.
    most: usize,
    /// The places of those who ask and go.
    pollers: [Seq; 3],
    held: Vec<Held>,
    people: People,
    trace: Vec<String>,
}

/// Lets a world of this seed run to its end; what happened in it, or what went wrong.
pub(super) fn run(seed: u64) -> Result<Vec<String>, String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|why| why.to_string())?.block_on(async {
        let mut world = World::new(seed);
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
    /// speakers who wait for them.
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let presses = chance.below(2) == 0;
        let capacity = 2 + chance.below(8);
        let settings = Settings {
            log_events: capacity,
            presence_per_second: None,
            coalesce: chance.below(4) > 0,
            ..Settings::default()
        };
        Self {
            room: Arc::new(room_of(&settings)),
            settings: Arc::new(settings),
            chance,
            model: Model {
                capacity: capacity as u64,
                presses,
                ..Model::default()
            },
            readers: Vec::new(),
            most: 0,
            pollers: [0; 3],
            held: Vec::new(),
            people: People::default(),
            trace: Vec::new(),
        }
    }

    async fn step(&mut self) -> Result<(), String> {
        match self.chance.below(20) {
            0..=5 => self.say(),
            6 => {
                self.begin_reading();
                Ok(())
            }
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
            18..=19 if !self.model.presses => {
                self.people
                    .step(&self.room, &mut self.chance, &mut self.model);
                self.note("people");
                self.people.check(&self.room)
            }
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
        Ok(())
    }

    fn say(&mut self) -> Result<(), String> {
        let number = self.model.newest().to_string();
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
            Ok(Accepted::Said(_)) => {
                self.model.said.push(Said {
                    kind: Kind::Message,
                    from: "ann".to_owned(),
                    text: Some(number),
                    online: None,
                });
                self.note("said");
                Ok(())
            }
            Err(Unsaid::Pressed(_)) if self.model.presses => {
                self.note("pressed");
                Ok(())
            }
            other => Err(format!("a draft came to {other:?}")),
        }
    }

    fn begin_reading(&mut self) {
        if self.readers.len() >= 12 {
            return;
        }
        let place = self.chance.below(self.model.newest() as usize + 1) as u64;
        let after = match self.chance.below(4) {
            0 => After::Latest,
            1 => After::Kept,
            2 => After::Of(place, self.room.epoch()),
            _ => After::Of(place, another(self.room.epoch())),
        };
        let start = self.room.start(after, false);
        let reader = Reader::begin(&self.room, start, &self.settings);
        self.readers.push(reader);
        self.most = self.most.max(self.readers.len());
        self.note(&format!("a reader at {}", start.place));
    }

    fn take(&mut self, number: usize) -> Result<bool, String> {
        let reader = &mut self.readers[number];
        let took = reader.take(&self.model)?;
        let place = reader.place;
        if took {
            self.note(&format!("reader {number} is at {place}"));
        }
        Ok(took)
    }

    /// Lets the task of a reader go on, if it was woken. Returns whether it was.
    fn poll_reader(&mut self, number: usize) -> Result<bool, String> {
        match self.readers[number].poll() {
            None => Ok(false),
            Some(Poll::Pending) => Ok(true),
            Some(Poll::Ready(woken)) => Err(format!("reader {number} ends by {woken:?}")),
        }
    }

    fn ask(&mut self) -> Result<(), String> {
        let number = self.chance.below(self.pollers.len());
        let place = self.pollers[number];
        let batch = self.room.after(place);
        self.pollers[number] = self.model.check_batch(place, &batch)?;
        self.note(&format!("poller {number} was at {place}"));
        Ok(())
    }

    fn hold(&mut self) {
        if self.held.len() < 4 {
            let place = self.pollers[0].max(self.model.before_oldest());
            self.held.push(Held::begin(&self.room, place));
        }
    }

    /// Lets a held poll go on, if it was woken. Returns whether it was.
    fn poll_held(&mut self, number: usize) -> Result<bool, String> {
        let Some(answer) = self.held[number].poll() else {
            return Ok(false);
        };
        if let Poll::Ready(answer) = answer {
            let held = self.held.swap_remove(number);
            let batch = answer.ok_or("a poll was let go before the end")?;
            let next = self.model.check_batch(held.place, &batch)?;
            self.note(&format!("held from {} to {next}", held.place));
        }
        Ok(true)
    }

    /// Lets everything go on until nothing does.
    async fn settle(&mut self) -> Result<(), String> {
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            yield_now().await;
            let mut moves = false;
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

/// Returns the epoch of some other log.
fn another(epoch: Epoch) -> Epoch {
    let one = Epoch::from_bits(1);
    if one == epoch {
        Epoch::from_bits(2)
    } else {
        one
    }
}
