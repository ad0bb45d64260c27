//! The computation of figures from the row of a run.

use results::RunRow;
use wire::{Compression, Way};

/// Returns the number of events that the window brought, whether or not they count: a poll also
/// brings messages of the settling phase, and they cost bytes and processor time.
#[must_use]
pub fn brought(run: &RunRow) -> f64 {
    run.exchange_events.unwrap_or(0).max(run.delivered) as f64
}

/// Returns an amount of the window for each event that it brought, or `None` if nothing was
/// delivered.
#[must_use]
pub fn per_message(run: &RunRow, amount: u64) -> Option<f64> {
    (run.delivered > 0).then(|| amount as f64 / brought(run))
}

/// Converts a column for each counted delivery to one for each event that the window brought.
fn shared(run: &RunRow, per_delivery: Option<f64>) -> Option<f64> {
    per_delivery.map(|amount| amount * run.delivered as f64 / brought(run).max(1.0))
}

/// Returns the median latency, in microseconds.
#[must_use]
pub fn p50_us(run: &RunRow) -> Option<f64> {
    run.p50_us.map(|us| us as f64)
}

/// The number of messages below which p99 depends on only a few of them.
const P99_MESSAGES: f64 = 100.0;

/// Returns the latency that 99 of 100 deliveries stay below, only if the run has a hundred
/// messages: each goes to all readers of a room, so that a thousand deliveries may be those of
/// three messages. Older files contain the value even with fewer messages.
#[must_use]
pub fn p99_us(run: &RunRow) -> Option<f64> {
    let us = run.p99_us.filter(|_| messages(run) >= P99_MESSAGES)?;
    Some(us as f64)
}

/// Returns the number of messages that were due during the measurement; the rate has three digits.
#[must_use]
pub fn messages(run: &RunRow) -> f64 {
    (run.offered_per_s * run.measured_ms as f64 / 1e3).round()
}

/// Returns the longest latency, in microseconds.
#[must_use]
pub fn max_us(run: &RunRow) -> Option<f64> {
    run.max_us.map(|us| us as f64)
}

/// Returns the socket bytes from clients to the server for each message.
#[must_use]
pub fn bytes_up(run: &RunRow) -> Option<f64> {
    per_message(run, run.bytes_up)
}

/// Returns the socket bytes from the server to clients for each message.
#[must_use]
pub fn bytes_down(run: &RunRow) -> Option<f64> {
    per_message(run, run.bytes_down)
}

/// Returns the socket bytes of both directions for each message.
#[must_use]
pub fn bytes_both_ways(run: &RunRow) -> Option<f64> {
    per_message(run, run.bytes_up + run.bytes_down)
}

/// Returns the bytes of the events themselves for each delivery, as they crossed the sockets.
#[must_use]
pub fn payload_bytes(run: &RunRow) -> Option<f64> {
    match run.packed() {
        Compression::None => event_bytes(run),
        _ => packed_bytes(run),
    }
}

/// Returns the bytes of an event's JSON, as its reader decoded it.
fn event_bytes(run: &RunRow) -> Option<f64> {
    (run.delivered > 0).then(|| run.event_bytes as f64 / run.delivered as f64)
}

/// Returns the bytes of compressed content for each event that exchanges brought, of which some may
/// not count as deliveries.
fn packed_bytes(run: &RunRow) -> Option<f64> {
    per_message(run, run.packed_bytes?)
}

/// Returns how many bytes of events one byte of compressed content brought, or `None` for a run
/// without compression.
#[must_use]
pub fn compression_ratio(run: &RunRow) -> Option<f64> {
    let packed = packed_bytes(run).filter(|bytes| *bytes > 0.0)?;
    event_bytes(run).map(|event| event / packed)
}

/// Returns the bytes that are no payload for each message.
#[must_use]
pub fn overhead_bytes(run: &RunRow) -> Option<f64> {
    shared(run, run.header_bytes_per_delivery)
}

/// Returns the requests of readers for each message. A delivery by a stream or WebSocket is an
/// exchange too, but nobody requested it.
#[must_use]
pub fn requests(run: &RunRow) -> Option<f64> {
    per_message(run, if asks(run) { run.exchanges } else { 0 })
}

/// Returns the requests for each message of readers that poll, or `None` for other ways.
#[must_use]
pub fn polls(run: &RunRow) -> Option<f64> {
    requests(run).filter(|_| asks(run))
}

/// Returns whether readers request each delivery.
#[must_use]
pub fn asks(run: &RunRow) -> bool {
    run.way().is_some_and(Way::polls)
}

/// Returns the requests of readers that brought nothing, for each message.
#[must_use]
pub fn empty_requests(run: &RunRow) -> Option<f64> {
    per_message(run, if asks(run) { run.empty_exchanges } else { 0 })
}

/// Returns the server's processor time for each message, in microseconds.
#[must_use]
pub fn server_cpu_us(run: &RunRow) -> Option<f64> {
    shared(run, run.server_cpu_us_per_delivery)
}

/// Returns the proxy's processor time for each message, in microseconds.
#[must_use]
pub fn proxy_cpu_us(run: &RunRow) -> Option<f64> {
    shared(run, run.proxy_cpu_us_per_delivery)
}

/// Returns the bytes that a proxy added for each message on the way up: what servers received less
/// what people sent. Negative if it left some out.
#[must_use]
pub fn proxy_added_up(run: &RunRow) -> Option<f64> {
    added(run, run.bytes_up, run.server_bytes_up?)
}

/// Returns the bytes that a proxy added for each message on the way down: what people received less
/// what servers sent. Negative if it left some out.
#[must_use]
pub fn proxy_added_down(run: &RunRow) -> Option<f64> {
    added(run, run.server_bytes_down?, run.bytes_down)
}

/// Returns for each message how much more came out than went in.
fn added(run: &RunRow, went_in: u64, came_out: u64) -> Option<f64> {
    (run.delivered > 0).then(|| (came_out as f64 - went_in as f64) / brought(run))
}

/// Returns the processor time of the Redis for each message, in microseconds.
#[must_use]
pub fn broker_cpu_us(run: &RunRow) -> Option<f64> {
    shared(run, run.broker_cpu_us_per_delivery)
}

/// Returns the bytes between servers and Redis for each message, both ways.
#[must_use]
pub fn broker_bytes(run: &RunRow) -> Option<f64> {
    per_message(run, run.broker_bytes_in? + run.broker_bytes_out?)
}

/// Returns the memory that the clients added to the server, for each of them, in bytes.
#[must_use]
pub fn server_memory(run: &RunRow) -> Option<f64> {
    run.own_rss_bytes_per_client().map(|bytes| bytes as f64)
}

/// Returns the memory that the clients added to the server, for each of them, in KiB.
#[must_use]
pub fn server_kib_per_client(run: &RunRow) -> Option<f64> {
    run.own_rss_bytes_per_client()
        .map(|bytes| bytes as f64 / 1024.0)
}

/// Returns the share of exchanges that brought no event.
#[must_use]
pub fn empty_share(run: &RunRow) -> Option<f64> {
    (run.exchanges > 0).then(|| run.empty_exchanges as f64 / run.exchanges as f64)
}

/// Returns the mean number of events in an exchange that brought any.
#[must_use]
pub fn events_per_exchange(run: &RunRow) -> Option<f64> {
    let full = run.exchanges.saturating_sub(run.empty_exchanges);
    let events = run.exchange_events?;
    (full > 0).then(|| events as f64 / full as f64)
}

/// Returns the share of a part in a whole, at most 1.
#[must_use]
pub fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|whole| *whole > 0)?;
    Some((part? as f64 / whole as f64).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a run whose last poll of settling comes late: 40 events counted, 42 were brought.
    #[test]
    fn what_the_window_brought_shares_what_the_window_saw() {
        let run = RunRow {
            transport: "short_poll".to_owned(),
            delivered: 40,
            exchange_events: Some(42),
            bytes_up: 2_000,
            bytes_down: 2_200,
            exchanges: 21,
            header_bytes_per_delivery: Some(21.0),
            server_cpu_us_per_delivery: Some(10.5),
            ..RunRow::default()
        };
        assert_eq!(bytes_both_ways(&run), Some(100.0));
        assert_eq!(requests(&run), Some(0.5));
        assert_eq!(overhead_bytes(&run), Some(20.0));
        assert_eq!(server_cpu_us(&run), Some(10.0));
        let older = RunRow {
            exchange_events: None,
            ..run
        };
        assert_eq!(bytes_both_ways(&older), Some(105.0));
        assert_eq!(overhead_bytes(&older), Some(21.0));
    }

    /// Checks a run of 40 deliveries that count and 50 events that were brought, of 230 bytes of
    /// JSON each, and 46 packed.
    #[test]
    fn what_was_packed_is_held_against_the_events_that_it_brought() {
        let run = RunRow {
            transport: "short_poll".to_owned(),
            variant: "1s gzip".to_owned(),
            delivered: 40,
            exchange_events: Some(50),
            event_bytes: 9_200,
            packed_bytes: Some(2_300),
            ..RunRow::default()
        };
        assert_eq!(compression_ratio(&run), Some(5.0));
        assert_eq!(payload_bytes(&run), Some(46.0));
        let unknown = RunRow {
            packed_bytes: None,
            ..run.clone()
        };
        assert_eq!(payload_bytes(&unknown), None, "the JSON did not cross");
        let plain = RunRow {
            variant: "1s".to_owned(),
            packed_bytes: None,
            ..run
        };
        assert_eq!(compression_ratio(&plain), None);
        assert_eq!(payload_bytes(&plain), Some(230.0));
    }

    #[test]
    fn a_stream_makes_no_request() {
        let run = |transport: &str| RunRow {
            transport: transport.to_owned(),
            delivered: 40,
            exchanges: 40,
            ..RunRow::default()
        };
        let requests = |transport| requests(&run(transport));
        assert_eq!(requests("long_poll"), Some(1.0));
        assert_eq!(requests("http_stream"), Some(0.0));
        assert_eq!(requests("websocket"), Some(0.0));
    }

    /// Checks that a thousand readers of three messages make 3,000 deliveries.
    #[test]
    fn three_messages_carry_no_p99() {
        let run = |offered_per_s: f64| RunRow {
            offered_per_s,
            measured_ms: 30_000,
            delivered: 100_000,
            p99_us: Some(7),
            ..RunRow::default()
        };
        assert_eq!(p99_us(&run(0.1)), None);
        assert_eq!(p99_us(&run(3.3)), None);
        // A hundred messages in 30 s, with the three digits of the column.
        assert_eq!(p99_us(&run(3.333)), Some(7.0));
    }
}
