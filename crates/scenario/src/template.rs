//! Texts with holes: `/sub/{room}?after={json next|0}`.
//!
//! | hole | what fills it |
//! | --- | --- |
//! | `{room}` | the room's name |
//! | `{person}` | the person's name |
//! | `{hold}` | the longest hold of a long poll, in seconds |
//! | `{seq}` | the number of the last event, where messages are our events |
//! | `{header NAME}` | that field of the last answer's head |
//! | `{json KEY.KEY}` | that value in the last answer's JSON; of a list, `0` is the first item and `last` or `-1` the last |
//! | `{id}` | the last `id:` of an event stream |
//! | `{session KEY}`, `{session header NAME}`, `{session cookie NAME}` | what the answer that opened the session says |
//! | `{draft}`, `{draft_text}` | what is said: its JSON, and the same as a JSON string |
//! | `{number}` | the draft's number in the run |
//! | `{length}` | in a frame of bytes: the number of bytes behind it |
//!
//! Behind a bar stands what fills the hole as long as nothing is known:
//! `{seq|latest}`. Behind a sign stands a number to add: `{json next+1}`.
//! Behind a colon stands how the value is written: `{json next:form}`. `{{` is a
//! brace, and `{{room}}` is the text `{room}`.

mod encode;
mod hole;

pub use encode::Encoding;
pub use hole::{Hole, TemplateError, Value};

/// The place of a text with holes, which tells how a value is written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// A path and a query: values are percent-encoded. Each brace is a hole's.
    Url,
    /// A header line: values stand as they are. Each brace is a hole's.
    Header,
    /// A body or a frame: values stand as they are, and a brace that no name
    /// follows is a brace, as in JSON.
    Body,
    /// A body of `application/x-www-form-urlencoded`, likewise: values are
    /// encoded for a form.
    Form,
    /// A frame of bytes, likewise: each character of the text up to U+00FF is
    /// one byte, and values are written in UTF-8.
    Bytes,
}

impl Within {
    const fn encoding(self) -> Encoding {
        match self {
            Self::Url => Encoding::Url,
            Self::Header | Self::Body | Self::Bytes => Encoding::Raw,
            Self::Form => Encoding::Form,
        }
    }

    /// Returns whether a hole begins behind a brace that `after` follows.
    fn begins_hole(self, after: &str) -> bool {
        match self {
            Self::Url | Self::Header => true,
            Self::Body | Self::Form | Self::Bytes => {
                after.starts_with(|first: char| first.is_ascii_alphabetic())
            }
        }
    }
}

/// A text and its holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Hole),
}

impl Template {
    /// Reads a text with holes.
    ///
    /// # Errors
    /// The first brace that begins no hole, with what would be one.
    pub fn parse(text: &str, within: Within) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            if let Some(behind) = after.strip_prefix('{') {
                rest = escaped(behind, &mut plain);
                continue;
            }
            if !within.begins_hole(after) {
                plain.push('{');
                rest = after;
                continue;
            }
            let (hole, behind) = after.split_once('}').ok_or(TemplateError::Open)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            let hole = Hole::read(hole, within.encoding())?;
            if within != Within::Bytes && hole.needs_bytes() {
                return Err(TemplateError::NeedsBytes { hole: hole.source });
            }
            parts.push(Part::Hole(hole));
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Returns its holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Hole(hole) => Some(hole),
        })
    }

    /// Returns what its holes are to be filled with.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.holes().map(|hole| &hole.value)
    }

    /// Fills the holes with what is `known`. Returns the text, and whether something was
    /// known for each of them, or stood there for that case.
    #[must_use]
    pub fn fill(&self, known: impl Fn(&Value) -> Option<String>) -> (String, bool) {
        let (mut text, mut whole) = (String::with_capacity(64), true);
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Hole(hole) => whole &= hole.fill(&known, &mut text),
            }
        }
        (text, whole)
    }

    /// Fills the holes of a frame of bytes with what is `known`; one that nothing is known for stays
    /// empty.
    #[must_use]
    pub fn fill_bytes(&self, known: impl Fn(&Value) -> Option<String>) -> Vec<u8> {
        let (mut bytes, mut lengths) = (Vec::with_capacity(64), Vec::new());
        for part in &self.0 {
            match part {
                Part::Text(text) => bytes.extend(bytes_of(text)),
                Part::Hole(hole) if hole.value == Value::Length => lengths.push(bytes.len()),
                Part::Hole(hole) => {
                    let mut text = String::new();
                    hole.fill(&known, &mut text);
                    if hole.is_sized() {
                        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
                        bytes.extend(length.to_be_bytes());
                    }
                    bytes.extend(text.into_bytes());
                }
            }
        }
        // The last one first, because a length counts those behind it.
        for at in lengths.into_iter().rev() {
            let behind = bytes.split_off(at);
            bytes.extend(in_sevens(behind.len()));
            bytes.extend(behind);
        }
        bytes
    }
}

/// Returns the bytes that a text of a frame of bytes stands for: one for each character up to U+00FF,
/// and the UTF-8 of others.
#[must_use]
pub fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match u8::try_from(letter) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Returns a number in groups of seven bits, the lowest first; the eighth bit says that another
/// follows (MQTT 3.1.1, section 2.2.3).
fn in_sevens(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let group = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(group);
            return bytes;
        }
        bytes.push(group | 0x80);
    }
}

/// Takes what stands behind a doubled brace: the brace, or the text of a hole
/// whose braces are doubled on both sides. Returns the rest.
fn escaped<'a>(behind: &'a str, plain: &mut String) -> &'a str {
    plain.push('{');
    let name = behind.find(['{', '}']).map(|end| behind.split_at(end));
    match name {
        Some((name, rest))
            if rest.starts_with("}}") && name.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            plain.push_str(name);
            plain.push('}');
            &rest["}}".len()..]
        }
        _ => behind,
    }
}

#[cfg(test)]
mod tests;
