//! Tests of WebSocket frames: the purpose of each frame is that of its event.

use dissect::{Direction::*, Dissector, Layer::*, Purpose::*};

use crate::talk::*;

#[test]
fn frames_down() {
    for (first, payload, purpose, layer) in [
        (0x81, message(7, "hello"), Deliver, Payload),
        (0x81, join(8), Presence, Payload),
        (
            0x81,
            r#"{"kind":"gap","missed":3,"next":9}"#.into(),
            Deliver,
            Payload,
        ),
        (0x81, r#"{"kind":"said","seq":7}"#.into(), Ack, Batch),
        (0x81, r#"{"kind":"error","error":"x"}"#.into(), Ack, Batch),
        (0x82, "echo".into(), Deliver, Payload),
        (0x89, "ping".into(), Heartbeat, Payload),
        (0x8a, "pong".into(), Heartbeat, Payload),
        (0x88, "\u{3}\u{69}".into(), Close, Payload),
    ] {
        let mut talk = upgraded();
        talk.push((Down, frame(Down, first, payload.as_bytes())));
        let len = payload.len() as u64;
        assert_eq!(
            sound(&talk).of(Down)[1..],
            [(purpose, WsHead, 2), (purpose, layer, len)],
            "{payload}"
        );
    }
}

#[test]
fn frames_up() {
    for (first, payload, purpose) in [
        (0x81, r#"{"from":"ann","text":"hello"}"#, Say),
        (0x82, "echo", Say),
        (0x89, "ping", Heartbeat),
        (0x8a, "", Heartbeat),
        (0x88, "\u{3}\u{69}", Close),
    ] {
        let mut talk = upgraded();
        talk.push((Up, frame(Up, first, payload.as_bytes())));
        let mut expected = vec![(purpose, WsHead, 2), (purpose, WsMask, 4)];
        if !payload.is_empty() {
            expected.push((purpose, Payload, payload.len() as u64));
        }
        assert_eq!(sound(&talk).of(Up)[1..], expected, "{payload}");
    }
}

#[test]
fn frames_glued_to_the_handshake() {
    let event = frame(Down, 0x81, message(7, "hello").as_bytes());
    let talk = [
        up(HANDSHAKE_UP),
        down([HANDSHAKE_DOWN.as_bytes(), &event, &event].concat()),
        (Up, frame(Up, 0x81, b"{}")),
    ];
    let ledger = sound(&talk).ledger();
    assert_eq!(ledger.amount(Down, Deliver, WsHead).count, 2);
    assert_eq!(ledger.amount(Up, Say, Payload).bytes, 2);
}

#[test]
fn a_refused_upgrade_goes_on_with_http() {
    let talk = [
        up(HANDSHAKE_UP),
        down(answer(404, "{}")),
        up(get("/")),
        down(answer(200, "x")),
    ];
    assert_eq!(sound(&talk).of(Up).len(), 2);
}

#[test]
fn fragments_belong_to_their_message_and_control_frames_come_between() {
    let text = join(8);
    let (first, rest) = text.as_bytes().split_at(30);
    let (second, third) = rest.split_at(5);
    let mut talk = upgraded();
    for (byte, payload) in [(0x01, first), (0x89, b""), (0x00, second), (0x80, third)] {
        talk.push((Down, frame(Down, byte, payload)));
    }
    talk.push((Down, frame(Down, 0x81, message(9, "x").as_bytes())));
    let purposes: Vec<_> = sound(&talk)
        .of(Down)
        .iter()
        .filter(|span| span.1 == WsHead)
        .map(|span| span.0)
        .collect();
    assert_eq!(purposes, [Presence, Heartbeat, Presence, Presence, Deliver]);
}

#[test]
fn compressed_frames_where_the_handshake_agreed_on_it() {
    let handshake = HANDSHAKE_DOWN.replace(
        "-Protocol: chat",
        "-Extensions: permessage-deflate; client_no_context_takeover",
    );
    let talk = [
        up(HANDSHAKE_UP),
        down(handshake),
        // RFC 7692 section 7.2.3.1: "Hello".
        (Down, frame(Down, 0xc1, b"\xf2\x48\xcd\xc9\xc9\x07\x00")),
        (Up, frame(Up, 0xc1, b"\xf2\x48\xcd\xc9\xc9\x07\x00")),
    ];
    let dissected = sound(&talk);
    assert_eq!(
        dissected.of(Down)[1..],
        [(Deliver, WsHead, 2), (Deliver, Payload, 7)]
    );
    assert_eq!(dissected.of(Up)[3], (Say, Payload, 7));
}

#[test]
fn a_frame_may_be_cut_off_in_its_payload() {
    let mut talk = upgraded();
    let event = frame(Down, 0x81, join(8).as_bytes());
    talk.push(down(&event[..40]));
    assert_eq!(
        sound(&talk).of(Down)[1..],
        [(Presence, WsHead, 2), (Presence, Payload, 38)]
    );
}

#[test]
fn it_is_small_enough_for_ten_thousand() {
    let bytes = size_of::<Dissector>();
    assert!(bytes <= 256, "{bytes} bytes");
}
