//! The registry of all figures of a run that are shown, compared or bounded anywhere.
//!
//! A figure is added by its entry in one of the files of this folder, and is shown by adding it to
//! the group in which it is shown. Its unit and direction are those of tables, charts, objectives
//! and COLUMNS.md.

mod broker;
mod comeback;
mod connection;
mod generator;
mod message;
mod no_chat;
mod proxy;
mod receiver;
mod shards;

use super::Metric;

pub use self::{
    broker::*, comeback::*, connection::*, generator::*, message::*, no_chat::*, proxy::*,
    receiver::*, shards::*,
};

/// Declares figures, and the list of them, so that none can be missing in [`all`].
macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $name:ident = $metric:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: Metric = $metric;)+

        /// The figures of this file.
        pub(super) const LIST: &[&Metric] = &[$(&$name),+];
    };
}
use metrics;

/// Returns all figures.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    [
        message::LIST,
        receiver::LIST,
        generator::LIST,
        connection::LIST,
        comeback::LIST,
        proxy::LIST,
        broker::LIST,
        no_chat::LIST,
        shards::LIST,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The figures about lost connections, and about readers that came back.
pub const COMEBACKS: [&Metric; 13] = [
    &CUT_CONNECTIONS,
    &BACK_P50,
    &BACK_P99,
    &BACK_LAST,
    &RECONNECT_PEAK,
    &RECONNECT_ATTEMPTS_PEAK,
    &RECONNECT_REFUSED,
    &REPLAYED_EVENTS,
    &REPLAYED_BYTES,
    &UNDISTURBED_P50,
    &UNDISTURBED_P99,
    &BACK_SERVER_CPU,
    &BACK_SERVER_CPU_PEAK,
];

/// The figures about the proxy before the server.
pub const PROXY: [&Metric; 4] = [
    &PROXY_CPU,
    &PROXY_MEMORY,
    &PROXY_ADDED_UP,
    &PROXY_ADDED_DOWN,
];

/// The figures about the Redis that several servers share.
pub const BROKER: [&Metric; 3] = [&BROKER_CPU, &BROKER_BYTES, &BROKER_MEMORY];

/// The figures about the pace at which an answer's tokens come.
pub const PACE: [&Metric; 3] = [&FIRST_DELIVERY, &GAP_P50, &GAP_P99];

/// The figures about the parts of an agent's turns.
pub const AGENT: [&Metric; 9] = [
    &AGENT_WHOLE,
    &AGENT_SETUP,
    &AGENT_HISTORY,
    &AGENT_FRAMING,
    &AGENT_WAITING,
    &AGENT_SETUP_BYTES,
    &AGENT_HISTORY_BYTES,
    &AGENT_FRAMING_BYTES,
    &AGENT_CONTENT_BYTES,
];

/// The figures about latency between the processes of a run.
pub const CROSS_SHARD: [&Metric; 6] = [
    &CROSS_SHARD_P50_LOW,
    &CROSS_SHARD_P50_HIGH,
    &CROSS_SHARD_P90_LOW,
    &CROSS_SHARD_P90_HIGH,
    &CROSS_SHARD_DELIVERIES,
    &CROSS_SHARD_NEGATIVE,
];

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

/// The figures of compressed runs, shown where there are any.
pub const PACKED: [&Metric; 1] = [&COMPRESSION_RATIO];

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
