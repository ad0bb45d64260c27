//! HTTP/2: exchanges in frames, in any pieces and in any order.

mod cuts;
mod properties;
mod sockets;
mod streams;
mod told;

use dissect::{
    Direction::{self, *},
    Dissector, Fault,
    Layer::{self, *},
    Ledger,
    Purpose::{self, *},
    Reading, Reason, Span,
};

use crate::talk::{Talk, batch, by_the_byte, down, join, message, up};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// The kinds of frames (RFC 9113, section 6), and their flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH: u8 = 5;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;
const WHOLE: u8 = END_STREAM | END_HEADERS;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// Makes the fields of a GET, or of a POST, without a table (RFC 7541, section 6.2.2).
fn asks(method: u8, path: &str) -> Vec<u8> {
    [&[method, 0x86, 0x04, path.len() as u8][..], path.as_bytes()].concat()
}

const GET: u8 = 0x82;
const POST: u8 = 0x83;
/// The fields of a response of status 200.
const OK: &[u8] = &[0x88];

/// Returns the spans of a connection, each direction by its offsets.
fn dissect(talk: &Talk) -> (Vec<Span>, Option<Fault>) {
    dissect_with(Dissector::new(), talk)
}

fn dissect_with(mut dissector: Dissector, talk: &Talk) -> (Vec<Span>, Option<Fault>) {
    let (mut spans, mut sent) = (Vec::new(), [0_u64; 2]);
    for (direction, bytes) in talk {
        dissector.push(*direction, bytes, &mut |span| spans.push(span));
        sent[*direction as usize] += bytes.len() as u64;
    }
    dissector.finish(&mut |span| spans.push(span));
    spans.sort_by_key(|span| (span.direction, span.start));
    for direction in Direction::ALL {
        let mut end = 0;
        for span in spans.iter().filter(|span| span.direction == direction) {
            assert_eq!(span.start, end, "a gap or an overlap before {span:?}");
            end += span.len;
        }
        assert_eq!(end, sent[direction as usize], "{direction:?}");
    }
    (spans, dissector.fault().copied())
}

/// Returns what one direction comes to, by purpose and layer in the order of the bytes.
fn of(spans: &[Span], direction: Direction) -> Vec<(Purpose, Layer, u64)> {
    let spans = spans.iter().filter(|span| span.direction == direction);
    spans
        .map(|span| (span.purpose, span.layer, span.len))
        .collect()
}

/// Dissects a connection that breaks nothing, whole and by the byte.
fn sound(talk: &Talk) -> Vec<Span> {
    let (spans, fault) = dissect(talk);
    assert_eq!(fault, None);
    assert_eq!(dissect(&by_the_byte(talk)), (spans.clone(), None));
    spans
}

fn begun() -> Talk {
    vec![
        up(PREFACE),
        up(frame(SETTINGS, 0, 0, &[0; 6])),
        down(frame(SETTINGS, 0, 0, &[])),
        down(frame(SETTINGS, 1, 0, &[])),
    ]
}

#[test]
fn a_poll_that_waits_holds_back_nobody_else() {
    let poll = |path| asks(GET, path);
    let (held, quick) = (poll("/rooms/a/long-poll"), poll("/rooms/a/poll"));
    let (full, empty) = (batch(&[message(1, "x")]), batch(&[]));
    let mut talk = begun();
    talk.extend([
        up(frame(HEADERS, WHOLE, 1, &held)),
        up(frame(HEADERS, WHOLE, 3, &quick)),
        down(frame(HEADERS, END_HEADERS, 3, OK)),
        down(frame(DATA, END_STREAM, 3, empty.as_bytes())),
    ]);
    let mut dissector = Dissector::new();
    for (direction, bytes) in &talk {
        dissector.push(*direction, bytes, &mut |_| {});
    }
    assert_eq!(dissector.pending(Down), 0);
    assert_eq!(dissector.pending(Up), 9 + held.len() as u64);
    talk.push(down(frame(HEADERS, END_HEADERS, 1, OK)));
    talk.push(down(frame(DATA, END_STREAM, 1, full.as_bytes())));
    let spans = sound(&talk);
    let len = |bytes: &[u8]| bytes.len() as u64;
    assert_eq!(
        of(&spans, Up),
        [
            (Setup, H2Control, 24),
            (Setup, H2Control, 15),
            (Deliver, H2Frame, 9),
            (Deliver, HttpHead, len(&held)),
            (Empty, H2Frame, 9),
            (Empty, HttpHead, len(&quick)),
        ]
    );
    let payload = message(1, "x").len() as u64;
    assert_eq!(
        of(&spans, Down),
        [
            (Setup, H2Control, 9),
            (Setup, H2Control, 9),
            (Empty, H2Frame, 9),
            (Empty, HttpHead, 1),
            (Empty, H2Frame, 9),
            (Empty, Batch, empty.len() as u64),
            (Deliver, H2Frame, 9),
            (Deliver, HttpHead, 1),
            (Deliver, H2Frame, 9),
            (Deliver, Batch, 11),
            (Deliver, Payload, payload),
            (Deliver, Batch, full.len() as u64 - 11 - payload),
        ]
    );
}

#[test]
fn a_server_need_not_wait_for_the_preface() {
    let settings = down(frame(SETTINGS, 0, 0, &[0, 4, 10, 10, 13, 10]));
    let spans = sound(&vec![
        settings.clone(),
        up(PREFACE),
        up(frame(SETTINGS, 1, 0, &[])),
    ]);
    assert_eq!(of(&spans, Down), [(Setup, H2Control, 15)]);
    let get = up("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let (_, fault) = dissect(&vec![settings, get]);
    assert_eq!(fault.map(|fault| fault.reason), Some(Reason::Unasked));
}

#[test]
fn a_head_in_several_frames_and_a_reader_that_leaves() {
    let fields = asks(GET, "/rooms/a/sse");
    let mut talk = begun();
    talk.extend([
        up(frame(HEADERS, END_STREAM, 1, &fields[..3])),
        up(frame(CONTINUATION, 0, 1, &fields[3..9])),
        up(frame(CONTINUATION, END_HEADERS, 1, &fields[9..])),
        down(frame(HEADERS, END_HEADERS, 1, OK)),
        up(frame(RESET, 0, 1, &[0; 4])),
        // The server did not know yet.
        down(frame(DATA, 0, 1, b"data: x\n\n")),
    ]);
    let spans = sound(&talk);
    assert_eq!(
        of(&spans, Up)[2..],
        [
            (Setup, H2Frame, 9),
            (Setup, HttpHead, 3),
            (Setup, H2Frame, 9),
            (Setup, HttpHead, 6),
            (Setup, H2Frame, 9),
            (Setup, HttpHead, fields.len() as u64 - 9),
            (Close, H2Control, 13),
        ]
    );
    let late = [(Close, H2Frame, 9), (Close, Payload, 9)];
    assert_eq!(of(&spans, Down)[4..], late);
}

/// Checks that events are counted whose ends cannot be seen in what is compressed: each comes in a
/// frame of its own.
#[test]
fn each_frame_of_a_compressed_stream_counts() {
    let mut talk = begun();
    // 26 is `content-encoding` (RFC 7541, appendix A).
    let gzip = [OK, &[0x0f, 26 - 15, 4], b"gzip"].concat();
    talk.extend([
        up(frame(HEADERS, WHOLE, 1, &asks(GET, "/rooms/a/stream"))),
        down(frame(HEADERS, END_HEADERS, 1, &gzip)),
        down(frame(DATA, 0, 1, b"one")),
        down(frame(DATA, 0, 1, b"two")),
    ]);
    let mut ledger = Ledger::new();
    for span in sound(&talk) {
        ledger.add(span);
    }
    let payload = ledger.amount(Down, Deliver, Payload);
    assert_eq!((payload.bytes, payload.count), (6, 2));
}

#[test]
fn content_without_a_head_or_behind_the_end_is_a_fault() {
    let mut talk = begun();
    talk.push(up(frame(HEADERS, WHOLE, 1, &asks(GET, "/rooms/a/stream"))));
    for wrong in [up(frame(DATA, 0, 1, b"x")), down(frame(DATA, 0, 1, b"x"))] {
        let (_, fault) = dissect(&[&talk[..], &[wrong]].concat());
        assert_eq!(fault.map(|fault| fault.reason), Some(Reason::Frame));
    }
}

#[test]
fn a_connection_of_one_kind_says_what_its_requests_are_for() {
    let mut talk = begun();
    talk.extend([
        up(frame(HEADERS, END_HEADERS, 1, &asks(POST, "/anything"))),
        up(frame(DATA, END_STREAM, 1, b"hello")),
        down(frame(HEADERS, WHOLE, 1, OK)),
    ]);
    let (spans, fault) = dissect_with(Dissector::of_one_kind(Reading::Say), &talk);
    assert_eq!(fault, None);
    assert_eq!(of(&spans, Up)[4..], [(Say, H2Frame, 9), (Say, Payload, 5)]);
}

#[test]
fn what_breaks_the_protocol_is_a_fault() {
    let get = asks(GET, "/rooms/a/poll");
    let endless = [
        vec![frame(HEADERS, 0, 1, &get)],
        vec![frame(CONTINUATION, 0, 1, &[]); 10_000],
    ]
    .concat()
    .concat();
    for (bytes, reason) in [
        (frame(DATA, 0, 0, b"x"), Reason::Frame),
        (frame(SETTINGS, 0, 1, &[]), Reason::Frame),
        (frame(PUSH, 0, 1, &[]), Reason::Frame),
        (frame(CONTINUATION, 0, 1, &get), Reason::Frame),
        (frame(HEADERS, WHOLE | PADDED, 1, &[9, 0x82]), Reason::Frame),
        (
            [frame(HEADERS, 0, 1, &get), frame(PING, 0, 0, &[0; 8])].concat(),
            Reason::Frame,
        ),
        (frame(HEADERS, WHOLE, 1, &[0xff; 9]), Reason::HeaderBlock),
        (frame(HEADERS, WHOLE, 1, &[0x82]), Reason::RequestHead),
        (frame(HEADERS, WHOLE, 1, &vec![0; 70_000]), Reason::LongHead),
        (endless, Reason::LongHead),
        (frame(DATA, 0, 7, b"x"), Reason::Unasked),
    ] {
        let mut talk = begun();
        talk.push(up(&bytes));
        let (spans, fault) = dissect(&talk);
        assert_eq!(
            fault.map(|fault| fault.reason),
            Some(reason),
            "{:?}",
            &bytes[..2]
        );
        assert!(spans.iter().any(|span| span.layer == Unparsed));
    }
}
