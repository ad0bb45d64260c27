//! One stream of HTTP/2: an exchange whose heads and content came in frames.
//!
//! The purpose of the bytes of an exchange is found as for HTTP/1.1, by the same code, which gives
//! its spans in the order of the stream. The frames of other streams lie between them; so each
//! stream keeps the places of its bytes on the connection.

use std::collections::VecDeque;

use wire::Protocol;

use super::socket::{Sink, Socket};
use crate::{
    Direction, Layer, Purpose, Reason, Span,
    exchange::{Exchange, Http, Reading},
    http::{RequestHead, ResponseHead, Route},
    span::Out,
};

/// An element of a head: its layer and length.
pub(super) type Element = (Layer, usize);

/// A stream.
pub(super) struct Stream {
    http: Http,
    /// The WebSocket that the stream has become; none in most.
    socket: Option<Box<Socket>>,
    written: [u64; 2],
    places: Places,
    /// True for each direction in which nothing more comes.
    ended: [bool; 2],
}

/// The places of a stream's bytes on its connection.
struct Places {
    /// The bytes that are in no span yet: where they begin on the connection, and how many follow.
    waiting: [VecDeque<(u64, u64)>; 2],
    /// The layer of the last span in each direction, but for the heads of frames.
    last: [Layer; 2],
    /// True if the content of the response is compressed: each frame of it counts.
    is_encoded: bool,
}

impl Stream {
    pub(super) fn new(foreign: Option<Reading>, of_one_kind: bool) -> Self {
        Self {
            http: Http::new(foreign, of_one_kind),
            socket: None,
            written: [0; 2],
            places: Places {
                waiting: [VecDeque::new(), VecDeque::new()],
                last: [Layer::HttpHead; 2],
                is_encoded: false,
            },
            ended: [false; 2],
        }
    }

    /// Notes that the next `len` bytes of the stream begin at `at`.
    pub(super) fn lies(&mut self, direction: Direction, at: u64, len: usize) {
        let places = &mut self.places.waiting[direction as usize];
        match places.back_mut() {
            Some((start, before)) if *start + *before == at => *before += len as u64,
            _ if len == 0 => {}
            _ => places.push_back((at, len as u64)),
        }
    }

    /// Lets the exchange give spans, each of which goes out at its place.
    fn act<S: FnMut(Span), T>(
        &mut self,
        out: &mut Out<'_, S>,
        act: impl FnOnce(&mut Http, &mut Out<'_, Sink<'_>>) -> T,
    ) -> T {
        let places = &mut self.places;
        let mut place = |span: Span| places.put(span, out);
        let mut sink: Sink<'_> = &mut place;
        let mut own = Out {
            written: &mut self.written,
            sink: &mut sink,
        };
        act(&mut self.http, &mut own)
    }

    /// Lets the WebSocket give spans, each of which goes out at its place; `None` if the stream is
    /// no WebSocket.
    fn on_socket<S: FnMut(Span), T>(
        &mut self,
        out: &mut Out<'_, S>,
        act: impl FnOnce(&mut Socket, Sink<'_>) -> T,
    ) -> Option<T> {
        let Self { socket, places, .. } = self;
        let socket = socket.as_mut()?;
        Some(act(socket, &mut |span: Span| places.put(span, out)))
    }

    /// Returns whether the head of this direction has come: fields that follow are trailers.
    pub(super) const fn has_begun(&self, direction: Direction) -> bool {
        let body = match direction {
            Direction::Up => &self.http.up.body,
            Direction::Down => &self.http.down.body,
        };
        body.is_some() || self.socket.is_some()
    }

    /// Takes a request's head.
    pub(super) fn request<S: FnMut(Span)>(
        &mut self,
        head: &RequestHead,
        elements: &[Element],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        self.act(out, |http, out| {
            http.begin_request(head)?;
            for &(layer, len) in elements {
                http.up.flow.element(layer, len, out);
            }
            http.end_request_head(head, out);
            Ok(())
        })
    }

    /// Takes a response's head.
    pub(super) fn response<S: FnMut(Span)>(
        &mut self,
        status: u16,
        head: impl FnOnce(bool) -> ResponseHead,
        elements: &[Element],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let exchange = self.http.waiting.front().copied().ok_or(Reason::Unasked)?;
        if status == 101 {
            return Err(Reason::Upgrade);
        }
        let head = head(exchange.is_head);
        if exchange.upgrade && (200..300).contains(&status) {
            self.change(exchange, &head, elements, out);
            return Ok(());
        }
        self.places.is_encoded = head.encoded;
        self.act(out, |http, out| {
            let answered = http.begin_response(exchange.route, out);
            for &(layer, len) in elements {
                http.down.flow.element(layer, len, out);
            }
            http.end_response_head(&head, exchange.route, answered, out);
        });
        Ok(())
    }

    /// Takes the head by which the stream becomes a WebSocket.
    fn change<S: FnMut(Span)>(
        &mut self,
        exchange: Exchange,
        head: &ResponseHead,
        elements: &[Element],
        out: &mut Out<'_, S>,
    ) {
        self.act(out, |http, out| {
            http.down.flow.begin(Some(Purpose::Setup), http.first);
            for &(layer, len) in elements {
                http.down.flow.element(layer, len, out);
            }
            http.decide(Purpose::Setup, out);
        });
        let protocol = match exchange.route {
            Route::Upgrade(protocol) => protocol,
            _ => Protocol::Plain,
        };
        self.socket = Some(Box::new(Socket::new(head.deflate, protocol)));
    }

    /// Takes fields behind the content.
    pub(super) fn trailers<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        elements: &[Element],
        out: &mut Out<'_, S>,
    ) {
        if let Some(socket) = &mut self.socket {
            for &element in elements {
                socket.framing(direction, element);
            }
            return;
        }
        self.act(out, |http, out| {
            for &(layer, len) in elements {
                http.framing(direction, layer, len, out);
            }
        });
    }

    /// Takes the head of a frame of content, or its padding.
    pub(super) fn framing<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        len: usize,
        out: &mut Out<'_, S>,
    ) {
        if let Some(socket) = &mut self.socket {
            return socket.framing(direction, (Layer::H2Frame, len));
        }
        self.act(out, |http, out| {
            http.framing(direction, Layer::H2Frame, len, out);
        });
    }

    /// Takes content.
    pub(super) fn content<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let read = self.on_socket(out, |socket, sink| socket.read(direction, bytes, sink));
        if let Some(read) = read {
            return read;
        }
        if direction == Direction::Up && self.http.asks_upgrade && !bytes.is_empty() {
            return Err(Reason::TooEarly);
        }
        self.act(out, |http, out| match direction {
            Direction::Up => http.request_bytes(bytes, out),
            Direction::Down => http.response_bytes(bytes, out),
        });
        Ok(())
    }

    /// Takes the end of the content, before an empty last frame that only tells that end.
    pub(super) fn says_goodbye<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        out: &mut Out<'_, S>,
    ) {
        if direction == Direction::Down && self.socket.is_none() {
            self.act(out, |http, out| {
                http.begin_goodbye(out);
            });
        }
    }

    /// Ends this direction, in which nothing more comes.
    pub(super) fn end<S: FnMut(Span)>(&mut self, direction: Direction, out: &mut Out<'_, S>) {
        self.ended[direction as usize] = true;
        let socket = self.on_socket(out, |socket, sink| socket.end(direction, sink));
        if socket.is_some() {
            return;
        }
        self.act(out, |http, out| match direction {
            Direction::Up => http.end_request(out),
            Direction::Down if http.down.body.is_some() => {
                http.end_content(out);
                http.end_response();
            }
            Direction::Down => {}
        });
    }

    /// Returns the purpose of the frame that comes next in one direction. To be called after
    /// [`flush`](Self::flush).
    pub(super) fn next_purpose(&mut self, direction: Direction) -> Purpose {
        if self.socket.is_some() {
            return Purpose::Close;
        }
        if direction == Direction::Down && self.http.down.body.is_none() {
            return self.http.answer_purpose();
        }
        self.http.next_purpose(direction)
    }

    /// Returns whether nothing more comes at all.
    pub(super) const fn is_over(&self) -> bool {
        self.ended[0] && self.ended[1]
    }

    /// Lets go all that is held back, each for what was seen of the exchange.
    pub(super) fn flush<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        self.on_socket(out, |socket, sink| {
            for direction in Direction::ALL {
                socket.end(direction, sink);
            }
        });
        self.act(out, |http, out| {
            http.flush(out);
        });
    }

    /// Returns whether so much is held back that the exchange cannot be followed.
    pub(super) fn is_full(&self) -> bool {
        match &self.socket {
            Some(socket) => socket.is_full(),
            None => self.http.up.flow.is_full(),
        }
    }
}

impl Places {
    /// Gives a span of the stream, at the places of its bytes.
    fn put<S: FnMut(Span)>(&mut self, span: Span, out: &mut Out<'_, S>) {
        let places = &mut self.waiting[span.direction as usize];
        let last = &mut self.last[span.direction as usize];
        // Two spans of payload in a row are of one event or draft: between two of them there are
        // always bytes of another layer.
        let goes_on = (*last, span.layer) == (Layer::Payload, Layer::Payload)
            && !(self.is_encoded && span.direction == Direction::Down);
        let mut continues = span.continues || goes_on;
        if span.layer != Layer::H2Frame {
            *last = span.layer;
        }
        let mut len = span.len;
        while len > 0
            && let Some((start, more)) = places.front_mut()
        {
            let part = len.min(*more);
            out.give(Span {
                start: *start,
                len: part,
                continues,
                ..span
            });
            continues = true;
            *start += part;
            *more -= part;
            len -= part;
            if *more == 0 {
                places.pop_front();
            }
        }
    }
}
