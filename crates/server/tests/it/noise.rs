//! Tests that send noise to the protocols of libraries: each request is answered, each WebSocket is
//! closed in good order or stays, and a bystander hears all that is said.

use futures_util::SinkExt;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Client, Server, hear, hear_json, post};

/// Generates texts that are nearly right, from pieces of packets in any order, and any others.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "40",
            "41",
            "42",
            "43",
            "44",
            "45",
            "46",
            "2",
            "3",
            "2probe",
            "3probe",
            "5",
            "6",
            "1",
            "0",
            "b",
            "\u{1e}",
            "/",
            "/admin,",
            ",",
            "[",
            "]",
            "{",
            "}",
            "\"",
            "\\",
            "12",
            "-1",
            "99999999999999999999",
            "\"message\"",
            "\"people\"",
            "\"room\":\"a\"",
            "\"name\":\"\"",
            "\"pid\":\"x\"",
            "\"offset\":\"9\"",
            "null",
            "true",
            "1e999",
            "\\ud800",
            "o",
            "h",
            "a[\"x\"]",
            "c[3000,\"Go away!\"]",
            "d=",
            "%",
            "\u{0}",
            "\u{2028}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Makes a number of texts, the same in each run of the tests.
fn some(count: usize) -> Vec<String> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let strategy = texts();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Opens a client in room `a` that hears all that is said there.
async fn bystander(server: &Server) -> Client {
    server.websocket("/rooms/a/ws?after=latest").await
}

/// Checks that the bystander hears what is said now, past whatever the noise
/// happened to say.
async fn hears(server: &Server, client: &mut Client) {
    let seq = server.say("still here").await;
    while hear_json(client).await["seq"] != seq {}
}

/// Sends a text on a WebSocket, and reads until the server closes it or
/// answers a ping: it may do either.
async fn shout(mut client: Client, text: String) {
    let sent = client.send(Message::text(text)).await.is_ok();
    if sent && client.send(Message::Ping("x".into())).await.is_ok() {
        while let Some(message) = hear(&mut client).await {
            if matches!(message, Message::Pong(_) | Message::Close(_)) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn at_engine_io() {
    let server = Server::start();
    let mut other = bystander(&server).await;
    for text in some(300) {
        let opened = server.get("/socket.io/?EIO=4&transport=polling").await;
        let sid = opened.body.split('"').nth(3).unwrap().to_owned();
        let at = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        server.post(&at, r#"40{"room":"a"}"#).await;
        let answer = server.post(&at, &text).await;
        assert!(matches!(answer.status(), 200 | 400), "{text:?} {answer:?}");
        let socket = "/socket.io/?EIO=4&transport=websocket";
        let mut client = server.websocket(socket).await;
        client
            .send(Message::text(r#"40{"room":"a"}"#))
            .await
            .unwrap();
        shout(client, text.clone()).await;
        // As auth, and as a probe.
        shout(server.websocket(socket).await, format!("40{text}")).await;
        if server.get(&at).await.status() == 200 {
            let probed = server.connect_to(&format!("{socket}&sid={sid}")).await;
            if let Some(client) = probed {
                shout(client, text).await;
            }
        }
    }
    hears(&server, &mut other).await;
}

#[tokio::test]
async fn at_sockjs() {
    let server = Server::start();
    let mut other = bystander(&server).await;
    for (number, text) in some(300).into_iter().enumerate() {
        let at = |way: &str| format!("/sockjs/a/0/{number}/{way}");
        assert_eq!(server.post(&at("xhr"), "").await.body, "o\n");
        for way in ["xhr_send", "jsonp_send"] {
            let answer = server.post(&at(way), &text).await;
            assert!(
                matches!(answer.status(), 200 | 204 | 500),
                "{text:?} {answer:?}"
            );
            let nested = serde_json::json!([text]).to_string();
            let answer = server.post(&at(way), &nested).await;
            assert!(matches!(answer.status(), 200 | 204), "{text:?} {answer:?}");
        }
        shout(server.websocket(&at("websocket")).await, text).await;
    }
    hears(&server, &mut other).await;
}

#[tokio::test]
async fn in_addresses() {
    let server = Server::start();
    let mut other = bystander(&server).await;
    for (number, text) in some(300).into_iter().enumerate() {
        let escaped: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for target in [
            format!("/socket.io/?EIO={escaped}&transport=polling"),
            format!("/socket.io/?EIO=4&transport={escaped}"),
            format!("/socket.io/?EIO=4&transport=polling&sid={escaped}"),
            format!("/socket.io/{escaped}"),
            format!("/sockjs/{escaped}"),
            format!("/sockjs/a/{escaped}"),
            // A session of its own each, or the second would be held.
            format!("/sockjs/a/0/{number}{escaped}/xhr"),
            format!("/sockjs/a/0/j{number}/jsonp?c={escaped}"),
            format!("/rooms/a/jsonp?hold=0&callback={escaped}"),
            format!("/rooms/a/iframe?padding={escaped}x"),
        ] {
            let answer = server.get(&target).await;
            assert!(
                (200..=500).contains(&answer.status()),
                "{target} {answer:?}"
            );
            assert!(!answer.body.contains("<script"), "{target} {answer:?}");
            server.send(&post(&target, &text)).await;
        }
    }
    hears(&server, &mut other).await;
}
