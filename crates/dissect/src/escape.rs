//! The escapes of JSON strings (RFC 8259, section 7), one byte at a time.

/// The longest character in UTF-8, in bytes.
const LONGEST: usize = 4;

/// An escape that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// No escape.
    None,
    /// The backslash was read.
    Begun,
    /// `\u` was read, this many of its digits, and their value.
    Digits(u8, u16),
}

/// A decoded escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The number of bytes of the escape.
    pub(crate) written: usize,
    /// The number of bytes that it stands for.
    pub(crate) len: usize,
    /// The bytes that it stands for. Half of a surrogate pair stands for half of the pair's bytes,
    /// which are zero here.
    pub(crate) bytes: [u8; LONGEST],
}

impl Escape {
    /// Returns how many bytes of an unfinished escape were read.
    pub(crate) const fn begun(self) -> usize {
        match self {
            Self::None => 0,
            Self::Begun => 1,
            Self::Digits(digits, _) => 2 + digits as usize,
        }
    }

    /// Takes the next byte of an escape; what it stands for once it is complete.
    pub(crate) fn take(&mut self, byte: u8) -> Option<Decoded> {
        let begun = std::mem::replace(self, Self::None);
        let (digits, value) = match (begun, byte) {
            (Self::Begun, b'u') => {
                *self = Self::Digits(0, 0);
                return None;
            }
            (Self::Begun, letter) => return Some(Decoded::letter(letter)),
            (Self::Digits(digits, value), byte) => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                (digits + 1, value << 4 | digit as u16)
            }
            (Self::None, _) => return None,
        };
        if digits < 4 {
            *self = Self::Digits(digits, value);
            return None;
        }
        Some(Decoded::unit(value))
    }
}

impl Decoded {
    fn letter(letter: u8) -> Self {
        let byte = match letter {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            other => other,
        };
        Self {
            written: 2,
            len: 1,
            bytes: [byte, 0, 0, 0],
        }
    }

    /// Decodes a unit of UTF-16.
    fn unit(unit: u16) -> Self {
        let mut bytes = [0; LONGEST];
        let len = match char::from_u32(unit.into()) {
            Some(character) => character.encode_utf8(&mut bytes).len(),
            // A pair stands for four bytes.
            None => LONGEST / 2,
        };
        Self {
            written: 6,
            len,
            bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_stands_for_the_bytes_of_its_character() {
        for (text, bytes) in [
            ("\"", "\""),
            ("\\", "\\"),
            ("n", "\n"),
            ("u0041", "A"),
            ("u00e4", "\u{e4}"),
            ("u4e2d", "\u{4e2d}"),
            // The halves of U+1F600.
            ("ud83d", "\0\0"),
            ("uDE00", "\0\0"),
        ] {
            let mut escape = Escape::Begun;
            let mut found = Vec::new();
            for (at, byte) in text.bytes().enumerate() {
                assert_eq!(escape.begun(), at + 1, "{text}");
                found.extend(escape.take(byte));
            }
            let [decoded] = found[..] else {
                panic!("{text}: {found:?}");
            };
            assert_eq!(&decoded.bytes[..decoded.len], bytes.as_bytes(), "{text}");
            assert_eq!(decoded.written, text.len() + 1, "{text}");
            assert_eq!(escape, Escape::None);
        }
    }
}
