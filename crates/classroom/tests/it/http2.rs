//! Tests of the switch for HTTP/2: the version that a lane agrees on, and that its frames are in the
//! books and in view.

use std::net::SocketAddr;

use classroom::View;
use serde_json::{Value, json};
use tls::{AcceptSettings, Acceptor, Connector, Identity, Trust, Versions};
use tokio::{io::AsyncReadExt, task::yield_now, time::timeout};

use crate::{PATIENCE, Running, chat, sealed::Sealed, sum};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Kinds of frames (RFC 9113, section 6), and their flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Returns a frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// Returns a GET of HTTP/2, without a table (RFC 7541, section 6.2.2).
fn asks(stream: u32, path: &str) -> Vec<u8> {
    let path_length = u8::try_from(path.len()).unwrap();
    let fields = [
        &[0x82, 0x87, 4, path_length][..],
        path.as_bytes(),
        &[1, 1, b'x'],
    ];
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &fields.concat())
}

/// Opens a classroom under TLS; returns it with what connects to it.
fn class() -> (Running, Connector) {
    let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
    let acceptor = Acceptor::new(identity, AcceptSettings::default()).unwrap();
    let trust = Trust::Exactly(acceptor.fingerprint());
    let connector = Connector::new("localhost", &trust, Versions::Both, true).unwrap();
    let settings = server::Settings {
        tls: Some(acceptor),
        ..chat()
    };
    (Running::of("", View::Wire, settings), connector)
}

/// Returns the address of a lane of the configuration.
fn address(running: &Running, lane: &Value) -> SocketAddr {
    let port = u16::try_from(lane["port"].as_u64().unwrap()).unwrap();
    SocketAddr::new(running.address.ip(), port)
}

/// Connects to a lane that is being set up anew.
async fn connect_anew(address: SocketAddr, connector: &Connector) -> Sealed {
    let wait = async {
        loop {
            match Sealed::try_connect(address, connector).await {
                Ok(client) => return client,
                Err(_) => yield_now().await,
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("the lane comes back")
}

/// Waits until a connection is ended by the other side.
async fn ended(mut client: Sealed) {
    let mut rest = Vec::new();
    let reading = client.stream.read_to_end(&mut rest);
    // A connection that is cut has no good end.
    let _ = timeout(PATIENCE, reading).await.expect("it is ended");
}

/// The channel of a page.
struct Channel(Sealed);

impl Channel {
    async fn open(running: &Running, connector: &Connector) -> Self {
        let mut client = Sealed::connect(running.address, connector).await;
        let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        let ask = format!("GET /classroom/channel HTTP/1.1\r\nhost: x\r\n{upgrade}\r\n");
        client.write(ask.as_bytes()).await;
        let mut channel = Self(client);
        channel.hears(&["\"hello\""]).await;
        channel
    }

    /// Opens a channel and says on it that a teacher is there.
    async fn teacher(running: &Running, connector: &Connector) -> Self {
        let mut channel = Self::open(running, connector).await;
        let teach = json!({"kind": "teach", "token": running.token});
        channel.say(&teach).await;
        channel.hears(&["\"teaches\":true"]).await;
        channel
    }

    /// Sends a message of at most 125 bytes in a frame whose mask is zero.
    async fn say(&mut self, message: &Value) {
        let text = message.to_string();
        assert!(text.len() <= 125);
        let head = [0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
        self.0.write(&[&head[..], text.as_bytes()].concat()).await;
    }

    /// Waits until all of these words came since the last that were waited for.
    async fn hears(&mut self, words: &[&str]) {
        loop {
            let content = self.0.session.content();
            let count = content.len();
            let text = String::from_utf8_lossy(content).into_owned();
            if words.iter().all(|words| text.contains(*words)) {
                self.0.session.take(count);
                return;
            }
            self.0.hear().await.unwrap();
        }
    }

    /// Switches HTTP/2 on or off, and waits for the lanes to end their connections.
    async fn switch(&mut self, on: bool, connection: Sealed) {
        self.say(&json!({"kind": "http2", "on": on})).await;
        self.hears(&[&format!("\"http2\":{on}")]).await;
        ended(connection).await;
    }
}

/// Waits for the last frame of the answer on a stream.
async fn answered(client: &mut Sealed, stream: u32) {
    loop {
        let content = client.session.content();
        let length = match content {
            [high, middle, low, ..] => u32::from_be_bytes([0, *high, *middle, *low]) as usize,
            _ => usize::MAX,
        };
        if content.len() < length.saturating_add(9) {
            client.hear().await.unwrap();
            continue;
        }
        let (kind, flags) = (content[3], content[4]);
        let is_ours = content[5..9] == stream.to_be_bytes();
        client.session.take(length + 9);
        if is_ours && matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            return;
        }
    }
}

#[tokio::test]
async fn lanes_agree_on_http2_while_the_teacher_has_it_so() {
    let (running, connector) = class();
    let browser = connector.clone().for_either_http();
    let mut page = Sealed::connect(running.address, &connector).await;
    let config = page.get("/classroom/config").await;
    let lane = address(&running, &config["lanes"][0]);
    let mut before = Sealed::connect(lane, &browser).await;
    assert!(!before.session.is_http2());
    let batch = before.get("/rooms/hall/poll?person=ann").await;
    assert_eq!(batch["missed"], 0);

    let mut pupil = Channel::open(&running, &connector).await;
    pupil.say(&json!({"kind": "http2", "on": true})).await;
    pupil.hears(&["only the teacher may do that"]).await;
    let mut teacher = Channel::teacher(&running, &connector).await;
    teacher.switch(true, before).await;
    let during = connect_anew(lane, &browser).await;
    assert!(during.session.is_http2());
    // The lanes of one's own and the main port are as they were.
    for other in [address(&running, &config["own"][0]), running.address] {
        let other = Sealed::connect(other, &browser).await;
        assert!(!other.session.is_http2());
    }

    teacher.switch(false, during).await;
    let mut after = connect_anew(lane, &browser).await;
    assert!(!after.session.is_http2());
    let batch = after.get("/rooms/hall/poll?person=ann").await;
    assert_eq!(batch["missed"], 0);
    running.stop().await;
}

#[tokio::test]
async fn frames_of_http2_are_in_the_books_to_the_byte_and_in_view() {
    let (running, connector) = class();
    let mut page = Sealed::connect(running.address, &connector).await;
    let config = page.get("/classroom/config").await;
    let lane = address(&running, &config["lanes"][0]);
    let mut channel = Channel::teacher(&running, &connector).await;
    let before = Sealed::connect(lane, &connector).await;
    channel.switch(true, before).await;
    channel
        .say(&json!({"kind": "follow", "persons": ["ann"]}))
        .await;
    channel.hears(&["\"following\""]).await;

    let mut client = connect_anew(lane, &connector.for_http2()).await;
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    client.write(&begin).await;
    for stream in [1, 3] {
        let ask = asks(stream, "/rooms/hall/poll?after=0&person=ann");
        client.write(&ask).await;
        answered(&mut client, stream).await;
    }
    client.end().await;
    let wait = async {
        loop {
            let books = page.get("/classroom/books?person=ann").await;
            let is_there = !books.is_null();
            if is_there && sum(&books, "up") == client.up && sum(&books, "down") == client.down {
                return books;
            }
            yield_now().await;
        }
    };
    let books = timeout(PATIENCE, wait)
        .await
        .expect("the books fit in time");
    // Heads that could not be read would be no requests, and no polls that brought nothing.
    for (what, count) in [("requests", 2), ("empty", 2), ("connections", 1)] {
        assert_eq!(books[what], count, "{books}");
    }
    channel
        .hears(&[
            "\"stream\":1",
            "\"stream\":3",
            "\"h2_frame\"",
            "\"h2_control\"",
            ":path: /rooms/hall/poll?after=0&person=ann",
            ":status: 200",
        ])
        .await;
    running.stop().await;
}
