//! The description of how to talk to a server that is not ours: the part of a scenario's
//! `[target]` that one run over one transport needs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::Within;

/// A server that keeps a contract of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foreign {
    /// The form of a message on its way to a reader.
    pub message: Message,
    /// True if the server changes texts on their way, so that a changed text is no error.
    pub transforms: bool,
    /// The request that each person sends first, once per connection; its answer fills
    /// holes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Opening>,
    /// The request of a reader.
    pub read: Reading,
    /// The request or frame for a draft.
    pub say: Saying,
}

/// The form of a message on its way to a reader, which determines what the audit goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// RFC 9110, section 9.3.1.
    #[serde(alias = "get")]
    Get,
    /// RFC 9110, section 9.3.3.
    #[serde(alias = "post")]
    Post,
    /// RFC 9110, section 9.3.4.
    #[serde(alias = "put")]
    Put,
    /// RFC 5789.
    #[serde(alias = "patch")]
    Patch,
}

impl Method {
    const fn get() -> Self {
        Self::Get
    }

    const fn post() -> Self {
        Self::Post
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    const fn is_get(&self) -> bool {
        matches!(self, Self::Get)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    const fn is_post(&self) -> bool {
        matches!(self, Self::Post)
    }
}

/// `[target.session]`: a request whose answer fills `{session KEY}`,
/// `{session header NAME}` and `{session cookie NAME}` in all others of the
/// same person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Path and query.
    pub path: String,
    /// The method of the request. Default POST.
    #[serde(default = "Method::post", skip_serializing_if = "Method::is_post")]
    pub method: Method,
    /// Header lines of this request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The body of this request. Default: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The requests that follow it, in order, before the person reads or says anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Further>,
}

/// A request that follows the one that opens a session, and may name what that was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Further {
    /// Path and query.
    pub path: String,
    /// The method of the request. Default POST.
    #[serde(default = "Method::post", skip_serializing_if = "Method::is_post")]
    pub method: Method,
    /// Header lines of this request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The body of this request. Default: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// One way to read: a request with holes (see `template`), and the form of its answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Path and query, such as `/sub/{room}?after={json next|0}`.
    pub path: String,
    /// The method of the request; a WebSocket is always opened by GET. Default GET.
    #[serde(default = "Method::get", skip_serializing_if = "Method::is_get")]
    pub method: Method,
    /// Header lines of this request; one with a hole that nothing is known for
    /// is left out, as on the first question.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The body of this request, with holes. Default: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Statuses that mean "nothing new". Default 204 and 304.
    #[serde(default = "nothing_new")]
    pub empty: Vec<u16>,
    /// The frames that go over a WebSocket before it counts as open, in order.
    #[serde(default, skip_serializing_if = "Steps::is_empty")]
    pub first: Steps,
    /// The answers to frames of a WebSocket, beside those to pings of the protocol; of a long
    /// poll, what is sent by the method and to the path of `[target.say]` after an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<Reply>,
    /// True if the frames of a WebSocket are bytes. They go out as binary messages, and in
    /// `first` and in the `frame` of `[target.say]` each character up to U+00FF is one byte,
    /// `{length}` is the number of bytes behind it in groups of seven bits, and `{room:sized}`
    /// has its length in two bytes before it. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binary: bool,
}

impl Reading {
    /// Returns a GET of `path` and nothing else.
    #[must_use]
    pub fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            method: Method::Get,
            headers: Vec::new(),
            body: String::new(),
            empty: nothing_new(),
            first: Steps::default(),
            answer: Vec::new(),
            binary: false,
        }
    }

    /// Returns how values are written in its frames.
    #[must_use]
    pub const fn within_frames(&self) -> Within {
        if self.binary {
            Within::Bytes
        } else {
            Within::Body
        }
    }
}

/// Steps in order; a scenario may write a single one without a list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "OneOrMore", into = "Vec<Step>")]
pub struct Steps(pub Vec<Step>);

impl Steps {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A step of opening a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Step {
    /// A frame that is sent, with holes.
    Send(String),
    /// Nothing more is sent before a frame matches (see [`Reply::when`]).
    Wait {
        /// The condition that the frame must match.
        wait: String,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "is no frame in quotes, { wait = \"…\" }, or a list of them"
)]
enum OneOrMore {
    One(Step),
    More(Vec<Step>),
}

impl From<OneOrMore> for Steps {
    fn from(written: OneOrMore) -> Self {
        match written {
            OneOrMore::One(step) => Self(vec![step]),
            OneOrMore::More(steps) => Self(steps),
        }
    }
}

impl From<Steps> for Vec<Step> {
    fn from(steps: Steps) -> Self {
        steps.0
    }
}

/// An answer to a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// A frame matches that has all that stands here: keys and values of a JSON
    /// object, or, where this is no JSON, the text. `{}` is matched by `{}` alone.
    pub when: String,
    /// True if `when` is the whole frame, letter by letter, such as the ping `2`
    /// of Engine.IO. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// The frame that is sent then; `{json KEY}` is a value of the frame that matched.
    pub send: String,
}

/// `[target.say]`: the request or frame that carries a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Saying {
    /// The path to send it to. Without one, drafts go over readers' WebSockets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The method of that request. Default POST.
    #[serde(skip_serializing_if = "Method::is_post")]
    pub method: Method,
    /// Header lines of that request.
    pub headers: Vec<String>,
    /// The body of that request and, unless there is a `frame`, the content of a frame:
    /// `{draft}` is the draft's JSON, `{draft_text}` the same as a JSON string.
    /// Default: the draft alone.
    pub body: String,
    /// The content of a frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// Statuses that mean that it was taken. Default: each 2xx.
    pub taken: Vec<u16>,
    /// True if a reader on a WebSocket also speaks on it. Default true.
    pub on_socket: bool,
}

impl Default for Saying {
    fn default() -> Self {
        Self {
            path: None,
            method: Method::Post,
            headers: Vec::new(),
            body: "{draft}".to_owned(),
            frame: None,
            taken: Vec::new(),
            on_socket: true,
        }
    }
}

/// Returns the statuses that mean nothing new (RFC 9110, sections 15.3.5 and 15.4.5).
fn nothing_new() -> Vec<u16> {
    vec![204, 304]
}

/// Returns how values are written in a body that goes with `headers`.
#[must_use]
pub fn within_body(headers: &[String]) -> Within {
    let is_form = headers.iter().any(|line| {
        let (name, value) = line.split_once(':').unwrap_or_default();
        let kind = value.split(';').next().unwrap_or_default().trim();
        name.trim().eq_ignore_ascii_case("content-type")
            && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if is_form { Within::Form } else { Within::Body }
}
