//! A peer that breaks the protocol: which byte, why, and nothing lost.

use dissect::{
    Direction::{self, *},
    Dissector, Layer, Purpose, Reason,
};

use crate::talk::*;

/// Dissects a connection that breaks something, whole and by the byte, and
/// checks that it is the element at this byte of the direction's stream, and
/// that all from there on is unparsed.
fn breaks(talk: &[(Direction, Vec<u8>)], direction: Direction, at: usize, reason: Reason) {
    let dissected = dissect(talk);
    let fault = dissected.fault.expect("a fault");
    assert_eq!(
        (fault.direction, fault.at, fault.reason),
        (direction, at as u64, reason)
    );
    assert_eq!(dissected, dissect(&by_the_byte(talk)));
    let first = dissected
        .spans
        .iter()
        .find(|span| span.direction == direction && span.layer == Layer::Unparsed)
        .expect("unparsed bytes");
    assert_eq!(first.start, at as u64);
}

#[test]
fn heads() {
    let request = get("/rooms/a/poll");
    breaks(&[up("hello\r\n\r\n")], Up, 0, Reason::RequestHead);
    breaks(&[up("\r\n\r\n")], Up, 0, Reason::RequestHead);
    breaks(
        &[up("CONNECT a:1 HTTP/1.1\r\n\r\n")],
        Up,
        0,
        Reason::Upgrade,
    );
    breaks(&[up("x".repeat(70_000))], Up, 0, Reason::LongHead);
    let answered = answer(200, "{}");
    breaks(&[down(&answered)], Down, 0, Reason::Unasked);
    let twice = answered.clone() + &answered;
    let talk = [up(&request), down(twice), up(&request)];
    breaks(&talk, Down, answered.len(), Reason::Unasked);
    let talk = [up(&request), down("HTTP/1.x 200 OK\r\n\r\n")];
    breaks(&talk, Down, 0, Reason::ResponseHead);
    let talk = [
        up(&request),
        down("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
    ];
    breaks(&talk, Down, 0, Reason::BodyLength);
    let talk = [up(&request), down("HTTP/1.1 200 OK\r\n\r\n[]")];
    breaks(&talk, Down, 0, Reason::NoLength);
    // The request was sound: it is accounted for, the next one is not.
    let dissected = dissect(&[up(&request), down("?\r\n\r\n"), up(&request)]);
    assert_eq!(dissected.of(Up)[0].1, Layer::HttpHead);
    assert_eq!(dissected.of(Up)[1].1, Layer::Unparsed);
    breaks(
        &[up(request.repeat(1025))],
        Up,
        request.len() * 1024,
        Reason::Unanswered,
    );
}

/// Checks that what came of an answer's head is in the account of heads, wherever it was cut, and that
/// what is no answer is not.
#[test]
fn a_cut_head_of_an_answer_is_in_its_account() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    for (request, purpose) in [
        (get("/rooms/a/poll"), Purpose::Empty),
        (get("/rooms/a/stream"), Purpose::Setup),
        (
            "POST /rooms/a/messages HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            Purpose::Ack,
        ),
    ] {
        let before = [
            up(get("/rooms/a/people")),
            down(answer(200, "{}")),
            up(&request),
        ];
        for len in 1..head.len() {
            let talk = [&before[..], &[down(&head[..len])]].concat();
            let dissected = dissect(&talk);
            assert_eq!(dissected, dissect(&by_the_byte(&talk)));
            let fault = dissected.fault.expect("a fault");
            assert_eq!((fault.direction, fault.reason), (Down, Reason::Truncated));
            let last = dissected.of(Down).pop();
            assert_eq!(last, Some((purpose, Layer::HttpHead, len as u64)));
            assert_eq!(dissected.ledger().unparsed(), 0);
        }
        let talk = [&before[..], &[down("SSH-2.0-x")]].concat();
        assert_eq!(dissect(&talk).ledger().unparsed(), 9);
    }
    assert_eq!(dissect(&[down("HTTP/1.1 200 O")]).ledger().unparsed(), 14);
}

#[test]
fn chunks() {
    for (body, at, reason) in [
        ("10000000000000000\r\n", 0, Reason::ChunkSize),
        ("5\r\nhello!", 8, Reason::ChunkEnd),
        ("5\r\nhello\r\nz", 10, Reason::ChunkSize),
        ("0\r\n\n", 0, Reason::Trailers),
    ] {
        let talk = [up(get("/rooms/a/stream")), down(CHUNKED), down(body)];
        breaks(&talk, Down, CHUNKED.len() + at, reason);
    }
    let endless = format!("5;{}", "x".repeat(5000));
    let talk = [up(get("/rooms/a/stream")), down(CHUNKED), down(endless)];
    breaks(&talk, Down, CHUNKED.len(), Reason::ChunkSize);
}

#[test]
fn upgrades() {
    let talk = [up(HANDSHAKE_UP), up(frame(Up, 0x81, b"{}"))];
    breaks(&talk, Up, HANDSHAKE_UP.len(), Reason::TooEarly);
    let talk = [up(get("/")), down(HANDSHAKE_DOWN)];
    breaks(&talk, Down, 0, Reason::Upgrade);
    let other = HANDSHAKE_DOWN.replace("websocket", "h2c");
    let talk = [up(HANDSHAKE_UP), down(other)];
    breaks(&talk, Down, 0, Reason::Upgrade);
}

#[test]
fn frames() {
    let whole = frame(Down, 0x81, join(8).as_bytes());
    for (bytes, direction, reason) in [
        (&[0xc1, 0x00][..], Down, Reason::ReservedBits),
        (&[0xa1, 0x00], Down, Reason::ReservedBits),
        (&[0x83, 0x00], Down, Reason::Opcode),
        (&[0x81, 0x85], Down, Reason::Masked),
        (&[0x81, 0x05], Up, Reason::Unmasked),
        (&[0x80, 0x00], Down, Reason::Fragment),
        (&[0x89, 0x7e, 0, 126], Down, Reason::ControlFrame),
        (&[0x81, 0x7e, 0, 5], Down, Reason::FrameLength),
    ] {
        let mut talk = upgraded();
        talk.push(down(&whole));
        talk.push((direction, bytes.to_vec()));
        talk.push(down(&whole[..1]));
        let at = match direction {
            Up => HANDSHAKE_UP.len(),
            Down => HANDSHAKE_DOWN.len() + whole.len(),
        };
        breaks(&talk, direction, at, reason);
    }
    let mut talk = upgraded();
    let bye = frame(Down, 0x88, b"");
    talk.extend([down(&bye), down(frame(Down, 0x8a, b"")), down(&whole)]);
    breaks(&talk, Down, HANDSHAKE_DOWN.len() + 4, Reason::AfterClose);
    let mut talk = upgraded();
    let part = frame(Up, 0x01, b"x");
    talk.extend([up(&part), up(&part)]);
    breaks(&talk, Up, HANDSHAKE_UP.len() + 7, Reason::Fragment);
}

#[test]
fn a_fault_says_where_and_why() {
    let dissected = dissect(&[up(get("/")), down("hello\r\n\r\n")]);
    assert_eq!(
        dissected.fault.unwrap().to_string(),
        "byte 0 down: not the head of an HTTP/1.1 response"
    );
}

#[test]
fn bytes_after_the_end_are_unparsed() {
    let mut dissector = Dissector::new();
    let mut spans = Vec::new();
    dissector.finish(&mut |span| spans.push(span));
    dissector.push(Up, b"GET", &mut |span| spans.push(span));
    dissector.finish(&mut |span| spans.push(span));
    assert_eq!(spans.len(), 1);
    assert_eq!((spans[0].layer, spans[0].len), (Layer::Unparsed, 3));
    assert_eq!(dissector.fault().unwrap().reason, Reason::AfterEnd);
}
