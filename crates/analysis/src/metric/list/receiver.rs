//! The times at which a message reaches the readers of a room, and the age of the newest that they
//! hold.

use super::metrics;
use crate::{
    metric::{Better, Metric},
    unit::Unit,
};

metrics! {
    /// Latency of each message's first receiver, median over messages.
    FIRST_P50 = Metric {
        key: "first_p50",
        name: "latency of each message's first receiver, median over messages",
        short: "first",
        unit: Unit::Microseconds,
        metric: |run| run.first_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Latency of each message's median receiver, median over messages.
    MIDDLE_P50 = Metric {
        key: "middle_p50",
        name: "latency of each message's median receiver, median over messages",
        short: "median",
        unit: Unit::Microseconds,
        metric: |run| run.middle_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Latency of each message's last receiver, median over messages.
    LAST_P50 = Metric {
        key: "last_p50",
        name: "latency of each message's last receiver, median over messages",
        short: "last",
        unit: Unit::Microseconds,
        metric: |run| run.last_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// The time from a message's first receiver to its last, median over messages.
    SPREAD_P50 = Metric {
        key: "spread_p50",
        name: "from a message's first receiver to its last, median over messages",
        short: "first to last",
        unit: Unit::Microseconds,
        metric: |run| run.spread_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// The share of messages that the same reader of a room received last: in each room the reader who
    /// was last most often.
    LAST_SAME_SHARE = Metric {
        key: "last_same_share",
        name: "share of messages that the same reader was the last to hear, of each room the one who was last most often",
        short: "same last",
        unit: Unit::Share,
        metric: |run| run.last_same_share,
        better: Better::Less,
        column: None,
    };

    /// Age of the newest message that a reader holds, median over looks.
    STALENESS_P50 = Metric {
        key: "staleness_p50",
        name: "age of the newest message that a reader holds, median over looks",
        short: "staleness p50",
        unit: Unit::Microseconds,
        metric: |run| run.staleness_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Age of the newest message that a reader holds, 99th percentile over looks.
    STALENESS_P99 = Metric {
        key: "staleness_p99",
        name: "age of the newest message that a reader holds, 99th percentile over looks",
        short: "staleness p99",
        unit: Unit::Microseconds,
        metric: |run| run.staleness_p99_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Share of looks in which a reader held all that it should.
    COHERENCE = Metric {
        key: "coherence",
        name: "share of looks in which a reader held all that it should",
        short: "coherent",
        unit: Unit::Share,
        metric: |run| run.coherence,
        better: Better::More,
        column: None,
    };
}
