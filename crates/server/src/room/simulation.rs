//! A simulation of a room: its log, places, seats, leases and people under a scheduler that draws
//! each next step from a seed. Readers are slow, tasks are polled late and in any order, sweeps are
//! interrupted; only the code between is the real one. A model says after each step what must be so.
//!
//! The server crashes now and then in half of the worlds. Half of all worlds have a store, on a disk
//! that loses or tears what was not synced: there the log goes on, and each place in it stays good.
//! Without a store each crash is the end of a log, and whoever comes back with a place of the old log
//! must be told that there is a new one.
//!
//! A seed does the same each time: everything runs on one thread, a socket is a pipe in memory, and
//! time is what the lot says.
//!
//! `WIREBENCH_SEEDS=10000 cargo test -p wirebench-server --lib simulation` tries as many seeds.

mod chance;
mod model;
mod people;
mod reader;
mod store;
mod world;

use crate::room::planted::{self, Fault};

use world::run;

/// The seeds of a usual test.
const SEEDS: u64 = 400;

fn seeds() -> u64 {
    let asked = std::env::var("WIREBENCH_SEEDS");
    asked.map_or(SEEDS, |asked| asked.parse().expect("a number of seeds"))
}

#[test]
fn a_room_keeps_its_promises_in_whatever_order_things_happen() {
    let (mut events, mut crashes, mut losses) = (0, 0, 0);
    for seed in 0..seeds() {
        let trace = run(seed).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        events += trace.len() as u64;
        let count = |words: &str| trace.iter().filter(|line| line.contains(words)).count() as u64;
        crashes += count("a crash");
        losses += count("more were written") - count(", 0 are lost");
    }
    // Nothing is shown by worlds in which nothing happens, or by crashes that lose nothing.
    assert!(events > 50 * seeds(), "{events}");
    assert!(crashes >= seeds() / 2, "{crashes}");
    assert!(losses >= seeds() / 20, "{losses}");
}

#[test]
fn a_seed_repeats_its_trace() {
    let traces: Vec<_> = (0..20).map(run).collect();
    assert_eq!(traces, (0..20).map(run).collect::<Vec<_>>());
    assert!((1..20).all(|seed| traces[seed] != traces[0]));
}

/// Checks that the simulation would find such faults if they were there; each within the seeds of a
/// usual test.
#[test]
#[expect(clippy::print_stdout, reason = "who runs it wants to see by what")]
fn each_planted_fault_is_found() {
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        let planted = planted::plant(fault);
        match (0..SEEDS).find_map(|seed| Some((seed, run(seed).err()?))) {
            Some((seed, why)) => println!("{fault:?}: seed {seed}: {why}"),
            None => missed.push(fault),
        }
        drop(planted);
    }
    assert!(missed.is_empty(), "{missed:?}");
}
