//! The protocol of a library, as its own client speaks it: the addresses and packets that open a
//! session, what stands around a draft, and what is answered.
//!
//! A reader has a [`Library`] or none; the transports ask it where a library's protocol differs
//! from the plain contract. `packet` reads what comes; `transport::library_socket` opens a session
//! over a WebSocket, and `transport::library_polls` opens one over polls.

pub(crate) mod packet;
pub(crate) mod script;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use bytes::Bytes;
use serde_json::{Value as Json, json};
use wire::{Protocol, Seq, Way};

use crate::{
    draft,
    plan::{Pacing, Plan},
    token::token,
};

/// The letters of a session's id, as the client of SockJS draws them.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";

/// The number of letters of a session's id, and of the parameter that keeps answers out of caches.
const LENGTH: usize = 8;

/// The number by which the client of SockJS tells the servers behind a balancer apart.
const SERVER: &str = "000";

/// The beginning of that client's clock, in milliseconds; a request adds one.
const EPOCH: u64 = 1_700_000_000_000;

/// The answer to a ping of Engine.IO.
pub(crate) const PONG: &str = "3";

/// One person's part in a library's protocol.
#[derive(Debug)]
pub(crate) struct Library {
    protocol: Protocol,
    way: Way,
    /// True if what is sent is a form.
    is_form: bool,
    person: usize,
    room: usize,
    /// The number in the name that the person gives, if it gives one.
    name: Option<usize>,
    /// True if answers to drafts are wanted.
    acks: bool,
    /// A number that no other run has.
    run: u32,
    /// The place at which the session began.
    after: Cell<Option<Seq>>,
    /// The id of the session, once there is one.
    session: RefCell<Option<String>>,
    /// Sessions that were opened, and requests that were sent.
    sessions: Cell<u32>,
    requests: Cell<u64>,
    /// The number of the last question that named a function of a page.
    asked: Cell<u64>,
}

impl Library {
    /// Creates the part of `person` in the protocol of `plan`; `None` if that is plain.
    pub(crate) fn new(plan: &Plan, person: usize) -> Option<Rc<Self>> {
        let protocol = plan.variant.protocol();
        protocol.title()?;
        Some(Rc::new(Self {
            protocol,
            way: plan.variant.way(),
            is_form: plan.variant.says_by_form(),
            person,
            room: plan.swarm.room_of(person),
            name: plan.swarm.presence.then(|| plan.swarm.named_after(person)),
            acks: plan.traffic.pacing == Pacing::Closed && plan.speaks_and_listens(person),
            run: u32::from_str_radix(&token(), 16).unwrap_or_default(),
            after: Cell::new(None),
            session: RefCell::default(),
            sessions: Cell::new(0),
            requests: Cell::new(0),
            asked: Cell::new(0),
        }))
    }

    /// Returns the protocol.
    pub(crate) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Returns the number of the person.
    pub(crate) const fn person(&self) -> usize {
        self.person
    }

    /// Returns whether a request that receives is a POST.
    pub(crate) const fn receives_by_post(&self) -> bool {
        matches!(self.protocol, Protocol::Sockjs) && !matches!(self.way, Way::Sse)
    }

    /// Begins a session whose id the client chooses, unless there is one.
    fn begin(&self, place: Option<Seq>) {
        if self.has_session() {
            return;
        }
        self.after.set(place);
        let opened = self.sessions.replace(self.sessions.get() + 1);
        let run = u64::from(self.run.wrapping_add(opened)) & 0xf_ffff;
        self.keep(letters(run << 20 | self.person as u64 & 0xf_ffff));
    }

    /// Keeps the id of the session for all its requests.
    pub(crate) fn keep(&self, session: String) {
        *self.session.borrow_mut() = Some(session);
    }

    /// Returns whether there is a session.
    pub(crate) fn has_session(&self) -> bool {
        self.session.borrow().is_some()
    }

    /// Forgets the session, which is over: the next connection opens one of its own.
    pub(crate) fn forget(&self) {
        *self.session.borrow_mut() = None;
    }

    /// Returns the path to receive at; a session that begins with it begins at `place`.
    pub(crate) fn path(&self, place: Option<Seq>) -> String {
        match self.protocol {
            Protocol::Sockjs => {
                self.begin(place);
                let way = match self.way {
                    Way::Websocket => "websocket",
                    Way::Sse => "eventsource",
                    Way::Ndjson => "xhr_streaming",
                    Way::ShortPoll | Way::LongPoll => "xhr",
                };
                self.sockjs(way)
            }
            Protocol::SockjsInPage => {
                self.begin(place);
                let way = match self.way {
                    Way::ShortPoll | Way::LongPoll => "jsonp",
                    Way::Ndjson | Way::Sse | Way::Websocket => "htmlfile",
                };
                self.asked.set(self.next_request());
                self.sockjs(way) + "&c=" + &self.callback()
            }
            Protocol::Plain | Protocol::InPage | Protocol::SocketIo => self.engine_io(),
        }
    }

    /// Returns the path to send packets to; `None` without a session.
    pub(crate) fn say_path(&self) -> Option<String> {
        self.has_session().then(|| match self.protocol {
            Protocol::SockjsInPage if self.says_by_form() => {
                // The name of the frame that the form goes to.
                let frame = letters(self.next_request());
                self.sockjs("jsonp_send") + "&i=a" + &frame
            }
            Protocol::Sockjs | Protocol::SockjsInPage => self.sockjs("xhr_send"),
            Protocol::Plain | Protocol::InPage | Protocol::SocketIo => self.engine_io(),
        })
    }

    /// Returns whether what is sent is a form.
    pub(crate) const fn says_by_form(&self) -> bool {
        self.is_form
    }

    /// Returns the name of the function that takes the answer to the last question.
    pub(crate) fn callback(&self) -> String {
        script::callback(self.asked.get())
    }

    fn engine_io(&self) -> String {
        if self.way == Way::Websocket {
            return "/socket.io/?EIO=4&transport=websocket".to_owned();
        }
        let stamp = letters(self.next_request());
        let path = format!("/socket.io/?EIO=4&transport=polling&t={stamp}");
        match &*self.session.borrow() {
            Some(session) => format!("{path}&sid={session}"),
            None => path,
        }
    }

    /// Returns a path of SockJS, whose client keeps the query of its service's address on every
    /// request.
    fn sockjs(&self, way: &str) -> String {
        let session = self.session.borrow();
        let session = session.as_deref().unwrap_or_default();
        let room = draft::room_name(self.room);
        let after = self
            .after
            .get()
            .map_or_else(|| "latest".to_owned(), |place| place.to_string());
        let mut path = format!("/sockjs/{room}/{SERVER}/{session}/{way}?after={after}");
        if let Some(name) = self.name {
            path.push_str("&name=");
            path.push_str(&draft::person_name(name));
        }
        // Only a person who waits for answers asks for them.
        if self.acks {
            path.push_str("&ack=1");
        }
        if way.starts_with("xhr") {
            path.push_str("&t=");
            path.push_str(&(EPOCH + self.next_request()).to_string());
        }
        path
    }

    fn next_request(&self) -> u64 {
        self.requests.replace(self.requests.get() + 1)
    }

    /// Returns the packet with which a client of Socket.IO enters its room.
    pub(crate) fn connect(&self, place: Option<Seq>) -> String {
        let mut auth = json!({ "room": draft::room_name(self.room) });
        auth["after"] = place.map_or_else(|| "latest".into(), Json::from);
        if let Some(name) = self.name {
            auth["name"] = draft::person_name(name).into();
        }
        format!("40{auth}")
    }

    /// Puts a draft into what the library sends; `number` is that of the draft.
    pub(crate) fn wrap(&self, draft: &Bytes, number: usize) -> Bytes {
        // The codec writes UTF-8.
        let text = String::from_utf8_lossy(draft);
        let wrapped = match self.protocol {
            Protocol::Plain | Protocol::InPage => return draft.clone(),
            Protocol::Sockjs | Protocol::SockjsInPage => {
                let list = Json::from([text.into_owned()]).to_string();
                if self.says_by_form() {
                    script::form(&list)
                } else {
                    list
                }
            }
            Protocol::SocketIo if self.acks && self.way == Way::Websocket => {
                format!("42{number}[\"message\",{text}]")
            }
            Protocol::SocketIo => format!("42[\"message\",{text}]"),
        };
        wrapped.into()
    }
}

/// Writes the lowest 40 bits of a number as eight letters.
pub(crate) fn letters(number: u64) -> String {
    let letter = |at: usize| char::from(LETTERS[(number >> (5 * at)) as usize % LETTERS.len()]);
    (0..LENGTH).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_letters_differ_and_have_one_length() {
        assert_eq!(letters(0), "aaaaaaaa");
        assert_eq!(letters(33), "aaaaaabb");
        assert_ne!(letters(1 << 39), letters(1 << 38));
        assert!((0..1_000).all(|number| letters(number).len() == LENGTH));
    }
}
