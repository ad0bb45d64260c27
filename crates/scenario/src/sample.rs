//! A plan for unit tests.

use std::time::Duration;

use crate::plan::{Accounting, Arrivals, Pacing, Payload, Plan, Speak, Variant};

/// Ten people in two rooms, two publishers in each.
pub(crate) fn plan(variant: Variant) -> Plan {
    Plan {
        scenario: "sample".to_owned(),
        cell: "-".to_owned(),
        repeat: 1,
        variant,
        clients: 10,
        rooms: 2,
        publishers: 2,
        rate: 4.0,
        arrivals: Arrivals::Constant,
        speak: Speak::Same,
        pacing: Pacing::Open,
        payload: Payload { min: 40, max: 40 },
        presence: false,
        ramp: Duration::ZERO,
        settle: Duration::from_secs(1),
        measure: Duration::from_secs(1),
        drain: Duration::from_secs(1),
        coherent_within: Duration::from_secs(1),
        headers: Vec::new(),
        say_headers: Vec::new(),
        header_profile: "sample".to_owned(),
        shards: 1,
        accounting: Accounting::All,
        foreign: None,
        seed: 1,
    }
}
