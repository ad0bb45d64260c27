//! Texts with holes: `/sub/{room}?after={json next|0}`.
//!
//! | hole | what fills it |
//! | --- | --- |
//! | `{room}` | the room's name |
//! | `{person}` | the person's name |
//! | `{hold}` | the longest hold of a long poll, in seconds |
//! | `{seq}` | the number of the last event, where messages are our events |
//! | `{header NAME}` | that field of the last answer's head |
//! | `{json KEY.KEY}` | that value in the last answer's JSON |
//! | `{id}` | the last `id:` of an event stream |
//!
//! Behind a bar stands what fills the hole as long as nothing is known:
//! `{seq|latest}`.

use hyper::header::HeaderName;

/// A text and its holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole {
        value: Value,
        otherwise: Option<String>,
    },
}

/// What fills a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// The room's name.
    Room,
    /// The person's name.
    Person,
    /// Seconds.
    Hold,
    /// Of the last event.
    Seq,
    /// The last `id:` of an event stream.
    Id,
    /// A field of the last answer's head.
    Header(HeaderName),
    /// A value in the last answer's JSON, by the keys that lead to it.
    Json(String),
}

/// A text that is no template; says what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A brace that is never closed.
    #[error("a {{ without its }}")]
    Open,
    /// A hole that nothing fills.
    #[error(
        "{{{0}}} is no hole; there are {{room}}, {{person}}, {{hold}}, {{seq}}, {{header NAME}}, \
         {{json KEY.KEY}} and {{id}}"
    )]
    Unknown(String),
}

impl Template {
    /// Reads a text with holes.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (hole, behind) = after.split_once('}').ok_or(TemplateError::Open)?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(read_hole(hole)?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// What its holes are to be filled with.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Hole { value, .. } => Some(value),
        })
    }

    /// Fills the holes with what is `known`; whether something was known for
    /// each of them, or stood there for that case.
    pub(crate) fn fill(&self, known: impl Fn(&Value) -> Option<String>) -> (String, bool) {
        let (mut text, mut whole) = (String::with_capacity(64), true);
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Hole { value, otherwise } => match known(value) {
                    Some(value) => text.push_str(&value),
                    None => match otherwise {
                        Some(otherwise) => text.push_str(otherwise),
                        None => whole = false,
                    },
                },
            }
        }
        (text, whole)
    }
}

fn read_hole(hole: &str) -> Result<Part, TemplateError> {
    let unknown = || TemplateError::Unknown(hole.to_owned());
    let (value, otherwise) = match hole.split_once('|') {
        Some((value, otherwise)) => (value, Some(otherwise.to_owned())),
        None => (hole, None),
    };
    let value = match value.split_once(' ') {
        Some(("header", name)) => Value::Header(name.parse().map_err(|_| unknown())?),
        Some(("json", keys)) if !keys.is_empty() => Value::Json(keys.to_owned()),
        None => match value {
            "room" => Value::Room,
            "person" => Value::Person,
            "hold" => Value::Hold,
            "seq" => Value::Seq,
            "id" => Value::Id,
            _ => return Err(unknown()),
        },
        Some(_) => return Err(unknown()),
    };
    Ok(Part::Hole { value, otherwise })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, id: Option<&str>) -> (String, bool) {
        let template = Template::parse(text).unwrap();
        template.fill(|value| match value {
            Value::Room => Some("r1".to_owned()),
            Value::Id => id.map(str::to_owned),
            _ => None,
        })
    }

    #[test]
    fn holes_are_filled_with_what_is_known() {
        assert_eq!(filled("/a", None), ("/a".to_owned(), true));
        let path = "/{room}/x?after={id|0}&y";
        assert_eq!(filled(path, None), ("/r1/x?after=0&y".to_owned(), true));
        let with = filled(path, Some("7"));
        assert_eq!(with, ("/r1/x?after=7&y".to_owned(), true));
        assert_eq!(filled("{id}", None), (String::new(), false));
        assert_eq!(filled("{id|}", None), (String::new(), true));
    }

    #[test]
    fn what_fills_no_hole_is_told() {
        let said = |text: &str| Template::parse(text).unwrap_err().to_string();
        assert!(said("/{rom}").starts_with("{rom} is no hole; there are {room}, "));
        assert_eq!(said("/{room"), "a { without its }");
        for bad in ["{}", "{header }", "{header a b}", "{json}", "{room 1}"] {
            assert!(said(bad).contains("is no hole"), "{bad}");
        }
        let template = Template::parse("{header Etag}{json a.b|1}").unwrap();
        let values: Vec<_> = template.values().cloned().collect();
        let header = Value::Header(HeaderName::from_static("etag"));
        assert_eq!(values, [header, Value::Json("a.b".to_owned())]);
    }
}
