//! The resolution of cells to runs: transport x cell x repeat, seeded, in running order.

use std::time::Duration;

use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use super::{Cell, Study, headers};
use crate::plan::{Plan, Turns, Variant};

/// Returns all runs of a study, in the order in which they are to be run.
pub(super) fn plans(study: &Study) -> Vec<Plan> {
    let in_file_order = study.cells.len() == 1 && study.repeats == 1;
    let mut plans = Vec::new();
    for repeat in 1..=study.repeats {
        let start = plans.len();
        for cell in &study.cells {
            let variants = cell
                .scenario
                .transport
                .iter()
                .map(super::TransportEntry::variant);
            plans.extend(variants.map(|variant| plan(study, cell, variant, repeat)));
        }
        // Repeat by repeat: a machine that grows slower in the course of an hour
        // then does so for every cell and transport alike.
        if !in_file_order {
            let mut lot = StdRng::seed_from_u64(mixed(study.seed, &format!("order {repeat}")));
            plans[start..].shuffle(&mut lot);
        }
    }
    plans
}

fn plan(study: &Study, cell: &Cell, variant: Variant, repeat: usize) -> Plan {
    let scenario = &cell.scenario;
    let mut traffic = scenario.traffic.clone();
    if traffic.publishers == 0 {
        // Nothing is due where nobody speaks, whatever rate stands there by default.
        traffic.rate = 0.0;
    }
    let (read_headers, say_headers) =
        headers::lines(&cell.profile, &scenario.headers, &variant, traffic.speak);
    let target = scenario.target.as_ref();
    let foreign = target.and_then(|target| target.foreign(&variant));
    Plan {
        scenario: study.name.clone(),
        cell: cell.label.clone(),
        repeat,
        variant,
        swarm: scenario.swarm.clone(),
        traffic,
        headers: scenario.headers.clone(),
        read_headers,
        say_headers,
        cut: scenario.cut.clone(),
        reconnect: scenario.reconnect.clone(),
        churn: scenario.churn.clone(),
        answer: scenario.answer.clone(),
        turns: scenario.agent.clone().map(|agent| Turns {
            agent,
            delay: scenario
                .link
                .as_ref()
                .map_or(Duration::ZERO, |link| link.delay),
        }),
        foreign,
        // Without the transport in it: all transports get the same schedule.
        seed: mixed(study.seed, &format!("{} {repeat}", cell.label)),
    }
}

/// Makes a seed of its own for each name, from one seed: FNV-1a over the name, then the finaliser
/// of `SplitMix64` (Steele, Lea, Flood 2014), so that seeds 1 and 2 have nothing in common. The
/// upper 53 bits, which a JSON number keeps exactly.
fn mixed(seed: u64, name: &str) -> u64 {
    let named = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let mut mixed = named.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) >> 11
}
