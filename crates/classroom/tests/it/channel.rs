//! Tests of the channel of a page: a teacher's orders, and who may give none.

use std::time::Duration;

use classroom::View;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::{Client, PATIENCE, Running, chat, sum, whole};

/// Opens a page's channel, or any other WebSocket.
async fn socket(running: &Running, target: &str) -> Socket {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let url = format!("ws://{}{target}", running.address);
    client_async(url, stream).await.unwrap().0
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

/// Waits for a message of the channel that is of this kind and fits.
async fn told(channel: &mut Socket, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let Some(Ok(Message::Text(text))) = channel.next().await else {
                panic!("the channel ended");
            };
            let all: Value = serde_json::from_str(&text).unwrap();
            for one in all.as_array().unwrap() {
                if one["kind"] == kind && fits(one) {
                    return one.clone();
                }
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("told in time")
}

async fn order(channel: &mut Socket, order: Value) {
    channel
        .send(Message::text(order.to_string()))
        .await
        .unwrap();
}

/// Opens a channel and says on it that a teacher is there.
async fn teacher(running: &Running) -> Socket {
    let mut channel = socket(running, "/classroom/channel").await;
    let teach = serde_json::json!({"kind": "teach", "token": running.token});
    order(&mut channel, teach).await;
    channel
}

/// Waits until the channel tells that the first person is muted, or is not.
async fn told_muted(channel: &mut Socket, muted: bool) {
    told(channel, "class", |class| {
        class["people"]["people"][0]["muted"] == muted
    })
    .await;
}

/// Waits for the end of a socket and returns the code with which it is closed.
async fn close_code(socket: &mut Socket) -> u16 {
    let closed = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    timeout(PATIENCE, closed).await.unwrap()
}

/// Publishes a message as a person; returns the JSON of the answer.
async fn say(running: &Running, person: &str) -> Value {
    let body = format!(r#"{{"from":"{person}","text":"hi"}}"#);
    let mut client = running.connect(running.address.port()).await;
    let head = format!(
        "POST /rooms/hall/messages?person={person} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    client.send(&head).await;
    let answer = String::from_utf8(client.read_until(whole).await).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn the_teacher_mutes_sends_out_and_bans_and_nobody_else_does() {
    let running = Running::start("");
    let mut ann = socket(&running, "/rooms/hall/ws?name=ann&person=ann&after=latest").await;
    let mut ben = socket(&running, "/rooms/hall/ws?name=ben&person=ben&after=latest").await;
    let mut teacher = teacher(&running).await;
    let mut pupil = socket(&running, "/classroom/channel").await;
    let class = told(&mut teacher, "class", |class| {
        class["people"]["online"] == 2
    })
    .await;
    let id = class["people"]["people"][0]["id"].clone();
    assert_eq!(class["people"]["people"][0]["name"], "ann");

    let about = |word: &str| serde_json::json!({"kind": "person", "id": id, "order": word});
    order(&mut pupil, about("ban")).await;
    told(&mut pupil, "error", |_| true).await;
    assert!(say(&running, "ann").await["seq"].is_u64());

    order(&mut teacher, about("mute")).await;
    told_muted(&mut teacher, true).await;
    assert_eq!(say(&running, "ann").await["code"], "muted");
    assert!(say(&running, "ben").await["seq"].is_u64());
    order(&mut teacher, about("unmute")).await;
    told_muted(&mut teacher, false).await;
    assert!(say(&running, "ann").await["seq"].is_u64());

    order(&mut teacher, about("ban")).await;
    assert_eq!(close_code(&mut ann).await, 1008);
    for target in [
        "/rooms/hall/poll?name=ann&person=ann",
        "/rooms/hall/long-poll?name=x&person=ann",
    ] {
        assert_eq!(running.json(target).await["code"], "banned", "{target}");
    }
    assert_eq!(say(&running, "ann").await["code"], "banned");
    // The neighbour from the same address heard all of it and may go on.
    assert!(say(&running, "ben").await["seq"].is_u64());
    for _ in 0..4 {
        while let Some(Ok(heard)) = ben.next().await {
            if heard.to_text().unwrap().contains("\"text\"") {
                break;
            }
        }
    }
    order(&mut teacher, serde_json::json!({"kind": "pardon"})).await;
    let back = async {
        while running.json("/rooms/hall/poll?name=ann&person=ann").await["code"] == "banned" {}
    };
    timeout(PATIENCE, back).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn the_teacher_names_the_rooms_that_there_are() {
    let running = Running::start("");
    let mut teacher = teacher(&running).await;
    let mut pupil = socket(&running, "/classroom/channel").await;
    // A room that is there already stays.
    assert_eq!(running.json("/rooms/hall/poll").await["missed"], 0);
    let named = serde_json::json!({"kind": "rooms", "named": ["group-1"]});
    order(&mut teacher, named).await;
    told(&mut pupil, "state", |told| {
        told["state"]["rooms"][0] == "group-1"
    })
    .await;
    assert_eq!(
        running.json("/rooms/other/poll").await["code"],
        "room_not_named"
    );
    for fine in [
        "/rooms/group-1/poll",
        "/rooms/hall/poll",
        "/rooms/own-1/poll",
    ] {
        assert_eq!(running.json(fine).await["missed"], 0, "{fine}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_channel_that_guesses_is_closed() {
    let running = Running::start("");
    let mut guesser = socket(&running, "/classroom/channel").await;
    for _ in 0..9 {
        // It may be closed already.
        let guess = serde_json::json!({"kind": "teach", "token": "x"}).to_string();
        let _ = guesser.send(Message::text(guess)).await;
    }
    let mut refused = 0;
    while let Ok(Some(Ok(message))) = timeout(PATIENCE, guesser.next()).await {
        refused += usize::from(message.to_string().contains("\"teaches\":false"));
    }
    assert!((1..=6).contains(&refused), "{refused}");
    running.stop().await;
}

/// Opens a channel in plain bytes: nothing answers pings on it.
async fn bare_channel(running: &Running) -> Client {
    let mut client = running.connect(running.address.port()).await;
    let head = "GET /classroom/channel HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    client.send(head).await;
    client
}

#[tokio::test]
async fn a_channel_that_answers_no_ping_is_closed_and_one_that_does_is_not() {
    let settings = server::Settings {
        heartbeat: Duration::from_millis(100),
        max_pings: 3,
        ..chat()
    };
    let running = Running::of("", View::Lanes, settings);
    // This one reads, by which tungstenite answers.
    let mut alive = socket(&running, "/classroom/channel").await;
    let alive = tokio::spawn(async move { while alive.next().await.is_some() {} });
    let mut silent = bare_channel(&running).await;
    let mut all = Vec::new();
    let reading = silent.stream.read_to_end(&mut all);
    timeout(PATIENCE, reading).await.unwrap().unwrap();
    let close = [3, 0xF0]; // 1008, RFC 6455, section 7.4.1.
    let pings = all.windows(2).filter(|bytes| *bytes == [0x89, 0]).count();
    assert_eq!(pings, 3);
    assert!(all.windows(2).any(|bytes| bytes == close));
    assert!(!alive.is_finished());
    alive.abort();
    drop(silent);
    running.stop().await;
}

#[tokio::test]
async fn a_channel_that_takes_nothing_is_let_go() {
    let settings = server::Settings {
        write_timeout: Duration::from_millis(500),
        send_buffer: Some(8 * 1024),
        ..chat()
    };
    let running = Running::of("", View::Lanes, settings);
    let mut deaf = bare_channel(&running).await;
    // Each is answered, and no answer is read. The mask is zeros.
    let ask = br#"{"kind":"ping","n":1}"#;
    let head = [0x81, 0x80 | ask.len() as u8, 0, 0, 0, 0];
    let many = [&head[..], ask].concat().repeat(1_000);
    let asking = async { while deaf.stream.write_all(&many).await.is_ok() {} };
    timeout(PATIENCE, asking).await.expect("it was let go");
    running.stop().await;
}

#[tokio::test]
async fn a_page_from_elsewhere_opens_no_lanes() {
    let running = Running::with("", View::Lanes);
    for signs in [
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors",
        "accept: image/png,*/*",
        "referer: http://elsewhere.test/\r\naccept: */*",
    ] {
        let mut client = running.connect(running.address.port()).await;
        client
            .send(&format!(
                "GET /classroom/config HTTP/1.1\r\nhost: x\r\n{signs}\r\n\r\n"
            ))
            .await;
        let answer = String::from_utf8(client.read_until(whole).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    // A person who follows a link is let in.
    for signs in [
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document",
        "referer: http://elsewhere.test/\r\naccept: text/html,*/*;q=0.8",
    ] {
        let mut client = running.connect(running.address.port()).await;
        client
            .send(&format!(
                "GET /classroom HTTP/1.1\r\nhost: x\r\n{signs}\r\n\r\n"
            ))
            .await;
        let answer = String::from_utf8(client.read_until(whole).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    running.stop().await;
}

#[tokio::test]
async fn what_is_compressed_comes_with_what_is_in_it() {
    let named = server::Settings {
        compress: server::Compress::Named,
        ..chat()
    };
    let running = Running::of("", View::Wire, named);
    assert_eq!(running.json("/classroom/config").await["compress"], false);
    let mut channel = socket(&running, "/classroom/channel").await;
    let follow = serde_json::json!({"kind": "follow", "persons": ["ben"]});
    order(&mut channel, follow).await;
    told(&mut channel, "following", |_| true).await;

    let mut ann = running.connect(running.address.port()).await;
    let draft = r#"{"from":"ann","text":"hello hello hello hello"}"#;
    let length = draft.len();
    ann.send(&format!(
        "POST /rooms/hall/messages HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{draft}"
    ))
    .await;
    ann.read_until(whole).await;
    let ask = |more: &str| {
        format!(
            "GET /rooms/hall/poll?after=0{more} HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n"
        )
    };
    // Whoever does not name it is answered as by a server that does not compress.
    ann.send(&ask("")).await;
    let plain = String::from_utf8(ann.read_until(whole).await).unwrap();
    let (head, batch) = plain.split_once("\r\n\r\n").unwrap();
    assert!(
        !head.contains("vary") && !head.contains("content-encoding"),
        "{head}"
    );

    let mut ben = running.connect(running.address.port()).await;
    ben.send(&ask("&person=ben&compress=1")).await;
    let passed = told(&mut channel, "passed", |note| note["dir"] == "down").await;
    let parts = passed["parts"].as_array().unwrap();
    let part = parts
        .iter()
        .find(|part| part["layer"] == "payload")
        .unwrap();
    assert_eq!(part["inside"]["data"], batch);
    assert_eq!(part["inside"]["len"], batch.len());
    assert!(
        part["data"].as_str().unwrap().starts_with("\u{1f}\u{8b}"),
        "{part}"
    );

    // The books have what crossed, and not what was in it.
    ben.stream.shutdown().await.unwrap();
    let mut all = Vec::new();
    let reading = ben.stream.read_to_end(&mut all);
    timeout(PATIENCE, reading).await.unwrap().unwrap();
    let down = all.len() as u64;
    let books = running
        .books("ben", |books| sum(books, "down") == down)
        .await;
    assert_eq!(books["down"]["payload"], part["len"], "{books}");
    running.stop().await;
}

#[tokio::test]
async fn lanes_in_the_clear_are_not_switched_to_http2() {
    let running = Running::start("");
    let mut teacher = teacher(&running).await;
    let switch = serde_json::json!({"kind": "http2", "on": true});
    order(&mut teacher, switch).await;
    let refused = told(&mut teacher, "error", |_| true).await;
    assert!(
        refused["error"].as_str().unwrap().contains("TLS"),
        "{refused}"
    );
    // A later order is told with the state, in which nothing has changed.
    order(&mut teacher, serde_json::json!({"kind": "delay", "ms": 1})).await;
    let state = told(&mut teacher, "state", |told| told["state"]["delay_ms"] == 1).await;
    assert_eq!(state["state"]["http2"], false);
    running.stop().await;
}
