//! The messages between server and client: drafts up, events down, and batches of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Epoch, Framing, Seq, Transport};

/// The length of the longest room name, in characters.
const LONGEST_ROOM_NAME: usize = 64;
/// The length of the longest speaker's name, in characters.
const LONGEST_FROM: usize = 64;
/// The length of the longest tag, in bytes.
const LONGEST_TAG: usize = 64;

/// Returns whether `name` may name a room: 1 to 64 of `A-Z a-z 0-9 _ -`.
#[must_use]
pub fn room_name_is_valid(name: &str) -> bool {
    (1..=LONGEST_ROOM_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A message that a speaker asks to publish. The room gives it a number and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The name of the speaker: 1 to 64 characters.
    pub from: String,
    /// The text: from 1 byte to the server's limit.
    pub text: String,
    /// Any text of up to 64 bytes; the event returns it unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// The reasons for which a draft is refused, in words for its speaker.
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
        /// The length of the text, in bytes.
        bytes: usize,
        /// The server's limit, in bytes.
        limit: usize,
    },
    /// `tag` is too long.
    #[error("\"tag\" has {0} bytes; the limit is {LONGEST_TAG}")]
    Tag(usize),
}

impl Draft {
    /// Checks the lengths of all fields; `limit` is the length of the longest text in bytes.
    ///
    /// # Errors
    /// Fails with the first field that is out of bounds; the error states the bounds.
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

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody published a message.
    Message,
    /// Somebody joined the room.
    Join,
    /// Somebody left the room.
    Leave,
    /// The log has moved past this reader (see [`Gap`]); not an event of the log.
    Gap,
    /// The answer to a draft (see [`Said`]); not an event of the log.
    Said,
    /// The refusal of a draft on a WebSocket; not an event of the log.
    Error,
}

/// An entry of a room's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The number of the event in the room, from 1.
    pub seq: Seq,
    /// The kind: `Message`, `Join` or `Leave`.
    pub kind: Kind,
    /// The name of the person who spoke, joined or left.
    pub from: String,
    /// The text; only in a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The draft's tag; only in a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The number of people in the room now; only in a join or leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<usize>,
    /// The wall-clock time at which the room took the event, in Unix milliseconds.
    pub at: u64,
}

/// The part of an event that a reader needs in order to follow the log.
///
/// Decoding it copies no text; the load generator decodes each delivery as this type. On streams
/// and WebSockets it also recognises messages that are not events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Glance<'a> {
    /// The event's number; 0 if `kind` is no event of the log.
    #[serde(default)]
    pub seq: Seq,
    /// The kind of the message.
    pub kind: Kind,
    /// The draft's tag.
    #[serde(default, borrow)]
    pub tag: Option<Cow<'a, str>>,
    /// The number of events that this reader will never see; only in a gap.
    #[serde(default)]
    pub missed: u64,
    /// The place from which to continue; only in a gap.
    #[serde(default)]
    pub next: Seq,
    /// The log's epoch; only in a gap whose reader is informed about the log.
    #[serde(default)]
    pub epoch: Option<Epoch>,
}

/// The answer to a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch<T> {
    /// The events after the reader's place, in order; often none.
    pub events: Vec<T>,
    /// The reader's new place, to be sent as the next `after`.
    pub next: Seq,
    /// The number of events that the log had dropped before this reader saw them.
    pub missed: u64,
    /// The log's epoch; only if the reader asked for it, or if its place was of another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// The notice that the log has moved past a reader of a stream or WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Always [`Kind::Gap`].
    pub kind: Kind,
    /// The number of events that this reader will never see.
    pub missed: u64,
    /// The place from which to continue.
    pub next: Seq,
    /// The log's epoch; only if the reader asked for it, or if its place was of another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

/// The answer to a draft that was taken: to a POST, or to a draft on a WebSocket that asked for an
/// answer.
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

/// The people in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The number of people.
    pub online: usize,
    /// The people, in the order in which they joined.
    pub people: Vec<Person>,
}

/// A person who gave a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name; two people may share one.
    pub name: String,
    /// The transport over which they read.
    pub transport: Transport,
    /// The framing of their stream; only for an HTTP stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// The time since which they are there, in Unix milliseconds.
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
        // The bound of the name counts characters, not bytes.
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
