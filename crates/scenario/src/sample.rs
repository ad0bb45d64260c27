//! A plan for unit tests.

use std::time::Duration;

use crate::plan::{Accounting, Headers, Io, Payload, Plan, Speak, Swarm, Traffic, Variant};

/// Returns a plan of ten people in two rooms, two publishers in each.
pub(crate) fn plan(variant: Variant) -> Plan {
    Plan {
        scenario: "sample".to_owned(),
        cell: "-".to_owned(),
        repeat: 1,
        variant,
        swarm: Swarm {
            clients: 10,
            rooms: Some(2),
            readers_per_room: None,
            room_sizes: None,
            rooms_per_clerk: None,
            tabs: 1,
            ramp: Duration::ZERO,
            connect_within: Duration::from_secs(30),
            shards: 1,
            presence: false,
            accounting: Accounting::All,
            io: Io::Epoll,
        },
        traffic: Traffic {
            publishers: 2,
            rate: 4.0,
            speak: Speak::Same,
            payload: Payload { min: 40, max: 40 },
            measure: Duration::from_secs(1),
            drain: Duration::from_secs(1),
            ..Traffic::default()
        },
        headers: Headers::default(),
        read_headers: Vec::new(),
        say_headers: Vec::new(),
        cut: None,
        reconnect: None,
        churn: None,
        answer: None,
        turns: None,
        foreign: None,
        seed: 1,
    }
}
