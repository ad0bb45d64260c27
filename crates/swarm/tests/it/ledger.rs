//! Every byte of a run is in an account, at both ends the same.

use std::time::{Duration, Instant};

use dissect::{Amount, Direction, Layer, Ledger, Purpose};
use server::{Bookkeeper, Settings};
use swarm::{
    outcome::Outcome,
    plan::{Accounting, Plan, Variant},
};
use wire::{Carrier, Protocol};

use crate::fixture::{Server, assert_whole, each_variant_with, plan, run};

/// Waits until the server has seen the end of all connections.
pub(crate) fn accounts(keeper: &Bookkeeper) -> server::Accounts {
    let began = Instant::now();
    loop {
        let accounts = keeper.accounts();
        if accounts.open == 0 {
            return accounts;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{accounts:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `plan` against a server that keeps the ledger, too.
pub(crate) fn both_ends(plan: &Plan) -> (Outcome, server::Accounts) {
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    let (outcome, _) = run(plan, &server);
    // The server is there until it has seen the end of all connections.
    (outcome, accounts(&keeper))
}

/// Runs each variant against a server that keeps the ledger, too.
fn each_with_both_ends(
    change: impl Fn(&mut Plan) + Sync,
    test: impl Fn(&Plan, &Outcome, &server::Accounts) + Sync,
) {
    each_variant_with(|mut plan| {
        change(&mut plan);
        let (outcome, accounts) = both_ends(&plan);
        assert_whole(&plan, &outcome);
        test(&plan, &outcome, &accounts);
    });
}

/// Returns all accounts but the estimate of TCP and IP, which only one end makes.
pub(crate) fn entries(ledger: &Ledger) -> Vec<dissect::Entry> {
    let entries = ledger.iter();
    entries
        .filter(|entry| entry.layer != Layer::TcpIp)
        .collect()
}

pub(crate) fn assert_accounted(plan: &Plan, outcome: &Outcome) {
    let name = format!("{:?}", plan.variant);
    assert_eq!(outcome.unparsed, [""; 0], "{name}");
    assert_eq!(outcome.unparsed_bytes(), 0, "{name}");
    assert_eq!(outcome.ledger_difference, 0, "{name}");
    let totals = Direction::ALL.map(|way| outcome.ledger.total(way));
    assert_eq!(totals, outcome.metered, "{name}");
}

#[test]
fn both_ends_agree_in_every_account() {
    each_with_both_ends(
        |_| {},
        |plan, outcome, server| {
            assert_accounted(plan, outcome);
            let name = format!("{:?}", plan.variant);
            assert_eq!(server.faults, [""; 0], "{name}");
            assert_eq!(server.difference, 0, "{name}");
            assert_eq!(server.connections, outcome.accounted, "{name}");
            assert_eq!(server.metered, outcome.metered, "{name}");
            assert_eq!(entries(&server.ledger), entries(&outcome.ledger), "{name}");
        },
    );
}

#[test]
fn payloads_are_what_was_said_and_heard() {
    each_with_both_ends(
        |plan| plan.swarm.presence = true,
        |plan, outcome, _| {
            assert_accounted(plan, outcome);
            let name = format!("{:?}", plan.variant);
            let of = |way, purpose, layer| outcome.window_ledger.amount(way, purpose, layer);
            let heard = of(Direction::Down, Purpose::Deliver, Layer::Payload);
            // Drafts from before the window may arrive in it.
            assert!(heard.count >= outcome.delivered, "{name}: {heard:?}");
            assert!(heard.bytes >= outcome.payload_bytes, "{name}: {heard:?}");
            let all = outcome
                .ledger
                .amount(Direction::Down, Purpose::Deliver, Layer::Payload);
            let seconds = (plan.traffic.settle + plan.traffic.measure).as_secs_f64();
            let fewest = (seconds * plan.traffic.rate).round() as u64;
            let ledger = &outcome.ledger;
            let drafts = ledger
                .amount(Direction::Up, Purpose::Say, Layer::Payload)
                .count;
            // On a busy machine people settle for longer, and say more meanwhile.
            assert!(drafts >= fewest, "{name}: {drafts} of {fewest}");
            assert_eq!(all.count, drafts * plan.swarm.clients as u64, "{name}");
            let said = of(Direction::Up, Purpose::Say, Layer::Payload);
            assert!(said.count >= outcome.drafts_said, "{name}: {said:?}");
            let whole = |way, purpose| outcome.ledger.purpose(way, purpose);
            assert!(whole(Direction::Down, Purpose::Presence) > 0, "{name}");
            let acks = whole(Direction::Down, Purpose::Ack);
            let is_socket = plan.variant == Variant::Websocket;
            assert_eq!(acks == 0, is_socket, "{name}: {acks} bytes of answers");
        },
    );
}

#[test]
fn layers_fit_the_transport() {
    each_with_both_ends(
        |_| {},
        |plan, outcome, _| {
            let down = |layer| outcome.window_ledger.layer(Direction::Down, layer);
            let deliver = |layer| {
                let ledger = &outcome.window_ledger;
                ledger.amount(Direction::Down, Purpose::Deliver, layer)
            };
            match plan.variant.way().carrier() {
                Carrier::Batch => {
                    assert!(down(Layer::Batch) > 0 && down(Layer::HttpHead) > 0);
                    assert_eq!(down(Layer::Chunk) + down(Layer::WsHead), 0);
                }
                Carrier::Stream(_) => {
                    assert!(down(Layer::TextFrame) > 0 && deliver(Layer::Chunk).bytes > 0);
                    assert_eq!(deliver(Layer::HttpHead), Amount::default());
                }
                Carrier::Frame => {
                    assert_eq!(down(Layer::HttpHead) + down(Layer::Chunk), 0);
                    let heads = deliver(Layer::WsHead);
                    assert!((2 * heads.count..=4 * heads.count).contains(&heads.bytes));
                    let ledger = &outcome.window_ledger;
                    let masks = ledger.amount(Direction::Up, Purpose::Say, Layer::WsMask);
                    assert_eq!(masks.bytes, 4 * masks.count);
                }
            }
            let all = |layer| {
                let ledger = &outcome.ledger;
                ledger.amount(Direction::Down, Purpose::Deliver, layer)
            };
            let scripts = match (plan.variant.protocol(), plan.variant.way().carrier()) {
                (Protocol::InPage, Carrier::Batch) => {
                    all(Layer::HttpHead).count * "/**/jp_aaaaaaaa();\n".len() as u64
                }
                (Protocol::InPage, _) => {
                    all(Layer::Payload).count * "<script>e()</script>".len() as u64
                }
                _ => 0,
            };
            assert_eq!(all(Layer::Envelope).bytes, scripts, "{:?}", plan.variant);
            // Segments go both ways, and each has headers.
            for way in Direction::ALL {
                let segments = outcome.ledger.amount(way, Purpose::Setup, Layer::TcpIp);
                assert!(segments.count >= outcome.accounted, "{segments:?}");
                assert_eq!(segments.bytes, 52 * segments.count + 8 * outcome.accounted);
            }
        },
    );
}

#[test]
fn a_sample_is_accounted_for_and_all_is_counted() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    plan.swarm.accounting = Accounting::Sample(3.try_into().unwrap());
    let (outcome, _) = run(&plan, &server);
    assert_whole(&plan, &outcome);
    assert_accounted(&plan, &outcome);
    assert_eq!(outcome.accounted, 3);
    let sample: u64 = outcome.metered.iter().sum();
    assert!(sample < outcome.bytes_up + outcome.bytes_down);

    plan.swarm.accounting = Accounting::Off;
    let (outcome, _) = run(&plan, &server);
    assert_whole(&plan, &outcome);
    assert_eq!((outcome.accounted, &outcome.ledger), (0, &Ledger::new()));
}
