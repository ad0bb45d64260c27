//! The sessions that people open on a server that is not ours.

use crate::template::Value;

/// The values that the answer that opened a session gave.
#[derive(Debug)]
pub(crate) struct Session(Vec<(Value, String)>);

impl Session {
    /// Makes a session of what its answer gave.
    pub(crate) const fn new(values: Vec<(Value, String)>) -> Self {
        Self(values)
    }

    /// Returns what fills a hole.
    pub(crate) fn fills(&self, value: &Value) -> Option<String> {
        let known = self.0.iter().find(|(other, _)| other == value);
        known.map(|(_, text)| text.clone())
    }
}
