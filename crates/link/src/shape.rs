//! The shapes that a link can give to traffic, and the notation of each: `2mbit`, `10s,1400ms`,
//! `4KiB`.
//!
//! The command line, a scenario's `[link]` and the manifest use the same notation: each type here
//! prints what it parses.

use std::{fmt, str::FromStr, time::Duration};

use humantime_serde::re::humantime;
use serde::{Deserialize, Serialize};

use crate::SettingsError;

/// The rate at which a line takes bytes, in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    bytes_per_second: u64,
}

impl Rate {
    /// Makes a rate in bytes per second; `None` for zero, which would carry nothing for ever.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> Option<Self> {
        (bytes_per_second > 0).then_some(Self { bytes_per_second })
    }

    /// Returns the rate in bytes per second.
    #[must_use]
    pub fn bytes_per_second(self) -> u64 {
        self.bytes_per_second
    }

    /// Returns the time for which the line is busy with `bytes` bytes.
    #[must_use]
    pub fn time_for(self, bytes: usize) -> Duration {
        let nanos = bytes as u128 * 1_000_000_000 / u128::from(self.bytes_per_second);
        Duration::from_nanos(nanos as u64)
    }
}

/// The units a rate is written in, largest first: bits per second, as lines are sold.
const RATE_UNITS: [(&str, f64); 4] = [("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3), ("bit", 1.0)];

impl FromStr for Rate {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SettingsError::Rate(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        let (number, bits) = RATE_UNITS
            .iter()
            .find_map(|(unit, bits)| Some((lower.strip_suffix(unit)?, bits)))
            .ok_or_else(wrong)?;
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        if !number.is_finite() {
            return Err(wrong());
        }
        // A float below zero or too large saturates; zero is refused by `new`.
        Self::new((number * bits / 8.0).round() as u64).ok_or_else(wrong)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from(self.bytes_per_second) * 8;
        let (unit, size) = [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000)]
            .into_iter()
            .find(|(_, size)| bits.is_multiple_of(*size))
            .unwrap_or(("bit", 1));
        write!(formatter, "{}{unit}", bits / size)
    }
}

/// A pause of the whole link that comes again and again: nothing moves in either
/// direction of any connection, and what became late meanwhile goes out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stall {
    every: Duration,
    duration: Duration,
}

impl Stall {
    /// Creates pauses of `duration` that begin at each multiple of `every` after the link's start.
    ///
    /// # Errors
    ///
    /// Returns an error if either is zero, or if a pause would last until the next one begins.
    pub fn new(every: Duration, duration: Duration) -> Result<Self, SettingsError> {
        if duration.is_zero() || duration >= every {
            return Err(SettingsError::StallTooLong { every, duration });
        }
        Ok(Self { every, duration })
    }

    /// Returns the time from the beginning of one pause to the beginning of the next. A pause is
    /// shorter than this.
    pub(crate) fn every(self) -> Duration {
        self.every
    }

    /// Returns the moment at which something that is due at `at` may move: `at` itself, or the end
    /// of the pause that it falls in. Both count from the link's start.
    #[must_use]
    pub fn release(self, at: Duration) -> Duration {
        let every = self.every.as_nanos();
        let into = Duration::from_nanos((at.as_nanos() % every) as u64);
        if at < self.every || into >= self.duration {
            return at;
        }
        at.saturating_sub(into) + self.duration
    }
}

impl FromStr for Stall {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SettingsError::Stall(text.to_owned());
        let (every, duration) = text.split_once(',').ok_or_else(wrong)?;
        let read = |part: &str| humantime::parse_duration(part.trim()).map_err(|_| wrong());
        Self::new(read(every)?, read(duration)?)
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [every, duration] = [self.every, self.duration].map(humantime::format_duration);
        write!(formatter, "{every},{duration}")
    }
}

/// The part of a response that a proxy in the path keeps back before it passes the response on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Buffering {
    /// No bytes are kept back: they go on as they come.
    #[default]
    None,
    /// Bytes wait until this many have gathered or the response is complete.
    Bytes(usize),
    /// Bytes wait until the response is complete, or 1 MiB has gathered.
    Response,
}

impl FromStr for Buffering {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SettingsError::Buffering(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        match lower.as_str() {
            "none" => return Ok(Self::None),
            "response" => return Ok(Self::Response),
            _ => {}
        }
        let (number, unit) = [("mib", 1 << 20), ("kib", 1 << 10), ("b", 1)]
            .into_iter()
            .find_map(|(unit, size)| Some((lower.strip_suffix(unit)?, size)))
            .unwrap_or((&lower, 1));
        let number: usize = number.trim().parse().map_err(|_| wrong())?;
        match number.checked_mul(unit) {
            Some(bytes) if bytes > 0 => Ok(Self::Bytes(bytes)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Buffering {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Response => formatter.write_str("response"),
            Self::Bytes(bytes) if bytes.is_multiple_of(1 << 20) => {
                write!(formatter, "{}MiB", bytes >> 20)
            }
            Self::Bytes(bytes) if bytes.is_multiple_of(1 << 10) => {
                write!(formatter, "{}KiB", bytes >> 10)
            }
            Self::Bytes(bytes) => write!(formatter, "{bytes}"),
        }
    }
}

/// Serde's `try_from` and `into` want these three conversions spelled out.
macro_rules! written_as_text {
    ($($shape:ty),*) => {$(
        impl TryFrom<String> for $shape {
            type Error = SettingsError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$shape> for String {
            fn from(shape: $shape) -> Self {
                shape.to_string()
            }
        }
    )*};
}

written_as_text!(Rate, Stall, Buffering);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_in_bits_and_kept_in_bytes() {
        for (text, bytes) in [
            ("2mbit", 250_000),
            ("1.5Mbit", 187_500),
            ("64 kbit", 8000),
            ("1gbit", 125_000_000),
            ("8bit", 1),
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().bytes_per_second(), bytes);
        }
        for wrong in [
            "", "2", "2mb", "mbit", "-1mbit", "0kbit", "nanmbit", "infbit",
        ] {
            let error = wrong.parse::<Rate>().unwrap_err().to_string();
            assert!(error.contains("2mbit"), "{error}");
        }
        let rate: Rate = "2mbit".parse().unwrap();
        assert_eq!(rate.time_for(1448), Duration::from_micros(5792));
    }

    #[test]
    fn a_stall_moves_what_falls_into_it_to_its_end() {
        let stall: Stall = "10s,1400ms".parse().unwrap();
        let ms = Duration::from_millis;
        for (at, released) in [
            (0, 0),
            (500, 500), // the start of the link is no stall
            (9999, 9999),
            (10_000, 11_400),
            (11_399, 11_400),
            (11_400, 11_400),
            (25_000, 25_000),
            (30_001, 31_400),
        ] {
            assert_eq!(stall.release(ms(at)), ms(released), "{at}");
        }
        for wrong in ["10s", "1s,1s", "1s,2s", "10s,0s", "ten,1s"] {
            let error = wrong.parse::<Stall>().unwrap_err().to_string();
            assert!(error.contains("10s,1400ms"), "{error}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        for text in ["2mbit", "9600bit", "64kbit", "3gbit"] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
        }
        for text in ["none", "response", "4KiB", "1MiB", "100", "7b"] {
            let buffering: Buffering = text.parse().unwrap();
            assert_eq!(buffering.to_string().parse::<Buffering>(), Ok(buffering));
        }
        let stall: Stall = "10s,1400ms".parse().unwrap();
        assert_eq!(stall.to_string(), "10s,1s 400ms");
        assert_eq!(stall.to_string().parse::<Stall>(), Ok(stall));
        for wrong in ["", "4KB", "0", "all", "-1", "99999999999999999MiB"] {
            let error = wrong.parse::<Buffering>().unwrap_err().to_string();
            assert!(error.contains("4KiB"), "{error}");
        }
    }
}
