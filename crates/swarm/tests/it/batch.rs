//! Readers whose connections one task reads, against readers with a task each: what is heard,
//! counted and accounted for is the same, also where a connection brings something unusual.

use std::{collections::BTreeSet, net::SocketAddr, sync::mpsc, thread, time::Duration};

use dissect::{Direction, Entry, Layer, Purpose};
use server::{Bookkeeper, Settings};
use swarm::{
    Target,
    outcome::{Notice, Outcome},
    plan::{Plan, Speak, Variant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    runtime::Builder,
    task::yield_now,
};
use wire::Framing;

use crate::{
    fixture::{Server, assert_whole, plan},
    ledger::{accounts, assert_accounted, entries},
    way::run_to,
};

/// The number of attempts at two runs that say the same: on a busy machine people settle for
/// longer, and say more meanwhile.
const ATTEMPTS: usize = 5;

/// The bytes behind the head of an answer that pass before a connection is cut or spoiled: some
/// events.
const PASSING: usize = 3_000;

/// The size of the pieces into which a relay cuts a stream, in bytes.
const PIECE: usize = 3;

/// Returns the ways that are read in a batch.
fn variants() -> [Variant; 3] {
    let stream = |framing| Variant::HttpStream { framing };
    let [one, other] = Framing::ALL.map(stream);
    [Variant::Websocket, one, other]
}

/// Returns a plan of people who only listen, and others who only speak.
fn of_listeners(variant: Variant) -> Plan {
    let mut plan = plan(variant);
    plan.traffic.speak = Speak::Post;
    plan
}

/// Returns the accounts that do not depend on how many events the server puts into one chunk.
fn comparable(outcome: &Outcome) -> Vec<Entry> {
    let entries = entries(&outcome.ledger).into_iter();
    entries
        .filter(|entry| entry.layer != Layer::Chunk)
        .collect()
}

/// Runs a plan against a server that keeps the ledger, too.
fn run_by(plan: &Plan, one_by_one: bool) -> Outcome {
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    let mut target = Target::at(server.address);
    target.one_by_one = one_by_one;
    let outcome = run_to(plan, target);
    let name = format!("{:?}, one by one: {one_by_one}", plan.variant);
    assert_whole(plan, &outcome);
    assert_accounted(plan, &outcome);
    let server = accounts(&keeper);
    assert_eq!(server.metered, outcome.metered, "{name}");
    assert_eq!(entries(&server.ledger), entries(&outcome.ledger), "{name}");
    outcome
}

/// Returns the number of drafts that left.
fn said(outcome: &Outcome) -> u64 {
    let ledger = &outcome.ledger;
    ledger
        .amount(Direction::Up, Purpose::Say, Layer::Payload)
        .count
}

#[test]
fn a_batch_and_tasks_come_to_the_same() {
    thread::scope(|scope| {
        for variant in variants() {
            scope.spawn(move || {
                let plan = of_listeners(variant);
                let mut pairs = (0..ATTEMPTS).map(|_| [true, false].map(|one| run_by(&plan, one)));
                let pair = pairs.find(|[one, other]| said(one) == said(other));
                let [tasks, batch] = pair.expect("two runs that say the same");
                let name = format!("{:?}", plan.variant);
                assert_eq!(comparable(&tasks), comparable(&batch), "{name}");
                let counts = |outcome: &Outcome| {
                    (
                        outcome.expected,
                        outcome.delivered,
                        outcome.payload_bytes,
                        outcome.accounted,
                    )
                };
                assert_eq!(counts(&tasks), counts(&batch), "{name}");
                // Both know when what some readers read had arrived.
                assert!(!tasks.reading.is_empty(), "{name}");
                assert!(!batch.reading.is_empty(), "{name}");
            });
        }
    });
}

/// The change that a relay makes to what comes behind the head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Twist {
    /// It comes in pieces of a few bytes.
    Pieces,
    /// A ping comes first.
    Ping,
    /// The connection ends behind so many bytes.
    Cut,
    /// Behind so many bytes an event is no JSON.
    Spoil,
}

/// Starts a relay to `to` that lasts as long as this process, and returns where it listens.
fn relay(to: SocketAddr, twist: Twist) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, to, twist));
            }
        });
    });
    address.recv().unwrap()
}

async fn carry(near: TcpStream, to: SocketAddr, twist: Twist) -> Option<()> {
    near.set_nodelay(true).ok()?;
    let (mut from_reader, to_reader) = near.into_split();
    let (from_server, mut to_server) = TcpStream::connect(to).await.ok()?.into_split();
    let up = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_reader, &mut to_server).await;
    });
    let carried = carry_down(from_server, to_reader, twist).await;
    // Both ends see the end of the connection.
    up.abort();
    carried
}

async fn carry_down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, twist: Twist) -> Option<()> {
    let mut bytes = Vec::new();
    let end = loop {
        (from.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        if let Some(at) = position(&bytes, b"\r\n\r\n") {
            break at + 4;
        }
    };
    let mut body = bytes.split_off(end);
    to.write_all(&bytes).await.ok()?;
    if twist == Twist::Ping {
        to.write_all(b"\x89\x02hi").await.ok()?;
    }
    let mut passed = 0;
    loop {
        match twist {
            Twist::Pieces => {
                for piece in body.chunks(PIECE) {
                    to.write_all(piece).await.ok()?;
                    yield_now().await;
                }
            }
            Twist::Cut if passed + body.len() > PASSING => {
                return to.write_all(&body[..PASSING - passed]).await.ok();
            }
            Twist::Spoil if passed > PASSING => {
                if let Some(at) = position(&body, b"{\"seq\":") {
                    body[at] = b'[';
                }
                to.write_all(&body).await.ok()?;
            }
            _ => to.write_all(&body).await.ok()?,
        }
        passed += body.len();
        body.clear();
        body.reserve(4096);
        (from.read_buf(&mut body).await.ok()? > 0).then_some(())?;
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted)
}

/// Returns a server to whose readers a relay leads.
fn over(server: &Server, twist: Twist, one_by_one: bool) -> Target {
    let mut target = Target::at(relay(server.address, twist));
    target.speakers = server.address;
    target.one_by_one = one_by_one;
    target
}

/// Runs a plan whose readers go by a relay.
fn run_over(plan: &Plan, twist: Twist, one_by_one: bool) -> Outcome {
    let server = Server::start();
    run_to(plan, over(&server, twist, one_by_one))
}

/// Runs each way that is read in a batch over a relay, by tasks and in a batch.
fn each_over(twist: Twist, test: impl Fn(&Plan, &Outcome) -> BTreeSet<String> + Sync) {
    let test = &test;
    let ways = variants().into_iter();
    let ways = ways.filter(|way| twist != Twist::Ping || *way == Variant::Websocket);
    thread::scope(|scope| {
        for variant in ways {
            scope.spawn(move || {
                let plan = of_listeners(variant);
                let told = [true, false].map(|one| test(&plan, &run_over(&plan, twist, one)));
                assert_eq!(told[0], told[1], "{:?}", plan.variant);
            });
        }
    });
}

/// Returns the kinds of failures, of which there are some, in a run that heard everything all the
/// same.
fn kinds(plan: &Plan, outcome: &Outcome) -> BTreeSet<String> {
    let name = format!("{:?}", plan.variant);
    assert_eq!(outcome.delivered, outcome.expected, "{name}");
    assert_eq!((outcome.duplicated, outcome.reordered), (0, 0), "{name}");
    assert_eq!(outcome.ledger_difference, 0, "{name}");
    assert_ne!(outcome.failures, [].into(), "{name}");
    outcome.failures.keys().cloned().collect()
}

/// Checks that nothing is missing and that nothing failed.
fn whole(plan: &Plan, outcome: &Outcome) -> BTreeSet<String> {
    assert_whole(plan, outcome);
    assert_accounted(plan, outcome);
    BTreeSet::new()
}

#[test]
fn events_in_pieces_are_heard_whole() {
    each_over(Twist::Pieces, whole);
}

/// Stops runs while readers have parts of frames and of lines.
#[test]
fn what_was_heard_before_a_stop_is_kept() {
    let stopped = |variant: Variant, one_by_one: bool| {
        let mut plan = of_listeners(variant);
        plan.traffic.measure = Duration::from_mins(2);
        let server = Server::start();
        let target = over(&server, Twist::Pieces, one_by_one);
        let running = swarm::start(plan.clone(), target).unwrap();
        let a_second = |notice| matches!(notice, Notice::Second(_));
        assert!(running.notices.iter().any(a_second));
        running.stop("enough");
        let outcome = running.finish();
        let name = format!("{:?}, one by one: {one_by_one}", plan.variant);
        assert_eq!(outcome.failures, [].into(), "{name}");
        assert!(outcome.delivered > 0, "{name}");
        assert_eq!(outcome.delivered, outcome.expected, "{name}");
        assert_eq!(outcome.ledger_difference, 0, "{name}");
    };
    thread::scope(|scope| {
        for variant in variants() {
            scope.spawn(move || {
                stopped(variant.clone(), true);
                stopped(variant, false);
            });
        }
    });
}

#[test]
fn a_ping_is_answered_and_the_reader_hears_on() {
    each_over(Twist::Ping, |plan, outcome| {
        let pongs = outcome
            .ledger
            .amount(Direction::Up, Purpose::Heartbeat, Layer::WsHead);
        assert_eq!(pongs.count, plan.swarm.clients as u64);
        whole(plan, outcome)
    });
}

#[test]
fn a_reader_whose_connection_was_cut_comes_back_to_its_place() {
    each_over(Twist::Cut, kinds);
}

#[test]
fn a_spoiled_event_is_noticed() {
    each_over(Twist::Spoil, |plan, outcome| {
        let kinds = kinds(plan, outcome);
        assert!(kinds.contains("an answer that cannot be read"), "{kinds:?}");
        kinds
    });
}
