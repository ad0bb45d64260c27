//! The content of a body in chunks (RFC 9112, section 7.1), in whatever pieces it arrives.
//!
//! Bodies are read by hyper as long as it has the socket. This is for a stream whose socket was
//! taken from under it; what is a fault here is the same fault there.
//!
//! `dissect` reads the same framing for the ledger and decides otherwise: it needs the length of
//! each element, keeps bounds of its own for size lines and trailers, and takes a trailer line
//! without a carriage return, which hyper refuses. So neither can serve for the other.

use std::io::ErrorKind;

use crate::failure::Failure;

/// The most bytes of all chunk extensions of a body, and of its trailer section: as many as hyper
/// takes.
const MOST_ASIDE: u32 = 16 << 10;

/// The place of the next byte within the chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// At the first digit of a size.
    Start,
    /// Within the digits.
    Size,
    /// Within the white space behind them.
    Space,
    /// Within an extension.
    Extension,
    /// At the line feed of a size line.
    SizeFeed,
    /// Within the content of a chunk.
    Content,
    /// At the carriage return behind it.
    ContentReturn,
    /// At the line feed behind it.
    ContentFeed,
    /// At the start of a line of the trailer section, or of the empty line that ends the body.
    Line,
    /// Within a line of the trailer section.
    Trailer,
    /// At the line feed of such a line.
    TrailerFeed,
    /// At the last line feed of the body.
    LastFeed,
    /// Behind the body.
    Over,
}

/// The state of a body that is being read.
#[derive(Debug)]
pub(crate) struct Chunks {
    position: Position,
    /// The number of bytes left in the chunk; while its size line is read, the size so far.
    left: u64,
    /// The bytes of extensions and of the trailer section so far.
    aside: u32,
}

impl Chunks {
    /// Makes the state at the start of a body.
    pub(crate) const fn new() -> Self {
        Self {
            position: Position::Start,
            left: 0,
            aside: 0,
        }
    }

    /// Takes the next bytes and gives the content in them to `take`. Returns whether the body is
    /// over by them.
    ///
    /// # Errors
    /// Fails if the bytes are no chunks, and with the first error of `take`.
    pub(crate) fn read(
        &mut self,
        mut bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.position == Position::Content {
                let count = usize::try_from(self.left).unwrap_or(usize::MAX);
                let (content, behind) = bytes.split_at(count.min(bytes.len()));
                self.left -= content.len() as u64;
                if self.left == 0 {
                    self.position = Position::ContentReturn;
                }
                take(content)?;
                bytes = behind;
            } else {
                self.position = self.step(byte)?;
                bytes = rest;
            }
        }
        Ok(self.position == Position::Over)
    }

    /// Takes a byte that is no content, and returns the place of the one after it.
    fn step(&mut self, byte: u8) -> Result<Position, ErrorKind> {
        use Position as P;
        Ok(match (self.position, byte) {
            (P::Start | P::Size, _) if byte.is_ascii_hexdigit() => self.digit(byte)?,
            (P::Size | P::Space, b' ' | b'\t') => P::Space,
            (P::Size | P::Space, b';') => P::Extension,
            (P::Size | P::Space | P::Extension, b'\r') => P::SizeFeed,
            (P::Extension, b'\n') => return Err(ErrorKind::InvalidData),
            (P::Extension, _) => self.aside(P::Extension)?,
            (P::SizeFeed, b'\n') if self.left == 0 => P::Line,
            (P::SizeFeed, b'\n') => P::Content,
            (P::ContentReturn, b'\r') => P::ContentFeed,
            (P::ContentFeed, b'\n') => P::Start,
            (P::Line, b'\r') => P::LastFeed,
            (P::Trailer, b'\r') => P::TrailerFeed,
            (P::Line | P::Trailer, _) => self.aside(P::Trailer)?,
            (P::TrailerFeed, b'\n') => P::Line,
            (P::LastFeed, b'\n') | (P::Over, _) => P::Over,
            _ => return Err(ErrorKind::InvalidInput),
        })
    }

    /// Takes a digit of a size.
    fn digit(&mut self, byte: u8) -> Result<Position, ErrorKind> {
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        let size = self.left.checked_mul(16).ok_or(ErrorKind::InvalidData)?;
        self.left = size + u64::from(digit);
        Ok(Position::Size)
    }

    /// Takes a byte of an extension or of the trailer section.
    fn aside(&mut self, within: Position) -> Result<Position, ErrorKind> {
        self.aside += 1;
        let is_bounded = self.aside < MOST_ASIDE;
        is_bounded.then_some(within).ok_or(ErrorKind::InvalidData)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the content of a body that arrives in pieces of this size, and whether it is over.
    fn content(body: &[u8], size: usize) -> Result<(Vec<u8>, bool), Failure> {
        let (mut chunks, mut content, mut is_over) = (Chunks::new(), Vec::new(), false);
        for piece in body.chunks(size) {
            is_over = chunks.read(piece, |part| {
                content.extend_from_slice(part);
                Ok(())
            })?;
        }
        Ok((content, is_over))
    }

    #[test]
    fn extensions_and_trailers_are_no_content_however_the_body_is_cut() {
        let body = b"5 ;a=\"b\"\r\nhello\r\n00C\r\n, long world\r\n0;x\r\nSum: 1\r\nB: c\r\n\r\n";
        for size in 1..=body.len() {
            let read = content(body, size);
            assert_eq!(read, Ok((b"hello, long world".to_vec(), true)), "{size}");
        }
        let half = content(&body[..20], 3);
        assert_eq!(half, Ok((b"hello".to_vec(), false)));
    }

    #[test]
    fn what_is_no_chunk_is_a_fault_and_what_came_before_it_was_taken() {
        for (body, kind) in [
            ("\r\n", ErrorKind::InvalidInput),
            ("x\r\n", ErrorKind::InvalidInput),
            ("5\n", ErrorKind::InvalidInput),
            ("5 5\r\n", ErrorKind::InvalidInput),
            ("2\r\nabc\r\n", ErrorKind::InvalidInput),
            ("1;a\nb\r\n", ErrorKind::InvalidData),
            ("11112222333344445\r\n", ErrorKind::InvalidData),
            ("0\r\na\r\r\n", ErrorKind::InvalidInput),
        ] {
            let body = format!("1\r\nz\r\n{body}");
            let mut taken = Vec::new();
            let read = Chunks::new().read(body.as_bytes(), |part| {
                taken.extend_from_slice(part);
                Ok(())
            });
            assert_eq!(read, Err(Failure::Lost(kind)), "{body:?}");
            assert!(taken.starts_with(b"z"), "{body:?}");
        }
        let endless = format!("0\r\n{}", "a".repeat(MOST_ASIDE as usize));
        assert!(content(endless.as_bytes(), 1000).is_err());
    }

    proptest! {
        #[test]
        fn any_cut_of_any_chunks_gives_the_same_content(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..6),
            size in 1_usize..80,
        ) {
            let mut body = Vec::new();
            for part in &parts {
                body.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
                body.extend_from_slice(part);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"0\r\n\r\n");
            prop_assert_eq!(content(&body, size), Ok((parts.concat(), true)));
        }
    }
}
