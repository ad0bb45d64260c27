//! Tests of clients that use up shared resources: they are stopped, and other clients lose nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use server::{PerAddress, Settings};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Client, Server, Wire, get, hear_json, post, seqs, soon};

/// Reads messages until one says `last`; the numbers of all that were missed, too.
async fn read_until(client: &mut Client, last: &str) -> (Vec<String>, u64) {
    let (mut texts, mut missed) = (Vec::new(), 0);
    while texts.last().is_none_or(|text| text != last) {
        let event = hear_json(client).await;
        missed += event["missed"].as_u64().unwrap_or(0);
        texts.extend(event["text"].as_str().map(ToOwned::to_owned));
    }
    (texts, missed)
}

fn draft(text: &str) -> String {
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

/// Polls, each held, until all events up to `last` have come. Returns how many came, and how many
/// did not.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stopped_reading_holds_up_nobody_for_long() {
    let server = Server::with(Settings {
        log_events: 20,
        send_buffer: Some(8 * 1024),
        ..Settings::default()
    });
    let _stuck = server.websocket("/rooms/a/ws?after=latest").await;
    let mut quick = server.websocket("/rooms/a/ws?after=latest").await;
    let text = "x".repeat(60_000);
    for _ in 0..200 {
        server.say(&text).await;
        assert_eq!(hear_json(&mut quick).await["kind"], "message");
    }
}

#[tokio::test]
async fn heads_and_bodies_that_never_end_are_cut_and_idle_pollers_are_not() {
    let server = Server::with(Settings {
        head_timeout: Duration::from_millis(150),
        body_timeout: Duration::from_millis(150),
        ..Settings::default()
    });
    let mut poller = server.connect().await;
    let poll = get("/rooms/a/poll?after=0");
    assert_eq!(poller.exchange(&poll).await.status(), 200);
    let mut held = server.connect().await;
    held.write(get("/rooms/a/long-poll?after=0&hold=60").as_bytes())
        .await;
    let mut speaker = server.connect().await;
    let say = post("/rooms/b/messages", &draft("x"));
    assert_eq!(speaker.exchange(&say).await.status(), 201);

    let mut silent = server.connect().await;
    let mut slow = server.connect().await;
    slow.write(b"GET /rooms/a/poll HTTP/1.1\r\nhost: x\r\nx-more: ")
        .await;
    let mut slow_after = server.connect().await;
    slow_after.exchange(&say).await;
    slow_after.write(b"POST /rooms/a/mess").await;
    // By hyper, which collects heads that are too long for the way of polls.
    let mut long = server.connect().await;
    long.write(
        format!(
            "GET / HTTP/1.1\r\nhost: x\r\ncookie: {}",
            "x".repeat(20_000)
        )
        .as_bytes(),
    )
    .await;
    let drip = async {
        // A head is not done sooner for coming on and on.
        while long.stream.write_all(b"y").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(250), drip).await;
    assert!(silent.rest().await.is_empty());
    for begun in [&mut slow, &mut slow_after, &mut long] {
        let answer = begun.answer(false).await;
        assert_eq!(
            (answer.status(), &answer.json()["code"]),
            (408, &"too_slow".into())
        );
        assert!(begun.rest().await.is_empty());
    }
    let mut body = server.connect().await;
    body.write(b"POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{")
        .await;
    let answer = body.answer(false).await;
    assert_eq!(
        (answer.status(), &answer.json()["code"]),
        (408, &"too_slow".into())
    );
    body.rest().await;

    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(poller.exchange(&poll).await.status(), 200);
    assert_eq!(speaker.exchange(&say).await.status(), 201);
    server.say("hi").await;
    assert_eq!(seqs(&held.answer(false).await.json()), [1]);
}

#[tokio::test]
async fn an_idle_connection_is_let_go_in_the_end() {
    let server = Server::with(Settings {
        idle_timeout: Duration::from_millis(150),
        ..Settings::default()
    });
    let mut poller = server.connect().await;
    poller.exchange(&get("/rooms/a/poll?after=0")).await;
    assert!(poller.rest().await.is_empty());
    let mut speaker = server.connect().await;
    speaker
        .exchange(&post("/rooms/a/messages", &draft("x")))
        .await;
    assert!(speaker.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_is_let_go() {
    let server = Server::with(Settings {
        send_buffer: Some(8 * 1024),
        write_timeout: Duration::from_millis(300),
        ..Settings::default()
    });
    let mut quick = server
        .websocket("/rooms/a/ws?after=latest&name=quick")
        .await;
    let _stuck = server
        .websocket("/rooms/a/ws?after=latest&name=stuck")
        .await;
    let _lines = server
        .stream("/rooms/a/stream?after=latest&name=lines")
        .await;
    server.online(3).await;
    let reading = tokio::spawn(async move { read_until(&mut quick, "last").await });
    let text = "x".repeat(60_000);
    for _ in 0..150 {
        server.say(&text).await;
    }
    assert_eq!(server.online(1).await["people"][0]["name"], "quick");
    server.say("last").await;
    let (_, missed) = soon(reading).await.unwrap();
    assert_eq!(missed, 0);
}

#[tokio::test]
async fn a_websocket_that_answers_no_ping_is_closed_and_one_that_does_is_not() {
    let server = Server::with(Settings {
        heartbeat: Duration::from_millis(50),
        max_pings: 3,
        ..Settings::default()
    });
    // This one reads, by which tungstenite answers.
    let mut alive = server
        .websocket("/rooms/a/ws?after=latest&name=alive")
        .await;
    let alive = tokio::spawn(async move { while alive.next().await.is_some() {} });
    let head = "GET /rooms/a/ws?after=latest&name=deaf HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut deaf = server.connect().await;
    deaf.write(head.as_bytes()).await;
    let all = deaf.rest().await;
    let close = [3, 0xF0]; // 1008, RFC 6455, section 7.4.1.
    let pings = all.windows(2).filter(|bytes| *bytes == [0x89, 0]).count();
    assert_eq!(pings, 3);
    assert!(all.windows(2).any(|bytes| bytes == close), "{all:?}");
    assert_eq!(server.online(1).await["people"][0]["name"], "alive");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!alive.is_finished());
    alive.abort();
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

#[tokio::test]
async fn what_a_foreign_page_embeds_neither_joins_nor_opens_anything() {
    let server = Server::start();
    let ask =
        |line: &str, headers: &str| format!("{line} HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n");
    for signs in [
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\nsec-fetch-dest: image",
        "sec-fetch-site: same-site",
        "accept: image/avif,image/webp,*/*;q=0.8",
        "referer: http://evil.test/",
    ] {
        for line in [
            "GET /rooms/a/poll?name=eve&interval=3600",
            "GET /rooms/a/long-poll?name=eve",
            "GET /rooms/a/stream?name=eve",
            "GET /rooms/a/sse?name=eve",
            "GET /rooms/new/poll",
            "POST /rooms/a/leave?name=ann",
        ] {
            let answer = server.send(&ask(line, signs)).await;
            assert_eq!(
                (answer.status(), &answer.json()["code"]),
                (403, &"origin".into()),
                "{line} {signs}"
            );
        }
    }
    assert_eq!(server.get("/rooms/a/people").await.json()["online"], 0);
    for fine in [
        "sec-fetch-site: same-origin",
        "sec-fetch-site: none",
        "accept: */*",
    ] {
        let answer = server.send(&ask("GET /rooms/a/poll", fine)).await;
        assert_eq!(answer.status(), 200, "{fine}");
    }
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_is_refused_everywhere() {
    let server = Server::with(Settings {
        hosts: vec!["class.example".into()],
        ..Settings::default()
    });
    let body = draft("x");
    let say = format!(
        "POST /rooms/a/messages HTTP/1.1\r\ncontent-length: {}",
        body.len()
    );
    for (host, known) in [
        ("evil.test", false),
        ("127.0.0.1.evil.test", false),
        ("class.example", true),
        ("127.0.0.1", true),
    ] {
        for head in [
            &say,
            "GET /rooms/a/poll HTTP/1.1",
            "GET / HTTP/1.1",
            "GET /rooms/a/people HTTP/1.1",
        ] {
            let body = if head.starts_with("POST") { &body } else { "" };
            let answer = server
                .send(&format!(
                    "{head}\r\nhost: {host}\r\norigin: http://{host}\r\n\r\n{body}"
                ))
                .await;
            assert_eq!(answer.status() != 421, known, "{host} {head}");
        }
    }
    let refused = server
        .send("GET / HTTP/1.1\r\nhost: evil.test\r\n\r\n")
        .await
        .json();
    assert_eq!(refused["code"], "host");
    let words: &Value = &refused["error"];
    assert!(words.as_str().unwrap().contains("--host"), "{words}");
}
