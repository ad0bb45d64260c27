//! The part of a shared log that a room takes over, without a Redis.

use wire::{Batch, Kind};

use super::*;
use crate::settings::Settings;

fn room(log_events: usize) -> Room {
    crate::room::tests::room_of(&Settings {
        log_events,
        ..Settings::default()
    })
}

fn events(seqs: impl IntoIterator<Item = Seq>) -> Vec<Event> {
    let event = |seq| Event {
        seq,
        kind: Kind::Message,
        from: "ann".into(),
        text: Some(format!("text {seq}")),
        tag: None,
        online: None,
        at: 1,
    };
    seqs.into_iter().map(event).collect()
}

fn read(room: &Room, place: Seq) -> (Vec<Seq>, u64) {
    let batch: Batch<Event> = codec::decode(&room.after(place)).unwrap();
    let seqs = batch.events.iter().map(|event| event.seq).collect();
    (seqs, batch.missed)
}

#[test]
fn what_comes_twice_is_taken_once() {
    let room = room(99);
    room.take_over(&events(1..=3));
    room.take_over(&events(2..=5));
    room.take_next(&events(4..=6));
    assert_eq!(read(&room, 0), ((1..=5).collect(), 0));
    room.take_next(&events(6..=7));
    assert_eq!(read(&room, 5), (vec![6, 7], 0));
}

#[test]
fn what_is_not_next_is_left_to_come_in_its_turn() {
    let room = room(99);
    room.take_over(&events(1..=3));
    room.take_next(&events(5..=6));
    assert_eq!(read(&room, 3), (vec![], 0));
}

#[test]
fn what_redis_has_dropped_is_missed_and_counted() {
    let room = room(99);
    room.take_over(&events(1..=3));
    room.take_over(&events(10..=11));
    assert_eq!(read(&room, 2), (vec![10, 11], 7));
    assert_eq!(read(&room, 10), (vec![11], 0));
}

#[test]
fn a_room_that_is_opened_has_what_redis_has() {
    let epoch = Epoch::from_bits(7);
    let opened = |newest, events| reply::Opened {
        epoch,
        newest,
        events,
    };
    let whole = stored("a", opened(9, events(8..=9)));
    assert_eq!((whole.before, whole.label.epoch), (7, epoch));
    // Everything was dropped; the numbers go on.
    assert_eq!(stored("a", opened(9, Vec::new())).before, 9);
    let room = room(99);
    room.restore(&whole, Duration::ZERO);
    assert_eq!(read(&room, 8), (vec![9], 0));
    let (of, newest, last) = room.end_of_log();
    assert_eq!((of, newest, last.map(|last| last.seq)), (epoch, 9, Some(9)));
}
