//! The figures by which transports are compared: one list for effects, comparisons
//! of runs, crossovers and the report, so that all of them speak of the same.

use crate::{
    cell::{Metric, metric},
    chance::Sample,
    unit,
};
use results::RunRow;

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
    metric: metric::server_memory,
    show: unit::memory,
};

/// The longest latency.
pub const MAX: Quantity = Quantity {
    key: "max",
    name: "longest latency",
    short: "max",
    metric: metric::max_us,
    show: unit::latency,
};

/// Socket bytes from clients to the server for each delivery.
pub const BYTES_UP: Quantity = Quantity {
    key: "bytes_up_per_delivery",
    name: "bytes per message, upwards",
    short: "bytes up/msg",
    metric: metric::bytes_up,
    show: unit::bytes,
};

/// Socket bytes from the server to clients for each delivery.
pub const BYTES_DOWN: Quantity = Quantity {
    key: "bytes_down_per_delivery",
    name: "bytes per message, downwards",
    short: "bytes down/msg",
    metric: metric::bytes_down,
    show: unit::bytes,
};

/// Requests that readers make for each delivery; a stream makes none.
pub const REQUESTS: Quantity = Quantity {
    key: "requests_per_delivery",
    name: "requests per message",
    short: "requests/msg",
    metric: metric::requests,
    show: unit::count,
};

/// What tables and pages mark a best of: all pairs of variants in all of these are looked at
/// together.
pub const LOOKED_AT: [&Quantity; 10] = [
    &P50,
    &P99,
    &MAX,
    &BYTES_UP,
    &BYTES_DOWN,
    &BYTES,
    &HEADER_BYTES,
    &REQUESTS,
    &SERVER_CPU,
    &SERVER_MEMORY,
];

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

impl Quantity {
    /// Returns the values of these runs that have one, each with its sitting; rows that name no
    /// sitting are of one.
    #[must_use]
    pub fn sample(&self, runs: &[&RunRow]) -> Sample {
        let value = |run: &&RunRow| Some((run.sitting.unwrap_or(0), (self.metric)(run)?));
        Sample::of(runs.iter().filter_map(value))
    }
}
