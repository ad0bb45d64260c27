//! Notes: what the page is told about a connection, as it happens.

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
        /// The connection, by number.
        conn: u64,
        /// The exchange, by number, in its connection.
        exchange: u64,
        /// When, in milliseconds since the classroom opened.
        at: f64,
        method: &'a str,
        target: &'a str,
        what: What,
        /// The port through which it came; `None` is the main one.
        lane: Option<Way>,
    },
    /// Bytes that are accounted for.
    Passed {
        person: &'a str,
        conn: u64,
        exchange: u64,
        /// The frame, by number in its direction, once frames are spoken.
        frame: Option<u64>,
        dir: Direction,
        at: f64,
        parts: Vec<Part>,
    },
    /// The connection is over.
    Closed { person: &'a str, conn: u64, at: f64 },
}

/// A run of bytes in one account.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) purpose: Purpose,
    pub(crate) layer: Layer,
    pub(crate) len: u64,
    /// The bytes as far as they are shown, a character each (U+0000 to U+00FF):
    /// most of them are ASCII, and JSON carries those as they are.
    pub(crate) data: String,
}

impl Part {
    /// `shown` of a run of `len` bytes.
    pub(crate) fn new(purpose: Purpose, layer: Layer, len: u64, shown: &[u8]) -> Self {
        Self {
            purpose,
            layer,
            len,
            data: shown.iter().map(|&byte| char::from(byte)).collect(),
        }
    }
}
