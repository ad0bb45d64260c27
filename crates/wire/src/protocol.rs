//! The protocols in which messages travel over a way to read a room.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Carrier, Exchange, Framing, Way};

/// The protocol that is spoken over a way: this project's own contract, bare or in scripts, or that
/// of a library, which puts an envelope around each message and opens sessions.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// The wire contract of this project, with nothing around a message.
    #[default]
    Plain,
    /// The same contract in scripts, which a page can read across origins: JSONP, and the forever
    /// iframe. A scenario names it by its framing.
    #[serde(skip_deserializing)]
    InPage,
    /// Socket.IO 4 over Engine.IO 4.
    SocketIo,
    /// SockJS 0.3.
    Sockjs,
    /// SockJS 0.3 in scripts: jsonp-polling and htmlfile. A scenario names it by the library and its
    /// framing.
    #[serde(skip_deserializing)]
    SockjsInPage,
}

impl Protocol {
    /// All protocols, in the order of presentation.
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::InPage,
        Self::SocketIo,
        Self::Sockjs,
        Self::SockjsInPage,
    ];

    /// The protocols of libraries.
    pub const LIBRARIES: [Self; 3] = [Self::SocketIo, Self::Sockjs, Self::SockjsInPage];

    /// The words of a variant that name scripts: over the long poll, and over the stream.
    const SCRIPTS: [&str; 2] = ["jsonp", "iframe"];

    /// Returns the name in CSV and TOML.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::InPage => "in_page",
            Self::SocketIo => "socket_io",
            Self::Sockjs => "sockjs",
            Self::SockjsInPage => "sockjs_in_page",
        }
    }

    /// Returns the name of the library, or `None` for the contract of this project.
    #[must_use]
    pub const fn title(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::InPage => None,
            Self::SocketIo => Some("Socket.IO"),
            Self::Sockjs | Self::SockjsInPage => Some("SockJS"),
        }
    }

    /// Returns whether the protocol is that of a library.
    #[must_use]
    pub const fn is_library(self) -> bool {
        self.title().is_some()
    }

    /// Returns whether what is received comes in scripts that a page runs.
    #[must_use]
    pub const fn is_in_page(self) -> bool {
        matches!(self, Self::InPage | Self::SockjsInPage)
    }

    /// Returns whether the messages are in the frames of SockJS.
    #[must_use]
    pub const fn is_sockjs(self) -> bool {
        matches!(self, Self::Sockjs | Self::SockjsInPage)
    }

    /// Returns whether the protocol can be spoken over a way.
    #[must_use]
    pub const fn has(self, way: Way) -> bool {
        match (self, way.exchange(), way.carrier()) {
            (
                Self::InPage | Self::SocketIo | Self::Sockjs | Self::SockjsInPage,
                Exchange::Immediate,
                _,
            )
            | (
                Self::InPage | Self::SockjsInPage,
                _,
                Carrier::Stream(Framing::Sse) | Carrier::Frame,
            )
            | (Self::SocketIo, _, Carrier::Stream(_)) => false,
            (
                Self::Plain | Self::InPage | Self::SocketIo | Self::Sockjs | Self::SockjsInPage,
                ..,
            ) => true,
        }
    }

    /// Returns the name that the protocol itself has for a way; that of the way for the plain
    /// contract.
    #[must_use]
    pub const fn way_title(self, way: Way) -> &'static str {
        match (self, way.exchange(), way.carrier()) {
            (Self::InPage, Exchange::Held, _) => "JSONP",
            (Self::InPage, _, Carrier::Stream(_)) => "Forever iframe",
            (Self::SocketIo, _, Carrier::Batch) => "polling",
            (Self::Sockjs, Exchange::Held, _) => "xhr-polling",
            (Self::SockjsInPage, Exchange::Held, _) => "jsonp-polling",
            (Self::SockjsInPage, _, Carrier::Stream(_)) => "htmlfile",
            (Self::Sockjs, _, Carrier::Stream(Framing::Ndjson)) => "xhr-streaming",
            (Self::Sockjs, _, Carrier::Stream(Framing::Sse)) => "eventsource",
            _ => way.title(),
        }
    }

    /// Finds the protocol that the column `variant` of a row names among its words. A variant that
    /// names none is plain.
    #[must_use]
    pub fn from_variant(variant: &str) -> Self {
        let has = |name: &str| variant.split_whitespace().any(|word| word == name);
        if Self::SCRIPTS.into_iter().any(has) {
            return if has(Self::Sockjs.name()) {
                Self::SockjsInPage
            } else {
                Self::InPage
            };
        }
        let named = |one: &Self| has(one.name());
        Self::LIBRARIES.into_iter().find(named).unwrap_or_default()
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_has_some_of_the_ways() {
        let ways = |protocol: Protocol| {
            let has = |way: &Way| protocol.has(*way);
            Way::ALL.into_iter().filter(has).collect::<Vec<_>>()
        };
        assert_eq!(ways(Protocol::Plain), Way::ALL);
        assert_eq!(ways(Protocol::InPage), [Way::LongPoll, Way::Ndjson]);
        assert_eq!(ways(Protocol::SocketIo), [Way::LongPoll, Way::Websocket]);
        let sockjs = [Way::LongPoll, Way::Ndjson, Way::Sse, Way::Websocket];
        assert_eq!(ways(Protocol::Sockjs), sockjs);
        let scripts = [Way::LongPoll, Way::Ndjson];
        assert_eq!(ways(Protocol::SockjsInPage), scripts);
    }

    #[test]
    fn a_variant_names_its_protocol_by_a_word_of_its_own() {
        for protocol in Protocol::ALL {
            let json = serde_json::to_string(&protocol).unwrap();
            assert_eq!(json, format!("\"{protocol}\""));
        }
        assert_eq!(Protocol::from_variant("socket_io"), Protocol::SocketIo);
        assert_eq!(Protocol::from_variant("sse sockjs"), Protocol::Sockjs);
        for script in ["hold 25s jsonp", "hold 2s jsonp close", "iframe"] {
            assert_eq!(Protocol::from_variant(script), Protocol::InPage, "{script}");
        }
        for script in ["jsonp sockjs", "jsonp sockjs close", "iframe sockjs"] {
            let found = Protocol::from_variant(script);
            assert_eq!(found, Protocol::SockjsInPage, "{script}");
        }
        for plain in ["-", "hold 25s", "iframes", "sockjsx", "plain", ""] {
            assert_eq!(Protocol::from_variant(plain), Protocol::Plain, "{plain}");
        }
    }
}
