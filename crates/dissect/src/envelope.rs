//! The texts of a library's protocol: messages, and the envelope that the library puts around them.
//! The script elements of a page without end are such texts, too.
//!
//! A text is a frame of a WebSocket, a line of a stream or the body of a poll. Its messages are
//! payload; all else, the escapes of a message within a string included, is envelope. The payload
//! of one message is one part: escapes, which stand among its bytes, are counted behind it.

mod message;
mod script;
mod wrapping;

use memchr::memchr;
use wire::Protocol;

use self::wrapping::Wrapping;
use crate::{
    Direction, Layer, Purpose,
    escape::Escape,
    kind::{Kind, Opening},
    packet::{self, Name},
};

/// The byte between two packets of Engine.IO.
pub(crate) const SEPARATOR: u8 = 0x1e;

/// A finding in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The purpose of the current packet, which comes before its bytes unless those are asked for
    /// by [`Envelope::pause`].
    Purpose(Purpose),
    /// Bytes in one layer.
    Bytes(Layer, usize),
}

/// The position of the next byte in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Before the first byte of a packet.
    Start,
    /// Behind the first byte: the `4` of Engine.IO, or the `<` of a script element.
    Message,
    /// Within the beginning of a script element, up to the parenthesis of its call.
    Call,
    /// Within the head of an event of Socket.IO, up to its first argument.
    Event,
    /// Before the first argument of an event.
    Argument,
    /// Within a message that is a JSON object.
    Object,
    /// Within a message that is a JSON string.
    Text,
    /// Within the list of a SockJS frame, outside strings.
    List,
    /// Within a message that is the content of a JSON string.
    Quoted,
    /// Within the rest of a packet, which is all envelope.
    Rest,
}

/// The reader of the texts of one direction.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "two are of the string, two of the message, one of the packet"
)]
pub(crate) struct Envelope {
    protocol: Protocol,
    direction: Direction,
    /// The reader of what is around a frame that is itself in a string or in a form.
    wrapping: Option<Wrapping>,
    position: Position,
    /// The first bytes of the packet, as far as they determine its purpose.
    first: [u8; 2],
    /// The number of bytes of a packet without a message.
    len: usize,
    name: Name,
    /// The number of braces that are open in the message.
    depth: u32,
    in_string: bool,
    escaped: bool,
    escape: Escape,
    /// True if the message answers a draft, so that it counts as envelope.
    is_answer: bool,
    /// True once the purpose of the message was told.
    known: bool,
    /// True once any purpose of the packet was told.
    told: bool,
    /// The bytes of the envelope that are in no span yet.
    around: usize,
    /// The bytes of payload after them that are in no span yet.
    payload: usize,
    /// The bytes of escapes within that payload.
    escapes: usize,
}

impl Envelope {
    pub(crate) const fn new(protocol: Protocol, direction: Direction) -> Self {
        Self {
            protocol,
            direction,
            wrapping: Wrapping::of(protocol, direction),
            position: Position::Start,
            first: [0; 2],
            len: 0,
            name: Name::new(),
            depth: 0,
            in_string: false,
            escaped: false,
            escape: Escape::None,
            is_answer: false,
            known: false,
            told: false,
            around: 0,
            payload: 0,
            escapes: 0,
        }
    }

    /// Reads the next bytes of a text. `opening` is for messages that arrive in pieces.
    pub(crate) fn read(&mut self, bytes: &[u8], opening: &mut Opening, put: &mut impl FnMut(Part)) {
        if self.wrapping.is_some() {
            self.unwrap(bytes, opening, put);
        } else {
            self.packets(bytes, opening, put);
        }
    }

    /// Reads the next bytes of packets with nothing around them.
    fn packets(&mut self, mut bytes: &[u8], opening: &mut Opening, put: &mut impl FnMut(Part)) {
        while !bytes.is_empty() {
            let used = match self.position {
                Position::Start | Position::Message => self.head(bytes[0]),
                Position::Call => self.call(bytes[0]),
                Position::Event => self.event(bytes[0], put),
                Position::Argument => self.argument(bytes[0]),
                Position::Object => self.object(bytes, opening, put),
                Position::Text => self.text(bytes, put),
                Position::List => self.list(bytes[0], put),
                Position::Quoted => self.quoted(bytes, opening, put),
                Position::Rest => self.rest(bytes, put),
            };
            bytes = &bytes[used..];
        }
    }

    /// Tells the bytes so far, which another element interrupts.
    pub(crate) fn pause(&mut self, put: &mut impl FnMut(Part)) {
        let mut tell = |layer, len: &mut usize| {
            let len = std::mem::take(len);
            if len > 0 {
                put(Part::Bytes(layer, len));
            }
        };
        tell(Layer::Envelope, &mut self.around);
        let layer = if self.is_answer {
            Layer::Envelope
        } else {
            Layer::Payload
        };
        tell(layer, &mut self.payload);
        self.around = std::mem::take(&mut self.escapes);
    }

    /// Tells the purpose of the packet by what was seen of it, if it was not told before.
    pub(crate) fn settle(&mut self, opening: &mut Opening, put: &mut impl FnMut(Part)) {
        let purpose = match self.position {
            Position::Quoted if !self.known => self.by_kind(opening.end()),
            Position::Object if !self.known && self.is_script() => self.by_kind(opening.end()),
            _ if !self.told => self.by_head(),
            _ => return,
        };
        self.tell(purpose, put);
    }

    /// Ends the text: tells what is left, and is ready for the next text.
    pub(crate) fn end(&mut self, opening: &mut Opening, put: &mut impl FnMut(Part)) {
        self.settle(opening, put);
        self.cut(put);
        self.begin();
    }

    /// Tells all bytes of a text of which nothing more comes.
    pub(crate) fn cut(&mut self, put: &mut impl FnMut(Part)) {
        // An escape that is cut short stands for nothing.
        self.escapes += std::mem::replace(&mut self.escape, Escape::None).begun();
        self.around += self.wrapping.take().map_or(0, Wrapping::begun);
        // Twice: the first time puts the escapes behind the payload, the second time tells them.
        self.pause(put);
        self.pause(put);
    }

    /// Begins a packet with the next byte.
    fn begin(&mut self) {
        *self = Self {
            around: self.around,
            ..Self::new(self.protocol, self.direction)
        };
    }

    fn tell(&mut self, purpose: Purpose, put: &mut impl FnMut(Part)) {
        (self.known, self.told) = (true, true);
        put(Part::Purpose(purpose));
    }

    /// Completes a message.
    fn close(&mut self, put: &mut impl FnMut(Part)) {
        self.pause(put);
        (self.is_answer, self.known) = (false, false);
    }

    /// Takes one of the first two bytes of a packet.
    fn head(&mut self, byte: u8) -> usize {
        if self.is_script() {
            return self.element(byte);
        }
        let is_sockjs = self.protocol.is_sockjs();
        let at = usize::from(self.position == Position::Message);
        self.first[at] = byte;
        self.position = match (self.position, byte) {
            (Position::Start, b'a') if is_sockjs => Position::List,
            // What a client sends is the list itself, or one string of it.
            (Position::Start, b'[' | b'"') if is_sockjs && self.direction == Direction::Up => {
                self.position = Position::List;
                return 0;
            }
            (Position::Message, SEPARATOR) => {
                self.position = Position::Rest;
                return 0;
            }
            (Position::Start, SEPARATOR) if !is_sockjs => Position::Start,
            (Position::Start, b'4') if !is_sockjs => Position::Message,
            (Position::Message, b'2') => Position::Event,
            _ => Position::Rest,
        };
        if self.position == Position::Start {
            // A packet without a byte.
            self.around += 1;
            return 1;
        }
        self.around += 1;
        self.len += 1;
        1
    }

    /// Takes a byte between the number of an event and its first argument.
    fn event(&mut self, byte: u8, put: &mut impl FnMut(Part)) -> usize {
        if byte == SEPARATOR {
            self.position = Position::Rest;
            return 0;
        }
        self.around += 1;
        if self.name.take(byte) {
            let kind = self.name.kind();
            let purpose = self.by_kind(kind);
            self.tell(purpose, put);
            self.position = match (kind, byte) {
                (Kind::Answer, _) | (_, b']') => Position::Rest,
                _ => Position::Argument,
            };
        }
        1
    }

    /// Looks at the next bytes of a message, until its kind is known.
    fn see(&mut self, bytes: &[u8], opening: &mut Opening, put: &mut impl FnMut(Part)) {
        if !self.known
            && !bytes.is_empty()
            && let Some(kind) = opening.see(bytes)
        {
            let purpose = self.by_kind(kind);
            self.tell(purpose, put);
        }
    }

    /// Takes envelope up to the end of the packet.
    fn rest(&mut self, bytes: &[u8], put: &mut impl FnMut(Part)) -> usize {
        let end = match self.protocol {
            Protocol::SocketIo => memchr(SEPARATOR, bytes),
            _ => None,
        };
        let used = end.unwrap_or(bytes.len());
        self.around += used;
        self.len += used;
        if end.is_none() {
            return used;
        }
        if !self.told {
            let purpose = self.by_head();
            self.tell(purpose, put);
        }
        self.begin();
        self.around += 1;
        used + 1
    }

    /// Returns the purpose of a packet whose message is of this kind.
    fn by_kind(&mut self, kind: Kind) -> Purpose {
        self.is_answer = kind == Kind::Answer;
        match self.direction {
            Direction::Up => Purpose::Say,
            Direction::Down => kind.purpose(),
        }
    }

    /// Returns the purpose of a packet that has no message.
    fn by_head(&self) -> Purpose {
        packet::purpose(self.protocol, self.direction, self.first, self.len)
    }
}

#[cfg(test)]
mod tests;
