//! Connections of HTTP/2 (RFC 9113) in a capture: each stream is an exchange like those of HTTP/1.1.
//!
//! `frames` finds the frames. `half` puts together what each side said on each stream, and `streams`
//! makes exchanges of it. When the conversations of these exchanges are recognised, `accounts` has the
//! connection dissected, each stream in the way that its conversation calls for; what belongs to no
//! stream is in a ledger of the connection. `order` determines the order in which the frames of both
//! sides are dissected.

mod accounts;
mod frames;
mod half;
mod order;
mod own;
mod streams;

use accounts::{StreamRole, enter};
pub(crate) use own::enter_all;
pub(crate) use streams::exchanges;

use crate::{Remark, stretch::Wire};

/// The first bytes of a client (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The bytes of the preface by which a connection is recognised.
const ENOUGH: usize = 16;

/// The bytes that the fields of all heads of a file may take. A byte can stand for a long field.
pub(crate) const MOST_OF_HEADS: usize = 256 << 20;

/// A connection of HTTP/2.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The number of its wire.
    pub(crate) number: usize,
    /// The first byte of each direction that is read: of the preface, or of a frame.
    starts: [usize; 2],
    /// True if the connection was open before the capture began.
    is_cut: bool,
    /// The name of the server, by its first request.
    pub(crate) server: Option<String>,
    pub(crate) remarks: Vec<Remark>,
}

impl Connection {
    /// Returns the connection if it begins with the preface.
    pub(crate) fn with_preface(wire: &Wire, number: usize) -> Option<Self> {
        starts_with_preface(&wire.up.bytes).then(|| Self::new(number, [0, 0], false))
    }

    /// Returns the connection if it was open before the capture began and all bytes from some
    /// segment on are frames.
    pub(crate) fn without_preface(wire: &Wire, number: usize) -> Option<Self> {
        if wire.up.has_begin || wire.down.has_begin || wire.is_continued {
            return None;
        }
        let starts = frames::starts(wire)?;
        let mut one = Self::new(number, starts, true);
        one.remarks.push(Remark::BeganBefore);
        Some(one)
    }

    const fn new(number: usize, starts: [usize; 2], is_cut: bool) -> Self {
        Self {
            number,
            starts,
            is_cut,
            server: None,
            remarks: Vec::new(),
        }
    }

    /// Returns the places of the first frames of both directions.
    const fn first_frames(&self) -> [usize; 2] {
        let [up, down] = self.starts;
        [if self.is_cut { up } else { PREFACE.len() }, down]
    }
}

/// Returns whether the bytes of a client begin a connection of HTTP/2.
pub(crate) fn starts_with_preface(bytes: &[u8]) -> bool {
    bytes.starts_with(&PREFACE[..ENOUGH])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_recognised_by_the_first_line_of_the_preface() {
        assert_eq!(PREFACE.len(), 24);
        assert!(starts_with_preface(PREFACE) && starts_with_preface(&PREFACE[..ENOUGH]));
        assert!(!starts_with_preface(&PREFACE[..ENOUGH - 1]));
    }
}
