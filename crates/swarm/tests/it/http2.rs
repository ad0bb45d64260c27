//! Every way over HTTP/2: the same chat, and each byte of its frames in an account.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use dissect::{Direction, Entry, Layer, Ledger, Purpose};
use server::{Bookkeeper, Settings, Tap};
use swarm::{
    Target,
    outcome::Outcome,
    plan::{Plan, Speak, Variant},
};
use tls::{AcceptSettings, Acceptor, Connector, Identity, Trust, Versions};
use wire::Framing;

use crate::{
    fixture::{Server, assert_whole, plan},
    ledger::{accounts, assert_accounted, entries},
};

/// The ways that go over HTTP/2.
fn variants() -> [Variant; 4] {
    let [ndjson, sse] = [Framing::Ndjson, Framing::Sse];
    [
        Variant::ShortPoll {
            interval: Duration::from_millis(50),
            keep_alive: true,
        },
        Variant::LongPoll {
            hold: Duration::from_secs(25),
            keep_alive: true,
        },
        Variant::HttpStream { framing: ndjson },
        Variant::HttpStream { framing: sse },
    ]
}

fn acceptor() -> Acceptor {
    let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
    Acceptor::new(identity, AcceptSettings::default()).unwrap()
}

/// Returns the server as it is reached over HTTP/2.
fn over_http2(server: &Server, acceptor: Option<&Acceptor>) -> Target {
    let tls = acceptor.map(|acceptor| {
        let trust = Trust::Exactly(acceptor.fingerprint());
        let connector = Connector::new("127.0.0.1", &trust, Versions::Both, true).unwrap();
        connector.for_http2()
    });
    Target {
        tls,
        http2: true,
        ..Target::at(server.address)
    }
}

fn run(plan: &Plan, target: Target) -> Outcome {
    let running = swarm::start(plan.clone(), target).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}

/// The accounts in which both ends must have the same: not the last words, which may cross each
/// other or find nobody any more, and not what each side grants.
fn common(ledger: &Ledger) -> Vec<Entry> {
    let is_common = |entry: &Entry| {
        let is_content = match entry.direction {
            Direction::Up => entry.layer != Layer::Tls,
            Direction::Down => true,
        };
        is_content
            && entry.layer != Layer::H2Control
            && !matches!(entry.purpose, Purpose::Close | Purpose::Setup)
    };
    let mut entries = entries(ledger);
    entries.retain(is_common);
    entries
}

/// Runs each way against a server that keeps the ledger, too.
fn each_way(
    acceptor: Option<&Acceptor>,
    change: impl Fn(&mut Plan) + Sync,
) -> Vec<(Plan, Outcome)> {
    let change = &change;
    thread::scope(|scope| {
        let runs = variants().map(|variant| {
            scope.spawn(move || {
                let mut plan = plan(variant);
                change(&mut plan);
                let keeper = Bookkeeper::new();
                let server = Server::with(Settings {
                    tls: acceptor.cloned(),
                    tap: Some(keeper.tap()),
                    ..Settings::default()
                });
                let outcome = run(&plan, over_http2(&server, acceptor));
                let name = format!("{:?}", plan.variant);
                assert_whole(&plan, &outcome);
                assert_accounted(&plan, &outcome);
                let server = accounts(&keeper);
                assert_eq!(
                    (&server.faults[..], server.difference),
                    (&[][..], 0),
                    "{name}"
                );
                assert_eq!(server.connections, outcome.accounted, "{name}");
                assert_eq!(common(&server.ledger), common(&outcome.ledger), "{name}");
                (plan, outcome)
            })
        });
        runs.map(|run| run.join().unwrap()).into_iter().collect()
    })
}

/// Checks the layers of a run over HTTP/2.
fn assert_layers(plan: &Plan, outcome: &Outcome) {
    let (ledger, name) = (&outcome.ledger, format!("{:?}", plan.variant));
    for way in Direction::ALL {
        for purpose in [Purpose::Deliver, Purpose::Say, Purpose::Ack, Purpose::Empty] {
            let heads = ledger.amount(way, purpose, Layer::H2Frame);
            assert_eq!(heads.bytes, 9 * heads.count, "{name} {way:?} {purpose:?}");
        }
        assert_eq!(ledger.layer(way, Layer::Chunk), 0, "{name}");
        // The preface of the client, and the settings of each side with an acknowledgement.
        let setup = ledger.amount(way, Purpose::Setup, Layer::H2Control);
        assert!(
            setup.count >= 2 * outcome.accounted,
            "{name} {way:?} {setup:?}"
        );
    }
    let of = |way, purpose, layer| ledger.amount(way, purpose, layer);
    let drafts = of(Direction::Up, Purpose::Say, Layer::Payload).count;
    let heard = of(Direction::Down, Purpose::Deliver, Layer::Payload).count;
    assert_eq!(heard, drafts * plan.swarm.clients as u64, "{name}");
    // A head and a draft, an answer's head and its JSON.
    let frames = |way, purpose| of(way, purpose, Layer::H2Frame).count;
    assert_eq!(frames(Direction::Up, Purpose::Say), 2 * drafts, "{name}");
    assert_eq!(frames(Direction::Down, Purpose::Ack), 2 * drafts, "{name}");
}

#[test]
fn each_way_by_prior_knowledge_hears_everything_and_each_byte_is_in_an_account() {
    for (plan, outcome) in each_way(None, |_| {}) {
        assert_layers(&plan, &outcome);
        // A reader's drafts go over its own connection.
        assert_eq!(outcome.accounted, plan.swarm.clients as u64);
    }
}

#[test]
fn each_way_by_alpn_hears_everything_and_each_byte_is_in_an_account() {
    let acceptor = acceptor();
    for (plan, outcome) in each_way(Some(&acceptor), |plan| plan.traffic.rate = 8.0) {
        assert_layers(&plan, &outcome);
        assert_eq!(outcome.suite.unwrap().to_string(), "1.3");
        for way in Direction::ALL {
            for purpose in [Purpose::Deliver, Purpose::Say, Purpose::Ack, Purpose::Empty] {
                let tls = outcome.ledger.amount(way, purpose, Layer::Tls);
                assert_eq!(tls.bytes, 22 * tls.count, "{:?}", plan.variant);
            }
        }
    }
}

#[test]
fn tabs_share_the_connection_of_their_browser() {
    let runs = each_way(None, |plan| {
        (plan.swarm.tabs, plan.swarm.shards) = (4, 1);
        plan.traffic.speak = Speak::Post;
    });
    for (plan, outcome) in runs {
        assert_layers(&plan, &outcome);
        // Three browsers of four tabs, and two who only speak.
        assert_eq!(outcome.accounted, 3 + 2, "{:?}", plan.variant);
    }
}

/// A server that answers whatever it is asked in HTTP/1.1.
fn old_server() -> Server {
    Server::with(Settings {
        tap: Some(Tap::new(|_| None)),
        ..Settings::default()
    })
}

#[test]
fn a_server_of_http_1_1_is_an_error_with_the_reason() {
    let quick = |variant| {
        let mut plan = plan(variant);
        (plan.traffic.measure, plan.traffic.drain) =
            (Duration::from_millis(200), Duration::from_secs(1));
        plan
    };
    let acceptor = acceptor();
    thread::scope(|scope| {
        scope.spawn(|| {
            let sealed = Server::with(Settings {
                tls: Some(acceptor.clone()),
                tap: Some(Tap::new(|_| None)),
                ..Settings::default()
            });
            for variant in variants() {
                let outcome = run(&quick(variant), over_http2(&sealed, Some(&acceptor)));
                assert_refused(&outcome, "did not choose h2 by ALPN");
            }
        });
        scope.spawn(|| {
            let plain = old_server();
            for variant in variants() {
                let outcome = run(&quick(variant), over_http2(&plain, None));
                assert_refused(&outcome, "before it sent anything in HTTP/2");
            }
        });
        scope.spawn(|| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            thread::spawn(move || {
                for stream in listener.incoming() {
                    thread::spawn(move || answer_in_http_1_1(stream.unwrap()));
                }
            });
            let target = Target {
                http2: true,
                ..Target::at(address)
            };
            let [variant, ..] = variants();
            assert_refused(&run(&quick(variant), target), "did not begin with SETTINGS");
        });
    });
}

fn answer_in_http_1_1(mut stream: std::net::TcpStream) {
    let mut asked = [0; 1024];
    let _ = stream.read(&mut asked);
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    while stream.read(&mut asked).is_ok_and(|count| count > 0) {}
}

fn assert_refused(outcome: &Outcome, reason: &str) {
    let mut reasons = outcome.failures.keys();
    let is_told = reasons.any(|why| why.contains(reason));
    assert!(is_told, "{reason}: {:?}", outcome.failures);
    assert_eq!(outcome.delivered, 0);
    assert_eq!(outcome.ledger_difference, 0);
}
