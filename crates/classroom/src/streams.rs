//! A connection of HTTP/2 as pages are shown it: each stream is an exchange.
//!
//! Frames of the connection itself, such as SETTINGS, stand with the request that was asked last.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use dissect::{Direction, HeaderField, Layer, Span};

use crate::{
    frames::{Frames, Said},
    inside::Inside,
    route::Request,
    teller::Exchange,
};

/// The first bytes of a client, up to where no request of HTTP/1.1 is like them (RFC 9113, section
/// 3.4).
const PREFACE_HEAD: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The bytes of a connection until they tell which version of HTTP it speaks. Those of the server may
/// come first.
#[derive(Debug, Default)]
pub(crate) struct Early(Vec<(Direction, Instant, Vec<u8>)>);

/// A connection of HTTP/2.
#[derive(Debug)]
pub(crate) struct Streams {
    ways: [Frames; 2],
    open: BTreeMap<u32, Stream>,
    /// The streams in `open` on which nothing more comes.
    over: Vec<u32>,
    /// The stream that was opened last, and its exchange.
    last: Option<(u32, Exchange)>,
}

/// A stream.
#[derive(Debug)]
struct Stream {
    exchange: Exchange,
    inside: Inside,
    /// The number of frames so far in each direction of a WebSocket (RFC 8441); `None` on others.
    frames: Option<[u64; 2]>,
    /// True for each direction in which nothing more comes.
    ended: [bool; 2],
}

/// A request that came.
#[derive(Debug)]
pub(crate) struct IncomingRequest {
    pub(crate) stream: u32,
    pub(crate) at: Instant,
    pub(crate) request: Request,
    pub(crate) person: Option<Arc<str>>,
}

/// The bytes of a span, and where they belong.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The number of the exchange; `None` if there is none yet.
    pub(crate) exchange: Option<u64>,
    /// The number of the WebSocket's frame in its direction, if it is one.
    pub(crate) frame: Option<u64>,
    /// The time when they passed, if it is known.
    pub(crate) at: Option<Instant>,
    /// The bytes, as far as they were kept.
    pub(crate) kept: Vec<u8>,
    /// The content of what is compressed and ends here.
    pub(crate) plain: Option<Vec<u8>>,
}

/// Returns the number of the exchange on a stream; a client's streams are odd.
pub(crate) fn number(stream: u32) -> u64 {
    u64::from(stream / 2)
}

impl Early {
    pub(crate) fn push(&mut self, direction: Direction, at: Instant, bytes: &[u8]) {
        self.0.push((direction, at, bytes.to_vec()));
    }

    /// Returns whether the connection speaks HTTP/2; `None` while both are possible.
    pub(crate) fn is_http2(&self) -> Option<bool> {
        let up = self.0.iter().filter(|(way, ..)| *way == Direction::Up);
        let up = up.flat_map(|(_, _, bytes)| bytes);
        let count = up.clone().take(PREFACE_HEAD.len()).count();
        let is_like = up.zip(PREFACE_HEAD).all(|(byte, wanted)| byte == wanted);
        (!is_like || count == PREFACE_HEAD.len()).then_some(is_like)
    }

    /// Returns the bytes, piece by piece.
    pub(crate) fn into_pieces(self) -> Vec<(Direction, Instant, Vec<u8>)> {
        self.0
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            ways: Direction::ALL.map(Frames::new),
            open: BTreeMap::new(),
            over: Vec::new(),
            last: None,
        }
    }
}

impl Streams {
    /// Takes the next bytes that passed, and returns the requests among them.
    pub(crate) fn pass(
        &mut self,
        direction: Direction,
        at: Instant,
        bytes: &[u8],
    ) -> Vec<IncomingRequest> {
        let mut asked = Vec::new();
        for said in self.ways[direction as usize].pass(at, bytes) {
            if direction == Direction::Up {
                asked.extend(self.ask(&said));
            }
            self.end(direction, &said);
        }
        asked
    }

    /// Opens the stream of a request, if this is the head of one.
    fn ask(&mut self, said: &Said) -> Option<IncomingRequest> {
        let is_new = self
            .last
            .as_ref()
            .is_none_or(|(last, _)| *last < said.stream);
        let request = request(&said.fields).filter(|_| is_new)?;
        let before = self.last.as_ref().and_then(|(_, last)| last.person.clone());
        let person = request.person.as_deref().map(Arc::from).or(before);
        let exchange = Exchange {
            what: request.what,
            person: person.clone(),
        };
        self.last = Some((said.stream, exchange.clone()));
        let stream = Stream {
            exchange,
            inside: Inside::default(),
            frames: (request.method == "CONNECT").then_some([0; 2]),
            ended: [false; 2],
        };
        self.open.insert(said.stream, stream);
        Some(IncomingRequest {
            stream: said.stream,
            at: said.at,
            request,
            person,
        })
    }

    /// Takes the end of a direction of a stream, or of both.
    fn end(&mut self, direction: Direction, said: &Said) {
        let Some(stream) = self.open.get_mut(&said.stream) else {
            return;
        };
        stream.ended[direction as usize] |= said.ends;
        if said.resets {
            stream.ended = [true; 2];
        }
        if stream.ended == [true; 2] && !self.over.contains(&said.stream) {
            self.over.push(said.stream);
        }
    }

    /// Takes a span, behind which come those of `rest`.
    pub(crate) fn see(&mut self, span: &Span, rest: &[Span]) -> Seen {
        let last = self.last.as_ref().map(|(last, _)| number(*last));
        let Some(taken) = self.ways[span.direction as usize].take(span) else {
            return Seen {
                exchange: last,
                ..Seen::default()
            };
        };
        let at = Some(taken.at);
        match self.open.get_mut(&taken.stream) {
            None => Seen {
                exchange: last,
                at,
                kept: taken.bytes,
                ..Seen::default()
            },
            Some(stream) => Seen {
                exchange: Some(number(taken.stream)),
                frame: stream.frame(span, rest),
                at,
                plain: stream.unpack(span, &taken.bytes, taken.head),
                kept: taken.bytes,
            },
        }
    }

    /// Returns an exchange that is not over, or the last one.
    pub(crate) fn exchange(&self, exchange: u64) -> Option<&Exchange> {
        let stream = u32::try_from(2 * exchange + 1).ok()?;
        match (self.open.get(&stream), &self.last) {
            (Some(open), _) => Some(&open.exchange),
            (None, Some((last, exchange))) if *last == stream => Some(exchange),
            _ => None,
        }
    }

    /// Returns the number of the exchange that was asked last, 0 before there is one.
    pub(crate) fn newest(&self) -> u64 {
        self.last.as_ref().map_or(0, |(last, _)| number(*last))
    }

    /// Returns everybody with an exchange that is not over, and who asked last.
    pub(crate) fn persons(&self) -> BTreeSet<Arc<str>> {
        let open = self.open.values().map(|stream| &stream.exchange);
        let all = open.chain(self.last.iter().map(|(_, last)| last));
        all.filter_map(|exchange| exchange.person.clone()).collect()
    }

    /// Drops the streams that are over and have all of their bytes in spans, and returns their
    /// exchanges with their numbers.
    pub(crate) fn forget(&mut self) -> Vec<(u64, Exchange)> {
        let mut gone = Vec::new();
        let Self {
            ways, open, over, ..
        } = self;
        over.retain(|&stream| {
            let waits = ways.iter().any(|way| way.waits_for(stream));
            if !waits && let Some(ended) = open.remove(&stream) {
                gone.push((number(stream), ended.exchange));
            }
            waits
        });
        gone
    }
}

impl Stream {
    /// Returns the number of the WebSocket's frame that a span belongs to. The head of a frame of
    /// HTTP/2 belongs to the WebSocket's frame that begins in it, or else to the one before.
    fn frame(&mut self, span: &Span, rest: &[Span]) -> Option<u64> {
        let count = &mut self.frames.as_mut()?[span.direction as usize];
        let begins = |span: &Span| span.layer == Layer::WsHead && !span.continues;
        let is_next = |next: &&Span| next.direction == span.direction && next.layer != Layer::Tls;
        let next = rest.iter().find(is_next);
        let is_before = span.layer == Layer::H2Frame && next.is_some_and(begins);
        *count += u64::from(begins(span));
        let number = *count + u64::from(is_before);
        (number > 0).then_some(number)
    }

    /// Returns what is in a span, if it is the end of something compressed.
    fn unpack(&mut self, span: &Span, bytes: &[u8], head: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match span.layer {
            Layer::HttpHead => {
                let head = head?;
                // The head says how the content is compressed.
                self.inside.open(span, &head);
                Some(head)
            }
            Layer::H2Frame | Layer::H2Control | Layer::Unparsed => None,
            // A WebSocket's frame in several frames of HTTP/2 is not put together here, and what
            // follows may need it.
            _ if span.continues && self.frames.is_some() => {
                self.inside = Inside::default();
                None
            }
            _ => self.inside.open(span, bytes),
        }
    }
}

/// Returns the request that a head says; `None` if it is none.
fn request(fields: &[HeaderField]) -> Option<Request> {
    let value_of = |wanted: &[u8]| {
        let (_, value) = fields.iter().find(|(name, _)| name == wanted)?;
        Some(String::from_utf8_lossy(value))
    };
    let line = format!(
        "{} {} HTTP/2\r\n",
        value_of(b":method")?,
        value_of(b":path")?
    );
    Some(Request::parse(line.as_bytes()))
}

#[cfg(test)]
mod tests;
