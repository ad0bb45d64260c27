//! The plan of one run: every value that has an effect, and no choice left open.
//!
//! A scenario resolves to a list of plans; a plan is all that the load generator
//! needs besides an address.

mod foreign;
mod run;

use std::{fmt, num::NonZeroUsize, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Exchange, Framing, Protocol, Transport, Way};

pub use foreign::{
    Foreign, Message, Method, Opening, Reading, Reply, Saying, Step, Steps, within_body,
};
pub use run::{RunId, estimate};

/// The longest time for which a library's poll is held: the server's heartbeat.
pub const LIBRARY_HOLD: Duration = Duration::from_secs(25);

/// A placeholder in a header's value for the host and port of the server, which a plan does
/// not know yet. A browser's `Origin` and `Referer` name them.
pub const HOST: &str = "{host}";

/// The longest run whose times a draft's tag can tell, with some to spare.
pub const LONGEST_RUN: Duration = Duration::from_hours(4);

/// A single run of one transport.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The scenario's name.
    pub scenario: String,
    /// Values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// The number of the cell's repeat, from 1.
    pub repeat: usize,
    /// The transport and its parameters.
    pub variant: Variant,
    /// People who listen. Person `i` is in room `i % rooms`.
    pub clients: usize,
    /// Rooms.
    pub rooms: usize,
    /// People per room who speak; whether they listen too, `speak` says.
    pub publishers: usize,
    /// Drafts a second in each room, of all its publishers together.
    pub rate: f64,
    /// The distribution of the times at which drafts are due.
    pub arrivals: Arrivals,
    /// Whose connections drafts go over.
    pub speak: Speak,
    /// The rule that says whether a draft waits for the answer to the one before.
    pub pacing: Pacing,
    /// Bytes of text in a draft.
    pub payload: Payload,
    /// True if people give a name, and so cause presence traffic.
    pub presence: bool,
    /// Over how long the connections are opened.
    #[serde(with = "humantime_serde")]
    pub ramp: Duration,
    /// The time from the first draft to the first that counts.
    #[serde(with = "humantime_serde")]
    pub settle: Duration,
    /// The time for which drafts that count are due.
    #[serde(with = "humantime_serde")]
    pub measure: Duration,
    /// The time to wait for the last arrivals before they are lost.
    #[serde(with = "humantime_serde")]
    pub drain: Duration,
    /// A reader is coherent while it holds every event that was due at least
    /// this long ago.
    #[serde(with = "humantime_serde")]
    pub coherent_within: Duration,
    /// The headers that each reading request carries beside what HTTP itself demands;
    /// [`HOST`] in a value stands for the server's host and port.
    pub headers: Vec<(String, String)>,
    /// The headers of a draft that is sent by a request of its own, `Content-Type` included
    /// where the profile has one. Empty where drafts go over the reader's socket.
    pub say_headers: Vec<(String, String)>,
    /// Name of the header profile.
    pub header_profile: String,
    /// Threads that read. One more speaks.
    pub shards: usize,
    /// Whose bytes go into the ledger.
    pub accounting: Accounting,
    /// The description of how to talk to a server that keeps a contract of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
    /// Seed of this run: arrivals, payloads and poll phases follow from it.
    pub seed: u64,
}

impl Plan {
    /// Returns the number of people who speak and do not listen: they are no clients.
    #[must_use]
    pub const fn mere_speakers(&self) -> usize {
        match self.speak {
            Speak::Same => 0,
            Speak::Post | Speak::PostClose => self.rooms * self.publishers,
        }
    }

    /// Returns whether `person` is one of those who listen and speak.
    #[must_use]
    pub fn speaks_and_listens(&self, person: usize) -> bool {
        self.speak == Speak::Same && person / self.rooms < self.publishers
    }
}

/// Whose bytes go into the ledger. All are counted, whatever this says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accounting {
    /// Everybody's.
    #[default]
    All,
    /// Those of so many people, spread evenly over all of them, on all
    /// connections of theirs.
    Sample(NonZeroUsize),
    /// Nobody's: there is no ledger.
    Off,
}

impl Accounting {
    /// Returns whether person `person` of `people` is accounted for.
    #[must_use]
    pub const fn includes(self, person: usize, people: usize) -> bool {
        match self {
            Self::All => true,
            // Of any `people` numbers in a row exactly `count`, the first included.
            Self::Sample(count) => person * count.get() % people < count.get(),
            Self::Off => false,
        }
    }
}

/// Whose connections drafts go over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speak {
    /// Some of the readers also speak: on a WebSocket over the same socket,
    /// elsewhere over a connection of their own beside it.
    #[default]
    Same,
    /// Additional people only speak: each sends a POST over a connection that
    /// stays open, whatever the transport.
    Post,
    /// As `post`, with a new connection for each draft, so that latency includes
    /// connecting.
    PostClose,
}

/// The rule that says whether a draft waits for the answer to the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Pacing {
    /// Drafts do not wait: they leave when they are due (open loop).
    #[default]
    Open,
    /// Drafts wait: a publisher's draft leaves when it is due and the one before was
    /// answered (closed loop). Due times stay the schedule's.
    Closed,
    /// There is no schedule: in each room so many drafts are on their way, and
    /// the next leaves as soon as one has come back. It is due when it leaves.
    InFlight {
        /// Drafts on their way in each room.
        count: usize,
        /// The condition at which a draft has come back.
        back: Back,
    },
}

/// When a draft in flight has come back, so that the next may leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Back {
    /// When its speaker has heard it.
    #[default]
    Speaker,
    /// When everyone in its room has.
    Everyone,
}

impl Pacing {
    /// The word of the `pacing` column: `open`, `closed`, `4 in flight`,
    /// `4 in flight to everyone`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed => "closed".to_owned(),
            Self::InFlight { count, back } => match back {
                Back::Speaker => format!("{count} in flight"),
                Back::Everyone => format!("{count} in flight to everyone"),
            },
        }
    }
}

/// A transport with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Ask once, read on.
    HttpStream {
        /// The format that separates events.
        framing: Framing,
    },
    /// Upgrade once.
    Websocket,
    /// One of these in the protocol of a library.
    Library {
        /// The protocol; never the plain one.
        protocol: Protocol,
        /// The way over which it is spoken.
        way: Way,
        /// True if one connection serves all polls, false if each poll opens its own.
        keep_alive: bool,
    },
}

impl Variant {
    /// Returns the way to read whose parameters these are.
    #[must_use]
    pub const fn way(&self) -> Way {
        match self {
            Self::ShortPoll { .. } => Way::ShortPoll,
            Self::LongPoll { .. } => Way::LongPoll,
            Self::HttpStream {
                framing: Framing::Ndjson,
            } => Way::Ndjson,
            Self::HttpStream {
                framing: Framing::Sse,
            } => Way::Sse,
            Self::Websocket => Way::Websocket,
            Self::Library { way, .. } => *way,
        }
    }

    /// Returns the protocol that is spoken over the way.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Library { protocol, .. } => *protocol,
            _ => Protocol::Plain,
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
            | Self::Library { keep_alive, .. } => *keep_alive,
            Self::HttpStream { .. } | Self::Websocket => true,
        }
    }

    /// Returns the longest time for which the server holds a question, where it holds any.
    #[must_use]
    pub const fn hold(&self) -> Option<Duration> {
        match self {
            Self::LongPoll { hold, .. } => Some(*hold),
            Self::Library { way, .. } if matches!(way.exchange(), Exchange::Held) => {
                Some(LIBRARY_HOLD)
            }
            _ => None,
        }
    }

    /// Returns the time from one question to the next, where a reader asks each interval.
    #[must_use]
    pub const fn interval(&self) -> Option<Duration> {
        match self {
            Self::ShortPoll { interval, .. } => Some(*interval),
            _ => None,
        }
    }
}

/// The word for the parameters in the `variant` column: `1s`, `1s close`,
/// `hold 25s`, `ndjson`, `sse`, `-`; of a library its name, behind the framing where that is not
/// the library's own: `socket_io`, `sse sockjs`.
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
            Self::LongPoll { hold, keep_alive } => {
                format!(
                    "hold {}{}",
                    humantime_serde::re::humantime::format_duration(*hold),
                    close(*keep_alive)
                )
            }
            Self::HttpStream { framing } => framing.to_string(),
            Self::Websocket => "-".to_owned(),
            Self::Library {
                protocol,
                way,
                keep_alive,
            } => {
                let framing = if *way == Way::Sse { "sse " } else { "" };
                format!("{framing}{protocol}{}", close(*keep_alive))
            }
        };
        formatter.pad(&text)
    }
}

/// The distribution of the times at which drafts are due.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Arrivals {
    /// At equal distances.
    Constant,
    /// At exponentially distributed distances.
    Poisson,
    /// This many at once, at equal distances that keep the rate.
    Burst {
        /// Drafts in a burst.
        size: usize,
    },
}

/// Bytes of text in a draft: uniform between both bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Payload {
    /// Fewest bytes.
    pub min: usize,
    /// Most bytes.
    pub max: usize,
}
