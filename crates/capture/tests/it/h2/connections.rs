//! Connections of HTTP/2 as tests make them, frame by frame.

use crate::packets::{Segment, Talk};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    let head = [&length[..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head[..], payload].concat()
}

/// Writes header fields, each as it is.
pub(super) fn plain(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|field| literal(0, *field)).collect()
}

/// Writes header fields, each so that later blocks may refer to it.
fn kept(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields = fields.iter();
    fields.flat_map(|field| literal(0x40, *field)).collect()
}

fn literal(first: u8, (name, value): (&str, &str)) -> Vec<u8> {
    assert!(name.len() < 127 && value.len() < 127);
    let (name, value) = (name.as_bytes(), value.as_bytes());
    [
        &[first, name.len() as u8][..],
        name,
        &[value.len() as u8],
        value,
    ]
    .concat()
}

/// A connection of HTTP/2 that is being made.
pub(crate) struct Two(pub(crate) Talk);

impl Two {
    pub(crate) fn open(port: u16) -> Self {
        let mut two = Self(Talk::open(port));
        let settings = frame(4, 0, 0, &[]);
        two.0
            .up([&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &settings].concat());
        two.0.down(&settings);
        two.0.up(frame(4, 1, 0, &[]));
        two.0.down(frame(4, 1, 0, &[]));
        two
    }

    pub(crate) fn asks(&mut self, stream: u32, fields: &[(&str, &str)], flags: u8) {
        let fields = [&[(":scheme", "http"), (":authority", "chat")][..], fields].concat();
        self.0
            .up(frame(HEADERS, END_HEADERS | flags, stream, &plain(&fields)));
    }

    pub(crate) fn gets(&mut self, stream: u32, path: &str) {
        self.asks(
            stream,
            &[(":method", "GET"), (":path", path), ("cookie", "a=b")],
            END_STREAM,
        );
    }

    pub(crate) fn answers(&mut self, stream: u32, media: &str) {
        let fields = [(":status", "200"), ("content-type", media)];
        self.0
            .down(frame(HEADERS, END_HEADERS, stream, &plain(&fields)));
    }

    pub(crate) fn brings(&mut self, stream: u32, text: &str, is_last: bool) {
        self.0
            .down(frame(DATA, u8::from(is_last), stream, text.as_bytes()));
    }
}

pub(super) const EMPTY: &str = r#"{"events":[]}"#;
pub(super) const FULL: &str = r#"{"events":[{"text":"hello"}]}"#;

/// Returns a connection with a short poll, a stream and a WebSocket at the same time.
pub(crate) fn mixed() -> Vec<Segment> {
    let mut two = Two::open(40_001);
    two.gets(1, "/sse");
    two.answers(1, "text/event-stream");
    let socket = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":path", "/ws"),
    ];
    two.asks(3, &socket, 0);
    two.0.wait(1);
    two.0.down(frame(
        HEADERS,
        END_HEADERS,
        3,
        &plain(&[(":status", "200")]),
    ));
    for number in 0..6 {
        let poll = 5 + 2 * number;
        two.gets(poll, "/poll?after=7");
        two.0.wait(2);
        two.answers(poll, "application/json");
        two.brings(poll, if number == 3 { FULL } else { EMPTY }, true);
        two.0.wait(498);
        two.brings(1, "data: hello\n\n", false);
        two.0.up(frame(
            DATA,
            0,
            3,
            &[0x81, 0x82, 5, 5, 5, 5, b'h' ^ 5, b'i' ^ 5],
        ));
        two.0.down(frame(DATA, 0, 3, b"\x81\x02yo"));
        two.0.wait(500);
    }
    // Room for the connection and for a stream, a ping, and the end of everything.
    two.0.up(frame(8, 0, 0, &[0, 0, 1, 0]));
    two.0.up(frame(8, 0, 1, &[0, 0, 1, 0]));
    two.0.up(frame(6, 0, 0, &[0; 8]));
    two.0.down(frame(6, 1, 0, &[0; 8]));
    two.brings(1, "", true);
    two.0.up(frame(DATA, 1, 3, &[0x88, 0x80, 0, 0, 0, 0]));
    two.0.down(frame(DATA, 1, 3, &[0x88, 0]));
    two.0.down(frame(7, 0, 0, &[0; 8]));
    two.0.close()
}

/// Returns a connection that the capture joins late: a stream is open, and both tables of header
/// fields have something in them.
pub(crate) fn joined_late() -> Vec<Segment> {
    let mut two = Two(Talk::running(40_001));
    two.brings(1, "data: 1\n\n", false);
    two.0.wait(100);
    // Later requests refer to the path, which is known, and to a cookie, which is not.
    let request = [
        &b"\x82\x86"[..],
        &kept(&[(":path", "/known"), (":authority", "chat")]),
        // The third of the table: whatever was there before the capture began.
        &[0xc0],
    ]
    .concat();
    two.0.up(frame(HEADERS, 5, 7, &request));
    two.answers(7, "text/plain");
    two.brings(7, "hello", true);
    two.0.wait(100);
    two.0.up(frame(HEADERS, 5, 9, &[0x82, 0x86, 0xbf, 0xbe]));
    two.answers(9, "text/plain");
    two.brings(9, "hello", true);
    two.brings(1, "data: 2\n\n", false);
    two.0.close()
}
