//! The division of readers among simulated browsers, whose tabs they are.

use crate::plan::Swarm;

/// A browser: the person by whom its owner is named, 0 where there are no clerks, and its number
/// among the browsers of that owner.
pub(super) type Browser = (usize, usize);

/// Returns the browser of `person`, at `place` among the people of its shard. Without clerks,
/// `tabs` people in a row have the same one. Where there are clerks, `tabs` rooms of one clerk do,
/// and everybody else has one alone.
pub(super) fn browser(swarm: &Swarm, person: usize, place: usize) -> Browser {
    let tabs = swarm.tabs.max(1);
    let Some(rooms) = swarm.rooms_per_clerk else {
        return (0, place / tabs);
    };
    let room = swarm.clerk_of(person).map(|_| swarm.room_of(person));
    let tab = room.map_or(0, |room| room % rooms.max(1));
    (swarm.named_after(person), tab / tabs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn rooms_of_one_clerk_share_and_customers_do_not() {
        let clerks = Swarm {
            clients: 12,
            rooms: Some(6),
            rooms_per_clerk: Some(3),
            tabs: 2,
            ..sample::plan(Variant::Websocket).swarm
        };
        // The first six are customers; the clerks are in rooms 0 to 2 and 3 to 5.
        let browsers: Vec<_> = (0..12).map(|one| browser(&clerks, one, one)).collect();
        let customers: Vec<Browser> = (0..6).map(|one| (one, 0)).collect();
        assert_eq!(browsers[..6], customers);
        let clerks: [Browser; 6] = [(6, 0), (6, 0), (6, 1), (9, 0), (9, 0), (9, 1)];
        assert_eq!(browsers[6..], clerks);
    }
}
