//! The plan of one run: every value that has an effect, and no choice left open.
//!
//! A scenario resolves to a list of plans; a plan is all that the load generator
//! needs besides an address.

mod browser;
mod foreign;
mod run;

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use wire::{Compression, Exchange, Framing, Protocol, Transport, Way};

pub use foreign::{
    Foreign, Further, Message, Method, Opening, Reading, Reply, Saying, Step, Steps, within_body,
};
pub use run::{RunId, estimate};

pub use crate::{
    agent::{Agent, Connection, History},
    answer::{Answer, Envelope},
    churn::Churn,
    cut::{Cut, CutKind, KeptPlace, Policy, Reconnect},
};

pub use super::{
    model::Headers,
    server::Io,
    swarm::{Accounting, Swarm},
    traffic::{Arrivals, Back, Pacing, Payload, Speak, Text, Traffic},
};

/// The longest time for which a library's poll is held: the server's heartbeat.
pub const LIBRARY_HOLD: Duration = Duration::from_secs(25);

/// The type of a form that a page sends (WHATWG HTML, section 4.10.21.7).
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A placeholder in a header's value for the host and port of the server, which a plan does
/// not know yet. A browser's `Origin` and `Referer` name them.
pub const HOST: &str = "{host}";

/// Returns a header's value as it is sent to a server: under TLS the address of a page there begins
/// with `https`.
#[must_use]
pub fn value_for(value: &str, host: &str, is_sealed: bool) -> String {
    if is_sealed {
        let (plain, sealed) = (format!("http://{HOST}"), format!("https://{HOST}"));
        return value.replace(&plain, &sealed).replace(HOST, host);
    }
    value.replace(HOST, host)
}

/// The longest run whose times a draft's tag can tell, with some to spare.
pub const LONGEST_RUN: Duration = Duration::from_hours(4);

/// A single run of one transport.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The scenario's name.
    pub scenario: String,
    /// Values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// The number of the cell's repeat, from 1.
    pub repeat: usize,
    /// The transport and its parameters.
    pub variant: Variant,
    /// `[swarm]` of the cell, which knows who listens in which room.
    pub swarm: Swarm,
    /// `[traffic]` of the cell; its rate is 0 where nobody speaks.
    pub traffic: Traffic,
    /// `[headers]` of the cell, from which the two lists of lines below are made.
    pub headers: Headers,
    /// The headers that each reading request carries beside what HTTP itself demands;
    /// [`HOST`] in a value stands for the server's host and port.
    pub read_headers: Vec<(String, String)>,
    /// The headers of a draft that is sent by a request of its own, `Content-Type` included
    /// where the profile has one. Empty where drafts go over the reader's socket.
    pub say_headers: Vec<(String, String)>,
    /// The connections that are lost in the course of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The way back of readers whose connection was lost. Without it each loss is a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnect: Option<Reconnect>,
    /// The readers that leave in the course of the run, and come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<Churn>,
    /// The answer of a model that is streamed in place of a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The turns of an agent in place of a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<Turns>,
    /// The description of how to talk to a server that keeps a contract of its own. It is written and
    /// not read back.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
    /// Seed of this run: arrivals, payloads and poll phases follow from it.
    pub seed: u64,
}

/// The turns of an agent, and the path that they go over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// `[agent]` of the cell.
    pub agent: Agent,
    /// The one-way delay of the path.
    #[serde(with = "humantime_serde")]
    pub delay: Duration,
}

impl Plan {
    /// Returns whether people talk to each other in the run.
    #[must_use]
    pub const fn is_chat(&self) -> bool {
        self.answer.is_none() && self.turns.is_none()
    }

    /// Returns the number of rooms.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.swarm.room_count()
    }

    /// Returns the number of people who speak and do not listen: they are no clients.
    #[must_use]
    pub fn publish_only(&self) -> usize {
        match self.traffic.speak {
            Speak::Same => 0,
            Speak::Post | Speak::PostClose => self.rooms() * self.traffic.publishers,
        }
    }

    /// Returns whether readers that come back give up their places.
    #[must_use]
    pub fn loses_places(&self) -> bool {
        let reconnect = self.reconnect.as_ref();
        reconnect.is_some_and(|reconnect| reconnect.place == KeptPlace::Lost)
    }

    /// Returns the origins of the pages that requests of this run say they come from
    /// (`Origin`, `Referer`), the server's own not among them.
    #[must_use]
    pub fn other_origins(&self) -> BTreeSet<String> {
        let lines = self.read_headers.iter().chain(&self.say_headers);
        let pages = lines.filter(|(name, _)| {
            name.eq_ignore_ascii_case("origin") || name.eq_ignore_ascii_case("referer")
        });
        let origins = pages.filter_map(|(_, page)| origin(page));
        origins.filter(|origin| !origin.contains(HOST)).collect()
    }

    /// Returns whether `person` is one of those who listen and speak.
    #[must_use]
    pub fn speaks_and_listens(&self, person: usize) -> bool {
        self.traffic.speak == Speak::Same
            && person < self.swarm.clients
            && self.swarm.place_of(person) < self.traffic.publishers
    }
}

/// Returns the origin of a page, such as `http://a.test:80` of `http://a.test:80/x`
/// (RFC 6454, section 6.2).
fn origin(page: &str) -> Option<String> {
    let (scheme, rest) = page.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}"))
}

/// A transport with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Variant {
    /// Ask each interval.
    ShortPoll {
        /// The time from one question to the next, however long the answer took.
        #[serde(with = "humantime_serde")]
        interval: Duration,
        /// True if one connection serves all polls, false if each poll opens its own.
        keep_alive: bool,
    },
    /// Ask and be held.
    LongPoll {
        /// The longest time the server holds a question.
        #[serde(with = "humantime_serde")]
        hold: Duration,
        /// True if one connection serves all polls, false if each poll opens its own.
        keep_alive: bool,
    },
    /// Ask and be held, for a script that calls a function with the answer.
    Jsonp {
        /// The longest time the server holds a question.
        #[serde(with = "humantime_serde")]
        hold: Duration,
        /// True if one connection serves all polls, false if each poll opens its own.
        keep_alive: bool,
    },
    /// Ask once, read on.
    HttpStream {
        /// The format that separates events.
        framing: Framing,
    },
    /// Ask once, read on in a page without end, in which each event is a script element.
    Iframe,
    /// Upgrade once.
    Websocket,
    /// One of these in the protocol of a library.
    Library {
        /// The protocol; never the plain one.
        #[serde(deserialize_with = "named_protocol")]
        protocol: Protocol,
        /// The way over which it is spoken.
        way: Way,
        /// True if one connection serves all polls, false if each poll opens its own.
        keep_alive: bool,
    },
    /// One of the first four whose events are compressed.
    Compressed {
        /// The compression; never none.
        compression: Compression,
        /// The way and its parameters.
        of: Box<Self>,
    },
}

impl Variant {
    /// Returns the way to read whose parameters these are.
    #[must_use]
    pub const fn way(&self) -> Way {
        match self {
            Self::ShortPoll { .. } => Way::ShortPoll,
            Self::LongPoll { .. } | Self::Jsonp { .. } => Way::LongPoll,
            Self::HttpStream {
                framing: Framing::Ndjson,
            }
            | Self::Iframe => Way::Ndjson,
            Self::HttpStream {
                framing: Framing::Sse,
            } => Way::Sse,
            Self::Websocket => Way::Websocket,
            Self::Library { way, .. } => *way,
            Self::Compressed { of, .. } => of.way(),
        }
    }

    /// Returns the protocol that is spoken over the way.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Library { protocol, .. } => *protocol,
            Self::Jsonp { .. } | Self::Iframe => Protocol::InPage,
            _ => Protocol::Plain,
        }
    }

    /// Returns whether drafts that go in the reader's session are sent as forms, which is how a page
    /// sends that can only read scripts.
    #[must_use]
    pub fn says_by_form(&self) -> bool {
        self.protocol() == Protocol::SockjsInPage && self.way() == Way::LongPoll
    }

    /// Returns the compression of events.
    #[must_use]
    pub const fn compression(&self) -> Compression {
        match self {
            Self::Compressed { compression, .. } => *compression,
            _ => Compression::None,
        }
    }

    /// Returns these parameters with this compression of events.
    #[must_use]
    pub fn compressed(self, compression: Compression) -> Self {
        match compression {
            Compression::None => self,
            compression => Self::Compressed {
                compression,
                of: Box::new(self),
            },
        }
    }

    /// Returns the transport.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.way().transport()
    }

    /// Returns whether a connection serves more than one poll; what stays open is one
    /// exchange, which needs no other.
    #[must_use]
    pub const fn keeps_connections(&self) -> bool {
        match self {
            Self::ShortPoll { keep_alive, .. }
            | Self::LongPoll { keep_alive, .. }
            | Self::Jsonp { keep_alive, .. }
            | Self::Library { keep_alive, .. } => *keep_alive,
            Self::HttpStream { .. } | Self::Iframe | Self::Websocket => true,
            Self::Compressed { of, .. } => of.keeps_connections(),
        }
    }

    /// Returns the longest time for which the server holds a question, where it holds any.
    #[must_use]
    pub const fn hold(&self) -> Option<Duration> {
        match self {
            Self::LongPoll { hold, .. } | Self::Jsonp { hold, .. } => Some(*hold),
            Self::Library { way, .. } if matches!(way.exchange(), Exchange::Held) => {
                Some(LIBRARY_HOLD)
            }
            Self::Compressed { of, .. } => of.hold(),
            _ => None,
        }
    }

    /// Returns the time from one question to the next, where a reader asks each interval.
    #[must_use]
    pub const fn interval(&self) -> Option<Duration> {
        match self {
            Self::ShortPoll { interval, .. } => Some(*interval),
            Self::Compressed { of, .. } => of.interval(),
            _ => None,
        }
    }
}

/// The word for the parameters in the `variant` column: `1s`, `1s close`,
/// `hold 25s`, `hold 25s jsonp`, `ndjson`, `sse`, `iframe`, `-`; of a library its name, behind the
/// framing where that is not the library's own: `socket_io`, `sse sockjs`, `jsonp sockjs`. A
/// compression is the last word: `sse gzip`, `deflate`.
impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let close = |keep_alive: bool| if keep_alive { "" } else { " close" };
        let text = match self {
            Self::ShortPoll {
                interval,
                keep_alive,
            } => {
                format!(
                    "{}{}",
                    humantime_serde::re::humantime::format_duration(*interval),
                    close(*keep_alive)
                )
            }
            Self::LongPoll { hold, keep_alive } | Self::Jsonp { hold, keep_alive } => {
                let is_script = matches!(self, Self::Jsonp { .. });
                format!(
                    "hold {}{}{}",
                    humantime_serde::re::humantime::format_duration(*hold),
                    if is_script { " jsonp" } else { "" },
                    close(*keep_alive)
                )
            }
            Self::Iframe => "iframe".to_owned(),
            Self::HttpStream { framing } => framing.to_string(),
            Self::Websocket => "-".to_owned(),
            Self::Library {
                protocol,
                way,
                keep_alive,
            } => {
                let (framing, library) = match (protocol, way) {
                    (Protocol::SockjsInPage, Way::LongPoll) => ("jsonp ", Protocol::Sockjs),
                    (Protocol::SockjsInPage, _) => ("iframe ", Protocol::Sockjs),
                    (library, Way::Sse) => ("sse ", *library),
                    (library, _) => ("", *library),
                };
                format!("{framing}{library}{}", close(*keep_alive))
            }
            Self::Compressed { compression, of } => match of.to_string().as_str() {
                "-" => compression.to_string(),
                words => format!("{words} {compression}"),
            },
        };
        formatter.pad(&text)
    }
}

/// Reads a protocol by its name, also one that a scenario names by its framing.
fn named_protocol<'de, D: Deserializer<'de>>(source: D) -> Result<Protocol, D::Error> {
    let name = String::deserialize(source)?;
    let mut all = Protocol::ALL.into_iter();
    all.find(|protocol| protocol.name() == name)
        .ok_or_else(|| D::Error::custom(format!("there is no protocol {name}")))
}
