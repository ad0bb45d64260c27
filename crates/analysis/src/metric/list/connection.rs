//! The costs of a connection beside messages, and the exchanges that it consists of.

use super::metrics;
use crate::{
    metric::{Better, Metric, of},
    unit::Unit,
};

metrics! {
    /// The time from connecting to being ready to receive, median over clients.
    OPENING_P50 = Metric {
        key: "opening_p50",
        name: "from connecting to being ready to hear, median over clients",
        short: "set-up",
        unit: Unit::Microseconds,
        metric: |run| run.opening_p50_us.map(|us| us as f64),
        better: Better::Less,
        column: None,
    };

    /// Bytes of handshakes and stream openings, both directions.
    SETUP_BYTES_PER_CLIENT = Metric {
        key: "setup_bytes_per_client",
        name: "bytes of handshakes and stream openings, both directions",
        short: "set-up bytes",
        unit: Unit::Bytes,
        metric: |run| run.setup_bytes_per_client,
        better: Better::Less,
        column: None,
    };

    /// Bytes of empty answers and heartbeats, scaled to a client and an hour.
    SILENCE_BYTES_PER_CLIENT_HOUR = Metric {
        key: "silence_bytes_per_client_hour",
        name: "bytes of empty answers and heartbeats, scaled to a client and an hour",
        short: "silence/h",
        unit: Unit::Bytes,
        metric: |run| run.silence_bytes_per_client_hour.map(|bytes| bytes as f64),
        better: Better::Less,
        column: None,
    };

    /// Share of exchanges that brought no event.
    EMPTY_SHARE = Metric {
        key: "empty_share",
        name: "share of exchanges that brought no event",
        short: "empty",
        unit: Unit::Share,
        metric: of::empty_share,
        better: Better::Less,
        column: None,
    };

    /// The mean number of events in an exchange that brought any.
    EVENTS_PER_EXCHANGE = Metric {
        key: "events_per_exchange",
        name: "events that an exchange brought which brought any",
        short: "events/exchange",
        unit: Unit::Number,
        metric: of::events_per_exchange,
        better: Better::Neither,
        column: None,
    };

    /// The most events that one exchange brought.
    BATCH_MAX = Metric {
        key: "batch_max",
        name: "the most events that one exchange brought",
        short: "most",
        unit: Unit::Count,
        metric: |run| run.batch_max.map(|events| events as f64),
        better: Better::Neither,
        column: None,
    };

    /// Threads of the server at the end.
    SERVER_THREADS = Metric {
        key: "server_threads",
        name: "threads of the server at the end",
        short: "threads",
        unit: Unit::Count,
        metric: |run| run.server_threads.map(|threads| threads as f64),
        better: Better::Neither,
        column: None,
    };

    /// The number of times that a thread of the server went to wait and was woken, for each message
    /// delivered.
    SERVER_WAKEUPS_PER_DELIVERY = Metric {
        key: "server_wakeups_per_delivery",
        name: "how often a thread of the server went to wait and was woken, for each message delivered",
        short: "wake-ups/msg",
        unit: Unit::Number,
        metric: |run| of::per_message(run, run.server_voluntary_switches?),
        better: Better::Less,
        column: None,
    };
}
