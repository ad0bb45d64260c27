//! `[swarm]`: the people, their rooms, and whose bytes are accounted for.

pub(crate) mod rooms;

use std::{num::NonZeroUsize, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{model::one, server::Io};

/// `[swarm]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Swarm {
    /// People in all, spread over the rooms, evenly unless `room_sizes` is given. All of them read.
    pub clients: usize,
    /// Number of rooms. Default 1, or what `readers_per_room` makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms: Option<usize>,
    /// People in each room, given instead of `rooms`, so that rooms grow in number with
    /// `clients` and not in size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readers_per_room: Option<usize>,
    /// People in rooms of several sizes, given instead of `rooms`: `[2, 2, 5, 20]` makes two rooms
    /// of two, one of five and one of twenty, and begins anew until all `clients` are in a room.
    /// This list is no sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_sizes: Option<Vec<usize>>,
    /// Rooms that one clerk is in: the second person of each room is a clerk, who has so many rooms
    /// in a row, under one name and with a connection for each, and one more for what it says by
    /// POST (with `speak = "same"`). The last clerk has the rooms that are left. `tabs` rooms of one
    /// clerk are in one browser, and everybody else has a browser alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms_per_clerk: Option<usize>,
    /// The time over which the connections are opened. Default 2s.
    #[serde(with = "humantime_serde", default = "two_seconds")]
    #[schemars(with = "String")]
    pub ramp: Duration,
    /// The time after the ramp within which readers must be ready to receive. Those who are not by
    /// then are given up, and the run is not valid. Default 30s.
    #[serde(with = "humantime_serde", default = "half_a_minute")]
    #[schemars(with = "String")]
    pub connect_within: Duration,
    /// Threads that read. Default 1.
    #[serde(default = "one")]
    pub shards: usize,
    /// Readers in a row that are the tabs of one browser. Over HTTP/2 (`server.http`) they share one
    /// connection, and there are at most 90; over HTTP/1.1 polls and drafts share six, and a request
    /// waits where none is free. A WebSocket is none of the six. Default 1.
    #[serde(default = "one")]
    pub tabs: usize,
    /// True if people give a name, and so cause join and leave events. Default false.
    #[serde(default)]
    pub presence: bool,
    /// The people whose bytes go into the ledger: `"all"` (default), `"off"`, or
    /// `{ sample = 100 }` for the connections of that many people.
    #[serde(default)]
    pub accounting: Accounting,
    /// The way in which the streams and WebSockets of people who only listen are read, over HTTP/1.1
    /// and in the clear; a few readers of each shard, whose arrivals the kernel stamps, are read as
    /// with `epoll`. The words are those of `server.io`. Default `epoll`.
    #[serde(default, skip_serializing_if = "Io::is_usual")]
    pub io: Io,
}

/// The people whose bytes go into the ledger. All bytes are counted, whatever this says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accounting {
    /// The bytes of everybody.
    #[default]
    All,
    /// The bytes of so many people, spread evenly over all of them, on all
    /// their connections.
    Sample(NonZeroUsize),
    /// Nobody's bytes: there is no ledger.
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

const fn two_seconds() -> Duration {
    Duration::from_secs(2)
}

const fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}
