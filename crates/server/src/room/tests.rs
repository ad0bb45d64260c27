//! Tests that readers in any order see each event once, or are informed that they missed it.

use std::{sync::Arc, thread, time::Duration};

use proptest::prelude::*;
use tokio::time::timeout;
use wire::{Batch, Draft, Framing, codec};

use super::*;
use crate::room::taking::{Accepted, BYTES};

fn room(log_events: usize) -> Room {
    room_of(&Settings {
        log_events,
        ..Settings::default()
    })
}

/// Makes a room of its own.
pub(super) fn room_of(settings: &Settings) -> Room {
    let account = memory::Memory::new(settings.all_log_bytes).open();
    Room::new(
        settings,
        account,
        Arc::new(Shares::new(settings.per_address)),
    )
}

impl Room {
    /// Puts a draft into the log, and returns its number; `None` once the server is leaving.
    pub(crate) fn say(&self, draft: Draft) -> Option<Seq> {
        match self.say_where(draft, BYTES, |_| true) {
            Ok(Accepted::Said(seq)) => Some(seq),
            _ => None,
        }
    }

    /// Returns the place of a reader that asks for nothing else.
    fn place(&self, after: After) -> Seq {
        self.start(after, false).place
    }
}

fn draft(text: &str) -> Draft {
    Draft {
        from: "ann".into(),
        text: text.into(),
        tag: None,
    }
}

fn read(batch: &Bytes) -> Batch<Event> {
    codec::decode(batch).unwrap()
}

fn seqs(batch: &Batch<Event>) -> Vec<Seq> {
    batch.events.iter().map(|event| event.seq).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Say,
    Read(usize),
}

proptest! {
    #[test]
    fn every_reader_sees_each_event_once_in_order_or_misses_it(
        capacity in 1_usize..8,
        steps in prop::collection::vec(
            prop_oneof![3 => Just(Step::Say), 1 => (0..3_usize).prop_map(Step::Read)],
            0..120,
        ),
    ) {
        let room = room(capacity);
        let mut places = [0; 3];
        let mut said = 0;
        for step in steps.into_iter().chain((0..3).map(Step::Read)) {
            match step {
                Step::Say => {
                    said += 1;
                    prop_assert_eq!(room.say(draft("x")), Some(said));
                }
                Step::Read(reader) => {
                    let batch = read(&room.after(places[reader]));
                    let first = places[reader] + batch.missed + 1;
                    prop_assert_eq!(seqs(&batch), (first..=said).collect::<Vec<_>>());
                    prop_assert!(seqs(&batch).len() <= capacity);
                    // Nothing is called missed that was there to be read.
                    prop_assert!(batch.missed == 0 || seqs(&batch).len() == capacity);
                    places[reader] = batch.next;
                }
            }
        }
        prop_assert_eq!(places, [said; 3]);
    }
}

#[test]
fn places_to_begin_at() {
    let room = room(2);
    assert_eq!(read(&room.after(0)).next, 0);
    for _ in 0..5 {
        room.say(draft("x"));
    }
    let kept = read(&room.after(room.place(After::Kept)));
    assert_eq!((seqs(&kept), kept.missed), (vec![4, 5], 0));
    let all = read(&room.after(room.place(After::Place(0))));
    assert_eq!((seqs(&all), all.missed), (vec![4, 5], 3));
    let latest = read(&room.after(room.place(After::Latest)));
    assert_eq!((seqs(&latest), latest.next), (vec![], 5));
    let beyond = read(&room.first_batch(room.start(After::Place(99), false)));
    let told = (seqs(&beyond), beyond.next, beyond.missed, beyond.epoch);
    assert_eq!(told, (vec![4, 5], 5, 3, Some(room.epoch())));
}

#[test]
fn a_place_of_another_log_is_answered_with_all_and_never_with_nothing_missed() {
    let room = room(100);
    for _ in 0..60 {
        room.say(draft("x"));
    }
    let begin = |after, asks| read(&room.first_batch(room.start(after, asks)));
    // What nobody was given is not believed.
    for place in [After::Place(40), After::Place(61), After::Place(u64::MAX)] {
        let batch = begin(place, false);
        assert_eq!((batch.events.len(), batch.missed, batch.next), (60, 1, 60));
        assert_eq!(batch.epoch, Some(room.epoch()));
        // The reader was given them, so now it is believed.
        assert_eq!(begin(After::Place(60), false).missed, 0);
    }
    let other = Epoch::from_bits(u64::from_str_radix(&room.epoch().to_string(), 16).unwrap() + 1);
    for place in [0, 40, 60, 99] {
        let batch = begin(After::Of(place, other), true);
        assert_eq!((batch.events.len(), batch.missed), (60, 1), "{place}");
        assert_eq!(batch.epoch, Some(room.epoch()));
        let beyond = place > 60;
        let own = begin(After::Of(place, room.epoch()), true);
        assert_eq!(own.epoch.is_some(), beyond, "{place}");
        assert_eq!(own.missed, u64::from(beyond));
    }
    // A reader that asks is informed, and nothing else changes.
    let asked = begin(After::Place(59), true);
    assert_eq!((asked.events.len(), asked.missed), (1, 0));
    assert_eq!(asked.epoch, Some(room.epoch()));
}

fn sent(room: &Room, place: Seq) -> Option<(String, Seq)> {
    let mut cache = room.sweep_cache();
    let portion = cache.behind(place, Some(Encoding::Line(Framing::Ndjson)))?;
    let text = String::from_utf8(portion.bytes.to_vec()).unwrap();
    Some((text, portion.next))
}

#[test]
fn a_gap_stands_before_the_events_and_names_the_place_behind_it() {
    let room = room(2);
    for _ in 0..5 {
        room.say(draft("x"));
    }
    let (text, next) = sent(&room, 1).unwrap();
    let gap = r#"{"kind":"gap","missed":2,"next":3}"#;
    assert!(text.starts_with(&format!("{gap}\n{{\"seq\":4,")), "{text}");
    assert_eq!((text.lines().count(), next), (3, 5));
    assert!(sent(&room, 3).unwrap().0.starts_with("{\"seq\":4,"));
    assert_eq!(sent(&room, 5), None);
    room.clear();
    let gap = r#"{"kind":"gap","missed":2,"next":5}"#;
    assert_eq!(sent(&room, 3), Some((format!("{gap}\n"), 5)));
}

#[test]
fn one_write_carries_so_many_bytes_or_one_event() {
    let next = |room: &Room, place| sent(room, place).unwrap().1;
    let room = room(100);
    for _ in 0..40 {
        room.say(draft(&"x".repeat(1000)));
    }
    room.say(draft(&"x".repeat(60_000)));
    assert_eq!(next(&room, 0), 15);
    assert_eq!(next(&room, 38), 40);
    assert_eq!(next(&room, 40), 41);
    let room = room_of(&Settings {
        coalesce: false,
        ..Settings::default()
    });
    for _ in 0..40 {
        room.say(draft("x"));
    }
    assert_eq!(next(&room, 7), 8);
}

#[tokio::test]
async fn a_wait_ends_with_an_event_or_with_the_room() {
    let room = Arc::new(room(10));
    let waiting = tokio::spawn({
        let room = Arc::clone(&room);
        async move {
            let place = room.place(After::Latest);
            room.wait_after(place)
                .await
                .map(|batch| seqs(&read(&batch)))
        }
    });
    tokio::task::yield_now().await;
    room.say(draft("x"));
    assert_eq!(waiting.await.unwrap(), Some(vec![1]));
    let nothing = timeout(Duration::from_millis(10), room.wait_after(1)).await;
    assert!(nothing.is_err());
    room.close();
    assert!(room.wait_after(1).await.is_none());
    // What is in the log is still handed out before the goodbye.
    assert!(room.wait_after(0).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speakers_on_threads_and_waiting_readers() {
    const SPEAKERS: u64 = 4;
    const EACH: u64 = 500;
    let room = Arc::new(room(64));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let room = Arc::clone(&room);
            tokio::spawn(async move {
                let mut place = 0;
                let mut missed = 0;
                let mut seen = 0;
                while place < SPEAKERS * EACH {
                    let batch = read(&room.wait_after(place).await.unwrap());
                    assert_eq!(seqs(&batch).first(), Some(&(place + batch.missed + 1)));
                    missed += batch.missed;
                    seen += seqs(&batch).len() as u64;
                    place = batch.next;
                }
                (seen, missed)
            })
        })
        .collect();
    let speakers: Vec<_> = (0..SPEAKERS)
        .map(|_| {
            let room = Arc::clone(&room);
            thread::spawn(move || {
                for _ in 0..EACH {
                    room.say(draft("x"));
                }
            })
        })
        .collect();
    for reader in readers {
        let (seen, missed) = timeout(Duration::from_secs(30), reader)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(seen + missed, SPEAKERS * EACH);
    }
    for speaker in speakers {
        speaker.join().unwrap();
    }
}

#[test]
fn nothing_is_said_after_the_goodbye() {
    let room = room_of(&Settings::default());
    assert_eq!(room.say(draft("x")), Some(1));
    room.close();
    assert_eq!(room.say(draft("x")), None);
    assert_eq!(room.newest(), 1);
}

/// Checks that messages between the question and the first answer push nothing out that a newcomer
/// had.
#[test]
fn a_newcomer_is_given_its_place_with_what_it_is_sent_first() {
    let late = |after, asks| {
        let room = room(2);
        for _ in 0..5 {
            room.say(draft("x"));
        }
        let start = room.start(after, asks);
        for _ in 0..3 {
            room.say(draft("y"));
        }
        (room, start)
    };
    let other = After::Of(3, Epoch::from_bits(1));
    for (after, asks, missed) in [
        (After::Kept, false, 0),
        (After::Kept, true, 0),
        (After::Place(5), false, 1),
        (other, false, 6),
    ] {
        let (room, mut start) = late(after, asks);
        let batch = read(&room.first_batch(start));
        assert_eq!(
            (seqs(&batch), batch.missed),
            (vec![7, 8], missed),
            "{after:?}"
        );
        let line = Encoding::Line(Framing::Ndjson);
        let mut cache = room.sweep_cache();
        let greeting = cache.begin(&mut start, line);
        let first = cache.behind(start.place, Some(line)).unwrap().bytes.clone();
        let lines = [greeting.unwrap_or_default(), first].concat();
        let lines = String::from_utf8(lines).unwrap();
        let gaps = lines.lines().filter(|line| line.contains("\"gap\""));
        let told = gaps.map(|gap| codec::decode::<wire::Gap>(gap.as_bytes()).unwrap().missed);
        assert_eq!(told.sum::<u64>(), missed, "{lines}");
        assert_eq!(lines.matches("\"text\"").count(), 2, "{lines}");
    }
}
