//! HTTP/2, frame by frame: clients that speak it, and some that abuse it.

mod faults;
mod sockets;

use std::time::Duration;

use server::{Counters, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::{Server, get, soon};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// The kinds of frames (RFC 9113, section 6), and two flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Returns a frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// Returns the fields of a request, `method` being 0x82 for GET, 0x83 for POST (RFC 7541).
fn fields(method: u8, path: &str, authority: &str) -> Vec<u8> {
    let literal = |index: u8, text: &str| [&[index, text.len() as u8], text.as_bytes()].concat();
    let mut block = vec![method, 0x86];
    block.extend(literal(4, path));
    if !authority.is_empty() {
        block.extend(literal(1, authority));
    }
    block
}

fn asks(stream: u32, path: &str) -> Vec<u8> {
    let fields = fields(0x82, path, "127.0.0.1");
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &fields)
}

/// A frame that came.
#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// A client of HTTP/2.
struct Client(TcpStream);

impl Client {
    /// Connects with these settings.
    async fn connect(server: &Server, settings: &[u8]) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(PREFACE).await.unwrap();
        let mut client = Self(stream);
        client.send(&frame(SETTINGS, 0, 0, settings)).await;
        client
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Reads the next frame; `None` at the end.
    async fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        soon(self.0.read_exact(&mut head)).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        soon(self.0.read_exact(&mut payload)).await.ok()?;
        Some(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        })
    }

    /// Reads up to the end of a stream: the first byte of its head, which is the status, and its
    /// content.
    async fn answer(&mut self, stream: u32) -> (u8, String) {
        let (mut status, mut content) = (0, Vec::new());
        loop {
            let frame = self.frame().await.expect("an answer");
            if frame.stream != stream {
                continue;
            }
            match frame.kind {
                HEADERS => status = frame.payload[0],
                DATA => content.extend(frame.payload),
                RESET => panic!("a stream was reset"),
                _ => {}
            }
            if frame.flags & END_STREAM != 0 {
                return (status, String::from_utf8(content).unwrap());
            }
        }
    }

    /// Reads content until `end` is in it.
    async fn until(&mut self, end: &str) -> String {
        let mut content = String::new();
        while !content.contains(end) {
            let frame = self.frame().await.expect("content");
            if frame.kind == DATA {
                content += std::str::from_utf8(&frame.payload).unwrap();
            }
        }
        content
    }
}

/// The statuses 200 and 400 as heads begin with them (RFC 7541, appendix A).
const OK: u8 = 0x88;
const BAD: u8 = 0x8c;

/// The largest increment that is used here, of a window.
const WIDE: u32 = 1 << 30;

#[tokio::test]
async fn a_preface_in_pieces_begins_http_2() {
    let server = Server::start();
    let bytes = [
        PREFACE,
        &frame(SETTINGS, 0, 0, &[]),
        &asks(1, "/rooms/a/poll?after=0"),
    ]
    .concat();
    for cut in [1, 11, 12, 13, 18, 23, 24, 25, 40] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&bytes[..cut]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        stream.write_all(&bytes[cut..]).await.unwrap();
        let (status, content) = Client(stream).answer(1).await;
        assert_eq!(status, OK, "{cut}");
        assert!(content.starts_with("{\"events\":["), "{content}");
    }
    // Not in the middle of HTTP/1.1.
    let mut wire = server.connect().await;
    let head = get("/rooms/a/poll?after=0");
    wire.write(head.as_bytes()).await;
    assert_eq!(wire.answer(false).await.status(), 200);
    wire.write(PREFACE).await;
    assert!(!wire.rest().await.starts_with(&[0, 0]));
}

#[tokio::test]
async fn polls_streams_and_drafts_share_a_connection() {
    let mut server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    client.send(&asks(1, "/rooms/a/stream?after=0")).await;
    client.send(&asks(3, "/rooms/a/long-poll?after=0")).await;
    let draft = b"{\"from\":\"ann\",\"text\":\"hello\"}";
    let post = fields(0x83, "/rooms/a/messages", "127.0.0.1");
    client.send(&frame(HEADERS, END_HEADERS, 5, &post)).await;
    client.send(&frame(DATA, END_STREAM, 5, draft)).await;
    let (mut line, mut batch, mut said) = (Vec::new(), Vec::new(), Vec::new());
    while !(line.ends_with(b"\n") && batch.ends_with(b"}") && said.ends_with(b"}")) {
        let frame = client.frame().await.expect("three answers");
        match (frame.kind, frame.stream) {
            (DATA, 1) => line.extend(frame.payload),
            (DATA, 3) => batch.extend(frame.payload),
            (DATA, 5) => said.extend(frame.payload),
            _ => {}
        }
    }
    // A line, without the size of any chunk.
    assert!(line.starts_with(b"{\"seq\":1,"), "{line:?}");
    assert!(batch.starts_with(b"{\"events\":[{\"seq\":1,"));
    assert_eq!(said, b"{\"seq\":1}");
    // A reader over HTTP/1.1 is in the same room.
    let seq = server.say("over HTTP/1.1").await;
    assert!(
        client
            .until("over HTTP/1.1")
            .await
            .contains(&format!("{{\"seq\":{seq},"))
    );
    // The server leaves in good order: streams end, and no request is lost.
    server.stop();
    let (mut has_ended, mut goes_away) = (false, false);
    while let Some(frame) = client.frame().await {
        has_ended |= frame.stream == 1 && frame.flags & END_STREAM != 0 && frame.kind == DATA;
        goes_away |= frame.kind == GO_AWAY;
        assert_ne!(frame.kind, RESET);
    }
    assert!(has_ended && goes_away);
    server.left().await;
}

#[tokio::test]
async fn a_head_has_no_content_and_one_host() {
    let server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    let head = [
        &[0x02, 4][..],
        b"HEAD",
        &fields(0x82, "/rooms/a/stream", "x")[1..],
    ]
    .concat();
    client
        .send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &head))
        .await;
    assert_eq!(client.answer(1).await, (OK, String::new()));
    let none = fields(0x82, "/rooms/a/poll", "");
    client
        .send(&frame(HEADERS, END_STREAM | END_HEADERS, 3, &none))
        .await;
    assert_eq!(client.answer(3).await.0, BAD);
    // Another name in `Host` than in `:authority` (RFC 9113, section 8.3.1); 38 is `host`.
    let two = [
        &fields(0x82, "/rooms/a/poll", "x")[..],
        &[0x0f, 38 - 15, 1, b'y'],
    ]
    .concat();
    client
        .send(&frame(HEADERS, END_STREAM | END_HEADERS, 5, &two))
        .await;
    assert_eq!(client.answer(5).await.0, BAD);
    // A WebSocket is opened by CONNECT here.
    client.send(&asks(7, "/rooms/a/ws")).await;
    let (_, content) = client.answer(7).await;
    assert!(content.contains("takes CONNECT"), "{content}");
}

#[tokio::test]
async fn a_reader_that_grants_no_room_holds_up_nobody_and_learns_what_it_missed() {
    let server = Server::with(Settings {
        log_events: 10,
        ..Settings::default()
    });
    // SETTINGS_INITIAL_WINDOW_SIZE = 0 (RFC 9113, section 6.5.2).
    let mut slow = Client::connect(&server, &[0, 4, 0, 0, 0, 0]).await;
    slow.send(&asks(1, "/rooms/a/stream?after=0")).await;
    let wide = [&[0, 4][..], &WIDE.to_be_bytes()].concat();
    let mut quick = Client::connect(&server, &wide).await;
    quick.send(&asks(1, "/rooms/a/stream?after=0")).await;
    for client in [&mut slow, &mut quick] {
        client.send(&frame(WINDOW, 0, 0, &WIDE.to_be_bytes())).await;
    }
    let text = "x".repeat(8_000);
    for _ in 0..40 {
        let seq = server.say(&text).await;
        quick.until(&format!("{{\"seq\":{seq},")).await;
    }
    slow.send(&frame(WINDOW, 0, 1, &WIDE.to_be_bytes())).await;
    let heard = slow.until("\"seq\":40,").await;
    assert!(heard.contains("\"kind\":\"gap\""), "{} bytes", heard.len());
}

/// Checks that the connection of a client that grants no room for an answer, or for a stream, is not
/// kept for good.
#[tokio::test]
async fn a_client_that_takes_no_content_is_let_go() {
    let server = Server::with(Settings {
        write_timeout: Duration::from_millis(500),
        idle_timeout: Duration::from_millis(500),
        ..Settings::default()
    });
    for path in ["/rooms/a/poll?after=0", "/rooms/a/stream?after=0", "/"] {
        // SETTINGS_INITIAL_WINDOW_SIZE = 0 (RFC 9113, section 6.5.2).
        let mut deaf = Client::connect(&server, &[0, 4, 0, 0, 0, 0]).await;
        deaf.send(&asks(1, path)).await;
        // More than waits for a reader of a stream at most.
        for _ in 0..20 {
            server.say(&"x".repeat(8_000)).await;
        }
        // Comes to an end only if the server ends it.
        while deaf.frame().await.is_some() {}
    }
}

#[tokio::test]
async fn rapid_resets_and_endless_heads_hurt_nobody_else() {
    let server = Server::start();
    let mut other = Client::connect(&server, &[]).await;
    let mut stream = 1;
    let mut check = async || {
        other.send(&asks(stream, "/rooms/a/poll?after=0")).await;
        assert_eq!(other.answer(stream).await.0, OK);
        stream += 2;
    };
    check().await;
    // 10,000 requests that are taken back at once.
    let mut rapid = Client::connect(&server, &[]).await;
    for number in 0..10_000_u32 {
        let stream = 2 * number + 1;
        let opened = asks(stream, "/rooms/a/long-poll?after=0&hold=60");
        let both = [opened, frame(RESET, 0, stream, &8_u32.to_be_bytes())].concat();
        if soon(rapid.0.write_all(&both)).await.is_err() {
            break;
        }
        if number % 1_000 == 999 {
            check().await;
        }
    }
    check().await;
    // It was told to go away, or is a client like any other.
    let last = 20_001;
    let _ = soon(rapid.0.write_all(&asks(last, "/rooms/a/poll?after=0"))).await;
    while let Some(frame) = rapid.frame().await {
        if frame.kind == GO_AWAY || (frame.kind == HEADERS && frame.stream == last) {
            break;
        }
    }
    // A head that never ends.
    let mut endless = Client::connect(&server, &[]).await;
    let begin = fields(0x82, "/rooms/a/poll", "x");
    endless.send(&frame(HEADERS, END_STREAM, 1, &begin)).await;
    let field = [&[0x00, 1, b'a', 0x7f, 0x81, 0x07][..], &[b'x'; 1_024]].concat();
    for _ in 0..10_000 {
        let more = frame(CONTINUATION, 0, 1, &field);
        if soon(endless.0.write_all(&more)).await.is_err() {
            break;
        }
    }
    // Comes to an end only if the server ends it.
    while endless.frame().await.is_some() {}
    check().await;
}

/// Checks that a head with too many header lines is refused and another on the same connection is not.
#[tokio::test]
async fn a_head_over_http_2_has_one_limit_of_lines() {
    let server = Server::with(Settings {
        head_lines: 12,
        counters: Some(Counters::new()),
        ..Settings::default()
    });
    let mut client = Client::connect(&server, &[]).await;
    // The authority counts as a line, since it becomes the host.
    for (stream, lines, is_taken) in [(1, 11, true), (3, 12, false), (5, 11, true)] {
        let more = b"\x00\x06x-more\x011".repeat(lines);
        let block = [fields(0x82, "/rooms/a/people", "127.0.0.1"), more].concat();
        let head = frame(HEADERS, END_STREAM | END_HEADERS, stream, &block);
        client.send(&head).await;
        let (status, content) = client.answer(stream).await;
        assert_eq!(status == OK, is_taken, "{lines}: {content}");
        assert_eq!(content.contains("head_too_long"), !is_taken, "{content}");
    }
    let metrics = server.get("/metrics").await.body;
    let line = "wirebench_refused_total{code=\"head_too_long\"} 1\n";
    assert!(metrics.contains(line), "{metrics}");
}
