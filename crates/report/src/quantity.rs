//! The figures by which transports are compared: one list for effects, comparisons
//! of runs, crossovers and the report, so that all of them speak of the same.

use crate::{
    cell::{Metric, metric},
    row::RunRow,
    unit,
};

/// A figure of a run; less of it is better.
#[derive(Debug)]
pub struct Quantity {
    /// Its name in files: `p99`, `bytes_per_delivery`.
    pub key: &'static str,
    /// What a reader calls it.
    pub name: &'static str,
    /// The same for the head of a narrow column.
    pub short: &'static str,
    /// Where it comes from.
    pub metric: Metric,
    /// A value in words, with its unit.
    pub show: fn(f64) -> String,
}

/// Median latency from the due time.
pub const P50: Quantity = Quantity {
    key: "p50",
    name: "median latency",
    short: "p50",
    metric: metric::p50_us,
    show: unit::latency,
};

/// Latency that 99 of 100 deliveries stay below.
pub const P99: Quantity = Quantity {
    key: "p99",
    name: "p99 latency",
    short: "p99",
    metric: metric::p99_us,
    show: unit::latency,
};

/// Socket bytes in both directions for each delivery.
pub const BYTES: Quantity = Quantity {
    key: "bytes_per_delivery",
    name: "bytes per message, both directions",
    short: "bytes/msg",
    metric: metric::bytes_both_ways,
    show: unit::bytes,
};

/// Of these, all that is not an event on its way to a reader: what speakers send
/// is in it, their texts included.
pub const HEADER_BYTES: Quantity = Quantity {
    key: "header_bytes_per_delivery",
    name: "bytes per message that are no event on its way down (speakers' uploads included)",
    short: "non-event/msg",
    metric: metric::overhead_bytes,
    show: unit::bytes,
};

/// Processor time of the server for each delivery.
pub const SERVER_CPU: Quantity = Quantity {
    key: "server_cpu_us_per_delivery",
    name: "server processor time per message",
    short: "server CPU/msg",
    metric: metric::server_cpu_us,
    show: unit::latency,
};

/// Resident memory that the clients added to the server, by one division: what it
/// sets aside once is charged to them. `memory` tells both apart.
pub const SERVER_MEMORY: Quantity = Quantity {
    key: "server_rss_bytes_per_client",
    name: "memory that clients added, divided by them",
    short: "memory ÷ clients",
    metric: server_memory,
    show: unit::memory,
};

/// What two runs are compared by.
pub const COMPARED: [&Quantity; 6] = [
    &P50,
    &P99,
    &BYTES,
    &HEADER_BYTES,
    &SERVER_CPU,
    &SERVER_MEMORY,
];

/// What one transport can overtake another in.
pub const CROSSED: [&Quantity; 4] = [&BYTES, &P50, &P99, &SERVER_CPU];

fn server_memory(run: &RunRow) -> Option<f64> {
    run.own_rss_bytes_per_client().map(|bytes| bytes as f64)
}

impl Quantity {
    /// The values of these runs that have one.
    #[must_use]
    pub fn values(&self, runs: &[&RunRow]) -> Vec<f64> {
        let values = runs.iter().filter_map(|run| (self.metric)(run));
        values.filter(|value| value.is_finite()).collect()
    }
}
