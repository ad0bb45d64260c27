//! Mistakes in how many rooms a clerk has.

use super::{SMALL, said};

#[test]
fn clerks_need_rooms_with_a_second_seat() {
    let rooms_each = |rooms: &str, more: &[&str]| {
        let key = format!("swarm.rooms_per_clerk={rooms}");
        said(SMALL, &[&[key.as_str()][..], more].concat())
    };
    for (rooms, more, why) in [
        (
            "0",
            &["swarm.readers_per_room=2"][..],
            "swarm.rooms_per_clerk: 0 leaves a clerk without a room; 1 is the least",
        ),
        (
            "20",
            &["swarm.rooms=100"],
            "swarm.rooms_per_clerk: a clerk is the second person of a room, and there is a room of 1; readers_per_room = 2 would work",
        ),
        (
            "2",
            &["swarm.room_sizes=[3, 1]"],
            "swarm.rooms_per_clerk: a clerk is the second person of a room, and there is a room of 1; readers_per_room = 2 would work",
        ),
        (
            "51",
            &["swarm.readers_per_room=2"],
            "swarm.rooms_per_clerk: 51 rooms for a clerk, and there are 50; rooms_per_clerk = 50 would work",
        ),
        (
            "20",
            &[
                "swarm.readers_per_room=2",
                "swarm.accounting={ sample = 3 }",
            ],
            "swarm.accounting: a clerk's connection carries the drafts of several readers; \"all\" would work, or no rooms_per_clerk",
        ),
    ] {
        let said = rooms_each(rooms, more);
        assert!(said.ends_with(why), "{said}");
    }
    let right = rooms_each("20", &["swarm.readers_per_room=2"]);
    assert!(right.starts_with("no error"), "{right}");
}
