//! Tests of readers that come early, come late, fall behind, or change transport.

use std::time::{Duration, Instant};

use serde_json::Value;
use server::{Io, Settings};

use crate::fixture::{Server, Wire, hear_json, ios, seqs};

async fn line(stream: &mut Wire) -> Value {
    lines(stream).await.swap_remove(0)
}

async fn lines(stream: &mut Wire) -> Vec<Value> {
    let chunk = stream.chunk().await.unwrap();
    let lines = chunk.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_held_poll_is_answered_by_the_event() {
    let server = Server::start();
    let mut held = server.connect().await;
    held.write(crate::fixture::get("/rooms/a/long-poll?after=0&hold=60").as_bytes())
        .await;
    server.say("hi").await;
    assert_eq!(seqs(&held.answer(false).await.json()), [1]);
}

#[tokio::test]
async fn a_hold_ends_with_an_empty_batch_and_is_capped() {
    let server = Server::with(Settings {
        hold_cap: Duration::from_millis(50),
        ..Settings::default()
    });
    server.say("hi").await;
    for target in [
        "/rooms/a/long-poll?after=1",
        "/rooms/a/long-poll?after=latest&hold=9999",
    ] {
        let asked = Instant::now();
        let batch = server.get(target).await.json();
        assert_eq!(
            batch,
            serde_json::json!({"events": [], "next": 1, "missed": 0})
        );
        assert!(asked.elapsed() >= Duration::from_millis(50));
    }
}

#[tokio::test]
async fn places_to_begin_at() {
    let server = Server::with(Settings {
        log_events: 3,
        ..Settings::default()
    });
    for text in ["a", "b", "c", "d", "e"] {
        server.say(text).await;
    }
    for (query, events, missed) in [
        ("", vec![3, 4, 5], 0),
        ("?after=0", vec![3, 4, 5], 2),
        ("?after=1", vec![3, 4, 5], 1),
        ("?after=4", vec![5], 0),
        ("?after=latest", vec![], 0),
        // The place is not of this log: the reader is informed, and gets everything that is kept.
        ("?after=77", vec![3, 4, 5], 2),
        ("?after=5-000000", vec![3, 4, 5], 2),
    ] {
        let batch = server.get(&format!("/rooms/a/poll{query}")).await.json();
        assert_eq!(
            (seqs(&batch), &batch["missed"], &batch["next"]),
            (events, &missed.into(), &5.into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_reader_that_fell_behind_is_told_so_on_each_transport() {
    let server = Server::with(Settings {
        log_events: 2,
        ..Settings::default()
    });
    for text in ["a", "b", "c", "d", "e"] {
        server.say(text).await;
    }
    let gap = serde_json::json!({"kind": "gap", "missed": 2, "next": 3});

    let mut stream = server.stream("/rooms/a/stream?after=1").await;
    let chunk = stream.chunk().await.unwrap();
    let lines: Vec<Value> = chunk
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0], gap);
    assert_eq!((&lines[1]["seq"], &lines[2]["seq"]), (&4.into(), &5.into()));

    let mut sse = server.stream("/rooms/a/sse?after=1").await;
    let chunk = sse.chunk().await.unwrap();
    assert!(
        chunk.starts_with(&format!(
            "id: 3\ndata: {}\n\nid: 4\ndata: ",
            r#"{"kind":"gap","missed":2,"next":3}"#
        )),
        "{chunk}"
    );

    let mut client = server.websocket("/rooms/a/ws?after=1").await;
    assert_eq!(hear_json(&mut client).await, gap);
    assert_eq!(hear_json(&mut client).await["seq"], 4);
    assert_eq!(hear_json(&mut client).await["seq"], 5);
}

#[tokio::test]
async fn an_event_source_comes_back_where_it_was() {
    let server = Server::start();
    for text in ["a", "b", "c"] {
        server.say(text).await;
    }
    let mut wire = server.connect().await;
    wire.write(b"GET /rooms/a/sse?after=latest HTTP/1.1\r\nhost: x\r\nlast-event-id: 1\r\n\r\n")
        .await;
    wire.head().await;
    let chunk = wire.chunk().await.unwrap();
    assert!(
        chunk.starts_with("id: 2\n") && chunk.contains("\n\nid: 3\n"),
        "{chunk}"
    );
    // Some clients send the line before they have seen an id.
    let mut wire = server.connect().await;
    wire.write(b"GET /rooms/a/sse?after=2 HTTP/1.1\r\nhost: x\r\nlast-event-id: \r\n\r\n")
        .await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200"));
    let chunk = wire.chunk().await.unwrap();
    assert!(chunk.starts_with("id: 3\n"), "{chunk}");
}

#[tokio::test]
async fn one_reader_over_every_transport_in_turn_loses_nothing() {
    let server = Server::start();
    let mut place = 0;
    let mut seen = Vec::new();
    for round in 0..3 {
        for transport in ["poll", "long-poll", "stream", "sse", "ws"] {
            server.say(&format!("{round} {transport}")).await;
            let target = format!("/rooms/a/{transport}?after={place}");
            let mut events = match transport {
                "poll" | "long-poll" => seqs(&server.get(&target).await.json()),
                "stream" => vec![
                    line(&mut server.stream(&target).await).await["seq"]
                        .as_u64()
                        .unwrap(),
                ],
                "sse" => {
                    let chunk = server.stream(&target).await.chunk().await.unwrap();
                    let id = chunk.strip_prefix("id: ").unwrap().lines().next().unwrap();
                    vec![id.parse().unwrap()]
                }
                _ => vec![
                    hear_json(&mut server.websocket(&target).await).await["seq"]
                        .as_u64()
                        .unwrap(),
                ],
            };
            place = *events.last().unwrap();
            seen.append(&mut events);
        }
    }
    assert_eq!(seen, (1..=15).collect::<Vec<_>>());
}

#[tokio::test]
async fn silence_brings_heartbeats() {
    let server = Server::with(Settings {
        heartbeat: Duration::from_millis(30),
        ..Settings::default()
    });
    let mut stream = server.stream("/rooms/a/stream").await;
    assert_eq!(stream.chunk().await.unwrap(), "\n");
    let mut sse = server.stream("/rooms/a/sse").await;
    assert_eq!(sse.chunk().await.unwrap(), ":\n\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_heard_by_everyone_in_order_once() {
    for io in ios() {
        hear_everything(io).await;
    }
}

async fn hear_everything(io: Io) {
    const EVENTS: u64 = 100;
    let server = std::sync::Arc::new(Server::with(Settings {
        io,
        ..Settings::default()
    }));
    let mut readers = tokio::task::JoinSet::new();
    for transport in ["poll", "long-poll", "stream", "ws"].repeat(3) {
        let server = std::sync::Arc::clone(&server);
        readers.spawn(async move { read_all(&server, transport, EVENTS).await });
    }
    for number in 0..EVENTS {
        server.say(&number.to_string()).await;
    }
    for seen in readers.join_all().await {
        assert_eq!(seen, (1..=EVENTS).collect::<Vec<_>>(), "{io:?}");
    }
}

async fn read_all(server: &Server, transport: &str, until: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    match transport {
        "ws" => {
            let mut client = server.websocket("/rooms/a/ws").await;
            while seen.last() != Some(&until) {
                seen.push(hear_json(&mut client).await["seq"].as_u64().unwrap());
            }
        }
        "stream" => {
            let mut stream = server.stream("/rooms/a/stream").await;
            while seen.last() != Some(&until) {
                let chunk = stream.chunk().await.unwrap();
                let events = chunk
                    .lines()
                    .map(|line| serde_json::from_str::<Value>(line).unwrap());
                seen.extend(events.map(|event| event["seq"].as_u64().unwrap()));
            }
        }
        poll => {
            let mut wire = server.connect().await;
            let mut place = 0;
            while place != until {
                let target = format!("/rooms/a/{poll}?after={place}");
                let batch = wire.exchange(&crate::fixture::get(&target)).await.json();
                seen.extend(seqs(&batch));
                place = batch["next"].as_u64().unwrap();
            }
        }
    }
    seen
}

#[tokio::test]
async fn a_place_that_this_server_never_gave_is_told_on_each_transport() {
    let server = Server::start();
    for text in ["one", "two"] {
        server.say(text).await;
    }
    let asked = server.get("/rooms/a/poll?after=2&epoch=1").await.json();
    let epoch = asked["epoch"].as_str().unwrap().to_owned();
    let gap = serde_json::json!({"kind": "gap", "missed": 1, "next": 0, "epoch": epoch});
    for place in ["50", "2-000000", "50-000000"] {
        let batch = server
            .get(&format!("/rooms/a/long-poll?after={place}"))
            .await;
        let batch = batch.json();
        assert_eq!((seqs(&batch), &batch["missed"]), (vec![1, 2], &1.into()));
        assert_eq!(batch["epoch"], epoch.as_str());

        let mut client = server
            .websocket(&format!("/rooms/a/ws?after={place}"))
            .await;
        assert_eq!(hear_json(&mut client).await, gap);
        for seq in [1, 2] {
            assert_eq!(hear_json(&mut client).await["seq"], seq);
        }
        let mut stream = server
            .stream(&format!("/rooms/a/stream?after={place}"))
            .await;
        assert_eq!(line(&mut stream).await, gap);
        assert_eq!(line(&mut stream).await["seq"], 1);

        let mut wire = server.connect().await;
        let target = "GET /rooms/a/sse?after=latest&epoch=ids";
        let head = format!("{target} HTTP/1.1\r\nhost: x\r\nlast-event-id: {place}\r\n\r\n");
        wire.write(head.as_bytes()).await;
        wire.head().await;
        let chunk = wire.chunk().await.unwrap();
        assert!(chunk.starts_with(&format!(
            "id: 0-{epoch}\ndata: {{\"kind\":\"gap\",\"missed\":1"
        )));
    }
}

#[tokio::test]
async fn a_place_carries_its_log_over_every_transport() {
    let server = Server::start();
    for text in ["one", "two"] {
        server.say(text).await;
    }
    // A reader that asks is informed once, and nothing is missed by it.
    let batch = server.get("/rooms/a/poll?epoch=1").await.json();
    let epoch = batch["epoch"].as_str().unwrap().to_owned();
    let told = serde_json::json!({"kind": "gap", "missed": 0, "next": 2, "epoch": epoch});
    let mut client = server.websocket("/rooms/a/ws?after=latest&epoch=1").await;
    assert_eq!(hear_json(&mut client).await, told);
    let mut stream = server.stream("/rooms/a/stream?after=latest&epoch=1").await;
    assert_eq!(line(&mut stream).await, told);
    let mut sse = server.stream("/rooms/a/sse?after=1&epoch=ids").await;
    let first = sse.chunk().await.unwrap();
    assert!(first.starts_with(&format!("id: 1-{epoch}\n")), "{first}");
    let second = sse.chunk().await.unwrap();
    assert!(
        second.starts_with(&format!("id: 2-{epoch}\ndata: {{\"seq\":2")),
        "{second}"
    );

    // A reader that knows the epoch is not informed again.
    let place = format!("2-{epoch}");
    let batch = server
        .get(&format!("/rooms/a/poll?after={place}"))
        .await
        .json();
    assert_eq!(
        batch,
        serde_json::json!({"events": [], "next": 2, "missed": 0})
    );
    let mut client = server
        .websocket(&format!("/rooms/a/ws?after={place}"))
        .await;
    let mut stream = server
        .stream(&format!("/rooms/a/stream?after={place}"))
        .await;
    server.say("three").await;
    assert_eq!(hear_json(&mut client).await["seq"], 3);
    assert_eq!(line(&mut stream).await["seq"], 3);
}
