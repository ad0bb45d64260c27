//! Tests of the limits on what one person, or a page of another origin, may do to a class.

use futures_util::SinkExt;
use server::Settings;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, hear_json, post};

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
