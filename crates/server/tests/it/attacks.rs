//! Tests of clients that use up shared resources: they are stopped, and other clients lose nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use server::{PerAddress, Settings};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Client, Server, Wire, get, hear_json, post, seqs, soon};

/// Reads messages until one says `last`; the numbers of all that were missed, too.
pub(crate) async fn read_until(client: &mut Client, last: &str) -> (Vec<String>, u64) {
    let (mut texts, mut missed) = (Vec::new(), 0);
    while texts.last().is_none_or(|text| text != last) {
        let event = hear_json(client).await;
        missed += event["missed"].as_u64().unwrap_or(0);
        texts.extend(event["text"].as_str().map(ToOwned::to_owned));
    }
    (texts, missed)
}

/// Writes a draft as JSON.
pub(crate) fn draft(text: &str) -> String {
    serde_json::json!({"from": "ann", "text": text}).to_string()
}

#[tokio::test]
async fn joins_and_leaves_push_out_no_message_and_flood_nobody() {
    let server = Server::with(Settings {
        log_events: 40,
        presence_per_second: Some(20),
        ..Settings::default()
    });
    for number in 0..10 {
        server.say(&format!("lesson {number}")).await;
    }
    let mut neighbour = server.websocket("/rooms/a/ws?after=latest").await;
    let mut wire = server.connect().await;
    for _ in 0..300 {
        wire.exchange(&get("/rooms/a/poll?after=latest&name=x&person=x"))
            .await;
        wire.exchange(&post("/rooms/a/leave?person=x", "")).await;
    }
    wire.exchange(&get("/rooms/a/poll?after=latest&name=y&person=y"))
        .await;
    let batch = server.get("/rooms/a/poll").await.json();
    let events = batch["events"].as_array().unwrap();
    let lessons = events.iter().filter(|event| event["kind"] == "message");
    assert_eq!(lessons.count(), 10);
    server.say("after all that").await;
    let (texts, missed) = read_until(&mut neighbour, "after all that").await;
    assert_eq!((texts.len(), missed), (1, 0));
    assert!(batch["next"].as_u64().unwrap() < 250, "{batch}");
    // The people are counted all the same, and reported once there is room again.
    assert_eq!(server.online(1).await["people"][0]["name"], "y");
    for number in 0..40 {
        server.say(&format!("more {number}")).await;
    }
    let told = async {
        loop {
            let event = hear_json(&mut neighbour).await;
            if event["online"] == 1 {
                break;
            }
        }
    };
    soon(told).await;
}

#[tokio::test]
async fn a_lease_that_is_asked_for_is_bounded() {
    let server = Server::with(Settings {
        lease_cap: Duration::from_millis(50),
        lease_grace: Duration::from_millis(50),
        ..Settings::default()
    });
    server
        .get("/rooms/a/poll?name=squatter&interval=3600")
        .await;
    server.online(0).await;
}

#[tokio::test]
async fn pollers_that_never_came_again_make_way() {
    let server = Server::with(Settings {
        max_people: Some(3),
        ..Settings::default()
    });
    for name in ["a", "b", "c"] {
        server
            .get(&format!("/rooms/a/poll?name={name}&interval=3600"))
            .await;
    }
    server.get("/rooms/a/poll?name=c&interval=3600").await;
    let poll = "/rooms/a/poll?name=pupil";
    soon(async { while server.get(poll).await.status() != 200 {} }).await;
    let here = server.online(3).await;
    let names: Vec<_> = here["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["b", "c", "pupil"]);
}

#[tokio::test]
async fn an_address_has_so_many_people() {
    let server = Server::with(Settings {
        per_address: PerAddress {
            people: Some(2),
            ..PerAddress::default()
        },
        ..Settings::default()
    });
    let poll = |room: &str, name: &str| format!("/rooms/{room}/poll?name={name}&person={name}");
    assert_eq!(server.get(&poll("a", "ann")).await.status(), 200);
    let _ben = server.websocket("/rooms/b/ws?name=ben&person=ben").await;
    let refused = server.get(&poll("a", "cat")).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.json()["code"], "crowded");
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Who is in stays in, who lurks takes no place, and one who leaves makes room.
    assert_eq!(server.get(&poll("a", "ann")).await.status(), 200);
    assert_eq!(server.get("/rooms/a/poll").await.status(), 200);
    server.post("/rooms/a/leave?person=ann", "").await;
    assert_eq!(server.get(&poll("a", "cat")).await.status(), 200);
    // A handshake that fails takes nothing.
    server.post("/rooms/a/leave?person=cat", "").await;
    for _ in 0..5 {
        assert_eq!(
            server.get("/rooms/a/ws?name=dan&person=dan").await.status(),
            426
        );
    }
    assert_eq!(server.get(&poll("a", "cat")).await.status(), 200);
}

#[tokio::test]
async fn an_address_that_speaks_fast_is_slowed_whatever_names_it_makes_up() {
    let server = Server::with(Settings {
        per_address: PerAddress {
            drafts_per_second: Some(20),
            ..PerAddress::default()
        },
        ..Settings::default()
    });
    let began = std::time::Instant::now();
    let mut wire = server.connect().await;
    for number in 0..60 {
        let target = format!("/rooms/r{number}/messages?person=p{number}");
        assert_eq!(
            wire.exchange(&post(&target, &draft("x"))).await.status(),
            201
        );
    }
    // Forty at once, and the rest as they are earned.
    assert!(
        began.elapsed() > Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
    // Many at once are refused.
    let mut wires = Vec::new();
    for _ in 0..60 {
        let mut wire = server.connect().await;
        wire.write(post("/rooms/a/messages", &draft("x")).as_bytes())
            .await;
        wires.push(wire);
    }
    let mut refused = 0;
    for wire in &mut wires {
        let answer = wire.answer(false).await;
        if answer.status() == 429 {
            refused += 1;
            assert_eq!(answer.json()["code"], "too_fast");
        }
    }
    assert!(refused > 10, "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_longer_than_the_log_is_heard_by_all_who_keep_up() {
    const BURST: usize = 3000;
    let server = Server::with(Settings {
        log_events: 50,
        ..Settings::default()
    });
    let mut readers = Vec::new();
    for _ in 0..5 {
        let mut client = server.websocket("/rooms/a/ws?after=latest").await;
        readers.push(tokio::spawn(async move {
            read_until(&mut client, "last").await
        }));
    }
    let mut poller = server.connect().await;
    let place = poller
        .exchange(&get("/rooms/a/poll?after=latest"))
        .await
        .json()["next"]
        .clone();
    let polls = tokio::spawn(poll_until(
        poller,
        place.as_u64().unwrap(),
        BURST as u64 + 21,
    ));
    let speaker = server.websocket("/rooms/a/ws?after=latest").await;
    let (mut up, mut down) = speaker.split();
    let burst = tokio::spawn(async move {
        for number in 0..BURST {
            up.feed(Message::text(draft(&number.to_string())))
                .await
                .unwrap();
        }
        up.flush().await.unwrap();
        up
    });
    // It hears itself, as everybody does.
    let echo = tokio::spawn(async move { while down.next().await.is_some() {} });
    for number in 0..20 {
        server.say(&format!("neighbour {number}")).await;
    }
    let _up = burst.await.unwrap();
    let newest = soon(async {
        loop {
            let batch = server.get("/rooms/a/poll?after=latest").await.json();
            if batch["next"].as_u64() == Some(BURST as u64 + 20) {
                break;
            }
        }
    });
    newest.await;
    server.say("last").await;
    for reader in readers {
        let (texts, missed) = soon(reader).await.unwrap();
        assert_eq!((texts.len(), missed), (BURST + 21, 0));
    }
    assert_eq!(soon(polls).await.unwrap(), (BURST as u64 + 21, 0));
    echo.abort();
}

/// Polls, held each time, until all events up to `last` have come. Returns how many came, and how
/// many did not.
async fn poll_until(mut wire: Wire, mut place: u64, last: u64) -> (u64, u64) {
    let (mut seen, mut missed) = (0, 0);
    while place < last {
        let target = format!("/rooms/a/long-poll?after={place}&hold=10");
        let batch = wire.exchange(&get(&target)).await.json();
        seen += seqs(&batch).len() as u64;
        missed += batch["missed"].as_u64().unwrap();
        place = batch["next"].as_u64().unwrap();
    }
    (seen, missed)
}

#[tokio::test]
async fn there_may_be_so_many_connections() {
    for (settings, status, code) in [
        (
            Settings {
                max_connections: 3,
                ..Settings::default()
            },
            503,
            "connections_full",
        ),
        (
            Settings {
                per_address: PerAddress {
                    connections: Some(3),
                    ..PerAddress::default()
                },
                ..Settings::default()
            },
            429,
            "many_connections",
        ),
    ] {
        let server = Server::with(settings);
        let mut inside = Vec::new();
        for _ in 0..3 {
            let mut wire = server.connect().await;
            wire.exchange(&get("/rooms/a/poll")).await;
            inside.push(wire);
        }
        let refused = server.connect().await.answer(false).await;
        assert_eq!(
            (refused.status(), &refused.json()["code"]),
            (status, &code.into())
        );
        assert_eq!(refused.header("retry-after"), Some("5"));
        for wire in &mut inside {
            assert_eq!(wire.exchange(&get("/rooms/a/poll")).await.status(), 200);
        }
        inside.pop();
        let mut again = server.connect().await;
        while again.exchange(&get("/rooms/a/poll")).await.status() != 200 {
            again = server.connect().await;
        }
    }
}

/// Checks that an address has as many sessions of libraries as connections: a session needs no
/// connection of its own.
#[tokio::test]
async fn an_address_has_so_many_sessions_of_libraries() {
    let server = Server::with(Settings {
        per_address: PerAddress {
            connections: Some(3),
            ..PerAddress::default()
        },
        ..Settings::default()
    });
    let open = get("/socket.io/?EIO=4&transport=polling");
    let mut wire = server.connect_from(2).await;
    for _ in 0..3 {
        assert_eq!(wire.exchange(&open).await.status(), 200);
    }
    assert_eq!(wire.exchange(&open).await.status(), 429);
    let refused = wire.exchange(&post("/sockjs/a/000/s/xhr", "")).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.json()["code"], "many_connections");
    let mut other = server.connect_from(3).await;
    assert_eq!(other.exchange(&open).await.status(), 200);
}

#[tokio::test]
async fn a_log_is_bounded_by_bytes_and_what_it_dropped_is_told() {
    let server = Server::with(Settings {
        log_bytes: 200_000,
        ..Settings::default()
    });
    // Six bytes of JSON for each byte of text, and three copies.
    for _ in 0..20 {
        server.say(&"\u{1}".repeat(1000)).await;
    }
    let batch = server.get("/rooms/a/poll?after=0").await.json();
    let kept = seqs(&batch).len() as u64;
    assert!((5..=11).contains(&kept), "{kept}");
    assert_eq!(batch["missed"], 20 - kept);
    // One that is larger than all takes the place of all.
    server.say(&"\u{1}".repeat(60_000)).await;
    assert_eq!(seqs(&server.get("/rooms/a/poll").await.json()), [21]);
}
