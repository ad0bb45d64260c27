//! The notes that a page receives about a connection, as it happens.

use dissect::{Direction, Layer, Purpose};
use serde::Serialize;
use wire::Way;

use crate::route::What;

/// The largest number of bytes shown of one run.
const SHOWN: usize = 4096;

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
        /// The number of its stream, on HTTP/2.
        #[serde(skip_serializing_if = "Option::is_none")]
        stream: Option<u32>,
        /// The time, in milliseconds since the classroom opened.
        at: f64,
        method: &'a str,
        target: &'a str,
        what: What,
        /// The lane through whose port the request came; `None` is the main port.
        lane: Option<Way>,
        /// The number of the server that has the connection, where there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<usize>,
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
    /// An exchange is over whose connection goes on, as on HTTP/2.
    Ended {
        person: &'a str,
        conn: u64,
        exchange: u64,
        at: f64,
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
    /// The content of them, if they are compressed and could be unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inside: Option<Unpacked>,
}

/// The content of compressed bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Unpacked {
    pub(crate) len: u64,
    /// The content as far as it is shown, a character for each byte.
    pub(crate) data: String,
}

impl Part {
    /// Creates a part from a run of `len` bytes, of which the beginning of `kept` is shown.
    pub(crate) fn new(purpose: Purpose, layer: Layer, len: u64, kept: &[u8]) -> Self {
        Self {
            purpose,
            layer,
            len,
            data: shown(kept),
            inside: None,
        }
    }

    /// Returns the same part with what is in it.
    pub(crate) fn with(self, plain: Option<Vec<u8>>) -> Self {
        let unpacked = |plain: Vec<u8>| Unpacked {
            len: plain.len() as u64,
            data: shown(&plain),
        };
        Self {
            inside: plain.map(unpacked),
            ..self
        }
    }
}

/// Returns the beginning of these bytes, a character each.
fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.iter().take(SHOWN);
    bytes.map(|&byte| char::from(byte)).collect()
}
