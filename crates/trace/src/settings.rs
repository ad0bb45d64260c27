//! The settings of a trace.

use std::{fmt, str::FromStr, time::Duration};

use wire::{UnknownWay, Way};

/// The length of a silence in a trace: long enough to be seen beside the traffic.
const QUIET: Duration = Duration::from_millis(400);

/// The way in which a traced person listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    /// One of the ways of today.
    Today(Way),
    /// The WebSocket of 2010 (draft-hixie-thewebsocketprotocol-76).
    Hixie76,
}

impl Traced {
    /// Returns the last segment of the address in a room.
    pub(crate) const fn path(self) -> &'static str {
        self.nearest().path()
    }

    /// Returns the way of today that is read at the same address.
    #[must_use]
    pub const fn nearest(self) -> Way {
        match self {
            Self::Today(way) => way,
            Self::Hixie76 => Way::Websocket,
        }
    }
}

impl From<Way> for Traced {
    fn from(way: Way) -> Self {
        Self::Today(way)
    }
}

impl PartialEq<Way> for Traced {
    fn eq(&self, way: &Way) -> bool {
        *self == Self::Today(*way)
    }
}

impl fmt::Display for Traced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today(way) => way.fmt(formatter),
            Self::Hixie76 => formatter.write_str("hixie76"),
        }
    }
}

impl FromStr for Traced {
    type Err = UnknownWay;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "hixie76" => Ok(Self::Hixie76),
            _ => name.parse().map(Self::Today),
        }
    }
}

/// The settings of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The way in which the traced person listens.
    pub way: Traced,
    /// The text that is sent, once by another person and once by the traced one.
    pub message: String,
    /// The network in between; `None` is bare loopback.
    pub link: Option<link::Settings>,
    /// The header lines of reading requests, besides those that HTTP requires. `{host}` in a value
    /// stands for the server's host and port.
    pub read_headers: Vec<(String, String)>,
    /// The header lines of a draft's request.
    pub say_headers: Vec<(String, String)>,
    /// The seed that makes the WebSocket's key and masks the same each time. A real client must
    /// draw them anew (RFC 6455, section 10.3).
    pub seed: Option<u64>,
}

impl Settings {
    /// Returns the default settings for a trace of `way`.
    #[must_use]
    pub fn new(way: impl Into<Traced>) -> Self {
        Self {
            way: way.into(),
            message: "hello".to_owned(),
            link: None,
            read_headers: Vec::new(),
            say_headers: Vec::new(),
            seed: None,
        }
    }

    /// Returns the one-way delay of the link.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.link.as_ref().map_or(Duration::ZERO, |link| link.delay)
    }

    /// Returns the hold, the interval and the heartbeat, all alike: longer than any exchange takes,
    /// so that silence is silence.
    pub(crate) fn quiet(&self) -> Duration {
        QUIET + 8 * self.delay()
    }
}
