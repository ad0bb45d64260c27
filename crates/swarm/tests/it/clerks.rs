//! A clerk who reads in many rooms: one name, a connection for each room, and one more for what it
//! says by POST.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use swarm::plan::{Plan, Variant};
use wire::{Batch, Event, Kind, Protocol, Way, codec};

use crate::{
    fixture::{Server, assert_whole, each_variant, plan, run},
    ledger::assert_accounted,
};

/// The number of rooms, each of a customer and a clerk.
const ROOMS: usize = 6;
/// The number of rooms that one clerk is in.
const ROOMS_PER_CLERK: usize = 3;

/// Makes six rooms of a customer and a clerk, and two clerks of three rooms each.
pub(crate) fn employ(plan: &mut Plan) {
    (plan.swarm.clients, plan.swarm.rooms) = (2 * ROOMS, Some(ROOMS));
    plan.swarm.rooms_per_clerk = Some(ROOMS_PER_CLERK);
    plan.swarm.presence = true;
    plan.traffic.rate = 5.0;
}

/// Returns the names of those who entered a room, and how often each name spoke there.
fn seen_in(address: SocketAddr, room: usize) -> (BTreeSet<String>, BTreeMap<String, u64>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let ask = format!(
        "GET /rooms/r{room:05}/poll?after=0 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let log: Batch<Event> = codec::decode(body.as_bytes()).unwrap();
    let mut entered = BTreeSet::new();
    let mut spoke: BTreeMap<String, u64> = BTreeMap::new();
    for event in log.events {
        match event.kind {
            Kind::Join => {
                entered.insert(event.from);
            }
            Kind::Message => *spoke.entry(event.from).or_default() += 1,
            _ => {}
        }
    }
    (entered, spoke)
}

/// Checks that each room saw its customer and its clerk, by name, and that either answered the
/// other.
fn assert_names(plan: &Plan, address: SocketAddr) {
    for room in 0..ROOMS {
        let (entered, spoke) = seen_in(address, room);
        // The clerks are numbered from 6 on, and named by the reader in their first room.
        let clerk = ROOMS + room / ROOMS_PER_CLERK * ROOMS_PER_CLERK;
        let both = BTreeSet::from([format!("p{room:06}"), format!("p{clerk:06}")]);
        let name = format!("room {room} of {:?}", plan.variant);
        assert_eq!(entered, both, "{name}");
        assert_eq!(
            spoke.keys().cloned().collect::<BTreeSet<_>>(),
            both,
            "{name}"
        );
        let fewest = spoke.values().min().copied().unwrap_or_default();
        let most = spoke.values().max().copied().unwrap_or_default();
        assert!(most - fewest <= 1, "{name}: {spoke:?}");
    }
}

#[test]
fn a_clerk_has_one_name_and_a_connection_for_each_room() {
    each_variant(|mut plan, server| {
        employ(&mut plan);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_accounted(&plan, &outcome);
        assert_eq!(outcome.expected, 2 * 5 * ROOMS as u64, "{:?}", plan.variant);
        assert_names(&plan, server.address);
        if plan.variant.keeps_connections() {
            let customers_and_clerks = ROOMS + ROOMS / ROOMS_PER_CLERK;
            let by_post = if plan.variant.way().carries_drafts() {
                0
            } else {
                customers_and_clerks
            };
            let opened = outcome.accounted - outcome.extra_connections;
            let predicted = (2 * ROOMS + by_post) as u64;
            assert_eq!(opened, predicted, "{:?}", plan.variant);
        }
    });
}

#[test]
fn a_clerk_has_one_name_in_the_protocol_of_a_library() {
    for protocol in [Protocol::SocketIo, Protocol::Sockjs] {
        let mut plan = plan(Variant::Library {
            protocol,
            way: Way::Websocket,
            keep_alive: true,
        });
        employ(&mut plan);
        let server = Server::start();
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        assert_names(&plan, server.address);
    }
}
