//! Every way over HTTP/2: the same chat, and each byte of its frames in an account.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use dissect::{Direction, Entry, Layer, Ledger, Purpose};
use server::{Bookkeeper, Compress, Settings, Tap};
use swarm::{
    Target,
    outcome::{Notice, Outcome},
    plan::{Plan, Speak, Variant},
};
use tls::{AcceptSettings, Acceptor, Connector, Identity, Trust, Versions};
use wire::{Carrier, Compression, Framing, Protocol, Way, deflate::offer};

use crate::{
    clerks::employ,
    fixture::{Server, assert_whole, plan},
    ledger::{accounts, assert_accounted, entries},
};

/// Returns the ways that go over HTTP/2.
fn variants() -> [Variant; 5] {
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
        Variant::Websocket,
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

/// Returns the accounts in which both ends must have the same: not the last words, which may cross
/// each other or find nobody any more, and not what each side grants.
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
    let frames = |way, purpose| of(way, purpose, Layer::H2Frame).count;
    let on_socket = is_socket(plan) && plan.traffic.speak == Speak::Same;
    // A frame; or else a head and a draft, an answer's head and its JSON.
    let (said, answered) = if on_socket { (1, 0) } else { (2, 2) };
    assert_eq!(frames(Direction::Up, Purpose::Say), said * drafts, "{name}");
    let answers = frames(Direction::Down, Purpose::Ack);
    assert_eq!(answers, answered * drafts, "{name}");
    if is_socket(plan) {
        // A reader that is behind is given several events at once.
        assert!(frames(Direction::Down, Purpose::Deliver) <= heard, "{name}");
        let heads = of(Direction::Down, Purpose::Deliver, Layer::WsHead);
        assert_eq!(heads.count, heard, "{name}");
        let masks = of(Direction::Up, Purpose::Say, Layer::WsMask);
        assert_eq!(masks.count, if on_socket { drafts } else { 0 }, "{name}");
    }
}

fn is_socket(plan: &Plan) -> bool {
    plan.variant.way().carrier() == Carrier::Frame
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
        (plan.traffic.speak, plan.traffic.rate) = (Speak::Post, 4.0);
    });
    for (plan, outcome) in runs {
        assert_layers(&plan, &outcome);
        // Three browsers of four tabs, and two who only speak: they open one more where a draft is due
        // before the answer to the last one. Of five drafts, each has one of its own at most, however
        // slow the machine; tabs that did not share would have twelve beside them.
        let connections = outcome.accounted;
        assert!(
            (5..=8).contains(&connections),
            "{connections} of {:?}",
            plan.variant
        );
    }
}

/// Checks that two of a clerk's three rooms are on one connection, and the third on another, also
/// where several threads read; the six customers have one each.
#[test]
fn the_rooms_of_a_clerk_share_the_connections_of_one_browser() {
    for (publishers, shards) in [(2, 1), (1, 2)] {
        let runs = each_way(None, |plan| {
            employ(plan);
            // What is told of those who leave may find nobody at the other end.
            plan.swarm.presence = false;
            (plan.swarm.tabs, plan.swarm.shards) = (2, shards);
            plan.traffic.publishers = publishers;
        });
        for (plan, outcome) in runs {
            assert_eq!(outcome.accounted, 6 + 2 * 2, "{:?}", plan.variant);
        }
    }
}

/// Starts a server that answers whatever it is asked in HTTP/1.1.
fn old_server() -> Server {
    Server::with(Settings {
        tap: Some(Tap::new(|_| None)),
        ..Settings::default()
    })
}

/// Returns a plan that ends soon.
fn quick(variant: Variant) -> Plan {
    let mut plan = plan(variant);
    (plan.traffic.measure, plan.traffic.drain) =
        (Duration::from_millis(200), Duration::from_secs(1));
    plan
}

/// Checks that both sides agree to compress, and that compressed frames are accounted for.
#[test]
fn compressed_frames_go_over_http_2() {
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        compress: Compress::Shared,
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    let mut plan = plan(Variant::Websocket.compressed(Compression::Deflate));
    let offer = offer::offer(false).to_owned();
    plan.read_headers
        .push(("Sec-WebSocket-Extensions".to_owned(), offer));
    let outcome = run(&plan, over_http2(&server, None));
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
    let kept = accounts(&keeper);
    assert_eq!((&kept.faults[..], kept.difference), (&[][..], 0));
    assert_eq!(common(&kept.ledger), common(&outcome.ledger));
}

/// Checks that a library's protocol goes over such a WebSocket too.
#[test]
fn the_web_socket_of_a_library_goes_over_http_2() {
    for protocol in [Protocol::SocketIo, Protocol::Sockjs] {
        let server = Server::start();
        let plan = plan(Variant::Library {
            protocol,
            way: Way::Websocket,
            keep_alive: true,
        });
        let outcome = run(&plan, over_http2(&server, None));
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
        let frames = outcome.ledger.layer(Direction::Down, Layer::H2Frame);
        assert!(frames > 0, "{protocol:?}");
    }
}

#[test]
fn a_server_that_leaves_closes_each_tab() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    (plan.swarm.tabs, plan.swarm.shards) = (4, 1);
    plan.traffic.measure = Duration::from_mins(1);
    let running = swarm::start(plan, over_http2(&server, None)).unwrap();
    let gathered = |notice| matches!(notice, Notice::Gathered);
    assert!(running.notices.iter().any(gathered));
    drop(server);
    running.stop("the server has left");
    let outcome = running.finish();
    let reasons: Vec<_> = outcome.failures.keys().collect();
    let closed = reasons.iter().any(|why| why.contains("code 1001"));
    assert!(closed, "{reasons:?}");
    assert_eq!(outcome.ledger_difference, 0);
}

/// Checks that there is no fall-back where a server speaks HTTP/2 and says nothing of WebSockets.
#[test]
fn a_server_that_takes_no_web_socket_is_an_error_with_the_reason() {
    // Settings of which none is known: a frame of 6 bytes (RFC 9113, section 6.5).
    const SETTINGS: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 1];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer_once(stream.unwrap(), SETTINGS));
        }
    });
    let target = Target {
        http2: true,
        ..Target::at(address)
    };
    let outcome = run(&quick(Variant::Websocket), target);
    assert_refused(&outcome, "do not announce extended CONNECT");
}

#[test]
fn a_server_of_http_1_1_is_an_error_with_the_reason() {
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
                    thread::spawn(move || answer_once(stream.unwrap(), ANSWER_IN_HTTP_1_1));
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

const ANSWER_IN_HTTP_1_1: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";

fn answer_once(mut stream: std::net::TcpStream, answer: &[u8]) {
    let mut asked = [0; 1024];
    let _ = stream.read(&mut asked);
    let _ = stream.write_all(answer);
    while stream.read(&mut asked).is_ok_and(|count| count > 0) {}
}

fn assert_refused(outcome: &Outcome, reason: &str) {
    let mut reasons = outcome.failures.keys();
    let is_told = reasons.any(|why| why.contains(reason));
    assert!(is_told, "{reason}: {:?}", outcome.failures);
    assert_eq!(outcome.delivered, 0);
    assert_eq!(outcome.ledger_difference, 0);
}
