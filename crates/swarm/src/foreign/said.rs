//! The request or frame in the server's own format that is sent for a draft.

use bytes::Bytes;
use hyper::{
    Request,
    header::{HeaderMap, HeaderName},
};
use serde_json::Value as Json;

use super::{Description, add, lines, method, template, within_body};
use crate::{
    plan,
    socket::network::Network,
    template::{Template, Value, Within},
};

/// The way in which drafts are said, ready to be used.
#[derive(Debug)]
pub(super) struct Saying {
    path: Option<Template>,
    method: hyper::Method,
    headers: Vec<(HeaderName, Template)>,
    /// The body of the request; `None` if it is the draft alone.
    body: Option<Template>,
    frame: Option<Template>,
}

/// A draft with all that is needed to say it.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    /// The network that holds the session of the draft's speaker, if there is one.
    pub(crate) network: &'a Network,
    /// The person who sends the draft.
    pub(crate) person: usize,
    /// The room that the draft is sent to.
    pub(crate) room: usize,
    /// The draft's number in the run.
    pub(crate) number: usize,
    /// The draft's JSON.
    pub(crate) draft: Bytes,
}

impl Saying {
    /// Reads how drafts are said from a description in which frames are written `within_frames`.
    pub(super) fn of(say: &plan::Saying, within_frames: Within) -> Result<Self, String> {
        let whole = |text: &str, within| match text {
            "{draft}" if matches!(within, Within::Body | Within::Bytes) => Ok(None),
            text => template(text, within).map(Some),
        };
        let body = whole(&say.body, within_body(&say.headers))?;
        let frame = whole(say.frame.as_ref().unwrap_or(&say.body), within_frames)?;
        let path = say.path.as_deref();
        Ok(Self {
            path: path.map(|path| template(path, Within::Url)).transpose()?,
            method: method(say.method),
            headers: lines(&say.headers)?,
            body,
            frame,
        })
    }

    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let lines = self.headers.iter().map(|(_, line)| line);
        let whole = self.path.iter().chain(&self.body).chain(&self.frame);
        whole.chain(lines)
    }
}

impl Description {
    /// Returns the path that a draft is sent to.
    pub(crate) fn say_path(&self, said: &Said<'_>) -> String {
        let path = self.say.path.as_ref();
        path.map_or_else(String::new, |path| {
            path.fill(|value| self.says(value, said)).0
        })
    }

    /// Puts method and header lines of the draft's request over those that are
    /// there.
    pub(crate) fn prepare_draft<B>(&self, request: &mut Request<B>, said: &Said<'_>) {
        *request.method_mut() = self.say.method.clone();
        self.add_say_headers(request.headers_mut(), said);
    }

    fn add_say_headers(&self, headers: &mut HeaderMap, said: &Said<'_>) {
        add(&self.say.headers, headers, |value| self.says(value, said));
    }

    /// Returns what is sent in a request.
    pub(crate) fn body(&self, said: &Said<'_>) -> Bytes {
        self.filled(self.say.body.as_ref(), said)
    }

    /// Returns what is sent as a frame.
    pub(crate) fn frame(&self, said: &Said<'_>) -> Bytes {
        match &self.say.frame {
            Some(text) if self.is_binary() => {
                text.fill_bytes(|value| self.says(value, said)).into()
            }
            text => self.filled(text.as_ref(), said),
        }
    }

    fn filled(&self, text: Option<&Template>, said: &Said<'_>) -> Bytes {
        match text {
            None => said.draft.clone(),
            Some(text) => text.fill(|value| self.says(value, said)).0.into(),
        }
    }

    fn says(&self, value: &Value, said: &Said<'_>) -> Option<String> {
        // Our own JSON, so it is UTF-8.
        let draft = || String::from_utf8_lossy(&said.draft).into_owned();
        match value {
            Value::Draft => Some(draft()),
            Value::DraftText => Some(Json::from(draft()).to_string()),
            Value::Number => Some(said.number.to_string()),
            Value::Session(_) | Value::SessionHeader(_) | Value::SessionCookie(_) => {
                let sessions = said.network.sessions.borrow();
                sessions.get(&said.person)?.fills(value)
            }
            _ => self.fixed(value, said.person, said.room),
        }
    }
}
