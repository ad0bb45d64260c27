//! Tests of the WebSocket of 2010 (draft-hixie-thewebsocketprotocol-76), byte for byte, beside one
//! of today.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::Value;
use server::{Counters, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, Wire, hear_json, soon};

/// The example of section 1.2 of the draft, to a room.
const KEY_1: &str = "4 @1  46546xW%0l 1 5";
const KEY_2: &str = "12998 5 Y3 1  .P00";
const KEY_3: &[u8; 8] = b"^n:ds[4U";
const ANSWER: &[u8; 16] = b"8jKS'y:G*Co,Wxa-";
const CLOSE: &[u8] = b"\xff\x00";

fn museum() -> Settings {
    Settings {
        museum: true,
        ..Settings::default()
    }
}

fn head(query: &str, keys: [&str; 2]) -> String {
    let [first, second] = keys;
    format!(
        "GET /rooms/a/ws{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key2: {second}\r\nSec-WebSocket-Protocol: sample\r\n\
         Upgrade: WebSocket\r\nSec-WebSocket-Key1: {first}\r\nOrigin: http://x\r\n\r\n"
    )
}

fn handshake(query: &str) -> Vec<u8> {
    [head(query, [KEY_1, KEY_2]).as_bytes(), KEY_3].concat()
}

/// Sends a handshake in pieces, and checks the answer.
async fn open(server: &Server, query: &str, at_once: usize) -> Wire {
    let mut wire = server.connect().await;
    for piece in handshake(query).chunks(at_once) {
        wire.write(piece).await;
    }
    assert_eq!(
        wire.head().await,
        format!(
            "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Origin: http://x\r\n\
             Sec-WebSocket-Location: ws://x/rooms/a/ws{query}\r\n\r\n"
        )
    );
    assert_eq!(wire.take_bytes(ANSWER.len()).await, ANSWER);
    wire
}

async fn text(wire: &mut Wire) -> Value {
    assert_eq!(wire.take_bytes(1).await, [0]);
    let mut json = Vec::new();
    loop {
        match wire.take_bytes(1).await[0] {
            0xff => return serde_json::from_slice(&json).unwrap(),
            byte => json.push(byte),
        }
    }
}

fn framed(json: &str) -> Vec<u8> {
    [b"\x00", json.as_bytes(), b"\xff"].concat()
}

const DRAFT: &str = r#"{"from":"ann","text":"old 你好"}"#;

#[tokio::test]
async fn both_are_in_one_room() {
    let server = Server::with(museum());
    server.say("before").await;
    let mut today = server.websocket("/rooms/a/ws?name=bo").await;
    assert_eq!(hear_json(&mut today).await["text"], "before");
    assert_eq!(hear_json(&mut today).await["from"], "bo");
    let mut old = open(&server, "?name=ann&ack=1", usize::MAX).await;
    for expected in ["message", "join", "join"] {
        assert_eq!(text(&mut old).await["kind"], expected);
    }
    let joined = hear_json(&mut today).await;
    assert_eq!(
        (&joined["from"], &joined["online"]),
        (&"ann".into(), &2.into())
    );

    // Frames without a text are read past, before a draft and after it.
    let more = [&framed(DRAFT)[..], b"\x80\x00\x81\x02hi\x05?\xff"].concat();
    old.write(&[b"\xff\x01x", &more[..]].concat()).await;
    let (heard, said) = (text(&mut old).await, text(&mut old).await);
    let events = if heard["kind"] == "said" {
        [said, heard]
    } else {
        [heard, said]
    };
    assert_eq!(
        (&events[0]["text"], &events[1]["seq"]),
        (&"old 你好".into(), &4.into())
    );
    assert_eq!(hear_json(&mut today).await, events[0]);
    today
        .send(Message::text(r#"{"from":"bo","text":"new"}"#))
        .await
        .unwrap();
    assert_eq!(text(&mut old).await, hear_json(&mut today).await);

    old.write(&framed("no draft")).await;
    assert_eq!(text(&mut old).await["code"], "not_a_draft");
    old.write(CLOSE).await;
    assert_eq!(old.rest().await, CLOSE);
    let left = hear_json(&mut today).await;
    assert_eq!(
        (&left["kind"], &left["from"]),
        (&"leave".into(), &"ann".into())
    );
}

#[tokio::test]
async fn a_handshake_may_come_in_any_pieces() {
    let server = Server::with(museum());
    for at_once in [1, 7, 100, handshake("").len() - 8, handshake("").len() - 1] {
        open(&server, "", at_once).await;
    }
    // Frames may be glued to the eight bytes.
    let mut wire = server.connect().await;
    wire.write(&[&handshake("?ack=1")[..], &framed(DRAFT), CLOSE].concat())
        .await;
    wire.until(b"8jKS'y:G*Co,Wxa-").await;
    let rest = wire.rest().await;
    assert!(
        rest.ends_with(CLOSE) && rest.starts_with(b"\x00{"),
        "{rest:?}"
    );
    assert_eq!(server.get("/rooms/a/poll").await.json()["next"], 1);
}

#[tokio::test]
async fn a_server_that_is_no_museum_answers_as_ever() {
    let server = Server::start();
    let mut wire = server.connect().await;
    wire.write(&handshake("")).await;
    let answer = wire.answer(false).await;
    assert_eq!(answer.status(), 426, "{answer:?}");
    assert_eq!(answer.header("sec-websocket-version"), Some("13"));
}

#[tokio::test]
async fn bad_handshakes_are_refused_and_disturb_nobody() {
    let settings = Settings {
        head_timeout: Duration::from_secs(1),
        ..museum()
    };
    let server = Server::with(settings);
    let mut bystander = open(&server, "", usize::MAX).await;
    for keys in [
        ["46546", KEY_2],
        [KEY_1, "nothing but spaces"],
        ["1 2 3", KEY_2],
        [KEY_1, "4294967296 "],
        [KEY_1, "42949 67296 "],
        ["", KEY_2],
    ] {
        let mut wire = server.connect().await;
        let request = head("", keys);
        wire.write(&[request.as_bytes(), KEY_3].concat()).await;
        let answer = wire.answer(false).await;
        assert_eq!(answer.status(), 400, "{keys:?}");
        assert_eq!(answer.json()["code"], "handshake", "{keys:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{keys:?}");
        assert_eq!(wire.rest().await, b"", "{keys:?}");
    }
    let whole = head("", [KEY_1, KEY_2]);
    for (request, status) in [
        (whole.replace("Sec-WebSocket-Key1", "X"), 400),
        (whole.replace("http://x", "http://evil.test"), 403),
        (whole.replace("/ws", "/ws?after=x"), 400),
        (whole.replace("Host: x\r\n", ""), 400),
        (whole.replace("Upgrade: WebSocket", "Upgrade: h2c"), 426),
    ] {
        let mut wire = server.connect().await;
        wire.write(request.as_bytes()).await;
        let answer = wire.answer(false).await;
        assert_eq!(answer.status(), status, "{request}");
        assert_eq!(wire.rest().await, b"", "{request}");
    }
    // The eight bytes are cut off, or never come.
    let mut cut = server.connect().await;
    cut.write(&handshake("")[..whole.len() + 7]).await;
    cut.stream.shutdown().await.unwrap();
    assert_eq!(cut.answer(false).await.status(), 400);
    let mut slow = server.connect().await;
    let began = Instant::now();
    slow.write(&handshake("")[..whole.len() + 7]).await;
    assert_eq!(slow.rest().await, b"");
    assert!(began.elapsed() >= Duration::from_secs(1));

    server.say("well").await;
    assert_eq!(text(&mut bystander).await["text"], "well");
}

/// Checks that what is refused here is counted under its code, as what hyper reads is.
#[tokio::test]
async fn refused_handshakes_are_counted() {
    let server = Server::with(Settings {
        counters: Some(Counters::new()),
        ..museum()
    });
    let bad_key = head("", ["46546", KEY_2]);
    let foreign = head("", [KEY_1, KEY_2]).replace("http://x", "http://evil.test");
    for (request, status) in [(bad_key, 400), (foreign, 403)] {
        let mut wire = server.connect().await;
        wire.write(request.as_bytes()).await;
        assert_eq!(wire.answer(false).await.status(), status, "{request}");
    }
    let mut cut = server.connect().await;
    let whole = handshake("");
    cut.write(&whole[..whole.len() - 1]).await;
    cut.stream.shutdown().await.unwrap();
    assert_eq!(cut.answer(false).await.status(), 400);
    let metrics = server.get("/metrics").await.body;
    for (code, count) in [("handshake", 2), ("origin", 1)] {
        let line = format!("wirebench_refused_total{{code=\"{code}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[tokio::test]
async fn a_text_beyond_the_limit_ends_the_connection() {
    let settings = Settings {
        text_limit: 10,
        ..museum()
    };
    let server = Server::with(settings);
    let mut bystander = open(&server, "", usize::MAX).await;
    for endless in [
        [b"\x00" as &[u8], &[b'x'; 4000]].concat(),
        [b"\x80" as &[u8], &[0xff; 20]].concat(),
    ] {
        let mut wire = open(&server, "", usize::MAX).await;
        wire.write(&endless).await;
        assert_eq!(wire.rest().await, CLOSE);
    }
    // Content without a text is read past, however long it is.
    let mut wire = open(&server, "?ack=1", usize::MAX).await;
    wire.write(&[b"\x80\x84\x00" as &[u8], &[0; 512]].concat())
        .await;
    wire.write(&framed(r#"{"from":"a","text":"b"}"#)).await;
    assert_eq!(text(&mut wire).await["seq"], 1);
    assert_eq!(text(&mut bystander).await["text"], "b");
}

#[tokio::test]
async fn silence_brings_a_heartbeat_and_the_end_a_closing_handshake() {
    let settings = Settings {
        heartbeat: Duration::from_millis(50),
        ..museum()
    };
    let mut server = Server::with(settings);
    let mut wire = open(&server, "?after=latest", usize::MAX).await;
    // More of them than pings that may go unanswered.
    for _ in 0..5 {
        assert_eq!(wire.take_bytes(2).await, b"\x80\x00");
    }
    server.say("last").await;
    server.stop();
    let rest = soon(wire.rest()).await;
    let said = rest.windows(4).any(|bytes| bytes == b"last");
    assert!(said && rest.ends_with(CLOSE), "{rest:?}");
    drop(wire);
    server.left().await;
}

/// The same bytes in each run of the tests (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % count
    }
}

#[tokio::test]
async fn noise_disturbs_nobody() {
    let server = Server::with(museum());
    let mut bystander = open(&server, "", usize::MAX).await;
    let mut dice = Dice(7);
    for number in 0..200 {
        let mut bytes = handshake("");
        let head = bytes.len();
        if number % 2 == 0 {
            // A handshake with some bytes spoiled.
            for _ in 0..=dice.below(3) {
                let at = dice.below(head);
                bytes[at] = dice.below(256) as u8;
            }
        }
        for _ in 0..dice.below(40) {
            let piece: &[u8] = [
                b"\x00" as &[u8],
                b"\xff",
                b"\x80",
                b"\x81\x02",
                b"{",
                b"\xff\x00",
                b"x",
            ][dice.below(7)];
            bytes.extend_from_slice(piece);
        }
        let mut wire = server.connect().await;
        wire.write(&bytes).await;
        wire.stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = soon(wire.stream.read_to_end(&mut answer)).await;
        let is_http = answer.starts_with(b"HTTP/1.1 ");
        assert!(is_http || answer.is_empty(), "{number}: {answer:?}");
        if number % 2 == 1 {
            assert!(answer.windows(16).any(|bytes| bytes == ANSWER), "{number}");
        }
    }
    server.say("well").await;
    assert_eq!(text(&mut bystander).await["text"], "well");
}
