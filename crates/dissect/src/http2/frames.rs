//! The frames of one direction (RFC 9113, section 4.1), in whatever pieces they arrive.

use crate::{Direction, Reason};

/// The length of a frame's head.
pub(super) const HEAD: usize = 9;

/// The place of the kind in a frame's head.
const KIND: usize = 3;

/// The first bytes of a client (section 3.4); their first line is read as that of a request.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The length of the preface up to its blank line.
pub(crate) const PREFACE_HEAD: usize = 18;

/// The kinds of frames that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Headers,
    Continuation,
    Push,
    Reset,
    Settings,
    Ping,
    GoAway,
    Window,
    /// Priorities, and kinds that are not known: a receiver ignores them (section 4.1).
    Other,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) kind: Kind,
    flags: u8,
    pub(super) stream: u32,
    pub(super) len: usize,
}

impl Kind {
    /// Returns the kind of which this is the byte in a head.
    const fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Data,
            1 => Self::Headers,
            3 => Self::Reset,
            4 => Self::Settings,
            5 => Self::Push,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::Window,
            9 => Self::Continuation,
            _ => Self::Other,
        }
    }
}

impl Head {
    fn read(bytes: [u8; HEAD]) -> Self {
        Self {
            kind: Kind::of(bytes[KIND]),
            flags: bytes[4],
            stream: u32::from_be_bytes([bytes[5], bytes[6], bytes[7], bytes[8]]) & 0x7fff_ffff,
            len: u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize,
        }
    }

    /// Returns whether the stream's sender sends nothing more after this frame.
    pub(super) const fn ends_stream(&self) -> bool {
        self.flags & 0x1 != 0 && matches!(self.kind, Kind::Data | Kind::Headers)
    }

    /// Returns whether the block of header fields ends with this frame.
    pub(super) const fn ends_block(&self) -> bool {
        self.flags & 0x4 != 0
    }

    /// Returns whether a byte says how much padding follows the content.
    pub(super) const fn is_padded(&self) -> bool {
        self.flags & 0x8 != 0 && matches!(self.kind, Kind::Data | Kind::Headers)
    }

    /// Returns whether five bytes of priority come before the fields.
    pub(super) const fn has_priority(&self) -> bool {
        self.flags & 0x20 != 0 && matches!(self.kind, Kind::Headers)
    }
}

/// The next bytes of a direction. The first number of each variant is their count.
#[derive(Debug)]
pub(super) enum Step {
    /// A part of the preface or of a head whose end has not arrived.
    Partial(usize),
    /// The end of the preface.
    Preface(usize),
    /// The end of a frame's head.
    Head(usize, Head),
    /// A part of a frame's payload.
    Payload(usize),
}

/// The position within the frames of one direction.
#[derive(Debug)]
pub(super) struct Frames {
    /// The number of bytes of the preface that have not arrived.
    preface: usize,
    head: [u8; HEAD],
    got: usize,
    /// The number of bytes of the current frame's payload that have not arrived.
    pub(super) left: usize,
}

impl Frames {
    /// Makes the reader of a direction; of the client's, the first part of the preface was read.
    pub(super) const fn new(direction: Direction) -> Self {
        let preface = match direction {
            Direction::Up => PREFACE.len() - PREFACE_HEAD,
            Direction::Down => 0,
        };
        Self {
            preface,
            head: [0; HEAD],
            got: 0,
            left: 0,
        }
    }

    /// Sets how many bytes of the preface are still to come.
    pub(super) const fn expect_preface(&mut self, bytes: usize) {
        self.preface = bytes;
    }

    /// Returns how many bytes came of a preface that is not whole; 0 if it is, or if there is none.
    pub(super) const fn of_preface(&self) -> usize {
        match self.preface {
            0 => 0,
            missing => PREFACE.len() - missing,
        }
    }

    /// Returns how many bytes came of a head that is not whole, and its kind if that came; `None` if
    /// there were none.
    pub(super) fn of_head(&self) -> Option<(usize, Option<Kind>)> {
        let kind = (self.got > KIND).then(|| Kind::of(self.head[KIND]));
        (self.got > 0).then_some((self.got, kind))
    }

    /// Advances over the beginning of `bytes`, which is not empty.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        if self.preface > 0 {
            let wanted = &PREFACE[PREFACE.len() - self.preface..];
            let count = wanted.len().min(bytes.len());
            if wanted[..count] != bytes[..count] {
                return Err(Reason::RequestHead);
            }
            self.preface -= count;
            return Ok(if self.preface == 0 {
                Step::Preface(count)
            } else {
                Step::Partial(count)
            });
        }
        if self.left > 0 {
            let count = self.left.min(bytes.len());
            self.left -= count;
            return Ok(Step::Payload(count));
        }
        let count = (HEAD - self.got).min(bytes.len());
        self.head[self.got..self.got + count].copy_from_slice(&bytes[..count]);
        self.got += count;
        if self.got < HEAD {
            return Ok(Step::Partial(count));
        }
        self.got = 0;
        let head = Head::read(self.head);
        self.left = head.len;
        Ok(Step::Head(count, head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the heads, and the number of bytes of payload.
    fn read(pieces: &[&[u8]]) -> (Vec<Head>, usize) {
        let mut frames = Frames::new(Direction::Down);
        let (mut heads, mut payload) = (Vec::new(), 0);
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let used = match frames.step(rest).unwrap() {
                    Step::Head(used, head) => {
                        heads.push(head);
                        used
                    }
                    Step::Payload(used) => {
                        payload += used;
                        used
                    }
                    Step::Partial(used) | Step::Preface(used) => used,
                };
                rest = &rest[used..];
            }
        }
        (heads, payload)
    }

    #[test]
    fn a_frame_in_any_two_pieces() {
        let frame = b"\x00\x00\x03\x00\x01\x80\x00\x00\x07abc";
        for cut in 1..frame.len() {
            let (heads, payload) = read(&[&frame[..cut], &frame[cut..]]);
            assert_eq!((heads.len(), payload), (1, 3), "{cut}");
            // The reserved bit is no part of the number (section 4.1).
            assert_eq!((heads[0].kind, heads[0].stream), (Kind::Data, 7));
            assert!(heads[0].ends_stream() && !heads[0].is_padded());
        }
    }

    #[test]
    fn a_preface_that_is_none() {
        let mut frames = Frames::new(Direction::Up);
        assert!(matches!(frames.step(b"SM"), Ok(Step::Partial(2))));
        assert!(matches!(frames.step(b"\r\nXX"), Err(Reason::RequestHead)));
    }
}
