//! Ways to speak and to pace beside the usual: what is said is still heard by
//! every reader once, and the figures show the mode.

use std::time::Duration;

use dissect::{Direction, Layer, Purpose};
use server::Settings;
use swarm::{
    Target,
    plan::{Back, Pacing, Speak, Variant},
};
use wire::Transport;

use crate::{
    fixture::{Server, assert_whole, each_variant, each_variant_with, plan, run},
    way::{link, run_to},
};

fn micros(histogram: &hdrhistogram::Histogram<u64>, quantile: f64) -> u64 {
    histogram.value_at_quantile(quantile) / 1_000
}

#[test]
fn who_only_posts_is_no_client() {
    for (speak, pacing) in [
        (Speak::Post, Pacing::Open),
        (Speak::Post, Pacing::Closed),
        (Speak::PostClose, Pacing::Open),
        (Speak::PostClose, Pacing::Closed),
    ] {
        each_variant(|mut plan, server| {
            (plan.traffic.speak, plan.traffic.pacing) = (speak, pacing);
            (plan.swarm.rooms, plan.traffic.publishers) = (Some(3), 2);
            let (outcome, _) = run(&plan, &server);
            assert_whole(&plan, &outcome);
            // Twenty drafts a room, and each room's four listeners hear them.
            assert_eq!((outcome.drafts_due, outcome.expected), (60, 60 * 4));
            assert_eq!(outcome.drafts_unsent, 0);
        });
    }
}

#[test]
fn more_may_post_than_listen() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    (
        plan.swarm.clients,
        plan.traffic.publishers,
        plan.traffic.speak,
    ) = (1, 5, Speak::Post);
    let (outcome, _) = run(&plan, &server);
    assert_whole(&plan, &outcome);
    assert_eq!(outcome.expected, 20);
}

#[test]
fn a_closed_loop_delivers_all_and_asks_a_websocket_for_answers() {
    each_variant(|mut plan, server| {
        plan.traffic.pacing = Pacing::Closed;
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let acks: u64 = Layer::ALL
            .map(|layer| outcome.ledger.amount(Direction::Down, Purpose::Ack, layer))
            .iter()
            .map(|amount| amount.bytes)
            .sum();
        assert!(acks > 0, "{:?}", plan.variant);
    });
}

#[test]
fn a_closed_loop_waits_for_the_answer_and_an_open_one_does_not() {
    let server = Server::start();
    // Fifty drafts a second by one speaker, and an answer takes 60 ms.
    let address = link(server.address, "delay=30ms");
    let mut plan = plan(Variant::Websocket);
    (plan.traffic.publishers, plan.traffic.rate) = (1, 50.0);
    let open = run_to(&plan, Target::at(address));
    assert_whole(&plan, &open);
    plan.traffic.pacing = Pacing::Closed;
    let closed = run_to(&plan, Target::at(address));
    assert_whole(&plan, &closed);
    assert_eq!(open.drafts_due, closed.drafts_due);
    // Of 65 drafts the last can only leave 64 answers after the first.
    let last = micros(&closed.due, 1.0);
    assert!(last >= 64 * 60_000 - 1_300_000, "{last}");
    // What each took since it was sent is the network alone, as in the open loop.
    assert!(micros(&closed.sent, 0.0) >= 60_000);
    assert!(micros(&closed.sent, 0.5) < last / 2);
    // Waiting for an answer is not the generator's lateness.
    assert!(micros(&closed.lateness, 0.5) < 60_000);
}

#[test]
fn so_many_are_in_flight() {
    each_variant_with(|mut plan| {
        // Who speaks waits for no other reader: one that a busy machine holds up
        // finds all in the log still.
        let server = Server::with(Settings {
            log_events: 1_000_000,
            ..Settings::default()
        });
        plan.traffic.pacing = Pacing::InFlight {
            count: 4,
            back: Back::Speaker,
        };
        (plan.swarm.rooms, plan.traffic.publishers) = (Some(2), 1);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert!(outcome.drafts_due >= 8, "{:?}", plan.variant);
        assert_eq!(outcome.expected, outcome.drafts_due * 6);
        if plan.variant.transport() == Transport::ShortPoll {
            // Eight at a time, and each comes back at a poll, every 50 ms.
            assert!(outcome.drafts_due <= 8 * 21, "{}", outcome.drafts_due);
        }
    });
}

#[test]
fn everyone_is_as_many_as_the_room_has() {
    each_variant(|mut plan, server| {
        plan.traffic.pacing = Pacing::InFlight {
            count: 1,
            back: Back::Everyone,
        };
        plan.swarm.room_sizes = Some(vec![1, 5]);
        plan.traffic.publishers = 1;
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        // Four rooms, and none stops after its first draft.
        assert!(outcome.drafts_due >= 8, "{:?}", plan.variant);
    });
}

#[test]
fn a_draft_is_back_when_everyone_has_heard_it() {
    each_variant(|mut plan, server| {
        plan.traffic.pacing = Pacing::InFlight {
            count: 1,
            back: Back::Everyone,
        };
        (plan.swarm.rooms, plan.traffic.publishers) = (Some(2), 1);
        plan.swarm.shards = 2;
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert!(outcome.drafts_due >= 2, "{:?}", plan.variant);
        // One after the other: what the last receivers of a room's drafts waited
        // fits the time in which they left, but for one still on its way.
        let waited = outcome.last.mean() * outcome.drafts_due as f64 / 2.0;
        let time = outcome.window.as_nanos() as f64;
        assert!(
            waited <= time * 1.1,
            "{waited} of {time} ns: {:?}",
            plan.variant
        );
    });
}

#[test]
fn a_link_may_be_on_one_side_only() {
    let server = Server::start();
    let slow = link(server.address, "delay=80ms");
    let mut plan = plan(Variant::HttpStream {
        framing: wire::Framing::Ndjson,
    });
    plan.traffic.speak = Speak::Post;
    let mut readers = Target::at(server.address);
    readers.address = slow;
    let mut speakers = Target::at(server.address);
    speakers.speakers = slow;
    let to_readers = run_to(&plan, readers);
    let from_speakers = run_to(&plan, speakers);
    for outcome in [&to_readers, &from_speakers] {
        assert_whole(&plan, outcome);
        assert!(micros(&outcome.due, 0.0) >= 80_000);
    }
    // On the way down the answer is the sign; on the way up nothing comes before
    // the first delivery.
    assert!(micros(&to_readers.heard, 0.5) >= 75_000);
    assert!(micros(&to_readers.accepted, 0.5) < 80_000);
    assert!(micros(&from_speakers.accepted, 0.0) >= 80_000);
    assert!(micros(&from_speakers.heard, 0.5) < 80_000);
    // Opening is a matter of readers alone.
    assert!(micros(&to_readers.opening, 0.0) >= 160_000);
    assert!(micros(&from_speakers.opening, 0.0) < micros(&to_readers.opening, 0.0));
}

#[test]
fn first_median_and_last_receiver_and_what_readers_hold() {
    each_variant(|mut plan, server| {
        plan.traffic.measure = Duration::from_secs(2);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        for histogram in [&outcome.first, &outcome.middle, &outcome.last] {
            assert_eq!(histogram.len(), outcome.drafts_due);
        }
        for quantile in [0.0, 0.5, 1.0] {
            let at = |histogram: &hdrhistogram::Histogram<u64>| micros(histogram, quantile);
            // A histogram's step of a thousandth lies between them at most.
            assert!(at(&outcome.first) <= at(&outcome.middle) * 1_001 / 1_000 + 1);
            assert!(at(&outcome.middle) <= at(&outcome.last) * 1_001 / 1_000 + 1);
        }
        assert_eq!(micros(&outcome.first, 0.0), micros(&outcome.due, 0.0));
        // Two seconds of ten samples each, of twelve readers; a busy machine
        // looks less often.
        assert!((12..=48 * 12).contains(&outcome.samples));
        assert_eq!(outcome.staleness.len(), outcome.samples);
        assert!(outcome.coherent_samples > 0);
        assert!(outcome.events >= outcome.delivered);
        assert!(outcome.connect_bytes_up > 0 && outcome.connect_bytes_down > 0);
        assert!(outcome.window >= plan.traffic.measure);
        assert!(outcome.speaking_cpu <= outcome.swarm_cpu);
        assert!(outcome.speaking_cpu > Duration::ZERO);
    });
}

#[test]
fn what_comes_later_than_the_bound_is_not_coherent() {
    let server = Server::start();
    let slow = link(server.address, "delay=150ms");
    let mut plan = plan(Variant::Websocket);
    plan.traffic.coherent_within = Duration::from_millis(100);
    let outcome = run_to(&plan, Target::at(slow));
    assert_whole(&plan, &outcome);
    assert!(outcome.samples > 0);
    // A draft every 50 ms, and each takes 300 ms: what was due 100 ms ago is
    // never there.
    assert_eq!(outcome.coherent_samples, 0);
    assert!(micros(&outcome.staleness, 0.0) >= 299_000);
}

#[test]
fn websockets_say_goodbye() {
    let server = Server::start();
    for pacing in [Pacing::Open, Pacing::Closed] {
        let mut plan = plan(Variant::Websocket);
        plan.traffic.pacing = pacing;
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let bytes = |way, layer| outcome.ledger.amount(way, Purpose::Close, layer).bytes;
        // RFC 6455, section 5.5.1: two bytes of head, four of mask, no reason.
        assert_eq!(bytes(Direction::Up, Layer::WsHead), 12 * 2);
        assert_eq!(bytes(Direction::Up, Layer::WsMask), 12 * 4);
        assert_eq!(bytes(Direction::Down, Layer::WsHead), 12 * 2);
    }
}
