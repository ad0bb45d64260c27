//! The name of a variant: the words of its CSV columns in a form for readers.

use wire::{Compression, Exchange, Protocol, Way};

/// Returns the name of a variant. The interval of a short poll is always part of the name, because
/// it determines all of its figures; the hold of a long poll is part of it only if there are
/// several variants.
pub(super) fn name(way: Option<Way>, transport: &str, variant: &str, siblings: usize) -> String {
    let parameters = spoken(variant);
    let Some(way) = way else {
        return format!("{transport} {parameters}").trim_end().to_owned();
    };
    let protocol = Protocol::from_variant(variant);
    if let Some(title) = protocol.title() {
        let over = protocol.way_title(way);
        let close = if variant.contains("close") {
            ", no keep-alive"
        } else {
            ""
        };
        return format!("{title} over {over}{close}");
    }
    let is_plain = Compression::from_variant(variant) == Compression::None;
    let is_usual = siblings == 1 && !variant.contains("close") && is_plain;
    let parameters = match way.exchange() {
        Exchange::Held if is_usual => "",
        // The first word is the framing, which the title contains already.
        _ if way.framing().is_some() => parameters.split_once(' ').map_or("", |(_, rest)| rest),
        _ => &parameters,
    };
    format!("{} {parameters}", protocol.way_title(way))
        .trim_end()
        .to_owned()
}

/// Formats the words of a variant: `1s close` becomes `1 s, no keep-alive`, `hold 25s` becomes
/// `25 s`, and `-` becomes an empty text.
fn spoken(variant: &str) -> String {
    let mut words = Vec::new();
    for word in variant.split_whitespace() {
        match word {
            "-" | "hold" | "close" | "jsonp" | "iframe" => {}
            "deflate_context" => words.push("deflate with context".to_owned()),
            _ => words.push(match duration(word) {
                Some((number, unit)) => format!("{number} {unit}"),
                None => word.to_owned(),
            }),
        }
    }
    let close = variant.split_whitespace().any(|word| word == "close");
    words.join(" ") + if close { ", no keep-alive" } else { "" }
}

/// Splits a word such as `250ms` into its number and its unit.
fn duration(word: &str) -> Option<(u64, &str)> {
    let unit = word.find(|letter: char| !letter.is_ascii_digit())?;
    Some((word[..unit].parse().ok()?, &word[unit..]))
}

/// Returns the length of time in a variant's words, in milliseconds, as a key for sorting: 250ms
/// before 1s.
#[must_use]
pub fn milliseconds(variant: &str) -> u64 {
    variant
        .split_whitespace()
        .filter_map(duration)
        .map(|(number, unit)| match unit {
            "ms" => number,
            "s" => number.saturating_mul(1_000),
            "m" | "min" => number.saturating_mul(60_000),
            _ => 0,
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let named = |transport, variant, siblings| {
            let way = Way::from_columns(transport, variant);
            name(way, transport, variant, siblings)
        };
        assert_eq!(named("short_poll", "250ms", 1), "Short poll 250 ms");
        assert_eq!(
            named("short_poll", "1s close", 1),
            "Short poll 1 s, no keep-alive"
        );
        assert_eq!(named("long_poll", "hold 25s", 1), "Long poll");
        assert_eq!(named("long_poll", "hold 25s", 2), "Long poll 25 s");
        assert_eq!(named("http_stream", "ndjson", 1), "Stream (NDJSON)");
        assert_eq!(named("http_stream", "sse", 1), "Stream (SSE)");
        assert_eq!(named("long_poll", "hold 25s jsonp", 1), "JSONP");
        assert_eq!(
            named("long_poll", "hold 2s jsonp close", 2),
            "JSONP 2 s, no keep-alive"
        );
        assert_eq!(named("http_stream", "iframe", 1), "Forever iframe");
        assert_eq!(named("websocket", "-", 1), "WebSocket");
        assert_eq!(named("websocket", "deflate", 1), "WebSocket deflate");
        assert_eq!(
            named("websocket", "deflate_context", 1),
            "WebSocket deflate with context"
        );
        assert_eq!(
            named("long_poll", "hold 25s gzip", 1),
            "Long poll 25 s gzip"
        );
        assert_eq!(named("http_stream", "sse br", 2), "Stream (SSE) br");
        assert_eq!(
            named("websocket", "socket_io", 3),
            "Socket.IO over WebSocket"
        );
        assert_eq!(named("long_poll", "socket_io", 2), "Socket.IO over polling");
        assert_eq!(
            named("long_poll", "sockjs close", 2),
            "SockJS over xhr-polling, no keep-alive"
        );
        assert_eq!(
            named("http_stream", "sockjs", 2),
            "SockJS over xhr-streaming"
        );
        assert_eq!(
            named("http_stream", "sse sockjs", 2),
            "SockJS over eventsource"
        );
        assert_eq!(
            named("long_poll", "jsonp sockjs", 2),
            "SockJS over jsonp-polling"
        );
        assert_eq!(
            named("http_stream", "iframe sockjs", 2),
            "SockJS over htmlfile"
        );
        assert_eq!(named("carrier_pigeon", "-", 1), "carrier_pigeon");
    }

    #[test]
    fn sorted_by_length_of_time() {
        assert!(milliseconds("250ms") < milliseconds("1s"));
        assert_eq!(milliseconds("1s 500ms"), 1_500);
        assert_eq!(milliseconds("-"), 0);
    }
}
