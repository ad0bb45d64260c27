//! Latency between the processes of a run, as far as their calendar clocks tell it.

use super::metrics;
use crate::{
    metric::{Better, Metric},
    unit::Unit,
};

/// The common part of figures that are an end of an interval of time.
const END: Metric = Metric {
    key: "",
    name: "",
    short: "",
    metric: |_| None,
    unit: Unit::Microseconds,
    better: Better::Less,
    column: None,
};

/// The common part of figures that are counts.
const COUNT: Metric = Metric {
    unit: Unit::Count,
    better: Better::Neither,
    ..END
};

metrics! {
    /// Deliveries of messages that another process sent.
    CROSS_SHARD_DELIVERIES = Metric {
        key: "cross_shard_deliveries",
        name: "deliveries of messages that another process sent",
        short: "from others",
        metric: |run| run.cross_shard_deliveries.map(|count| count as f64),
        ..COUNT
    };

    /// Deliveries of such messages before they were due, by the clocks of both processes.
    CROSS_SHARD_NEGATIVE = Metric {
        key: "cross_shard_negative",
        name: "deliveries of such messages before they were due, by the clocks of both processes",
        short: "before due",
        metric: |run| run.cross_shard_negative.map(|count| count as f64),
        ..COUNT
    };

    /// The least that the median of their latency can be.
    CROSS_SHARD_P50_LOW = Metric {
        key: "cross_shard_latency_p50_low",
        name: "the least that the median of their latency can be",
        short: "p50 at least",
        metric: |run| run.cross_shard_latency_p50_low_ms.map(|ms| ms * 1e3),
        ..END
    };

    /// The most that the median of their latency can be.
    CROSS_SHARD_P50_HIGH = Metric {
        key: "cross_shard_latency_p50_high",
        name: "the most that the median of their latency can be",
        short: "p50 at most",
        metric: |run| run.cross_shard_latency_p50_high_ms.map(|ms| ms * 1e3),
        ..END
    };

    /// The least that the 90th percentile of their latency can be.
    CROSS_SHARD_P90_LOW = Metric {
        key: "cross_shard_latency_p90_low",
        name: "the least that the 90th percentile of their latency can be",
        short: "p90 at least",
        metric: |run| run.cross_shard_latency_p90_low_ms.map(|ms| ms * 1e3),
        ..END
    };

    /// The most that the 90th percentile of their latency can be.
    CROSS_SHARD_P90_HIGH = Metric {
        key: "cross_shard_latency_p90_high",
        name: "the most that the 90th percentile of their latency can be",
        short: "p90 at most",
        metric: |run| run.cross_shard_latency_p90_high_ms.map(|ms| ms * 1e3),
        ..END
    };
}
