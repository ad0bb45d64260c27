//! The pace at which messages come to a reader, and the parts of an agent's turns.

use super::metrics;
use crate::{
    metric::{Better, Metric},
    unit::Unit,
};

/// The common part of figures that are parts of a time.
const TIME: Metric = Metric {
    key: "",
    name: "",
    short: "",
    metric: |_| None,
    unit: Unit::Milliseconds,
    better: Better::Less,
    column: None,
};

/// The common part of figures that are parts of the bytes.
const BYTES_OF: Metric = Metric {
    unit: Unit::Bytes,
    ..TIME
};

metrics! {
    /// Latency of the first delivery to each reader, median over readers.
    FIRST_DELIVERY = Metric {
        key: "first_delivery",
        name: "latency of the first message to each reader, median over readers",
        short: "first message",
        metric: |run| run.first_delivery_us.map(|us| us as f64),
        unit: Unit::Microseconds,
        ..TIME
    };

    /// The time between one delivery and the next, median.
    GAP_P50 = Metric {
        key: "gap_p50",
        name: "time between one message and the next, median",
        short: "gap p50",
        metric: |run| run.gap_p50_us.map(|us| us as f64),
        unit: Unit::Microseconds,
        ..TIME
    };

    /// The time between one delivery and the next, 99th percentile.
    GAP_P99 = Metric {
        key: "gap_p99",
        name: "time between one message and the next, 99th percentile",
        short: "gap p99",
        metric: |run| run.gap_p99_us.map(|us| us as f64),
        unit: Unit::Microseconds,
        ..TIME
    };

    /// The time of an agent's turns.
    AGENT_WHOLE = Metric {
        key: "agent_whole",
        name: "time of all turns",
        short: "all turns",
        metric: |run| run.agent_whole_ms,
        ..TIME
    };

    /// The part of it for the set-up of connections.
    AGENT_SETUP = Metric {
        key: "agent_setup",
        name: "part of the time for the set-up of connections",
        short: "set-up",
        metric: |run| run.agent_setup_ms,
        ..TIME
    };

    /// The part of it for history that is sent again.
    AGENT_HISTORY = Metric {
        key: "agent_history",
        name: "part of the time for history that is sent again",
        short: "history",
        metric: |run| run.agent_history_ms,
        ..TIME
    };

    /// The part of it for framing and software.
    AGENT_FRAMING = Metric {
        key: "agent_framing",
        name: "part of the time for framing and software",
        short: "framing",
        metric: |run| run.agent_framing_ms,
        ..TIME
    };

    /// The part of it in which bytes are on their way.
    AGENT_WAITING = Metric {
        key: "agent_waiting",
        name: "part of the time in which bytes are on their way",
        short: "waiting",
        metric: |run| run.agent_waiting_ms,
        ..TIME
    };

    /// The bytes for the set-up of connections.
    AGENT_SETUP_BYTES = Metric {
        key: "agent_setup_bytes",
        name: "bytes for the set-up of connections",
        short: "set-up B",
        metric: |run| run.agent_setup_bytes.map(|bytes| bytes as f64),
        ..BYTES_OF
    };

    /// The bytes of history that is sent again.
    AGENT_HISTORY_BYTES = Metric {
        key: "agent_history_bytes",
        name: "bytes of history that is sent again",
        short: "history B",
        metric: |run| run.agent_history_bytes.map(|bytes| bytes as f64),
        ..BYTES_OF
    };

    /// The bytes of framing.
    AGENT_FRAMING_BYTES = Metric {
        key: "agent_framing_bytes",
        name: "bytes of framing",
        short: "framing B",
        metric: |run| run.agent_framing_bytes.map(|bytes| bytes as f64),
        ..BYTES_OF
    };

    /// The bytes of new inputs and of answers.
    AGENT_CONTENT_BYTES = Metric {
        key: "agent_content_bytes",
        name: "bytes of new inputs and of answers",
        short: "content B",
        metric: |run| run.agent_content_bytes.map(|bytes| bytes as f64),
        ..BYTES_OF
    };
}
