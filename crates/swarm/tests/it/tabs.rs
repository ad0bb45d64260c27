//! Readers that are the tabs of browsers with six connections of HTTP/1.1: what they hear is whole,
//! and each byte of the connections that they use in turn is in an account.

use std::{thread, time::Duration};

use server::{Bookkeeper, Settings};
use swarm::{
    StartError, Target,
    outcome::Outcome,
    plan::{Pacing, Plan, Reconnect, Speak, Variant},
};
use tls::{AcceptSettings, Acceptor, Connector, Identity, Trust, Versions};
use wire::Framing;

use crate::{
    clerks::employ,
    fixture::{Server, assert_whole, plan, run},
    ledger::{accounts, assert_accounted, both_ends, entries},
    way::{link, run_to},
};

/// The most connections of one browser.
const SIX: u64 = 6;

/// A hold that no test waits for.
const LONG: Duration = Duration::from_secs(25);

fn short_poll() -> Variant {
    Variant::ShortPoll {
        interval: Duration::from_millis(50),
        keep_alive: true,
    }
}

fn long_poll(hold: Duration) -> Variant {
    Variant::LongPoll {
        hold,
        keep_alive: true,
    }
}

fn jsonp() -> Variant {
    Variant::Jsonp {
        hold: LONG,
        keep_alive: true,
    }
}

/// Runs each of these ways against a server that keeps the ledger, too.
fn each(
    variants: impl IntoIterator<Item = Variant>,
    change: impl Fn(&mut Plan) + Sync,
    test: impl Fn(&Plan, &Outcome) + Sync,
) {
    let (change, test) = (&change, &test);
    thread::scope(|scope| {
        for variant in variants {
            scope.spawn(move || {
                let mut plan = plan(variant);
                change(&mut plan);
                let name = format!("{:?}", plan.variant);
                let (outcome, server) = both_ends(&plan);
                assert_whole(&plan, &outcome);
                assert_accounted(&plan, &outcome);
                assert_eq!(server.faults, [""; 0], "{name}");
                assert_eq!(server.difference, 0, "{name}");
                assert_eq!(server.connections, outcome.accounted, "{name}");
                assert_eq!(server.metered, outcome.metered, "{name}");
                assert_eq!(entries(&server.ledger), entries(&outcome.ledger), "{name}");
                test(&plan, &outcome);
            });
        }
    });
}

#[test]
fn tabs_that_poll_share_six_connections_at_most() {
    // The twelve readers are four browsers of three tabs, or one of eight and one of four.
    for (tabs, browsers, most) in [(3, 4, 12), (8, 2, SIX + 4)] {
        each(
            [short_poll(), long_poll(LONG), jsonp()],
            |plan| {
                (plan.swarm.tabs, plan.swarm.shards) = (tabs, 1);
                plan.traffic.speak = Speak::Post;
            },
            |plan, outcome| {
                // Each of two who only speak has a connection, and one more where it is busy.
                let of_tabs = outcome.accounted - outcome.extra_connections - 2;
                let name = format!("{of_tabs} of {tabs} tabs: {:?}", plan.variant);
                if plan.variant.hold().is_some() {
                    // As many questions as can be are held at the same time.
                    assert_eq!(of_tabs, most, "{name}");
                } else {
                    assert!((browsers..=most).contains(&of_tabs), "{name}");
                }
            },
        );
    }
}

/// Checks drafts that go over the connections of the speaker's browser, in both loops.
#[test]
fn drafts_of_tabs_go_over_the_same_connections() {
    for pacing in [Pacing::Open, Pacing::Closed] {
        each(
            [short_poll(), long_poll(LONG)],
            |plan| {
                (plan.swarm.tabs, plan.swarm.shards) = (3, 1);
                plan.traffic.pacing = pacing;
            },
            |plan, outcome| {
                // Two who also speak are one browser; the ten others are three of three tabs, and one.
                let connections = outcome.accounted;
                let name = format!("{connections} of {:?}", plan.variant);
                assert_eq!(outcome.extra_connections, 0, "{name}");
                let fewest = if plan.variant.hold().is_some() { 13 } else { 5 };
                assert!((fewest..=SIX + 10).contains(&connections), "{name}");
            },
        );
    }
}

/// Checks that what waits for a connection comes late, and comes: in either of two browsers of eight
/// tabs, each in a room of its own, six questions are held, and all tabs of the first also speak.
/// The ends are not compared: a hold may be over just when the run is, and nobody reads the answer.
#[test]
fn a_seventh_tab_waits_for_questions_that_are_held() {
    let hold = Duration::from_secs(1);
    let mut plan = plan(long_poll(hold));
    (plan.swarm.clients, plan.swarm.rooms) = (16, Some(8));
    (plan.swarm.tabs, plan.swarm.shards) = (8, 1);
    (plan.traffic.publishers, plan.traffic.rate) = (1, 2.0);
    let (outcome, _) = run(&plan, &Server::start());
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
    assert_eq!(outcome.accounted, 2 * SIX);
    let longest = Duration::from_nanos(outcome.sent.max());
    assert!(longest > hold / 5, "{longest:?}");
}

#[test]
fn streams_keep_their_connections_and_drafts_share_the_others() {
    let streams = || Framing::ALL.map(|framing| Variant::HttpStream { framing });
    each(
        streams(),
        |plan| {
            plan.swarm.tabs = 6;
            plan.traffic.speak = Speak::Post;
        },
        |plan, outcome| {
            let opened = outcome.accounted - outcome.extra_connections;
            assert_eq!(opened, 12 + 2, "{:?}", plan.variant);
        },
    );
    each(
        streams(),
        |plan| {
            // The four who also speak are the tabs of one browser.
            (plan.swarm.tabs, plan.swarm.rooms) = (4, Some(4));
            plan.traffic.publishers = 1;
        },
        |plan, outcome| {
            let connections = outcome.accounted;
            let name = format!("{connections} of {:?}", plan.variant);
            assert!((12 + 1..=12 + 2).contains(&connections), "{name}");
        },
    );
}

#[test]
fn a_web_socket_is_none_of_the_six() {
    each(
        [Variant::Websocket],
        |plan| (plan.swarm.tabs, plan.swarm.shards) = (8, 1),
        |plan, outcome| {
            assert_eq!(outcome.accounted, plan.swarm.clients as u64);
            // Each has its own socket, and it is known when what it read had arrived.
            assert!(!outcome.reading.is_empty());
        },
    );
}

#[test]
fn the_rooms_of_a_clerk_are_tabs_of_one_browser() {
    each(
        [short_poll(), long_poll(LONG)],
        |plan| {
            employ(plan);
            // What is told of those who leave may find nobody at the other end.
            plan.swarm.presence = false;
            plan.swarm.tabs = 2;
        },
        |plan, outcome| {
            // Six customers have a browser each, and two clerks have two.
            let connections = outcome.accounted;
            let name = format!("{connections} of {:?}", plan.variant);
            assert!((10..=10 * SIX).contains(&connections), "{name}");
        },
    );
}

#[test]
fn tabs_share_connections_over_a_link_that_gathers() {
    let server = Server::start();
    let address = link(server.address, "delay=20ms,buffer=response");
    let mut plan = plan(long_poll(LONG));
    (plan.swarm.tabs, plan.swarm.shards) = (8, 1);
    plan.traffic.speak = Speak::Post;
    let outcome = run_to(&plan, Target::at(address));
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
}

#[test]
fn tabs_share_connections_under_tls() {
    let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
    let acceptor = Acceptor::new(identity, AcceptSettings::default()).unwrap();
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        tls: Some(acceptor.clone()),
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    let trust = Trust::Exactly(acceptor.fingerprint());
    let connector = Connector::new("127.0.0.1", &trust, Versions::Both, true).unwrap();
    let target = Target {
        tls: Some(connector),
        ..Target::at(server.address)
    };
    let mut plan = plan(long_poll(LONG));
    (plan.swarm.tabs, plan.swarm.shards) = (3, 1);
    plan.traffic.rate = 8.0;
    let outcome = run_to(&plan, target);
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
    assert_eq!(accounts(&keeper).connections, outcome.accounted);
}

#[test]
fn what_tabs_cannot_do_in_turn_is_refused() {
    let server = Server::start();
    let refused = |variant: Variant, tabs: usize, change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(variant);
        plan.swarm.tabs = tabs;
        change(&mut plan);
        match swarm::start(plan, Target::at(server.address)) {
            Err(StartError::Tabs(what)) => what,
            other => panic!("{other:?}"),
        }
    };
    let framing = Framing::Ndjson;
    let stream = || Variant::HttpStream { framing };
    let alone = "streams that leave none of them";
    assert_eq!(refused(stream(), 6, &|_| {}), alone);
    let post = |plan: &mut Plan| plan.traffic.speak = Speak::Post;
    assert_eq!(refused(stream(), 7, &post), alone);
    let closes = Variant::LongPoll {
        hold: LONG,
        keep_alive: false,
    };
    let each = "a connection for each question";
    assert_eq!(refused(closes, 2, &|_| {}), each);
    let comes_back = |plan: &mut Plan| plan.reconnect = Some(Reconnect::default());
    let lost = "[cut], [reconnect] or [churn]";
    assert_eq!(refused(short_poll(), 2, &comes_back), lost);
}
