//! A server's answers about itself: whether it is ready, and its metrics.

use std::{collections::HashMap, path::Path};

use futures_util::SinkExt;
use server::{Counters, Settings};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Answer, Server, get, hear_json, post};

/// Returns the samples of an answer, by name and labels; of a time, its whole seconds.
fn samples(answer: &Answer) -> HashMap<String, u64> {
    let lines = answer.body.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let value: f64 = value.parse().unwrap();
            (name.to_owned(), value as u64)
        })
        .collect()
}

fn counted() -> Server {
    let counters = Counters::new();
    Server::with(Settings {
        tap: Some(counters.tap()),
        counters: Some(counters),
        log_events: 3,
        ..Settings::default()
    })
}

#[tokio::test]
async fn metrics_count_what_happened_and_are_not_there_unless_asked_for() {
    let server = counted();
    for _ in 0..5 {
        server.say("hello").await;
    }
    let mut socket = server.websocket("/rooms/a/ws?after=latest&name=ben").await;
    hear_json(&mut socket).await;
    let _stream = server.stream("/rooms/a/sse?after=latest").await;
    server.say("to those who have a seat").await;
    hear_json(&mut socket).await;
    socket.send(Message::text("no draft")).await.unwrap();
    assert_eq!(hear_json(&mut socket).await["code"], "not_a_draft");
    assert_eq!(server.get("/no").await.status(), 404);
    // The log begins after the fourth event.
    let late = server.get("/rooms/a/poll?after=1").await;
    assert!(late.body.contains("\"missed\":3"), "{}", late.body);

    let answer = server.get("/metrics").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
    let found = samples(&answer);
    for (name, value) in [
        ("rooms", 1),
        ("people", 1),
        ("events_total", 7),
        ("log_events", 3),
        ("dropped_events_total", 4),
        ("missed_events_total", 3),
        ("readers{way=\"websocket\"}", 1),
        ("readers{way=\"sse\"}", 1),
        ("readers{way=\"long_poll\"}", 0),
        ("readers{way=\"http_stream\"}", 0),
        ("readers{way=\"library\"}", 0),
        ("refused_total{code=\"not_a_draft\"}", 1),
        ("refused_total{code=\"no_such_path\"}", 1),
        ("connections_total", 11),
        ("store_waiting_events", 0),
        ("ready", 1),
    ] {
        assert_eq!(
            found.get(&format!("wirebench_{name}")),
            Some(&value),
            "{name}"
        );
    }
    // Whoever is answered at once has no seat.
    assert!(!found.contains_key("wirebench_readers{way=\"short_poll\"}"));
    assert!(found["wirebench_log_bytes"] > 100);
    assert!(found["wirebench_open_connections"] >= 3);
    // Each draft has gone up and come down at least once.
    for direction in ["up", "down"] {
        let bytes = found[&format!("wirebench_socket_bytes_total{{direction=\"{direction}\"}}")];
        assert!(bytes > 5 * 40, "{direction}: {bytes}");
    }
    // The last draft reached them by a sweep.
    let sweeps = found["wirebench_sweep_seconds_count"];
    let classes = &found["wirebench_sweep_seconds_bucket{le=\"+Inf\"}"];
    assert!(sweeps >= 1 && *classes == sweeps, "{sweeps} of {classes}");
    let post = "POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(server.send(post).await.status(), 405);
    assert_eq!(Server::start().get("/metrics").await.status(), 404);
}

/// Makes exchanges of each kind on one connection; gives back the bytes that a client wrote and read.
async fn exchanges(server: &Server) -> [usize; 2] {
    let mut wire = server.connect().await;
    let draft = r#"{"from":"ann","text":"hi"}"#;
    let (mut up, mut down) = (0, 0);
    for request in [
        post("/rooms/a/messages", draft),
        get("/rooms/a/poll?after=0"),
        get("/rooms/a/people"),
        get("/rooms/a/long-poll?after=0&hold=9"),
        get("/no"),
    ] {
        let answer = wire.exchange(&request).await;
        up += request.len();
        down += answer.head.len() + answer.body.len();
    }
    [up, down]
}

/// Hears one event over a WebSocket, and closes it; gives back all bytes of its connection.
async fn web_socket(server: &Server) -> [usize; 2] {
    let mut wire = server.connect().await;
    let request = "GET /rooms/a/ws?after=0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\
        connection: upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-version: 13\r\n\r\n";
    wire.write(request.as_bytes()).await;
    let head = wire.head().await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let frame = wire.take_bytes(2).await;
    let length = usize::from(frame[1]);
    assert!(frame[0] == 0x81 && length < 126, "{frame:?}");
    wire.take_bytes(length).await;
    // Masked by zeros, and without a code (RFC 6455, sections 5.2 and 5.5.1).
    let close = [0x88, 0x80, 0, 0, 0, 0];
    wire.write(&close).await;
    let rest = wire.rest().await;
    assert_eq!(rest[0], 0x88, "{rest:?}");
    let down = head.len() + frame.len() + length + rest.len();
    [request.len() + close.len(), down]
}

/// Checks the count over whole connections, in the clear, against what their clients wrote and read.
#[tokio::test]
async fn the_bytes_of_sockets_are_counted_to_the_byte() {
    let server = counted();
    let mut carried = vec![exchanges(&server).await, web_socket(&server).await];
    let mut stream = server.connect().await;
    let request = get("/rooms/a/stream?after=0");
    stream.write(request.as_bytes()).await;
    let down = stream.head().await.len() + stream.until(b"\n\r\n").await.len();
    carried.push([request.len(), down]);
    // The first question is counted when it is answered, and its answer when the second one is.
    for _ in 0..2 {
        let [up, down] =
            [0_usize, 1].map(|at| carried.iter().map(|both| both[at] as u64).sum::<u64>());
        let question = get("/metrics");
        let answer = server.send(&question).await;
        let found = samples(&answer);
        let count = |direction: &str| {
            found[&format!("wirebench_socket_bytes_total{{direction=\"{direction}\"}}")]
        };
        assert_eq!(count("up"), up + question.len() as u64);
        assert_eq!(count("down"), down);
        let heard = answer.head.len() + answer.body.len();
        carried.push([question.len(), heard]);
    }
}

#[tokio::test]
async fn every_metric_has_a_type_and_a_help_before_its_samples() {
    let server = counted();
    let body = server.get("/metrics").await.body;
    let mut known = Vec::new();
    for line in body.lines().filter(|line| *line != "# EOF") {
        let mut words = line.split(' ');
        match words.next().unwrap() {
            "#" if words.next() == Some("TYPE") => {
                let name = words.next().unwrap();
                assert!(!known.contains(&name), "{name} twice");
                known.push(name);
            }
            "#" => assert_eq!(words.next(), known.last().copied(), "{line}"),
            sample => {
                let name = sample.split('{').next().unwrap();
                let last = known.last().unwrap();
                let end = name.strip_prefix(last);
                let ends = ["", "_total", "_bucket", "_sum", "_count"];
                assert!(end.is_some_and(|end| ends.contains(&end)), "{line}");
            }
        }
    }
    assert!(known.len() > 10, "{body}");
}

#[tokio::test]
async fn a_server_is_alive_and_ready() {
    let server = Server::start();
    for path in ["/healthz", "/healthz/live", "/healthz/ready"] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status(), answer.body.as_str()),
            (200, "{\"ok\":true}"),
            "{path}"
        );
    }
    assert_eq!(server.get("/healthz/well").await.status(), 404);
}

#[tokio::test]
async fn what_is_shipped_to_watch_a_server_names_metrics_that_it_has() {
    let server = counted();
    assert_eq!(server.get("/no").await.status(), 404);
    let body = server.get("/metrics").await.body;
    let has = |name: &str| {
        let mut lines = body.lines();
        lines.any(|line| line.split([' ', '{']).next() == Some(name))
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    for file in ["alerts.yml", "dashboard.json"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut count = 0;
        for (at, _) in text.match_indices("wirebench_") {
            let rest = &text[at..];
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            let name = &rest[..end.unwrap_or(rest.len())];
            assert!(has(name), "{file}: {name}");
            count += 1;
        }
        assert!(count >= 3, "{file}");
    }
    let dashboard = std::fs::read(folder.join("dashboard.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_slice(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 3);
}
