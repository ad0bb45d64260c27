//! The costs of a message: its latency, its bytes, its requests, and the processor time and the
//! memory of the server.

use super::metrics;
use crate::{
    metric::{Better, Column, Metric, of},
    unit::Unit,
};

metrics! {
    /// Median latency from the due time.
    P50 = Metric {
        key: "p50",
        name: "median latency",
        short: "p50",
        unit: Unit::Microseconds,
        metric: of::p50_us,
        better: Better::Less,
        column: Some(Column { head: "p50", unit: "ms", scale: 1e3 }),
    };

    /// Latency that 99 of 100 deliveries stay below.
    P99 = Metric {
        key: "p99",
        name: "p99 latency",
        short: "p99",
        unit: Unit::Microseconds,
        metric: of::p99_us,
        better: Better::Less,
        column: Some(Column { head: "p99", unit: "ms", scale: 1e3 }),
    };

    /// The longest latency.
    MAX = Metric {
        key: "max",
        name: "longest latency",
        short: "max",
        unit: Unit::Microseconds,
        metric: of::max_us,
        better: Better::Less,
        column: Some(Column { head: "max", unit: "ms", scale: 1e3 }),
    };

    /// Socket bytes from clients to the server for each delivery.
    BYTES_UP = Metric {
        key: "bytes_up_per_delivery",
        name: "bytes per message, upwards",
        short: "bytes up/msg",
        unit: Unit::Bytes,
        metric: of::bytes_up,
        better: Better::Less,
        column: Some(Column { head: "up", unit: "B/msg", scale: 1.0 }),
    };

    /// Socket bytes from the server to clients for each delivery.
    BYTES_DOWN = Metric {
        key: "bytes_down_per_delivery",
        name: "bytes per message, downwards",
        short: "bytes down/msg",
        unit: Unit::Bytes,
        metric: of::bytes_down,
        better: Better::Less,
        column: Some(Column { head: "down", unit: "B/msg", scale: 1.0 }),
    };

    /// Socket bytes in both directions for each delivery.
    BYTES = Metric {
        key: "bytes_per_delivery",
        name: "bytes per message, both directions",
        short: "bytes/msg",
        unit: Unit::Bytes,
        metric: of::bytes_both_ways,
        better: Better::Less,
        column: None,
    };

    /// The part of these bytes that is not an event on its way to a reader. It includes all that
    /// speakers send, their texts included.
    HEADER_BYTES = Metric {
        key: "header_bytes_per_delivery",
        name: "bytes per message that are no event on its way down (speakers' uploads included)",
        short: "non-event/msg",
        unit: Unit::Bytes,
        metric: of::overhead_bytes,
        better: Better::Less,
        column: Some(Column { head: "no event", unit: "B/msg", scale: 1.0 }),
    };

    /// Bytes of events for each byte of the compressed content that brought them.
    COMPRESSION_RATIO = Metric {
        key: "compression_ratio",
        name: "bytes of events per byte of compressed content",
        short: "compression ratio",
        unit: Unit::Number,
        metric: of::compression_ratio,
        better: Better::More,
        column: None,
    };

    /// Requests that readers make for each delivery; a stream makes none.
    REQUESTS = Metric {
        key: "requests_per_delivery",
        name: "requests per message",
        short: "requests/msg",
        unit: Unit::Number,
        metric: of::requests,
        better: Better::Less,
        column: Some(Column { head: "requests", unit: "per msg", scale: 1.0 }),
    };

    /// The exchanges of readers for each delivery: polls, and the pieces of a stream or WebSocket
    /// that brought a delivery.
    EXCHANGES = Metric {
        key: "exchanges_per_delivery",
        name: "exchanges per message",
        short: "exchanges/msg",
        unit: Unit::Number,
        metric: |run| of::per_message(run, run.exchanges),
        better: Better::Less,
        column: None,
    };

    /// The requests for each delivery of readers that poll; `None` for a stream.
    POLLS = Metric {
        key: "requests_of_pollers_per_delivery",
        name: "requests per message of those that ask",
        short: "requests/msg",
        unit: Unit::Number,
        metric: of::polls,
        better: Better::Less,
        column: None,
    };

    /// Processor time of the server for each delivery.
    SERVER_CPU = Metric {
        key: "server_cpu_us_per_delivery",
        name: "server processor time per message",
        short: "server CPU/msg",
        unit: Unit::Microseconds,
        metric: of::server_cpu_us,
        better: Better::Less,
        column: Some(Column { head: "server CPU", unit: "µs/msg", scale: 1.0 }),
    };

    /// The resident memory that the clients added to the server, divided by their number. Memory that
    /// the server allocates once is charged to them; `memory` separates both.
    SERVER_MEMORY = Metric {
        key: "server_rss_bytes_per_client",
        name: "memory that clients added, divided by them",
        short: "memory ÷ clients",
        unit: Unit::Memory,
        metric: of::server_memory,
        better: Better::Less,
        column: Some(Column { head: "server mem", unit: "KiB/client", scale: 1024.0 }),
    };
}
