//! Frames of a WebSocket beside drafts: what is sent before it counts as open,
//! and what is answered to frames that come.

use bytes::Bytes;
use serde_json::Value as Json;

use super::{ReaderState, lookup, template};
use crate::{
    plan::{Reading, Reply, Step},
    template::{Template, Value, Within, bytes_of},
};

/// The frames of a description, ready to be used.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) first: Vec<FirstStep>,
    answers: Vec<(Pattern, Template)>,
}

/// A step of opening a WebSocket.
#[derive(Debug)]
pub(crate) enum FirstStep {
    /// A frame to send.
    Send(Template),
    /// A pattern; a frame that matches it is awaited.
    Wait(Pattern),
}

/// A pattern that frames are held against.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The notation of the pattern in the scenario.
    pub(crate) source: String,
    /// The bytes that the notation stands for.
    bytes: Vec<u8>,
    json: Option<Json>,
    /// True if a frame must be the notation itself.
    whole: bool,
}

impl Pattern {
    fn new(source: &str, whole: bool) -> Self {
        let json = serde_json::from_str(source).ok();
        Self {
            whole,
            source: source.to_owned(),
            bytes: source.as_bytes().to_vec(),
            json: json.filter(|json: &Json| json.is_object() || json.is_array()),
        }
    }

    /// Creates the pattern of a frame of bytes.
    fn of_bytes(source: &str) -> Self {
        Self {
            whole: false,
            source: source.to_owned(),
            bytes: bytes_of(source),
            json: None,
        }
    }

    /// Returns whether a frame has all that stands in the pattern.
    pub(crate) fn matches(&self, frame: &[u8]) -> bool {
        match &self.json {
            _ if self.whole => frame == self.bytes,
            Some(wanted) => serde_json::from_slice(frame).is_ok_and(|got| has(&got, wanted)),
            None => memchr::memmem::find(frame, &self.bytes).is_some(),
        }
    }
}

/// Returns whether `got` has all that `wanted` has: keys of objects in any order, items of lists in
/// theirs. An empty object is matched by an empty one only.
fn has(got: &Json, wanted: &Json) -> bool {
    match (got, wanted) {
        (Json::Object(got), Json::Object(wanted)) if wanted.is_empty() => got.is_empty(),
        (Json::Object(got), Json::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| got.get(key).is_some_and(|got| has(got, value))),
        (Json::Array(got), Json::Array(wanted)) => {
            got.len() >= wanted.len()
                && got.iter().zip(wanted).all(|(got, wanted)| has(got, wanted))
        }
        _ => got == wanted,
    }
}

impl Frames {
    /// Creates the frames that `reading` describes.
    ///
    /// # Errors
    /// Fails with the first text in it that is no template.
    pub(super) fn of(reading: &Reading) -> Result<Self, String> {
        let within = reading.within_frames();
        let first = reading.first.0.iter().map(|step| match step {
            Step::Send(text) => Ok(FirstStep::Send(template(text, within)?)),
            Step::Wait { wait } if reading.binary => Ok(FirstStep::Wait(Pattern::of_bytes(wait))),
            Step::Wait { wait } => Ok(FirstStep::Wait(Pattern::new(wait, false))),
        });
        let answer = |reply: &Reply| {
            let send = template(&reply.send, Within::Body)?;
            Ok::<_, String>((Pattern::new(&reply.when, reply.whole), send))
        };
        Ok(Self {
            first: first.collect::<Result<_, String>>()?,
            answers: reading
                .answer
                .iter()
                .map(answer)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Returns the templates of the first frames, whose holes are filled from answers or from the plan.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let first = self.first.iter().filter_map(|step| match step {
            FirstStep::Send(text) => Some(text),
            FirstStep::Wait(_) => None,
        });
        first.chain(self.answers.iter().map(|(_, send)| send))
    }
}

impl ReaderState {
    /// Returns what is to be answered to a frame.
    pub(crate) fn answers(&self, frame: &[u8]) -> impl Iterator<Item = String> {
        let matching = |(pattern, _): &&(Pattern, Template)| pattern.matches(frame);
        let answers = self.description().frames.answers.iter();
        answers.filter(matching).map(|(_, send)| {
            let text = std::str::from_utf8(frame).unwrap_or_default();
            let told = |value: &Value| match value {
                Value::Json(keys) => lookup::told(text, keys),
                other => self.fills(other),
            };
            send.fill(told).0
        })
    }

    /// Returns what a step of opening sends.
    pub(crate) fn frame(&self, text: &Template) -> Bytes {
        if self.description().is_binary() {
            return text.fill_bytes(|value| self.fills(value)).into();
        }
        text.fill(|value| self.fills(value)).0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_matches_that_has_all_of_the_pattern() {
        let matches =
            |pattern: &str, frame: &str| Pattern::new(pattern, false).matches(frame.as_bytes());
        assert!(matches(
            r#"{"type":"ping"}"#,
            r#"{ "n": 1, "type": "ping" }"#
        ));
        assert!(!matches(r#"{"type":"ping"}"#, r#"{"type":"pong"}"#));
        assert!(!matches(r#"{"type":"ping"}"#, "ping"));
        assert!(matches(r#"{"a":{"b":[1]}}"#, r#"{"a":{"b":[1,2],"c":3}}"#));
        assert!(matches(
            r#"[null,"1"]"#,
            r#"[null,"1","room:a","phx_reply",{}]"#
        ));
        assert!(!matches(r#"[null,"2"]"#, r#"[null,"1"]"#));
        assert!(matches("{}", "{}"));
        assert!(!matches("{}", r#"{"a":1}"#));
        assert!(matches("ping", "2ping"));
        assert!(!matches("ping", "pong"));
        let accepted = Pattern::of_bytes("\u{90}\u{3}\0");
        assert!(accepted.matches(b"\x90\x03\0\x01\0"));
        assert!(!accepted.matches(b"\x90\x02\0\x01\0"));
    }
}
