//! Numbers that nobody guesses: for sessions, and signed ones with which a
//! client comes back.
//!
//! They are drawn from the keyed hash of the standard library, whose key the
//! operating system gives anew to each server that is started. So a signed
//! number needs no memory here, and that of another server is not believed.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A source of numbers.
#[derive(Debug)]
pub(crate) struct Ids {
    key: RandomState,
    drawn: AtomicU64,
}

impl Ids {
    /// Makes a source with a key of its own.
    pub(crate) fn new() -> Self {
        Self {
            key: RandomState::new(),
            drawn: AtomicU64::new(0),
        }
    }

    /// Returns a number that was never returned before, as 32 hexadecimal
    /// digits.
    pub(crate) fn fresh(&self) -> String {
        let drawn = self.drawn.fetch_add(1, Relaxed);
        let half = |part: &str| self.key.hash_one((part, drawn));
        format!("{:016x}{:016x}", half("first"), half("second"))
    }

    /// Returns the signature of `id` for use in `room`, as 16 hexadecimal
    /// digits.
    pub(crate) fn sign(&self, id: &str, room: &str) -> String {
        format!("{:016x}", self.key.hash_one(("signature", id, room)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_and_another_server_does_not_believe_a_signature() {
        let (ids, others) = (Ids::new(), Ids::new());
        let (one, two) = (ids.fresh(), ids.fresh());
        assert_ne!(one, two);
        assert_eq!(ids.sign(&one, "a"), ids.sign(&one, "a"));
        assert_ne!(ids.sign(&one, "a"), ids.sign(&one, "b"));
        assert_ne!(ids.sign(&one, "a"), ids.sign(&two, "a"));
        assert_ne!(ids.sign(&one, "a"), others.sign(&one, "a"));
    }
}
