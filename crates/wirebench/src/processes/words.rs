//! The messages between the processes of a load generator, a line of JSON each.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use swarm::{
    Part, Target,
    outcome::{Ending, Outcome, Phase, Second},
    plan::Plan,
};

/// The first line to a process: its part of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    plan: Plan,
    part: Part,
    address: SocketAddr,
    speakers: SocketAddr,
    /// The servers that share the rooms; none where there is one.
    nodes: Vec<SocketAddr>,
    host: String,
    prefix: String,
    http2: bool,
}

/// A line to a process after the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Instruction {
    /// The first draft may be due at this time of the machine's monotonic clock, in nanoseconds.
    Begin(u64),
    /// End early, for this reason.
    Stop(Ending),
    /// Every process has ended its window: close the connections.
    Close,
}

/// A line from a process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told {
    /// The people of it connect.
    Started,
    /// It cannot do its part, for this reason.
    Failed(String),
    /// A phase begins.
    Phase(Phase),
    /// All of its people are connected, or will not be.
    Gathered,
    /// A second is over.
    Second(Second),
    /// The window has ended, and its connections are still open.
    WindowEnded,
    /// All that it measured. It says nothing more.
    Outcome(Box<Outcome>),
}

impl Order {
    /// Makes the order for a part of a plan against `target`, which is spoken with in the clear.
    pub(super) fn new(plan: &Plan, target: &Target, part: Part) -> Self {
        Self {
            plan: plan.clone(),
            part,
            address: target.address,
            speakers: target.speakers,
            nodes: target.nodes.clone(),
            host: target.host.clone(),
            prefix: target.prefix.clone(),
            http2: target.http2,
        }
    }

    /// Returns the plan, the server and the part.
    pub(super) fn into_run(self) -> (Plan, Target, Part) {
        let target = Target {
            speakers: self.speakers,
            nodes: self.nodes,
            host: self.host,
            prefix: self.prefix,
            http2: self.http2,
            ..Target::at(self.address)
        };
        (self.plan, target, self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that every server of the run is told, or all people would go to one of them.
    #[test]
    fn an_order_is_read_as_it_was_written() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/quick.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let plan = study.plans().remove(0);
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let target = Target {
            speakers: at(2),
            nodes: vec![at(3), at(4)],
            host: "chat:3".to_owned(),
            prefix: "/x".to_owned(),
            http2: true,
            ..Target::at(at(1))
        };
        let part = Part::new(2, 3).expect("a part");
        let text = serde_json::to_string(&Order::new(&plan, &target, part)).expect("a line");
        let order: Order = serde_json::from_str(&text).expect("an order");
        let (read, told, own) = order.into_run();
        assert_eq!((read, own), (plan, part));
        assert_eq!(
            (
                told.address,
                told.speakers,
                told.nodes,
                told.host,
                told.prefix,
                told.http2
            ),
            (at(1), at(2), target.nodes, target.host, target.prefix, true)
        );
    }
}
