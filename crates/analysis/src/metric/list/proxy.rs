//! The processor time and memory of a proxy before the server.

use super::metrics;
use crate::{
    metric::{Better, Metric, of},
    unit::Unit,
};

metrics! {
    /// The processor time of the proxy's processes over the window, for each message that it
    /// brought.
    PROXY_CPU = Metric {
        key: "proxy_cpu_us_per_delivery",
        name: "processor time of the proxy per message",
        short: "proxy CPU/msg",
        unit: Unit::Microseconds,
        metric: of::proxy_cpu_us,
        better: Better::Less,
        column: None,
    };

    /// The resident memory of the proxy's processes at the end of the window.
    PROXY_MEMORY = Metric {
        key: "proxy_rss_bytes",
        name: "resident memory of the proxy at the end",
        short: "proxy memory",
        unit: Unit::Memory,
        metric: |run| run.proxy_rss_bytes.map(|bytes| bytes as f64),
        better: Better::Less,
        column: None,
    };
}
