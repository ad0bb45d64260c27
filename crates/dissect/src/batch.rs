//! A poll's answer: events, and the JSON around them.
//!
//! It is split without being decoded: the first `[` opens the events, braces
//! outside strings are counted, and the rest is wrapping. An answer that is no
//! batch, such as an error, is wrapping altogether.
//!
//! The bytes around the batch of a script are envelope: a comment with padding, and the call.

use memchr::{memchr, memchr2};

use crate::{
    Layer, Purpose, Span,
    flow::Flow,
    kind::{Kind, Opening},
    span::Out,
};

/// The position of the next byte within the batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Before the batch, up to the parenthesis of the call that it is the argument of.
    Call,
    /// Before the events' opening bracket.
    Before,
    /// Within the events' brackets, but outside an event.
    Between,
    /// Within an event.
    Event,
    /// After the events' closing bracket.
    After,
    /// After the batch, in a script.
    End,
}

/// The splitter of a batch.
#[expect(
    clippy::struct_excessive_bools,
    reason = "two are of the string, two of the event, one of the exchange, one of the answer"
)]
pub(crate) struct Batch {
    position: Position,
    /// True if the batch is the argument of a call in a script.
    in_script: bool,
    /// The number of braces that are open in the event.
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// True once the kind of the current event is known.
    known: bool,
    saw_presence: bool,
    /// True once the purpose of the exchange is decided.
    decided: bool,
}

impl Batch {
    pub(crate) const fn new() -> Self {
        Self {
            position: Position::Before,
            in_script: false,
            depth: 0,
            in_string: false,
            escaped: false,
            known: false,
            saw_presence: false,
            decided: false,
        }
    }

    /// Makes the splitter of a batch that is the argument of a call in a script.
    pub(crate) const fn of_script() -> Self {
        Self {
            position: Position::Call,
            in_script: true,
            ..Self::new()
        }
    }

    /// Reads on until the bytes are used up or an event shows what the whole exchange is for.
    /// Returns how many bytes were used, and that purpose.
    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> (usize, Option<Purpose>) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let used = match self.position {
                Position::Call => self.call(rest, flow, out),
                Position::Before => self.before(rest, flow, out),
                Position::Between => self.between(rest, flow, out),
                Position::Event => {
                    let used = self.rest_of_event(rest);
                    flow.content(Layer::Payload, used, out);
                    let verdict = self.classify(&rest[..used], opening);
                    if verdict.is_some() {
                        return (at + used, verdict);
                    }
                    used
                }
                Position::After if self.in_script => self.after(rest, flow, out),
                Position::After => {
                    flow.content(Layer::Batch, rest.len(), out);
                    rest.len()
                }
                Position::End => {
                    flow.content(Layer::Envelope, rest.len(), out);
                    rest.len()
                }
            };
            at += used;
        }
        (at, None)
    }

    /// Takes what stands before a batch in a script; returns how many bytes were used.
    fn call<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        let end = memchr(b'(', bytes);
        if end.is_some() {
            self.position = Position::Before;
        }
        let used = end.map_or(bytes.len(), |at| at + 1);
        flow.content(Layer::Envelope, used, out);
        used
    }

    /// Takes the rest of a batch in a script, which has no strings; returns how many bytes it used.
    fn after<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        let end = memchr(b')', bytes);
        if end.is_some() {
            self.position = Position::End;
        }
        let used = end.unwrap_or(bytes.len());
        flow.content(Layer::Batch, used, out);
        used
    }

    fn before<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        let mut at = 0;
        while at < bytes.len() && self.position == Position::Before {
            if self.in_string {
                at += self.string(&bytes[at..]);
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'[' => self.position = Position::Between,
                _ => {}
            }
            at += 1;
        }
        flow.content(Layer::Batch, at, out);
        at
    }

    fn between<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> usize {
        match bytes[0] {
            // The brace itself is the event's: the next call counts it.
            b'{' => {
                self.position = Position::Event;
                return 0;
            }
            b']' => self.position = Position::After,
            _ => {}
        }
        flow.content(Layer::Batch, 1, out);
        1
    }

    /// Returns how many of the bytes belong to the event. Sets `position` to [`Position::Between`] at the
    /// event's last byte.
    fn rest_of_event(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                at += self.string(&bytes[at..]);
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' => self.depth = self.depth.saturating_add(1),
                b'}' => self.depth -= 1,
                _ => {}
            }
            at += 1;
            if self.depth == 0 {
                self.position = Position::Between;
                break;
            }
        }
        at
    }

    /// Returns how many of the bytes belong to the string, up to and including its closing quote or
    /// the next backslash.
    fn string(&mut self, bytes: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            return 1;
        }
        match memchr2(b'"', b'\\', bytes) {
            None => bytes.len(),
            Some(at) => {
                self.escaped = bytes[at] == b'\\';
                self.in_string = self.escaped;
                at + 1
            }
        }
    }

    /// Looks at an event's next bytes, and at whether it ended with them.
    fn classify(&mut self, event: &[u8], opening: &mut Opening) -> Option<Purpose> {
        let ended = self.position != Position::Event;
        let kind = if self.known {
            None
        } else {
            opening.see(event).or_else(|| ended.then(|| opening.end()))
        };
        self.known = !ended && (self.known || kind.is_some());
        match kind? {
            Kind::Presence => {
                self.saw_presence = true;
                None
            }
            _ => (!std::mem::replace(&mut self.decided, true)).then_some(Purpose::Deliver),
        }
    }

    /// Decides the purpose of the exchange from the events so far, as if no other came, and returns
    /// it.
    pub(crate) fn so_far(&mut self) -> Purpose {
        self.decided = true;
        if self.saw_presence {
            Purpose::Presence
        } else {
            Purpose::Empty
        }
    }
}
