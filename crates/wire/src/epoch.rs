//! The identity of a log, which distinguishes a place in it from the same number in another log.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Seq;

/// The identity of one log. A room that is created anew, after a restart or after it was given up,
/// has another. It is written as six hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch(u32);

/// The error for a text that is not six hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an epoch is six hexadecimal digits, such as 3f9a1c")]
pub struct NotAnEpoch;

impl Epoch {
    /// Makes an epoch from the lowest 24 of these bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self((bits & 0xFF_FFFF) as u32)
    }

    /// Returns its 24 bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:06x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = NotAnEpoch;

    fn from_str(text: &str) -> Result<Self, NotAnEpoch> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 6 || !text.bytes().all(is_digit) {
            return Err(NotAnEpoch);
        }
        u32::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| NotAnEpoch)
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Reads a place in the format of `after` and `Last-Event-ID`: a number, or a number and the epoch
/// of its log (`7-3f9a1c`).
#[must_use]
pub fn read_place(text: &str) -> Option<(Seq, Option<Epoch>)> {
    // The function `parse` alone would also accept "+5".
    let end = text.bytes().position(|byte| !byte.is_ascii_digit());
    let Some(end) = end else {
        return Some((text.parse().ok()?, None));
    };
    let epoch = text[end..].strip_prefix('-')?.parse().ok()?;
    Some((text[..end].parse().ok()?, Some(epoch)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_read_as_it_is_written() {
        for bits in [0, 7, 0xFF_FFFF, u64::MAX] {
            let epoch = Epoch::from_bits(bits);
            assert_eq!(epoch.to_string().len(), 6);
            assert_eq!(epoch.to_string().parse(), Ok(epoch));
        }
        for bad in [
            "",
            "3f9a1",
            "3f9a1c0",
            "3F9A1C",
            "+f9a1c",
            "3f9a1g",
            "\u{e4}3f9a",
        ] {
            assert_eq!(bad.parse::<Epoch>(), Err(NotAnEpoch), "{bad}");
        }
    }

    #[test]
    fn places() {
        let epoch = Epoch::from_bits(0x3f_9a1c);
        assert_eq!(read_place("7"), Some((7, None)));
        assert_eq!(read_place("7-3f9a1c"), Some((7, Some(epoch))));
        for bad in [
            "",
            "-",
            "7-",
            "-3f9a1c",
            "+7",
            "x",
            "7-x",
            "7-3f9a1c-1",
            "7 ",
        ] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
