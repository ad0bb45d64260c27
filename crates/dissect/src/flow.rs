//! The spans of one direction, held back until their purpose is known.
//!
//! The purpose of an exchange is known from its answer, and the purpose of a chunk from the event
//! within it. Until then only lengths are kept, never bytes.

use std::collections::VecDeque;

use crate::{Direction, Layer, Purpose, Span, span::Out};

/// The largest number of spans held back in one direction; they take 64 KiB.
const MOST_HELD: usize = 4096;

/// The spans of one direction, in their order.
pub(crate) struct Flow {
    direction: Direction,
    /// The layer of content that may continue in the next bytes. Its account is settled when it is
    /// over, so that a span never depends on how the bytes were cut.
    run: Layer,
    run_len: u64,
    /// The purpose of the current bytes, once it is known.
    purpose: Option<Purpose>,
    /// The purpose of the current chunk, which is that of the first piece in it.
    chunk: Option<Purpose>,
    /// The number of the decision that the current bytes wait for.
    waits_for: u32,
    held: VecDeque<Held>,
}

struct Held {
    len: u64,
    waits_for: u32,
    purpose: Option<Purpose>,
    layer: Layer,
}

impl Flow {
    pub(crate) const fn new(direction: Direction) -> Self {
        Self {
            direction,
            run: Layer::Payload,
            run_len: 0,
            purpose: None,
            chunk: None,
            waits_for: 0,
            held: VecDeque::new(),
        }
    }

    /// Begins bytes that are for `purpose` or, if that is open, wait for
    /// the decision of this number.
    pub(crate) fn begin(&mut self, purpose: Option<Purpose>, waits_for: u32) {
        self.purpose = purpose;
        self.waits_for = waits_for;
        self.chunk = None;
    }

    /// Returns whether the purpose of the current bytes is still open.
    pub(crate) const fn is_open(&self) -> bool {
        self.purpose.is_none()
    }

    /// Returns the purpose of the current bytes, if it is known.
    pub(crate) const fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// Returns the purpose of the current chunk, if it is known.
    pub(crate) const fn chunk_purpose(&self) -> Option<Purpose> {
        self.chunk
    }

    /// Returns whether bytes are held back until a pending decision.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_open() && (self.run_len > 0 || !self.held.is_empty())
    }

    /// Returns whether so many spans are held back that a decision must be made without more
    /// evidence.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= MOST_HELD
    }

    /// Takes `len` bytes of content in `layer`.
    pub(crate) fn content<S: FnMut(Span)>(
        &mut self,
        layer: Layer,
        len: usize,
        out: &mut Out<'_, S>,
    ) {
        if layer != self.run {
            self.end_run(out);
            self.run = layer;
        }
        self.run_len += len as u64;
    }

    /// Ends the content of one element; what follows belongs to another.
    pub(crate) fn end_run<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        let len = std::mem::take(&mut self.run_len);
        self.write(self.run, len, self.purpose, out);
    }

    /// Writes one whole element that is not content.
    pub(crate) fn element<S: FnMut(Span)>(
        &mut self,
        layer: Layer,
        len: usize,
        out: &mut Out<'_, S>,
    ) {
        self.end_run(out);
        self.write(layer, len as u64, self.purpose, out);
    }

    /// Gives a chunk's size line.
    pub(crate) fn chunk_begins<S: FnMut(Span)>(&mut self, len: u32, out: &mut Out<'_, S>) {
        self.element(Layer::Chunk, len as usize, out);
        self.chunk = self.purpose;
    }

    /// Gives a chunk's end, with the purpose of the first piece in the chunk.
    pub(crate) fn chunk_ends<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.end_run(out);
        self.write(Layer::Chunk, 2, self.chunk, out);
    }

    /// Ends a piece of a stream; what follows has the purpose of the next piece. To be called when
    /// the purpose of the piece itself is decided.
    pub(crate) fn end_piece<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.end_run(out);
        self.purpose = None;
    }

    /// Applies a decision to all spans that wait for this number, and releases those that are
    /// decided.
    pub(crate) fn decide<S: FnMut(Span)>(
        &mut self,
        number: u32,
        purpose: Purpose,
        out: &mut Out<'_, S>,
    ) {
        if self.waits_for == number {
            self.purpose.get_or_insert(purpose);
            self.chunk.get_or_insert(purpose);
        }
        for held in &mut self.held {
            if held.waits_for == number {
                held.purpose.get_or_insert(purpose);
            }
        }
        while let Some(&Held {
            len,
            purpose: Some(purpose),
            layer,
            ..
        }) = self.held.front()
        {
            out.put(self.direction, purpose, layer, len);
            self.held.pop_front();
        }
    }

    fn write<S: FnMut(Span)>(
        &mut self,
        layer: Layer,
        len: u64,
        purpose: Option<Purpose>,
        out: &mut Out<'_, S>,
    ) {
        match purpose {
            _ if len == 0 => {}
            Some(purpose) if self.held.is_empty() => out.put(self.direction, purpose, layer, len),
            _ => self.held.push_back(Held {
                len,
                waits_for: self.waits_for,
                purpose,
                layer,
            }),
        }
    }
}
