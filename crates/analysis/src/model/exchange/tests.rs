//! Tests with bytes that were captured between `wirebench run` and `wirebench serve`: one person in
//! one room, 100 bytes of text, header profile `minimal`.

use super::*;
use crate::model::framing;

const MINIMAL: Client = Client {
    host: "127.0.0.1:8932".len() as u64,
    lines: 0,
    closes: false,
    named: false,
};

const EVENT: &str = "{\"seq\":11,\"kind\":\"message\",\"from\":\"p000000\",\"text\":\"0YgdVuV2.yf8zE17\
     DG0uC fBX8AGldNV4.Qxb rxsS5.1Fn8MeeMdAKLRg1UiiRrkA9O94X6OjvnQcfDbtLF.oj2iGiV2KxjDfWG\",\
     \"tag\":\"000000-0000aa03506-0000aa26645\",\"at\":1795221370231}";
const DRAFT: &str = "{\"from\":\"p000000\",\"text\":\"0YgdVuV2.yf8zE17\
     DG0uC fBX8AGldNV4.Qxb rxsS5.1Fn8MeeMdAKLRg1UiiRrkA9O94X6OjvnQcfDbtLF.oj2iGiV2KxjDfWG\",\
     \"tag\":\"000000-0000aa03506-0000aa26645\"}";

fn bytes(text: &str) -> u64 {
    text.len() as u64
}

#[test]
fn requests_that_read() {
    for (predicted, captured) in [
        (
            MINIMAL.short_poll(4, 0.25),
            "GET /rooms/r00000/poll?after=4 HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\r\n",
        ),
        (
            MINIMAL.long_poll(13, 25.0),
            "GET /rooms/r00000/long-poll?after=13&hold=25 HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\r\n",
        ),
        (
            MINIMAL.open("stream"),
            "GET /rooms/r00000/stream?after=latest HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\r\n",
        ),
        (
            MINIMAL.open("sse"),
            "GET /rooms/r00000/sse?after=latest HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\r\n",
        ),
        (
            MINIMAL.upgrade(),
            "GET /rooms/r00000/ws?after=latest HTTP/1.1\r\nHost: 127.0.0.1:8932\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: xh+mfUj8dp17wrSi7zbGsA==\r\n\r\n",
        ),
    ] {
        assert_eq!(predicted, bytes(captured), "{captured}");
    }
}

#[test]
fn a_request_that_closes_and_one_with_a_profile() {
    let closing = Client {
        closes: true,
        ..MINIMAL
    };
    let captured = "GET /rooms/r00000/poll?after=5 HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\
                    connection: close\r\n\r\n";
    assert_eq!(closing.short_poll(5, 0.25), bytes(captured));
    let profile = Client {
        lines: bytes("accept: */*\r\n"),
        named: true,
        ..MINIMAL
    };
    let captured = "GET /rooms/r00000/poll?after=5&name=p000000&interval=0.25 HTTP/1.1\r\n\
                    host: 127.0.0.1:8932\r\naccept: */*\r\n\r\n";
    assert_eq!(profile.short_poll(5, 0.25), bytes(captured));
}

#[test]
fn answers_to_readers() {
    let poll = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
                content-length: 246\r\ndate: Sat, 21 Nov 2026 00:36:10 GMT\r\n\r\n";
    let body = framing::batch(1, 11) + event(11, 100);
    assert_eq!(body, 246);
    assert_eq!(poll_answer(body, false), bytes(poll));
    let empty = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
                 connection: close\r\ncontent-length: 33\r\n\
                 date: Sat, 21 Nov 2026 00:36:07 GMT\r\n\r\n";
    assert_eq!(poll_answer(framing::batch(0, 5), true), bytes(empty));
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\
                  cache-control: no-store\r\ntransfer-encoding: chunked\r\n\
                  date: Sat, 21 Nov 2026 00:36:24 GMT\r\n\r\n";
    assert_eq!(stream_answer("application/x-ndjson"), bytes(stream));
    let upgrade = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                   upgrade: websocket\r\nsec-websocket-accept: AtsPuS/C7Nw69X8Ex0RUUQxS+w8=\r\n\
                   date: Sat, 21 Nov 2026 00:36:13 GMT\r\n\r\n";
    assert_eq!(upgrade_answer(), bytes(upgrade));
}

#[test]
fn events_and_what_is_around_them_on_a_stream() {
    assert_eq!(event(11, 100), bytes(EVENT));
    // Captured chunk sizes: D4 for a line with a one-digit number, E1 for its SSE form.
    assert_eq!(event(1, 100) + framing::NDJSON, 0xD4);
    assert_eq!(event(6, 100) + framing::sse(6), 0xE1);
    assert_eq!(framing::chunk(0xD4), bytes("D4\r\n\r\n"));
    // Captured frame heads: 81 7E 00 D4 down, 81 FE 00 A7 and a mask up.
    assert_eq!(event(16, 100), 0xD4);
    assert_eq!(framing::ws_head(event(16, 100)), 4);
    assert_eq!(draft(100), 0xA7);
    assert_eq!(framing::ws_head(draft(100)) + framing::WS_MASK, 8);
}

#[test]
fn a_draft_and_its_answer() {
    assert_eq!(draft(100), bytes(DRAFT));
    let request = "POST /rooms/r00000/messages HTTP/1.1\r\nhost: 127.0.0.1:8932\r\n\
                   content-length: 167\r\n\r\n";
    assert_eq!(MINIMAL.say(draft(100)), bytes(request));
    let answer = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\
                  date: Sat, 21 Nov 2026 00:36:10 GMT\r\n\r\n";
    assert_eq!(said_answer(11, false), bytes(answer));
    assert_eq!(said(11), bytes("{\"seq\":11}"));
}
