//! Tests of HTTP streams: the purpose of each piece is that of its event, and its chunk has the
//! same.

use dissect::{Direction::*, Layer::*, Purpose::*};

use crate::talk::*;

const GAP: &str = r#"{"kind":"gap","missed":3,"next":9}"#;

fn len(text: impl AsRef<str>) -> u64 {
    text.as_ref().len() as u64
}

/// Returns the spans after the response's head.
fn spans(target: &str, body: &[String]) -> Vec<(dissect::Purpose, dissect::Layer, u64)> {
    let mut talk = vec![up(get(target)), down(CHUNKED)];
    talk.extend(body.iter().map(down));
    let dissected = sound(&talk);
    assert_eq!(dissected.of(Up), [(Setup, HttpHead, len(get(target)))]);
    let mut spans = dissected.of(Down);
    assert_eq!(spans.remove(0), (Setup, HttpHead, len(CHUNKED)));
    spans
}

#[test]
fn lines_heartbeats_gaps_and_the_end() {
    let body = [
        chunk("\n"),
        chunk(&(message(7, "hello") + "\n")),
        chunk(&(join(8) + "\n")),
        chunk(&(GAP.to_owned() + "\n")),
        "0\r\n\r\n".to_owned(),
    ];
    let mut expected = vec![
        (Heartbeat, Chunk, 3),
        (Heartbeat, TextFrame, 1),
        (Heartbeat, Chunk, 2),
    ];
    for (purpose, json) in [
        (Deliver, message(7, "hello")),
        (Presence, join(8)),
        (Deliver, GAP.to_owned()),
    ] {
        expected.extend([
            (purpose, Chunk, 4),
            (purpose, Payload, len(json)),
            (purpose, TextFrame, 1),
            (purpose, Chunk, 2),
        ]);
    }
    expected.push((Close, Chunk, 5));
    assert_eq!(spans("/rooms/a/stream?after=6", &body), expected);
}

#[test]
fn scripts_in_a_page_without_end() {
    let beginning = format!(
        "<!doctype html><script>function e(m){{}}e({{\"kind\":\"open\"}})</script>{}\n",
        " ".repeat(2048)
    );
    let element = |json: &str| chunk(&format!("<script>e({json})</script>\n"));
    let body = [
        chunk(&beginning),
        element(&message(7, "hello")),
        chunk("\n"),
        element(&join(8)),
        element(GAP),
    ];
    let mut expected = vec![
        (Setup, Chunk, 5),
        (Setup, Envelope, len(&beginning) - 1),
        (Setup, TextFrame, 1),
        (Setup, Chunk, 2),
    ];
    for (purpose, json) in [
        (Deliver, message(7, "hello")),
        (Heartbeat, String::new()),
        (Presence, join(8)),
        (Deliver, GAP.to_owned()),
    ] {
        if purpose == Heartbeat {
            expected.extend([
                (Heartbeat, Chunk, 3),
                (Heartbeat, TextFrame, 1),
                (Heartbeat, Chunk, 2),
            ]);
            continue;
        }
        expected.extend([
            (purpose, Chunk, 4),
            (purpose, Envelope, len("<script>e(")),
            (purpose, Payload, len(json)),
            (purpose, Envelope, len(")</script>")),
            (purpose, TextFrame, 1),
            (purpose, Chunk, 2),
        ]);
    }
    assert_eq!(spans("/rooms/a/iframe?after=6", &body), expected);
}

#[test]
fn server_sent_events() {
    let event = format!("id: 7\ndata: {}\n\n", message(7, "hello"));
    let body = [
        chunk("retry: 1000\n\n"),
        chunk(":\n\n"),
        chunk(&event),
        chunk(&format!("event: x\r\ndata:{}\r\n\r\n", join(8))),
    ];
    assert_eq!(
        spans("/rooms/a/sse", &body),
        [
            (Setup, Chunk, 3),
            (Setup, TextFrame, 13),
            (Setup, Chunk, 2),
            (Heartbeat, Chunk, 3),
            (Heartbeat, TextFrame, 3),
            (Heartbeat, Chunk, 2),
            (Deliver, Chunk, 4),
            (Deliver, TextFrame, 12),
            (Deliver, Payload, len(message(7, "hello"))),
            (Deliver, TextFrame, 2),
            (Deliver, Chunk, 2),
            (Presence, Chunk, 4),
            (Presence, TextFrame, 10 + 5),
            (Presence, Payload, len(join(8))),
            (Presence, TextFrame, 4),
            (Presence, Chunk, 2),
        ]
    );
}

#[test]
fn a_chunk_is_for_its_first_piece() {
    let body = [chunk(&format!("\n{}\n", join(8)))];
    assert_eq!(
        spans("/rooms/a/stream", &body),
        [
            (Heartbeat, Chunk, 4),
            (Heartbeat, TextFrame, 1),
            (Presence, Payload, len(join(8))),
            (Presence, TextFrame, 1),
            (Heartbeat, Chunk, 2),
        ]
    );
}

#[test]
fn an_event_in_several_chunks() {
    let line = message(7, &"x".repeat(100)) + "\n";
    let (first, rest) = line.split_at(10);
    let (second, third) = rest.split_at(80);
    let body = [
        chunk(&("\n".to_owned() + first)),
        chunk(second),
        chunk(third),
    ];
    assert_eq!(
        spans("/rooms/a/stream", &body),
        [
            (Heartbeat, Chunk, 3),
            (Heartbeat, TextFrame, 1),
            (Deliver, Payload, 10),
            (Heartbeat, Chunk, 2),
            (Deliver, Chunk, 4),
            (Deliver, Payload, 80),
            (Deliver, Chunk, 2),
            (Deliver, Chunk, 4),
            (Deliver, Payload, len(third) - 1),
            (Deliver, TextFrame, 1),
            (Deliver, Chunk, 2),
        ]
    );
}

#[test]
fn a_stream_may_be_cut_off_in_an_event() {
    let line = message(7, "hello");
    let body = [chunk(&line)[..40].to_owned()];
    assert_eq!(
        spans("/rooms/a/stream", &body),
        [(Deliver, Chunk, 4), (Deliver, Payload, 36)]
    );
    let body = [chunk("id: 7\n")];
    assert_eq!(spans("/rooms/a/sse", &body)[1], (Setup, TextFrame, 6));
}

#[test]
fn a_refused_stream_is_no_stream() {
    let refusal = "{\"error\":\"x\"}\n";
    let talk = [
        up(get("/rooms/a/stream")),
        down(answer(400, refusal)),
        up(get("/healthz")),
        down(answer(200, "ok")),
    ];
    assert_eq!(sound(&talk).of(Down)[1], (Setup, Batch, len(refusal)));
}

#[test]
fn carriage_returns_are_text_unless_a_line_feed_follows() {
    let talk = [
        up(get("/rooms/a/sse")),
        down("HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n"),
        down("data: a\r\rb\r\n\r\n\rdat\r\r\n\n"),
    ];
    assert_eq!(
        sound(&talk).of(Down)[1..],
        [
            (Deliver, TextFrame, 6),
            (Deliver, Payload, 4),
            (Deliver, TextFrame, 4),
            (Setup, TextFrame, 8),
        ]
    );
}
