//! What travels: drafts up, events down, and batches of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Epoch, Framing, Seq, Transport};

/// Longest room name, in characters.
const LONGEST_ROOM_NAME: usize = 64;
/// Longest speaker's name, in characters.
const LONGEST_FROM: usize = 64;
/// Longest tag, in bytes.
const LONGEST_TAG: usize = 64;

/// Whether `name` may name a room: 1 to 64 of `A-Z a-z 0-9 _ -`.
#[must_use]
pub fn room_name_is_valid(name: &str) -> bool {
    (1..=LONGEST_ROOM_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// What a speaker wants said. The room gives it a number and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Who speaks: 1 to 64 characters.
    pub from: String,
    /// What is said: 1 byte to the server's limit.
    pub text: String,
    /// Anything of up to 64 bytes; comes back in the event as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// Why a draft cannot be said, in words for its speaker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// `from` is empty or too long.
    #[error("\"from\" has {0} characters; send 1 to {LONGEST_FROM}")]
    From(usize),
    /// `text` is empty.
    #[error("\"text\" is empty; send at least one byte")]
    NoText,
    /// `text` is over the server's limit.
    #[error("\"text\" has {bytes} bytes; the limit is {limit}")]
    LongText {
        /// Length of the text, in bytes.
        bytes: usize,
        /// The server's limit, in bytes.
        limit: usize,
    },
    /// `tag` is too long.
    #[error("\"tag\" has {0} bytes; the limit is {LONGEST_TAG}")]
    Tag(usize),
}

impl Draft {
    /// Checks the lengths of all fields; `limit` is the longest text in bytes.
    ///
    /// # Errors
    /// The first field that is out of bounds, with what would be right.
    pub fn check(&self, limit: usize) -> Result<(), DraftError> {
        let from = self.from.chars().count();
        if !(1..=LONGEST_FROM).contains(&from) {
            return Err(DraftError::From(from));
        }
        match self.text.len() {
            0 => return Err(DraftError::NoText),
            bytes if bytes > limit => return Err(DraftError::LongText { bytes, limit }),
            _ => {}
        }
        match &self.tag {
            Some(tag) if tag.len() > LONGEST_TAG => Err(DraftError::Tag(tag.len())),
            _ => Ok(()),
        }
    }
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody said something.
    Message,
    /// Somebody came.
    Join,
    /// Somebody left.
    Leave,
    /// Not an event of the log: the log has moved past this reader (see [`Gap`]).
    Gap,
    /// Not an event of the log: the answer to a draft (see [`Said`]).
    Said,
    /// Not an event of the log: a draft on a WebSocket was refused.
    Error,
}

/// An entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the room, from 1.
    pub seq: Seq,
    /// `Message`, `Join` or `Leave`.
    pub kind: Kind,
    /// Who spoke, came or left.
    pub from: String,
    /// What was said; only in a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The draft's tag; only in a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// How many people are in the room now; only in a join or leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<usize>,
    /// Wall clock when the room took it, in Unix milliseconds.
    pub at: u64,
}

/// The part of an event that a reader needs in order to follow the log.
///
/// Decoding it copies no text: the swarm looks at each delivery through this.
/// On streams and WebSockets it also recognises what is not an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Glance<'a> {
    /// The event's number; 0 where `kind` is no event of the log.
    #[serde(default)]
    pub seq: Seq,
    /// What it is.
    pub kind: Kind,
    /// The draft's tag.
    #[serde(default, borrow)]
    pub tag: Option<Cow<'a, str>>,
    /// In a gap: how many events this reader will never see.
    #[serde(default)]
    pub missed: u64,
    /// In a gap: the place to go on from.
    #[serde(default)]
    pub next: Seq,
}

/// The answer to a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch<T> {
    /// What came after the reader's place, in order; often nothing.
    pub events: Vec<T>,
    /// The reader's new place: what to send as the next `after`.
    pub next: Seq,
    /// Events that the log had dropped before this reader saw them.
    pub missed: u64,
    /// The log's epoch; only where the reader asked for it, or its place was of
    /// another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// Where the log has moved past a reader of a stream or WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Always [`Kind::Gap`].
    pub kind: Kind,
    /// How many events this reader will never see.
    pub missed: u64,
    /// The place to go on from.
    pub next: Seq,
    /// The log's epoch; only where the reader asked for it, or its place was of
    /// another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// A draft was taken: the answer to a POST, or to a WebSocket that asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// [`Kind::Said`] on a WebSocket; absent over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The event's number.
    pub seq: Seq,
    /// The draft's tag; only on a WebSocket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// Who is in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// How many.
    pub online: usize,
    /// Each of them, in the order of coming.
    pub people: Vec<Person>,
}

/// Somebody who gave a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name; two people may share one.
    pub name: String,
    /// What they read over.
    pub transport: Transport,
    /// How their stream is framed; only an HTTP stream has this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// Since when, in Unix milliseconds.
    pub since: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_names() {
        for good in ["a", "Room_1-x", &"x".repeat(64)] {
            assert!(room_name_is_valid(good), "{good}");
        }
        for bad in ["", "a b", "ü", "a/b", &"x".repeat(65)] {
            assert!(!room_name_is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn a_draft_out_of_bounds_says_which_bound() {
        let draft = |from: &str, text: &str, tag: Option<String>| Draft {
            from: from.into(),
            text: text.into(),
            tag,
        };
        assert_eq!(draft("a", "hello", None).check(5), Ok(()));
        assert_eq!(draft("", "hello", None).check(5), Err(DraftError::From(0)));
        // The name's bound counts characters, not bytes.
        assert_eq!(
            draft(&"\u{4e2d}".repeat(64), "hello", None).check(5),
            Ok(())
        );
        assert_eq!(
            draft(&"a".repeat(65), "hello", None).check(5),
            Err(DraftError::From(65))
        );
        assert_eq!(draft("a", "", None).check(5), Err(DraftError::NoText));
        assert_eq!(
            draft("a", "hello!", None).check(5),
            Err(DraftError::LongText { bytes: 6, limit: 5 })
        );
        assert_eq!(
            draft("a", "x", Some("t".repeat(65))).check(5),
            Err(DraftError::Tag(65))
        );
    }
}
