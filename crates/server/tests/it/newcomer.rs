//! Tests that whoever comes in without a place is given all that is kept, and is told of no gap,
//! whatever its own join pushes out of a full log.

use futures_util::SinkExt;
use server::Settings;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Client, Server, get, hear, post};

/// The number of events that the log keeps.
const KEPT: usize = 6;
/// The number of events that were said before anybody comes in.
const SAID: u64 = 9;

/// Starts a server whose room `a` is full.
async fn full() -> Server {
    let server = Server::with(Settings {
        log_events: KEPT,
        ..Settings::default()
    });
    for _ in 0..SAID {
        server.say("x").await;
    }
    server
}

/// Sends a request and returns its answer, or of one that does not end all that comes until the
/// newcomer's own join.
async fn ask(server: &Server, request: &str) -> String {
    let mut wire = server.connect().await;
    wire.write(request.as_bytes()).await;
    let head = wire.head().await;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    match length {
        Some(length) => wire.take(length.parse().unwrap()).await,
        None => wire.until(b"online").await,
    }
}

async fn hear_join(mut client: Client, first: &[&str]) -> String {
    let mut all = String::new();
    for packet in first {
        client.send(Message::text(*packet)).await.unwrap();
    }
    while !all.contains("online") {
        match hear(&mut client).await {
            Some(Message::Text(text)) => all += text.as_str(),
            other => panic!("{other:?} after {all}"),
        }
    }
    all
}

/// Makes a request that the fast path for polls leaves to hyper.
fn slowly(target: &str) -> String {
    get(target).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")
}

/// Returns the numbers that stand behind `key`, in their order.
fn numbers(text: &str, key: &str) -> Vec<u64> {
    let text = text.replace('\\', "");
    let key = format!("\"{key}\":");
    let number = |piece: &str| {
        piece
            .split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    };
    text.split(&key).skip(1).filter_map(number).collect()
}

/// Checks what a newcomer was sent: the newest events up to its own join, and no gap.
fn is_all(way: &str, heard: &str) {
    let last = SAID + 1;
    let kept: Vec<u64> = (last + 1 - KEPT as u64..=last).collect();
    assert_eq!(numbers(heard, "seq"), kept, "{way}: {heard}");
    let missed: u64 = numbers(heard, "missed").iter().sum();
    assert_eq!(missed, 0, "{way}: {heard}");
}

#[tokio::test]
async fn a_newcomer_misses_nothing_on_any_way() {
    for way in ["poll", "long-poll", "stream", "sse", "jsonp", "iframe"] {
        for more in ["", "&epoch=1", "&epoch=ids&person=p"] {
            let target = format!("/rooms/a/{way}?callback=c&name=n{more}");
            // The second is read by hyper.
            for request in [get(&target), slowly(&target)] {
                let server = full().await;
                is_all(&request, &ask(&server, &request).await);
            }
        }
    }
    for more in ["", "&epoch=1"] {
        let server = full().await;
        let socket = server.websocket(&format!("/rooms/a/ws?name=n{more}")).await;
        is_all(more, &hear_join(socket, &[]).await);
    }
}

#[tokio::test]
async fn a_newcomer_of_socket_io_misses_nothing() {
    let server = full().await;
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = server.get(path).await.body;
    let sid = opened.split('"').nth(3).unwrap();
    let session = format!("{path}&sid={sid}");
    server.post(&session, r#"40{"room":"a","name":"n"}"#).await;
    is_all("polls", &ask(&server, &get(&session)).await);

    let server = full().await;
    let socket = server
        .websocket("/socket.io/?EIO=4&transport=websocket")
        .await;
    let heard = hear_join(socket, &[r#"40{"room":"a","name":"n"}"#]).await;
    is_all("websocket", &heard);
}

#[tokio::test]
async fn a_newcomer_of_sockjs_misses_nothing() {
    for way in ["xhr", "xhr_streaming", "eventsource", "jsonp?c=c"] {
        let server = full().await;
        let and = if way.contains('?') { '&' } else { '?' };
        let target = format!("/sockjs/a/000/s/{way}{and}name=n");
        let by_post = way.starts_with("xhr");
        let request = if by_post {
            post(&target, "")
        } else {
            get(&target)
        };
        if way == "xhr" || way.starts_with("jsonp") {
            // The first answer says only that the session is open.
            server.send(&request).await;
        }
        is_all(way, &ask(&server, &request).await);
    }
    let server = full().await;
    let socket = server.websocket("/sockjs/a/000/s/websocket?name=n").await;
    is_all("websocket", &hear_join(socket, &[]).await);
}

/// Checks that whoever does have a place is told what it missed, exactly: also when its own join
/// pushes one more event out, and when its place is of another log.
#[tokio::test]
async fn whoever_has_a_place_is_told_what_it_missed() {
    let gone = SAID + 1 - KEPT as u64;
    for after in ["0", "0-ffffff", "7-ffffff"] {
        for way in ["poll", "long-poll", "stream", "sse"] {
            let server = full().await;
            let target = format!("/rooms/a/{way}?name=n&epoch=1&after={after}");
            let heard = ask(&server, &get(&target)).await;
            let missed: u64 = numbers(&heard, "missed").iter().sum();
            assert_eq!(missed, gone, "{way} {after}: {heard}");
        }
    }
}
