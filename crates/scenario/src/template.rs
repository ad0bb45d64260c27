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
}

impl Within {
    const fn encoding(self) -> Encoding {
        match self {
            Self::Url => Encoding::Url,
            Self::Header | Self::Body => Encoding::Raw,
            Self::Form => Encoding::Form,
        }
    }

    /// Returns whether a hole begins behind a brace that `after` follows.
    fn begins_hole(self, after: &str) -> bool {
        match self {
            Self::Url | Self::Header => true,
            Self::Body | Self::Form => after.starts_with(|first: char| first.is_ascii_alphabetic()),
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
            parts.push(Part::Hole(Hole::read(hole, within.encoding())?));
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
