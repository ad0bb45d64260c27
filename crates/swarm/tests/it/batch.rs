//! Readers whose connections one task reads, by itself or by `io_uring`, against readers with a task
//! each: what is heard, counted and accounted for is the same, also where a connection brings
//! something unusual.

use std::{collections::BTreeSet, net::SocketAddr, sync::mpsc, thread, time::Duration};

use dissect::{Direction, Entry, Layer, Purpose};
use server::{Bookkeeper, Settings};
use swarm::{
    Target,
    outcome::{Notice, Outcome},
    plan::{Io, Plan, Speak, Variant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    runtime::Builder,
    task::yield_now,
};
use wire::Framing;

use crate::{
    fixture::{Server, assert_whole, has_uring, plan},
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

/// The number of people of one shard of whom `io_uring` reads some: at most 32 have stamps, and are
/// read by themselves.
const MORE_THAN_STAMPED: usize = 40;

/// The one who reads the connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Each reader has a task.
    Tasks,
    /// One task reads those that are ready.
    Batch,
    /// The kernel reads, and one task takes what it has read.
    Ring,
}

impl Reads {
    /// Returns all that this machine has.
    fn all() -> Vec<Self> {
        let mut all = vec![Self::Tasks, Self::Batch];
        all.extend(has_uring().then_some(Self::Ring));
        all
    }

    /// Returns `target` for those who are read so.
    fn of(self, mut target: Target) -> Target {
        target.one_by_one = self == Self::Tasks;
        target
    }

    /// Returns `plan` for those who are read so.
    fn by(self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        if self == Self::Ring {
            plan.swarm.io = Io::Uring;
            (plan.swarm.clients, plan.swarm.shards) = (MORE_THAN_STAMPED, 1);
        }
        plan
    }

    /// Checks that the connections of a run were read so.
    fn assert_of(self, plan: &Plan, outcome: &Outcome) {
        let name = format!("{:?}, {self:?}", plan.variant);
        let count = outcome.received_by_ring;
        assert_eq!(count > 0, self == Self::Ring, "{name}: {count}");
    }
}

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
fn run_by(plan: &Plan, reads: Reads) -> Outcome {
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    let outcome = run_to(plan, reads.of(Target::at(server.address)));
    let name = format!("{:?}, {reads:?}", plan.variant);
    assert_whole(plan, &outcome);
    reads.assert_of(plan, &outcome);
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
fn all_who_read_come_to_the_same() {
    thread::scope(|scope| {
        for variant in variants() {
            scope.spawn(move || {
                let mut plan = of_listeners(variant);
                (plan.swarm.clients, plan.swarm.shards) = (MORE_THAN_STAMPED, 1);
                let run = |reads: Reads| run_by(&reads.by(&plan), reads);
                let mut tries =
                    (0..ATTEMPTS).map(|_| Reads::all().into_iter().map(run).collect::<Vec<_>>());
                let says_the_same =
                    |runs: &Vec<Outcome>| runs.iter().all(|one| said(one) == said(&runs[0]));
                let runs = tries.find(says_the_same).expect("runs that say the same");
                let counts = |outcome: &Outcome| {
                    (
                        outcome.expected,
                        outcome.delivered,
                        outcome.payload_bytes,
                        outcome.accounted,
                    )
                };
                for (reads, outcome) in Reads::all().into_iter().zip(&runs) {
                    let name = format!("{:?}, {reads:?}", plan.variant);
                    assert_eq!(comparable(outcome), comparable(&runs[0]), "{name}");
                    assert_eq!(counts(outcome), counts(&runs[0]), "{name}");
                    // All know when what some readers read had arrived.
                    assert!(!outcome.reading.is_empty(), "{name}");
                }
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
fn over(server: &Server, twist: Twist, reads: Reads) -> Target {
    let mut target = Target::at(relay(server.address, twist));
    target.speakers = server.address;
    reads.of(target)
}

/// Runs a plan whose readers go by a relay.
fn run_over(plan: &Plan, twist: Twist, reads: Reads) -> Outcome {
    let server = Server::start();
    let outcome = run_to(plan, over(&server, twist, reads));
    // A ping that comes before the ring has a connection leaves nothing of it to the ring.
    if (twist, reads) != (Twist::Ping, Reads::Ring) {
        reads.assert_of(plan, &outcome);
    }
    outcome
}

/// Runs each way that is read in a batch over a relay, by all who read.
fn each_over(twist: Twist, test: impl Fn(&Plan, &Outcome) -> BTreeSet<String> + Sync) {
    let test = &test;
    let ways = variants().into_iter();
    let ways = ways.filter(|way| twist != Twist::Ping || *way == Variant::Websocket);
    thread::scope(|scope| {
        for variant in ways {
            scope.spawn(move || {
                let plan = of_listeners(variant);
                let told = |reads: Reads| {
                    let plan = reads.by(&plan);
                    test(&plan, &run_over(&plan, twist, reads))
                };
                let told: Vec<_> = Reads::all().into_iter().map(told).collect();
                let name = format!("{:?}", plan.variant);
                assert!(told.iter().all(|one| *one == told[0]), "{name}: {told:?}");
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
    let stopped = |variant: Variant, reads: Reads| {
        let mut plan = reads.by(&of_listeners(variant));
        plan.traffic.measure = Duration::from_mins(2);
        let server = Server::start();
        let target = over(&server, Twist::Pieces, reads);
        let running = swarm::start(plan.clone(), target).unwrap();
        let a_second = |notice| matches!(notice, Notice::Second(_));
        assert!(running.notices.iter().any(a_second));
        running.stop("enough");
        let outcome = running.finish();
        let name = format!("{:?}, {reads:?}", plan.variant);
        reads.assert_of(&plan, &outcome);
        assert_eq!(outcome.failures, [].into(), "{name}");
        assert!(outcome.delivered > 0, "{name}");
        assert_eq!(outcome.delivered, outcome.expected, "{name}");
        assert_eq!(outcome.ledger_difference, 0, "{name}");
    };
    thread::scope(|scope| {
        for variant in variants() {
            scope.spawn(move || {
                for reads in Reads::all() {
                    stopped(variant.clone(), reads);
                }
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
