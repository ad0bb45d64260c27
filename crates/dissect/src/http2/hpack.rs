//! The header blocks of one direction (HPACK, RFC 7541), decoded as far as they say what the bytes
//! after them are: method, path, status, coding, protocol. All other fields are only kept where a
//! later block may refer to them.

use std::{collections::VecDeque, sync::Arc};

use super::{huffman, table::FIELDS};
use crate::{
    Reason,
    fields::{is_coded, names_deflate},
    http::LONGEST_HEAD,
};

/// The bytes that the standard adds to the length of a field in the table (section 4.1).
const FIELD_ADDS: usize = 32;

/// The size of a table that nobody changed (RFC 9113, section 6.5.2), in bytes.
const USUAL_SIZE: usize = 4096;

/// The largest table that is followed, in bytes: what browsers allow.
const LARGEST: usize = 64 * 1024;

/// The fields of a block that decide where bytes belong.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) status: Option<u16>,
    /// True if the content is compressed.
    pub(super) is_encoded: bool,
    /// True if frames of a WebSocket may be compressed.
    pub(super) is_deflated: bool,
    /// The protocol that a CONNECT asks for (RFC 8441).
    pub(super) protocol: Option<String>,
}

/// A field of the table.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Arc<[u8]>,
    pub(super) value: Arc<[u8]>,
}

impl Field {
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + FIELD_ADDS
    }
}

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct Decoder {
    /// The newest field comes first.
    fields: VecDeque<Field>,
    size: usize,
    most: usize,
    /// True if blocks came before the first that is read: what only they said is an empty field.
    is_cut: bool,
}

impl Decoder {
    pub(super) const fn new() -> Self {
        Self {
            fields: VecDeque::new(),
            size: 0,
            most: USUAL_SIZE,
            is_cut: false,
        }
    }

    /// Makes the decoder of a direction whose first blocks are not known.
    pub(super) fn cut() -> Self {
        Self {
            most: LARGEST,
            is_cut: true,
            ..Self::new()
        }
    }

    /// Reads a whole block, as far as it decides where bytes belong.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Block, Reason> {
        let mut block = Block::default();
        self.each(bytes, |field| block.take(field))?;
        Ok(block)
    }

    /// Reads a whole block field by field.
    pub(super) fn each(
        &mut self,
        mut bytes: &[u8],
        mut take: impl FnMut(&Field),
    ) -> Result<(), Reason> {
        // Of all strings together: a block may repeat a long field many times.
        let mut length = 0;
        while let Some(&first) = bytes.first() {
            let (field, is_kept) = match first {
                0x80.. => (self.field(number(&mut bytes, 7)?)?, false),
                0x40..=0x7f => (self.literal(&mut bytes, 6)?, true),
                0x20..=0x3f => {
                    self.resize(number(&mut bytes, 5)?)?;
                    continue;
                }
                _ => (self.literal(&mut bytes, 4)?, false),
            };
            length += field.size();
            if length > LONGEST_HEAD {
                return Err(Reason::LongHead);
            }
            take(&field);
            if is_kept {
                self.keep(field);
            }
        }
        Ok(())
    }

    fn literal(&self, bytes: &mut &[u8], prefix: u32) -> Result<Field, Reason> {
        let name = match number(bytes, prefix)? {
            0 => string(bytes)?,
            index => self.field(index)?.name,
        };
        let value = string(bytes)?;
        Ok(Field { name, value })
    }

    /// Returns the field of this number (section 2.3.3).
    fn field(&self, index: usize) -> Result<Field, Reason> {
        let at = index.checked_sub(1).ok_or(Reason::HeaderBlock)?;
        if let Some((name, value)) = FIELDS.get(at) {
            let (name, value) = (name.as_bytes().into(), value.as_bytes().into());
            return Ok(Field { name, value });
        }
        match self.fields.get(at - FIELDS.len()) {
            Some(field) => Ok(field.clone()),
            None if self.is_cut => Ok(Field {
                name: (&[][..]).into(),
                value: (&[][..]).into(),
            }),
            None => Err(Reason::HeaderBlock),
        }
    }

    fn resize(&mut self, most: usize) -> Result<(), Reason> {
        if most > LARGEST {
            return Err(Reason::HeaderBlock);
        }
        self.most = most;
        self.evict(0);
        Ok(())
    }

    fn keep(&mut self, field: Field) {
        let size = field.size();
        self.evict(size);
        // One that is larger than the table empties it (section 4.4).
        if size <= self.most {
            self.size += size;
            self.fields.push_front(field);
        }
    }

    /// Drops the oldest fields until there is room for `size` more bytes.
    fn evict(&mut self, size: usize) {
        while self.size + size > self.most
            && let Some(oldest) = self.fields.pop_back()
        {
            self.size -= oldest.size();
        }
    }
}

impl Block {
    fn take(&mut self, field: &Field) {
        let text = || Some(String::from_utf8_lossy(&field.value).into_owned());
        match &*field.name {
            b":method" => self.method = text(),
            b":path" => self.path = text(),
            b":status" => self.status = text().and_then(|status| status.parse().ok()),
            b":protocol" => self.protocol = text(),
            b"content-encoding" => self.is_encoded |= is_coded(&field.value),
            b"sec-websocket-extensions" => self.is_deflated |= names_deflate(&field.value),
            _ => {}
        }
    }
}

/// Reads a number whose first bits are the last `prefix` bits of the first byte (section 5.1).
fn number(bytes: &mut &[u8], prefix: u32) -> Result<usize, Reason> {
    let (&first, mut rest) = bytes.split_first().ok_or(Reason::HeaderBlock)?;
    let most = (1_usize << prefix) - 1;
    let mut number = usize::from(first) & most;
    if number == most {
        // Three more bytes are enough for any length that is followed here.
        for shift in [0, 7, 14, 21] {
            let (&byte, after) = rest.split_first().ok_or(Reason::HeaderBlock)?;
            rest = after;
            number += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *bytes = rest;
                return Ok(number);
            }
        }
        return Err(Reason::HeaderBlock);
    }
    *bytes = rest;
    Ok(number)
}

/// Reads a string (section 5.2).
fn string(bytes: &mut &[u8]) -> Result<Arc<[u8]>, Reason> {
    let is_coded = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let length = number(bytes, 7)?;
    let (text, rest) = bytes.split_at_checked(length).ok_or(Reason::HeaderBlock)?;
    *bytes = rest;
    if is_coded {
        let text = huffman::read(text, LONGEST_HEAD).ok_or(Reason::HeaderBlock)?;
        return Ok(text.into());
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let hex = hex.replace(' ', "");
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// Checks the requests of RFC 7541, appendix C.4: with Huffman coding, one after the other.
    #[test]
    fn requests_of_the_standard() {
        let mut decoder = Decoder::new();
        let mut read = |hex| decoder.read(&bytes(hex)).unwrap();
        let first = read("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff");
        assert_eq!(first.method.as_deref(), Some("GET"));
        assert_eq!(first.path.as_deref(), Some("/"));
        let second = read("8286 84be 5886 a8eb 1064 9cbf");
        assert_eq!(second.path.as_deref(), Some("/"));
        let third = read("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf");
        assert_eq!(third.path.as_deref(), Some("/index.html"));
        assert_eq!((decoder.fields.len(), decoder.size), (3, 164));
    }

    /// Checks the responses of RFC 7541, appendix C.5, with a table of 256 bytes, from which they
    /// evict.
    #[test]
    fn responses_of_the_standard() {
        let mut decoder = Decoder::new();
        decoder.resize(256).unwrap();
        let first = "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 \
            3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 \
            6c65 2e63 6f6d";
        assert_eq!(decoder.read(&bytes(first)).unwrap().status, Some(302));
        assert_eq!((decoder.fields.len(), decoder.size), (4, 222));
        let second = decoder.read(&bytes("4803 3330 37c1 c0bf")).unwrap();
        assert_eq!(second.status, Some(307));
        assert_eq!((decoder.fields.len(), decoder.size), (4, 222));
    }

    #[test]
    fn blocks_that_are_none() {
        for hex in [
            // Number 0, a field that is not in the table, a number without end, a string that is
            // cut, a table that is larger than any.
            "80",
            "be",
            "ffff ffff ff7f",
            "4005 61",
            "3fff ff7f",
        ] {
            let read = Decoder::new().read(&bytes(hex));
            assert_eq!(read, Err(Reason::HeaderBlock), "{hex}");
        }
        // A long field, once kept, is sent again and again for a byte each.
        let mut decoder = Decoder::new();
        let long = [&bytes("4001 617f a11e")[..], &[b'x'; 4000]].concat();
        assert_eq!(decoder.read(&long), Ok(Block::default()));
        assert_eq!(decoder.fields.len(), 1);
        assert_eq!(decoder.read(&[0xbe; 20]), Err(Reason::LongHead));
    }
}
