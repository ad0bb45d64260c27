//! A single test body for every transport and variant: every reader hears everything that
//! is sent, in order and once.

use std::time::Duration;

use swarm::{
    outcome::{Notice, Phase},
    plan::{Arrivals, Plan, Speak, Variant},
};
use wire::{Carrier, Exchange};

use crate::fixture::{Server, assert_whole, each_variant, plan, run};

fn all_variants_deliver(change: impl Fn(&mut Plan) + Sync, expected: u64) {
    each_variant(|mut plan, server| {
        change(&mut plan);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_eq!(outcome.expected, expected, "{:?}", plan.variant);
    });
}

#[test]
fn one_room() {
    all_variants_deliver(|_| {}, 20 * 12);
}

#[test]
fn several_rooms_one_publisher_each() {
    let change = |plan: &mut Plan| {
        plan.swarm.rooms = Some(3);
        plan.traffic.publishers = 1;
    };
    all_variants_deliver(change, 20 * 12);
}

/// Checks rooms of one, two and three people, twice over. Poisson arrivals give each room a number
/// of drafts of its own, so a person that were counted in another room would be missed.
#[test]
fn rooms_of_several_sizes() {
    for (speak, publishers) in [(Speak::Same, 1), (Speak::Post, 2)] {
        each_variant(|mut plan, server| {
            plan.swarm.room_sizes = Some(vec![1, 2, 3]);
            plan.traffic.arrivals = Arrivals::Poisson;
            (plan.traffic.speak, plan.traffic.publishers) = (speak, publishers);
            let (outcome, _) = run(&plan, &server);
            assert_whole(&plan, &outcome);
            assert_eq!(outcome.expected, outcome.delivered);
            assert!(
                outcome.expected != outcome.drafts_due * 2,
                "the same in each room"
            );
        });
    }
}

#[test]
fn presence_and_bursts() {
    let change = |plan: &mut Plan| {
        plan.swarm.presence = true;
        plan.swarm.rooms = Some(2);
        plan.traffic.arrivals = Arrivals::Burst { size: 10 };
    };
    all_variants_deliver(change, 20 * 12);
}

#[test]
fn what_is_told_adds_up() {
    each_variant(|mut plan, server| {
        plan.traffic.arrivals = Arrivals::Poisson;
        let (outcome, notices) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let phases: Vec<Phase> = notices
            .iter()
            .filter_map(|notice| match notice {
                Notice::Phase(phase) => Some(*phase),
                _ => None,
            })
            .collect();
        let in_order = [Phase::Connect, Phase::Settle, Phase::Measure, Phase::Drain];
        assert_eq!(phases, in_order);
        let (mut delivered, mut up, mut down) = (0, 0, 0);
        for notice in &notices {
            if let Notice::Second(second) = notice {
                delivered += second.delivered;
                assert_eq!(second.due.len(), second.delivered);
                assert_eq!(second.connected, plan.swarm.clients);
                up += second.bytes_up;
                down += second.bytes_down;
            }
        }
        assert_eq!(delivered, outcome.delivered);
        assert_eq!((up, down), (outcome.bytes_up, outcome.bytes_down));
    });
}

#[test]
fn bytes_and_exchanges_fit_the_transport() {
    each_variant(|mut plan, server| {
        // Slower than the polls, so that some of them are empty.
        plan.traffic.rate = 5.0;
        // No draft is due just as the window begins.
        plan.traffic.settle = Duration::from_millis(400);
        let (outcome, _) = run(&plan, &server);
        let delivered = outcome.delivered;
        assert!(outcome.payload_bytes > delivered * 40);
        assert!(outcome.bytes_down > outcome.payload_bytes);
        assert!(outcome.bytes_before > 0);
        let way = plan.variant.way();
        match (way.exchange(), way.carrier()) {
            (Exchange::Immediate, _) => {
                assert!(outcome.empty_exchanges > 0);
                assert!(outcome.exchanges > outcome.empty_exchanges);
            }
            (Exchange::Held, _) => {
                assert!(outcome.exchanges > 0 && outcome.exchanges <= delivered + 12);
                assert_eq!(outcome.empty_exchanges, 0);
            }
            (Exchange::Open, Carrier::Batch | Carrier::Stream(_)) => {
                assert!(outcome.exchanges >= delivered);
            }
            // A frame head of 2 to 4 bytes each and nothing else comes down.
            (Exchange::Open, Carrier::Frame) => {
                let heads = outcome.bytes_down - outcome.payload_bytes;
                assert!((2 * delivered..=4 * delivered + 4 * 12).contains(&heads));
            }
        }
    });
}

#[test]
fn silence_is_a_run_too() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    plan.traffic.rate = 0.0;
    plan.traffic.publishers = 0;
    let (outcome, _) = run(&plan, &server);
    assert_eq!(outcome.failures, [].into());
    assert_eq!((outcome.expected, outcome.delivered), (0, 0));
    assert_eq!((outcome.bytes_up, outcome.bytes_down), (0, 0));
    assert_eq!(outcome.opening.len(), 12);
}
