//! A connection as a test writes it down, and what the dissector makes of it.

use dissect::{Direction, Dissector, Fault, Layer, Ledger, Purpose, Span};

/// The bytes of a connection in the order in which they pass a socket.
pub(crate) type Talk = Vec<(Direction, Vec<u8>)>;

/// The results of dissecting a connection to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dissected {
    pub(crate) spans: Vec<Span>,
    pub(crate) fault: Option<Fault>,
}

/// Dissects a connection, each piece as it stands. Checks what holds for any
/// bytes: spans in order, without gap or overlap, that add up.
pub(crate) fn dissect(pieces: &[(Direction, Vec<u8>)]) -> Dissected {
    dissect_with(Dissector::new(), pieces)
}

/// Dissects a connection like [`dissect`], with a given dissector.
pub(crate) fn dissect_with(mut dissector: Dissector, pieces: &[(Direction, Vec<u8>)]) -> Dissected {
    let mut spans = Vec::new();
    let (mut sent, mut given) = ([0_u64; 2], [0_u64; 2]);
    for (direction, bytes) in pieces {
        dissector.push(*direction, bytes, &mut |span: Span| {
            given[span.direction as usize] += span.len;
            spans.push(span);
        });
        sent[*direction as usize] += bytes.len() as u64;
        for direction in Direction::ALL {
            let at = direction as usize;
            assert_eq!(dissector.pushed(direction), sent[at]);
            assert_eq!(dissector.pending(direction), sent[at] - given[at]);
        }
    }
    dissector.finish(&mut |span| spans.push(span));
    for direction in Direction::ALL {
        let mut end = 0;
        for span in spans.iter().filter(|span| span.direction == direction) {
            assert_eq!(span.start, end, "a gap or an overlap before {span:?}");
            assert!(span.len > 0, "{span:?}");
            end += span.len;
        }
        assert_eq!(end, sent[direction as usize], "{direction:?}");
        assert_eq!(dissector.pending(direction), 0);
    }
    let fault = dissector.fault().copied();
    let unparsed = spans.iter().any(|span| span.layer == Layer::Unparsed);
    assert!(fault.is_some() || !unparsed);
    Dissected { spans, fault }
}

/// Returns the same connection, cut after each byte.
pub(crate) fn by_the_byte(pieces: &[(Direction, Vec<u8>)]) -> Talk {
    pieces
        .iter()
        .flat_map(|(direction, bytes)| bytes.iter().map(|&byte| (*direction, vec![byte])))
        .collect()
}

impl Dissected {
    /// Returns the spans of one direction as purpose, layer and length.
    pub(crate) fn of(&self, direction: Direction) -> Vec<(Purpose, Layer, u64)> {
        self.spans
            .iter()
            .filter(|span| span.direction == direction)
            .map(|span| (span.purpose, span.layer, span.len))
            .collect()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::new();
        for &span in &self.spans {
            ledger.add(span);
        }
        ledger
    }
}

/// Dissects a connection that breaks nothing, whole and by the byte.
pub(crate) fn sound(talk: &[(Direction, Vec<u8>)]) -> Dissected {
    let whole = dissect(talk);
    assert_eq!(whole.fault, None);
    assert_eq!(whole, dissect(&by_the_byte(talk)));
    whole
}

pub(crate) fn up(bytes: impl AsRef<[u8]>) -> (Direction, Vec<u8>) {
    (Direction::Up, bytes.as_ref().to_vec())
}

pub(crate) fn down(bytes: impl AsRef<[u8]>) -> (Direction, Vec<u8>) {
    (Direction::Down, bytes.as_ref().to_vec())
}

/// Makes a GET with no more than it needs.
pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// Makes a response with a length.
pub(crate) fn answer(status: u16, body: &str) -> String {
    let len = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Length: {len}\r\n\r\n{body}")
}

/// The head of a chunked response.
pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

pub(crate) fn chunk(content: &str) -> String {
    format!("{:x}\r\n{content}\r\n", content.len())
}

pub(crate) fn message(seq: u64, text: &str) -> String {
    format!(r#"{{"seq":{seq},"kind":"message","from":"ann","text":"{text}","at":1}}"#)
}

pub(crate) fn join(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"kind":"join","from":"ann","online":3,"at":1}}"#)
}

pub(crate) fn batch(events: &[String]) -> String {
    let events = events.join(",");
    format!(r#"{{"events":[{events}],"next":9,"missed":0}}"#)
}

/// The handshake in RFC 6455 section 1.2, with the line ends of HTTP.
pub(crate) const HANDSHAKE_UP: &str = "GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";
pub(crate) const HANDSHAKE_DOWN: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\n\r\n";

/// Makes a frame: `first` is its first byte, FIN and opcode.
pub(crate) fn frame(direction: Direction, first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = if direction == Direction::Up { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(mask | len as u8),
        len @ 126..=0xffff => {
            bytes.push(mask | 0x7e);
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            bytes.push(mask | 0x7f);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    if direction == Direction::Down {
        bytes.extend_from_slice(payload);
    } else {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        bytes.extend_from_slice(&key);
        bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    }
    bytes
}

/// Makes a WebSocket after its handshake.
pub(crate) fn upgraded() -> Talk {
    vec![up(HANDSHAKE_UP), down(HANDSHAKE_DOWN)]
}
