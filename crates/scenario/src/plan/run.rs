//! The facts about a run that are known before it is made: its identity and its duration.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use wire::Way;

use super::{Plan, Turns};

/// Starting a server, connecting the first, saying goodbye, and the row.
const AROUND: Duration = Duration::from_secs(1);

/// The identity of a run in its study, by which its rows are found again. It is the same
/// from one call of the program to the next, so that an interrupted study can go on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId {
    /// The `transport` column.
    pub transport: String,
    /// The `variant` column.
    pub variant: String,
    /// The `cell` column.
    pub cell: String,
    /// The `repeat` column.
    pub repeat: usize,
}

/// `short_poll 1s clients=100 rate=4 #2`
impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.transport)?;
        for part in [&self.variant, &self.cell] {
            if part != "-" {
                write!(formatter, " {part}")?;
            }
        }
        write!(formatter, " #{}", self.repeat)
    }
}

impl Plan {
    /// Returns the identity of this run in its study.
    #[must_use]
    pub fn id(&self) -> RunId {
        RunId {
            transport: self.variant.transport().to_string(),
            variant: self.variant.to_string(),
            cell: self.cell.clone(),
            repeat: self.repeat,
        }
    }

    /// Returns about how long the run takes if all goes well: *drain* then lasts until the
    /// last poll has brought what was said, not until its time-out.
    #[must_use]
    pub fn takes(&self) -> Duration {
        if let Some(answer) = &self.answer {
            return Duration::from_secs_f64(answer.tokens as f64 / self.traffic.rate) + AROUND;
        }
        if let Some(Turns { agent, delay }) = &self.turns {
            let upgrades = self.variant.way() == Way::Websocket;
            return agent.takes(*delay, upgrades) + AROUND / 2;
        }
        let last_arrival = self.variant.interval().unwrap_or_default();
        let traffic = &self.traffic;
        let drained = last_arrival.min(traffic.drain);
        self.swarm.ramp + traffic.settle + traffic.measure + drained + AROUND
    }
}

/// Returns about how long `plans` take together, one after the other.
#[must_use]
pub fn estimate(plans: &[Plan]) -> Duration {
    plans.iter().map(Plan::takes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn a_run_is_named_by_its_columns() {
        let mut plan = sample::plan(Variant::Websocket);
        assert_eq!(plan.id().to_string(), "websocket #1");
        plan.variant = Variant::LongPoll {
            hold: Duration::from_secs(25),
            keep_alive: false,
        };
        (plan.cell, plan.repeat) = ("clients=10 rate=4".to_owned(), 3);
        assert_eq!(
            plan.id().to_string(),
            "long_poll hold 25s close clients=10 rate=4 #3"
        );
        let again = plan.clone();
        assert_eq!(again.id(), plan.id());
        plan.repeat = 4;
        assert!(again.id() < plan.id());
    }

    #[test]
    fn the_estimate_is_the_sum_of_phases() {
        let websocket = sample::plan(Variant::Websocket);
        let mut polls = sample::plan(Variant::ShortPoll {
            interval: Duration::from_millis(500),
            keep_alive: true,
        });
        assert_eq!(websocket.takes(), Duration::from_secs(3));
        assert_eq!(polls.takes(), Duration::from_millis(3_500));
        polls.traffic.drain = Duration::from_millis(100);
        assert_eq!(
            estimate(&[websocket, polls]),
            Duration::from_millis(3_000 + 3_100)
        );
    }
}
