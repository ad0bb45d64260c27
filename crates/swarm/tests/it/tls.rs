//! Every way under TLS: the same chat, and each byte of the sealed wire in an account.

use std::thread;

use dissect::{Direction, Entry, Layer, Purpose};
use server::{Bookkeeper, Settings};
use swarm::{
    Target,
    outcome::Outcome,
    plan::{Plan, Speak, Variant},
};
use tls::{AcceptSettings, Acceptor, Connector, Fingerprint, Identity, Trust, Version, Versions};

use crate::{
    fixture::{Server, assert_whole, each_variant_with, plan},
    ledger::{accounts, assert_accounted, entries},
};

fn acceptor(versions: Versions) -> Acceptor {
    let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
    let settings = AcceptSettings {
        versions,
        ..AcceptSettings::default()
    };
    Acceptor::new(identity, settings).unwrap()
}

fn sealed(acceptor: &Acceptor, keeper: &Bookkeeper) -> Settings {
    Settings {
        tls: Some(acceptor.clone()),
        tap: Some(keeper.tap()),
        ..Settings::default()
    }
}

fn target(server: &Server, trust: &Trust, versions: Versions) -> Target {
    let connector = Connector::new("127.0.0.1", trust, versions, true).unwrap();
    Target {
        tls: Some(connector),
        ..Target::at(server.address)
    }
}

fn run(plan: &Plan, target: Target) -> Outcome {
    let running = swarm::start(plan.clone(), target).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}

/// Runs each variant against a server that keeps the ledger, too.
fn each_under(version: Version, change: impl Fn(&mut Plan) + Sync) {
    let around = if version == Version::V1_3 { 22 } else { 29 };
    each_variant_with(|mut plan| {
        // A handshake for each poll is work, and all variants run at the same time.
        (plan.swarm.clients, plan.traffic.rate) = (6, 8.0);
        change(&mut plan);
        let name = format!("TLS {version} {:?}", plan.variant);
        let acceptor = acceptor(Versions::Both);
        let keeper = Bookkeeper::new();
        let server = Server::with(sealed(&acceptor, &keeper));
        let trust = Trust::Exactly(acceptor.fingerprint());
        let outcome = run(&plan, target(&server, &trust, Versions::Only(version)));
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
        assert_eq!(outcome.suite.unwrap().to_string(), version.name());
        let server = accounts(&keeper);
        assert_eq!((server.faults.len(), server.difference), (0, 0), "{name}");
        // The last words may cross each other, or find nobody any more; so may the answer in the
        // handshake of a poll's own connection.
        let is_cut = |entry: &Entry| {
            let keeps = plan.variant.keeps_connections();
            entry.layer == Layer::Tls
                && (entry.purpose == Purpose::Close || entry.purpose == Purpose::Setup && !keeps)
        };
        let before_the_end = |ledger| {
            let mut entries = entries(ledger);
            entries.retain(|entry| !is_cut(entry));
            entries
        };
        let [here, there] = [&outcome.ledger, &server.ledger].map(before_the_end);
        assert_eq!(there, here, "{name}");
        for way in Direction::ALL {
            for purpose in [Purpose::Deliver, Purpose::Say, Purpose::Ack, Purpose::Empty] {
                let tls = outcome.ledger.amount(way, purpose, Layer::Tls);
                assert_eq!(tls.bytes, around * tls.count, "{name} {way:?} {purpose:?}");
            }
            // A hello, keys and a certificate for each connection.
            let handshakes = outcome.ledger.amount(way, Purpose::Setup, Layer::Tls);
            assert!(
                handshakes.bytes > 100 * outcome.accounted,
                "{name}: {handshakes:?}"
            );
        }
        let heard = outcome
            .ledger
            .amount(Direction::Down, Purpose::Deliver, Layer::Tls);
        assert!(heard.count > 0, "{name}");
    });
}

#[test]
fn each_byte_of_tls_1_3_is_in_an_account_at_both_ends() {
    each_under(Version::V1_3, |_| {});
}

#[test]
fn each_byte_of_tls_1_2_is_in_an_account_at_both_ends() {
    each_under(Version::V1_2, |plan| {
        plan.traffic.speak = Speak::PostClose;
    });
}

#[test]
fn texts_that_need_several_records_come_whole() {
    let acceptor = acceptor(Versions::Both);
    let keeper = Bookkeeper::new();
    let server = Server::with(sealed(&acceptor, &keeper));
    let mut plan = plan(Variant::Websocket);
    plan.traffic.payload = swarm::plan::Payload {
        min: 30_000,
        max: 60_000,
    };
    plan.traffic.rate = 5.0;
    let trust = Trust::Exactly(acceptor.fingerprint());
    let outcome = run(&plan, target(&server, &trust, Versions::Both));
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
    let heard = outcome
        .ledger
        .amount(Direction::Down, Purpose::Deliver, Layer::Tls);
    let events = outcome
        .ledger
        .amount(Direction::Down, Purpose::Deliver, Layer::Payload);
    assert!(heard.count >= 2 * events.count, "{heard:?} {events:?}");
}

/// Checks that each failure is named, nobody is let in, and nothing goes on in the clear.
#[test]
fn who_cannot_be_trusted_is_an_error_with_its_reason() {
    let both = Versions::Both;
    let own = acceptor(both);
    let old = acceptor(Versions::Only(Version::V1_2));
    let exactly = |acceptor: &Acceptor| Trust::Exactly(acceptor.fingerprint());
    let cases = [
        (
            &own,
            Trust::Exactly(Fingerprint([0; 32])),
            both,
            "not the one that was expected",
        ),
        (&own, Trust::System, both, "not trusted"),
        (
            &old,
            exactly(&old),
            Versions::Only(Version::V1_3),
            "does not offer the version",
        ),
    ];
    thread::scope(|scope| {
        for (acceptor, trust, versions, reason) in &cases {
            scope.spawn(move || {
                let server = Server::with(sealed(acceptor, &Bookkeeper::new()));
                let outcome = run(&plan(Variant::Websocket), target(&server, trust, *versions));
                assert_refused(&outcome, reason);
            });
        }
        scope.spawn(|| {
            let plain = Server::start();
            let outcome = run(
                &plan(Variant::Websocket),
                target(&plain, &exactly(&own), both),
            );
            assert_refused(&outcome, "does not speak TLS");
        });
    });
}

fn assert_refused(outcome: &Outcome, reason: &str) {
    let failures = &outcome.failures;
    assert!(
        failures.keys().all(|why| why.contains(reason)),
        "{reason}: {failures:?}"
    );
    assert_eq!(failures.values().sum::<u64>(), 12, "{failures:?}");
    assert_eq!((outcome.delivered, outcome.suite), (0, None));
    assert_eq!(outcome.ledger_difference, 0);
}
