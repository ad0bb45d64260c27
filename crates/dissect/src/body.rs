//! The bodies of messages: content, and the framing of chunks (RFC 9112 sections 6 and 7.1).

use crate::{Reason, http::Length};

/// The length of the longest size line, in bytes: the size and its extensions.
const LONGEST_SIZE_LINE: u32 = 4096;
/// The length of the longest trailer section, in bytes.
const LONGEST_TRAILERS: u32 = 64 * 1024;

/// The rest of a message's body.
pub(crate) enum Body {
    /// A number of more bytes, at least one.
    Bytes(u64),
    Chunked(Chunks),
}

/// The next bytes of a body. The first number of each variant is their count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Content.
    Content(usize),
    /// Framing whose end has not arrived.
    Partial(usize),
    /// The end of a size line, and that line's length.
    Size(usize, u32),
    /// The end of a chunk's end.
    End(usize),
    /// The end of the body, and the lengths of the last chunk's size line and
    /// of all trailer lines. The blank line after them is not counted in either.
    Last {
        used: usize,
        size_line: u32,
        trailers: u32,
    },
}

/// The bytes that came of an element of the framing whose end did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// None: an element was complete, or content is crossing.
    Nothing,
    /// A number of bytes of a chunk's size line.
    SizeLine(u32),
    /// The carriage return of a chunk's end.
    ChunkEnd,
    /// The last chunk's size line, and how many bytes came of trailer lines and of the blank line
    /// after them.
    Last {
        size_line: u32,
        trailers: u32,
        blank: u32,
    },
}

impl Body {
    /// Creates a body of this length; returns `None` if there is none.
    pub(crate) const fn new(length: Length) -> Option<Self> {
        match length {
            Length::Bytes(0) => None,
            Length::Bytes(bytes) => Some(Self::Bytes(bytes)),
            Length::Open => Some(Self::Bytes(u64::MAX)),
            Length::Chunked => Some(Self::Chunked(Chunks::new())),
        }
    }

    /// Advances over the beginning of `bytes`, which is not empty, and returns its kind and length.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        match self {
            Self::Bytes(left) => Ok(Step::Content(take(left, bytes))),
            Self::Chunked(chunks) => chunks.step(bytes),
        }
    }

    /// Returns whether a body of counted bytes has been read to its end. A chunked body reports its
    /// end as [`Step::Last`].
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Bytes(0))
    }

    /// Returns what came of the element of the framing that is crossing.
    pub(crate) fn begun(&self) -> Begun {
        match self {
            Self::Bytes(_) => Begun::Nothing,
            Self::Chunked(chunks) => chunks.begun(),
        }
    }
}

/// The position of the next byte within the chunks.
#[derive(Clone, Copy)]
enum Position {
    /// Within the digits of a size.
    Digits,
    /// Behind the digits: white space and extensions, which are not read.
    Extension,
    /// After the size line's carriage return.
    SizeReturn,
    Content,
    /// Before and after the carriage return of a chunk's end.
    End,
    EndReturn,
    /// At the start of, within, and at a bare carriage return that starts a
    /// line of the trailer section.
    TrailerStart,
    Trailer,
    TrailerReturn,
}

/// The state of a chunked body.
pub(crate) struct Chunks {
    position: Position,
    /// The number of bytes left in the chunk; while its size line is read, the size so far.
    left: u64,
    /// The number of bytes of the size line so far.
    line: u32,
    /// The number of bytes of the trailer section so far.
    trailers: u32,
}

impl Chunks {
    const fn new() -> Self {
        Self {
            position: Position::Digits,
            left: 0,
            line: 0,
            trailers: 0,
        }
    }

    fn begun(&self) -> Begun {
        let last = |trailers, blank| Begun::Last {
            size_line: self.line,
            trailers,
            blank,
        };
        match self.position {
            Position::Content | Position::End => Begun::Nothing,
            Position::Digits | Position::Extension | Position::SizeReturn => {
                Begun::SizeLine(self.line)
            }
            Position::EndReturn => Begun::ChunkEnd,
            Position::TrailerStart | Position::Trailer => last(self.trailers, 0),
            // The blank line's own carriage return was counted.
            Position::TrailerReturn => last(self.trailers - 1, 1),
        }
    }

    fn step(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        match self.position {
            Position::Digits | Position::Extension | Position::SizeReturn => self.size_line(bytes),
            Position::Content => {
                let used = take(&mut self.left, bytes);
                if self.left == 0 {
                    self.position = Position::End;
                }
                Ok(Step::Content(used))
            }
            Position::End | Position::EndReturn => self.chunk_end(bytes),
            Position::TrailerStart | Position::Trailer | Position::TrailerReturn => {
                self.trailers(bytes)
            }
        }
    }

    fn size_line(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        for (at, &byte) in bytes.iter().enumerate() {
            self.line += 1;
            self.position = match (self.position, byte) {
                (Position::Digits, digit) if digit.is_ascii_hexdigit() => {
                    let digit = char::from(digit).to_digit(16).unwrap_or(0);
                    let size = self.left.checked_mul(16).ok_or(Reason::ChunkSize)?;
                    self.left = size + u64::from(digit);
                    Position::Digits
                }
                (Position::Digits, b'\r' | b';' | b' ' | b'\t') if self.line == 1 => {
                    return Err(Reason::ChunkSize);
                }
                (Position::Digits | Position::Extension, b'\r') => Position::SizeReturn,
                (Position::Digits, b';' | b' ' | b'\t') => Position::Extension,
                (Position::Extension, byte) if byte != b'\n' => Position::Extension,
                (Position::SizeReturn, b'\n') => return Ok(self.size(at + 1)),
                _ => return Err(Reason::ChunkSize),
            };
            if self.line == LONGEST_SIZE_LINE {
                return Err(Reason::ChunkSize);
            }
        }
        Ok(Step::Partial(bytes.len()))
    }

    /// Ends a size line, behind which content follows, or the trailer section.
    fn size(&mut self, used: usize) -> Step {
        if self.left == 0 {
            self.position = Position::TrailerStart;
            return Step::Partial(used);
        }
        self.position = Position::Content;
        Step::Size(used, std::mem::take(&mut self.line))
    }

    fn chunk_end(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        match (self.position, bytes) {
            (Position::End, [b'\r', b'\n', ..]) => {
                self.position = Position::Digits;
                Ok(Step::End(2))
            }
            (Position::End, b"\r") => {
                self.position = Position::EndReturn;
                Ok(Step::Partial(1))
            }
            (Position::EndReturn, [b'\n', ..]) => {
                self.position = Position::Digits;
                Ok(Step::End(1))
            }
            _ => Err(Reason::ChunkEnd),
        }
    }

    fn trailers(&mut self, bytes: &[u8]) -> Result<Step, Reason> {
        for (at, &byte) in bytes.iter().enumerate() {
            self.position = match (self.position, byte) {
                (Position::TrailerReturn, b'\n') => {
                    return Ok(Step::Last {
                        used: at + 1,
                        size_line: self.line,
                        // The blank line's own carriage return was counted.
                        trailers: self.trailers - 1,
                    });
                }
                (Position::TrailerStart, b'\r') => Position::TrailerReturn,
                (Position::TrailerStart, b'\n') => return Err(Reason::Trailers),
                (_, b'\n') => Position::TrailerStart,
                _ => Position::Trailer,
            };
            self.trailers += 1;
            if self.trailers == LONGEST_TRAILERS {
                return Err(Reason::Trailers);
            }
        }
        Ok(Step::Partial(bytes.len()))
    }
}

/// Takes as many of `left` as there are bytes.
fn take(left: &mut u64, bytes: &[u8]) -> usize {
    let used = (bytes.len() as u64).min(*left);
    *left -= used;
    used as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(mut bytes: &[u8]) -> Result<Vec<Step>, Reason> {
        let mut body = Body::new(Length::Chunked).unwrap();
        let mut steps = Vec::new();
        while !bytes.is_empty() {
            let step = body.step(bytes)?;
            let (Step::Content(used)
            | Step::Partial(used)
            | Step::Size(used, _)
            | Step::End(used)
            | Step::Last { used, .. }) = step;
            bytes = &bytes[used..];
            steps.push(step);
        }
        Ok(steps)
    }

    #[test]
    fn chunks_an_extension_and_a_trailer() {
        assert_eq!(
            steps(b"5\r\nhello\r\n01;a=\"b\"\r\nx\r\n0\r\nA: b\r\n\r\n").unwrap(),
            [
                Step::Size(3, 3),
                Step::Content(5),
                Step::End(2),
                Step::Size(10, 10),
                Step::Content(1),
                Step::End(2),
                Step::Partial(3),
                Step::Last {
                    used: 8,
                    size_line: 3,
                    trailers: 6
                },
            ]
        );
    }

    #[test]
    fn sizes_that_are_none() {
        for bad in [
            "\r\n",
            ";a\r\n",
            "5\n",
            "5\rx",
            "-5\r\n",
            "0x5\r\n",
            "g\r\n",
            "10000000000000000\r\n",
        ] {
            assert_eq!(steps(bad.as_bytes()), Err(Reason::ChunkSize), "{bad}");
        }
        assert_eq!(steps(b"1\r\nxx"), Err(Reason::ChunkEnd));
        assert_eq!(steps(b"1\r\nx\rx"), Err(Reason::ChunkEnd));
        assert_eq!(steps(b"0\r\n\n"), Err(Reason::Trailers));
        // As large as can be written in 64 bits is no fault yet.
        assert_eq!(steps(b"ffffffffffffffff\r\nx").unwrap().len(), 2);
    }
}
