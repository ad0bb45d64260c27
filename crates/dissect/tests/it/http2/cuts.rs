//! A connection that ends at any byte: what came of a frame is in the account that it would have had
//! in the whole.

use super::{streams::stream_and_draft, *};

/// Returns the layer of each byte of one direction.
fn layers(spans: &[Span], direction: Direction) -> Vec<Layer> {
    let spans = spans.iter().filter(|span| span.direction == direction);
    spans
        .flat_map(|span| std::iter::repeat_n(span.layer, span.len as usize))
        .collect()
}

/// Checks, by `dissect`, that there is neither gap nor overlap. Of the first three bytes of a frame's
/// head nobody knows whether they are a frame of the connection.
#[test]
fn frames_are_what_they_are_wherever_the_connection_ends() {
    let (line, joined) = (message(1, "x") + "\n", join(2) + "\n");
    let talk = stream_and_draft(line.as_bytes(), joined.as_bytes());
    let whole = sound(&talk);
    let bytes = by_the_byte(&talk);
    let begun = PREFACE.len();
    for end in begun..bytes.len() {
        let (cut, fault) = dissect(&bytes[..end].to_vec());
        assert!(fault.is_none_or(|fault| fault.reason == Reason::Truncated));
        for direction in Direction::ALL {
            let (found, expected) = (layers(&cut, direction), layers(&whole, direction));
            for (at, (one, whole)) in found.iter().zip(&expected).enumerate() {
                let is_framing = |layer: &Layer| matches!(layer, H2Frame | H2Control | HttpHead);
                let is_new = *one == H2Frame && at + 3 >= found.len();
                assert!(*one != Unparsed, "byte {at} of {end}, {direction:?}");
                if !is_new && (is_framing(one) || is_framing(whole)) {
                    assert_eq!(one, whole, "byte {at} of {end}, {direction:?}");
                }
            }
        }
    }
}

/// Returns the accounts of one direction behind those of the settings, of a connection that ends
/// within a frame.
fn ends(frames: Talk, direction: Direction) -> Vec<(Purpose, Layer, u64)> {
    let talk = [begun(), frames].concat();
    let (spans, fault) = dissect(&talk);
    assert_eq!(dissect(&by_the_byte(&talk)), (spans.clone(), fault));
    assert_eq!(fault.map(|fault| fault.reason), Some(Reason::Truncated));
    of(&spans, direction).split_off(2)
}

#[test]
fn a_cut_frame_of_the_connection_is_for_what_its_kind_says() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    for (came, expected) in [
        (2, (Setup, H2Frame, 2)),
        (4, (Heartbeat, H2Control, 4)),
        (9, (Heartbeat, H2Control, 9)),
        (12, (Heartbeat, H2Control, 12)),
    ] {
        assert_eq!(ends(vec![up(&ping[..came])], Up), [expected]);
    }
    let push = frame(PUSH, 0, 1, &[0; 4]);
    assert_eq!(ends(vec![down(&push[..5])], Down), [(Setup, Unparsed, 5)]);
}

#[test]
fn a_cut_head_of_an_exchange_is_for_what_its_request_tells() {
    let fields = asks(GET, "/rooms/a/poll");
    let request = frame(HEADERS, WHOLE, 1, &fields);
    let expected = [(Setup, H2Frame, 9), (Setup, HttpHead, 3)];
    assert_eq!(ends(vec![up(&request[..12])], Up), expected);
    // A header block in two frames, and the second one's head.
    let continued = frame(CONTINUATION, END_HEADERS, 1, &fields[3..]);
    let frames = vec![
        up(frame(HEADERS, END_STREAM, 1, &fields[..3])),
        up(&continued[..5]),
    ];
    let expected = [&expected[..], &[(Setup, H2Frame, 5)]].concat();
    assert_eq!(ends(frames, Up), expected);
    let answer = frame(HEADERS, END_HEADERS, 1, &[0x88, 0x88]);
    for (method, path, purpose) in [
        (GET, "/rooms/a/poll", Empty),
        (GET, "/rooms/a/stream", Setup),
        (POST, "/rooms/a/messages", Ack),
    ] {
        let frames = vec![
            up(frame(HEADERS, WHOLE, 1, &asks(method, path))),
            down(&answer[..10]),
        ];
        let expected = [(purpose, H2Frame, 9), (purpose, HttpHead, 1)];
        assert_eq!(ends(frames, Down), expected, "{path}");
    }
}

#[test]
fn cut_padding_is_for_what_its_frame_is_for() {
    let opened = [
        up(frame(HEADERS, WHOLE, 1, &asks(GET, "/rooms/a/stream"))),
        down(frame(HEADERS, END_HEADERS, 1, OK)),
    ];
    let padded = frame(DATA, PADDED, 1, &[&[3][..], b"\n", &[0; 3]].concat());
    let of_head = [(Setup, H2Frame, 9), (Setup, HttpHead, 1)];
    for (came, expected) in [
        (9, &[(Heartbeat, H2Frame, 9)][..]),
        (
            13,
            &[
                (Heartbeat, H2Frame, 10),
                (Heartbeat, TextFrame, 1),
                (Heartbeat, H2Frame, 2),
            ],
        ),
    ] {
        let frames = [&opened[..], &[down(&padded[..came])]].concat();
        let expected = [&of_head[..], expected].concat();
        assert_eq!(ends(frames, Down), expected, "{came}");
    }
    // The same on a stream that its reader has left.
    let left = [&opened[..], &[up(frame(RESET, 0, 1, &[0; 4]))]].concat();
    let frames = [&left[..], &[down(&padded[..13])]].concat();
    let late = [(Close, H2Frame, 10), (Close, Payload, 3)];
    assert_eq!(ends(frames, Down), [&of_head[..], &late].concat());
}
