//! The performance of the load generator, and its share of the latency.

use super::metrics;
use crate::{
    metric::{Better, Metric, of},
    unit::Unit,
};

metrics! {
    /// The lateness of messages against their schedule, median.
    LATE_P50 = Metric {
        key: "late_p50",
        name: "how late messages left against their schedule, median",
        short: "late p50",
        unit: Unit::Microseconds,
        metric: |run| run.late_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// The lateness of messages against their schedule, 99th percentile.
    LATE_P99 = Metric {
        key: "late_p99",
        name: "how late messages left against their schedule, 99th percentile",
        short: "late p99",
        unit: Unit::Microseconds,
        metric: |run| run.late_p99_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Processor time of the generator in all, over the window.
    SWARM_CPU_SHARE = Metric {
        key: "swarm_cpu_share",
        name: "processor time of the generator in all, over the window",
        short: "processors, in all",
        unit: Unit::Processors,
        metric: |run| run.swarm_cpu_share,
        better: Better::Less,
        column: None,
    };

    /// Processor time of the generator's busiest thread, over the window.
    BUSIEST_CPU_SHARE = Metric {
        key: "busiest_cpu_share",
        name: "processor time of the generator's busiest thread, over the window",
        short: "busiest thread",
        unit: Unit::Processors,
        metric: |run| run.busiest_cpu_share,
        better: Better::Less,
        column: None,
    };

    /// Processor time of the thread that publishes the messages, over the window.
    SPEAKING_CPU_SHARE = Metric {
        key: "speaking_cpu_share",
        name: "processor time of the thread that says the messages, over the window",
        short: "speaking thread",
        unit: Unit::Processors,
        metric: |run| run.speaking_cpu_share,
        better: Better::Less,
        column: None,
    };

    /// Latency as read, median.
    P50_AS_READ = Metric {
        key: "p50_as_read",
        name: "latency as read, median",
        short: "p50 as read",
        unit: Unit::Microseconds,
        metric: |run| run.p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Latency as arrived at the generator, median.
    ARRIVED_P50 = Metric {
        key: "arrived_p50",
        name: "latency as arrived at the generator, median",
        short: "as arrived",
        unit: Unit::Microseconds,
        metric: |run| run.arrived_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// The time from arrival to reading, median.
    READING_P50 = Metric {
        key: "reading_p50",
        name: "from arrived to read, median",
        short: "reading",
        unit: Unit::Microseconds,
        metric: |run| run.reading_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Share of the median latency that is the generator’s reading.
    READING_SHARE_P50 = Metric {
        key: "reading_share_p50",
        name: "share of the median latency that is the generator’s reading",
        short: "the generator’s share",
        unit: Unit::Share,
        metric: |run| of::share(run.reading_p50_us, run.p50_us),
        better: Better::Less,
        column: None,
    };

    /// Latency as read, 99th percentile.
    P99_AS_READ = Metric {
        key: "p99_as_read",
        name: "latency as read, 99th percentile",
        short: "p99 as read",
        unit: Unit::Microseconds,
        metric: |run| run.p99_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Latency as arrived at the generator, 99th percentile.
    ARRIVED_P99 = Metric {
        key: "arrived_p99",
        name: "latency as arrived at the generator, 99th percentile",
        short: "as arrived",
        unit: Unit::Microseconds,
        metric: |run| run.arrived_p99_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// The time from arrival to reading, 99th percentile.
    READING_P99 = Metric {
        key: "reading_p99",
        name: "from arrived to read, 99th percentile",
        short: "reading",
        unit: Unit::Microseconds,
        metric: |run| run.reading_p99_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Share of the window in which a thread of the generator waited for a processor.
    GENERATOR_WAIT_SHARE = Metric {
        key: "generator_wait_share",
        name: "share of the window in which a thread of the generator waited for a processor",
        short: "waited for a processor",
        unit: Unit::Share,
        metric: |run| run.generator_wait_share,
        better: Better::Less,
        column: None,
    };
}
