//! The search for values that are well formed and cannot work, before anything starts.
//!
//! Each refusal says what would work. Values are examined one by one, then against each
//! other; only the first problem is reported.

mod churn;
mod cut;
mod name;
mod no_chat;
mod proxy;
mod rooms;
mod server;
mod target;
mod traffic;
mod transports;

use std::time::Duration;

use humantime_serde::re::humantime::format_duration;

use super::{Scenario, error::Problem, headers, swarm::rooms::people_in};
use crate::plan::{LONGEST_RUN, Speak};

/// The longest cookie: with it a request's head fits the server's 64 KiB by far.
pub(super) const LONGEST_COOKIE: usize = 32_768;

/// More would be a mistake in writing.
const MOST_REPEATS: usize = 1_000;
/// More threads than this of either side only wait for each other.
pub const MOST_THREADS: usize = 256;

/// Longer than anyone waits, and short enough for every clock.
const LONGEST: Duration = Duration::from_hours(24);

/// Files open beside the connections: the process's own, its timers and pollers.
const OTHER_DESCRIPTORS: u64 = 64;

type Checked = Result<(), Problem>;

/// Checks everything that can be told from one cell alone.
pub(super) fn cell(scenario: &Scenario) -> Checked {
    name::check(&scenario.name)?;
    counts(scenario)?;
    threads(scenario)?;
    repeats(scenario)?;
    durations(scenario)?;
    rooms::check(scenario)?;
    rooms::clerks(scenario)?;
    traffic::check(scenario)?;
    server::check(scenario)?;
    cut::check(scenario)?;
    churn::check(scenario)?;
    no_chat::check(scenario)?;
    headers::check(&scenario.headers)?;
    transports::link(scenario)?;
    proxy::check(scenario)?;
    transports::check(scenario)?;
    target::check(scenario)
}

pub(super) use server::way;

/// Checks that `limit` open files are enough: one for each reader, one more for each
/// speaker who does not speak on the reader's socket, and those for everything else.
pub(super) fn descriptors(scenario: &Scenario, limit: u64) -> Checked {
    let rooms = scenario.swarm.room_count();
    let speakers = scenario.traffic.publishers.saturating_mul(rooms) as u64;
    let over_http = scenario
        .transport
        .iter()
        .any(|entry| !entry.variant().way().carries_drafts());
    let beside = over_http || scenario.traffic.speak != Speak::Same;
    let spoken = if beside { speakers } else { 0 };
    let aside = spoken.saturating_add(OTHER_DESCRIPTORS);
    let needed = (scenario.swarm.clients as u64).saturating_add(aside);
    ensure(needed <= limit, "swarm.clients", || {
        let most = limit.saturating_sub(aside);
        let remedy = if let Some(clients) = fewer_clients(scenario, most) {
            format!("clients = {clients} would work, or a higher hard limit (ulimit -Hn)")
        } else {
            let nobody = if most == 0 {
                "not even one reader would fit: "
            } else {
                ""
            };
            let fewer = if spoken > 0 {
                "fewer publishers or rooms, or "
            } else {
                ""
            };
            format!("{nobody}{fewer}a hard limit (ulimit -Hn) of {needed} would work")
        };
        (
            format!(
                "{} readers and {spoken} more for who speaks over HTTP need {needed} open files, and {limit} are allowed",
                scenario.swarm.clients
            ),
            remedy,
        )
    })
}

/// Returns the largest number of clients up to `most` with which the scenario could work: they fill
/// their rooms, and there is nobody without one. `None` if there is no such number.
fn fewer_clients(scenario: &Scenario, most: u64) -> Option<usize> {
    let mut fewer = scenario.clone();
    let swarm = &mut fewer.swarm;
    let rooms = swarm.room_count();
    let together = match &swarm.room_sizes {
        Some(sizes) => people_in(sizes),
        // The file may say how many people are in a room, and not how many rooms there are.
        None if rooms > 1 && swarm.clients.is_multiple_of(rooms) => swarm.clients / rooms,
        None => 1,
    };
    swarm.clients = most as usize / together * together;
    if swarm.room_sizes.is_some() {
        swarm.rooms = None;
    }
    let clients = swarm.clients;
    cell(&fewer).is_ok().then_some(clients)
}

fn ensure(holds: bool, key: &str, say: impl FnOnce() -> (String, String)) -> Checked {
    if holds {
        return Ok(());
    }
    let (problem, remedy) = say();
    Err(Problem::new(key, problem, remedy))
}

fn at_most_a_day(key: &str, duration: Duration) -> Checked {
    ensure(duration <= LONGEST, key, || {
        (
            "nothing here lasts longer than a day".to_owned(),
            "seconds or minutes would work".to_owned(),
        )
    })
}

fn counts(scenario: &Scenario) -> Checked {
    let counts = [
        (
            "repeats",
            scenario.repeats,
            "runs nothing",
            "1 is a look, 5 carry a verdict",
        ),
        (
            "sittings",
            scenario.sittings,
            "makes no run",
            "1 is the default",
        ),
        (
            "swarm.clients",
            scenario.swarm.clients,
            "leaves nobody to hear anything",
            "1 is the least",
        ),
        (
            "swarm.shards",
            scenario.swarm.shards,
            "leaves no thread that reads",
            "1 is the least",
        ),
        (
            "server.threads",
            scenario.server.threads,
            "leaves no thread that serves",
            "1 is the least",
        ),
        (
            "server.log",
            scenario.server.log,
            "keeps no event for anyone to read",
            "200 is the default",
        ),
    ];
    counts
        .into_iter()
        .try_for_each(|(key, count, problem, remedy)| {
            ensure(count > 0, key, || {
                (format!("0 {problem}"), remedy.to_owned())
            })
        })
}

fn threads(scenario: &Scenario) -> Checked {
    let sides = [
        ("swarm.shards", scenario.swarm.shards),
        ("server.threads", scenario.server.threads),
    ];
    sides.into_iter().try_for_each(|(key, count)| {
        ensure(count <= MOST_THREADS, key, || {
            let problem = format!("{count} threads are more than the {MOST_THREADS} allowed");
            (
                problem,
                "one for each processor is the most that helps".to_owned(),
            )
        })
    })
}

fn repeats(scenario: &Scenario) -> Checked {
    ensure(scenario.repeats <= MOST_REPEATS, "repeats", || {
        (
            format!("more than {MOST_REPEATS} repeats tell nothing new"),
            "10 are many".to_owned(),
        )
    })?;
    ensure(
        scenario.sittings.max(1) <= scenario.repeats,
        "sittings",
        || {
            (
                format!(
                    "{} repeats cannot be spread over {} sittings",
                    scenario.repeats, scenario.sittings
                ),
                format!("repeats = {} would work", scenario.sittings),
            )
        },
    )
}

fn durations(scenario: &Scenario) -> Checked {
    let traffic = &scenario.traffic;
    let durations = [
        ("swarm.ramp", scenario.swarm.ramp),
        ("swarm.connect_within", scenario.swarm.connect_within),
        ("traffic.settle", traffic.settle),
        ("traffic.measure", traffic.measure),
        ("traffic.drain", traffic.drain),
        ("traffic.coherent_within", traffic.coherent_within),
    ];
    for (key, duration) in durations {
        at_most_a_day(key, duration)?;
    }
    let whole = scenario.swarm.ramp + traffic.settle + traffic.measure + traffic.drain;
    ensure(whole <= LONGEST_RUN, "traffic.measure", || {
        (
            format!(
                "with ramp, settle and drain a run would last {}",
                format_duration(whole)
            ),
            format!(
                "up to {} a draft's tag can tell its times",
                format_duration(LONGEST_RUN)
            ),
        )
    })?;
    ensure(
        !scenario.swarm.connect_within.is_zero(),
        "swarm.connect_within",
        || {
            (
                "nobody is connected in 0s".to_owned(),
                "30s is the default".to_owned(),
            )
        },
    )?;
    ensure(!traffic.measure.is_zero(), "traffic.measure", || {
        (
            "nothing counts in a measure of 0s".to_owned(),
            "10s is the default".to_owned(),
        )
    })
}
