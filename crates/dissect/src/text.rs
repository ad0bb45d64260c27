//! Streams of lines: NDJSON, and server-sent events (WHATWG HTML section 9.2.6).
//!
//! A piece is an NDJSON line, or an SSE block through its blank line. Its event
//! decides its purpose; a piece without an event is a heartbeat or, where SSE
//! fields set something (`retry:`, a bare `id:`), setup. Lines end with LF or
//! CR LF; SSE's lone CR is not a line end here, because no server of ours, nor
//! any known one, writes it. The script elements of an htmlfile end with CR LF alone.

use memchr::{memchr, memmem};

use wire::{Framing, Protocol};

use crate::{
    Direction, Layer, Purpose, Span,
    envelope::{Envelope, Part},
    flow::Flow,
    kind::Opening,
    span::Out,
};

/// The SSE field that holds an event.
const DATA: &[u8] = b"data:";

/// The position of the next byte within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Before the first byte of the line.
    Start,
    /// After this many bytes of a name that may become [`DATA`].
    Name(u8),
    /// Behind `data:`, where one space is not part of the value.
    Space,
    /// Within the JSON of an event.
    Value,
    /// Within any other text.
    Other,
}

/// Reads a stream of lines.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about what was read"
)]
pub(crate) struct Lines {
    sse: bool,
    position: Position,
    /// True if a carriage return was read that may be part of a line end.
    cr: bool,
    /// True if the SSE block has a field, not only comments.
    has_field: bool,
    /// The reader of the frames of a library, which are the values.
    envelope: Option<Box<Envelope>>,
    /// True while nothing but the beginning of a library's stream was read.
    begins: bool,
    /// True if only CR LF ends a line: an element of an htmlfile has line feeds in it.
    needs_return: bool,
}

impl Lines {
    pub(crate) const fn new(sse: bool) -> Self {
        Self {
            sse,
            position: Position::Start,
            cr: false,
            has_field: false,
            envelope: None,
            begins: false,
            needs_return: false,
        }
    }

    /// Reads a stream of a library's frames, a line or a server-sent event each.
    pub(crate) fn of_frames(protocol: Protocol, framing: Framing) -> Self {
        Self {
            envelope: Some(Box::new(Envelope::new(protocol, Direction::Down))),
            begins: true,
            needs_return: protocol == Protocol::SockjsInPage,
            ..Self::new(framing == Framing::Sse)
        }
    }

    /// Reads a page without end, in which each line but the first is the script of an event.
    pub(crate) fn of_page() -> Self {
        Self::of_frames(Protocol::InPage, Framing::Ndjson)
    }

    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        mut bytes: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) {
        while let Some(&byte) = bytes.first() {
            if byte == b'\n' && (self.cr || !self.needs_return) {
                self.end_line(opening, flow, out);
                bytes = &bytes[1..];
                continue;
            }
            if self.cr {
                self.lone_return(opening, flow, out);
            }
            let used = match self.position {
                Position::Start | Position::Name(_) | Position::Space => {
                    self.line_opening(bytes, flow, out)
                }
                Position::Value | Position::Other => self.rest_of_line(bytes, opening, flow, out),
            };
            bytes = &bytes[used..];
        }
    }

    /// Takes the bytes before those of a value and returns how many were used.
    fn line_opening<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        let byte = bytes[0];
        if byte == b'\r' && self.position != Position::Space {
            self.cr = true;
            return 1;
        }
        self.has_field |= self.position == Position::Start && self.sse && byte != b':';
        let matched = match self.position {
            Position::Name(matched) => usize::from(matched),
            _ => 0,
        };
        let used = match self.position {
            Position::Start if !self.sse => {
                self.position = Position::Value;
                0
            }
            Position::Start if bytes.starts_with(b"data: ") => {
                self.position = Position::Value;
                DATA.len() + 1
            }
            Position::Start | Position::Name(_) if byte == DATA[matched] => {
                self.position = match matched + 1 {
                    all if all == DATA.len() => Position::Space,
                    some => Position::Name(some as u8),
                };
                1
            }
            Position::Space => {
                self.position = Position::Value;
                usize::from(byte == b' ')
            }
            _ => {
                self.position = Position::Other;
                0
            }
        };
        if used > 0 {
            flow.content(Layer::TextFrame, used, out);
        }
        used
    }

    /// Takes a value or another field, up to the line end, and returns how many were used.
    fn rest_of_line<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        let end = if self.needs_return {
            memmem::find(bytes, b"\r\n").map(|at| at + 1)
        } else {
            memchr(b'\n', bytes)
        };
        let end = end.unwrap_or(bytes.len());
        let line = &bytes[..end];
        let line = match line.split_last() {
            Some((b'\r', before)) => {
                self.cr = true;
                before
            }
            _ => line,
        };
        self.text(line, opening, flow, out);
        end
    }

    /// Takes text of the current line that is no part of its end.
    fn text<S: FnMut(Span)>(
        &mut self,
        text: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) {
        if text.is_empty() {
            return;
        }
        if self.position != Position::Value {
            flow.content(Layer::TextFrame, text.len(), out);
            return;
        }
        if let Some(envelope) = &mut self.envelope {
            envelope.read(text, opening, &mut |part| take(part, flow, out));
            return;
        }
        flow.content(Layer::Payload, text.len(), out);
        if flow.is_open()
            && let Some(kind) = opening.see(text)
        {
            flow.decide(0, kind.purpose(), out);
        }
    }

    /// Counts a carriage return that no line feed follows as text.
    fn lone_return<S: FnMut(Span)>(
        &mut self,
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) {
        self.cr = false;
        match self.position {
            Position::Start if !self.sse => self.position = Position::Value,
            Position::Start | Position::Name(_) => {
                self.has_field = true;
                self.position = Position::Other;
            }
            _ => {}
        }
        self.text(b"\r", opening, flow, out);
    }

    fn end_line<S: FnMut(Span)>(
        &mut self,
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) {
        let len = 1 + usize::from(std::mem::take(&mut self.cr));
        let position = std::mem::replace(&mut self.position, Position::Start);
        match &mut self.envelope {
            Some(envelope) if position == Position::Value => {
                envelope.end(opening, &mut |part| take(part, flow, out));
            }
            None if position == Position::Value && flow.is_open() => {
                flow.decide(0, opening.end().purpose(), out);
            }
            _ => {}
        }
        flow.content(Layer::TextFrame, len, out);
        if position == Position::Start || !self.sse {
            if flow.is_open() {
                flow.decide(0, self.without_event(), out);
            }
            flow.end_piece(out);
            self.has_field = false;
            // The page of an htmlfile has an empty line behind it.
            self.begins &= self.needs_return && position == Position::Value;
        }
    }

    fn without_event(&self) -> Purpose {
        if self.has_field || self.begins {
            Purpose::Setup
        } else {
            Purpose::Heartbeat
        }
    }

    /// Ends a chunk, so that a carriage return can wait for its line feed no longer.
    pub(crate) fn boundary<S: FnMut(Span)>(&mut self, flow: &mut Flow, out: &mut Out<'_, S>) {
        if let Some(envelope) = &mut self.envelope {
            envelope.pause(&mut |part| take(part, flow, out));
        }
        if std::mem::take(&mut self.cr) {
            flow.content(Layer::TextFrame, 1, out);
        }
    }

    /// Ends the stream, perhaps within the frame of a library.
    pub(crate) fn cut<S: FnMut(Span)>(&mut self, flow: &mut Flow, out: &mut Out<'_, S>) {
        if let Some(envelope) = &mut self.envelope {
            envelope.cut(&mut |part| take(part, flow, out));
        }
    }

    /// Returns the purpose of the current piece, as far as it has been read.
    pub(crate) fn so_far(&mut self, opening: &mut Opening) -> Purpose {
        match (self.position, &mut self.envelope) {
            (Position::Value, None) => opening.end().purpose(),
            (Position::Value, Some(envelope)) => {
                let mut found = Purpose::Deliver;
                envelope.settle(opening, &mut |part| {
                    if let Part::Purpose(purpose) = part {
                        found = purpose;
                    }
                });
                found
            }
            _ => self.without_event(),
        }
    }
}

/// Takes what was found in a frame of a library.
fn take<S: FnMut(Span)>(part: Part, flow: &mut Flow, out: &mut Out<'_, S>) {
    match part {
        Part::Purpose(purpose) if flow.is_open() => flow.decide(0, purpose, out),
        Part::Purpose(_) => {}
        Part::Bytes(layer, len) => flow.content(layer, len, out),
    }
}
