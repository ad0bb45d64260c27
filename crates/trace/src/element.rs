//! The grouping of bytes into elements that a person would name: a request, a response, a chunk or
//! a frame, each with its spans and its time.

use std::time::Duration;

use dissect::{Direction, Dissector, Layer, Ledger, Purpose, Span};
use wire::hixie_76::{ANSWER, END};

use crate::{Connection, Record, Traced, frame, old_frame};

/// An element that was sent.
#[derive(Debug, Clone)]
pub struct Element {
    /// The number of the connection.
    pub connection: usize,
    /// The direction in which the element was sent.
    pub direction: Direction,
    /// The time at which the last byte (down) or the first byte (up) passed the client's socket.
    pub at: Duration,
    /// The kind of the element.
    pub what: What,
    /// The bytes of the element.
    pub bytes: Vec<u8>,
    /// The spans of the element, in order; together they are its bytes.
    pub spans: Vec<Span>,
}

/// The kind of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A request or a response, with its body if that is not in chunks.
    Http,
    /// A chunk of a response.
    Chunk,
    /// A WebSocket frame.
    Frame,
    /// A frame of a WebSocket of 2010.
    OldFrame,
    /// Bytes that broke the protocol.
    Broken,
}

impl Element {
    /// Returns the purpose of the element. A delivery counts before presence, and presence before
    /// all others; otherwise the first span decides.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        let named = |wanted: Purpose| self.spans.iter().any(|span| span.purpose == wanted);
        // A batch may carry presence beside a message; the message counts.
        [Purpose::Deliver, Purpose::Presence]
            .into_iter()
            .find(|&purpose| named(purpose))
            .or_else(|| self.spans.first().map(|span| span.purpose))
            .unwrap_or(Purpose::Setup)
    }

    /// Returns the bytes of one of the element's spans.
    #[must_use]
    pub fn bytes_of(&self, span: &Span) -> &[u8] {
        let first = self.spans.first().map_or(0, |first| first.start);
        let start = (span.start - first) as usize;
        &self.bytes[start..start + span.len as usize]
    }

    /// Returns the number of payload bytes.
    #[must_use]
    pub fn payload(&self) -> u64 {
        let payload = self.spans.iter().filter(|one| one.layer == Layer::Payload);
        payload.map(|span| span.len).sum()
    }

    /// Returns a title of a few words.
    #[must_use]
    pub fn title(&self) -> String {
        match self.what {
            What::Http => {
                let line = self.bytes.split(|&byte| byte == b'\r').next();
                let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
                line.trim_end_matches(" HTTP/1.1")
                    .trim_start_matches("HTTP/1.1 ")
                    .to_owned()
            }
            What::Chunk if self.payload() == 0 => "chunk without an event".to_owned(),
            What::Chunk => "chunk".to_owned(),
            What::Frame => {
                let opcode = self.bytes.first().map_or(0, |byte| byte & 0xf);
                format!("{} frame", frame::opcode_name(opcode))
            }
            What::OldFrame => format!("{} frame", old_frame::name(&self.bytes)),
            What::Broken => "bytes that break the protocol".to_owned(),
        }
    }
}

/// Returns every element of a trace, in order of time.
#[must_use]
pub fn elements(record: &Record) -> Vec<Element> {
    let mut elements: Vec<Element> = record
        .connections
        .iter()
        .flat_map(|connection| of(connection, record.way))
        .collect();
    // Stable: what happened in one moment stays in the order of its connection.
    elements.sort_by_key(|element| element.at);
    elements
}

/// Returns all accounts of a trace.
#[must_use]
pub fn ledger(record: &Record) -> Ledger {
    let mut ledger = Ledger::new();
    for connection in &record.connections {
        for span in spans(connection) {
            ledger.add(span);
        }
    }
    ledger
}

fn spans(connection: &Connection) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut sink = |span| spans.push(span);
    let mut dissector = Dissector::new();
    for piece in &connection.pieces {
        dissector.push(piece.direction, &piece.bytes, &mut sink);
    }
    dissector.finish(&mut sink);
    spans
}

fn of(connection: &Connection, way: Traced) -> Vec<Element> {
    let spans = spans(connection);
    let mut elements = Vec::new();
    for direction in Direction::ALL {
        let bytes = connection.bytes(direction);
        let one_way = spans.iter().filter(|span| span.direction == direction);
        let mut found: Vec<Element> = Vec::new();
        for &span in one_way {
            let part = &bytes[span.start as usize..(span.start + span.len) as usize];
            match (begins(&span, part, way), found.last_mut()) {
                (None, Some(element)) => element.grow(span, part),
                (what, _) => found.push(Element {
                    connection: connection.number,
                    direction,
                    at: Duration::ZERO,
                    what: what.unwrap_or(What::Broken),
                    bytes: part.to_vec(),
                    spans: vec![span],
                }),
            }
        }
        for element in &mut found {
            element.at = connection.time_of(direction, element.deciding_byte());
        }
        elements.append(&mut found);
    }
    elements.sort_by_key(|element| element.at);
    elements
}

impl Element {
    fn grow(&mut self, span: Span, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.spans.push(span);
    }

    /// Returns the offset of the byte whose time is the element's: it leaves with its first and has
    /// arrived with its last.
    fn deciding_byte(&self) -> u64 {
        match (self.direction, self.spans.first(), self.spans.last()) {
            (Direction::Up, Some(first), _) => first.start,
            (Direction::Down, _, Some(last)) => last.start + last.len - 1,
            _ => 0,
        }
    }
}

/// Returns the kind of the element that begins with this span, if one does.
fn begins(span: &Span, bytes: &[u8], way: Traced) -> Option<What> {
    match span.layer {
        // What follows a head of hixie-76 belongs to it.
        Layer::HttpHead => is_head(bytes, way).then_some(What::Http),
        Layer::WsHead if way == Traced::Hixie76 => (bytes != [END]).then_some(What::OldFrame),
        Layer::WsHead => Some(What::Frame),
        // A chunk's end is two bytes; its beginning is at least three.
        Layer::Chunk if bytes.len() > 2 => Some(What::Chunk),
        Layer::Unparsed => Some(What::Broken),
        _ => None,
    }
}

/// Returns whether these bytes are a head, and not what follows one in hixie-76: no head is as
/// short.
pub(crate) fn is_head(bytes: &[u8], way: Traced) -> bool {
    way != Traced::Hixie76 || bytes.len() > ANSWER
}
