//! HTTP/1.1 in both directions: which response answers which request, and what
//! each exchange was for (RFC 9112 section 9.3).
//!
//! The two directions are read in `request` and `response`.

use std::collections::VecDeque;

use wire::{Framing, Protocol};

use crate::{
    Direction, Layer, Purpose, Span,
    body::Body,
    content::Content,
    envelope::{Envelope, Part},
    flow::Flow,
    head::HeadFinder,
    http::{RequestHead, Route},
    kind::Opening,
    span::Out,
};

/// A request that waits for its response.
#[derive(Clone, Copy)]
pub(crate) struct Exchange {
    pub(crate) route: Route,
    pub(crate) is_head: bool,
    pub(crate) upgrade: bool,
    /// True if the request asks for a WebSocket of hixie-76.
    pub(crate) old: bool,
    /// The purpose of the request, if its packets determined it.
    pub(crate) purpose: Option<Purpose>,
}

impl Exchange {
    /// Returns the purpose of the answer to packets that were sent.
    pub(crate) fn answered(self) -> Option<Purpose> {
        let sends = matches!(self.route, Route::Post(_));
        sends.then(|| self.purpose.unwrap_or(Purpose::Say).answered())
    }

    /// Stands for the request that a closing answer does not have.
    pub(crate) const NONE: Self = Self {
        route: Route::Closing,
        is_head: false,
        upgrade: false,
        old: false,
        purpose: None,
    };
}

/// A connection as long as it speaks HTTP.
pub(crate) struct Http {
    pub(crate) up: Side,
    pub(crate) down: Side,
    pub(crate) content: Content,
    pub(crate) opening: Opening,
    /// The reader of the packets of the request whose body is read.
    pub(crate) packets: Option<Box<Envelope>>,
    pub(crate) waiting: VecDeque<Exchange>,
    /// The number of the exchange at the front of `waiting`. Spans wait for its purpose under this
    /// number. It wraps around: only the exchanges that are waiting need to be distinguished.
    pub(crate) first: u32,
    /// The purpose of requests, if their paths do not determine it.
    pub(crate) foreign: Option<Reading>,
    /// True if all requests are for `foreign`, whatever their method.
    pub(crate) of_one_kind: bool,
    /// True if the last of the waiting requests asks for a WebSocket.
    pub(crate) asks_upgrade: bool,
    /// True until the first request.
    pub(crate) is_new: bool,
    /// The bytes that the server sent before the first request, if they are no HTTP/1.1: a server
    /// of HTTP/2 need not wait for the client's preface.
    pub(crate) early: Vec<u8>,
}

/// The state of one direction.
pub(crate) struct Side {
    pub(crate) head: HeadFinder,
    pub(crate) body: Option<Body>,
    pub(crate) flow: Flow,
}

impl Side {
    fn new(direction: Direction) -> Self {
        Self {
            head: HeadFinder::default(),
            body: None,
            flow: Flow::new(direction),
        }
    }
}

/// The purpose of a connection's requests, on a server whose paths do not determine it. A request
/// whose method brings content (POST, PUT) sends a draft; all others read, in the way that this
/// type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Polls that are answered with JSON around a list of messages.
    Batch,
    /// Polls that are answered with messages as they are.
    Answer,
    /// Streams of lines.
    Ndjson,
    /// Streams of server-sent events.
    Sse,
    /// WebSockets.
    Websocket,
    /// No reading: all requests send drafts.
    Say,
    /// No reading: all requests prepare a later reading.
    Setup,
    /// No reading: the session of a library is opened.
    Opening,
    /// Polls that are answered with the packets of a library.
    Fetch(Protocol),
    /// No reading: all requests send the packets of a library.
    Post(Protocol),
    /// Streams of a library's frames, as server-sent events or as lines.
    Frames(Protocol, Framing),
    /// WebSockets that speak the protocol of a library.
    Upgrade(Protocol),
}

impl Reading {
    const fn route(self) -> Route {
        match self {
            Self::Say => Route::Say,

            Self::Batch => Route::Poll,
            Self::Answer => Route::Answer,
            Self::Ndjson => Route::Ndjson,
            Self::Sse => Route::Sse,
            Self::Websocket | Self::Setup => Route::Other,
            Self::Opening => Route::Opening,
            Self::Fetch(protocol) => Route::Fetch(protocol),
            Self::Post(protocol) => Route::Post(protocol),
            Self::Frames(protocol, framing) => Route::Frames(protocol, framing),
            Self::Upgrade(protocol) => Route::Upgrade(protocol),
        }
    }
}

impl Http {
    /// Returns the route of a request.
    pub(crate) const fn route(&self, head: &RequestHead) -> Route {
        match self.foreign {
            None => head.route,
            Some(_) if head.brings && !self.of_one_kind => Route::Say,
            Some(reading) => reading.route(),
        }
    }

    pub(crate) fn new(foreign: Option<Reading>, of_one_kind: bool) -> Self {
        Self {
            foreign,
            of_one_kind,
            up: Side::new(Direction::Up),
            down: Side::new(Direction::Down),
            content: Content::Plain(Layer::Payload),
            opening: Opening::new(),
            packets: None,
            waiting: VecDeque::new(),
            first: 0,
            asks_upgrade: false,
            is_new: true,
            early: Vec::new(),
        }
    }

    /// Decides the purpose of the exchange at the front or, in a stream, of its current piece.
    pub(crate) fn decide<S: FnMut(Span)>(&mut self, purpose: Purpose, out: &mut Out<'_, S>) {
        if self.content.is_stream() && self.down.body.is_some() {
            self.down.flow.decide(0, purpose, out);
        } else {
            self.up.flow.decide(self.first, purpose, out);
            self.down.flow.decide(self.first, purpose, out);
        }
    }

    /// Reads the next packets of the request whose body is being read; without `bytes` the packets
    /// end.
    pub(crate) fn read_packets<S: FnMut(Span)>(
        &mut self,
        bytes: Option<&[u8]>,
        out: &mut Out<'_, S>,
    ) {
        let Some(packets) = &mut self.packets else {
            return;
        };
        let flow = &mut self.up.flow;
        let mut purpose = None;
        let mut put = |part| match part {
            Part::Purpose(found) => purpose = purpose.or(Some(found)),
            Part::Bytes(layer, len) => flow.content(layer, len, out),
        };
        // What a client sends shows its purpose without the first bytes of a message.
        let mut opening = Opening::new();
        match bytes {
            Some(bytes) => packets.read(bytes, &mut opening, &mut put),
            None => packets.end(&mut opening, &mut put),
        }
        if bytes.is_none() {
            self.packets = None;
        }
        let waiting = self.waiting.len() as u32;
        let number = self.first.wrapping_add(waiting).wrapping_sub(1);
        if let (Some(purpose), Some(exchange)) = (purpose, self.waiting.back_mut()) {
            exchange.purpose.get_or_insert(purpose);
            flow.decide(number, purpose, out);
        }
    }

    /// Ends the content, perhaps within a piece.
    pub(crate) fn end_content<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.content.end(&mut self.down.flow, out);
        if self.down.flow.is_waiting() {
            let purpose = self.content.so_far(&mut self.opening);
            self.decide(purpose, out);
        }
        self.down.flow.end_run(out);
    }

    /// Completes the response, and the exchange with it.
    pub(crate) fn end_response(&mut self) {
        self.down.body = None;
        self.content = Content::Plain(Layer::Payload);
        self.opening = Opening::new();
        // Nothing may follow a request to upgrade, so it is the last there is.
        if self.waiting.pop_front().is_some_and(|done| done.upgrade) {
            self.asks_upgrade = false;
        }
        self.first = self.first.wrapping_add(1);
        self.down.flow.begin(None, self.first);
    }

    /// Lets go all that is held back, each for what was seen of its exchange:
    /// the connection is over, or it can no longer be followed.
    pub(crate) fn flush<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.read_packets(None, out);
        self.up.flow.end_run(out);
        if self.down.body.is_some() {
            self.end_content(out);
        }
        // What comes next on a stream waits for its event, not for the exchange.
        let is_stream = self.content.is_stream() && self.down.body.is_some();
        for _ in 0..self.waiting.len() {
            // A poll without an answer brought nothing.
            self.up.flow.decide(self.first, Purpose::Empty, out);
            if !is_stream {
                self.down.flow.decide(self.first, Purpose::Empty, out);
            }
            self.first = self.first.wrapping_add(1);
        }
    }
}

/// Gives the end of a chunked body: one element, or three with trailer fields.
pub(crate) fn last_chunk<S: FnMut(Span)>(
    flow: &mut Flow,
    size_line: u32,
    trailers: u32,
    out: &mut Out<'_, S>,
) {
    let (size_line, trailers) = (size_line as usize, trailers as usize);
    if trailers == 0 {
        flow.element(Layer::Chunk, size_line + 2, out);
        return;
    }
    flow.element(Layer::Chunk, size_line, out);
    flow.element(Layer::HttpHead, trailers, out);
    flow.element(Layer::Chunk, 2, out);
}
