//! The settings of a trace.

use std::{fmt, str::FromStr, time::Duration};

use wire::{Protocol, Way};

/// The length of a silence in a trace: long enough to be seen beside the traffic.
const QUIET: Duration = Duration::from_millis(400);

/// The names of what is spoken over a way beside the plain contract.
const SPOKEN: [(&str, Protocol, Way); 10] = [
    ("jsonp", Protocol::InPage, Way::LongPoll),
    ("iframe", Protocol::InPage, Way::Ndjson),
    ("socket-io", Protocol::SocketIo, Way::Websocket),
    ("socket-io-polling", Protocol::SocketIo, Way::LongPoll),
    ("sockjs", Protocol::Sockjs, Way::Websocket),
    ("sockjs-xhr-polling", Protocol::Sockjs, Way::LongPoll),
    ("sockjs-xhr-streaming", Protocol::Sockjs, Way::Ndjson),
    ("sockjs-eventsource", Protocol::Sockjs, Way::Sse),
    (
        "sockjs-jsonp-polling",
        Protocol::SockjsInPage,
        Way::LongPoll,
    ),
    ("sockjs-htmlfile", Protocol::SockjsInPage, Way::Ndjson),
];

/// The name of the WebSocket of 2010.
const HIXIE_76: &str = "hixie76";

/// The way in which a traced person listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    /// One of the ways of today.
    Today(Way),
    /// The same in the scripts of a page, or in the protocol of a library.
    Spoken(Protocol, Way),
    /// The WebSocket of 2010 (draft-hixie-thewebsocketprotocol-76).
    Hixie76,
}

impl Traced {
    /// Returns everything that can be traced, in the order of presentation.
    pub fn all() -> impl Iterator<Item = Self> {
        let today = Way::ALL.into_iter().map(Self::Today);
        let spoken = SPOKEN.map(|(_, protocol, way)| Self::Spoken(protocol, way));
        today.chain(spoken).chain([Self::Hixie76])
    }

    /// Returns the last segment of the address in a room.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Spoken(Protocol::InPage, Way::LongPoll) => "jsonp",
            Self::Spoken(Protocol::InPage, _) => "iframe",
            _ => self.nearest().path(),
        }
    }

    /// Returns the protocol that is spoken over the way.
    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Spoken(protocol, _) => protocol,
            Self::Today(_) | Self::Hixie76 => Protocol::Plain,
        }
    }

    /// Returns the way of today that is read at the same address.
    #[must_use]
    pub const fn nearest(self) -> Way {
        match self {
            Self::Today(way) | Self::Spoken(_, way) => way,
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
            Self::Hixie76 => formatter.write_str(HIXIE_76),
            Self::Spoken(protocol, way) => {
                let mut spoken = SPOKEN.into_iter();
                let name = spoken.find(|one| (one.1, one.2) == (*protocol, *way));
                formatter.write_str(name.map_or(protocol.name(), |(name, ..)| name))
            }
        }
    }
}

/// The error for a word that names nothing that can be traced.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing to trace is called {word:?}; there are {}", listed())]
pub struct UnknownTraced {
    word: String,
}

/// Returns the names of everything that can be traced.
fn listed() -> String {
    let names: Vec<String> = Traced::all().map(|one| one.to_string()).collect();
    names.join(", ")
}

impl FromStr for Traced {
    type Err = UnknownTraced;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        // `socket_io` is how a scenario writes it.
        let dashed = name.replace('_', "-");
        let spoken = SPOKEN.into_iter().find(|one| one.0 == dashed);
        match (name, spoken) {
            (HIXIE_76, _) => Ok(Self::Hixie76),
            (_, Some((_, protocol, way))) => Ok(Self::Spoken(protocol, way)),
            _ => name.parse().map(Self::Today).map_err(|_| UnknownTraced {
                word: name.to_owned(),
            }),
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
    /// The version of TLS that everything is under; `None` for none.
    pub tls: Option<tls::Version>,
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
            tls: None,
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
