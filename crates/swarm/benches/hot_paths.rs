//! The steps that happen once for every delivery, one at a time, for
//! `scripts/count-instructions`: no socket, no clock, the same work each time.
//!
//! `hot_paths` lists the steps, after doing each of them a few times; `hot_paths STEP ROUNDS` does
//! one of them so many times. The steps are private to the library, so the modules that they are in
//! are compiled here once more.

#![expect(clippy::print_stdout, reason = "a program that lists what it can do")]
#![expect(
    clippy::struct_field_names,
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the modules hold more than the steps need"
)]

#[path = "../src/clock.rs"]
mod clock;
#[path = "../src/decoded.rs"]
mod decoded;
#[path = "../src/failure.rs"]
mod failure;
#[cfg(test)]
#[path = "../../scenario/src/sample.rs"]
mod sample;
#[path = "../src/schedule.rs"]
mod schedule;
// A file named by its own `path` looks for its modules beside itself; one that is found in a folder,
// in its own folder.
#[path = "../src"]
mod folders {
    pub(crate) mod draft;
    pub(crate) mod measure;
    pub(crate) mod outcome;
}
#[path = "../src/driver"]
mod driver {
    pub(crate) mod decode_cache;
}
#[path = "../src/library"]
mod library {
    pub(crate) mod packet;
}

use std::{hint::black_box, time::Duration};

use dissect::{Direction, Dissector, Ledger};
use scenario::plan;
use wire::{Event, Kind, codec};

use self::folders::{draft, measure, outcome};
use crate::{
    draft::{Filler, Tag},
    driver::decode_cache::DecodeCache,
    measure::tally::{Gaps, Tally},
};

/// Bytes of text in each event.
const TEXT: usize = 128;
/// Readers of one draft in the tally.
const READERS: usize = 100;

/// A step by its name, and what does it so many times.
type Step = (&'static str, fn(usize));

/// All of them.
const STEPS: [Step; 6] = [
    ("encode an event", encode),
    ("read an event", read),
    ("read an event again", read_again),
    ("dissect a frame", dissect_frame),
    ("dissect a poll", dissect_poll),
    ("tally a delivery", tally),
];

fn tag(index: usize) -> Tag {
    let due = index as u64 * 1_000_000;
    Tag {
        index,
        due,
        sent: due + 50_000,
        overlaps: false,
    }
}

fn event() -> Event {
    let draft = Filler::new(TEXT, 1).draft(7, TEXT, tag(42));
    let draft: wire::Draft = codec::decode(&draft).expect("our own draft");
    Event {
        seq: 4_242,
        kind: Kind::Message,
        from: draft.from,
        text: Some(draft.text),
        tag: draft.tag,
        at: 1_700_000_000_000,
        online: None,
    }
}

fn encode(rounds: usize) {
    let event = event();
    for _ in 0..rounds {
        black_box(codec::encode(black_box(&event)));
    }
}

/// Reads two in turn, so that neither is the one before.
fn read(rounds: usize) {
    let one = codec::encode(&event());
    let other = codec::encode(&Event {
        seq: 4_243,
        ..event()
    });
    let mut cache = DecodeCache::default();
    for _ in 0..rounds.div_ceil(2) {
        for json in [&one, &other] {
            black_box(cache.text(black_box(json)).expect("our own event"));
        }
    }
}

fn read_again(rounds: usize) {
    let json = codec::encode(&event());
    let mut cache = DecodeCache::default();
    for _ in 0..rounds {
        black_box(cache.text(black_box(&json)).expect("our own event"));
    }
}

/// A connection's bytes before the first event.
const HANDSHAKE: (&[u8], &[u8]) = (
    b"GET /rooms/r00000/ws?after=0 HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
);

fn dissect_frame(rounds: usize) {
    let json = codec::encode(&event());
    let mut frame = vec![0x81, 126];
    frame.extend_from_slice(&(json.len() as u16).to_be_bytes());
    frame.extend_from_slice(&json);
    let mut ledger = Ledger::default();
    let mut dissector = Dissector::new();
    dissector.push(Direction::Up, HANDSHAKE.0, &mut |span| ledger.add(span));
    dissector.push(Direction::Down, HANDSHAKE.1, &mut |span| ledger.add(span));
    for _ in 0..rounds {
        dissector.push(Direction::Down, black_box(&frame), &mut |span| {
            ledger.add(span);
        });
    }
    assert_eq!(ledger.unparsed(), 0, "the frames are valid");
}

fn dissect_poll(rounds: usize) {
    let request = b"GET /rooms/r00000/poll?after=4242 HTTP/1.1\r\nhost: a\r\n\r\n";
    let batch = codec::join_batch([], 4_242, 0);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        batch.len()
    );
    let answer = [head.as_bytes(), &batch].concat();
    let mut ledger = Ledger::default();
    let mut dissector = Dissector::new();
    for _ in 0..rounds {
        dissector.push(Direction::Up, black_box(request), &mut |span| {
            ledger.add(span);
        });
        dissector.push(Direction::Down, black_box(&answer), &mut |span| {
            ledger.add(span);
        });
    }
    assert_eq!(ledger.unparsed(), 0, "the polls are valid");
}

fn tally(rounds: usize) {
    let drafts = rounds / READERS;
    let mut tally = Tally::new(0, drafts + 1, Duration::from_mins(1));
    tally.gaps = Gaps::new(READERS, &tally.due);
    for round in 0..rounds {
        let tag = tag(round / READERS);
        let now = tag.sent + 100_000 + (round % READERS) as u64 * 3_000;
        let reader = round % READERS;
        tally.heard(reader, reader, black_box(tag), now, TEXT);
    }
    assert_eq!(tally.delivered as usize, rounds, "all of them count");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["--bench"] => {
            for (name, work) in STEPS {
                work(2 * READERS);
                println!("{name}");
            }
        }
        [name, rounds] => {
            let step = STEPS.iter().find(|step| step.0 == name);
            let (_, work) = step.expect("the name of a step, as listed");
            work(rounds.parse().expect("a number of rounds"));
        }
        _ => panic!("hot_paths STEP ROUNDS"),
    }
}
