//! How to talk to a server that is not ours: what of a scenario's `[target]`
//! one run over one transport needs.

use serde::{Deserialize, Serialize};

/// A server that keeps a contract of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foreign {
    /// What a message is on its way to a reader.
    pub message: Message,
    /// Whether it changes texts on their way, so that they are not held against
    /// what was said.
    pub transforms: bool,
    /// How a reader asks.
    pub read: Reading,
    /// How a draft is said.
    pub say: Saying,
}

/// What a message is on its way to a reader, and so what the audit goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The draft as it was published, bare or wrapped in anything: it is found
    /// by its tag, and the audit goes by the tag's number.
    #[default]
    Draft,
    /// An event of our own contract (a batch of them in a poll's answer): the
    /// audit goes by `seq`.
    Event,
}

/// One way to read: a request with holes (see `template`), and what its answers
/// look like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Path and query, such as `/sub/{room}?after={json next|0}`.
    pub path: String,
    /// Header lines of this request; one with a hole that nothing is known for
    /// is left out, as on the first question.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Statuses that mean "nothing new". Default 204 and 304.
    #[serde(default = "nothing_new")]
    pub empty: Vec<u16>,
}

/// `[target.say]`: how a draft is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Saying {
    /// Where to POST it. Without one, drafts go over readers' WebSockets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Header lines of the POST.
    pub headers: Vec<String>,
    /// What is posted, and what is sent as a frame: `{draft}` is the draft's
    /// JSON, `{draft_text}` the same as a JSON string. Default: the draft alone.
    pub body: String,
    /// Statuses that mean that it was taken. Default: each 2xx.
    pub taken: Vec<u16>,
    /// Whether who reads over a WebSocket also speaks on it. Default true.
    pub on_socket: bool,
}

impl Default for Saying {
    fn default() -> Self {
        Self {
            path: None,
            headers: Vec::new(),
            body: "{draft}".to_owned(),
            taken: Vec::new(),
            on_socket: true,
        }
    }
}

/// RFC 9110, sections 15.3.5 and 15.4.5.
fn nothing_new() -> Vec<u16> {
    vec![204, 304]
}
