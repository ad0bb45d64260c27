//! Where a reader of a foreign server is: what its last answers said of it.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use hyper::header::HeaderMap;
use serde_json::Value as Json;
use wire::Seq;

use super::{Description, add};
use crate::{
    audit::{Numbered, TagAudit, Verdict},
    template::Value,
};

/// A reader's place, which outlives its connections.
#[derive(Debug)]
pub(crate) struct Place {
    description: Arc<Description>,
    person: usize,
    room: usize,
    /// What fills the holes that are filled from answers, as far as known.
    known: RefCell<Vec<(Value, Option<String>)>>,
    seq: Cell<Option<Seq>>,
    audit: RefCell<TagAudit>,
}

impl Place {
    /// Of a reader that has asked for nothing yet.
    pub(crate) fn new(
        description: Arc<Description>,
        person: usize,
        room: usize,
        publishers: usize,
    ) -> Self {
        let path = description.path.values();
        let lines = description.headers.iter();
        let values = path.chain(lines.flat_map(|(_, line)| line.values()));
        let told =
            values.filter(|value| matches!(value, Value::Header(_) | Value::Json(_) | Value::Id));
        let known = told.map(|value| (value.clone(), None)).collect();
        Self {
            description,
            person,
            room,
            known: RefCell::new(known),
            seq: Cell::new(None),
            audit: RefCell::new(TagAudit::new(publishers)),
        }
    }

    /// How the server is to be talked to.
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// What to ask for next; `seq` is the last event's number, where there are
    /// numbers.
    pub(crate) fn path(&self, seq: Option<Seq>) -> String {
        self.seq.set(seq);
        self.description.path.fill(|value| self.fills(value)).0
    }

    /// Puts the header lines of that question over those that are there.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        add(&self.description.headers, headers, |value| {
            self.fills(value)
        });
    }

    /// Keeps what an answer's head says of the place.
    pub(crate) fn note_head(&self, headers: &HeaderMap) {
        self.note(|value| match value {
            Value::Header(name) => Some(headers.get(name)?.to_str().ok()?.to_owned()),
            _ => None,
        });
    }

    /// Keeps what a poll's answer says of it.
    pub(crate) fn note_body(&self, body: &[u8]) {
        let asked = |(value, _): &(Value, _)| matches!(value, Value::Json(_));
        if !self.known.borrow().iter().any(asked) {
            return;
        }
        let Ok(json) = serde_json::from_slice::<Json>(body) else {
            return;
        };
        self.note(|value| match value {
            Value::Json(keys) => told(&json, keys),
            _ => None,
        });
    }

    /// Keeps what a line of an event stream says of it (WHATWG HTML, section
    /// 9.2.6).
    pub(crate) fn note_line(&self, line: &[u8]) {
        let Some(id) = line.strip_prefix(b"id:") else {
            return;
        };
        let id = String::from_utf8_lossy(id).trim().to_owned();
        self.note(|value| (*value == Value::Id).then(|| id.clone()));
    }

    /// A draft came.
    pub(super) fn heard(&self, draft: Numbered, overlaps: bool) -> Verdict {
        self.audit.borrow_mut().heard(draft, overlaps)
    }

    /// Drafts that never came though later ones did.
    pub(crate) fn skipped(&self) -> u64 {
        self.audit.borrow().skipped()
    }

    fn fills(&self, value: &Value) -> Option<String> {
        if *value == Value::Seq {
            return self.seq.get().map(|seq| seq.to_string());
        }
        let known = self.known.borrow();
        let found = known.iter().find(|(other, _)| other == value);
        match found {
            Some((_, text)) => text.clone(),
            None => self.description.fixed(value, self.person, self.room),
        }
    }

    /// What an answer does not say stays as it was.
    fn note(&self, told: impl Fn(&Value) -> Option<String>) {
        for (value, text) in self.known.borrow_mut().iter_mut() {
            if let Some(told) = told(value) {
                *text = Some(told);
            }
        }
    }
}

/// The value at `keys` (`data.next`, `events.0.id`), as it is put into a URL.
fn told(json: &Json, keys: &str) -> Option<String> {
    let value = keys.split('.').try_fold(json, |json, key| match json {
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })?;
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_keys() {
        let json: Json = serde_json::from_str(
            r#"{"next": 7, "data": {"id": "a-1", "all": [{"n": 3}]}, "no": null}"#,
        )
        .unwrap();
        for (keys, value) in [
            ("next", Some("7")),
            ("data.id", Some("a-1")),
            ("data.all.0.n", Some("3")),
            ("data.all.1.n", None),
            ("data.x", None),
            ("no", None),
        ] {
            assert_eq!(told(&json, keys).as_deref(), value, "{keys}");
        }
    }
}
