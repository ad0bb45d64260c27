//! The notes that a page receives about a connection, as it happens.

use dissect::{Direction, Layer, Purpose};
use serde::Serialize;
use wire::Way;

use crate::route::What;

/// A note about one connection, for the page of the person it belongs to.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Note<'a> {
    /// A request came.
    Asked {
        person: &'a str,
        /// The number of the connection.
        conn: u64,
        /// The number of the exchange in its connection.
        exchange: u64,
        /// The time, in milliseconds since the classroom opened.
        at: f64,
        method: &'a str,
        target: &'a str,
        what: What,
        /// The lane through whose port the request came; `None` is the main port.
        lane: Option<Way>,
    },
    /// Bytes passed and were accounted for.
    Passed {
        person: &'a str,
        conn: u64,
        exchange: u64,
        /// The number of the frame in its direction, once frames are spoken.
        frame: Option<u64>,
        dir: Direction,
        at: f64,
        parts: Vec<Part>,
    },
    /// The connection was closed.
    Closed { person: &'a str, conn: u64, at: f64 },
}

/// A run of bytes in one account.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) purpose: Purpose,
    pub(crate) layer: Layer,
    pub(crate) len: u64,
    /// The bytes as far as they are shown, a character each (U+0000 to U+00FF): most of them are
    /// ASCII, which JSON carries unchanged.
    pub(crate) data: String,
}

impl Part {
    /// Creates a part from a run of `len` bytes, of which `shown` are shown.
    pub(crate) fn new(purpose: Purpose, layer: Layer, len: u64, shown: &[u8]) -> Self {
        Self {
            purpose,
            layer,
            len,
            data: shown.iter().map(|&byte| char::from(byte)).collect(),
        }
    }
}
