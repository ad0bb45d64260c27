//! The path of one connection's bytes from its socket to notes and books.

use std::{collections::VecDeque, mem, sync::Arc, time::Instant};

use dissect::{Content, Direction, Dissector, Layer, Sealed, Span};
use server::Watch;
use wire::Way;

use crate::{
    head::Heads,
    inside::Inside,
    note::Part,
    route::Request,
    shared::Shared,
    sides::Side,
    streams::{self, Early, Seen, Streams},
    teller::{Draft, Exchange, Teller},
};

/// A follower of one connection, which sees its bytes.
pub(crate) struct Follow {
    teller: Teller,
    /// True if pages receive the bytes themselves, and not only their number.
    shows_bytes: bool,
    dissector: Dissector,
    /// The dissector of a connection under TLS, from its first record on.
    sealed: Option<Box<Sealed>>,
    /// The spans that stand with the content that comes next in their direction, with the bytes that
    /// are shown of them: what records add to content whose span comes next, so that a handshake
    /// stands with the first request, and a ticket with the next answer; and what a connection of
    /// HTTP/2 carries before its first request.
    before: [Vec<(Span, Vec<u8>)>; 2],
    /// The bytes that passed before it was known which version of HTTP is spoken.
    early: Option<Early>,
    /// The spans that wait to be handled; kept for its allocation.
    spans: Vec<Span>,
    /// The streams, if that is HTTP/2. All fields below are about HTTP/1.1.
    http2: Option<Box<Streams>>,
    inside: Inside,
    heads: Heads,
    sides: [Side; 2],
    /// The exchanges from number `first` on.
    exchanges: VecDeque<Exchange>,
    first: u64,
    /// The exchange to which the last span of each direction belongs.
    current: [Option<u64>; 2],
    /// The number of frames so far in each direction; `None` while HTTP is spoken.
    frames: Option<[u64; 2]>,
}

impl Follow {
    /// Follows a new connection; `lane` is the lane whose port it came to, and `server` the number of
    /// the server that has it, where there are several.
    pub(crate) fn new(shared: Arc<Shared>, lane: Option<Way>, server: Option<usize>) -> Self {
        let teller = Teller::new(shared, lane, server);
        Self {
            shows_bytes: teller.shows_bytes(),
            teller,
            dissector: Dissector::new(),
            sealed: None,
            before: [Vec::new(), Vec::new()],
            early: Some(Early::default()),
            spans: Vec::new(),
            http2: None,
            inside: Inside::default(),
            heads: Heads::default(),
            sides: [Side::default(), Side::default()],
            exchanges: VecDeque::new(),
            first: 0,
            current: [None; 2],
            frames: None,
        }
    }

    /// Finds the requests of HTTP/1.1 among the bytes, and reports them at once.
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
            self.teller
                .asked(at, exchange, None, &request, person.as_deref());
            self.exchanges.push_back(Exchange {
                what: request.what,
                person,
            });
        }
    }

    /// Handles the spans that are complete.
    fn handle_spans(&mut self, now: Instant) {
        let spans = mem::take(&mut self.spans);
        let mut draft: Option<Draft> = None;
        for (index, span) in spans.iter().enumerate() {
            if span.layer == Layer::Tls {
                // Its bytes mean nothing to anybody, only their number.
                self.before[span.direction as usize].push((*span, Vec::new()));
                continue;
            }
            let seen = match &mut self.http2 {
                Some(streams) => streams.see(span, &spans[index + 1..]),
                None => self.see(span),
            };
            let Some(exchange) = seen.exchange else {
                self.before[span.direction as usize].push((*span, seen.kept));
                continue;
            };
            let mut parts = self.around(span.direction, exchange);
            self.enter(exchange, span);
            let plain = seen.plain.filter(|_| self.shows_bytes);
            parts.push(self.part(span, &seen.kept).with(plain));
            let next = Draft {
                exchange,
                frame: seen.frame,
                direction: span.direction,
                at: seen.at.unwrap_or(now),
                parts,
            };
            self.join(&mut draft, next);
        }
        if let Some(done) = draft {
            self.tell(done);
        }
        self.spans = spans;
        self.spans.clear();
        self.forget(now);
    }

    /// Returns a span of HTTP/1.1 with what is known of it.
    fn see(&mut self, span: &Span) -> Seen {
        let (at, kept) = self.sides[span.direction as usize].take(span.start, span.len);
        let exchange = self.place(span, &kept);
        let plain = if self.shows_bytes {
            self.inside.open(span, &kept)
        } else {
            None
        };
        Seen {
            exchange: Some(exchange),
            frame: self.frames.map(|frames| frames[span.direction as usize]),
            at,
            kept,
            plain,
        }
    }

    /// Joins what passed to the note that is being put together, or begins another.
    fn join(&self, draft: &mut Option<Draft>, next: Draft) {
        match draft {
            Some(open) if open.goes_on_with(&next) => open.parts.extend(next.parts),
            _ => {
                if let Some(done) = draft.replace(next) {
                    self.tell(done);
                }
            }
        }
    }

    /// Returns a span as a page is shown it.
    fn part(&self, span: &Span, kept: &[u8]) -> Part {
        let kept = if self.shows_bytes { kept } else { &[] };
        Part::new(span.purpose, span.layer, span.len, kept)
    }

    /// Enters what stands before the content in this direction, and returns it.
    fn around(&mut self, direction: Direction, exchange: u64) -> Vec<Part> {
        let before = mem::take(&mut self.before[direction as usize]);
        let enter = |(span, kept): &(Span, Vec<u8>)| {
            self.enter(exchange, span);
            self.part(span, kept)
        };
        before.iter().map(enter).collect()
    }

    /// Enters the records at the end of a connection, which no content follows.
    fn settle(&mut self, at: Instant) {
        for direction in Direction::ALL {
            let exchange = match &self.http2 {
                Some(streams) => streams.newest(),
                None => self.current[direction as usize].unwrap_or(0),
            };
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
        let Some(early) = &mut self.early else {
            self.keep(direction, at, bytes);
            return;
        };
        early.push(direction, at, bytes);
        if let Some(is_http2) = early.is_http2() {
            self.http2 = is_http2.then(Box::default);
            let pieces = self.early.take().map(Early::into_pieces);
            for (direction, at, bytes) in pieces.unwrap_or_default() {
                self.keep(direction, at, &bytes);
            }
        }
    }

    /// Keeps bytes until their spans come, and reports the requests among them.
    fn keep(&mut self, direction: Direction, at: Instant, bytes: &[u8]) {
        if let Some(streams) = &mut self.http2 {
            for asked in streams.pass(direction, at, bytes) {
                let exchange = streams::number(asked.stream);
                let (stream, person) = (Some(asked.stream), asked.person.as_deref());
                self.teller
                    .asked(asked.at, exchange, stream, &asked.request, person);
            }
            return;
        }
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
        if let Some(streams) = &self.http2 {
            return streams.exchange(number);
        }
        self.exchanges
            .get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    fn enter(&self, exchange: u64, span: &Span) {
        if let Some(exchange) = self.exchange(exchange) {
            self.teller.enter(exchange, span);
        }
    }

    fn tell(&self, draft: Draft) {
        if let Some(exchange) = self.exchange(draft.exchange) {
            self.teller.passed(exchange, draft);
        }
    }

    /// Drops exchanges that both directions have passed.
    fn forget(&mut self, now: Instant) {
        if let Some(streams) = &mut self.http2 {
            for (number, exchange) in streams.forget() {
                self.teller.ended(now, number, &exchange);
            }
            return;
        }
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
        self.handle_spans(at);
    }

    fn crossed(&mut self, direction: Direction, at: Instant, wire: &[u8]) {
        let (sealed, spans) = self.sealed();
        sealed.cross(direction, wire, &mut |span| spans.push(span));
        self.handle_spans(at);
    }

    fn content(&mut self, direction: Direction, at: Instant, content: Content<'_>) {
        if let Content::Data(data) = content {
            self.take(direction, at, data);
        }
        let (sealed, spans) = self.sealed();
        sealed.content(direction, content, &mut |span| spans.push(span));
        self.handle_spans(at);
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
        self.handle_spans(now);
        self.settle(now);
        let last = self.exchanges.back().and_then(|last| last.person.clone());
        let persons = self.http2.as_deref().map(Streams::persons);
        for person in persons.into_iter().flatten().chain(last) {
            self.teller.closed(now, &person);
        }
    }
}
