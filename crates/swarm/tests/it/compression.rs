//! Compression as the swarm asks for it: everybody hears all, and every byte is in an account.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use dissect::{Direction, Layer, Purpose};
use server::{Bookkeeper, Compress, Settings};
use swarm::{
    Target,
    plan::{Plan, Speak, Text, Variant},
};
use wire::{Compression, Way, deflate::offer};

use crate::{
    fixture::{Server, assert_whole, plan, run},
    ledger::{accounts, assert_accounted, entries},
};

/// Returns every way in each of its compressions.
fn compressed() -> Vec<Variant> {
    let ways = Way::ALL.into_iter();
    ways.flat_map(|way| {
        let has = move |one: &Compression| one.has(way) && *one != Compression::None;
        let all = Compression::ALL.into_iter().filter(has);
        all.map(move |one| match way {
            Way::ShortPoll => Variant::ShortPoll {
                interval: Duration::from_millis(50),
                keep_alive: true,
            }
            .compressed(one),
            way => Variant::usual(way).compressed(one),
        })
    })
    .collect()
}

/// Makes a plan of readers that ask for the variant's compression, as a scenario has them.
fn asking(variant: Variant) -> Plan {
    let mut plan = plan(variant);
    let line = match plan.variant.compression() {
        Compression::None => return plan,
        Compression::Deflate => ("Sec-WebSocket-Extensions", offer::offer(false)),
        Compression::DeflateContext => ("Sec-WebSocket-Extensions", offer::offer(true)),
        coding => ("Accept-Encoding", coding.name()),
    };
    let (name, value) = line;
    plan.read_headers.push((name.to_owned(), value.to_owned()));
    plan.traffic.text = Text::Corpus;
    plan
}

const fn server_for(compression: Compression) -> Compress {
    match compression {
        Compression::None => Compress::Off,
        Compression::DeflateContext => Compress::Context,
        _ => Compress::Shared,
    }
}

#[test]
fn everybody_hears_all_and_every_byte_is_accounted_for() {
    thread::scope(|scope| {
        for variant in compressed() {
            scope.spawn(|| {
                let plan = asking(variant);
                let keeper = Bookkeeper::new();
                let server = Server::with(Settings {
                    compress: server_for(plan.variant.compression()),
                    tap: Some(keeper.tap()),
                    ..Settings::default()
                });
                let (outcome, _) = run(&plan, &server);
                let name = format!("{:?}", plan.variant);
                assert_whole(&plan, &outcome);
                assert_accounted(&plan, &outcome);
                let account = accounts(&keeper);
                assert_eq!(account.faults, [""; 0], "{name}");
                assert_eq!(account.difference, 0, "{name}");
                assert_eq!(account.metered, outcome.metered, "{name}");
                assert_eq!(entries(&account.ledger), entries(&outcome.ledger), "{name}");
                let ledger = &outcome.window_ledger;
                let packed = ledger.amount(Direction::Down, Purpose::Deliver, Layer::Payload);
                assert!(packed.bytes > 0, "{name}");
                // An answer to a poll has some JSON around its events.
                let around = if plan.variant.way().polls() {
                    40 * packed.count
                } else {
                    0
                };
                let bare = outcome.payload_bytes + around;
                assert!(packed.bytes < bare, "{name}: {packed:?} {bare}");
            });
        }
    });
}

#[test]
fn a_context_packs_a_chat_tighter() {
    let bytes = |compression| {
        let mut plan = asking(Variant::Websocket.compressed(compression));
        // Readers who speak, too, and so compress what they say.
        plan.traffic.speak = Speak::Same;
        let server = Server::with(Settings {
            compress: server_for(compression),
            ..Settings::default()
        });
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
        let ledger = &outcome.ledger;
        [
            ledger.amount(Direction::Down, Purpose::Deliver, Layer::Payload),
            ledger.amount(Direction::Up, Purpose::Say, Layer::Payload),
        ]
        .map(|amount| amount.bytes as f64 / amount.count as f64)
    };
    let [none, alone, context] = [
        Compression::None,
        Compression::Deflate,
        Compression::DeflateContext,
    ]
    .map(bytes);
    for direction in [0, 1] {
        assert!(alone[direction] < none[direction], "{none:?} {alone:?}");
        assert!(
            context[direction] < alone[direction],
            "{alone:?} {context:?}"
        );
    }
}

#[test]
fn a_server_that_declines_is_a_failure_with_the_reason() {
    for variant in compressed() {
        let plan = asking(variant);
        let server = Server::start();
        let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
        let outcome = running.finish();
        let expected = match plan.variant.compression() {
            Compression::Deflate | Compression::DeflateContext => {
                "permessage-deflate was declined".to_owned()
            }
            coding => format!("an answer without the {coding} that was asked for"),
        };
        // Whoever was to speak could not either.
        assert!(
            outcome.failures.contains_key(&expected),
            "{:?} {:?}",
            plan.variant,
            outcome.failures
        );
        assert_eq!(outcome.delivered, 0, "{:?}", plan.variant);
    }
    // One that keeps no context declines a context.
    let plan = asking(Variant::Websocket.compressed(Compression::DeflateContext));
    let server = Server::with(Settings {
        compress: Compress::Shared,
        ..Settings::default()
    });
    let running = swarm::start(plan, Target::at(server.address)).unwrap();
    let failures = running.finish().failures;
    let said = failures.keys().next().expect("a failure");
    assert!(
        said.contains("not that the server keeps its context"),
        "{said}"
    );
}

/// Serves WebSockets that agree on the offer and then send these bytes.
fn hostile(bytes: Vec<u8>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, bytes) = (stream.unwrap(), bytes.clone());
            thread::spawn(move || agree_and_send(stream, &bytes));
        }
    });
    address
}

fn agree_and_send(mut stream: TcpStream, bytes: &[u8]) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        request.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&request);
    let key = (text.lines()).find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let Some(key) = key else { return };
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Extensions: {}\r\n\r\n",
        offer::offer(false)
    );
    let _ = stream.write_all(&[head.as_bytes(), bytes].concat());
    // Until the client has left.
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_bomb_is_a_failure_and_fills_no_memory() {
    let bomb = wire::deflate::Deflater::new(false).message(&vec![b'x'; 20 << 20]);
    for (payload, expected) in [
        (bomb, "a message of more than 16 MiB"),
        (
            b"no deflate".to_vec(),
            "an answer whose permessage-deflate content cannot be unpacked",
        ),
    ] {
        let address = hostile(wire::deflate::frames::text_frame(&payload));
        let mut plan = asking(Variant::Websocket.compressed(Compression::Deflate));
        plan.swarm.clients = 2;
        plan.traffic.publishers = 0;
        plan.traffic.rate = 0.0;
        plan.traffic.drain = Duration::from_secs(1);
        let outcome = swarm::start(plan, Target::at(address)).unwrap().finish();
        let said = outcome.failures.keys().next().expect("a failure");
        assert_eq!(said, expected);
    }
}
