//! One shard of a run: a part of the people of the plan in this process, while other processes, here
//! or on other machines, run the rest.

pub(crate) mod count;
pub(crate) mod kept;
pub(crate) mod ready;

use std::{
    collections::BTreeMap,
    thread::sleep,
    time::{Duration, SystemTime},
};

use anyhow::{bail, ensure};
use swarm::{
    Part, Target,
    plan::{Plan, RunId},
};

use crate::{args, interrupt::Interrupt};

use ready::Unready;

/// The time before the first draft at which everybody should be connected.
const CONNECTED: Duration = Duration::from_secs(5);
/// The time between the last moment of a run and the first connection of the next: a calibration,
/// the row, and clocks that differ.
const BETWEEN: Duration = Duration::from_secs(10);
/// The time between two looks at a request to end.
const LOOK: Duration = Duration::from_millis(100);

/// One shard of the runs of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Shard {
    pub(crate) part: Part,
    /// The largest error of the calendar clock, if somebody states it.
    pub(crate) clock_error: Option<Duration>,
    begin: Begin,
}

/// The moment that all shards begin by.
#[derive(Debug, Clone)]
enum Begin {
    /// Nothing: there is no other shard.
    AtOnce,
    /// The calendar, with a time for each run.
    At(BTreeMap<RunId, SystemTime>),
    /// The server's own count of people, which is awaited for so long.
    Barrier(Duration),
}

impl Shard {
    /// Returns the shard that the command line asks for, if it does.
    ///
    /// # Errors
    /// Fails if shards would not begin together.
    pub(crate) fn asked(options: &args::Shards, plans: &[Plan]) -> anyhow::Result<Option<Self>> {
        let Some(part) = options.shard else {
            return Ok(None);
        };
        let begin = match (options.start_at, options.barrier) {
            (Some(first), _) => {
                let starts = starts(first, plans);
                ensure!(
                    first > SystemTime::now(),
                    "--start-at has passed; choose a time by which everybody can be connected"
                );
                Begin::At(starts)
            }
            (None, Some(limit)) => {
                ensure!(
                    plans.len() == 1,
                    "--barrier is for one run, and these are {}: choose one with --only and --set, \
                     or give --start-at, which counts on for the runs after the first",
                    plans.len()
                );
                Begin::Barrier(limit)
            }
            (None, None) if part.is_whole() => Begin::AtOnce,
            (None, None) => {
                bail!("all shards begin together: give each the same --start-at, or --barrier")
            }
        };
        Ok(Some(Self {
            part,
            clock_error: options.clock_error,
            begin,
        }))
    }

    /// Returns what this shard has to wait for in a run.
    pub(crate) fn ready(&self, plan: &Plan, target: &Target) -> anyhow::Result<Unready> {
        Ok(match &self.begin {
            Begin::AtOnce => Unready::at_once(),
            Begin::At(starts) => Unready::at(starts.get(&plan.id()).copied()),
            Begin::Barrier(limit) => Unready::counted(plan, target, *limit)?,
        })
    }

    /// Waits until the people of a run may connect: after the end of the run before on every shard.
    pub(crate) fn wait_to_connect(&self, plan: &Plan, interrupt: &Interrupt) {
        let Begin::At(starts) = &self.begin else {
            return;
        };
        let before = plan.swarm.ramp + CONNECTED;
        let start = starts.get(&plan.id()).copied();
        let Some(at) = start.and_then(|start| start.checked_sub(before)) else {
            return;
        };
        while let Ok(rest) = at.duration_since(SystemTime::now()) {
            if interrupt.seen() || rest.is_zero() {
                return;
            }
            sleep(rest.min(LOOK));
        }
    }

    /// Returns the plan as the rows of this shard tell it: with its own people.
    pub(crate) fn told(&self, plan: &Plan) -> Plan {
        let mut told = plan.clone();
        told.swarm.clients = self.part.clients(plan);
        told
    }
}

/// Returns when each run begins, if the first does at `first`: so much later than the one before that
/// every shard has ended it, whatever it waited for.
fn starts(first: SystemTime, plans: &[Plan]) -> BTreeMap<RunId, SystemTime> {
    let mut at = first;
    let mut starts = BTreeMap::new();
    for (place, plan) in plans.iter().enumerate() {
        if place > 0 {
            at += plan.swarm.ramp + CONNECTED;
        }
        starts.insert(plan.id(), at);
        let traffic = &plan.traffic;
        at += traffic.settle + traffic.measure + traffic.drain + BETWEEN;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans() -> Vec<Plan> {
        let scenario = "name = \"x\"\nquestion = \"\"\nrepeats = 2\n[swarm]\nclients = 4\n\
             ramp = \"1s\"\n[traffic]\nsettle = \"2s\"\nmeasure = \"3s\"\ndrain = \"4s\"\n\
             [[transport]]\nkind = \"websocket\"\n";
        let study = scenario::Study::from_text("x.toml", scenario, &[]);
        study.expect("a scenario").plans()
    }

    #[test]
    fn each_run_has_a_time_of_its_own() {
        let plans = plans();
        let starts = starts(SystemTime::UNIX_EPOCH, &plans);
        let at = |place: usize| {
            let start = starts[&plans[place].id()];
            start.duration_since(SystemTime::UNIX_EPOCH).unwrap()
        };
        // 2, 3 and 4 s of the first, 10 s, 1 s of ramp and 5 s.
        assert_eq!((at(0), at(1)), (Duration::ZERO, Duration::from_secs(25)));
    }

    #[test]
    fn shards_without_a_common_beginning_are_refused() {
        let asked = |shard: &str, start_at, barrier| {
            let options = args::Shards {
                shard: Some(shard.parse().unwrap()),
                start_at,
                barrier,
                clock_error: None,
                processes: None,
            };
            Shard::asked(&options, &plans()).map_err(|error| error.to_string())
        };
        let refused = asked("1/2", None, None).unwrap_err();
        assert!(refused.contains("--start-at"), "{refused}");
        let refused = asked("1/2", Some(SystemTime::UNIX_EPOCH), None).unwrap_err();
        assert!(refused.contains("has passed"), "{refused}");
        let refused = asked("1/2", None, Some(LOOK)).unwrap_err();
        assert!(refused.contains("these are 2"), "{refused}");
        assert!(asked("1/1", None, None).unwrap().is_some());
        let later = SystemTime::now() + Duration::from_hours(1);
        assert!(asked("1/2", Some(later), None).unwrap().is_some());
    }

    #[test]
    fn a_shard_tells_its_own_people() {
        let mut plan = plans().remove(0);
        plan.swarm.clients = 11;
        let shard = |text: &str| Shard {
            part: text.parse().unwrap(),
            clock_error: None,
            begin: Begin::AtOnce,
        };
        assert_eq!(shard("1/3").told(&plan).swarm.clients, 4);
        assert_eq!(shard("3/3").told(&plan).swarm.clients, 3);
    }
}
