//! The swept values in the name of a cell, such as `clients=100 link.delay=20ms`.
//!
//! A value is a number, a length of time, or a text. Times are converted to milliseconds, so that
//! those of one key can be ordered and drawn to scale. If one value of a key is a text, all of its
//! values are treated as texts, so that no run is missing from an axis. The versions of HTTP and of
//! TLS are texts too: nothing lies between 1.1 and 2.

mod axis;

use std::time::Duration;

pub use axis::Axis;

use crate::{cell::Cell, unit};

/// The kind of a key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Times in the format of humantime: `20ms`, or `1m 30s` without the blank.
    Time,
    /// Texts, which have no distances.
    Text,
}

/// Returns the `key=value` pairs in a cell's name.
pub fn swept(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split_whitespace()
        .filter_map(|word| word.split_once('='))
}

/// Returns the value of a key in a cell's name, if it is a number or a time.
#[must_use]
pub fn value_of(cell: &str, key: &str) -> Option<f64> {
    let mut pairs = swept(cell);
    number(pairs.find(|(name, _)| *name == key)?.1)
}

/// Returns a number as it is and a time in milliseconds, or `None` for other texts and for values
/// below zero.
#[must_use]
pub fn number(value: &str) -> Option<f64> {
    let plain = value
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    plain
        .or_else(|| time(value).map(|time| time.as_secs_f64() * 1e3))
        .filter(|number| *number >= 0.0)
}

fn time(value: &str) -> Option<Duration> {
    humantime::parse_duration(value).ok()
}

/// Returns the kind of a key's values, over all cells.
#[must_use]
pub fn kind_of(cells: &[Cell<'_>], key: &str) -> Kind {
    if is_version(key) {
        return Kind::Text;
    }
    let values = cells.iter().flat_map(|cell| swept(cell.name));
    let mut own = values.filter(|(name, _)| *name == key);
    let all = own.try_fold(Kind::Number, |kind, (_, value)| {
        // The value `0` is a number and also a time without a unit.
        match (value.parse::<f64>().is_ok(), number(value)) {
            (true, Some(_)) => Ok(kind),
            (false, Some(_)) => Ok(Kind::Time),
            (_, None) => Err(Kind::Text),
        }
    });
    all.unwrap_or_else(|text| text)
}

/// Returns the name of a swept key for readers, with the unit of its axis.
#[must_use]
pub fn title(cells: &[Cell<'_>], key: &str) -> String {
    match kind_of(cells, key) {
        Kind::Time => format!("{}, ms", spoken(key)),
        Kind::Number | Kind::Text => spoken(key),
    }
}

/// Returns the words that follow a value in a sentence: `messages/s`, `ms of one-way delay`.
#[must_use]
pub fn of_value(cells: &[Cell<'_>], key: &str) -> String {
    match last(key) {
        "rate" => "messages/s".to_owned(),
        "payload" | "payload_bytes" => "bytes of text".to_owned(),
        _ if kind_of(cells, key) == Kind::Time => format!("ms of {}", spoken(key)),
        _ => spoken(key),
    }
}

/// Returns whether the values of a key are versions of a protocol, which look like numbers.
fn is_version(key: &str) -> bool {
    matches!(last(key), "http" | "tls")
}

/// Returns a value as readers know it where the value alone does not say what it is of: `2` of `http`
/// becomes `HTTP/2`, and `false` of `tls` becomes `no TLS`.
#[must_use]
pub fn named(key: &str, value: &str) -> String {
    match (last(key), value) {
        ("http", version) => format!("HTTP/{version}"),
        ("tls", "false") => "no TLS".to_owned(),
        ("tls", version) => format!("TLS {version}"),
        ("settings", "none") => "no proxy".to_owned(),
        ("settings", "default") => "default settings".to_owned(),
        ("settings", "right") => "right settings".to_owned(),
        ("settings", "upgrade_lines") => "Upgrade lines".to_owned(),
        ("settings", "websocket_lines") => "WebSocket lines".to_owned(),
        ("settings", "sse_lines") => "SSE lines".to_owned(),
        ("settings", "both_lines") => "WebSocket lines, no buffering".to_owned(),
        _ => value.to_owned(),
    }
}

/// Returns the name of a swept key for readers.
#[must_use]
pub fn spoken(key: &str) -> String {
    match last(key) {
        "clients" => "clients".to_owned(),
        "rate" => "messages per second in each room".to_owned(),
        "payload" | "payload_bytes" => "bytes of text in a message".to_owned(),
        "rooms" => "rooms".to_owned(),
        "nodes" => "servers".to_owned(),
        "publishers" => "people who speak in each room".to_owned(),
        "delay" => "one-way delay".to_owned(),
        "profile" => "header profile".to_owned(),
        "http" => "version of HTTP".to_owned(),
        "tls" => "version of TLS".to_owned(),
        "settings" => "kind of settings".to_owned(),
        _ => key.to_owned(),
    }
}

/// Returns a value with its key in words: `clients=1000` becomes `1,000 clients`.
#[must_use]
pub fn headed(name: &str, value: &str) -> String {
    let known = named(name, value);
    if known != value {
        return known;
    }
    let value = match value.parse::<f64>() {
        Ok(number) if number >= 1e3 => unit::grouped(number as u64),
        _ => value.to_owned(),
    };
    let short = match last(name) {
        "rate" => "messages/s in each room",
        "payload" | "payload_bytes" => "bytes of text",
        "publishers" => "speakers in each room",
        "readers_per_room" => "readers in each room",
        "nodes" => "servers",
        key @ ("clients" | "rooms") => key,
        key => return format!("{} {value}", key.replace('_', " ")),
    };
    // A value of one takes the singular: `1 room`, not `1 rooms`.
    let short = match (value.as_str(), short) {
        ("1", "clients") => "client",
        ("1", "rooms") => "room",
        ("1", "servers") => "server",
        ("1", "messages/s in each room") => "message/s in each room",
        _ => short,
    };
    format!("{value} {short}")
}

/// Returns the key without its table.
fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns cells of these names, without runs.
    pub(super) fn cells<'a>(names: &[&'a str]) -> Vec<Cell<'a>> {
        let cell = |name: &&'a str| Cell {
            name,
            variants: Vec::new(),
        };
        names.iter().map(cell).collect()
    }

    #[test]
    fn numbers_and_times() {
        assert_eq!(number("0.25"), Some(0.25));
        assert_eq!(number("20ms"), Some(20.0));
        assert_eq!(number("1s500ms"), Some(1_500.0));
        assert_eq!(number("250us"), Some(0.25));
        for text in ["browser", "10..200", "-3", "NaN", "inf", ""] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_what_all_its_values_are() {
        let delays = cells(&[
            "link.delay=0 rate=1",
            "link.delay=20ms rate=4",
            "link.delay=1s rate=1",
        ]);
        assert_eq!(kind_of(&delays, "link.delay"), Kind::Time);
        assert_eq!(kind_of(&delays, "rate"), Kind::Number);
        assert_eq!(title(&delays, "link.delay"), "one-way delay, ms");
        assert_eq!(of_value(&delays, "link.delay"), "ms of one-way delay");
        assert_eq!(of_value(&delays, "rate"), "messages/s");
        let servers = cells(&["rooms=1 nodes=1", "rooms=1 nodes=4"]);
        assert_eq!(title(&servers, "nodes"), "servers");
        assert_eq!(of_value(&servers, "nodes"), "servers");
        let mixed = cells(&["payload=10", "payload=10..200"]);
        assert_eq!(kind_of(&mixed, "payload"), Kind::Text);
    }

    #[test]
    fn headings_are_spoken() {
        assert_eq!(headed("clients", "1000"), "1,000 clients");
        assert_eq!(headed("swarm.clients", "1"), "1 client");
        assert_eq!(headed("server.nodes", "1"), "1 server");
        assert_eq!(headed("nodes", "4"), "4 servers");
        assert_eq!(headed("rate", "0.25"), "0.25 messages/s in each room");
        assert_eq!(headed("link.delay", "50ms"), "delay 50ms");
        assert_eq!(headed("server.http", "2"), "HTTP/2");
        assert_eq!(headed("tls", "false"), "no TLS");
        assert_eq!(headed("settings", "right"), "right settings");
        assert_eq!(headed("settings", "sse_lines"), "SSE lines");
    }

    /// Checks that there is no line, crossing or map between versions.
    #[test]
    fn versions_are_names() {
        let paths = cells(&["http=1.1 tls=1.2", "http=2 tls=1.3"]);
        for key in ["http", "tls"] {
            assert_eq!(kind_of(&paths, key), Kind::Text, "{key}");
        }
        let axis = Axis::of(&paths).expect("an axis");
        assert_eq!(axis.texts.len(), 2);
    }
}
