//! WebSockets over HTTP/2 (RFC 8441), frame by frame.

use super::*;
use crate::fixture::{hear_close, hear_json};

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// 404, as heads begin with it (RFC 7541, appendix A).
const NOT_FOUND: u8 = 0x8d;

/// The number of a setting (RFC 9113, section 6.5.2; RFC 8441, section 3).
const INITIAL_WINDOW_SIZE: u16 = 4;
const ENABLE_CONNECT_PROTOCOL: u16 = 8;

/// Returns a field without Huffman coding; the names of a few are numbers of the table (RFC 7541).
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let name = match name {
        ":authority" => vec![1],
        ":method" => vec![2],
        ":path" => vec![4],
        name => [vec![0], text(name)].concat(),
    };
    [name, text(value)].concat()
}

/// Returns a request whose method is CONNECT.
fn connects(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<u8> = fields
        .iter()
        .flat_map(|(name, value)| field(name, value))
        .collect();
    let fields = [field(":method", "CONNECT"), fields].concat();
    frame(HEADERS, END_HEADERS, stream, &fields)
}

/// Returns the handshake for a WebSocket at an address.
fn opens(stream: u32, path: &str) -> Vec<u8> {
    connects(stream, &with(path, &[("sec-websocket-version", "13")]))
}

fn with<'a>(path: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let pseudo = [
        (":protocol", "websocket"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "127.0.0.1"),
    ];
    [&pseudo[..], more].concat()
}

/// Returns a frame of a WebSocket, masked with zeros, within one of HTTP/2.
fn says(stream: u32, first: u8, payload: &[u8]) -> Vec<u8> {
    let head = match payload.len() {
        len @ 0..=125 => vec![first, 0x80 | len as u8],
        len => [&[first, 0xfe][..], &(len as u16).to_be_bytes()].concat(),
    };
    frame(DATA, 0, stream, &[&head[..], &[0; 4], payload].concat())
}

impl Client {
    /// Opens a WebSocket.
    async fn open(&mut self, stream: u32, path: &str) {
        self.send(&opens(stream, path)).await;
        let head = self.next_of(stream).await;
        assert_eq!((head.kind, head.payload[0]), (HEADERS, OK), "{path}");
        assert_eq!(head.flags & END_STREAM, 0);
    }

    /// Reads the next frame of a stream; those of others are skipped.
    async fn next_of(&mut self, stream: u32) -> Frame {
        loop {
            let frame = self.frame().await.expect("a frame");
            if frame.stream == stream && frame.kind != WINDOW {
                return frame;
            }
        }
    }

    /// Reads the next frame of a WebSocket, which must be all that its frame of HTTP/2 has: its first
    /// byte, and its payload.
    async fn hear(&mut self, stream: u32) -> (u8, Vec<u8>) {
        let frame = self.next_of(stream).await;
        assert_eq!(frame.kind, DATA, "{frame:?}");
        let (head, len) = match frame.payload[1] {
            126 => {
                let len = u16::from_be_bytes([frame.payload[2], frame.payload[3]]);
                (4, usize::from(len))
            }
            len => (2, usize::from(len)),
        };
        assert_eq!(frame.payload.len(), head + len, "one frame in each");
        (frame.payload[0], frame.payload[head..].to_vec())
    }

    async fn hear_json(&mut self, stream: u32) -> serde_json::Value {
        let (first, payload) = self.hear(stream).await;
        assert_eq!(first, TEXT);
        serde_json::from_slice(&payload).unwrap()
    }

    /// Reads up to the close frame of a WebSocket, and the end of its stream; returns the code.
    async fn hear_close(&mut self, stream: u32) -> u16 {
        let code = loop {
            let (first, payload) = self.hear(stream).await;
            if first == CLOSE {
                break u16::from_be_bytes([payload[0], payload[1]]);
            }
        };
        let end = self.next_of(stream).await;
        assert_eq!((end.kind, end.flags & END_STREAM), (DATA, END_STREAM));
        code
    }
}

/// Returns what the server's settings say of one.
async fn setting(client: &mut Client, number: u16) -> Option<u32> {
    let settings = client.frame().await.expect("settings");
    assert_eq!(settings.kind, SETTINGS);
    settings.payload.chunks(6).find_map(|setting| {
        let is_it = setting[..2] == number.to_be_bytes();
        is_it.then(|| u32::from_be_bytes(setting[2..].try_into().unwrap()))
    })
}

#[tokio::test]
async fn messages_go_both_ways_with_history_beside_other_requests() {
    let server = Server::start();
    for text in ["one", "two"] {
        server.say(text).await;
    }
    let mut client = Client::connect(&server, &[]).await;
    let enabled = setting(&mut client, ENABLE_CONNECT_PROTOCOL).await;
    assert_eq!(enabled, Some(1));
    client.open(1, "/rooms/a/ws?after=0&ack=1&name=ann").await;
    // Events that wait are sent together.
    let history = client.until_in(1, "\"kind\":\"join\"").await;
    let at = |text: &str| history.find(&format!("\"text\":\"{text}\""));
    assert!(at("one").is_some() && at("one") < at("two"), "{history}");
    let people = server.online(1).await;
    assert_eq!(people["people"][0]["transport"], "websocket");
    // A second tab, and a reader over HTTP/1.1.
    client.open(3, "/rooms/a/ws?after=latest").await;
    let mut other = server.websocket("/rooms/a/ws?after=latest").await;
    let draft = br#"{"from":"ann","text":"hello","tag":"t"}"#;
    client.send(&says(1, TEXT, draft)).await;
    // Which of the two comes first is up to the server.
    let mut heard = [client.hear_json(1).await, client.hear_json(1).await];
    heard.sort_by_key(|json| json["kind"].to_string());
    assert_eq!(heard[0]["text"], "hello");
    assert_eq!(heard[1]["kind"], "said");
    assert_eq!(heard[1]["tag"], "t");
    assert_eq!(hear_json(&mut other).await["text"], "hello");
    // What the second tab was sent meanwhile was skipped above.
    server.say("three").await;
    client.until_in(3, "\"text\":\"three\"").await;
    // A bad draft is answered, and a ping too.
    client.send(&says(3, TEXT, b"{")).await;
    assert_eq!(client.hear_json(3).await["code"], "not_a_draft");
    client.send(&says(3, 0x89, b"x")).await;
    assert_eq!(client.hear(3).await, (0x8a, b"x".to_vec()));
}

#[tokio::test]
async fn either_side_closes_and_a_reset_is_a_farewell() {
    let mut server = Server::with(Settings {
        text_limit: 1_000,
        echo: true,
        ..Settings::default()
    });
    let mut client = Client::connect(&server, &[]).await;
    client.open(1, "/rooms/a/ws").await;
    client.send(&says(1, CLOSE, &1_000_u16.to_be_bytes())).await;
    assert_eq!(client.hear_close(1).await, 1_000);
    client.open(3, "/rooms/a/ws").await;
    client.send(&says(3, 0x82, b"x")).await;
    assert_eq!(client.hear_close(3).await, 1_003);
    client.open(5, "/rooms/a/ws").await;
    client.send(&says(5, TEXT, &[b'x'; 16_000])).await;
    assert_eq!(client.hear_close(5).await, 1_009);
    // Without a mask.
    client.open(7, "/rooms/a/ws").await;
    client
        .send(&frame(DATA, 0, 7, &[TEXT, 2, b'{', b'}']))
        .await;
    assert_eq!(client.hear_close(7).await, 1_002);
    // A tab that is gone is gone, and the others are not.
    client.open(9, "/rooms/a/ws?name=ann").await;
    server.online(1).await;
    client.send(&frame(RESET, 0, 9, &8_u32.to_be_bytes())).await;
    server.online(0).await;
    client.open(11, "/echo").await;
    client.send(&says(11, 0x82, b"once more")).await;
    assert_eq!(client.hear(11).await, (0x82, b"once more".to_vec()));
    client.open(13, "/rooms/a/ws?after=latest").await;
    server.stop();
    let (mut codes, mut goes_away) = (Vec::new(), false);
    while codes.len() < 2 || !goes_away {
        let frame = client.frame().await.expect("a goodbye");
        goes_away |= frame.kind == GO_AWAY;
        if frame.kind == DATA && frame.payload.first() == Some(&CLOSE) {
            codes.push(u16::from_be_bytes([frame.payload[2], frame.payload[3]]));
            let close = says(frame.stream, CLOSE, &1_001_u16.to_be_bytes());
            client.send(&close).await;
            let end = super::frame(DATA, END_STREAM, frame.stream, &[]);
            client.send(&end).await;
        }
    }
    assert_eq!(codes, [1_001; 2]);
    server.left().await;
}

/// Checks `/echo` by the example of RFC 7692, section 7.2.3.1.
#[tokio::test]
async fn an_echo_is_compressed_over_http_2_as_well() {
    let server = Server::with(Settings {
        echo: true,
        ..Settings::default()
    });
    let mut client = Client::connect(&server, &[]).await;
    let offer = [
        ("sec-websocket-version", "13"),
        ("sec-websocket-extensions", "permessage-deflate"),
    ];
    client.send(&connects(1, &with("/echo", &offer))).await;
    let head = client.next_of(1).await;
    assert_eq!((head.kind, head.payload[0]), (HEADERS, OK));
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    client.send(&says(1, 0xc1, &hello)).await;
    assert_eq!(client.hear(1).await, (0xc1, hello.to_vec()));
}

/// Checks that a session of Socket.IO that began with polls and lives on as a WebSocket is forgotten
/// when its connection ends, although nobody closed the WebSocket: whoever asks for it is told that
/// there is none (code 1), and not that it is a WebSocket by now (code 3).
#[tokio::test]
async fn a_session_that_changed_over_is_forgotten_with_its_connection() {
    let server = Server::start();
    let polling = "/socket.io/?EIO=4&transport=polling";
    let opened = server.get(polling).await.body;
    let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
    let sid = opened["sid"].as_str().unwrap();
    let session = format!("{polling}&sid={sid}");
    let refused = async |code: u64| {
        let asks = async { while server.get(&session).await.json()["code"] != code {} };
        soon(asks).await;
    };
    let mut client = Client::connect(&server, &[]).await;
    let socket = format!("/socket.io/?EIO=4&transport=websocket&sid={sid}");
    client.open(1, &socket).await;
    client.send(&says(1, TEXT, b"2probe")).await;
    assert_eq!(client.hear(1).await, (TEXT, b"3probe".to_vec()));
    client.send(&says(1, TEXT, b"5")).await;
    refused(3).await;
    drop(client);
    refused(1).await;
}

#[tokio::test]
async fn a_web_socket_that_grants_no_room_holds_up_nobody_and_learns_what_it_missed() {
    let server = Server::with(Settings {
        log_events: 10,
        ..Settings::default()
    });
    let mut slow = Client::connect(&server, &[0, 4, 0, 0, 0, 0]).await;
    let window = setting(&mut slow, INITIAL_WINDOW_SIZE).await.unwrap();
    slow.send(&frame(WINDOW, 0, 0, &WIDE.to_be_bytes())).await;
    slow.open(1, "/rooms/a/ws?after=0").await;
    let mut quick = server.websocket("/rooms/a/ws?after=0").await;
    let text = "x".repeat(8_000);
    for _ in 0..40 {
        let seq = server.say(&text).await;
        assert_eq!(hear_json(&mut quick).await["seq"], seq);
    }
    // It is not read from, either, and its connection is there for its other requests.
    let draft = [br#"{"from":"ben","text":""#, &[b'y'; 960][..], br#""}"#].concat();
    let draft = says(1, TEXT, &draft);
    for _ in 0..window as usize / (draft.len() - 9) {
        slow.send(&draft).await;
    }
    let post = fields(0x83, "/rooms/b/messages", "127.0.0.1");
    slow.send(&frame(HEADERS, END_HEADERS, 3, &post)).await;
    let said = br#"{"from":"ben","text":"elsewhere"}"#;
    slow.send(&frame(DATA, END_STREAM, 3, said)).await;
    slow.send(&frame(WINDOW, 0, 3, &WIDE.to_be_bytes())).await;
    assert_eq!(slow.answer(3).await.1, "{\"seq\":1}");
    slow.send(&frame(WINDOW, 0, 1, &WIDE.to_be_bytes())).await;
    let heard = slow.until_in(1, "\"seq\":40,").await;
    assert!(heard.contains("\"kind\":\"gap\""), "{} bytes", heard.len());
    // It is a reader like any other again, and its drafts are heard.
    assert!(slow.until_in(1, "\"from\":\"ben\"").await.contains("yyy"));
}

#[tokio::test]
async fn a_web_socket_that_takes_nothing_is_let_go_with_its_connection() {
    let server = Server::with(Settings {
        write_timeout: Duration::from_millis(500),
        idle_timeout: Duration::from_millis(500),
        ..Settings::default()
    });
    let mut deaf = Client::connect(&server, &[0, 4, 0, 0, 0, 0]).await;
    deaf.open(1, "/rooms/a/ws?after=latest").await;
    // More than waits for it at most, in hyper and before it, however many events a piece has.
    for _ in 0..60 {
        server.say(&"x".repeat(8_000)).await;
    }
    // Comes to an end only if the server ends it.
    while deaf.frame().await.is_some() {}
}

impl Client {
    /// Reads what comes on a stream until `end` is in it.
    async fn until_in(&mut self, stream: u32, end: &str) -> String {
        let mut content = String::new();
        while !content.contains(end) {
            let frame = self.next_of(stream).await;
            assert_eq!(frame.kind, DATA, "{frame:?}");
            content += &String::from_utf8_lossy(&frame.payload);
        }
        content
    }
}

#[tokio::test]
async fn whatever_is_no_web_socket_is_refused() {
    let server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    let version = ("sec-websocket-version", "13");
    let ws = with("/rooms/a/ws", &[]);
    let another = |name, value| {
        let mut fields = with("/rooms/a/ws", &[version]);
        fields.retain(|(other, _)| *other != name);
        fields.insert(0, (name, value));
        fields
    };
    for (number, (fields, words)) in [
        (vec![(":authority", "example.com:443")], "no proxy"),
        (another(":protocol", "connect-udp"), "no proxy"),
        (
            with("/rooms/a/poll", &[version]),
            "takes GET, HEAD, OPTIONS",
        ),
        (
            with("/sockjs/a/info", &[version]),
            "takes GET, HEAD, OPTIONS",
        ),
        (with("/", &[version]), "takes GET, HEAD, OPTIONS"),
        (ws, "version here is 13"),
        (
            with("/rooms/a/ws", &[version, ("origin", "http://evil.test")]),
            "\"code\":\"origin\"",
        ),
        (another(":authority", "evil.test"), "\"code\":\"host\""),
        (
            with("/rooms/a/ws?after=x", &[version]),
            "\"code\":\"query\"",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let stream = 2 * number as u32 + 1;
        client.send(&connects(stream, &fields)).await;
        let (status, content) = client.answer(stream).await;
        assert_ne!(status, OK);
        assert!(content.contains(words), "{words}: {content}");
    }
    client.send(&opens(101, "/rooms/a/nothing")).await;
    assert_eq!(client.answer(101).await.0, NOT_FOUND);
    // Afterwards the connection is as good as before.
    client.open(103, "/rooms/a/ws").await;
    // SockJS and Socket.IO have WebSockets too.
    client.open(105, "/sockjs/a/websocket").await;
    client.open(107, "/sockjs/a/0/session/websocket").await;
    assert_eq!(client.hear(107).await, (TEXT, b"o".to_vec()));
    client
        .open(109, "/socket.io/?EIO=4&transport=websocket")
        .await;
    assert!(client.hear(109).await.1.starts_with(b"0{\"sid\":"));
}

/// Checks that HTTP/1.1 is as it was: a reader there closes as before while one over HTTP/2 goes on.
#[tokio::test]
async fn both_versions_are_served_side_by_side() {
    let mut server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    client.open(1, "/rooms/a/ws?after=latest").await;
    let mut old = server.websocket("/rooms/a/ws?after=latest").await;
    let seq = server.say("to both").await;
    assert_eq!(client.hear_json(1).await["seq"], seq);
    assert_eq!(hear_json(&mut old).await["seq"], seq);
    server.stop();
    assert_eq!(hear_close(&mut old).await, 1_001);
    assert_eq!(client.hear_close(1).await, 1_001);
}
