//! Tests of a connection of HTTP/2 as pages are shown it.

use dissect::Dissector;

use super::*;

// Kinds of frames and their flags (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// Makes the fields of a request without a table (RFC 7541, section 6.2.2), behind `first`.
fn asks(first: &[u8], path: &str) -> Vec<u8> {
    [first, &[0x87, 4, path.len() as u8], path.as_bytes()].concat()
}

/// A span that was seen: its exchange, its frame, its layer, and what is in it.
type Part = (Option<u64>, Option<u64>, Layer, Option<String>);

/// A connection, with all that was seen of it.
#[derive(Default)]
struct Talk {
    streams: Streams,
    dissector: Dissector,
    asked: Vec<IncomingRequest>,
    seen: Vec<Part>,
}

impl Talk {
    fn pass(&mut self, direction: Direction, bytes: &[u8]) {
        let asked = self.streams.pass(direction, Instant::now(), bytes);
        self.asked.extend(asked);
        let mut spans = Vec::new();
        self.dissector
            .push(direction, bytes, &mut |span| spans.push(span));
        assert_eq!(self.dissector.fault(), None);
        for (index, span) in spans.iter().enumerate() {
            let seen = self.streams.see(span, &spans[index + 1..]);
            assert_eq!(seen.kept.len() as u64, span.len, "{span:?}");
            let plain = seen.plain.map(|plain| String::from_utf8(plain).unwrap());
            self.seen
                .push((seen.exchange, seen.frame, span.layer, plain));
        }
    }

    /// Returns exchange and frame of each span of a layer.
    fn of(&self, layer: Layer) -> Vec<(Option<u64>, Option<u64>)> {
        let those = self.seen.iter().filter(|seen| seen.2 == layer);
        those.map(|seen| (seen.0, seen.1)).collect()
    }
}

fn begun() -> Talk {
    let mut talk = Talk::default();
    let begin = [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        &frame(SETTINGS, 0, 0, &[]),
    ];
    talk.pass(Direction::Up, &begin.concat());
    talk
}

#[test]
fn a_poll_that_waits_is_told_from_the_one_that_is_answered() {
    let mut talk = begun();
    assert_eq!(talk.of(Layer::H2Control), [(None, None); 2]);
    let end = END_STREAM | END_HEADERS;
    for (stream, path) in [
        (1, "/rooms/a/long-poll?after=0&person=ann"),
        (3, "/rooms/a/poll?after=0"),
    ] {
        talk.pass(
            Direction::Up,
            &frame(HEADERS, end, stream, &asks(&[0x82], path)),
        );
    }
    // One without a token is that of the person who asked before.
    let asked = |asked: &IncomingRequest| (asked.stream, asked.person.as_deref() == Some("ann"));
    let asked: Vec<_> = talk.asked.iter().map(asked).collect();
    assert_eq!(asked, [(1, true), (3, true)]);
    let empty = br#"{"events":[],"next":0,"missed":0}"#;
    talk.pass(Direction::Down, &frame(HEADERS, END_HEADERS, 3, &[0x88]));
    talk.pass(Direction::Down, &frame(DATA, END_STREAM, 3, empty));
    assert_eq!(talk.of(Layer::HttpHead), [(Some(1), None); 2]);
    assert_eq!(talk.of(Layer::Batch), [(Some(1), None)]);
    let heads: Vec<_> = talk
        .seen
        .iter()
        .filter_map(|seen| seen.3.as_deref())
        .collect();
    assert!(
        heads[0].contains(":path: /rooms/a/poll?after=0\r\n"),
        "{heads:?}"
    );
    assert_eq!(heads[1], ":status: 200\r\n");
    let gone: Vec<_> = talk
        .streams
        .forget()
        .into_iter()
        .map(|gone| gone.0)
        .collect();
    assert_eq!(gone, [1]);
    // The other one is taken back.
    talk.pass(Direction::Up, &frame(RESET, 0, 1, &[0, 0, 0, 8]));
    let gone: Vec<_> = talk
        .streams
        .forget()
        .into_iter()
        .map(|gone| gone.0)
        .collect();
    assert_eq!(gone, [0]);
}

#[test]
fn a_frame_of_a_websocket_has_the_head_of_its_frame_of_http2() {
    let mut talk = begun();
    let connect = b"\x02\x07CONNECT\x00\x09:protocol\x09websocket";
    let fields = asks(connect, "/rooms/a/ws?person=ann");
    talk.pass(Direction::Up, &frame(HEADERS, END_HEADERS, 1, &fields));
    talk.pass(Direction::Down, &frame(HEADERS, END_HEADERS, 1, &[0x88]));
    for text in ["one", "two"] {
        let said = [&[0x81, 0x83, 0, 0, 0, 0][..], text.as_bytes()].concat();
        talk.pass(Direction::Up, &frame(DATA, 0, 1, &said));
    }
    let both = [(Some(0), Some(1)), (Some(0), Some(2))];
    assert_eq!(talk.of(Layer::WsHead), both);
    assert_eq!(talk.of(Layer::WsMask), both);
    let heads = talk.of(Layer::H2Frame);
    assert_eq!(heads[..2], [(Some(0), None); 2]);
    assert_eq!(heads[2..], both);
}

#[test]
fn the_first_bytes_of_a_client_tell_the_version() {
    let now = Instant::now();
    let of = |pieces: &[&[u8]]| {
        let mut early = Early::default();
        // A server may speak first.
        early.push(Direction::Down, now, &frame(SETTINGS, 0, 0, &[]));
        for piece in pieces {
            early.push(Direction::Up, now, piece);
        }
        early.is_http2()
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[b"P"]), None);
    assert_eq!(of(&[b"P", b"OST /"]), Some(false));
    assert_eq!(of(&[b"PRI * HTTP/2.0\r\n\r"]), None);
    assert_eq!(of(&[b"PRI * HTTP/2.0\r\n\r", b"\nSM\r\n"]), Some(true));
}
