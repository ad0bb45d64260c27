//! The processor time and memory of a proxy before the server, and the bytes that it adds.

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

    /// The bytes that servers received in the window beyond those that people sent, for each
    /// message.
    PROXY_ADDED_UP = Metric {
        key: "proxy_added_bytes_up_per_delivery",
        name: "bytes that the proxy added per message, upwards",
        short: "proxy added up/msg",
        unit: Unit::Bytes,
        metric: of::proxy_added_up,
        better: Better::Less,
        column: None,
    };

    /// The bytes that people received in the window beyond those that servers sent, for each
    /// message.
    PROXY_ADDED_DOWN = Metric {
        key: "proxy_added_bytes_down_per_delivery",
        name: "bytes that the proxy added per message, downwards",
        short: "proxy added down/msg",
        unit: Unit::Bytes,
        metric: of::proxy_added_down,
        better: Better::Less,
        column: None,
    };
}

#[cfg(test)]
mod tests {
    use results::RunRow;

    use super::*;

    #[test]
    fn what_comes_out_beyond_what_went_in_is_added() {
        let run = RunRow {
            delivered: 100,
            bytes_up: 5_000,
            bytes_down: 40_000,
            server_bytes_up: Some(4_000),
            server_bytes_down: Some(35_400),
            ..RunRow::default()
        };
        let added = |run: &RunRow| {
            let [up, down] = [&PROXY_ADDED_UP, &PROXY_ADDED_DOWN];
            ((up.metric)(run), (down.metric)(run))
        };
        assert_eq!(added(&run), (Some(-10.0), Some(46.0)));
        assert_eq!(PROXY_ADDED_UP.unit.show(-10.0), "-10 B");
        // An event that does not count as a delivery has its share, as of all bytes of the window.
        let more = RunRow {
            exchange_events: Some(200),
            ..run.clone()
        };
        assert_eq!(added(&more), (Some(-5.0), Some(23.0)));
        let unknown = RunRow {
            server_bytes_up: None,
            server_bytes_down: None,
            ..run
        };
        assert_eq!(added(&unknown), (None, None));
    }
}
