//! Tests of the limits on what one person, or a page of another origin, may do to a class, and on the
//! sizes of requests.

use std::time::Duration;

use futures_util::SinkExt;
use server::{Counters, PerAddress, Settings};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, get, hear_close, hear_json, post, soon};

const DRAFT: &str = r#"{"from":"ann","text":"hi"}"#;

#[tokio::test]
async fn who_is_too_fast_is_asked_to_wait_and_others_are_not() {
    let server = Server::with(Settings {
        drafts_per_second: Some(2),
        ..Settings::default()
    });
    let say = |person: &str| {
        let target = format!("/rooms/a/messages?person={person}");
        post(&target, DRAFT)
    };
    for _ in 0..4 {
        assert_eq!(server.send(&say("ann")).await.status(), 201);
    }
    // The slower the machine, the more she has earned meanwhile.
    let mut refused = server.send(&say("ann")).await;
    while refused.status() == 201 {
        refused = server.send(&say("ann")).await;
    }
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    let error = refused.json()["error"].to_string();
    assert!(error.contains("wait a moment"), "{error}");
    assert_eq!(refused.json()["code"], "too_fast");
    assert_eq!(refused.json()["limit"], 2);
    assert_eq!(server.send(&say("ben")).await.status(), 201);

    // The same on a socket, where the connection stays.
    let mut socket = server
        .websocket("/rooms/a/ws?ack=1&after=latest&person=cat")
        .await;
    let mut heard = serde_json::Value::Null;
    while heard["code"] != "too_fast" {
        socket.send(Message::text(DRAFT)).await.unwrap();
        heard = hear_json(&mut socket).await;
    }
    assert_eq!(heard["kind"], "error");
}

#[tokio::test]
async fn a_full_room_lets_in_nobody_new() {
    let server = Server::with(Settings {
        max_people: Some(1),
        ..Settings::default()
    });
    let poll = |name: &str| format!("/rooms/a/poll?name={name}&person={name}");
    assert_eq!(server.get(&poll("ann")).await.status(), 200);
    let refused = server.get(&poll("ben")).await;
    assert_eq!(refused.status(), 503);
    assert!(refused.json()["error"].to_string().contains("room is full"));
    assert_eq!(refused.json()["code"], "room_full");
    assert_eq!(refused.json()["limit"], 1);
    // Ann is in, and whoever gives no name takes no place.
    assert_eq!(server.get(&poll("ann")).await.status(), 200);
    assert_eq!(server.get("/rooms/a/poll").await.status(), 200);
    assert_eq!(server.get("/rooms/b/poll?name=ben").await.status(), 200);
}

#[tokio::test]
async fn a_foreign_page_neither_speaks_nor_joins() {
    let server = Server::with(Settings {
        allow_ports: vec![8080],
        hosts: vec!["class.test".into()],
        ..Settings::default()
    });
    let from = |origin: &str, line: &str| {
        format!(
            "{line} HTTP/1.1\r\nhost: class.test:8081\r\norigin: {origin}\r\ncontent-length: {}\r\n\r\n{DRAFT}",
            DRAFT.len()
        )
    };
    let say = "POST /rooms/a/messages";
    for (origin, status) in [
        ("http://evil.test", 403),
        ("null", 403),
        ("http://class.test:8082", 403),
        ("http://class.test:8080", 201),
        ("http://class.test:8081", 201),
    ] {
        let answer = server.send(&from(origin, say)).await;
        assert_eq!(answer.status(), status, "{origin}");
        let join = "GET /rooms/a/poll?name=eve";
        let expected = if status == 403 { 403 } else { 200 };
        let answer = server.send(&from(origin, join)).await;
        assert_eq!(answer.status(), expected, "{origin}");
    }
    let people = server.get("/rooms/a/people").await.json();
    assert_eq!(people["online"], 1, "{people}");
}

/// The paths that each reader of heads answers: the quick one, and hyper.
const PATHS: [&str; 2] = ["/rooms/a/poll?after=0", "/rooms/a/people"];

fn with_sizes() -> Server {
    Server::with(Settings {
        head_bytes: 2000,
        head_lines: 12,
        body_bytes: Some(300),
        counters: Some(Counters::new()),
        ..Settings::default()
    })
}

/// Waits until a server has counted so many refusals with this code: one that hyper makes is counted
/// when its answer has left.
async fn refused(server: &Server, code: &str, count: usize) {
    let line = format!("wirebench_refused_total{{code=\"{code}\"}} {count}\n");
    soon(async {
        while !server.get("/metrics").await.body.contains(&line) {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Returns a head of exactly so many bytes.
fn head_of(path: &str, bytes: usize) -> String {
    let begin = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-more: ");
    let rest = "x".repeat(bytes - begin.len() - 4);
    format!("{begin}{rest}\r\n\r\n")
}

/// Checks that both readers of heads take the longest head and refuse one byte more, also of one that
/// never ends, and count what they refuse.
#[tokio::test]
async fn both_readers_of_heads_have_one_limit_of_bytes() {
    let server = with_sizes();
    for path in PATHS {
        let longest = head_of(path, 2000);
        assert_eq!(server.send(&longest).await.status(), 200, "{path}");
        let refused = server.send(&head_of(path, 2001)).await;
        assert_eq!(refused.status(), 431, "{path}: {refused:?}");
        let mut wire = server.connect().await;
        wire.write(&longest.as_bytes()[..1500]).await;
        wire.write("x".repeat(500).as_bytes()).await;
        assert_eq!(wire.answer(false).await.status(), 431, "{path}");
        assert_eq!(wire.rest().await, b"", "{path}");
    }
    refused(&server, "head_too_long", 4).await;
}

#[tokio::test]
async fn both_readers_of_heads_have_one_limit_of_lines() {
    let server = with_sizes();
    let many = Server::with(Settings {
        head_lines: 300,
        ..Settings::default()
    });
    for path in PATHS {
        let with = |lines: usize| {
            let more = "x-more: 1\r\n".repeat(lines - 1);
            get(path).replace("host: x\r\n", &format!("host: x\r\n{more}"))
        };
        assert_eq!(server.send(&with(12)).await.status(), 200, "{path}");
        assert_eq!(server.send(&with(13)).await.status(), 431, "{path}");
        // More than either has room for by itself.
        assert_eq!(many.send(&with(300)).await.status(), 200, "{path}");
        assert_eq!(many.send(&with(301)).await.status(), 431, "{path}");
    }
    refused(&server, "head_too_long", 2).await;
}

/// Checks that a draft has the same limit over each way: as a body that comes with its head or after
/// it, and as a message over a WebSocket.
#[tokio::test]
async fn a_body_has_one_limit_however_it_comes() {
    let server = with_sizes();
    let draft = |bytes: usize| format!(r#"{{"from":"ann","text":"{}"}}"#, "x".repeat(bytes - 24));
    for (bytes, status) in [(300, 201), (301, 413)] {
        let whole = post("/rooms/a/messages", &draft(bytes));
        assert_eq!(server.send(&whole).await.status(), status);
        let chunked = format!(
            "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{bytes:x}\r\n{}\r\n0\r\n\r\n",
            draft(bytes)
        );
        assert_eq!(server.send(&chunked).await.status(), status);
    }
    refused(&server, "much_too_long", 2).await;
    let mut socket = server.websocket("/rooms/a/ws?ack=1&after=latest").await;
    socket.send(Message::text(draft(300))).await.unwrap();
    assert_ne!(hear_json(&mut socket).await["kind"], "error");
    let mut socket = server.websocket("/rooms/a/ws?after=latest").await;
    socket.send(Message::text(draft(301))).await.unwrap();
    assert_eq!(hear_close(&mut socket).await, 1009);
}

/// Checks that what is refused at a limit is counted under its code: rooms in all and of an address,
/// people in a room and of an address, messages a second.
#[tokio::test]
async fn what_is_refused_at_a_limit_is_counted_by_its_code() {
    let server = Server::with(Settings {
        max_rooms: 3,
        max_people: Some(1),
        drafts_per_second: Some(1),
        per_address: PerAddress {
            rooms: Some(2),
            people: Some(2),
            ..PerAddress::default()
        },
        counters: Some(Counters::new()),
        ..Settings::default()
    });
    let poll =
        |room: &str, name: &str| get(&format!("/rooms/{room}/poll?name={name}&interval=3600"));
    for (host, room, name, status, code) in [
        (1, "one", "ann", 200, ""),
        (1, "two", "ben", 200, ""),
        (1, "three", "cat", 429, "many_rooms"),
        (1, "one", "dan", 429, "crowded"),
        (2, "three", "eve", 200, ""),
        (2, "one", "fay", 503, "room_full"),
        (3, "four", "gus", 503, "rooms_full"),
    ] {
        let mut wire = server.connect_from(host).await;
        let answer = wire.exchange(&poll(room, name)).await;
        assert_eq!(answer.status(), status, "{room} {name}: {answer:?}");
        if !code.is_empty() {
            assert_eq!(answer.json()["code"], code);
        }
    }
    let say = post("/rooms/one/messages?person=ann", DRAFT);
    while server.send(&say).await.status() == 201 {}
    for code in [
        "many_rooms",
        "crowded",
        "room_full",
        "rooms_full",
        "too_fast",
    ] {
        refused(&server, code, 1).await;
    }
}
