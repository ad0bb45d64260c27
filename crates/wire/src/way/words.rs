//! The conversion of ways, transports and framings to and from their names.

use std::{fmt, str::FromStr};

use super::{Framing, Transport, Way};

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The error for a word that names no way to read a room.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no way to read a room; there are {ways}", ways = listed(&Way::ALL.map(Way::name)))]
pub struct UnknownWay {
    word: String,
}

impl FromStr for Way {
    type Err = UnknownWay;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|way| [way.name(), way.key()].contains(&word))
            .ok_or_else(|| UnknownWay {
                word: word.to_owned(),
            })
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The error for a word that names no transport.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no transport is called {word:?}; there are {transports}",
    transports = listed(&Transport::ALL.map(Transport::name))
)]
pub struct UnknownTransport {
    word: String,
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.name() == word)
            .ok_or_else(|| UnknownTransport {
                word: word.to_owned(),
            })
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Joins words as a sentence lists them: `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
