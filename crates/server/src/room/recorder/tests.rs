//! Tests that what was acknowledged is there after a failure of the power, once and in its place,
//! however much of what was not synced the disk has kept.

use std::{collections::HashMap, thread::sleep, time::Duration};

use wire::{Batch, Draft, Event, Seq, codec};

use super::*;
use crate::{
    room::{
        reason::Reason,
        rooms::Rooms,
        taking::{Accepted, Unsaid},
    },
    settings::Settings,
    store::{
        Store, StoreError,
        forgetful::{Forgetful, Random},
    },
};

const ROOMS: [&str; 2] = ["one", "two"];
/// The length of the logs, so short that events are dropped all the time.
const LOG: usize = 12;

/// The knowledge of a crowd about a store that it speaks to: the drafts that were acknowledged, by room and
/// number, and the highest number that a reader saw.
#[derive(Debug, Default)]
struct Known {
    said: HashMap<(&'static str, Seq), String>,
    seen: HashMap<&'static str, Seq>,
    /// The number of drafts so far, which makes each text different from all others.
    drafts: u64,
}

fn rooms(disk: &Forgetful) -> Result<Rooms, StoreError> {
    delayed(disk, Duration::ZERO)
}

fn delayed(disk: &Forgetful, delay: Duration) -> Result<Rooms, StoreError> {
    let store = Store::with(disk.opener(), delay)?;
    Ok(Rooms::new(Arc::new(Settings {
        log_events: LOG,
        store: Some(store),
        ..Settings::default()
    })))
}

/// Waits until the thread has closed the file.
fn end(rooms: &Rooms) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(rooms.end());
}

fn draft(text: &str) -> Draft {
    Draft {
        from: "ann".into(),
        text: text.into(),
        tag: None,
    }
}

/// Says something, and waits for the answer; `None` if it was refused.
fn say(rooms: &Rooms, room: &str, text: &str) -> Option<Seq> {
    answer(hand_over(rooms, room, text)?)
}

fn hand_over(rooms: &Rooms, room: &str, text: &str) -> Option<Reply> {
    match rooms.open(room, None).unwrap().try_say(draft(text), 1000) {
        Ok(Accepted::Handed(reply)) => Some(reply),
        Ok(Accepted::Said(_)) => panic!("said without a store"),
        Err(Unsaid::NotStored) => None,
        Err(other) => panic!("{other:?}"),
    }
}

fn answer(reply: Reply) -> Option<Seq> {
    reply.blocking_recv().ok()?.ok()
}

fn events(rooms: &Rooms, room: &str) -> Vec<Event> {
    let batch = rooms.open(room, None).unwrap().after(0);
    codec::decode::<Batch<Event>>(&batch).unwrap().events
}

/// Lets a crowd speak until the power fails.
fn speak(rooms: &Rooms, known: &mut Known, random: &mut Random) {
    loop {
        let mut replies = Vec::new();
        for _ in 0..=random.below(6) {
            let room = ROOMS[random.below(2) as usize];
            known.drafts += 1;
            let text = format!("{}", known.drafts);
            replies.push((room, hand_over(rooms, room, &text), text));
        }
        let mut refused = false;
        for (room, reply, text) in replies {
            match reply.and_then(answer) {
                Some(seq) => drop(known.said.insert((room, seq), text)),
                None => refused = true,
            }
        }
        for room in ROOMS {
            let newest = rooms.open(room, None).unwrap().newest();
            known.seen.insert(room, newest);
        }
        if refused {
            return;
        }
    }
}

/// Returns what is wrong with a store that was opened again, if anything is.
fn wrong(rooms: &Rooms, known: &Known) -> Option<String> {
    for room in ROOMS {
        let events = events(rooms, room);
        let newest = rooms.open(room, None).unwrap().newest();
        let first = events.first().map_or(newest + 1, |event| event.seq);
        let numbers: Vec<Seq> = events.iter().map(|event| event.seq).collect();
        if numbers != (first..=newest).collect::<Vec<_>>() {
            return Some(format!("{room}: numbers {numbers:?} up to {newest}"));
        }
        if newest < known.seen.get(room).copied().unwrap_or(0) {
            return Some(format!("{room}: readers saw more than {newest}"));
        }
        let mut texts: Vec<_> = events.iter().map(|event| &event.text).collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.len() < events.len() {
            return Some(format!("{room}: a draft is there twice"));
        }
        for event in &events {
            let said = known.said.get(&(room, event.seq));
            if said.is_some_and(|said| Some(said) != event.text.as_ref()) {
                return Some(format!("{room}: another draft has number {}", event.seq));
            }
        }
        let newest_said = known.said.keys().filter(|(of, _)| *of == room);
        let newest_said = newest_said.map(|(_, seq)| *seq).max().unwrap_or(0);
        if newest < newest_said || (events.len() < LOG && first > 1) {
            return Some(format!("{room}: {first} to {newest} of {newest_said}"));
        }
    }
    None
}

/// Lives through some failures of the power, and returns what is wrong after one, if anything is.
fn live(seed: u64, disk: &Forgetful) -> Option<String> {
    let mut random = Random(seed);
    let mut known = Known::default();
    for _ in 0..4 {
        if random.below(4) == 0 {
            // The power may also fail while the store is opened.
            disk.fail_after(random.below(40));
        }
        match rooms(disk) {
            Ok(rooms) => {
                if let Some(wrong) = wrong(&rooms, &known) {
                    end(&rooms);
                    return Some(wrong);
                }
                disk.fail_after(random.below(120));
                speak(&rooms, &mut known, &mut random);
                end(&rooms);
            }
            Err(StoreError::Io(_)) => {}
            Err(error) => return Some(error.to_string()),
        }
        disk.power_on(&mut random);
    }
    let rooms = match rooms(disk) {
        Ok(rooms) => rooms,
        Err(error) => return Some(error.to_string()),
    };
    let wrong = wrong(&rooms, &known);
    end(&rooms);
    wrong
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_power_fails() {
    for seed in 0..300 {
        if let Some(wrong) = live(seed, &Forgetful::default()) {
            panic!("seed {seed}: {wrong}");
        }
    }
}

#[test]
fn an_answer_before_the_disk_has_it_would_be_found() {
    // The disk says that it has synced before it has: for a speaker that is the same.
    let found = (0..20).filter(|seed| live(*seed, &Forgetful::that_lies()).is_some());
    assert!(found.count() > 10);
}

#[test]
fn drafts_that_come_together_share_a_transaction() {
    const DRAFTS: u64 = 200;
    let disk = Forgetful::default();
    let rooms = delayed(&disk, Duration::from_millis(50)).unwrap();
    let before = disk.syncs();
    for number in 0..3 {
        say(&rooms, "one", &format!("alone {number}")).unwrap();
    }
    let alone = disk.syncs() - before;
    assert!(alone >= 3, "{alone} syncs of three transactions");
    let replies: Vec<_> = (0..DRAFTS)
        .filter_map(|number| hand_over(&rooms, "one", &number.to_string()))
        .collect();
    let seqs: Vec<_> = replies.into_iter().filter_map(answer).collect();
    assert_eq!(seqs, (4..4 + DRAFTS).collect::<Vec<_>>());
    let together = disk.syncs() - before - alone;
    assert!(together < DRAFTS / 4, "{together} syncs of {DRAFTS} drafts");
    end(&rooms);
}

#[test]
fn a_full_disk_refuses_drafts_serves_readers_and_recovers() {
    let disk = Forgetful::default();
    let running = rooms(&disk).unwrap();
    assert_eq!(say(&running, "one", "first"), Some(1));
    disk.fill(true);
    // The first is refused by the disk, the next without asking it.
    assert_eq!(say(&running, "one", "refused"), None);
    assert_eq!(say(&running, "one", "refused too"), None);
    assert_eq!(events(&running, "one").len(), 1);
    assert!(matches!(running.check_ready(), Err(Reason::NotStored)));
    disk.fill(false);
    let mut tries = 0;
    let seq = loop {
        tries += 1;
        assert!(tries < 1000, "it does not recover");
        sleep(Duration::from_millis(20));
        if let Some(seq) = say(&running, "one", "second") {
            break seq;
        }
    };
    assert_eq!(seq, 2);
    assert!(running.check_ready().is_ok());
    running.close();
    assert!(matches!(running.check_ready(), Err(Reason::Leaving)));
    end(&running);
    let again = rooms(&disk).unwrap();
    let texts: Vec<_> = events(&again, "one")
        .into_iter()
        .filter_map(|event| event.text)
        .collect();
    assert_eq!(texts, ["first", "second"]);
    end(&again);
}

#[test]
fn a_text_that_was_changed_on_the_disk_is_never_served() {
    const TEXT: &str = "a text that is changed";
    let disk = Forgetful::default();
    let running = rooms(&disk).unwrap();
    say(&running, "one", TEXT).unwrap();
    end(&running);
    let bytes = disk.bytes();
    let places = bytes.windows(TEXT.len()).enumerate();
    let places = places.filter(|(_, window)| *window == TEXT.as_bytes());
    let mut refused = 0;
    for (place, _) in places {
        let mut spoiled = bytes.clone();
        spoiled[place] = b'A';
        // A copy in a page that is no longer used is never read.
        match rooms(&Forgetful::with(spoiled)) {
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged(_)), "{error}");
                refused += 1;
            }
            Ok(again) => {
                assert_eq!(events(&again, "one")[0].text.as_deref(), Some(TEXT));
                end(&again);
            }
        }
    }
    assert!(refused > 0);
}
