//! A server that is not ours, described: all is heard, and what it does wrong
//! is noticed by tags alone.

use std::thread;

use swarm::{
    Target,
    outcome::Outcome,
    plan::{Back, Foreign, Message, Pacing, Plan, Reading, Saying, Variant},
};
use wire::{Carrier, Exchange, Framing};

use crate::{
    fixture::{assert_whole, each_variant_with, plan},
    foreign_server::{Fault, ForeignServer},
};

/// Returns the way in which that server is to be read over a transport.
fn reading(variant: &Variant) -> Reading {
    let way = variant.way();
    let (path, header) = match way.carrier() {
        Carrier::Batch if way.exchange() == Exchange::Immediate => {
            ("/{room}/now?from={header X-Next|0}", None)
        }
        Carrier::Batch => ("/{room}/held", Some("X-From: {json page.next}")),
        Carrier::Stream(Framing::Ndjson) => ("/{room}/lines", None),
        Carrier::Stream(Framing::Sse) => ("/{room}/events", Some("Last-Event-ID: {id}")),
        Carrier::Frame => ("/{room}/socket?me={person}", None),
    };
    Reading {
        headers: header.into_iter().map(str::to_owned).collect(),
        empty: vec![204],
        ..Reading::of(path)
    }
}

pub(crate) fn described(mut plan: Plan) -> Plan {
    plan.foreign = Some(Foreign {
        message: Message::Draft,
        transforms: false,
        session: None,
        read: reading(&plan.variant),
        say: Saying {
            path: Some("/{room}/say".to_owned()),
            taken: vec![202],
            ..Saying::default()
        },
    });
    plan
}

/// Returns a plan with one publisher who waits for answers, so that drafts have an order.
fn in_order(plan: Plan) -> Plan {
    let mut plan = described(plan);
    plan.traffic.publishers = 1;
    if plan.variant != Variant::Websocket {
        plan.traffic.pacing = Pacing::Closed;
    }
    plan
}

fn run(plan: &Plan, server: &ForeignServer) -> Outcome {
    let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}

fn assert_accounted(plan: &Plan, outcome: &Outcome) {
    assert_eq!(outcome.ledger_difference, 0, "{:?}", plan.variant);
    assert_eq!(outcome.unparsed, [""; 0], "{:?}", plan.variant);
    assert_eq!(outcome.unparsed_bytes(), 0, "{:?}", plan.variant);
}

#[test]
fn all_is_heard_over_each_transport_and_each_byte_accounted_for() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::None);
        let mut plan = described(plan);
        plan.swarm.rooms = Some(2);
        let outcome = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
        assert_eq!(outcome.expected, 2 * 20 * 6);
    });
}

#[test]
fn a_body_of_the_server_s_own_is_said_and_found_again() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::None);
        let mut plan = described(plan);
        let foreign = plan.foreign.as_mut().unwrap();
        foreign.say.body = r#"{"do":"say","what":{draft_text}}"#.to_owned();
        // Over a socket, too, drafts may be said by POST.
        foreign.say.on_socket = false;
        let outcome = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
    });
}

#[test]
fn a_lost_message_is_noticed() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::Lost);
        let mut plan = described(plan);
        plan.traffic.drain = std::time::Duration::from_secs(2);
        let outcome = run(&plan, &server);
        let (early, failures) = (&outcome.ended_early, &outcome.failures);
        assert_eq!(
            outcome.lost(),
            12,
            "{:?}: of {}, {early:?}, {failures:?}",
            plan.variant,
            outcome.expected
        );
        if plan.variant == Variant::Websocket {
            // Only here a reader takes leave, and says what it never got.
            let skipped = "events skipped without a word from the server".to_owned();
            assert_eq!(outcome.failures, [(skipped, 12)].into());
        }
    });
}

#[test]
fn a_doubled_message_is_noticed_and_counted_once() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::Doubled);
        let plan = described(plan);
        let outcome = run(&plan, &server);
        assert_eq!(outcome.duplicated, 12, "{:?}", plan.variant);
        assert_eq!(outcome.delivered, outcome.expected, "{:?}", plan.variant);
    });
}

#[test]
fn an_altered_text_is_noticed() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::Altered);
        let outcome = run(&described(plan), &server);
        assert_eq!(outcome.delivered, outcome.expected);
        assert_eq!((outcome.altered, outcome.failures), (12, [].into()));
    });
}

#[test]
fn a_tag_without_its_text_is_no_message_unless_the_server_says_so() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::TagAlone);
        let mut plan = described(plan);
        let outcome = run(&plan, &server);
        assert_eq!(outcome.failures, [].into(), "{:?}", plan.variant);
        let altered = outcome.altered;
        assert!(altered >= outcome.expected, "{altered}");
        plan.foreign.as_mut().unwrap().transforms = true;
        let outcome = run(&plan, &server);
        assert_eq!(outcome.failures, [].into(), "{:?}", plan.variant);
        assert_eq!(outcome.altered, 0, "{:?}", plan.variant);
    });
}

#[test]
fn a_message_out_of_order_is_noticed() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::Late);
        let plan = in_order(plan);
        let outcome = run(&plan, &server);
        assert_eq!(outcome.reordered, 12, "{:?}", plan.variant);
        assert_eq!(outcome.delivered, outcome.expected, "{:?}", plan.variant);
    });
}

#[test]
fn a_message_of_another_room_is_noticed() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::Everywhere);
        let mut plan = described(plan);
        plan.swarm.rooms = Some(2);
        let outcome = run(&plan, &server);
        // Each room's twelfth message comes to the other room's six people.
        let kind = "a message of another room".to_owned();
        assert_eq!(outcome.failures, [(kind, 12)].into(), "{:?}", plan.variant);
        assert_eq!(outcome.delivered, outcome.expected, "{:?}", plan.variant);
    });
}

#[test]
fn a_reader_comes_back_to_its_place_on_an_event_stream() {
    let server = ForeignServer::start(Fault::Cut);
    let plan = described(plan(Variant::HttpStream {
        framing: Framing::Sse,
    }));
    let outcome = run(&plan, &server);
    // An orderly end is a stream's normal life, and no failure.
    assert_eq!(outcome.failures, [].into());
    assert_eq!(outcome.stream_ends, 12);
    assert_eq!(outcome.delivered, outcome.expected);
    assert_eq!((outcome.duplicated, outcome.reordered), (0, 0));
}

#[test]
fn what_an_earlier_run_said_is_not_counted() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::None);
        let mut plan = described(plan);
        // One room for all runs, and who comes gets all that was ever said.
        let foreign = plan.foreign.as_mut().unwrap();
        foreign.read.path = foreign.read.path.replace("{room}", "hall");
        foreign.say.path = Some("/hall/say".to_owned());
        for _ in 0..2 {
            let outcome = run(&plan, &server);
            assert_whole(&plan, &outcome);
        }
    });
}

#[test]
fn drafts_in_flight_need_no_schedule() {
    each_variant_with(|plan| {
        let server = ForeignServer::start(Fault::None);
        let mut plan = described(plan);
        plan.traffic.pacing = Pacing::InFlight {
            count: 2,
            back: Back::Speaker,
        };
        let outcome = run(&plan, &server);
        assert!(outcome.delivered > 0);
        assert_eq!(outcome.failures, [].into(), "{:?}", plan.variant);
        assert_eq!(outcome.delivered, outcome.expected, "{:?}", plan.variant);
        assert_eq!(outcome.duplicated, 0, "{:?}", plan.variant);
    });
}

#[test]
fn our_own_contract_can_be_described_as_well() {
    thread::scope(|scope| {
        for (variant, path) in [
            (Variant::Websocket, "/rooms/{room}/ws?after={seq|latest}"),
            (
                Variant::LongPoll {
                    hold: std::time::Duration::from_secs(25),
                    keep_alive: true,
                },
                "/rooms/{room}/long-poll?after={seq|latest}&hold={hold}",
            ),
            (
                Variant::ShortPoll {
                    interval: std::time::Duration::from_millis(50),
                    keep_alive: true,
                },
                "/rooms/{room}/poll?after={seq|latest}",
            ),
            (
                Variant::HttpStream {
                    framing: Framing::Sse,
                },
                "/rooms/{room}/sse?after={seq|latest}",
            ),
        ] {
            scope.spawn(move || {
                let server = crate::fixture::Server::start();
                let mut plan = described(plan(variant));
                let foreign = plan.foreign.as_mut().unwrap();
                foreign.message = Message::Event;
                foreign.read.path = path.to_owned();
                foreign.read.headers.clear();
                foreign.say = Saying {
                    path: Some("/rooms/{room}/messages".to_owned()),
                    ..Saying::default()
                };
                let (outcome, _) = crate::fixture::run(&plan, &server);
                assert_whole(&plan, &outcome);
                assert_accounted(&plan, &outcome);
            });
        }
    });
}
