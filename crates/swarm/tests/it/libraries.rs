//! The swarm as a client of Socket.IO and SockJS, over each way that they have.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use dissect::{Direction, Layer, Purpose};
use swarm::{
    Target,
    outcome::Outcome,
    plan::{Pacing, Plan, Speak, Variant},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::{Carrier, Protocol, Way};

use crate::{
    fixture::{assert_whole, plan},
    ledger::{both_ends, entries},
    way::run_to,
};

/// Returns every way of every library.
pub(crate) fn variants() -> Vec<Variant> {
    let libraries = Protocol::LIBRARIES.into_iter();
    let all = libraries.flat_map(|protocol| Way::ALL.map(|way| (protocol, way)));
    let has = all.filter(|(protocol, way)| protocol.has(*way));
    has.map(|(protocol, way)| Variant::Library {
        protocol,
        way,
        keep_alive: true,
    })
    .collect()
}

/// Runs each of them against a server that keeps the ledger, too: everything arrives once, and
/// both ends have the same accounts, which add up to the sockets.
fn each(change: impl Fn(&mut Plan) + Sync, test: impl Fn(&str, &Plan, &Outcome) + Sync) {
    thread::scope(|scope| {
        for variant in variants() {
            let (change, test) = (&change, &test);
            scope.spawn(move || {
                let name = format!("{variant:?}");
                let mut plan = plan(variant);
                change(&mut plan);
                let (outcome, server) = both_ends(&plan);
                assert_whole(&plan, &outcome);
                assert_eq!(outcome.unparsed, [""; 0], "{name}");
                assert_eq!(outcome.ledger_difference, 0, "{name}");
                let totals = Direction::ALL.map(|way| outcome.ledger.total(way));
                assert_eq!(totals, outcome.metered, "{name}");
                assert_eq!(server.faults, [""; 0], "{name}");
                // Who has left is not told who leaves after him.
                if !plan.swarm.presence {
                    let both = [&server.ledger, &outcome.ledger].map(entries);
                    assert_eq!(both[0], both[1], "{name}");
                }
                test(&name, &plan, &outcome);
            });
        }
    });
}

/// Returns the digits of the numbers from 1 to `last`.
fn digits(last: u64) -> u64 {
    (1..=last).map(|seq| seq.to_string().len() as u64).sum()
}

#[test]
fn readers_and_their_drafts_are_in_envelopes_of_a_known_size() {
    each(
        |_| {},
        |name, plan, outcome| {
            let of = |direction, purpose, layer| outcome.ledger.amount(direction, purpose, layer);
            let seconds = (plan.traffic.settle + plan.traffic.measure).as_secs_f64();
            let drafts = (seconds * plan.traffic.rate).round() as u64;
            let readers = plan.swarm.clients as u64;
            let heard = of(Direction::Down, Purpose::Deliver, Layer::Payload);
            assert_eq!(heard.count, drafts * readers, "{name}");
            assert_eq!(
                outcome.ledger.layer(Direction::Down, Layer::Batch),
                0,
                "{name}"
            );
            let said = of(Direction::Up, Purpose::Say, Layer::Payload);
            assert_eq!(said.count, drafts, "{name}");
            let around = of(Direction::Down, Purpose::Deliver, Layer::Envelope).bytes;
            let (protocol, way) = (plan.variant.protocol(), plan.variant.way());
            let said_around = of(Direction::Up, Purpose::Say, Layer::Envelope).bytes;
            match (protocol, way.carrier()) {
                (Protocol::SocketIo, carrier) => {
                    assert_eq!(said_around, 14 * drafts, "{name}");
                    let alone = readers * (17 * drafts + digits(drafts));
                    // Packets that came together have a byte between them.
                    let joined = u64::from(carrier == Carrier::Batch) * drafts * readers;
                    assert!(
                        (alone..=alone + joined).contains(&around),
                        "{name}: {around}"
                    );
                }
                (Protocol::SockjsInPage, Carrier::Batch) => {
                    // A form: all of the list, and what JSON has beside words.
                    assert_eq!(said_around, (2 + 12 + 14 + 60) * drafts, "{name}");
                    let quotes = (60 + 4) * drafts * readers;
                    let alone = (60 + 4 + 3 + 22) * drafts * readers;
                    assert!((quotes..=alone).contains(&around), "{name}: {around}");
                }
                (Protocol::SockjsInPage, _) => {
                    assert_eq!(said_around, (4 + 12) * drafts, "{name}");
                    assert_eq!(around, (25 + 3 + 4 + 60) * drafts * readers, "{name}");
                }
                (_, Carrier::Batch) => assert!(around >= 22 * drafts * readers, "{name}"),
                _ => {
                    assert_eq!(said_around, (4 + 12) * drafts, "{name}");
                    assert_eq!(around, (5 + 20) * drafts * readers, "{name}");
                }
            }
            let setup = of(Direction::Down, Purpose::Setup, Layer::Envelope);
            assert!(setup.bytes >= readers, "{name}: {setup:?}");
        },
    );
}

#[test]
fn people_with_names_who_wait_for_answers_hear_them() {
    each(
        |plan| {
            plan.swarm.presence = true;
            plan.traffic.pacing = Pacing::Closed;
        },
        |name, _, outcome| {
            let whole = |purpose| outcome.ledger.purpose(Direction::Down, purpose);
            assert!(whole(Purpose::Presence) > 0, "{name}");
            assert!(whole(Purpose::Ack) > 0, "{name}");
        },
    );
}

/// Answers every connection with an upgrade and then with these frames, whatever it says.
fn spoiled(frames: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") {
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        return;
                    }
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let key = head
                    .lines()
                    .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
                    .unwrap_or_default();
                let accept = derive_accept_key(key.as_bytes());
                let mut answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                     Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
                )
                .into_bytes();
                for frame in frames {
                    answer.extend([0x81, frame.len() as u8]);
                    answer.extend(frame.as_bytes());
                }
                let _ = stream.write_all(&answer);
                while stream.read(&mut byte).unwrap_or(0) > 0 {}
            });
        }
    });
    address
}

#[test]
fn an_envelope_that_the_server_gets_wrong_is_an_error_and_no_panic() {
    const OPEN: &str = "0{\"sid\":\"a\",\"upgrades\":[]}";
    const IN: &str = "40{\"sid\":\"b\",\"pid\":\"c\"}";
    const WRONG: &str = "42[\"message\",{\"seq\":7,\"kind\":\"message\",\"from\":\"a\",\"text\":\"\",\"at\":1},\"8\"]";
    let cases: [(Protocol, &'static [&'static str], &str); 5] = [
        (
            Protocol::SocketIo,
            &[OPEN, IN, WRONG],
            "no packet of Socket.IO",
        ),
        (
            Protocol::SocketIo,
            &["40{\"sid\":\"b\"}"],
            "no packet of Socket.IO",
        ),
        (
            Protocol::SocketIo,
            &[OPEN, "44{\"message\":\"no\"}"],
            "was not let in",
        ),
        (
            Protocol::Sockjs,
            &["o", "a[{\"seq\":7}]"],
            "no packet of SockJS",
        ),
        (
            Protocol::Sockjs,
            &["o", "c[3000,\"Go away!\"]"],
            "closed by the server",
        ),
    ];
    thread::scope(|scope| {
        for (protocol, frames, reason) in cases {
            scope.spawn(move || {
                let mut plan = plan(Variant::Library {
                    protocol,
                    way: Way::Websocket,
                    keep_alive: true,
                });
                (
                    plan.traffic.publishers,
                    plan.traffic.rate,
                    plan.traffic.speak,
                ) = (0, 0.0, Speak::Post);
                plan.traffic.drain = Duration::from_millis(200);
                let outcome = run_to(&plan, Target::at(spoiled(frames)));
                let told = outcome
                    .failures
                    .keys()
                    .any(|failure| failure.contains(reason));
                assert!(told, "{frames:?}: {:?}", outcome.failures);
                assert!(outcome.ended_early.is_some(), "{frames:?}");
                assert_eq!(outcome.ledger_difference, 0, "{frames:?}");
            });
        }
    });
}

/// Answers each request with a script of the same bytes, and keeps the connection.
fn scripted(script: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while stream.read(&mut byte).unwrap_or(0) > 0 {
                    head.push(byte[0]);
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        let length = script.len();
                        let answer =
                            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{script}");
                        if stream.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

#[test]
fn a_script_that_was_not_asked_for_is_an_error_and_no_panic() {
    thread::scope(|scope| {
        for (way, script, reason) in [
            (
                Way::LongPoll,
                "/**/_jp.azzzzzz(\"o\");\r\n",
                "is not the script",
            ),
            (Way::LongPoll, "o\n", "is not the script"),
            (
                Way::Ndjson,
                "<script>\np(\"o\");\n</script>\r\n",
                "no packet of SockJS",
            ),
        ] {
            scope.spawn(move || {
                let mut plan = plan(Variant::Library {
                    protocol: Protocol::SockjsInPage,
                    way,
                    keep_alive: true,
                });
                let traffic = &mut plan.traffic;
                (traffic.publishers, traffic.rate, traffic.speak) = (0, 0.0, Speak::Post);
                traffic.drain = Duration::from_millis(200);
                let outcome = run_to(&plan, Target::at(scripted(script)));
                let mut told = outcome.failures.keys();
                assert!(
                    told.any(|failure| failure.contains(reason)),
                    "{script}: {:?}",
                    outcome.failures
                );
                assert_eq!(outcome.ledger_difference, 0, "{script}");
            });
        }
    });
}
