//! `[link]`: the network between the swarm and the server, as wished for. What
//! carries the wish out is the crate `link`; here it is only plain values.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `[link]`. Every key may be left out; what is left out is not done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSettings {
    /// One-way delay, the same each way. Default 0s.
    #[serde(with = "humantime_serde")]
    pub delay: Duration,
    /// Largest deviation from `delay`, uniform, order kept. Default 0s.
    #[serde(with = "humantime_serde")]
    pub jitter: Duration,
    /// Bytes let through each way, written in bits: `"2mbit"`. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// From the beginning of one stall to the next. Goes with `stall_for`.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub stall_every: Option<Duration>,
    /// How long nothing passes. Goes with `stall_every`.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub stall_for: Option<Duration>,
    /// The age at which a connection is reset.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub reset_after: Option<Duration>,
    /// The silence after which a connection is cut.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub idle_cut: Option<Duration>,
    /// What a proxy keeps back: `"none"` (default), a size such as `"4KiB"`, or `"response"`.
    pub buffer: Buffering,
    /// Whether setting up a connection costs its round trip, as it does on a real
    /// network. Default true.
    pub connect_rtt: bool,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            rate: None,
            stall_every: None,
            stall_for: None,
            reset_after: None,
            idle_cut: None,
            buffer: Buffering::None,
            connect_rtt: true,
        }
    }
}

/// How much passes in a second, each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Bytes a second.
    pub bytes_per_second: u64,
}

/// What a proxy does with a response on its way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffering {
    /// Passes on what it has.
    None,
    /// Passes on when this many bytes have come together, or the response ended.
    Bytes(u64),
    /// Passes on when the response ended.
    Response,
}

/// A text that is no rate or no buffer size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is {given:?} where {wanted} belongs")]
pub struct UnreadableSize {
    given: String,
    wanted: &'static str,
}

/// Bits, decimal as network rates are.
const BITS: [(&str, u64); 4] = [
    ("kbit", 1_000),
    ("mbit", 1_000_000),
    ("gbit", 1_000_000_000),
    ("bit", 1),
];

/// Bytes, binary as buffers are.
const BYTES: [(&str, u64); 3] = [("KiB", 1024), ("MiB", 1024 * 1024), ("B", 1)];

fn sized(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    number.trim().parse::<u64>().ok()?.checked_mul(*unit)
}

/// The largest unit that leaves a whole number.
fn in_units(value: u64, units: &[(&'static str, u64)]) -> String {
    let (name, unit) = units
        .iter()
        .filter(|(_, unit)| value.is_multiple_of(*unit))
        .max_by_key(|(_, unit)| *unit)
        .copied()
        .unwrap_or(("", 1));
    format!("{}{name}", value / unit)
}

impl FromStr for Rate {
    type Err = UnreadableSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        sized(text, &BITS)
            .map(|bits| bits / 8)
            .filter(|bytes| *bytes > 0)
            .map(|bytes_per_second| Self { bytes_per_second })
            .ok_or_else(|| UnreadableSize {
                given: text.to_owned(),
                wanted: "a rate such as \"64kbit\" or \"2mbit\" (8bit at least)",
            })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&in_units(self.bytes_per_second * 8, &BITS))
    }
}

impl FromStr for Buffering {
    type Err = UnreadableSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "response" => Ok(Self::Response),
            size => sized(size, &BYTES)
                .filter(|bytes| *bytes > 0)
                .map(Self::Bytes)
                .ok_or_else(|| UnreadableSize {
                    given: text.to_owned(),
                    wanted: "\"none\", \"response\" or a size such as \"4KiB\"",
                }),
        }
    }
}

impl fmt::Display for Buffering {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.pad("none"),
            Self::Bytes(bytes) => formatter.pad(&in_units(*bytes, &BYTES)),
            Self::Response => formatter.pad("response"),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Buffering {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Buffering {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_buffers_are_read_back() {
        for text in ["64kbit", "2mbit", "8bit", "1gbit"] {
            assert_eq!(
                text.parse::<Rate>().map(|rate| rate.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in ["none", "response", "4KiB", "1MiB", "100B"] {
            assert_eq!(
                text.parse::<Buffering>().map(|buffer| buffer.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "2mbit".parse(),
            Ok(Rate {
                bytes_per_second: 250_000
            })
        );
        for text in ["2", "fast", "-1mbit", "99999999999999gbit", "7bit"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
