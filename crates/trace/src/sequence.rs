//! The sequence of elements, drawn as a ladder between two lines: as text for a terminal and as
//! SVG.
//!
//! Time runs downwards and is compressed: silence takes less room than traffic, and each rung
//! states its time. If a link delays, rungs slope: an end at the server lies one delay from the
//! client's.

mod layout;
mod svg;
mod text;

pub use svg::svg;
pub use text::text;

use std::time::Duration;

use dissect::Purpose;

use crate::{Element, elements};

/// Formats a time as `12.345 ms`.
fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// Returns the label of a rung in `room` characters: the element, its length, and the length of the
/// JSON of an event or draft in it. A title that is too long is cut, and the lengths stay.
fn label(element: &Element, room: usize) -> String {
    let payload = element.payload();
    let of_it = if payload > 0 {
        format!(", {payload} of them payload")
    } else {
        String::new()
    };
    let lengths = format!(" · {} bytes{of_it}", element.bytes.len());
    let left = room.saturating_sub(lengths.chars().count());
    shortened(&element.title(), left) + &lengths
}

/// Cuts a text that is longer than `limit` characters.
fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let start: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{start}…")
}

/// Returns the colour of a purpose. It is the same in every picture, and dark enough for white
/// paper.
const fn colour(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Setup => "#5b6472",
        Purpose::Deliver => "#0b62c4",
        Purpose::Say => "#0a7d4f",
        Purpose::Ack => "#5e8c1a",
        Purpose::Empty => "#c2410c",
        Purpose::Heartbeat => "#8b3fb5",
        Purpose::Presence => "#8a6a00",
        Purpose::Close => "#b3261e",
    }
}

/// Returns the meaning of a purpose in words.
const fn meaning(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Setup => "set-up",
        Purpose::Deliver => "brings a message",
        Purpose::Say => "says a message",
        Purpose::Ack => "answers a draft",
        Purpose::Empty => "brings nothing",
        Purpose::Heartbeat => "heartbeat",
        Purpose::Presence => "who is here",
        Purpose::Close => "goodbye",
    }
}
