//! Tests of the server's end.

use std::time::{Duration, Instant};

use server::{Io, Settings};

use crate::fixture::{PATIENCE, Server, get, hear, hear_close, hear_json, ios};

#[tokio::test]
async fn everyone_is_told() {
    for io in ios() {
        tell_everyone(io).await;
    }
}

async fn tell_everyone(io: Io) {
    let mut server = Server::with(Settings {
        io,
        echo: true,
        ..Settings::default()
    });
    server.say("hi").await;
    let mut client = server.websocket("/rooms/a/ws?after=0").await;
    hear_json(&mut client).await;
    let mut echo = server.websocket("/echo").await;
    let mut stream = server.stream("/rooms/a/stream?after=1").await;
    let mut sse = server.stream("/rooms/a/sse?after=1").await;
    let mut idle = server.connect().await;
    idle.exchange(&get("/healthz")).await;
    let mut fresh = server.connect().await;
    let mut held = server.connect().await;
    held.write(get("/rooms/a/long-poll?after=1&hold=60").as_bytes())
        .await;
    // A later answer on another connection: the held poll is being held by now,
    // or will be answered from a closed room, which is as good.
    server.get("/healthz").await;

    server.stop();
    let batch = held.answer(false).await.json();
    assert_eq!(
        batch,
        serde_json::json!({"events": [], "next": 1, "missed": 0})
    );
    assert_eq!(stream.chunk().await, None);
    assert_eq!(sse.chunk().await, None);
    assert_eq!(hear_close(&mut client).await, 1001);
    assert_eq!(hear_close(&mut echo).await, 1001);
    assert!(hear(&mut client).await.is_none() && hear(&mut echo).await.is_none());
    assert_eq!((idle.rest().await, fresh.rest().await), (vec![], vec![]));
    server.left().await;
}

#[tokio::test]
async fn whoever_does_not_go_is_cut_off() {
    let mut server = Server::with(Settings {
        goodbye: Duration::from_millis(100),
        ..Settings::default()
    });
    let mut half = server.connect().await;
    half.write(b"GET /rooms/a/poll HTTP/1.1\r\nhost:").await;
    let _deaf = server.websocket("/rooms/a/ws").await;
    let asked = Instant::now();
    server.stop();
    server.left().await;
    assert!(asked.elapsed() < PATIENCE);
}
