//! The path of one connection's bytes from its socket to notes and books.

use std::{collections::VecDeque, mem, sync::Arc, time::Instant};

use dissect::{Content, Direction, Dissector, Layer, Purpose, Sealed, Span};
use server::Watch;
use wire::Way;

use crate::{
    head::Heads,
    inside::Inside,
    note::{Note, Part},
    options::View,
    route::{Request, What},
    shared::Shared,
    sides::Side,
};

/// A follower of one connection, which sees its bytes.
pub(crate) struct Follow {
    shared: Arc<Shared>,
    conn: u64,
    lane: Option<Way>,
    /// True if pages receive the bytes themselves, and not only their number.
    shows_bytes: bool,
    dissector: Dissector,
    /// The dissector of a connection under TLS, from its first record on.
    sealed: Option<Box<Sealed>>,
    /// The bytes that records added, in each direction, to content whose span comes next: a handshake stands
    /// with the first request, a ticket with the next answer.
    records: [Vec<Span>; 2],
    inside: Inside,
    heads: Heads,
    sides: [Side; 2],
    /// The spans that wait to be handled; kept for its allocation.
    spans: Vec<Span>,
    /// The exchanges from number `first` on.
    exchanges: VecDeque<Exchange>,
    first: u64,
    /// The exchange to which the last span of each direction belongs.
    current: [Option<u64>; 2],
    /// The number of frames so far in each direction; `None` while HTTP is spoken.
    frames: Option<[u64; 2]>,
}

/// A request and its answer.
struct Exchange {
    what: What,
    person: Option<Arc<str>>,
}

/// A note that is being put together from all parts that passed at once.
struct Draft {
    exchange: u64,
    frame: Option<u64>,
    direction: Direction,
    at: Instant,
    parts: Vec<Part>,
}

impl Follow {
    /// Follows a new connection; `lane` is the lane whose port it came to.
    pub(crate) fn new(shared: Arc<Shared>, lane: Option<Way>) -> Self {
        Self {
            conn: shared.next_connection(),
            shows_bytes: shared.facts.view == View::Wire,
            shared,
            lane,
            dissector: Dissector::new(),
            sealed: None,
            records: [Vec::new(), Vec::new()],
            inside: Inside::default(),
            heads: Heads::default(),
            sides: [Side::default(), Side::default()],
            spans: Vec::new(),
            exchanges: VecDeque::new(),
            first: 0,
            current: [None; 2],
            frames: None,
        }
    }

    /// Finds the requests among the bytes, and reports them at once.
    fn ask(&mut self, at: Instant, bytes: &[u8]) {
        let mut found = Vec::new();
        self.heads
            .push(bytes, |head| found.push(Request::parse(head)));
        for request in found {
            let before = self.exchanges.back().and_then(|last| last.person.clone());
            // A connection's requests without a token are those of the person
            // who asked before: browsers share connections only within a page's
            // own site, and a page's own requests all have one.
            let person = request.person.as_deref().map(Arc::from).or(before);
            let exchange = self.first + self.exchanges.len() as u64;
            if let Some(person) = person.as_deref().filter(|_| request.what != What::Page) {
                self.shared.books().asked(person, self.conn, request.what);
                self.shared.hub().tell(person, || Note::Asked {
                    person,
                    conn: self.conn,
                    exchange,
                    at: self.shared.millis(at),
                    method: &request.method,
                    target: &request.target,
                    what: request.what,
                    lane: self.lane,
                });
            }
            if request.what != What::Page {
                self.shared.books().counted(request.what, person.as_deref());
            }
            self.exchanges.push_back(Exchange {
                what: request.what,
                person,
            });
        }
    }

    /// Handles the spans that are complete.
    fn look(&mut self, now: Instant) {
        let spans = mem::take(&mut self.spans);
        let mut draft: Option<Draft> = None;
        for span in &spans {
            if span.layer == Layer::Tls {
                self.records[span.direction as usize].push(*span);
                continue;
            }
            let (at, kept) = self.sides[span.direction as usize].take(span.start, span.len);
            let exchange = self.place(span, &kept);
            let frame = self.frames.map(|frames| frames[span.direction as usize]);
            let mut parts = self.around(span.direction, exchange);
            self.enter(exchange, span);
            parts.push(self.part(span, &kept));
            let at = at.unwrap_or(now);
            match &mut draft {
                Some(open)
                    if open.exchange == exchange
                        && open.frame == frame
                        && open.direction == span.direction
                        && open.at == at =>
                {
                    open.parts.append(&mut parts);
                }
                _ => {
                    let next = Draft {
                        exchange,
                        frame,
                        direction: span.direction,
                        at,
                        parts,
                    };
                    if let Some(done) = draft.replace(next) {
                        self.tell(done);
                    }
                }
            }
        }
        if let Some(done) = draft {
            self.tell(done);
        }
        self.spans = spans;
        self.spans.clear();
        self.forget();
    }

    /// Returns a span as a page is shown it.
    fn part(&mut self, span: &Span, kept: &[u8]) -> Part {
        if !self.shows_bytes {
            return Part::new(span.purpose, span.layer, span.len, &[]);
        }
        let plain = self.inside.open(span, kept);
        Part::new(span.purpose, span.layer, span.len, kept).with(plain)
    }

    /// Enters what records added in this direction, and returns it: its bytes mean nothing to
    /// anybody, only their number.
    fn around(&mut self, direction: Direction, exchange: u64) -> Vec<Part> {
        let records = mem::take(&mut self.records[direction as usize]);
        let enter = |span: &Span| {
            self.enter(exchange, span);
            Part::new(span.purpose, span.layer, span.len, &[])
        };
        records.iter().map(enter).collect()
    }

    /// Enters the records at the end of a connection, which no content follows.
    fn settle(&mut self, at: Instant) {
        for direction in Direction::ALL {
            let exchange = self.current[direction as usize].unwrap_or(0);
            let parts = self.around(direction, exchange);
            if !parts.is_empty() {
                self.tell(Draft {
                    exchange,
                    frame: self.frames.map(|frames| frames[direction as usize]),
                    direction,
                    at,
                    parts,
                });
            }
        }
    }

    /// Takes the next bytes of the content of one direction.
    fn take(&mut self, direction: Direction, at: Instant, bytes: &[u8]) {
        if direction == Direction::Up && self.frames.is_none() {
            self.ask(at, bytes);
        }
        self.sides[direction as usize].pass(at, bytes);
    }

    /// Returns the dissector of a connection under TLS, with the spans that it fills.
    fn sealed(&mut self) -> (&mut Sealed, &mut Vec<Span>) {
        let sealed = self.sealed.get_or_insert_with(|| {
            let inner = mem::take(&mut self.dissector);
            Box::new(Sealed::new(inner, Direction::Down))
        });
        (sealed, &mut self.spans)
    }

    /// Returns the number of the exchange to which a span belongs.
    fn place(&mut self, span: &Span, shown: &[u8]) -> u64 {
        let current = &mut self.current[span.direction as usize];
        if let Some(frames) = &mut self.frames {
            if span.layer == Layer::WsHead {
                frames[span.direction as usize] += 1;
            }
            return current.unwrap_or(0);
        }
        let is_interim = shown.starts_with(b"HTTP/1.1 10") && !shown.starts_with(b"HTTP/1.1 101");
        if span.layer == Layer::HttpHead && !is_interim {
            // Requests are answered in their order (RFC 9112, section 9.3.2).
            *current = Some(current.map_or(0, |last| last + 1));
        }
        let exchange = current.unwrap_or(0);
        if span.direction == Direction::Down && shown.starts_with(b"HTTP/1.1 101") {
            self.frames = Some([0; 2]);
        }
        exchange
    }

    fn exchange(&self, number: u64) -> Option<&Exchange> {
        self.exchanges
            .get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    fn enter(&self, exchange: u64, span: &Span) {
        let Some(found) = self.exchange(exchange) else {
            return;
        };
        if found.what == What::Page {
            return;
        }
        let head = span.layer == Layer::HttpHead && span.direction == Direction::Up;
        let is_empty = head && span.purpose == Purpose::Empty;
        self.shared
            .books()
            .enter(found.what, found.person.as_deref(), *span, is_empty);
    }

    fn tell(&self, draft: Draft) {
        let Some(exchange) = self.exchange(draft.exchange) else {
            return;
        };
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

    /// Drops exchanges that both directions have passed.
    fn forget(&mut self) {
        let [Some(up), Some(down)] = self.current else {
            return;
        };
        while self.first < up.min(down) && self.exchanges.len() > 1 {
            self.exchanges.pop_front();
            self.first += 1;
        }
    }
}

impl Watch for Follow {
    fn passed(&mut self, direction: Direction, at: Instant, bytes: &[u8]) {
        self.take(direction, at, bytes);
        let spans = &mut self.spans;
        self.dissector
            .push(direction, bytes, &mut |span| spans.push(span));
        self.look(at);
    }

    fn crossed(&mut self, direction: Direction, at: Instant, wire: &[u8]) {
        let (sealed, spans) = self.sealed();
        sealed.cross(direction, wire, &mut |span| spans.push(span));
        self.look(at);
    }

    fn content(&mut self, direction: Direction, at: Instant, content: Content<'_>) {
        if let Content::Data(data) = content {
            self.take(direction, at, data);
        }
        let (sealed, spans) = self.sealed();
        sealed.content(direction, content, &mut |span| spans.push(span));
        self.look(at);
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let now = Instant::now();
        let spans = &mut self.spans;
        self.dissector.finish(&mut |span| spans.push(span));
        if let Some(sealed) = &mut self.sealed {
            sealed.finish(&mut |span| spans.push(span));
        }
        self.look(now);
        self.settle(now);
        let person = self.exchanges.back().and_then(|last| last.person.clone());
        if let Some(person) = person.as_deref() {
            self.shared.hub().tell(person, || Note::Closed {
                person,
                conn: self.conn,
                at: self.shared.millis(now),
            });
        }
    }
}
