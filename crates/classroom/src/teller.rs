//! The way from one connection to the books, and to the pages that follow its persons.

use std::{sync::Arc, time::Instant};

use dissect::{Direction, Layer, Purpose, Span};
use wire::{Carrier, Way};

use crate::{
    note::{Note, Part},
    options::View,
    route::{Request, What},
    shared::Shared,
};

/// A request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) what: What,
    pub(crate) person: Option<Arc<str>>,
}

/// A note that is being put together from all parts that passed at once.
pub(crate) struct Draft {
    pub(crate) exchange: u64,
    pub(crate) frame: Option<u64>,
    pub(crate) direction: Direction,
    pub(crate) at: Instant,
    pub(crate) parts: Vec<Part>,
}

impl Draft {
    /// Returns whether another belongs to the same note.
    pub(crate) fn goes_on_with(&self, next: &Self) -> bool {
        let key = |draft: &Self| (draft.exchange, draft.frame, draft.direction, draft.at);
        key(self) == key(next)
    }
}

/// The teller of one connection.
pub(crate) struct Teller {
    shared: Arc<Shared>,
    conn: u64,
    lane: Option<Way>,
    server: Option<usize>,
}

impl Teller {
    /// Makes the teller of a new connection; `lane` is the lane whose port it came to, and `server`
    /// the number of the server that has it, where there are several.
    pub(crate) fn new(shared: Arc<Shared>, lane: Option<Way>, server: Option<usize>) -> Self {
        Self {
            conn: shared.next_connection(),
            shared,
            lane,
            server,
        }
    }

    /// Returns whether pages receive the bytes themselves, and not only their number.
    pub(crate) fn shows_bytes(&self) -> bool {
        self.shared.facts.view == View::Wire
    }

    /// Tells that a request came; `stream` is the number of its stream on HTTP/2.
    pub(crate) fn asked(
        &self,
        at: Instant,
        exchange: u64,
        stream: Option<u32>,
        request: &Request,
        person: Option<&str>,
    ) {
        if request.what == What::Page {
            return;
        }
        if let Some(person) = person {
            self.shared.books().asked(person, self.conn, request.what);
            self.shared.hub().tell(person, || Note::Asked {
                person,
                conn: self.conn,
                exchange,
                stream,
                at: self.shared.millis(at),
                method: &request.method,
                target: &request.target,
                what: request.what,
                lane: self.lane,
                server: self.server,
            });
        }
        self.shared.books().counted(request.what, person);
    }

    /// Enters bytes into the books.
    pub(crate) fn enter(&self, exchange: &Exchange, span: &Span) {
        if exchange.what == What::Page {
            return;
        }
        let head = span.layer == Layer::HttpHead && span.direction == Direction::Up;
        let is_empty = head && span.purpose == Purpose::Empty;
        let person = exchange.person.as_deref();
        self.shared
            .books()
            .enter(exchange.what, person, *span, is_empty);
    }

    /// Tells what passed.
    pub(crate) fn passed(&self, exchange: &Exchange, draft: Draft) {
        let Some(person) = exchange.person.as_deref() else {
            return;
        };
        if exchange.what == What::Page {
            return;
        }
        self.shared.hub().tell(person, || Note::Passed {
            person,
            conn: self.conn,
            exchange: draft.exchange,
            frame: draft.frame,
            dir: draft.direction,
            at: self.shared.millis(draft.at),
            parts: draft.parts,
        });
    }

    /// Tells that an exchange is over, though its connection goes on. Of polls, nobody needs to be
    /// told.
    pub(crate) fn ended(&self, at: Instant, number: u64, exchange: &Exchange) {
        let stays = |way: Way| !matches!(way.carrier(), Carrier::Batch);
        let is_told = matches!(exchange.what, What::Read(way) if stays(way));
        if let Some(person) = exchange.person.as_deref().filter(|_| is_told) {
            self.shared.hub().tell(person, || Note::Ended {
                person,
                conn: self.conn,
                exchange: number,
                at: self.shared.millis(at),
            });
        }
    }

    /// Tells a person that the connection is closed.
    pub(crate) fn closed(&self, at: Instant, person: &str) {
        self.shared.hub().tell(person, || Note::Closed {
            person,
            conn: self.conn,
            at: self.shared.millis(at),
        });
    }
}
