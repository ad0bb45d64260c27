//! Tests of presence over real connections.

use std::time::Duration;

use serde_json::Value;
use server::Settings;

use crate::fixture::{PATIENCE, Server, hear_json};

/// Joins and leaves in the log so far: `+name` or `-name` with the count.
async fn story(server: &Server) -> Vec<String> {
    let batch = server.get("/rooms/a/poll").await.json();
    let line = |event: &Value| {
        let sign = if event["kind"] == "join" { '+' } else { '-' };
        format!(
            "{sign}{} {}",
            event["from"].as_str().unwrap(),
            event["online"]
        )
    };
    batch["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

#[tokio::test]
async fn a_joiner_sees_its_own_join_and_others_see_it_leave() {
    let server = Server::start();
    let mut ann = server.websocket("/rooms/a/ws?after=latest&name=ann").await;
    let join = hear_json(&mut ann).await;
    assert_eq!(
        (&join["kind"], &join["from"], &join["online"]),
        (&"join".into(), &"ann".into(), &1.into())
    );
    let bob = server.stream("/rooms/a/stream?after=latest&name=bob").await;
    assert_eq!(hear_json(&mut ann).await["from"], "bob");
    let people = server.online(2).await;
    assert_eq!(people["people"][0]["name"], "ann");
    assert_eq!(people["people"][0]["transport"], "websocket");
    assert_eq!(people["people"][1]["transport"], "http_stream");
    // The framing of the stream shows whether an EventSource reads it.
    assert_eq!(people["people"][1]["framing"], "ndjson");
    assert!(people["people"][0].get("framing").is_none());
    assert!(people["people"][1]["since"].as_u64().unwrap() > 1_700_000_000_000);
    drop(bob);
    let leave = hear_json(&mut ann).await;
    assert_eq!(
        (&leave["kind"], &leave["from"], &leave["online"]),
        (&"leave".into(), &"bob".into(), &1.into())
    );
}

#[tokio::test]
async fn two_with_one_name_are_two_and_lurkers_are_none() {
    let server = Server::start();
    let one = server.websocket("/rooms/a/ws?name=ann").await;
    let two = server.websocket("/rooms/a/ws?name=ann").await;
    let _lurker = server.websocket("/rooms/a/ws").await;
    server.online(2).await;
    drop(one);
    server.online(1).await;
    drop(two);
    server.online(0).await;
    assert_eq!(
        story(&server).await,
        ["+ann 1", "+ann 2", "-ann 1", "-ann 0"]
    );
}

#[tokio::test]
async fn a_person_who_changes_transport_neither_leaves_nor_joins() {
    let server = Server::with(Settings {
        lease_grace: PATIENCE,
        ..Settings::default()
    });
    let who = "name=ann&person=p1";
    for _ in 0..2 {
        let client = server.websocket(&format!("/rooms/a/ws?{who}")).await;
        drop(client);
        server.get(&format!("/rooms/a/poll?{who}")).await;
        drop(server.stream(&format!("/rooms/a/sse?{who}")).await);
        server
            .get(&format!("/rooms/a/long-poll?hold=0.01&{who}"))
            .await;
    }
    let people = server.online(1).await;
    assert_eq!(people["people"][0]["transport"], "long_poll");
    assert_eq!(story(&server).await, ["+ann 1"]);
}

#[tokio::test]
async fn pollers_are_here_by_lease() {
    let server = Server::with(Settings {
        lease_grace: Duration::from_millis(100),
        ..Settings::default()
    });
    // Renewed in time, over and over: one join.
    for _ in 0..3 {
        server.get("/rooms/a/poll?name=ann&interval=60").await;
    }
    server.get("/rooms/a/poll?name=bob&interval=0.1").await;
    server.get("/rooms/a/long-poll?name=cy&hold=0.1").await;
    server.online(1).await;
    // In which order bob and cy come and go is up to the machine's load.
    let mut story = story(&server).await;
    for line in &mut story {
        line.truncate(line.len() - 2);
    }
    story.sort();
    assert_eq!(story, ["+ann", "+bob", "+cy", "-bob", "-cy"]);
}

#[tokio::test]
async fn leaving_is_told_at_once() {
    let server = Server::with(Settings {
        lease_grace: PATIENCE,
        ..Settings::default()
    });
    server.get("/rooms/a/poll?name=ann").await;
    let _bob = server.websocket("/rooms/a/ws?name=bob&person=b").await;
    assert_eq!(
        server
            .post("/rooms/a/leave?name=ann", "beacon")
            .await
            .status(),
        204
    );
    assert_eq!(
        server.post("/rooms/a/leave?person=b", "").await.status(),
        204
    );
    // Again, and in a room that never was: nothing to do, and no error.
    assert_eq!(
        server.post("/rooms/a/leave?person=b", "").await.status(),
        204
    );
    assert_eq!(
        server
            .post("/rooms/nowhere/leave?name=ann", "")
            .await
            .status(),
        204
    );
    assert_eq!(
        story(&server).await,
        ["+ann 1", "+bob 2", "-ann 1", "-bob 0"]
    );
}

#[tokio::test]
async fn a_stream_whose_reader_is_gone_ends_its_presence() {
    let server = Server::start();
    let stream = server.stream("/rooms/a/sse?name=ann").await;
    server.online(1).await;
    drop(stream);
    server.online(0).await;
}
