//! The frames of a client (section 5.3 of the draft). There is no mask, no ping and no fragment: a
//! text stands between 0x00 and 0xff, and everything else is read past.

use std::mem;

use wire::hixie_76::{CLOSE, END};

/// The largest number of bytes that state a length. Nine of seven bits each are more than any
/// content needs.
const LONGEST_LENGTH: u8 = 9;

/// The next thing that a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// A text. What was not UTF-8 in it has become U+FFFD (section 5.4).
    Text(String),
    /// The closing handshake.
    Close,
    /// A text longer than the limit, or a length that nobody can mean: the connection cannot go on.
    TooLong,
}

/// The reader of the frames of one client.
#[derive(Debug)]
pub(super) struct Frames {
    /// The length of the longest text, in bytes.
    limit: usize,
    text: Vec<u8>,
    state: State,
}

/// The meaning of the next byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The type of a frame.
    Type,
    /// A byte of a text, or its end.
    Text,
    /// A byte of a frame of a type that has no meaning yet, or its end.
    PassedText,
    /// A byte of a length, seven bits in each; the highest bit says that another follows.
    Length { first: u8, length: u64, digits: u8 },
    /// A byte of content that has no meaning; this many are left.
    Passed(u64),
}

impl Frames {
    /// Makes a reader that takes texts of up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            text: Vec::new(),
            state: State::Type,
        }
    }

    /// Reads until a client has said something, and removes from `bytes` what was read. Returns
    /// `None` if more bytes are needed.
    pub(super) fn read(&mut self, bytes: &mut &[u8]) -> Option<Heard> {
        while let [first, rest @ ..] = bytes {
            match self.state {
                State::Type => {
                    *bytes = rest;
                    self.begin(*first);
                }
                State::Text | State::PassedText => {
                    if let Some(heard) = self.text(bytes) {
                        return Some(heard);
                    }
                }
                State::Length {
                    first: of,
                    length,
                    digits,
                } => {
                    *bytes = rest;
                    if let Some(heard) = self.length(of, length, digits, *first) {
                        return Some(heard);
                    }
                }
                State::Passed(left) => {
                    let taken = left.min(bytes.len() as u64);
                    *bytes = &bytes[taken as usize..];
                    self.state = after(left - taken);
                }
            }
        }
        None
    }

    fn begin(&mut self, first: u8) {
        self.state = match first {
            0 => State::Text,
            1..0x80 => State::PassedText,
            _ => State::Length {
                first,
                length: 0,
                digits: 0,
            },
        };
    }

    fn text(&mut self, bytes: &mut &[u8]) -> Option<Heard> {
        let is_kept = self.state == State::Text;
        let end = bytes.iter().position(|&byte| byte == END);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        *bytes = &bytes[end.map_or(bytes.len(), |end| end + 1)..];
        if is_kept {
            if piece.len() > self.limit - self.text.len() {
                return Some(Heard::TooLong);
            }
            self.text.extend_from_slice(piece);
        }
        end?;
        self.state = State::Type;
        let text = mem::take(&mut self.text);
        is_kept.then(|| Heard::Text(String::from_utf8_lossy(&text).into_owned()))
    }

    fn length(&mut self, first: u8, length: u64, digits: u8, digit: u8) -> Option<Heard> {
        let length = length << 7 | u64::from(digit & 0x7f);
        if digit & 0x80 > 0 {
            let digits = digits + 1;
            self.state = State::Length {
                first,
                length,
                digits,
            };
            return (digits == LONGEST_LENGTH).then_some(Heard::TooLong);
        }
        self.state = after(length);
        (first == CLOSE[0] && length == 0).then_some(Heard::Close)
    }
}

/// Returns the state in which this many bytes without meaning are left.
const fn after(left: u64) -> State {
    match left {
        0 => State::Type,
        _ => State::Passed(left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], at_once: usize) -> Vec<Heard> {
        let mut frames = Frames::new(8);
        let mut heard = Vec::new();
        for mut piece in bytes.chunks(at_once) {
            while let Some(next) = frames.read(&mut piece) {
                if next == Heard::TooLong {
                    heard.push(next);
                    return heard;
                }
                heard.push(next);
            }
        }
        heard
    }

    fn text(text: &str) -> Heard {
        Heard::Text(text.to_owned())
    }

    #[test]
    fn any_cut_gives_the_same() {
        // A text, one of an unknown type, content of 129 bytes, an empty heartbeat, a text with
        // what is not UTF-8, another 0xff with content, and the closing handshake.
        let bytes = [
            b"\x00hi\xff\x01no\xff\x81\x81\x01" as &[u8],
            &[0xff; 129],
            b"\x80\x00\x00a\xc3\xff\x00\xff\xff\x01\x00\xff\x80\x00\x00x\xff",
        ]
        .concat();
        let expected = [
            text("hi"),
            text("a\u{fffd}"),
            text(""),
            Heard::Close,
            text("x"),
        ];
        for at_once in 1..=bytes.len() {
            assert_eq!(all(&bytes, at_once), expected, "{at_once}");
        }
    }

    #[test]
    fn what_is_too_long_ends_it() {
        for at_once in [1, 100] {
            assert_eq!(all(b"\x0012345678\xff", at_once), [text("12345678")]);
            assert_eq!(all(b"\x00123456789", at_once), [Heard::TooLong]);
            // Nine bytes of length are read past, however much they state.
            assert_eq!(
                all(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f1", at_once),
                []
            );
            assert_eq!(all(&[0xff; 10], at_once), [Heard::TooLong]);
            assert_eq!(all(&[0x80; 10], at_once), [Heard::TooLong]);
            assert_eq!(
                all(&[b"\x01", &[b'x'; 99] as &[u8], b"\xff"].concat(), at_once),
                []
            );
        }
    }
}
