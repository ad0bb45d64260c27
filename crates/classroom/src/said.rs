//! The messages of a page to the classroom.

use serde::Deserialize;
use wire::Way;

use crate::{
    order::PersonOrder,
    sheets::HandedIn,
    state::{Path, Talker},
};

/// A message of a page.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Said {
    /// Asks for notes on what these persons' exchanges carry.
    Follow { persons: Vec<String> },
    /// Asks for the time.
    Ping { n: f64 },
    /// Claims to be the teacher, with the token as proof.
    Teach { token: String },
    /// Moves everybody to this transport; `None` leaves the choice to each person.
    Move { lane: Option<Way> },
    /// Sets the built-in talker.
    Talk(Talker),
    /// Sets the delay of the lanes.
    Delay { ms: u64 },
    /// Sets the proxy in the path of the lanes.
    Path { path: Path },
    /// Lets the lanes offer HTTP/2, or HTTP/1.1 alone.
    Http2 { on: bool },
    /// Ends a server, or starts it again, where there are several.
    Server { number: usize, on: bool },
    /// Clears the room.
    Clear,
    /// Resets the class's totals.
    Reset,
    /// Starts a countdown of this many seconds; `None` ends a countdown.
    Countdown { seconds: Option<u32> },
    /// Asks for the sheets of this lesson, now and whenever they change.
    Sheets { lesson: String },
    /// Carries out an order about a person in the class's room.
    Person { id: u64, order: PersonOrder },
    /// Lets everybody in and speak again.
    Pardon,
    /// Sets the rooms that may be opened beside the class's; `None` allows any.
    Rooms { named: Option<Vec<String>> },
    /// Removes a sheet.
    RemoveSheet { lesson: String, number: u64 },
    /// Asks for the key to a lesson's closing questions.
    Key { lesson: String },
    /// Hands in a sheet with a student's predictions and measurements.
    HandIn { sheet: HandedIn },
    /// Sets a talker in the page's own room.
    OwnTalk(Talker),
}
