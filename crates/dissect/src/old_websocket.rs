//! A WebSocket of draft-hixie-thewebsocketprotocol-76 after the head of its handshake.
//!
//! The byte before a text and the byte behind it are its frame head; so are the type and the length
//! of a frame that has no text.

use wire::hixie_76::{ANSWER, END, TEXT};

use crate::{
    Direction, Layer, Purpose, Reason, Span,
    cut::Cut,
    kind::{Kind, Opening},
    span::Out,
};

/// The two directions.
pub(crate) struct OldWebSocket {
    up: Frames,
    down: Frames,
}

impl Default for OldWebSocket {
    fn default() -> Self {
        Self {
            up: Frames::new(State::Type),
            down: Frames::new(State::Answer(0)),
        }
    }
}

impl OldWebSocket {
    /// Reads what travelled in one direction.
    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        match direction {
            Direction::Up => self.up.read(direction, bytes, out),
            Direction::Down => self.down.read(direction, bytes, out),
        }
    }

    /// Ends the connection and gives, of a frame that was cut off, what there was.
    pub(crate) fn flush<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.up.flush(Direction::Up, out);
        self.down.flush(Direction::Down, out);
    }

    /// Returns what came in one direction of the head of a frame whose end did not. To be called
    /// behind [`flush`](Self::flush).
    pub(crate) fn cut(&self, direction: Direction) -> Cut {
        let frames = match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        let State::Length {
            first,
            length,
            digits,
        } = frames.state
        else {
            return Cut::new();
        };
        vec![(without_text(first, length), Layer::WsHead, 1 + digits)]
    }
}

/// Returns the purpose of a frame that has no text, by its type and its length.
const fn without_text(first: u8, length: u64) -> Purpose {
    match (first, length) {
        (END, 0) => Purpose::Close,
        _ => Purpose::Heartbeat,
    }
}

/// The frames of one direction.
struct Frames {
    state: State,
    /// The first bytes of a text on its way down.
    opening: Opening,
    kind: Option<Kind>,
}

/// The meaning of the next byte.
#[derive(Clone, Copy)]
enum State {
    /// A byte of the answer to the handshake, of which this many have come.
    Answer(u64),
    /// The type of a frame.
    Type,
    /// A byte of a text, of which this many have come, or its end.
    Text(u64),
    /// A byte of a length, of which this many have come.
    Length { first: u8, length: u64, digits: u64 },
    /// A byte of content without a text.
    Content { head: u64, length: u64, seen: u64 },
}

impl Frames {
    const fn new(state: State) -> Self {
        Self {
            state,
            opening: Opening::new(),
            kind: None,
        }
    }

    fn read<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        while let &[first, ref rest @ ..] = bytes {
            match self.state {
                State::Type => {
                    bytes = rest;
                    self.begin(first);
                }
                State::Length {
                    first: of,
                    length,
                    digits,
                } => {
                    bytes = rest;
                    let length = (length << 7) | u64::from(first & 0x7f);
                    self.length(direction, of, (length, digits + 1), first, out)?;
                }
                State::Answer(seen) => {
                    let taken = (ANSWER as u64 - seen).min(bytes.len() as u64);
                    bytes = &bytes[taken as usize..];
                    self.state = State::Answer(seen + taken);
                    if seen + taken == ANSWER as u64 {
                        self.flush(direction, out);
                    }
                }
                State::Content { head, length, seen } => {
                    let taken = (length - seen).min(bytes.len() as u64);
                    bytes = &bytes[taken as usize..];
                    let seen = seen + taken;
                    self.state = State::Content { head, length, seen };
                    if seen == length {
                        self.flush(direction, out);
                    }
                }
                State::Text(seen) => {
                    let end = bytes.iter().position(|&byte| byte == END);
                    let (text, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
                    bytes = rest;
                    self.classify(direction, text);
                    self.state = State::Text(seen + text.len() as u64);
                    if end.is_some() {
                        bytes = &rest[1..];
                        let purpose = self.flush(direction, out);
                        out.put(direction, purpose, Layer::WsHead, 1);
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, first: u8) {
        self.state = if first < 0x80 {
            State::Text(0)
        } else {
            State::Length {
                first,
                length: 0,
                digits: 0,
            }
        };
        self.kind = (first != TEXT).then_some(Kind::Unknown);
    }

    /// Takes one more byte of a length.
    fn length<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        first: u8,
        (length, digits): (u64, u64),
        digit: u8,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let head = 1 + digits;
        if digit & 0x80 > 0 {
            if digits == 9 {
                return Err(Reason::FrameLength);
            }
            self.state = State::Length {
                first,
                length,
                digits,
            };
        } else if length > 0 {
            self.state = State::Content {
                head,
                length,
                seen: 0,
            };
        } else {
            self.state = State::Type;
            let purpose = without_text(first, length);
            out.put(direction, purpose, Layer::WsHead, head);
        }
        Ok(())
    }

    /// Looks at a text's next bytes, as long as its kind is open.
    fn classify(&mut self, direction: Direction, text: &[u8]) {
        if direction == Direction::Down && self.kind.is_none() {
            self.kind = self.opening.see(text);
        }
    }

    /// Gives the bytes so far of a frame, or of the answer, which are all that there will be.
    /// Returns its purpose.
    fn flush<S: FnMut(Span)>(&mut self, direction: Direction, out: &mut Out<'_, S>) -> Purpose {
        let state = std::mem::replace(&mut self.state, State::Type);
        let opened = self.opening.end();
        let kind = self.kind.take().unwrap_or(opened);
        match state {
            State::Type => Purpose::Setup,
            State::Answer(seen) => {
                out.put(direction, Purpose::Setup, Layer::HttpHead, seen);
                Purpose::Setup
            }
            State::Text(seen) => {
                let (purpose, layer) = match (direction, kind) {
                    (Direction::Up, _) => (Purpose::Say, Layer::Payload),
                    (_, Kind::Answer) => (Purpose::Ack, Layer::Batch),
                    (_, kind) => (kind.purpose(), Layer::Payload),
                };
                out.put(direction, purpose, Layer::WsHead, 1);
                out.put(direction, purpose, layer, seen);
                purpose
            }
            State::Content { head, seen, .. } => {
                out.put(direction, Purpose::Heartbeat, Layer::WsHead, head);
                out.put(direction, Purpose::Heartbeat, Layer::Payload, seen);
                Purpose::Heartbeat
            }
            // Half a head stays pending, which is a fault; `cut` has its account.
            State::Length { .. } => {
                self.state = state;
                Purpose::Setup
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Direction, Dissector, Layer, Purpose, Span};

    const REQUEST: &[u8] =
        b"GET /rooms/a/ws HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 4 \r\n\r\n^n:ds[4U";
    const ANSWER: &[u8] =
        b"HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n8jKS'y:G*Co,Wxa-";

    fn spans(at_once: usize) -> Vec<Span> {
        let up = [REQUEST, b"\x00{\"text\":\"x\"}\xff\xff\x00"].concat();
        let down = [
            ANSWER,
            b"\x00{\"seq\":1,\"kind\":\"join\"}\xff\x80\x00\x00{\"kind\":\"said\",\"seq\":7}\xff",
            b"\x81\x03abc\x00{\"seq\":2,\"kind\":\"message\"}\xff\xff\x00",
        ]
        .concat();
        let mut spans = Vec::new();
        let mut sink = |span| spans.push(span);
        let mut dissector = Dissector::new();
        // The request first, then its answer, then the rest.
        let (asked, more) = up.split_at(REQUEST.len());
        for piece in asked.chunks(at_once) {
            dissector.push(Direction::Up, piece, &mut sink);
        }
        for piece in down.chunks(at_once) {
            dissector.push(Direction::Down, piece, &mut sink);
        }
        for piece in more.chunks(at_once) {
            dissector.push(Direction::Up, piece, &mut sink);
        }
        assert_eq!(dissector.fault(), None);
        dissector.finish(&mut sink);
        assert_eq!(dissector.fault(), None);
        spans.sort_by_key(|span| (span.direction, span.start));
        spans
    }

    #[test]
    fn every_byte_has_its_account_however_it_was_cut() {
        let whole = spans(usize::MAX);
        let seen: Vec<_> = whole
            .iter()
            .map(|span| (span.purpose, span.layer, span.len))
            .collect();
        let head = (REQUEST.len() - 8) as u64;
        let expected = [
            (Purpose::Setup, Layer::HttpHead, head),
            (Purpose::Setup, Layer::HttpHead, 8),
            (Purpose::Say, Layer::WsHead, 1),
            (Purpose::Say, Layer::Payload, 12),
            (Purpose::Say, Layer::WsHead, 1),
            (Purpose::Close, Layer::WsHead, 2),
            (Purpose::Setup, Layer::HttpHead, (ANSWER.len() - 16) as u64),
            (Purpose::Setup, Layer::HttpHead, 16),
            (Purpose::Presence, Layer::WsHead, 1),
            (Purpose::Presence, Layer::Payload, 23),
            (Purpose::Presence, Layer::WsHead, 1),
            (Purpose::Heartbeat, Layer::WsHead, 2),
            (Purpose::Ack, Layer::WsHead, 1),
            (Purpose::Ack, Layer::Batch, 23),
            (Purpose::Ack, Layer::WsHead, 1),
            (Purpose::Heartbeat, Layer::WsHead, 2),
            (Purpose::Heartbeat, Layer::Payload, 3),
            (Purpose::Deliver, Layer::WsHead, 1),
            (Purpose::Deliver, Layer::Payload, 26),
            (Purpose::Deliver, Layer::WsHead, 1),
            (Purpose::Close, Layer::WsHead, 2),
        ];
        assert_eq!(seen, expected);
        for at_once in 1..40 {
            assert_eq!(spans(at_once), whole, "{at_once}");
        }
    }
}
