//! The record of the holes that answers should fill, and of those that they have filled.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::template::{Hole, Template, Value};

/// The holes that answers to readers fill, and which of them any answer filled.
#[derive(Debug)]
pub(crate) struct Holes(Vec<(Hole, AtomicBool)>);

impl Holes {
    /// Collects the holes of `templates`, none of them filled yet.
    pub(super) fn of<'a>(templates: impl Iterator<Item = &'a Template>) -> Self {
        let mut holes: Vec<(Hole, AtomicBool)> = Vec::new();
        for hole in templates.flat_map(Template::holes) {
            let known = holes.iter().any(|(other, _)| other == hole);
            if is_told(&hole.value) && !known {
                holes.push((hole.clone(), AtomicBool::new(false)));
            }
        }
        Self(holes)
    }

    /// Returns the values that are read from answers, each once.
    pub(super) fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for (hole, _) in &self.0 {
            if !values.contains(&hole.value) {
                values.push(hole.value.clone());
            }
        }
        values
    }

    /// Notes that an answer told `text` for `value`.
    pub(super) fn told(&self, value: &Value, text: &str) {
        for (hole, filled) in &self.0 {
            let fits = || hole.value == *value && hole.with_sum(text.to_owned()).is_some();
            if !filled.load(Ordering::Relaxed) && fits() {
                filled.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Returns the notation of the holes that nothing filled. The `id:` of a stream is
    /// `needed` only if a reader had to come back.
    pub(crate) fn unfilled(&self, needed: bool) -> Vec<String> {
        let open = self.0.iter().filter(|(hole, filled)| {
            !filled.load(Ordering::Relaxed) && (needed || hole.value != Value::Id)
        });
        let mut named: Vec<String> = open.map(|(hole, _)| hole.source.clone()).collect();
        named.dedup();
        named
    }
}

/// Returns whether answers to readers bring a value.
const fn is_told(value: &Value) -> bool {
    matches!(value, Value::Header(_) | Value::Json(_) | Value::Id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Within;

    #[test]
    fn what_no_answer_filled_is_named_as_it_is_written() {
        let path = Template::parse("/{room}?a={json next+1|0}&b={id}", Within::Url).unwrap();
        let holes = Holes::of([&path, &path].into_iter());
        assert_eq!(holes.unfilled(true), ["json next+1|0", "id"]);
        assert_eq!(holes.unfilled(false), ["json next+1|0"]);
        let next = Value::Json("next".to_owned());
        assert_eq!(holes.values(), [next.clone(), Value::Id]);
        holes.told(&next, "no number");
        assert_eq!(holes.unfilled(false), ["json next+1|0"]);
        holes.told(&next, "7");
        assert_eq!(holes.unfilled(false), [""; 0]);
    }
}
