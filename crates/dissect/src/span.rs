//! A span: a run of bytes of one direction that is in one account.

use crate::{Direction, Layer, Purpose};

/// A run of bytes in one account: one element of the protocol, such as a head,
/// a chunk's size line, an event's JSON or a frame's mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The direction of the bytes.
    pub direction: Direction,
    /// The purpose of the bytes.
    pub purpose: Purpose,
    /// The layer of the protocol to which the bytes belong.
    pub layer: Layer,
    /// The offset of the first byte, counted from the first byte of this direction.
    pub start: u64,
    /// The number of bytes; never 0.
    pub len: u64,
    /// True if the element began in an earlier span, which the head of a frame of HTTP/2 cut off.
    pub continues: bool,
}

/// The way of spans to the sink: each begins where the one before it in its direction ended.
///
/// Nothing else knows offsets, except for the streams of HTTP/2, whose bytes lie between each
/// other: they know their own places. So there can be neither gap nor overlap, and the lengths of
/// all spans add up to `written`.
pub(crate) struct Out<'a, S> {
    pub(crate) written: &'a mut [u64; 2],
    pub(crate) sink: &'a mut S,
}

impl<S: FnMut(Span)> Out<'_, S> {
    pub(crate) fn put(&mut self, direction: Direction, purpose: Purpose, layer: Layer, len: u64) {
        if len == 0 {
            return;
        }
        let start = self.written[direction as usize];
        self.put_at(start, direction, purpose, layer, len);
    }

    /// Gives a span that begins at `start`: the spans of HTTP/2 may come in another order than
    /// their bytes.
    pub(crate) fn put_at(
        &mut self,
        start: u64,
        direction: Direction,
        purpose: Purpose,
        layer: Layer,
        len: u64,
    ) {
        self.give(Span {
            direction,
            purpose,
            layer,
            start,
            len,
            continues: false,
        });
    }

    /// Gives a span as it is.
    pub(crate) fn give(&mut self, span: Span) {
        self.written[span.direction as usize] += span.len;
        (self.sink)(span);
    }
}
