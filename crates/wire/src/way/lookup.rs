//! The accessors of a way's properties, and the functions that find a way.

use super::{Carrier, Exchange, Framing, Transport, Way};

impl Way {
    /// Returns the name on the pages and in `trace`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.properties().name
    }

    /// Returns the name in contexts where a stream is named by its framing.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.properties().key
    }

    /// Returns the transport.
    #[must_use]
    pub const fn transport(self) -> Transport {
        self.properties().transport
    }

    /// Returns the last part of the path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.properties().path
    }

    /// Returns the title in figures and tables.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.properties().title
    }

    /// Returns the event that ends an exchange.
    #[must_use]
    pub const fn exchange(self) -> Exchange {
        self.properties().exchange
    }

    /// Returns the unit in which an event is transported.
    #[must_use]
    pub const fn carrier(self) -> Carrier {
        self.properties().carrier
    }

    /// Returns the format by which the stream marks the end of an event, or `None` if the way is
    /// not a stream.
    #[must_use]
    pub const fn framing(self) -> Option<Framing> {
        match self.carrier() {
            Carrier::Stream(framing) => Some(framing),
            Carrier::Batch | Carrier::Frame => None,
        }
    }

    /// Returns whether a reader asks again and again, which is polling.
    #[must_use]
    pub const fn polls(self) -> bool {
        !self.stays_open()
    }

    /// Returns whether one exchange lasts as long as the reader stays.
    #[must_use]
    pub const fn stays_open(self) -> bool {
        matches!(self.exchange(), Exchange::Open)
    }

    /// Returns whether drafts go up on the connection on which events come down.
    #[must_use]
    pub const fn carries_drafts(self) -> bool {
        self.properties().carries_drafts
    }

    /// Finds the way whose path ends with `path`.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.path() == path)
    }

    /// Finds the way of a transport, with this framing if the transport has several.
    #[must_use]
    pub fn new(transport: Transport, framing: Framing) -> Option<Self> {
        let mut ways = Self::ALL.into_iter();
        ways.find(|way| {
            way.transport() == transport && way.framing().is_none_or(|one| one == framing)
        })
    }

    /// Finds the way that the columns `transport` and `variant` of a row name: `http_stream`
    /// with `sse` among the words of the variant is SSE. A variant without a framing means
    /// the first way of its transport.
    #[must_use]
    pub fn from_columns(transport: &str, variant: &str) -> Option<Self> {
        let of_it = |way: &Self| way.transport().name() == transport;
        let is_named = |way: &Self| {
            let framing = way.framing().map(Framing::name);
            framing.is_some_and(|name| variant.split_whitespace().any(|word| word == name))
        };
        let ways = || Self::ALL.into_iter().filter(of_it);
        ways().find(is_named).or_else(|| ways().next())
    }
}
