//! The place of a reader of a foreign server, as its last answers reported it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, header::HeaderMap};
use wire::Seq;

use super::{Description, add, lookup, method, session};
use crate::{
    measure::audit::{Numbered, TagAudit, Verdict},
    socket::network::Network,
    template::Value,
};

/// A reader's place, which outlives its connections.
#[derive(Debug)]
pub(crate) struct ReaderState {
    description: Arc<Description>,
    network: Rc<Network>,
    person: usize,
    room: usize,
    /// The time to wait before coming back to a stream, if the server reported one.
    retry: Cell<Option<Duration>>,
    /// The values of the holes that answers fill, as far as they are known.
    known: RefCell<Vec<(Value, Option<String>)>>,
    seq: Cell<Option<Seq>>,
    audit: RefCell<TagAudit>,
}

impl ReaderState {
    /// Creates the place of a reader that has asked for nothing yet.
    pub(crate) fn new(
        description: Arc<Description>,
        network: Rc<Network>,
        person: usize,
        room: usize,
        publishers: usize,
    ) -> Self {
        let told = description.holes.values();
        let known = told.into_iter().map(|value| (value, None)).collect();
        Self {
            description,
            network,
            retry: Cell::new(None),
            person,
            room,
            known: RefCell::new(known),
            seq: Cell::new(None),
            audit: RefCell::new(TagAudit::new(publishers)),
        }
    }

    /// Returns the description of how to talk to the server.
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// Returns the path to ask for next; `seq` is the last event's number if the server
    /// assigns numbers.
    pub(crate) fn path(&self, seq: Option<Seq>) -> String {
        self.seq.set(seq);
        self.description.path.fill(|value| self.fills(value)).0
    }

    /// Gives the request for that path its method, its body and its header lines.
    pub(crate) fn prepare(&self, request: &mut Request<Full<Bytes>>) {
        *request.method_mut() = method(self.description.foreign.read.method);
        if let Some(body) = &self.description.body {
            *request.body_mut() = Full::from(body.fill(|value| self.fills(value)).0);
        }
        self.add_headers(request.headers_mut());
    }

    /// Opens a session unless there is one, or none is wanted.
    pub(crate) async fn open_session(&self) -> Result<(), crate::failure::Failure> {
        let open = self
            .description
            .open_session(&self.network, self.person, self.room);
        open.await
    }

    /// Sends a text beside polls, to where drafts are sent.
    pub(crate) async fn send_beside(&self, text: String) -> Result<(), crate::failure::Failure> {
        let network = Rc::clone(&self.network);
        let sent = self
            .description
            .send_beside(&network, self.person, self.room, text);
        sent.await
    }

    /// Forgets the session, which may be what broke: the next connection opens one of its own.
    pub(crate) fn forget_session(&self) {
        self.network.sessions.borrow_mut().remove(&self.person);
    }

    /// Returns the name of the reader's room.
    pub(crate) fn room_name(&self) -> String {
        self.description.room_name(self.room)
    }

    /// Notes that the server said how long to wait before coming back to a stream.
    pub(crate) fn note_retry(&self, wait: Duration) {
        self.retry.set(Some(wait));
    }

    /// Returns how long to wait before coming back, if the server said it.
    pub(crate) const fn retry(&self) -> Option<Duration> {
        self.retry.get()
    }

    /// Sets the header lines of the description in place of those of the same names.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        add(&self.description.headers, headers, |value| {
            self.fills(value)
        });
    }

    /// Keeps what an answer's head says of the place.
    pub(crate) fn note_head(&self, headers: &HeaderMap) {
        self.note(|value| match value {
            Value::Header(name) => session::field(headers, name),
            _ => None,
        });
    }

    /// Keeps what a poll's answer, or a frame, says of the place.
    pub(crate) fn note_body(&self, body: &[u8]) {
        let asked = |(value, _): &(Value, _)| matches!(value, Value::Json(_));
        if !self.known.borrow().iter().any(asked) {
            return;
        }
        self.note(|value| match value {
            Value::Json(keys) => lookup::told_by(body, keys),
            _ => None,
        });
    }

    /// Keeps the last event's id of an event stream (WHATWG HTML, section 9.2.6). An empty one takes
    /// back the one before: who comes back then sends none (section 9.2.3).
    pub(crate) fn note_id(&self, id: &str) {
        if !id.is_empty() {
            return self.note(|value| (*value == Value::Id).then(|| id.to_owned()));
        }
        for (value, text) in self.known.borrow_mut().iter_mut() {
            if *value == Value::Id {
                *text = None;
            }
        }
    }

    /// Notes that a draft came.
    pub(crate) fn heard(&self, draft: Numbered, overlaps: bool) -> Verdict {
        self.audit.borrow_mut().heard(draft, overlaps)
    }

    /// Returns the number of drafts that never came although later ones did.
    pub(crate) fn skipped(&self) -> u64 {
        self.audit.borrow().skipped()
    }

    /// Returns what fills a hole, as far as it is known.
    pub(super) fn fills(&self, value: &Value) -> Option<String> {
        match value {
            Value::Seq => return self.seq.get().map(|seq| seq.to_string()),
            Value::Session(_) | Value::SessionHeader(_) | Value::SessionCookie(_) => {
                return self
                    .network
                    .sessions
                    .borrow()
                    .get(&self.person)?
                    .fills(value);
            }
            _ => {}
        }
        let known = self.known.borrow();
        let found = known.iter().find(|(other, _)| other == value);
        match found {
            Some((_, text)) => text.clone(),
            None => self.description.fixed(value, self.person, self.room),
        }
    }

    /// Stores the values that an answer contains; the others stay as they were.
    fn note(&self, told: impl Fn(&Value) -> Option<String>) {
        for (value, text) in self.known.borrow_mut().iter_mut() {
            if let Some(told) = told(value) {
                self.description.holes.told(value, &told);
                *text = Some(told);
            }
        }
    }
}
