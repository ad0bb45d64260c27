//! A hole of a text: the value that fills it, and the encoding of that value.

use http::HeaderName;

use super::Encoding;

/// A hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The value that fills the hole.
    pub value: Value,
    /// The whole number that is added to the value; 0 if none is.
    pub plus: i64,
    /// The text between the braces, for messages.
    pub source: String,
    encoding: Encoding,
    otherwise: Option<String>,
}

/// The thing that fills a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The room's name.
    Room,
    /// The person's name.
    Person,
    /// The time in seconds for which a poll is held.
    Hold,
    /// The number of the last event.
    Seq,
    /// The last `id:` of an event stream.
    Id,
    /// A field of the last answer's head.
    Header(HeaderName),
    /// A value in the last answer's JSON, by the keys that lead to it.
    Json(String),
    /// A value in the JSON of the answer that opened the session.
    Session(String),
    /// A field of that answer's head.
    SessionHeader(HeaderName),
    /// The value of a cookie that it set.
    SessionCookie(String),
    /// The JSON of what is said.
    Draft,
    /// The draft's JSON as a JSON string.
    DraftText,
    /// The draft's number in the run.
    Number,
    /// The number of bytes behind the hole, in a frame of bytes.
    Length,
}

/// The names that a hole can begin with, as they are written.
const NAMES: [(&str, &str); 12] = [
    ("room", "room"),
    ("person", "person"),
    ("hold", "hold"),
    ("seq", "seq"),
    ("header", "header NAME"),
    ("json", "json KEY.KEY"),
    ("id", "id"),
    ("session", "session KEY"),
    ("draft", "draft"),
    ("draft_text", "draft_text"),
    ("number", "number"),
    ("length", "length"),
];

/// A text that is no template; says what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace that is never closed.
    #[error("a {{ without its }}; two of them, {{{{, are a brace")]
    Open,
    /// A hole that nothing fills.
    #[error("{{{hole}}} is no hole; {hint}")]
    Unknown {
        /// The text between the braces.
        hole: String,
        /// A suggestion of what was meant, and all names.
        hint: String,
    },
    /// A hole that only a frame of bytes can have.
    #[error("{{{hole}}} belongs to frames of bytes, which a WebSocket with binary = true has")]
    NeedsBytes {
        /// The text between the braces.
        hole: String,
    },
    /// A way of writing that there is not.
    #[error("{{{hole}}}: there is no encoding {word:?}; {hint}")]
    Encoding {
        /// The text between the braces.
        hole: String,
        /// The word behind the colon.
        word: String,
        /// A suggestion of what was meant, and all encodings.
        hint: String,
    },
}

impl Hole {
    /// Reads what stands between two braces; its value is written in the way
    /// that it names, else in `encoding`.
    pub(super) fn read(hole: &str, encoding: Encoding) -> Result<Self, TemplateError> {
        let (named, otherwise) = match hole.split_once('|') {
            Some((value, otherwise)) => (value, Some(otherwise.to_owned())),
            None => (hole, None),
        };
        let (named, encoding) = match named.rsplit_once(':') {
            Some((named, word)) => (named, encoding_of(hole, word.trim())?),
            None => (named, encoding),
        };
        let (named, plus) = sum(named);
        Ok(Self {
            value: value(named).ok_or_else(|| unknown(hole, named))?,
            plus,
            source: hole.to_owned(),
            encoding,
            otherwise,
        })
    }

    /// Writes what is `known` behind `text`, or what stands there for the case
    /// that nothing is; whether there was either.
    pub(super) fn fill(&self, known: impl Fn(&Value) -> Option<String>, text: &mut String) -> bool {
        match (
            known(&self.value).and_then(|value| self.with_sum(value)),
            &self.otherwise,
        ) {
            (Some(value), _) => self.encoding.write(&value, text),
            // What one wrote oneself is written as it stands.
            (None, Some(otherwise)) => text.push_str(otherwise),
            (None, None) => return false,
        }
        true
    }

    /// Returns whether the hole is none of a text: a length, or a value with its length before it.
    pub(super) fn needs_bytes(&self) -> bool {
        self.value == Value::Length || self.is_sized()
    }

    /// Returns whether two bytes with the length of the value stand before it.
    pub(super) fn is_sized(&self) -> bool {
        self.encoding == Encoding::Sized
    }

    /// Returns the value with the number added; `None` for what is no whole number.
    #[must_use]
    pub fn with_sum(&self, value: String) -> Option<String> {
        if self.plus == 0 {
            return Some(value);
        }
        let number: i128 = value.trim().parse().ok()?;
        Some(number.checked_add(self.plus.into())?.to_string())
    }
}

/// Splits `next+1` and `next - 1` into name and number. Without blanks a minus is part of a name,
/// as in `x-1`, but for names that hold none.
fn sum(named: &str) -> (&str, i64) {
    let number = |text: &str| text.trim().parse::<u32>().ok().map(i64::from);
    if let Some((name, added)) = named.rsplit_once('+')
        && let Some(added) = number(added)
    {
        return (name.trim_end(), added);
    }
    if let Some((name, taken)) = named.rsplit_once('-')
        && (name.ends_with(' ') || matches!(name, "seq" | "id" | "number"))
        && !matches!(name.trim_end(), "json" | "session")
        && let Some(taken) = number(taken)
    {
        return (name.trim_end(), -taken);
    }
    (named, 0)
}

fn value(named: &str) -> Option<Value> {
    Some(match named.split_once(' ') {
        Some(("header", name)) => Value::Header(name.parse().ok()?),
        Some(("json", keys)) => Value::Json(some_keys(keys)?),
        Some(("session", what)) => match what.split_once(' ') {
            Some(("header", name)) => Value::SessionHeader(name.parse().ok()?),
            Some(("cookie", name)) => Value::SessionCookie(some_word(name)?),
            Some(_) => return None,
            None => Value::Session(some_keys(what)?),
        },
        Some(_) => return None,
        None => match named {
            "room" => Value::Room,
            "person" => Value::Person,
            "hold" => Value::Hold,
            "seq" => Value::Seq,
            "id" => Value::Id,
            "draft" => Value::Draft,
            "draft_text" => Value::DraftText,
            "number" => Value::Number,
            "length" => Value::Length,
            _ => return None,
        },
    })
}

/// Returns the keys if they are words with dots between them.
fn some_keys(keys: &str) -> Option<String> {
    keys.split('.').all(is_word).then(|| keys.to_owned())
}

/// Returns the name of a cookie, in which a dot may be anywhere (RFC 6265, section 4.1.1).
fn some_word(name: &str) -> Option<String> {
    is_word(name).then(|| name.to_owned())
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(['{', '}', '"'])
}

fn unknown(hole: &str, named: &str) -> TemplateError {
    let all: Vec<String> = NAMES
        .iter()
        .map(|(_, shown)| format!("{{{shown}}}"))
        .collect();
    let word = named.split(' ').next().unwrap_or(named);
    let near = nearest(word, NAMES.iter().map(|(name, _)| *name));
    let near = near.and_then(|near| NAMES.iter().find(|(name, _)| *name == near));
    let meant = match near {
        // The name is right and what belongs behind it is not.
        Some((name, shown)) if *name == word => format!("it is written {{{shown}}}. "),
        Some((_, shown)) => format!("did you mean {{{shown}}}? "),
        None => String::new(),
    };
    TemplateError::Unknown {
        hole: hole.to_owned(),
        hint: format!("{meant}there are {}; {{{{ is a brace", all.join(", ")),
    }
}

fn encoding_of(hole: &str, word: &str) -> Result<Encoding, TemplateError> {
    let found = Encoding::ALL.iter().find(|(name, _)| *name == word);
    found.map(|(_, encoding)| *encoding).ok_or_else(|| {
        let names = || Encoding::ALL.iter().map(|(name, _)| *name);
        let all = names().collect::<Vec<_>>().join(", ");
        TemplateError::Encoding {
            hole: hole.to_owned(),
            word: word.to_owned(),
            hint: match nearest(word, names()) {
                Some(near) => format!("did you mean {near:?}? There are {all}"),
                None => format!("there are {all}"),
            },
        }
    })
}

/// Returns the name that is most like `word`, if any is enough like it to be meant.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| {
            // Two letters in each other's place are one slip, in a short word too.
            let slipped = strsim::osa_distance(word, name) <= 1 && word.len() > 1;
            let likeness = strsim::jaro_winkler(word, name);
            (if slipped { likeness.max(0.9) } else { likeness }, name)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}
