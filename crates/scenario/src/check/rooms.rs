//! Checks of the keys that say how many rooms there are, and how large.

use super::{Checked, ensure};
use crate::{
    Scenario,
    plan::{Accounting, Swarm},
    swarm::rooms::people_in,
};

/// Checks that everybody is in a room, and that no room is empty.
pub(super) fn check(scenario: &Scenario) -> Checked {
    let swarm = &scenario.swarm;
    if let Some(sizes) = &swarm.room_sizes {
        return room_sizes(swarm, sizes);
    }
    ensure(
        swarm.rooms.is_none() || swarm.readers_per_room.is_none(),
        "swarm.readers_per_room",
        || {
            (
                "rooms and readers_per_room both say how many rooms there are".to_owned(),
                "keep one of them".to_owned(),
            )
        },
    )?;
    ensure(swarm.rooms != Some(0), "swarm.rooms", || {
        (
            "0 leaves nowhere to talk".to_owned(),
            "1 is the least".to_owned(),
        )
    })?;
    ensure(swarm.room_count() <= swarm.clients, "swarm.rooms", || {
        (
            format!(
                "{} rooms for {} clients leave rooms empty",
                swarm.room_count(),
                swarm.clients
            ),
            format!("rooms = {} would work", swarm.clients),
        )
    })?;
    let Some(readers) = swarm.readers_per_room else {
        return Ok(());
    };
    ensure(readers > 0, "swarm.readers_per_room", || {
        (
            "0 leaves nobody to hear anything".to_owned(),
            "1 is the least".to_owned(),
        )
    })?;
    ensure(
        readers <= swarm.clients && swarm.clients.is_multiple_of(readers),
        "swarm.readers_per_room",
        || {
            let rooms = (swarm.clients / readers).max(1);
            (
                format!("{} clients do not fill rooms of {readers}", swarm.clients),
                format!("clients = {} would work", rooms * readers),
            )
        },
    )
}

/// Checks that each room has a seat for a clerk, and that there are as many rooms as one clerk has.
pub(super) fn clerks(scenario: &Scenario) -> Checked {
    let swarm = &scenario.swarm;
    let Some(rooms) = swarm.rooms_per_clerk else {
        return Ok(());
    };
    let key = "swarm.rooms_per_clerk";
    ensure(rooms > 0, key, || {
        (
            "0 leaves a clerk without a room".to_owned(),
            "1 is the least".to_owned(),
        )
    })?;
    let fewest = swarm.fewest_in_a_room();
    ensure(fewest > 1, key, || {
        (
            format!("a clerk is the second person of a room, and there is a room of {fewest}"),
            "readers_per_room = 2 would work".to_owned(),
        )
    })?;
    let all = swarm.room_count();
    ensure(rooms <= all, key, || {
        (
            format!("{rooms} rooms for a clerk, and there are {all}"),
            format!("rooms_per_clerk = {all} would work"),
        )
    })?;
    let is_sample = matches!(swarm.accounting, Accounting::Sample(_));
    ensure(!is_sample, "swarm.accounting", || {
        (
            "a clerk's connection carries the drafts of several readers".to_owned(),
            "\"all\" would work, or no rooms_per_clerk".to_owned(),
        )
    })
}

fn room_sizes(swarm: &Swarm, sizes: &[usize]) -> Checked {
    let key = "swarm.room_sizes";
    ensure(!sizes.is_empty() && !sizes.contains(&0), key, || {
        (
            "a room without people".to_owned(),
            "[2, 5] would work".to_owned(),
        )
    })?;
    let people = people_in(sizes);
    ensure(swarm.clients.is_multiple_of(people), key, || {
        let rounds = swarm.clients.div_ceil(people).max(1);
        (
            format!(
                "{} clients do not fill rooms of {people} people together",
                swarm.clients
            ),
            format!("clients = {} would work", rounds.saturating_mul(people)),
        )
    })?;
    // A manifest says both.
    let count = swarm.room_count();
    let agree = swarm.rooms.is_none_or(|rooms| rooms == count) && swarm.readers_per_room.is_none();
    ensure(agree, key, || {
        (
            "another key says how many rooms there are too".to_owned(),
            "leave out rooms and readers_per_room".to_owned(),
        )
    })
}
