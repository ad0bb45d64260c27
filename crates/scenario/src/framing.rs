//! The framings that a scenario can name.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{Framing, Protocol, Transport};

use crate::plan::Variant;

/// The framing of a `[[transport]]`: the format of a stream, or the scripts in which a page reads
/// across origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryFraming {
    /// A stream with a JSON text in each line.
    Ndjson,
    /// A stream of server-sent events.
    Sse,
    /// A long poll whose answer is a script that calls a function with what came.
    Jsonp,
    /// A stream that is a page without end, in which each event is a script element.
    Iframe,
}

impl EntryFraming {
    /// All framings.
    pub const ALL: [Self; 4] = [Self::Ndjson, Self::Sse, Self::Jsonp, Self::Iframe];

    /// Returns the name in TOML and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Sse => "sse",
            Self::Jsonp => "jsonp",
            Self::Iframe => "iframe",
        }
    }

    /// Returns the transport that has this framing.
    #[must_use]
    pub const fn transport(self) -> Transport {
        match self {
            Self::Jsonp => Transport::LongPoll,
            Self::Ndjson | Self::Sse | Self::Iframe => Transport::HttpStream,
        }
    }

    /// Returns whether the framing is of scripts that a page runs.
    #[must_use]
    pub const fn is_in_page(self) -> bool {
        matches!(self, Self::Jsonp | Self::Iframe)
    }

    /// Returns whether a variant is framed in this way.
    #[must_use]
    pub fn fits(self, variant: &Variant) -> bool {
        match variant {
            Variant::Jsonp { .. } => self == Self::Jsonp,
            Variant::Iframe => self == Self::Iframe,
            Variant::Library {
                protocol: Protocol::SockjsInPage,
                way,
                ..
            } => self.is_in_page() && self.transport() == way.transport(),
            other => other.way().framing().map(Self::from) == Some(self),
        }
    }
}

impl From<Framing> for EntryFraming {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::Ndjson => Self::Ndjson,
            Framing::Sse => Self::Sse,
        }
    }
}

impl fmt::Display for EntryFraming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
