//! Tests of clients that stop reading, asking or answering: they are let go in the end, and other
//! clients lose nothing. The metrics count who was let go.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use server::{Counters, Settings};
use tokio::{io::AsyncWriteExt, time::sleep};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    attacks::{draft, read_until},
    fixture::{Server, get, hear, hear_json, post, seqs, soon},
};

/// Returns the usual settings with metrics.
fn counted() -> Settings {
    Settings {
        counters: Some(Counters::new()),
        ..Settings::default()
    }
}

/// Checks how many connections the metrics say were ended at each limit; those that are not named
/// are to be at zero.
async fn assert_ended(server: &Server, expected: &[(&str, u64)]) {
    let text = server.get("/metrics").await.body;
    for limit in ["handshake", "head", "idle", "write", "pings"] {
        let found = expected.iter().find(|(name, _)| *name == limit);
        let count = found.map_or(0, |(_, count)| *count);
        let line = format!("wirebench_ended_connections_total{{limit=\"{limit}\"}} {count}\n");
        assert!(text.contains(&line), "{line}{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stopped_reading_holds_up_nobody_for_long() {
    let server = Server::with(Settings {
        log_events: 20,
        send_buffer: Some(8 * 1024),
        ..counted()
    });
    let _stuck = server.websocket("/rooms/a/ws?after=latest").await;
    let mut quick = server.websocket("/rooms/a/ws?after=latest").await;
    let text = "x".repeat(60_000);
    for _ in 0..200 {
        server.say(&text).await;
        assert_eq!(hear_json(&mut quick).await["kind"], "message");
    }
    let text = server.get("/metrics").await.body;
    assert!(text.contains("\nwirebench_full_readers 1\n"), "{text}");
}

#[tokio::test]
async fn heads_and_bodies_that_never_end_are_cut_and_idle_pollers_are_not() {
    let server = Server::with(Settings {
        head_timeout: Duration::from_millis(500),
        body_timeout: Duration::from_millis(500),
        ..counted()
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
    let _ = tokio::time::timeout(Duration::from_millis(800), drip).await;
    assert!(silent.rest().await.is_empty());
    for begun in [&mut slow, &mut slow_after, &mut long] {
        let answer = begun.answer(false).await;
        assert_eq!(
            (answer.status(), &answer.json()["code"]),
            (408, &"too_slow".into())
        );
        assert!(begun.rest().await.is_empty());
    }
    assert_ended(&server, &[("head", 4)]).await;
    let mut body = server.connect().await;
    body.write(b"POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{")
        .await;
    let answer = body.answer(false).await;
    assert_eq!(
        (answer.status(), &answer.json()["code"]),
        (408, &"too_slow".into())
    );
    body.rest().await;

    // Longer than a head may take.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(poller.exchange(&poll).await.status(), 200);
    assert_eq!(speaker.exchange(&say).await.status(), 201);
    server.say("hi").await;
    assert_eq!(seqs(&held.answer(false).await.json()), [1]);
}

#[tokio::test]
async fn an_idle_connection_is_let_go_in_the_end() {
    let server = Server::with(Settings {
        idle_timeout: Duration::from_millis(500),
        ..counted()
    });
    let mut poller = server.connect().await;
    poller.exchange(&get("/rooms/a/poll?after=0")).await;
    assert!(poller.rest().await.is_empty());
    let mut speaker = server.connect().await;
    speaker
        .exchange(&post("/rooms/a/messages", &draft("x")))
        .await;
    assert!(speaker.rest().await.is_empty());
    assert_ended(&server, &[("idle", 2)]).await;
}

/// Checks that a client cannot tell that its connection gave up what it kept for a next request.
#[tokio::test]
async fn a_connection_that_was_quiet_goes_on_as_before() {
    let server = Server::with(Settings {
        // A thirtieth of it is quiet.
        idle_timeout: Duration::from_secs(3),
        ..Settings::default()
    });
    let mut wire = server.connect().await;
    for _ in 0..2 {
        assert_eq!(wire.exchange(&get("/healthz")).await.status(), 200);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // In pieces, of which the first may meet the connection on its way back.
    let (begin, end) = ("GET /healthz HTTP/1.1\r\nho", "st: x\r\n\r\n");
    wire.write(begin.as_bytes()).await;
    tokio::task::yield_now().await;
    wire.write(end.as_bytes()).await;
    assert_eq!(wire.answer(false).await.status(), 200);
    let poll = get("/rooms/a/poll?after=0");
    assert_eq!(wire.exchange(&poll).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_is_let_go() {
    let server = Server::with(Settings {
        send_buffer: Some(8 * 1024),
        // A reader who is slow because the machine is takes something in that time.
        write_timeout: Duration::from_secs(3),
        ..counted()
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
    assert_ended(&server, &[("write", 2)]).await;
}

#[tokio::test]
async fn a_websocket_that_answers_no_ping_is_closed_and_one_that_does_is_not() {
    let server = Server::with(Settings {
        heartbeat: Duration::from_millis(50),
        max_pings: 3,
        ..counted()
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
    assert_ended(&server, &[("pings", 1)]).await;
    alive.abort();
}

/// Checks that `/echo` does not keep a message for good that its client does not take.
#[tokio::test]
async fn a_client_that_takes_no_echo_is_let_go() {
    let server = Server::with(Settings {
        echo: true,
        send_buffer: Some(8 * 1024),
        write_timeout: Duration::from_secs(1),
        ..counted()
    });
    let mut client = server.websocket("/echo").await;
    // More than the buffers of both sockets take.
    let message = Message::binary(vec![b'x'; 8 << 20]);
    soon(client.send(message)).await.unwrap();
    let line = "wirebench_ended_connections_total{limit=\"write\"} 1\n";
    soon(async {
        while !server.get("/metrics").await.body.contains(line) {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_ended(&server, &[("write", 1)]).await;
    drop(client);
    // Once it has taken what is sent back, a client may say nothing for longer.
    let mut quick = server.websocket("/echo").await;
    for _ in 0..2 {
        quick.send(Message::text("hi")).await.unwrap();
        assert_eq!(hear(&mut quick).await, Some(Message::text("hi")));
        sleep(Duration::from_millis(1_500)).await;
    }
}
