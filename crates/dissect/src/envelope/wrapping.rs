//! A frame of SockJS that is itself in something: a string that a script has as its argument, or
//! the field of a form.
//!
//! An escape that stands for a byte of the frame is read as that byte. The rest of the escape, and all
//! that is around the string, is envelope; within a message it counts as an escape of the message.

use memchr::memchr2;
use wire::Protocol;

use super::{Envelope, Part, Position};
use crate::{Direction, escape::Escape, kind::Opening};

/// The way in which the bytes of a frame are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// The content of a JSON string (RFC 8259, section 7).
    Quoted(Escape),
    /// A field of a form (WHATWG URL, section 5): the bytes of a `%41` that were read, and the
    /// value of its digits.
    Encoded(u8, u8),
}

/// The position of the next byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Before the frame; true behind the `<` with which a text may begin.
    Before(bool),
    /// Within the frame.
    Frame,
    /// Behind the frame, or within the beginning of a page, which has none.
    After,
}

/// The reader of what is around a frame, in one text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapping {
    position: Where,
    writing: Writing,
    /// True before the first byte of the text.
    is_new: bool,
}

impl Wrapping {
    /// Makes the reader for a text in a direction, if there is something around its frame.
    pub(super) const fn of(protocol: Protocol, direction: Direction) -> Option<Self> {
        if !matches!(protocol, Protocol::SockjsInPage) {
            return None;
        }
        Some(Self {
            position: Where::Before(false),
            writing: match direction {
                Direction::Down => Writing::Quoted(Escape::None),
                Direction::Up => Writing::Encoded(0, 0),
            },
            is_new: true,
        })
    }

    /// Returns how many bytes were read of what stands for one byte and is not complete.
    pub(super) const fn begun(self) -> usize {
        match self.writing {
            Writing::Quoted(escape) => escape.begun(),
            Writing::Encoded(read, _) => read as usize,
        }
    }
}

impl Envelope {
    /// Reads the next bytes of a text that has a frame in it.
    pub(super) fn unwrap(
        &mut self,
        mut bytes: &[u8],
        opening: &mut Opening,
        put: &mut impl FnMut(Part),
    ) {
        while let (Some(&byte), Some(mut wrapping)) = (bytes.first(), self.wrapping) {
            let used = match (wrapping.position, wrapping.writing) {
                (Where::Before(_), _) => self.before(byte, &mut wrapping),
                (Where::Frame, Writing::Quoted(mut escape)) => {
                    let used = self.unquote(bytes, &mut escape, &mut wrapping, opening, put);
                    wrapping.writing = Writing::Quoted(escape);
                    used
                }
                (Where::Frame, Writing::Encoded(read, value)) => {
                    self.decode(byte, (read, value), &mut wrapping, opening, put)
                }
                (Where::After, _) => {
                    self.around += bytes.len();
                    bytes.len()
                }
            };
            self.wrapping = Some(wrapping);
            bytes = &bytes[used..];
        }
    }

    /// Takes a byte before the frame, which begins behind a quote or behind the name of a field.
    fn before(&mut self, byte: u8, wrapping: &mut Wrapping) -> usize {
        self.around += 1;
        let begins = match wrapping.writing {
            Writing::Quoted(_) => b'"',
            Writing::Encoded(..) => b'=',
        };
        let was_first = std::mem::replace(&mut wrapping.is_new, false);
        wrapping.position = match (wrapping.position, byte) {
            // A page begins with `<!doctype html>`.
            (Where::Before(true), b'!') => {
                self.first = *b"<!";
                Where::After
            }
            (_, byte) if byte == begins => Where::Frame,
            _ => Where::Before(was_first && byte == b'<'),
        };
        1
    }

    /// Takes the next bytes of the content of a JSON string, or its end: how many were used.
    fn unquote(
        &mut self,
        bytes: &[u8],
        escape: &mut Escape,
        wrapping: &mut Wrapping,
        opening: &mut Opening,
        put: &mut impl FnMut(Part),
    ) -> usize {
        if *escape != Escape::None {
            if let Some(decoded) = escape.take(bytes[0]) {
                self.packets(&decoded.bytes[..decoded.len], opening, put);
                self.beside(decoded.written - decoded.len);
            }
            return 1;
        }
        let run = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        if run > 0 {
            self.packets(&bytes[..run], opening, put);
            return run;
        }
        if bytes[0] == b'\\' {
            *escape = Escape::Begun;
        } else {
            self.around += 1;
            wrapping.position = Where::After;
        }
        1
    }

    /// Takes a byte of a form's field, or its end.
    fn decode(
        &mut self,
        byte: u8,
        (read, value): (u8, u8),
        wrapping: &mut Wrapping,
        opening: &mut Opening,
        put: &mut impl FnMut(Part),
    ) -> usize {
        let digit = || char::from(byte).to_digit(16).unwrap_or(0) as u8;
        wrapping.writing = match (read, byte) {
            (0, b'%') => Writing::Encoded(1, 0),
            (0, b'&') => {
                self.around += 1;
                wrapping.position = Where::After;
                Writing::Encoded(0, 0)
            }
            (0, byte) => {
                let byte = if byte == b'+' { b' ' } else { byte };
                self.packets(&[byte], opening, put);
                Writing::Encoded(0, 0)
            }
            (1, _) => Writing::Encoded(2, digit()),
            _ => {
                self.packets(&[value << 4 | digit()], opening, put);
                self.beside(2);
                Writing::Encoded(0, 0)
            }
        };
        1
    }

    /// Counts bytes that stand for none of the frame's own.
    fn beside(&mut self, bytes: usize) {
        if self.position == Position::Quoted {
            self.escapes += bytes;
        } else {
            self.around += bytes;
        }
    }
}
