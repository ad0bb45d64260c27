//! The compressions in which events travel over a way to read a room.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Carrier, Way};

/// The compression of what a reader is sent.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// `Content-Encoding: gzip` (RFC 1952) of polls and streams.
    Gzip,
    /// `Content-Encoding: br` (RFC 7932) of polls and streams.
    Br,
    /// permessage-deflate (RFC 7692) of a WebSocket, each message by itself
    /// (`server_no_context_takeover`).
    Deflate,
    /// permessage-deflate of a WebSocket that keeps its context from message to message.
    DeflateContext,
}

/// A content coding of HTTP (RFC 9110, section 8.4.1) that the server writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// The coding `gzip`.
    Gzip,
    /// The coding `br`.
    Br,
}

impl Compression {
    /// All compressions, in the order of presentation.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Gzip,
        Self::Br,
        Self::Deflate,
        Self::DeflateContext,
    ];

    /// Returns the name in CSV and TOML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Br => "br",
            Self::Deflate => "deflate",
            Self::DeflateContext => "deflate_context",
        }
    }

    /// Returns the content coding that a request asks for; `None` where there is none.
    #[must_use]
    pub const fn coding(self) -> Option<Coding> {
        match self {
            Self::Gzip => Some(Coding::Gzip),
            Self::Br => Some(Coding::Br),
            Self::None | Self::Deflate | Self::DeflateContext => None,
        }
    }

    /// Returns whether frames of a WebSocket are compressed.
    #[must_use]
    pub const fn is_deflate(self) -> bool {
        matches!(self, Self::Deflate | Self::DeflateContext)
    }

    /// Returns whether events of a way can be compressed so.
    #[must_use]
    pub const fn has(self, way: Way) -> bool {
        match self {
            Self::None => true,
            Self::Gzip | Self::Br => !matches!(way.carrier(), Carrier::Frame),
            Self::Deflate | Self::DeflateContext => matches!(way.carrier(), Carrier::Frame),
        }
    }

    /// Finds the compression that the column `variant` of a row names among its words. A variant
    /// that names none is not compressed.
    #[must_use]
    pub fn from_variant(variant: &str) -> Self {
        let named = |one: &Self| {
            *one != Self::None && variant.split_whitespace().any(|word| word == one.name())
        };
        Self::ALL.into_iter().find(named).unwrap_or_default()
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl Coding {
    /// All codings.
    pub const ALL: [Self; 2] = [Self::Gzip, Self::Br];

    /// Returns the name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Br => "br",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_the_compressions_of_its_carrier() {
        for way in Way::ALL {
            let has = |one: &Compression| one.has(way);
            let names: Vec<&str> = (Compression::ALL.into_iter().filter(has))
                .map(Compression::name)
                .collect();
            let expected = if way.carrier() == Carrier::Frame {
                ["none", "deflate", "deflate_context"]
            } else {
                ["none", "gzip", "br"]
            };
            assert_eq!(names, expected, "{way}");
        }
    }

    #[test]
    fn a_variant_names_its_compression_by_a_word_of_its_own() {
        for compression in Compression::ALL {
            let json = serde_json::to_string(&compression).unwrap();
            assert_eq!(json, format!("\"{compression}\""));
            let variant = format!("hold 25s {compression}");
            assert_eq!(Compression::from_variant(&variant), compression);
        }
        for none in ["-", "1s close", "gzipped", "deflate-context", ""] {
            assert_eq!(Compression::from_variant(none), Compression::None, "{none}");
        }
    }
}
