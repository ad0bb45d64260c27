//! Tests of the features of WebSocket alone: drafts, the answers to them, and close codes.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    thread,
};

use futures_util::SinkExt;
use server::Settings;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, hear, hear_close, hear_json};

#[tokio::test]
async fn drafts_are_answered_only_on_request() {
    let server = Server::start();
    let mut loud = server.websocket("/rooms/a/ws?after=latest&ack=1").await;
    let mut quiet = server.websocket("/rooms/a/ws?after=latest").await;
    let draft = r#"{"from":"ann","text":"hi","tag":"t"}"#;
    loud.send(Message::text(draft)).await.unwrap();
    let mut heard = [hear_json(&mut loud).await, hear_json(&mut loud).await];
    // Which of the two comes first is up to the server.
    heard.sort_by_key(|json| json["kind"].to_string());
    assert_eq!(heard[0]["text"], "hi");
    assert_eq!(
        heard[1],
        serde_json::json!({"kind": "said", "seq": 1, "tag": "t"})
    );
    assert_eq!(hear_json(&mut quiet).await["tag"], "t");
    quiet.send(Message::text(draft)).await.unwrap();
    assert_eq!(hear_json(&mut quiet).await["seq"], 2);
}

#[tokio::test]
async fn a_bad_draft_is_answered_and_the_conversation_goes_on() {
    let server = Server::with(Settings {
        text_limit: 100,
        ..Settings::default()
    });
    let mut client = server.websocket("/rooms/a/ws").await;
    for (bad, code) in [
        ("", "not_a_draft"),
        ("{", "not_a_draft"),
        (r#"{"from":"","text":"x"}"#, "name"),
        (r#"{"from":"ann","text":""}"#, "no_text"),
        (
            &format!(r#"{{"from":"ann","text":"{}"}}"#, "x".repeat(101)),
            "too_long",
        ),
    ] {
        client.send(Message::text(bad)).await.unwrap();
        let answer = hear_json(&mut client).await;
        assert_eq!(answer["kind"], "error");
        assert_eq!(answer["code"], code);
        assert!(!answer["error"].as_str().unwrap().is_empty());
    }
    client
        .send(Message::text(r#"{"from":"ann","text":"hi"}"#))
        .await
        .unwrap();
    assert_eq!(hear_json(&mut client).await["seq"], 1);
}

/// Checks that the server is fair in the one thread that it shares with the test: otherwise the
/// request would not be answered.
#[tokio::test]
async fn who_speaks_without_a_pause_keeps_nobody_else_waiting() {
    let server = Server::start();
    let client = server.websocket("/rooms/a/ws").await;
    let mut socket: TcpStream = client.into_inner().into_std().unwrap();
    socket.set_nonblocking(false).unwrap();
    let end = socket.try_clone().unwrap();
    let draft = br#"{"from":"ann","text":"hi"}"#;
    // Final, text; masked with zeros.
    let frame = [&[0x81, 0x80 | draft.len() as u8, 0, 0, 0, 0], &draft[..]].concat();
    let many = frame.repeat(1000);
    let speaker = thread::spawn(move || (0..1000).try_for_each(|_| socket.write_all(&many)));
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert!(!speaker.is_finished(), "a million drafts went first");
    end.shutdown(Shutdown::Both).unwrap();
    speaker.join().unwrap().unwrap_err();
}

#[tokio::test]
async fn close_codes() {
    let server = Server::with(Settings {
        text_limit: 1000,
        ..Settings::default()
    });
    let mut other = server.websocket("/rooms/a/ws").await;

    let mut client = server.websocket("/rooms/a/ws").await;
    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(hear_close(&mut client).await, 1003);

    // 1 MB: much of it is still on its way when the server has seen enough.
    let mut client = server.websocket("/rooms/a/ws").await;
    let _ = client.send(Message::text("x".repeat(1_000_000))).await;
    assert_eq!(hear_close(&mut client).await, 1009);

    // Final, text; masked with zeros, 2 bytes; not UTF-8.
    let mut client = server.websocket("/rooms/a/ws").await;
    write_raw(&mut client, b"\x81\x82\0\0\0\0\xc3\x28").await;
    assert_eq!(hear_close(&mut client).await, 1007);

    // A frame from a client must be masked (RFC 6455, section 5.1).
    let mut client = server.websocket("/rooms/a/ws").await;
    write_raw(&mut client, b"\x81\x02{}").await;
    assert_eq!(hear_close(&mut client).await, 1002);

    server.say("hi").await;
    assert_eq!(hear_json(&mut other).await["text"], "hi");
}

async fn write_raw(client: &mut crate::fixture::Client, bytes: &[u8]) {
    use tokio::io::AsyncWriteExt;
    client.get_mut().write_all(bytes).await.unwrap();
}

#[tokio::test]
async fn a_client_that_closes_is_answered_in_kind() {
    let server = Server::start();
    let mut client = server.websocket("/rooms/a/ws").await;
    client.close(None).await.unwrap();
    assert!(matches!(
        hear(&mut client).await,
        Some(Message::Close(_)) | None
    ));
    assert!(hear(&mut client).await.is_none());
}

#[tokio::test]
async fn pings_are_answered_and_silence_brings_them() {
    let server = Server::with(Settings {
        heartbeat: std::time::Duration::from_millis(30),
        ..Settings::default()
    });
    let mut client = server.websocket("/rooms/a/ws").await;
    client.send(Message::Ping("x".into())).await.unwrap();
    let mut seen = (false, false);
    while seen != (true, true) {
        match hear(&mut client).await.unwrap() {
            Message::Ping(_) => seen.0 = true,
            Message::Pong(payload) => {
                assert_eq!(payload, "x");
                seen.1 = true;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn echo_gives_back_what_it_gets() {
    let server = Server::with(Settings {
        echo: true,
        ..Settings::default()
    });
    let mut client = server.websocket("/echo").await;
    for message in [
        Message::text("hello"),
        Message::binary(vec![7; 5_000_000]),
        Message::text(""),
    ] {
        client.send(message.clone()).await.unwrap();
        assert_eq!(hear(&mut client).await.unwrap(), message);
    }
    // In two fragments with a ping between them (RFC 6455, section 5.4).
    write_raw(
        &mut client,
        b"\x01\x82\0\0\0\0he\x89\x80\0\0\0\0\x80\x83\0\0\0\0llo",
    )
    .await;
    let mut heard = [
        hear(&mut client).await.unwrap(),
        hear(&mut client).await.unwrap(),
    ];
    heard.sort_by_key(Message::is_text);
    assert_eq!(heard, [Message::Pong("".into()), Message::text("hello")]);
}
