//! The age of the newest event that a reader holds, sampled in time.
//!
//! Latency asks of each event how long it took; this asks of each moment how
//! far behind a reader is (Bozdag, Mesbah and van Deursen 2007 call it data
//! coherence). Pure: it reads no clock.

use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::{clock::Nanos, plan::Swarm, schedule::Due};

/// The number of readers of a shard that are examined in one sample.
const LOOKED_AT: usize = 32;
/// The mean time between two samples.
const BETWEEN: Nanos = 100_000_000;

/// The state and the samples of one shard's readers.
#[derive(Debug)]
pub(crate) struct Freshness {
    /// The time at which the newest event that each person holds was due, by the person's
    /// place in `people`.
    newest: Vec<Nanos>,
    /// The room of each person, by the person's place in `people`.
    rooms: Vec<usize>,
    /// The time, for each room, at which the newest draft was due that all should hold by
    /// now, and the number of drafts of the schedule that were examined to find it.
    bound: Vec<Nanos>,
    looked_at: usize,
    chance: Xoshiro256PlusPlus,
}

/// A sample of one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The time since its newest event was due.
    pub(crate) age: Nanos,
    /// True if the reader holds all that it should by now.
    pub(crate) coherent: bool,
}

/// The counts over all samples, which are added up over the shards.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coherence {
    /// The number of all samples.
    pub(crate) samples: u64,
    /// The number of those samples that were coherent.
    pub(crate) coherent: u64,
}

impl Freshness {
    /// Creates the state for `people` of `swarm`.
    pub(crate) fn new(people: &[usize], swarm: &Swarm, seed: u64) -> Self {
        let first = people.first().map_or(0, |&person| person as u64);
        Self {
            newest: vec![0; people.len()],
            rooms: people.iter().map(|person| swarm.room_of(*person)).collect(),
            bound: vec![0; swarm.room_count()],
            looked_at: 0,
            chance: Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(23) ^ first),
        }
    }

    /// Notes that the person at `place` in `people` heard an event that was due at `due`.
    pub(crate) fn heard(&mut self, place: usize, due: Nanos) {
        self.newest[place] = self.newest[place].max(due);
    }

    /// Draws the time to wait for the next sample: at random around the mean, because
    /// otherwise the samples could keep step with what is sampled.
    pub(crate) fn wait(&mut self) -> Nanos {
        self.chance.random_range(BETWEEN / 2..=BETWEEN / 2 * 3)
    }

    /// Looks at some readers at `now`. `drafts` are due at `settle` plus their
    /// time; all that were due `within` ago or earlier should be there. A reader
    /// whose room was still silent then is no sample.
    pub(crate) fn sample(
        &mut self,
        now: Nanos,
        within: Nanos,
        settle: Nanos,
        drafts: &[Due],
    ) -> Vec<Sample> {
        while let Some(draft) = drafts.get(self.looked_at)
            && settle + draft.at + within <= now
        {
            self.bound[draft.room as usize] = settle + draft.at;
            self.looked_at += 1;
        }
        let mut samples = Vec::new();
        for turn in 0..LOOKED_AT.min(self.rooms.len()) {
            let place = if self.rooms.len() <= LOOKED_AT {
                turn
            } else {
                self.chance.random_range(0..self.rooms.len())
            };
            let (newest, bound) = (self.newest[place], self.bound[self.rooms[place]]);
            if bound > 0 {
                samples.push(Sample {
                    // For a reader that holds nothing yet, the age counts from the beginning of
                    // *settle*.
                    age: now.saturating_sub(if newest > 0 { newest } else { settle }),
                    coherent: newest >= bound,
                });
            }
        }
        samples
    }
}

impl Coherence {
    /// Adds samples, their ages to `ages`.
    pub(crate) fn add(&mut self, samples: &[Sample], ages: &mut Histogram<u64>) {
        for sample in samples {
            self.samples += 1;
            self.coherent += u64::from(sample.coherent);
            ages.saturating_record(sample.age);
        }
    }

    /// Returns the sum of the counts of two shards.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            coherent: self.coherent + other.coherent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    const MS: Nanos = 1_000_000;

    fn due(at: Nanos, room: u32) -> Due {
        Due {
            at: at * MS,
            room,
            publisher: 0,
        }
    }

    #[test]
    fn a_reader_is_as_old_as_its_newest_event() {
        let drafts = [due(0, 0), due(100, 1), due(200, 0)];
        // Ten people in two rooms: 4 in the first, 5 in the second.
        let swarm = sample::plan(Variant::Websocket).swarm;
        let mut freshness = Freshness::new(&[4, 5], &swarm, 1);
        // Drafts begin at 1 s; nothing had to be there 50 ms ago.
        assert_eq!(
            freshness.sample(1_040 * MS, 50 * MS, 1_000 * MS, &drafts),
            []
        );
        freshness.heard(0, 1_000 * MS);
        let seen = freshness.sample(1_060 * MS, 50 * MS, 1_000 * MS, &drafts);
        let whole = |age: Nanos, coherent| Sample {
            age: age * MS,
            coherent,
        };
        // Room 1 has nothing to hold yet.
        assert_eq!(seen, [whole(60, true)]);
        let seen = freshness.sample(1_260 * MS, 50 * MS, 1_000 * MS, &drafts);
        // Reader 4 lacks the draft of 200 ms, reader 5 has never heard anything.
        assert_eq!(seen, [whole(260, false), whole(260, false)]);
        freshness.heard(0, 1_200 * MS);
        // An older event that comes late changes nothing.
        freshness.heard(0, 1_000 * MS);
        freshness.heard(1, 1_100 * MS);
        let seen = freshness.sample(1_300 * MS, 50 * MS, 1_000 * MS, &drafts);
        assert_eq!(seen, [whole(100, true), whole(200, true)]);
    }

    #[test]
    fn many_readers_are_looked_at_in_turns_that_follow_from_the_seed() {
        let people: Vec<usize> = (0..1_000).collect();
        let drafts = [due(0, 0)];
        let mut swarm = sample::plan(Variant::Websocket).swarm;
        (swarm.clients, swarm.rooms) = (1_000, Some(1));
        let looks = |seed| {
            let mut freshness = Freshness::new(&people, &swarm, seed);
            (0..500).for_each(|person| freshness.heard(person, MS));
            freshness.sample(2 * MS, 0, MS, &drafts)
        };
        assert_eq!(looks(1).len(), LOOKED_AT);
        assert_eq!(looks(1), looks(1));
        let (mut coherence, mut ages) = (Coherence::default(), Histogram::new(3).unwrap());
        coherence.add(&looks(1), &mut ages);
        assert_eq!((coherence.samples, ages.len()), (32, 32));
        assert!(coherence.coherent > 0 && coherence.coherent < 32);
        assert_eq!(coherence.plus(coherence).samples, 64);
    }
}
