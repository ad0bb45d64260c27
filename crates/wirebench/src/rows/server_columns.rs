//! The columns of what was observed of the server from outside its process.

use results::RunRow;
use serde::{Deserialize, Serialize};
use swarm::outcome::Outcome;

use super::outcome_columns::per_delivery;
use crate::{child::Sample, edges::micros, switches::Switches};

/// The samples of the server, taken from outside, around and over the window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Observed {
    /// The sample before the first connection.
    pub(crate) before: Sample,
    /// The sample when everybody was connected.
    pub(crate) gathered: Sample,
    /// The sample at the beginning of *measure*.
    pub(crate) measure: Sample,
    /// The sample at the end of *drain*, while everybody was still connected.
    pub(crate) end: Sample,
    /// The sample after the last connection was closed.
    pub(crate) closed: Sample,
    /// The context switches of its threads in between; `None` if the system does not report them.
    pub(crate) switches: Option<Switches>,
}

impl Observed {
    /// Returns the CPU time over the window, in microseconds.
    pub(super) fn window_us(&self) -> u64 {
        micros(self.measure, self.end)
    }

    /// Adds what was seen of other processes of the same server in the same run.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let sum = |one: Sample, other: Sample| Sample {
            cpu: one.cpu + other.cpu,
            resident: one.resident + other.resident,
        };
        let switches = self.switches.zip(other.switches);
        Self {
            before: sum(self.before, other.before),
            gathered: sum(self.gathered, other.gathered),
            measure: sum(self.measure, other.measure),
            end: sum(self.end, other.end),
            closed: sum(self.closed, other.closed),
            switches: switches.map(|(one, other)| Switches {
                threads: one.threads + other.threads,
                voluntary: one.voluntary + other.voluntary,
                involuntary: one.involuntary + other.involuntary,
            }),
        }
    }
}

/// Returns `row` with the columns of these observations.
pub(super) fn fill(row: RunRow, outcome: &Outcome, seen: &Observed) -> RunRow {
    let per_client =
        |from: Sample, to: Sample| Some(micros(from, to) as f64 / row.clients.max(1) as f64);
    let added = seen.end.resident.saturating_sub(seen.before.resident);
    let switches = seen.switches;
    RunRow {
        server_cpu_us_per_delivery: per_delivery(seen.window_us() as f64, outcome),
        server_rss_bytes_per_client: Some(added / row.clients.max(1)),
        server_rss_added_bytes: Some(added),
        opening_cpu_us_per_client: per_client(seen.before, seen.gathered),
        closing_cpu_us_per_client: per_client(seen.end, seen.closed),
        server_threads: switches.map(|switches| switches.threads),
        server_voluntary_switches: switches.map(|switches| switches.voluntary),
        server_involuntary_switches: switches.map(|switches| switches.involuntary),
        ..row
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn differences_over_the_window() {
        let at = |cpu_ms, resident| Sample {
            cpu: Duration::from_millis(cpu_ms),
            resident,
        };
        let seen = Observed {
            before: at(5, 4_000_000),
            gathered: at(45, 4_500_000),
            measure: at(100, 5_000_000),
            end: at(300, 5_000_001),
            closed: at(420, 4_200_000),
            switches: Some(Switches {
                threads: 3,
                voluntary: 700,
                involuntary: 11,
            }),
        };
        let mut outcome = Outcome::empty();
        outcome.delivered = 1_000;
        let row = RunRow {
            clients: 10,
            ..RunRow::default()
        };
        let row = fill(row, &outcome, &seen);
        assert_eq!(row.server_cpu_us_per_delivery, Some(200.0));
        assert_eq!(row.server_rss_added_bytes, Some(1_000_001));
        assert_eq!(row.server_rss_bytes_per_client, Some(100_000));
        assert_eq!(row.opening_cpu_us_per_client, Some(4_000.0));
        assert_eq!(row.closing_cpu_us_per_client, Some(12_000.0));
        assert_eq!(row.server_threads, Some(3));
        assert_eq!(row.server_voluntary_switches, Some(700));
        assert_eq!(row.server_involuntary_switches, Some(11));
    }
}
