//! The part of a plan's people that one process runs, where several run them together.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// A part of the people of a plan: those whose number leaves the same remainder when it is divided
/// by the number of parts. All that other people do follows from the same plan, so that all parts
/// together do what one process would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Part {
    /// The number of the part, from 0.
    index: usize,
    /// The number of all parts.
    of: usize,
}

/// The largest number of parts.
const MOST: usize = 10_000;

impl Part {
    /// All people of a plan.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Returns part `number`, from 1, of so many; `None` if there is none of that number, or there
    /// are more than 10,000.
    #[must_use]
    pub const fn new(number: usize, of: usize) -> Option<Self> {
        if number == 0 || number > of || of > MOST {
            return None;
        }
        Some(Self {
            index: number - 1,
            of,
        })
    }

    /// Returns all parts of so many, in order.
    pub fn all(of: usize) -> impl Iterator<Item = Self> {
        (0..of).map(move |index| Self { index, of })
    }

    /// Returns its number, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self.index + 1
    }

    /// Returns the number of all parts.
    #[must_use]
    pub const fn of(self) -> usize {
        self.of
    }

    /// Returns whether it is everybody.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Returns whether `person` of `plan` belongs to it.
    #[must_use]
    pub const fn has(self, plan: &Plan, person: usize) -> bool {
        self.of_person(plan, person).index == self.index
    }

    /// Returns the part that `person` of `plan` belongs to, of as many as there are of this one.
    /// People who listen are dealt out apart from people who only speak.
    pub(crate) const fn of_person(self, plan: &Plan, person: usize) -> Self {
        let clients = plan.swarm.clients;
        let place = if person < clients {
            person
        } else {
            person - clients
        };
        Self {
            index: place % self.of,
            of: self.of,
        }
    }

    /// Returns the number of people of `plan` who listen in it.
    #[must_use]
    pub const fn clients(self, plan: &Plan) -> usize {
        share(plan.swarm.clients, self)
    }

    /// Returns the number of people of `plan` who speak in it, whether they listen or not.
    pub(crate) fn speakers(self, plan: &Plan) -> usize {
        share(plan.rooms() * plan.traffic.publishers, self)
    }

    /// Returns the number of people who listen in it, by room.
    pub(crate) fn readers_by_room(self, plan: &Plan) -> Vec<u64> {
        let mut readers = vec![0; plan.rooms()];
        for person in (self.index..plan.swarm.clients).step_by(self.of) {
            readers[plan.swarm.room_of(person)] += 1;
        }
        readers
    }
}

/// Returns how many of `all` belong to a part.
const fn share(all: usize, part: Part) -> usize {
    (all + part.of - 1 - part.index) / part.of
}

/// `2/4`
impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number(), self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = text.split_once('/').and_then(|(number, of)| {
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            Self::new(number, of)
        });
        part.ok_or_else(|| {
            format!("{text:?} is no part: write its number and how many there are, such as 2/4")
        })
    }
}

impl TryFrom<String> for Part {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn everybody_is_in_exactly_one_part() {
        let mut plan = sample::plan(Variant::Websocket);
        (plan.swarm.clients, plan.swarm.rooms) = (11, Some(3));
        for of in 1..8 {
            let parts: Vec<Part> = Part::all(of).collect();
            for person in 0..17 {
                let in_parts = parts.iter().filter(|part| part.has(&plan, person));
                assert_eq!(in_parts.count(), 1, "{person} of {of}");
            }
            let clients: usize = parts.iter().map(|part| part.clients(&plan)).sum();
            let speakers: usize = parts.iter().map(|part| part.speakers(&plan)).sum();
            assert_eq!((clients, speakers), (11, 6));
            let mut rooms = [0; 3];
            for part in &parts {
                let readers = part.readers_by_room(&plan);
                assert_eq!(readers.iter().sum::<u64>(), part.clients(&plan) as u64);
                rooms
                    .iter_mut()
                    .zip(readers)
                    .for_each(|(all, own)| *all += own);
            }
            assert_eq!(rooms, [4, 4, 3]);
        }
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let part: Part = "2/4".parse().unwrap();
        assert_eq!(
            (part.number(), part.of(), part.to_string()),
            (2, 4, "2/4".to_owned())
        );
        assert!("1/1".parse::<Part>().unwrap().is_whole());
        for wrong in ["0/4", "5/4", "2", "2/0", "/", "a/b", "1/10001", "-1/3"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<Part>("\"3/2\"").is_err());
    }
}
