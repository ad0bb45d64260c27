//! The processor time, memory and traffic of a Redis that several servers share.

use super::metrics;
use crate::{
    metric::{Better, Metric, of},
    unit::Unit,
};

metrics! {
    /// The processor time of the Redis over the window, for each message that it brought.
    BROKER_CPU = Metric {
        key: "broker_cpu_us_per_delivery",
        name: "processor time of Redis per message",
        short: "Redis CPU/msg",
        unit: Unit::Microseconds,
        metric: of::broker_cpu_us,
        better: Better::Less,
        column: None,
    };

    /// The bytes between servers and Redis in the window, both ways, for each message that it
    /// brought.
    BROKER_BYTES = Metric {
        key: "broker_bytes_per_delivery",
        name: "bytes between servers and Redis per message",
        short: "Redis B/msg",
        unit: Unit::Bytes,
        metric: of::broker_bytes,
        better: Better::Less,
        column: None,
    };

    /// The resident memory of the Redis at the end of the window.
    BROKER_MEMORY = Metric {
        key: "broker_rss_bytes",
        name: "resident memory of Redis at the end",
        short: "Redis memory",
        unit: Unit::Memory,
        metric: |run| run.broker_rss_bytes.map(|bytes| bytes as f64),
        better: Better::Less,
        column: None,
    };
}
