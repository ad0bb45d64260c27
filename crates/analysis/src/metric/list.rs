//! The list of all figures of a run that are shown anywhere.
//!
//! A column is shown by adding its metric here, and adding it to the group in which it is shown.

use super::{Better, Column, Metric, of};
use crate::unit;

/// Median latency from the due time.
pub const P50: Metric = Metric {
    key: "p50",
    name: "median latency",
    short: "p50",
    metric: of::p50_us,
    show: unit::latency,
    better: Better::Less,
    column: Some(Column {
        head: "p50",
        unit: "ms",
        scale: 1e3,
    }),
};

/// Latency that 99 of 100 deliveries stay below.
pub const P99: Metric = Metric {
    key: "p99",
    name: "p99 latency",
    short: "p99",
    metric: of::p99_us,
    show: unit::latency,
    better: Better::Less,
    column: Some(Column {
        head: "p99",
        unit: "ms",
        scale: 1e3,
    }),
};

/// The longest latency.
pub const MAX: Metric = Metric {
    key: "max",
    name: "longest latency",
    short: "max",
    metric: of::max_us,
    show: unit::latency,
    better: Better::Less,
    column: Some(Column {
        head: "max",
        unit: "ms",
        scale: 1e3,
    }),
};

/// Socket bytes from clients to the server for each delivery.
pub const BYTES_UP: Metric = Metric {
    key: "bytes_up_per_delivery",
    name: "bytes per message, upwards",
    short: "bytes up/msg",
    metric: of::bytes_up,
    show: unit::bytes,
    better: Better::Less,
    column: Some(Column {
        head: "up",
        unit: "B/msg",
        scale: 1.0,
    }),
};

/// Socket bytes from the server to clients for each delivery.
pub const BYTES_DOWN: Metric = Metric {
    key: "bytes_down_per_delivery",
    name: "bytes per message, downwards",
    short: "bytes down/msg",
    metric: of::bytes_down,
    show: unit::bytes,
    better: Better::Less,
    column: Some(Column {
        head: "down",
        unit: "B/msg",
        scale: 1.0,
    }),
};

/// Socket bytes in both directions for each delivery.
pub const BYTES: Metric = Metric {
    key: "bytes_per_delivery",
    name: "bytes per message, both directions",
    short: "bytes/msg",
    metric: of::bytes_both_ways,
    show: unit::bytes,
    better: Better::Less,
    column: None,
};

/// The part of these bytes that is not an event on its way to a reader. It includes all that
/// speakers send, their texts included.
pub const HEADER_BYTES: Metric = Metric {
    key: "header_bytes_per_delivery",
    name: "bytes per message that are no event on its way down (speakers' uploads included)",
    short: "non-event/msg",
    metric: of::overhead_bytes,
    show: unit::bytes,
    better: Better::Less,
    column: Some(Column {
        head: "no event",
        unit: "B/msg",
        scale: 1.0,
    }),
};

/// Requests that readers make for each delivery; a stream makes none.
pub const REQUESTS: Metric = Metric {
    key: "requests_per_delivery",
    name: "requests per message",
    short: "requests/msg",
    metric: of::requests,
    show: unit::count,
    better: Better::Less,
    column: Some(Column {
        head: "requests",
        unit: "per msg",
        scale: 1.0,
    }),
};

/// The requests for each delivery of readers that poll; `None` for a stream.
pub const POLLS: Metric = Metric {
    key: "requests_of_pollers_per_delivery",
    name: "requests per message of those that ask",
    short: "requests/msg",
    metric: of::polls,
    show: unit::count,
    better: Better::Less,
    column: None,
};

/// Processor time of the server for each delivery.
pub const SERVER_CPU: Metric = Metric {
    key: "server_cpu_us_per_delivery",
    name: "server processor time per message",
    short: "server CPU/msg",
    metric: of::server_cpu_us,
    show: unit::latency,
    better: Better::Less,
    column: Some(Column {
        head: "server CPU",
        unit: "µs/msg",
        scale: 1.0,
    }),
};

/// The resident memory that the clients added to the server, divided by their number. Memory that
/// the server allocates once is charged to them; `memory` separates both.
pub const SERVER_MEMORY: Metric = Metric {
    key: "server_rss_bytes_per_client",
    name: "memory that clients added, divided by them",
    short: "memory ÷ clients",
    metric: of::server_memory,
    show: unit::memory,
    better: Better::Less,
    column: Some(Column {
        head: "server mem",
        unit: "KiB/client",
        scale: 1024.0,
    }),
};

/// Latency of each message's first receiver, median over messages.
pub const FIRST_P50: Metric = Metric {
    key: "first_p50",
    name: "latency of each message's first receiver, median over messages",
    short: "first",
    metric: |run| run.first_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Latency of each message's median receiver, median over messages.
pub const MIDDLE_P50: Metric = Metric {
    key: "middle_p50",
    name: "latency of each message's median receiver, median over messages",
    short: "median",
    metric: |run| run.middle_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Latency of each message's last receiver, median over messages.
pub const LAST_P50: Metric = Metric {
    key: "last_p50",
    name: "latency of each message's last receiver, median over messages",
    short: "last",
    metric: |run| run.last_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// The time from a message's first receiver to its last, median over messages.
pub const SPREAD_P50: Metric = Metric {
    key: "spread_p50",
    name: "from a message's first receiver to its last, median over messages",
    short: "first to last",
    metric: |run| run.spread_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// The share of messages that the same reader of a room received last: in each room the reader who
/// was last most often.
pub const LAST_SAME_SHARE: Metric = Metric {
    key: "last_same_share",
    name: "share of messages that the same reader was the last to hear, of each room the one who was last most often",
    short: "same last",
    metric: |run| run.last_same_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// Age of the newest message that a reader holds, median over looks.
pub const STALENESS_P50: Metric = Metric {
    key: "staleness_p50",
    name: "age of the newest message that a reader holds, median over looks",
    short: "staleness p50",
    metric: |run| run.staleness_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Age of the newest message that a reader holds, 99th percentile over looks.
pub const STALENESS_P99: Metric = Metric {
    key: "staleness_p99",
    name: "age of the newest message that a reader holds, 99th percentile over looks",
    short: "staleness p99",
    metric: |run| run.staleness_p99_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Share of looks in which a reader held all that it should.
pub const COHERENCE: Metric = Metric {
    key: "coherence",
    name: "share of looks in which a reader held all that it should",
    short: "coherent",
    metric: |run| run.coherence,
    show: unit::percent,
    better: Better::More,
    column: None,
};

/// The lateness of messages against their schedule, median.
pub const LATE_P50: Metric = Metric {
    key: "late_p50",
    name: "how late messages left against their schedule, median",
    short: "late p50",
    metric: |run| run.late_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// The lateness of messages against their schedule, 99th percentile.
pub const LATE_P99: Metric = Metric {
    key: "late_p99",
    name: "how late messages left against their schedule, 99th percentile",
    short: "late p99",
    metric: |run| run.late_p99_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Processor time of the generator in all, over the window.
pub const SWARM_CPU_SHARE: Metric = Metric {
    key: "swarm_cpu_share",
    name: "processor time of the generator in all, over the window",
    short: "processors, in all",
    metric: |run| run.swarm_cpu_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// Processor time of the generator's busiest thread, over the window.
pub const BUSIEST_CPU_SHARE: Metric = Metric {
    key: "busiest_cpu_share",
    name: "processor time of the generator's busiest thread, over the window",
    short: "busiest thread",
    metric: |run| run.busiest_cpu_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// Processor time of the thread that publishes the messages, over the window.
pub const SPEAKING_CPU_SHARE: Metric = Metric {
    key: "speaking_cpu_share",
    name: "processor time of the thread that says the messages, over the window",
    short: "speaking thread",
    metric: |run| run.speaking_cpu_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// Latency as read, median.
pub const P50_AS_READ: Metric = Metric {
    key: "p50_as_read",
    name: "latency as read, median",
    short: "p50 as read",
    metric: |run| run.p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Latency as arrived at the generator, median.
pub const ARRIVED_P50: Metric = Metric {
    key: "arrived_p50",
    name: "latency as arrived at the generator, median",
    short: "as arrived",
    metric: |run| run.arrived_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// The time from arrival to reading, median.
pub const READING_P50: Metric = Metric {
    key: "reading_p50",
    name: "from arrived to read, median",
    short: "reading",
    metric: |run| run.reading_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Share of the median latency that is the generator’s reading.
pub const READING_SHARE_P50: Metric = Metric {
    key: "reading_share_p50",
    name: "share of the median latency that is the generator’s reading",
    short: "the generator’s share",
    metric: |run| of::share(run.reading_p50_us, run.p50_us),
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// Latency as read, 99th percentile.
pub const P99_AS_READ: Metric = Metric {
    key: "p99_as_read",
    name: "latency as read, 99th percentile",
    short: "p99 as read",
    metric: |run| run.p99_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Latency as arrived at the generator, 99th percentile.
pub const ARRIVED_P99: Metric = Metric {
    key: "arrived_p99",
    name: "latency as arrived at the generator, 99th percentile",
    short: "as arrived",
    metric: |run| run.arrived_p99_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// The time from arrival to reading, 99th percentile.
pub const READING_P99: Metric = Metric {
    key: "reading_p99",
    name: "from arrived to read, 99th percentile",
    short: "reading",
    metric: |run| run.reading_p99_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Share of the window in which a thread of the generator waited for a processor.
pub const GENERATOR_WAIT_SHARE: Metric = Metric {
    key: "generator_wait_share",
    name: "share of the window in which a thread of the generator waited for a processor",
    short: "waited for a processor",
    metric: |run| run.generator_wait_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// The time from connecting to being ready to receive, median over clients.
pub const OPENING_P50: Metric = Metric {
    key: "opening_p50",
    name: "from connecting to being ready to hear, median over clients",
    short: "set-up",
    metric: |run| run.opening_p50_us.map(|us| us as f64),
    show: unit::latency,
    better: Better::Less,
    column: None,
};

/// Bytes of handshakes and stream openings, both directions.
pub const SETUP_BYTES_PER_CLIENT: Metric = Metric {
    key: "setup_bytes_per_client",
    name: "bytes of handshakes and stream openings, both directions",
    short: "set-up bytes",
    metric: |run| run.setup_bytes_per_client,
    show: unit::bytes,
    better: Better::Less,
    column: None,
};

/// Bytes of empty answers and heartbeats, scaled to a client and an hour.
pub const SILENCE_BYTES_PER_CLIENT_HOUR: Metric = Metric {
    key: "silence_bytes_per_client_hour",
    name: "bytes of empty answers and heartbeats, scaled to a client and an hour",
    short: "silence/h",
    metric: |run| run.silence_bytes_per_client_hour.map(|bytes| bytes as f64),
    show: unit::bytes,
    better: Better::Less,
    column: None,
};

/// Share of exchanges that brought no event.
pub const EMPTY_SHARE: Metric = Metric {
    key: "empty_share",
    name: "share of exchanges that brought no event",
    short: "empty",
    metric: of::empty_share,
    show: unit::percent,
    better: Better::Less,
    column: None,
};

/// The mean number of events in an exchange that brought any.
pub const EVENTS_PER_EXCHANGE: Metric = Metric {
    key: "events_per_exchange",
    name: "events that an exchange brought which brought any",
    short: "events/exchange",
    metric: of::events_per_exchange,
    show: unit::count,
    better: Better::Neither,
    column: None,
};

/// The most events that one exchange brought.
pub const BATCH_MAX: Metric = Metric {
    key: "batch_max",
    name: "the most events that one exchange brought",
    short: "most",
    metric: |run| run.batch_max.map(|events| events as f64),
    show: unit::count,
    better: Better::Neither,
    column: None,
};

/// Threads of the server at the end.
pub const SERVER_THREADS: Metric = Metric {
    key: "server_threads",
    name: "threads of the server at the end",
    short: "threads",
    metric: |run| run.server_threads.map(|threads| threads as f64),
    show: unit::count,
    better: Better::Neither,
    column: None,
};

/// The number of times that a thread of the server went to wait and was woken, for each message
/// delivered.
pub const SERVER_WAKEUPS_PER_DELIVERY: Metric = Metric {
    key: "server_wakeups_per_delivery",
    name: "how often a thread of the server went to wait and was woken, for each message delivered",
    short: "wake-ups/msg",
    metric: |run| of::per_message(run, run.server_voluntary_switches?),
    show: unit::count,
    better: Better::Less,
    column: None,
};

/// The figures whose best value tables and pages mark; all pairs of variants in all of these are
/// judged together.
pub const LOOKED_AT: [&Metric; 10] = [
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

/// The columns of the table, from left to right.
pub const TABLE: [&Metric; 9] = [
    &P50,
    &P99,
    &MAX,
    &BYTES_UP,
    &BYTES_DOWN,
    &HEADER_BYTES,
    &REQUESTS,
    &SERVER_CPU,
    &SERVER_MEMORY,
];

/// The figures by which two runs are compared.
pub const COMPARED: [&Metric; 6] = [
    &P50,
    &P99,
    &BYTES,
    &HEADER_BYTES,
    &SERVER_CPU,
    &SERVER_MEMORY,
];

/// The figures in which one transport can overtake another.
pub const CROSSED: [&Metric; 4] = [&BYTES, &P50, &P99, &SERVER_CPU];

/// The figures about the first and last receivers, and about the staleness of readers.
pub const RECEIVERS: [&Metric; 8] = [
    &FIRST_P50,
    &MIDDLE_P50,
    &LAST_P50,
    &SPREAD_P50,
    &LAST_SAME_SHARE,
    &STALENESS_P50,
    &STALENESS_P99,
    &COHERENCE,
];

/// The figures about the performance of the generator.
pub const GENERATOR: [&Metric; 5] = [
    &LATE_P50,
    &LATE_P99,
    &SWARM_CPU_SHARE,
    &BUSIEST_CPU_SHARE,
    &SPEAKING_CPU_SHARE,
];

/// The figures that separate the share of the generator: the latency until the bytes had arrived,
/// and the time that reading them took.
pub const OF_LATENCY: [&Metric; 8] = [
    &P50_AS_READ,
    &ARRIVED_P50,
    &READING_P50,
    &READING_SHARE_P50,
    &P99_AS_READ,
    &ARRIVED_P99,
    &READING_P99,
    &GENERATOR_WAIT_SHARE,
];

/// The costs of a connection beside messages.
pub const CONNECTION: [&Metric; 9] = [
    &OPENING_P50,
    &SETUP_BYTES_PER_CLIENT,
    &SILENCE_BYTES_PER_CLIENT_HOUR,
    &EMPTY_SHARE,
    &EVENTS_PER_EXCHANGE,
    &BATCH_MAX,
    &SERVER_MEMORY,
    &SERVER_THREADS,
    &SERVER_WAKEUPS_PER_DELIVERY,
];
