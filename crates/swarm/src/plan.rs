//! One run, as meant: every value that has an effect, and no choice left open.
//!
//! A scenario resolves to a list of plans; a plan is all that [`crate::start()`]
//! needs besides an address.

use std::{fmt, time::Duration};

use serde::Serialize;
use wire::{Framing, Transport};

/// In a header's value: the host and port of the server, which a plan does not
/// know yet. A browser's `Origin` and `Referer` name them.
pub const HOST: &str = "{host}";

/// One run of one transport.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The scenario's name.
    pub scenario: String,
    /// Values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// Which repeat of the cell, from 1.
    pub repeat: usize,
    /// The transport and its parameters.
    pub variant: Variant,
    /// People in all. Person `i` is in room `i % rooms`; all of them listen.
    pub clients: usize,
    /// Rooms.
    pub rooms: usize,
    /// People per room who also speak.
    pub publishers: usize,
    /// Drafts a second in each room, of all its publishers together.
    pub rate: f64,
    /// When drafts are due.
    pub arrivals: Arrivals,
    /// Bytes of text in a draft.
    pub payload: Payload,
    /// Whether people give a name, and so cause presence traffic.
    pub presence: bool,
    /// Over how long the connections are opened.
    #[serde(with = "humantime_serde")]
    pub ramp: Duration,
    /// From the first draft to the first that counts.
    #[serde(with = "humantime_serde")]
    pub settle: Duration,
    /// For how long drafts that count are due.
    #[serde(with = "humantime_serde")]
    pub measure: Duration,
    /// How long to wait for the last arrivals before they are lost.
    #[serde(with = "humantime_serde")]
    pub drain: Duration,
    /// What each reading request carries beside what HTTP itself demands;
    /// [`HOST`] in a value stands for the server's host and port.
    pub headers: Vec<(String, String)>,
    /// The same for a draft said by a request of its own, `Content-Type` included
    /// where the profile has one. Empty where drafts go over the reader's socket.
    pub say_headers: Vec<(String, String)>,
    /// Name of the header profile.
    pub header_profile: String,
    /// Threads that read. One more speaks.
    pub shards: usize,
    /// Seed of this run: arrivals, payloads and poll phases follow from it.
    pub seed: u64,
}

/// A transport with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Variant {
    /// Ask each interval.
    ShortPoll {
        /// From one question to the next, whatever the answer took.
        #[serde(with = "humantime_serde")]
        interval: Duration,
        /// Whether one connection serves all polls, or each poll opens its own.
        keep_alive: bool,
    },
    /// Ask and be held.
    LongPoll {
        /// The longest time the server holds a question.
        #[serde(with = "humantime_serde")]
        hold: Duration,
        /// Whether one connection serves all polls, or each poll opens its own.
        keep_alive: bool,
    },
    /// Ask once, read on.
    HttpStream {
        /// How events are told apart.
        framing: Framing,
    },
    /// Upgrade once.
    Websocket,
}

impl Variant {
    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        match self {
            Self::ShortPoll { .. } => Transport::ShortPoll,
            Self::LongPoll { .. } => Transport::LongPoll,
            Self::HttpStream { .. } => Transport::HttpStream,
            Self::Websocket => Transport::Websocket,
        }
    }
}

/// The word for the parameters in the `variant` column: `1s`, `1s close`,
/// `hold 25s`, `ndjson`, `sse`, `-`.
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
        };
        formatter.pad(&text)
    }
}

/// When drafts are due.
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
