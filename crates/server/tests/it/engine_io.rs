//! Tests of Engine.IO and Socket.IO, byte for byte, including their errors.

mod probes;
mod refused;

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde_json::Value;
use server::{Counters, Settings};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Client, Server, hear, hear_close, post, soon};

const PATH: &str = "/socket.io/?EIO=4&transport=polling";

/// Opens a session by a poll; gives back its id.
async fn open(server: &Server) -> String {
    let answer = server.get(PATH).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=UTF-8")
    );
    let packet = answer.body.strip_prefix('0').expect("an open packet");
    let json: Value = serde_json::from_str(packet).unwrap();
    assert_eq!(json["upgrades"], serde_json::json!(["websocket"]));
    assert_eq!(json["pingTimeout"], 20_000);
    json["sid"].as_str().unwrap().to_owned()
}

fn at(sid: &str) -> String {
    format!("{PATH}&sid={sid}")
}

/// Opens a session, and connects to a room by polls.
async fn join(server: &Server, auth: &str) -> String {
    let sid = open(server).await;
    say(server, &sid, &format!("40{auth}")).await;
    let packet = poll(server, &sid).await;
    assert!(packet.starts_with("40{\"sid\":\""), "{packet}");
    sid
}

async fn say(server: &Server, sid: &str, packets: &str) {
    let answer = server.post(&at(sid), packets).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "ok"));
}

async fn poll(server: &Server, sid: &str) -> String {
    let answer = server.get(&at(sid)).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.body
}

async fn websocket(server: &Server, more: &str) -> Client {
    server
        .websocket(&format!("/socket.io/?EIO=4&transport=websocket{more}"))
        .await
}

async fn text(client: &mut Client) -> String {
    match hear(client).await {
        Some(Message::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn send(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.unwrap();
}

/// Checks that a chat goes on as if nothing had happened.
async fn all_is_well(server: &Server) {
    let sid = join(server, r#"{"room":"a","after":"latest"}"#).await;
    let seq = server.say("well").await;
    let packet = poll(server, &sid).await;
    assert!(packet.ends_with(&format!(",\"{seq}\"]")), "{packet}");
}

#[tokio::test]
async fn an_event_is_dressed_once_over_polls_and_over_a_websocket() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a"}"#).await;
    let mut socket = websocket(&server, "").await;
    assert!(text(&mut socket).await.starts_with("0{\"sid\":"));
    send(&mut socket, r#"40{"room":"a"}"#).await;
    assert!(text(&mut socket).await.starts_with("40{\"sid\":"));
    server.say("hello").await;
    let packet = text(&mut socket).await;
    assert_eq!(poll(&server, &sid).await, packet);
    let plain = server.get("/rooms/a/poll?after=0").await.json();
    let event = plain["events"][0].to_string();
    let (head, tail) = ("42[\"message\",", ",\"1\"]");
    assert_eq!(packet.len(), head.len() + event.len() + tail.len());
    assert!(
        packet.starts_with(head) && packet.ends_with(tail),
        "{packet}"
    );
}

#[tokio::test]
async fn packets_are_joined_in_both_directions() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a","name":"ann"}"#).await;
    let packets = "4217[\"message\",\"one\"]\u{1e}42[\"message\",\"two\"]\u{1e}428[\"people\"]";
    say(&server, &sid, packets).await;
    let heard = poll(&server, &sid).await;
    let heard: Vec<&str> = heard.split('\u{1e}').collect();
    // The own join may have been heard with the answer to the connect.
    assert_eq!(heard[0], "4317[{\"seq\":2}]");
    assert!(heard[1].starts_with("438[{\"online\":1,"), "{heard:?}");
    assert!(
        heard.last().unwrap().contains("\"text\":\"two\""),
        "{heard:?}"
    );
}

#[tokio::test]
async fn an_answer_has_no_more_packets_than_every_client_takes() {
    let server = Server::start();
    for _ in 0..31 {
        server.say("x").await;
    }
    let sid = join(&server, r#"{"room":"a","after":"latest"}"#).await;
    let packets: Vec<String> = (0..30)
        .map(|id| format!(r#"42{id}["message",{{"from":"ann","text":"y"}}]"#))
        .collect();
    say(&server, &sid, &packets.join("\u{1e}")).await;
    let (mut acks, mut places) = (Vec::new(), Vec::new());
    while acks.len() < 30 || places.len() < 30 {
        let answer = poll(&server, &sid).await;
        let packets: Vec<&str> = answer.split('\u{1e}').collect();
        assert!(packets.len() <= 16, "{packets:?}");
        for packet in packets {
            match packet.strip_prefix("43") {
                Some(rest) => acks.push(rest.split('[').next().unwrap().parse::<u64>().unwrap()),
                None => places.push(packet.rsplit('"').nth(1).unwrap().parse::<u64>().unwrap()),
            }
        }
    }
    assert_eq!(acks, (0..30).collect::<Vec<u64>>());
    assert_eq!(places, (32..=61).collect::<Vec<u64>>());
}

#[tokio::test]
async fn the_server_pings_and_who_does_not_answer_is_gone() {
    let server = Server::with(Settings {
        // Long enough that none is due while somebody joins, however slow the machine.
        heartbeat: Duration::from_millis(500),
        ..Settings::default()
    });
    let sid = join(&server, r#"{"room":"a"}"#).await;
    assert_eq!(poll(&server, &sid).await, "2");
    say(&server, &sid, "3").await;
    assert_eq!(poll(&server, &sid).await, "2");
    let mut socket = websocket(&server, "").await;
    text(&mut socket).await;
    send(&mut socket, r#"40{"room":"a"}"#).await;
    text(&mut socket).await;
    for _ in 0..3 {
        assert_eq!(text(&mut socket).await, "2");
        send(&mut socket, "3").await;
    }
}

#[tokio::test]
async fn a_client_that_comes_back_is_known_within_the_log_and_told_beyond_it() {
    let server = Server::with(Settings {
        log_events: 3,
        ..Settings::default()
    });
    let connect = async |auth: String| -> Value {
        let sid = open(&server).await;
        say(&server, &sid, &format!("40{auth}")).await;
        let packets = poll(&server, &sid).await;
        let mut packets = packets.split('\u{1e}');
        let mut answer: Value = serde_json::from_str(&packets.next().unwrap()[2..]).unwrap();
        answer["packets"] = packets.map(str::to_owned).collect();
        say(&server, &sid, "1").await;
        answer
    };
    let first = connect(r#"{"room":"a"}"#.into()).await;
    for text in ["one", "two", "three"] {
        server.say(text).await;
    }
    let back = |offset: &str| {
        serde_json::json!({"room": "a", "pid": first["pid"], "offset": offset}).to_string()
    };
    let known = connect(back("1")).await;
    assert_eq!(
        (&known["pid"], &known["sid"]),
        (&first["pid"], &first["sid"])
    );
    assert_eq!(known["packets"].as_array().unwrap().len(), 2);
    server.say("four").await;
    server.say("five").await;
    let beyond = connect(back("1")).await;
    assert_ne!(beyond["pid"], first["pid"]);
    assert_eq!(
        beyond["packets"][0],
        r#"42["gap",{"kind":"gap","missed":1,"next":2},"2"]"#
    );
    assert_eq!(beyond["packets"].as_array().unwrap().len(), 4);
    // A number that this log never gave is not believed either.
    let ahead = connect(back("99")).await;
    assert_ne!(ahead["pid"], first["pid"]);
}

#[tokio::test]
async fn a_server_that_leaves_says_so() {
    let mut server = Server::start();
    let sid = join(&server, r#"{"room":"a"}"#).await;
    let alone = open(&server).await;
    let mut held = Vec::new();
    for sid in [&sid, &alone] {
        let mut wire = server.connect().await;
        wire.write(crate::fixture::get(&at(sid)).as_bytes()).await;
        held.push(wire);
    }
    let mut socket = websocket(&server, "").await;
    send(&mut socket, r#"40{"room":"a"}"#).await;
    text(&mut socket).await;
    text(&mut socket).await;
    let mut lone = websocket(&server, "").await;
    text(&mut lone).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop();
    for wire in &mut held {
        assert_eq!(wire.answer(false).await.body, "1");
    }
    assert_eq!(hear_close(&mut socket).await, 1001);
    assert_eq!(hear_close(&mut lone).await, 1001);
    drop((held, socket, lone));
    server.left().await;
}
