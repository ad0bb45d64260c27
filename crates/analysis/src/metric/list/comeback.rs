//! Connections that were lost in the course of a run, and readers that came back.

use super::metrics;
use crate::{
    metric::{Better, Metric},
    unit::Unit,
};

/// The common part of figures that are times, of which less is better.
const TIME: Metric = Metric {
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
    ..TIME
};

metrics! {
    /// Connections that were lost in the course of the run.
    CUT_CONNECTIONS = Metric {
        key: "cut_connections",
        name: "connections that were lost in the course of the run",
        short: "lost connections",
        metric: |run| run.cut_connections.map(|value| value as f64),
        better: Better::Neither,
        ..COUNT
    };

    /// The time from the loss of a connection until its reader was back, median over readers.
    BACK_P50 = Metric {
        key: "back_p50",
        name: "from the loss of a connection until its reader was back, median over readers",
        short: "away p50",
        metric: |run| run.back_p50_ms.map(|value| value as f64 * 1e3),
        ..TIME
    };

    /// The time from the loss of a connection until its reader was back, 99th percentile.
    BACK_P99 = Metric {
        key: "back_p99",
        name: "from the loss of a connection until its reader was back, 99th percentile over readers",
        short: "away p99",
        metric: |run| run.back_p99_ms.map(|value| value as f64 * 1e3),
        ..TIME
    };

    /// The time from the first loss until the last reader was back.
    BACK_LAST = Metric {
        key: "back_last",
        name: "from the first loss until the last reader was back",
        short: "last back",
        metric: |run| run.back_last_ms.map(|value| value as f64 * 1e3),
        ..TIME
    };

    /// Connections that the server took from readers in the second that has most of them.
    RECONNECT_PEAK = Metric {
        key: "reconnect_peak_per_s",
        name: "connections that the server took from readers in the second that has most of them",
        short: "peak",
        metric: |run| run.reconnect_peak_per_s.map(|value| value as f64),
        ..COUNT
    };

    /// Connections that readers began in the second that has most of them.
    RECONNECT_ATTEMPTS_PEAK = Metric {
        key: "reconnect_attempts_peak_per_s",
        name: "connections that readers began, refused ones among them, in the second that has most of them",
        short: "peak of attempts",
        metric: |run| run.reconnect_attempts_peak_per_s.map(|value| value as f64),
        ..COUNT
    };

    /// Latency of what was due after the first loss, to readers that still had their connection.
    UNDISTURBED_P50 = Metric {
        key: "undisturbed_p50",
        name: "latency after the first loss, median over readers that still had their connection",
        short: "others p50",
        metric: |run| run.undisturbed_p50_us.map(|value| value as f64),
        ..TIME
    };

    /// The 99th percentile of the same.
    UNDISTURBED_P99 = Metric {
        key: "undisturbed_p99",
        name: "latency after the first loss, 99th percentile over readers that still had their connection",
        short: "others p99",
        metric: |run| run.undisturbed_p99_us.map(|value| value as f64),
        ..TIME
    };

    /// Attempts to come back that were refused or not answered.
    RECONNECT_REFUSED = Metric {
        key: "reconnect_refused",
        name: "attempts to come back that were refused or not answered",
        short: "refused",
        metric: |run| run.reconnect_refused.map(|value| value as f64),
        ..COUNT
    };

    /// Messages that were sent before their reader was back.
    REPLAYED_EVENTS = Metric {
        key: "replayed_events",
        name: "messages that were sent before their reader was back",
        short: "replayed",
        metric: |run| run.replayed_events.map(|value| value as f64),
        better: Better::Neither,
        ..COUNT
    };

    /// Bytes of the JSON of those messages.
    REPLAYED_BYTES = Metric {
        key: "replayed_bytes",
        name: "bytes of the JSON of those messages",
        short: "replayed bytes",
        metric: |run| run.replayed_bytes.map(|value| value as f64),
        unit: Unit::Bytes,
        better: Better::Neither,
        ..COUNT
    };

    /// Processor time of the server from the loss of all connections until the last reader was back.
    BACK_SERVER_CPU = Metric {
        key: "back_server_cpu",
        name: "processor time of the server from the loss of all connections until the last reader was back",
        short: "CPU of return",
        metric: |run| run.back_server_cpu_us.map(|value| value as f64),
        ..TIME
    };

    /// The processor time of the server in that one of these seconds in which it took most.
    BACK_SERVER_CPU_PEAK = Metric {
        key: "back_server_cpu_peak",
        name: "processor time of the server in that one of these seconds in which it took most",
        short: "CPU of return, peak",
        metric: |run| run.back_server_cpu_peak_us.map(|value| value as f64),
        ..TIME
    };
}
