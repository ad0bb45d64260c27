//! `/metrics`: what the server is doing, in the text of OpenMetrics 1.0
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>). It is there only if
//! [`crate::Settings::counters`] are; most of it is read from the rooms when somebody asks.

use std::fmt::Write;

use bytes::Bytes;
use dissect::Direction;
use hyper::Method;

use crate::{
    chat::Chat,
    http::{
        refusal::Refusal,
        reply::{self, Reply},
        route::check_method,
    },
    net::counters::{Counters, Limit, SWEEP_ENDS},
};

/// The path of the metrics.
pub(crate) const PATH: &str = "/metrics";

/// Answers with all metrics.
pub(crate) fn answer(chat: &Chat, counters: &Counters, method: &Method) -> Result<Reply, Refusal> {
    check_method("GET, HEAD", method)?;
    Ok(reply::open_metrics(Bytes::from(text(chat, counters))))
}

/// A text that grows by one metric after the other.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Adds a value that goes up and down.
    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "gauge", help);
        self.sample(name, "", value);
    }

    /// Adds a value that only grows.
    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.sample(&format!("{name}_total"), "", value);
    }

    /// Adds the lines that say what a metric is.
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into memory does not fail.
        let _ = writeln!(self.0, "# TYPE wirebench_{name} {kind}");
        let _ = writeln!(self.0, "# HELP wirebench_{name} {help}");
    }

    /// Adds one value; `labels` are as they stand in braces.
    fn sample(&mut self, name: &str, labels: &str, value: u64) {
        let _ = writeln!(self.0, "wirebench_{name}{labels} {value}");
    }
}

fn text(chat: &Chat, counters: &Counters) -> String {
    let mut text = Text::default();
    sockets(&mut text, chat, counters);
    rooms(&mut text, chat);
    sweeps(&mut text, counters);
    text.head(
        "refused",
        "counter",
        "Requests, drafts and connections that were refused, by code.",
    );
    for (code, count) in counters.refused() {
        text.sample("refused_total", &format!("{{code=\"{code}\"}}"), count);
    }
    text.0.push_str("# EOF\n");
    text.0
}

/// Adds what is known of connections.
fn sockets(text: &mut Text, chat: &Chat, counters: &Counters) {
    let open = chat.rooms.shares.open() as u64;
    text.gauge("open_connections", "Connections that are open.", open);
    let help = "Connections that were let in.";
    text.counter("connections", help, counters.connections());
    let help = "Connections that were ended to make room for others.";
    text.counter("evicted_connections", help, counters.evicted());
    text.head(
        "ended_connections",
        "counter",
        "Connections that were ended because their client was too slow or silent, by limit.",
    );
    for limit in Limit::ALL {
        let labels = format!("{{limit=\"{}\"}}", limit.name());
        text.sample("ended_connections_total", &labels, counters.ended(limit));
    }
    text.head(
        "socket_bytes",
        "counter",
        "Bytes that crossed the sockets, as seen by a client.",
    );
    for direction in Direction::ALL {
        let labels = format!("{{direction=\"{}\"}}", direction.name());
        text.sample("socket_bytes_total", &labels, counters.bytes(direction));
    }
}

/// Adds the times of sweeps, as a histogram.
fn sweeps(text: &mut Text, counters: &Counters) {
    let name = "sweep_seconds";
    let help = "Time in which all readers of a room that one thread serves are given what is new.";
    text.head(name, "histogram", help);
    let (classes, sum) = counters.sweeps();
    // A number that is whole is written with a point, too.
    let ends = SWEEP_ENDS.iter().map(|end| format!("{end:?}"));
    let mut count = 0;
    for (end, class) in ends.chain(["+Inf".to_owned()]).zip(classes) {
        count += class;
        text.sample("sweep_seconds_bucket", &format!("{{le=\"{end}\"}}"), count);
    }
    let _ = writeln!(text.0, "wirebench_{name}_sum {:?}", sum.as_secs_f64());
    text.sample("sweep_seconds_count", "", count);
}

/// Adds what is known of rooms, logs, readers and the store.
fn rooms(text: &mut Text, chat: &Chat) {
    let totals = chat.rooms.totals();
    text.gauge("rooms", "Rooms that are open.", totals.rooms as u64);
    let help = "People in all rooms who gave a name.";
    text.gauge("people", help, totals.people as u64);
    let help = "Readers that wait for events in a seat, by way; others ask and are gone.";
    text.head("readers", "gauge", help);
    for (way, count) in &totals.readers {
        text.sample("readers", &format!("{{way=\"{way}\"}}"), *count as u64);
    }
    let help = "Readers in a seat whose socket takes nothing more for now.";
    text.gauge("full_readers", help, totals.full_readers as u64);
    text.counter(
        "events",
        "Events that were put into the logs.",
        totals.events,
    );
    let dropped = totals.events.saturating_sub(totals.kept_events);
    text.counter(
        "dropped_events",
        "Events that the logs no longer keep.",
        dropped,
    );
    let help = "Events that readers were told that they missed.";
    text.counter("missed_events", help, totals.missed);
    text.gauge(
        "log_events",
        "Events that the logs keep.",
        totals.kept_events,
    );
    let help = "Memory of the logs as it counts for limits.";
    text.gauge("log_bytes", help, totals.kept_bytes as u64);
    let help = "Events that are on their way to the store.";
    text.gauge("store_waiting_events", help, totals.waiting as u64);
    let is_ready = chat.rooms.check_ready().is_ok();
    text.gauge("ready", "1 if drafts are taken.", u64::from(is_ready));
}
