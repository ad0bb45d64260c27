//! WebSockets over streams (RFC 8441).

use super::*;
use crate::talk::frame as ws;

const TEXT: u8 = 0x81;
const DRAFT: &[u8] = br#"{"from":"ann","text":"x"}"#;

/// Makes the fields of an extended CONNECT (RFC 8441, section 4): 2 is `:method` and 4 `:path` (RFC
/// 7541, appendix A).
pub(super) fn connects(protocol: &str, path: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    [
        &[0x02][..],
        &text("CONNECT"),
        &[0x00],
        &text(":protocol"),
        &text(protocol),
        &[0x86, 0x04],
        &text(path),
    ]
    .concat()
}

fn opened(path: &str, answer: &[u8]) -> Talk {
    let mut talk = begun();
    let fields = connects("websocket", path);
    talk.extend([
        up(frame(HEADERS, END_HEADERS, 1, &fields)),
        down(frame(HEADERS, END_HEADERS, 1, answer)),
    ]);
    talk
}

fn ledger(spans: &[Span]) -> Ledger {
    let mut ledger = Ledger::new();
    for span in spans {
        ledger.add(*span);
    }
    ledger
}

#[test]
fn each_frame_is_for_what_it_carries() {
    let event = message(1, "x");
    let fields = connects("websocket", "/rooms/a/ws");
    let mut talk = opened("/rooms/a/ws", OK);
    let data = |bytes: Vec<u8>| frame(DATA, 0, 1, &bytes);
    talk.extend([
        down(data(ws(Down, TEXT, event.as_bytes()))),
        up(data(ws(Up, TEXT, DRAFT))),
        down(data(ws(Down, 0x89, b""))),
        up(data(ws(Up, 0x8a, b""))),
        up(data(ws(Up, 0x88, b"\x03\xe8"))),
        down(data(ws(Down, 0x88, b"\x03\xe8"))),
        down(frame(DATA, END_STREAM, 1, &[])),
        up(frame(DATA, END_STREAM, 1, &[])),
    ]);
    let spans = sound(&talk);
    assert_eq!(
        of(&spans, Up)[2..],
        [
            (Setup, H2Frame, 9),
            (Setup, HttpHead, fields.len() as u64),
            (Say, H2Frame, 9),
            (Say, WsHead, 2),
            (Say, WsMask, 4),
            (Say, Payload, DRAFT.len() as u64),
            (Heartbeat, H2Frame, 9),
            (Heartbeat, WsHead, 2),
            (Heartbeat, WsMask, 4),
            (Close, H2Frame, 9),
            (Close, WsHead, 2),
            (Close, WsMask, 4),
            (Close, Payload, 2),
            (Close, H2Frame, 9),
        ]
    );
    assert_eq!(
        of(&spans, Down)[2..],
        [
            (Setup, H2Frame, 9),
            (Setup, HttpHead, 1),
            (Deliver, H2Frame, 9),
            (Deliver, WsHead, 2),
            (Deliver, Payload, event.len() as u64),
            (Heartbeat, H2Frame, 9),
            (Heartbeat, WsHead, 2),
            (Close, H2Frame, 9),
            (Close, WsHead, 2),
            (Close, Payload, 2),
            (Close, H2Frame, 9),
        ]
    );
}

#[test]
fn frames_need_not_fit_into_frames() {
    let (first, second) = (message(1, "x"), join(2));
    let both = [first.as_bytes(), second.as_bytes()].map(|text| ws(Down, TEXT, text));
    let all = both.concat();
    let mut talk = opened("/rooms/a/ws", OK);
    // Within the first frame's payload, with padding; and within the second one's head.
    let (one, rest) = all.split_at(30);
    let (two, three) = rest.split_at(both[0].len() + 1 - 30);
    let padded = [&[3], one, &[0; 3]].concat();
    talk.extend([
        down(frame(DATA, PADDED, 1, &padded)),
        down(frame(PING, 0, 0, &[0; 8])),
        down(frame(DATA, 0, 1, two)),
        down(frame(DATA, 0, 1, three)),
    ]);
    let spans = sound(&talk);
    let (first, second) = (first.len() as u64, second.len() as u64);
    assert_eq!(
        of(&spans, Down)[4..],
        [
            (Deliver, H2Frame, 10),
            (Deliver, WsHead, 2),
            (Deliver, Payload, 28),
            (Deliver, H2Frame, 3),
            (Heartbeat, H2Control, 17),
            (Deliver, H2Frame, 9),
            (Deliver, Payload, first - 28),
            (Purpose::Presence, WsHead, 1),
            (Purpose::Presence, H2Frame, 9),
            (Purpose::Presence, WsHead, 1),
            (Purpose::Presence, Payload, second),
        ]
    );
    // What was cut is one element all the same.
    let ledger = ledger(&spans);
    for (purpose, bytes) in [(Deliver, first), (Purpose::Presence, second)] {
        let payload = ledger.amount(Down, purpose, Payload);
        assert_eq!((payload.bytes, payload.count), (bytes, 1));
        let head = ledger.amount(Down, purpose, WsHead);
        assert_eq!((head.bytes, head.count), (2, 1));
    }
}

#[test]
fn compressed_frames_and_the_packets_of_a_library() {
    let name = "sec-websocket-extensions";
    let value = "permessage-deflate; server_no_context_takeover";
    let deflate = [
        OK,
        &[0x00, name.len() as u8],
        name.as_bytes(),
        &[value.len() as u8],
        value.as_bytes(),
    ]
    .concat();
    let mut talk = opened("/rooms/a/ws", &deflate);
    // RFC 7692 section 7.2.3.1: "Hello".
    let hello = ws(Down, 0xc1, b"\xf2\x48\xcd\xc9\xc9\x07\x00");
    talk.push(down(frame(DATA, 0, 1, &hello)));
    assert_eq!(of(&sound(&talk), Down)[6..], [(Deliver, Payload, 7)]);
    let mut talk = opened("/socket.io/?EIO=4&transport=websocket", OK);
    let ping = ws(Down, TEXT, b"2");
    talk.push(down(frame(DATA, 0, 1, &ping)));
    let spans = sound(&talk);
    assert_eq!(
        of(&spans, Down)[4..],
        [
            (Heartbeat, H2Frame, 9),
            (Heartbeat, WsHead, 2),
            (Heartbeat, Envelope, 1),
        ]
    );
}

#[test]
fn a_web_socket_that_is_cut_off() {
    let mut talk = opened("/rooms/a/ws", OK);
    let event = ws(Down, TEXT, join(8).as_bytes());
    talk.extend([
        down(frame(DATA, 0, 1, &event[..20])),
        // Half a head, of a draft.
        up(frame(DATA, 0, 1, &[TEXT])),
        up(frame(RESET, 0, 1, &[0; 4])),
        down(frame(DATA, 0, 1, &event[20..])),
    ]);
    let spans = sound(&talk);
    assert_eq!(
        of(&spans, Up)[4..],
        [(Say, H2Frame, 9), (Say, WsHead, 1), (Close, H2Control, 13),]
    );
    let late = event.len() as u64 - 20;
    assert_eq!(
        of(&spans, Down)[4..],
        [
            // Too little of it came to say that it is a join.
            (Deliver, H2Frame, 9),
            (Deliver, WsHead, 2),
            (Deliver, Payload, 18),
            (Close, H2Frame, 9),
            (Close, Payload, late),
        ]
    );
}

#[test]
fn a_refused_web_socket_keeps_nothing_from_going_on() {
    let mut talk = begun();
    let fields = connects("websocket", "/rooms/a/nothing");
    // 404 (RFC 7541, appendix A).
    talk.extend([
        up(frame(HEADERS, END_HEADERS, 1, &fields)),
        down(frame(HEADERS, END_HEADERS, 1, &[0x8d])),
        down(frame(DATA, END_STREAM, 1, b"{}")),
        up(frame(DATA, END_STREAM, 1, &[])),
        up(frame(HEADERS, WHOLE, 3, &asks(GET, "/rooms/a/poll"))),
        down(frame(HEADERS, END_HEADERS, 3, OK)),
        down(frame(DATA, END_STREAM, 3, batch(&[]).as_bytes())),
    ]);
    let ledger = ledger(&sound(&talk));
    assert_eq!(ledger.amount(Up, Empty, HttpHead).count, 1);
    assert_eq!(ledger.layer(Down, WsHead), 0);
}

#[test]
fn what_breaks_a_web_socket_is_a_fault() {
    let asked = |protocol: &str| {
        let fields = connects(protocol, "/rooms/a/ws");
        up(frame(HEADERS, END_HEADERS, 1, &fields))
    };
    let answered = down(frame(HEADERS, END_HEADERS, 1, OK));
    let unmasked = ws(Down, TEXT, DRAFT);
    let second = frame(HEADERS, WHOLE, 3, &asks(GET, "/rooms/a/poll"));
    for (mut broken, reason) in [
        (vec![asked("connect-udp")], Reason::Upgrade),
        (
            vec![asked("websocket"), up(frame(DATA, 0, 1, b"x"))],
            Reason::TooEarly,
        ),
        (
            vec![
                asked("websocket"),
                answered.clone(),
                up(frame(DATA, 0, 1, &unmasked)),
            ],
            Reason::Unmasked,
        ),
        (
            // Half a head, something else, and the rest.
            vec![
                asked("websocket"),
                answered,
                up(frame(DATA, 0, 1, &unmasked[..1])),
                up(&second),
                up(frame(DATA, 0, 1, &unmasked[1..])),
            ],
            Reason::Unmasked,
        ),
    ] {
        let mut talk = begun();
        talk.append(&mut broken);
        let (spans, fault) = dissect(&talk);
        assert_eq!(fault.map(|fault| fault.reason), Some(reason));
        assert!(spans.iter().any(|span| span.layer == Unparsed));
        assert_eq!(dissect(&by_the_byte(&talk)), (spans, fault));
    }
}
