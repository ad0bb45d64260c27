//! Tests that compare raw bytes. Only the date and the time of an event vary.

use crate::fixture::{Server, Wire, get, post};

const DATE: &str = "date: #############################\r\n";

/// Masks the digits of `"at":`.
fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    let mut from = 0;
    while let Some(found) = masked[from..].find("\"at\":") {
        let start = from + found + "\"at\":".len();
        let digits = masked[start..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        masked.replace_range(start..start + digits, &"#".repeat(digits));
        from = start;
    }
    masked
}

async fn exchange(wire: &mut Wire, request: &str) -> String {
    let answer = wire.exchange(request).await;
    masked(&(answer.head + &answer.body))
}

#[tokio::test]
async fn saying_and_polling_on_one_connection() {
    let server = Server::start();
    let mut wire = server.connect().await;
    let draft = r#"{"from":"ann","text":"hi","tag":"t1"}"#;
    assert_eq!(
        exchange(&mut wire, &post("/rooms/a/messages", draft)).await,
        format!(
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 9\r\n{DATE}\r\n{{\"seq\":1}}"
        )
    );
    let batch = r#"{"events":[{"seq":1,"kind":"message","from":"ann","text":"hi","tag":"t1","at":#############}],"next":1,"missed":0}"#;
    let head = |length| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: {length}\r\n{DATE}\r\n"
        )
    };
    for target in ["/rooms/a/poll?after=0", "/rooms/a/long-poll?after=0&hold=9"] {
        assert_eq!(
            exchange(&mut wire, &get(target)).await,
            format!("{}{batch}", head(batch.len()))
        );
    }
    let empty = r#"{"events":[],"next":1,"missed":0}"#;
    for target in [
        "/rooms/a/poll?after=1",
        "/rooms/a/long-poll?after=1&hold=0.05",
    ] {
        assert_eq!(
            exchange(&mut wire, &get(target)).await,
            format!("{}{empty}", head(empty.len()))
        );
    }
}

#[tokio::test]
async fn a_stream_sends_its_head_at_once_and_then_a_chunk_each() {
    for (path, kind, line) in [
        ("stream", "application/x-ndjson", "{}\n"),
        ("sse", "text/event-stream", "id: 1\ndata: {}\n\n"),
    ] {
        let server = Server::start();
        let mut wire = server.connect().await;
        wire.write(get(&format!("/rooms/a/{path}")).as_bytes())
            .await;
        assert_eq!(
            wire.head().await,
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: no-store\r\ntransfer-encoding: chunked\r\n{DATE}\r\n"
            )
        );
        server.say("hi").await;
        let event = r#"{"seq":1,"kind":"message","from":"ann","text":"hi","at":#############}"#;
        let piece = line.replace("{}", event);
        let size = wire.until(b"\r\n").await;
        assert_eq!(size, format!("{:X}\r\n", piece.len()));
        let chunk = wire.take(piece.len() + 2).await;
        assert_eq!(masked(&chunk), format!("{piece}\r\n"));
    }
}

#[tokio::test]
async fn the_handshake_is_the_example_of_rfc_6455_section_1_3() {
    let server = Server::start();
    let mut wire = server.connect().await;
    let request = format!(
        "GET /rooms/a/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://{0}\r\n\
         Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        server.address
    );
    wire.write(request.as_bytes()).await;
    assert_eq!(
        wire.head().await,
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{DATE}\r\n"
        )
    );
    server.say("hi").await;
    let event = r#"{"seq":1,"kind":"message","from":"ann","text":"hi","at":1790000000000}"#;
    // Final, text; not masked, 70 bytes long (section 5.2).
    assert_eq!(event.len(), 0x46);
    assert_eq!(wire.take_bytes(2).await, [0x81, 0x46]);
    assert_eq!(masked(&wire.take(event.len()).await), masked(event));
}

#[tokio::test]
async fn what_waits_together_goes_out_together() {
    let server = Server::start();
    for text in ["a", "b", "c"] {
        server.say(text).await;
    }
    let mut wire = server.stream("/rooms/a/stream?after=1").await;
    let chunk = wire.chunk().await.unwrap();
    assert_eq!(chunk.lines().count(), 2, "{chunk}");
}

#[tokio::test]
async fn a_head_request_is_a_get_without_its_body() {
    let server = Server::start();
    server.say("hi").await;
    let mut wire = server.connect().await;
    for target in [
        "/",
        "/healthz",
        "/rooms/a/poll?after=0",
        "/rooms/a/people",
        "/rooms/a/stream",
    ] {
        let answer = wire
            .exchange(&format!("HEAD {target} HTTP/1.1\r\nhost: x\r\n\r\n"))
            .await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_ne!(answer.header("content-length"), Some("0"));
    }
    // The connection is still in step.
    assert_eq!(wire.exchange(&get("/healthz")).await.status(), 200);
}

#[tokio::test]
async fn the_date_can_be_left_out() {
    let server = Server::with(server::Settings {
        date_header: false,
        ..Default::default()
    });
    assert_eq!(server.get("/healthz").await.header("date"), None);
}
