//! The room that each client listens in.
//!
//! Rooms of one size are filled in turn: person `i` is in room `i % rooms`. Rooms of several sizes
//! (`room_sizes`) are filled one after the other, and the list of sizes begins anew until everybody
//! is in a room. Either way the rooms and the people are numbered from 0, and no table is kept:
//! everything follows from the numbers.
//!
//! Where there are clerks (`rooms_per_clerk`), a clerk is several readers: one in each of its rooms.

use super::Swarm;

/// The place in its room of the reader that is a clerk: whoever comes first is the customer.
const CLERK: usize = 1;

impl Swarm {
    /// Returns the number of rooms, from whichever key gives it.
    #[must_use]
    pub fn room_count(&self) -> usize {
        match (&self.room_sizes, self.rooms, self.readers_per_room) {
            (Some(sizes), ..) => self.clients / people_in(sizes) * sizes.len(),
            (None, Some(rooms), _) => rooms,
            (None, None, Some(0)) => self.clients,
            (None, None, Some(readers)) => self.clients / readers,
            (None, None, None) => 1,
        }
    }

    /// Returns the room in which `person`, one of those who listen, is.
    #[must_use]
    pub fn room_of(&self, person: usize) -> usize {
        self.seat_of(person).0
    }

    /// Returns how many of the room's people come before `person`, one of those who listen.
    #[must_use]
    pub fn place_of(&self, person: usize) -> usize {
        self.seat_of(person).1
    }

    /// Returns the person at `place` among those who listen in `room`.
    #[must_use]
    pub fn listener(&self, room: usize, place: usize) -> usize {
        let Some(sizes) = &self.room_sizes else {
            return place * self.room_count() + room;
        };
        let (round, within) = (room / sizes.len(), room % sizes.len());
        round * people_in(sizes) + sizes[..within].iter().sum::<usize>() + place
    }

    /// Returns the number of people who listen in `room`.
    #[must_use]
    pub fn listeners_in(&self, room: usize) -> usize {
        match &self.room_sizes {
            Some(sizes) => sizes[room % sizes.len()],
            None => (self.clients + self.room_count() - 1 - room) / self.room_count(),
        }
    }

    /// Returns the number of people in the smallest room.
    #[must_use]
    pub fn fewest_in_a_room(&self) -> usize {
        let smallest = self.room_sizes.iter().flatten().min();
        smallest.map_or_else(|| self.clients / self.room_count(), |size| *size)
    }

    /// Returns the number of the clerk that `person` is one of the readers of; `None` for everybody
    /// who is no clerk, those who only speak among them.
    #[must_use]
    pub fn clerk_of(&self, person: usize) -> Option<usize> {
        let rooms = self.rooms_per_clerk?.max(1);
        if person >= self.clients {
            return None;
        }
        let (room, place) = self.seat_of(person);
        (place == CLERK).then_some(room / rooms)
    }

    /// Returns the person by whose number `person` is named: all readers of one clerk are named by
    /// the one in its first room, everybody else by their own.
    #[must_use]
    pub fn named_after(&self, person: usize) -> usize {
        match (self.clerk_of(person), self.rooms_per_clerk) {
            (Some(clerk), Some(rooms)) => self.listener(clerk * rooms, CLERK),
            _ => person,
        }
    }

    /// Returns the room of `person` and its place in it.
    fn seat_of(&self, person: usize) -> (usize, usize) {
        let Some(sizes) = &self.room_sizes else {
            let rooms = self.room_count();
            return (person % rooms, person / rooms);
        };
        let (round, mut place) = (person / people_in(sizes), person % people_in(sizes));
        let mut room = round * sizes.len();
        for size in sizes {
            if place < *size {
                break;
            }
            place -= size;
            room += 1;
        }
        (room, place)
    }
}

/// Returns the number of people in one room of each size, and 1 where there is none, by which
/// nothing is divided in vain.
pub(crate) fn people_in(sizes: &[usize]) -> usize {
    let all = sizes
        .iter()
        .fold(0_usize, |all, size| all.saturating_add(*size));
    all.max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{
        plan::{Swarm, Variant},
        sample,
    };

    fn swarm(clients: usize, rooms: Option<usize>, sizes: Option<&[usize]>) -> Swarm {
        Swarm {
            clients,
            rooms,
            room_sizes: sizes.map(<[usize]>::to_vec),
            ..sample::plan(Variant::Websocket).swarm
        }
    }

    /// Returns the people of each room, found by asking each person.
    fn rooms(swarm: &Swarm) -> Vec<Vec<usize>> {
        let mut rooms = vec![Vec::new(); swarm.room_count()];
        for person in 0..swarm.clients {
            rooms[swarm.room_of(person)].push(person);
        }
        rooms
    }

    #[test]
    fn rooms_of_several_sizes_are_filled_one_after_the_other() {
        let swarm = swarm(12, None, Some(&[1, 2, 3]));
        let expected = [
            vec![0],
            vec![1, 2],
            vec![3, 4, 5],
            vec![6],
            vec![7, 8],
            vec![9, 10, 11],
        ];
        assert_eq!(rooms(&swarm), expected);
    }

    #[test]
    fn rooms_of_one_size_are_filled_in_turn() {
        assert_eq!(rooms(&swarm(5, Some(2), None)), [vec![0, 2, 4], vec![1, 3]]);
    }

    #[test]
    fn a_person_a_room_and_a_place_tell_the_same() {
        let sized = swarm(60, None, Some(&[2, 5, 1, 7]));
        for swarm in [sized, swarm(11, Some(4), None), swarm(9, None, None)] {
            let rooms = rooms(&swarm);
            for (room, people) in rooms.iter().enumerate() {
                assert_eq!(people.len(), swarm.listeners_in(room), "room {room}");
                for (place, person) in people.iter().enumerate() {
                    assert_eq!(swarm.listener(room, place), *person);
                    assert_eq!(swarm.place_of(*person), place);
                }
            }
            let fewest = rooms.iter().map(Vec::len).min();
            assert_eq!(fewest, Some(swarm.fewest_in_a_room()));
        }
    }

    #[test]
    fn a_clerk_is_in_each_room_and_each_clerk_has_its_own_rooms() {
        let mut pairs = swarm(16, Some(8), None);
        pairs.rooms_per_clerk = Some(3);
        let mut sized = swarm(20, None, Some(&[2, 3]));
        sized.rooms_per_clerk = Some(3);
        for swarm in [pairs, sized] {
            let mut rooms_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            let mut name_of: BTreeMap<usize, usize> = BTreeMap::new();
            for (room, people) in rooms(&swarm).iter().enumerate() {
                let clerks: Vec<_> = people.iter().map(|one| swarm.clerk_of(*one)).collect();
                assert_eq!(clerks.iter().flatten().count(), 1, "room {room}");
                assert_eq!(clerks[0], None, "the customer of room {room}");
                assert_eq!(swarm.named_after(people[0]), people[0]);
                let clerk = clerks[1].expect("the second person is a clerk");
                rooms_of.entry(clerk).or_default().push(room);
                let name = swarm.named_after(people[1]);
                assert_eq!(*name_of.entry(clerk).or_insert(name), name, "room {room}");
            }
            let rooms_of: Vec<_> = rooms_of.into_values().collect();
            assert_eq!(rooms_of, [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
            // A clerk is named by one of its own readers.
            for (clerk, name) in name_of {
                assert_eq!(swarm.clerk_of(name), Some(clerk));
                assert_eq!(swarm.room_of(name), 3 * clerk);
            }
            // Those who only speak are no clerks.
            assert_eq!(swarm.clerk_of(swarm.clients + 9), None);
            assert_eq!(swarm.named_after(swarm.clients + 9), swarm.clients + 9);
        }
        let nobody = swarm(16, Some(8), None);
        assert!((0..16).all(|one| nobody.clerk_of(one).is_none()));
    }
}
