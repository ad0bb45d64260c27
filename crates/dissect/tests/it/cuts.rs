//! A connection that ends at any byte: what came of an element is in the account that it would have
//! had in the whole.

use dissect::{
    Direction::{self, *},
    Fault,
    Layer::{self, *},
    Purpose::{self, *},
    Reason,
};

use crate::talk::*;

const POLL: &str = "/rooms/a/poll";
const POST: &str =
    "POST /rooms/a/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const LAST: &str = "0\r\n\r\n";

const OLD_UP: &str = "GET /rooms/a/ws HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 4 \r\n\r\n^n:ds[4U";
const OLD_DOWN: &str =
    "HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n8jKS'y:G*Co,Wxa-";

/// The layers whose bytes are what they are wherever a connection ends.
const FRAMING: [Layer; 4] = [HttpHead, Chunk, WsHead, WsMask];

fn in_chunks(pieces: &[&str]) -> String {
    let chunks: String = pieces.iter().map(|piece| chunk(piece)).collect();
    format!("{CHUNKED}{chunks}{LAST}")
}

/// Returns exchanges of each way to read over HTTP/1.1, a draft, and what needs no request.
fn exchanges() -> Vec<Talk> {
    let (line, joined) = (message(1, "x") + "\n", join(2) + "\n");
    let events = batch(&[join(8), message(9, "x")]);
    let (first, second) = events.split_at(40);
    let event = format!("id: 1\r\ndata: {line}\r\n");
    let script = format!("/**/f({events});\n");
    let element = format!("<script>e({})</script>\n\n", message(1, "x"));
    let trailers = format!("{CHUNKED}5;a=b\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n");
    vec![
        vec![
            up(get(POLL)),
            down(answer(200, &events)),
            down(answer(408, "{}")),
        ],
        vec![
            up(get("/rooms/a/long-poll?hold=1")),
            down(in_chunks(&[first, second])),
        ],
        vec![
            up(get("/rooms/a/stream")),
            down(in_chunks(&[&line, &line[..9], &line[9..], &joined, "\n"])),
        ],
        vec![
            up(get("/rooms/a/sse")),
            down(in_chunks(&["retry: 1\n\n", &event, ":\r\n\r\n"])),
        ],
        vec![
            up(get("/rooms/a/jsonp?callback=f")),
            down(in_chunks(&[&script[..20], &script[20..]])),
        ],
        vec![
            up(get("/rooms/a/iframe")),
            down(in_chunks(&["<!doctype html>\n", &element])),
        ],
        vec![
            up(POST),
            up(chunk("{\"from\":\"a\",") + &chunk("\"text\":\"b\"}") + "0\r\nA: b\r\n\r\n"),
            down("HTTP/1.1 100 Continue\r\n\r\n"),
            down(answer(201, "{\"seq\":1}")),
        ],
        vec![up(get("/").repeat(2)), down(trailers.repeat(2))],
    ]
}

/// Returns WebSockets with frames of each length, the last of which is not whole.
fn sockets() -> Vec<Talk> {
    let long = vec![b'x'; 70_000];
    let draft = format!("{{\"from\":\"ann\",\"text\":\"{}\"}}", "x".repeat(200));
    let mut frames = upgraded();
    frames.extend([
        down(frame(Down, 0x81, join(1).as_bytes())),
        down(frame(Down, 0x81, message(2, &"x".repeat(200)).as_bytes())),
        down(frame(Down, 0x89, b"ping")),
        up(frame(Up, 0x8a, b"ping")),
        up(frame(Up, 0x81, draft.as_bytes())),
        up(frame(Up, 0x01, b"ab")),
        up(frame(Up, 0x80, b"cd")),
        down(&frame(Down, 0x82, &long)[..12]),
        up(&frame(Up, 0x82, &long)[..16]),
    ]);
    let mut closed = upgraded();
    closed.push(down(frame(Down, 0x88, b"\x03\xe8")));
    closed.push(up(frame(Up, 0x88, b"\x03\xe8")));
    let old = vec![
        up(OLD_UP),
        down(OLD_DOWN),
        up(b"\x00{\"text\":\"x\"}\xff\x81\x03abc\xff\x00"),
        down(b"\x00{\"seq\":1,\"kind\":\"join\"}\xff\x80\x00\xff\x00"),
    ];
    vec![frames, closed, old]
}

/// Returns connections that speak the protocol of a library, with escapes in what they carry.
fn libraries() -> Vec<Talk> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let list = format!("a[\"{}\"]", quoted(&message(1, "\\u00e9")));
    let packet = format!("42[\"message\",{}]", message(1, "x"));
    let draft = "[\"{\\\"text\\\":\\\"x\\\"}\"]";
    let (first, second) = list.split_at(11);
    let event = format!("data: {list}\r\n\r\n");
    let script = format!("/**/_jp.a(\"{}\");\r\n", quoted(&list));
    let form = "d=%5B%22%7B%5C%22text%5C%22%3A%5C%22x%5C%22%7D%22%5D";
    let posts = |path: &str, body: &str| {
        let len = body.len();
        up(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\r\n{body}"
        ))
    };
    let handshake = |path: &str| up(HANDSHAKE_UP.replace("/chat", path));
    vec![
        vec![
            up(get("/sockjs/a/000/s/eventsource")),
            down(in_chunks(&[
                "\r\n",
                "data: o\r\n\r\n",
                &event[..20],
                &event[20..],
            ])),
        ],
        vec![
            up(get("/sockjs/a/000/s/jsonp?c=_jp.a")),
            down(answer(200, &script)),
            posts("/sockjs/a/000/s/jsonp_send", form),
            down(answer(200, "ok")),
        ],
        vec![
            posts("/sockjs/a/000/s/xhr_send", draft),
            down("HTTP/1.1 204 X\r\n\r\n"),
            posts("/sockjs/a/000/s/xhr", ""),
            down(answer(200, &(list.clone() + "\n"))),
        ],
        vec![
            posts("/socket.io/?EIO=4&transport=polling&sid=ab", &packet),
            down(answer(200, "ok")),
            up(get("/socket.io/?EIO=4&transport=polling&sid=ab")),
            down(in_chunks(&[&packet[..9], &packet[9..]])),
        ],
        vec![
            handshake("/sockjs/a/000/s/websocket"),
            down(HANDSHAKE_DOWN),
            down(frame(Down, 0x81, b"o")),
            down(frame(Down, 0x01, first.as_bytes())),
            down(frame(Down, 0x80, second.as_bytes())),
            up(frame(Up, 0x01, &draft.as_bytes()[..4])),
            up(frame(Up, 0x80, &draft.as_bytes()[4..])),
        ],
        vec![
            handshake("/socket.io/?EIO=4&transport=websocket"),
            down(HANDSHAKE_DOWN),
            down(frame(Down, 0x81, packet.as_bytes())),
            up(frame(Up, 0x81, packet.as_bytes())),
            down(frame(Down, 0x81, b"2")),
        ],
    ]
}

/// Returns the layer of each byte of one direction.
fn layers(dissected: &Dissected, direction: Direction) -> Vec<Layer> {
    let spans = dissected.of(direction).into_iter();
    spans
        .flat_map(|(_, layer, len)| std::iter::repeat_n(layer, len as usize))
        .collect()
}

fn is_cut(fault: Option<Fault>) -> bool {
    fault.is_none_or(|fault| fault.reason == Reason::Truncated)
}

/// Checks, by `dissect`, that the accounts add up to the bytes that crossed, and that each byte of
/// framing has its layer wherever the connection ends.
#[test]
fn framing_is_what_it_is_wherever_the_connection_ends() {
    for talk in [exchanges(), sockets()].concat() {
        let whole = dissect(&talk);
        assert_eq!((whole.fault, whole.ledger().unparsed()), (None, 0));
        let bytes = by_the_byte(&talk);
        for end in 0..bytes.len() {
            let cut = dissect(&bytes[..end]);
            assert!(is_cut(cut.fault), "{end}: {:?}", cut.fault);
            for direction in Direction::ALL {
                let found = layers(&cut, direction);
                let expected = layers(&whole, direction);
                for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let is_framing = FRAMING.contains(found) || FRAMING.contains(expected);
                    assert!(*found != Unparsed, "byte {at} of {end}, {direction:?}");
                    if is_framing {
                        assert_eq!(found, expected, "byte {at} of {end}, {direction:?}");
                    }
                }
            }
        }
    }
}

/// Checks that an escape that is cut, and those that are told behind the message, have an account.
#[test]
fn the_packets_of_a_library_may_be_cut_at_any_byte() {
    for talk in libraries() {
        assert_eq!(dissect(&talk).fault, None);
        let bytes = by_the_byte(&talk);
        for end in 0..bytes.len() {
            let cut = dissect(&bytes[..end]);
            assert!(is_cut(cut.fault), "{end}: {:?}", cut.fault);
            assert_eq!(cut.ledger().unparsed(), 0, "{end}: {:?}", cut.spans);
        }
    }
}

/// Dissects a connection that ends within an element, whole and by the byte, and returns the
/// accounts of one direction from the span of this number on.
fn ends(
    talk: &[(Direction, Vec<u8>)],
    direction: Direction,
    from: usize,
) -> Vec<(Purpose, Layer, u64)> {
    let dissected = dissect(talk);
    assert_eq!(dissected, dissect(&by_the_byte(talk)));
    let fault = dissected.fault.expect("a fault");
    assert_eq!(
        (fault.direction, fault.reason),
        (direction, Reason::Truncated)
    );
    dissected.of(direction).split_off(from)
}

#[test]
fn a_cut_head_of_a_frame_is_for_what_its_frame_is_for() {
    for (direction, first, payload, len, purpose) in [
        (Down, 0x81, 5, 2, Deliver),
        (Down, 0x81, 300, 4, Deliver),
        (Down, 0x82, 70_000, 10, Deliver),
        (Down, 0x8a, 1, 2, Heartbeat),
        (Down, 0x88, 2, 2, Close),
        (Up, 0x81, 5, 2, Say),
        (Up, 0x02, 300, 4, Say),
        (Up, 0x81, 70_000, 10, Say),
        (Up, 0x89, 1, 2, Heartbeat),
        (Up, 0x88, 2, 2, Close),
    ] {
        let whole = frame(direction, first, &vec![b'x'; payload]);
        let mask = if direction == Up { 4 } else { 0 };
        for came in 1..len + mask {
            let mut talk = upgraded();
            talk.push((direction, whole[..came].to_vec()));
            let mut expected = vec![(purpose, WsHead, came.min(len) as u64)];
            if came > len {
                expected.push((purpose, WsMask, (came - len) as u64));
            }
            assert_eq!(ends(&talk, direction, 1), expected, "{first:x}, {came}");
        }
    }
    // Within a message whose first fragment told what it is.
    let mut talk = upgraded();
    talk.push(down(frame(Down, 0x01, join(8).as_bytes())));
    talk.push(down(b"\x80"));
    assert_eq!(ends(&talk, Down, 3), [(Presence, WsHead, 1)]);
}

/// Checks that bytes with which no frame begins there have no account.
#[test]
fn what_begins_no_frame_is_unparsed() {
    for first in [0x80_u8, 0xc1, 0x83, 0x08] {
        let mut talk = upgraded();
        talk.push(down([first]));
        assert_eq!(ends(&talk, Down, 1), [(Setup, Unparsed, 1)], "{first:x}");
    }
    let mut talk = upgraded();
    talk.extend([down(frame(Down, 0x88, b"")), down(b"\x81")]);
    assert_eq!(ends(&talk, Down, 2), [(Setup, Unparsed, 1)]);
}

#[test]
fn a_cut_head_of_a_frame_of_2010_is_in_its_account() {
    let opened = [up(OLD_UP), down(OLD_DOWN)];
    for (bytes, purpose) in [
        (&b"\x80\x81\x80"[..], Heartbeat),
        (b"\xff", Close),
        (b"\xff\x81", Heartbeat),
    ] {
        let talk = [&opened[..], &[up(bytes)]].concat();
        let expected = [(purpose, WsHead, bytes.len() as u64)];
        assert_eq!(ends(&talk, Up, 2), expected, "{bytes:x?}");
    }
}

#[test]
fn a_cut_element_of_chunked_coding_is_for_what_it_is_within() {
    let line = message(1, "x") + "\n";
    let sized = chunk(&line);
    let payload = line.len() as u64 - 1;
    let size_line = (sized.len() - line.len() - 2) as u64;
    let without_its_end = &sized[..sized.len() - 1];
    for (path, body, from, expected) in [
        // A size line between two events, and one within an event.
        ("stream", "5", 1, vec![(Heartbeat, Chunk, 1)]),
        ("stream", "5\r\nhello\r\n5;a", 4, vec![(Deliver, Chunk, 3)]),
        (
            "stream",
            without_its_end,
            1,
            vec![
                (Deliver, Chunk, size_line),
                (Deliver, Payload, payload),
                (Deliver, TextFrame, 1),
                (Deliver, Chunk, 1),
            ],
        ),
        ("stream", "0\r", 1, vec![(Heartbeat, Chunk, 2)]),
        ("stream", "0\r\n\r", 1, vec![(Close, Chunk, 4)]),
        (
            "stream",
            "0\r\nA: b",
            1,
            vec![(Close, Chunk, 3), (Close, HttpHead, 4)],
        ),
        (
            "stream",
            "0\r\nA: b\r\n\r",
            1,
            vec![(Close, Chunk, 3), (Close, HttpHead, 6), (Close, Chunk, 1)],
        ),
        ("poll", "5", 1, vec![(Empty, Chunk, 1)]),
        ("poll", "0\r\n", 1, vec![(Empty, Chunk, 3)]),
    ] {
        let path = format!("/rooms/a/{path}");
        let talk = [up(get(&path)), down(CHUNKED), down(body)];
        assert_eq!(ends(&talk, Down, from), expected, "{path}: {body:?}");
    }
    let talk = [up(POST), up("5\r\nhello\r\n0\r\nA")];
    let expected = [(Say, Chunk, 2), (Say, Chunk, 3), (Say, HttpHead, 1)];
    assert_eq!(ends(&talk, Up, 3), expected);
}

#[test]
fn a_cut_head_of_a_request_is_for_what_its_path_says() {
    for (head, purpose, layer) in [
        ("P", Setup, HttpHead),
        ("GET /rooms/a/po", Setup, HttpHead),
        ("GET /rooms/a/poll HTTP/1.1\r\nHo", Empty, HttpHead),
        ("GET /rooms/a/people HT", Purpose::Presence, HttpHead),
        ("POST /rooms/a/messages H", Say, HttpHead),
        ("PRI * HTTP/2.0\r\n", Setup, H2Control),
        ("PRIVATE", Setup, Unparsed),
        ("hello", Setup, Unparsed),
        ("GET / XX", Setup, Unparsed),
    ] {
        let expected = [(purpose, layer, head.len() as u64)];
        assert_eq!(ends(&[up(head)], Up, 0), expected, "{head}");
    }
    // No preface comes behind a request.
    let talk = [up(get("/")), down(answer(200, "x")), up("PRI * H")];
    assert_eq!(ends(&talk, Up, 1), [(Setup, Unparsed, 7)]);
}

#[test]
fn a_cut_farewell_is_for_the_closing() {
    assert_eq!(
        ends(&[down("HTTP/1.1 408 R")], Down, 0),
        [(Close, HttpHead, 14)]
    );
}
