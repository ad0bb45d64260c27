//! Whoever reads, in whatever order: each event once, or counted as missed.

use std::{thread, time::Duration};

use proptest::prelude::*;
use tokio::time::timeout;
use wire::{Batch, codec};

use super::*;

fn draft(text: &str) -> Draft {
    Draft {
        from: "ann".into(),
        text: text.into(),
        tag: None,
    }
}

fn seqs(view: &View) -> Vec<Seq> {
    let batch: Batch<Event> = codec::decode(&view.batch()).unwrap();
    assert_eq!((batch.next, batch.missed), (view.next, view.missed));
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
        let room = Room::new(capacity);
        let mut places = [0; 3];
        let mut said = 0;
        for step in steps.into_iter().chain((0..3).map(Step::Read)) {
            match step {
                Step::Say => {
                    said += 1;
                    prop_assert_eq!(room.say(draft("x")), said);
                }
                Step::Read(reader) => {
                    let view = room.after(places[reader]);
                    let first = places[reader] + view.missed + 1;
                    prop_assert_eq!(seqs(&view), (first..=said).collect::<Vec<_>>());
                    prop_assert!(view.entries.len() <= capacity);
                    // Nothing is called missed that was there to be read.
                    prop_assert!(view.missed == 0 || view.entries.len() == capacity);
                    places[reader] = view.next;
                }
            }
        }
        prop_assert_eq!(places, [said; 3]);
    }
}

#[test]
fn places_to_begin_at() {
    let room = Room::new(2);
    assert_eq!(room.after(0).next, 0);
    for _ in 0..5 {
        room.say(draft("x"));
    }
    let kept = room.after(room.place(After::Kept));
    assert_eq!((seqs(&kept), kept.missed), (vec![4, 5], 0));
    let all = room.after(room.place(After::Place(0)));
    assert_eq!((seqs(&all), all.missed), (vec![4, 5], 3));
    let latest = room.after(room.place(After::Latest));
    assert_eq!((seqs(&latest), latest.next), (vec![], 5));
    let beyond = room.after(room.place(After::Place(99)));
    assert_eq!((seqs(&beyond), beyond.next, beyond.missed), (vec![], 5, 0));
}

#[test]
fn a_gap_stands_before_the_events_and_names_the_place_behind_it() {
    let room = Room::new(2);
    for _ in 0..5 {
        room.say(draft("x"));
    }
    let gap = room.after(1).gap().unwrap();
    assert_eq!((gap.missed, gap.next), (2, 3));
    assert!(room.after(3).gap().is_none());
}

#[tokio::test]
async fn a_wait_ends_with_an_event_or_with_the_room() {
    let room = Arc::new(Room::new(10));
    let waiting = tokio::spawn({
        let room = Arc::clone(&room);
        // Beyond the head: waits for the next event, not for number 51.
        async move {
            let place = room.place(After::Place(50));
            room.wait_after(place).await.map(|view| seqs(&view))
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
    let room = Arc::new(Room::new(64));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let room = Arc::clone(&room);
            tokio::spawn(async move {
                let mut place = 0;
                let mut missed = 0;
                let mut seen = 0;
                while place < SPEAKERS * EACH {
                    let view = room.wait_after(place).await.unwrap();
                    assert_eq!(seqs(&view).first(), Some(&(place + view.missed + 1)));
                    missed += view.missed;
                    seen += view.entries.len() as u64;
                    place = view.next;
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
