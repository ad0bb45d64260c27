//! Tests of the rooms that are given up for others, and of the people who are refused.

use wire::Draft;

use super::*;
use crate::settings::PerAddress;

fn rooms(max_rooms: usize, per_address: Option<usize>) -> Rooms {
    Rooms::new(Arc::new(Settings {
        max_rooms,
        kept_rooms: vec!["hall".into()],
        per_address: PerAddress {
            rooms: per_address,
            ..PerAddress::default()
        },
        ..Settings::default()
    }))
}

fn address(last: u8) -> Address {
    Address::of([192, 0, 2, last].into())
}

fn say(room: &Room, times: usize) {
    for _ in 0..times {
        let draft = Draft {
            from: "ann".into(),
            text: "x".into(),
            tag: None,
        };
        room.say(draft).expect("said");
    }
}

#[test]
fn idle_rooms_are_given_up_the_little_used_first() {
    let rooms = rooms(3, None);
    say(&rooms.open("talk", None).unwrap(), 30);
    say(&rooms.open("one", None).unwrap(), 1);
    let held = rooms.open("held", None).unwrap();
    for number in 0..50 {
        say(
            &rooms.open(&format!("r{number}"), Some(address(1))).unwrap(),
            1,
        );
        assert!(rooms.find("talk").is_some(), "{number}");
        assert!(rooms.find("held").is_some(), "{number}");
    }
    assert!(rooms.find("one").is_none() && rooms.find("r0").is_none());
    drop(held);
    let lists = rooms.book.lock().unwrap();
    assert_eq!(lists.by_name.len(), 3);
    assert!(lists.young.len() + lists.old.len() <= 2 * 3 + LOOKS);
}

#[test]
fn rooms_that_are_in_use_stay_and_a_kept_one_is_always_let_in() {
    let rooms = rooms(2, None);
    let _one = rooms.open("one", None).unwrap();
    let _two = rooms.open("two", None).unwrap();
    let third = rooms.open("third", None);
    assert!(matches!(third, Err(Reason::RoomsFull(2))));
    say(&rooms.open("hall", Some(address(1))).unwrap(), 1);
    for number in 0..50 {
        let _ = rooms.open(&format!("r{number}"), None);
    }
    assert_eq!(rooms.find("hall").unwrap().newest(), 1);
}

#[test]
fn who_makes_many_rooms_gives_up_their_own() {
    let rooms = rooms(1000, Some(2));
    say(&rooms.open("good", Some(address(2))).unwrap(), 1);
    for number in 0..100 {
        say(
            &rooms.open(&format!("r{number}"), Some(address(1))).unwrap(),
            1,
        );
    }
    assert!(rooms.find("good").is_some());
    let book = rooms.book.lock().unwrap();
    assert_eq!(book.by_name.len(), 3);
    assert!(book.young.len() <= 2 * 3 + LOOKS);
    drop(book);
    // Whoever holds all of theirs is refused; others are not.
    let _held = ["r98", "r99"].map(|name| rooms.find(name).unwrap());
    let more = rooms.open("more", Some(address(1)));
    assert!(matches!(more, Err(Reason::ManyRooms(2))));
    rooms.open("more", Some(address(2))).unwrap();
    rooms.open("hall", Some(address(1))).unwrap();
}

#[test]
fn a_room_made_anew_has_another_epoch() {
    let rooms = rooms(1, None);
    let epoch = rooms.open("a", None).unwrap().epoch();
    rooms.open("b", None).unwrap();
    assert_ne!(rooms.open("a", None).unwrap().epoch(), epoch);
}

#[test]
fn only_named_rooms_may_be_opened() {
    let rooms = rooms(9, None);
    rooms.open("before", Some(address(1))).unwrap();
    rooms.name_rooms(Some(["group-1", "own-*"].map(str::to_owned).into()));
    for fine in ["before", "group-1", "hall", "own-7"] {
        rooms.open(fine, Some(address(1))).unwrap();
    }
    let other = rooms.open("other", Some(address(1)));
    assert!(matches!(other, Err(Reason::RoomNotNamed)));
    rooms.open("mine", None).unwrap();
    rooms.name_rooms(None);
    rooms.open("other", Some(address(1))).unwrap();
}

#[tokio::test]
async fn a_room_made_after_closing_is_closed() {
    let rooms = rooms(2, None);
    rooms.close();
    let late = rooms.open("late", None).unwrap();
    assert!(late.wait_after(0).await.is_none());
}

#[test]
fn logs_together_hold_no_more_than_twice_their_bound() {
    let rooms = Rooms::new(Arc::new(Settings {
        log_bytes: 1 << 20,
        all_log_bytes: 1 << 20,
        ..Settings::default()
    }));
    let mut all = Vec::new();
    for number in 0..8 {
        let room = rooms.open(&format!("r{number}"), None).unwrap();
        for _ in 0..100 {
            let draft = Draft {
                from: "ann".into(),
                text: "\u{1}".repeat(2_000),
                tag: None,
            };
            room.say(draft).expect("said");
        }
        all.push(room);
    }
    assert!(rooms.memory.held() <= 2 << 20, "{}", rooms.memory.held());
    // Each keeps its newest event whatever comes.
    assert!(all.iter().all(|room| room.newest() == 100));
    drop(all);
    drop(rooms.book.lock().unwrap().by_name.drain());
    assert_eq!(rooms.memory.held(), 0);
}

#[test]
fn a_room_that_is_known_is_the_one_of_its_name() {
    let rooms = rooms(10, None);
    let known = rooms.open("a", None).unwrap();
    let open = |name: &str| rooms.open_known(Some(&known), name, None).unwrap();
    assert!(Arc::ptr_eq(&open("a"), &known));
    assert!(!Arc::ptr_eq(&open("b"), &known));
    // A room that has lost its log makes way for another one of its name.
    rooms.book.lock().unwrap().end_lost("a", &known);
    assert!(!Arc::ptr_eq(&open("a"), &known));
}
