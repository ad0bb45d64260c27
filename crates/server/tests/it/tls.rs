//! The server under TLS, met by clients that speak it and by some that do not.

use std::time::Duration;

use server::{Counters, Settings};
use tls::{AcceptSettings, Acceptor, Connector, Identity, Session, Trust, Versions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::{Server, Wire, get, post, soon};

/// Makes the settings of a server under TLS, with what trusts it.
fn sealed() -> (Settings, Connector) {
    let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
    let acceptor = Acceptor::new(identity, AcceptSettings::default()).unwrap();
    let trust = Trust::Exactly(acceptor.fingerprint());
    let connector = Connector::new("localhost", &trust, Versions::Both, true).unwrap();
    let settings = Settings {
        tls: Some(acceptor),
        ..Settings::default()
    };
    (settings, connector)
}

/// A client under TLS, byte for byte.
struct Sealed {
    stream: TcpStream,
    session: Session,
}

impl Sealed {
    async fn connect(server: &Server, connector: &Connector) -> Self {
        let mut client = Self {
            stream: TcpStream::connect(server.address).await.unwrap(),
            session: connector.session().unwrap(),
        };
        while client.session.is_handshaking() {
            client.send().await;
            assert!(client.hear().await, "closed in the handshake");
        }
        client.send().await;
        client
    }

    async fn send(&mut self) {
        let mut wire = Vec::new();
        self.session.send(&mut wire).unwrap();
        self.stream.write_all(&wire).await.unwrap();
    }

    async fn write(&mut self, content: &[u8]) {
        let mut rest = content;
        while !rest.is_empty() {
            let count = self.session.seal(rest).unwrap();
            rest = &rest[count..];
        }
        self.send().await;
    }

    async fn hear(&mut self) -> bool {
        let mut wire = Vec::with_capacity(64 * 1024);
        let count = soon(self.stream.read_buf(&mut wire)).await.unwrap();
        self.session.receive(&wire, &mut |_| {}).unwrap();
        count > 0
    }

    /// Waits until the content has a text, and takes none of it.
    async fn comes(&mut self, text: &str) {
        while !String::from_utf8_lossy(self.session.content()).contains(text) {
            assert!(self.hear().await, "ended early, without {text}");
        }
    }

    /// Takes content up to and with `end`.
    async fn until(&mut self, end: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(self.session.content()).into_owned();
            if let Some(at) = text.find(end) {
                self.session.take(at + end.len());
                return text[..at + end.len()].to_owned();
            }
            assert!(self.hear().await, "ended early: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_whole_records_and_others_hear_all() {
    let (settings, connector) = sealed();
    let server = Server::with(Settings {
        log_events: 20,
        send_buffer: Some(8 * 1024),
        ..settings
    });
    let mut slow = Sealed::connect(&server, &connector).await;
    slow.write(get("/rooms/a/stream?after=latest").as_bytes())
        .await;
    slow.until("\r\n\r\n").await;
    let mut speaker = Sealed::connect(&server, &connector).await;
    // Far more than all the buffers between the server and a slow reader.
    let text = "x".repeat(40_000);
    for seq in 1..=200 {
        let draft = format!(r#"{{"from":"ann","text":"{text}"}}"#);
        speaker
            .write(post("/rooms/a/messages", &draft).as_bytes())
            .await;
        speaker.until(&format!("{{\"seq\":{seq}}}")).await;
    }
    // It goes on from where the log is now, and knows what it missed.
    let (mut accounted, mut missed) = (0, 0);
    while accounted < 200 {
        let line = slow.until("\n").await;
        let Ok(json) = serde_json::from_str::<serde_json::Value>(&line) else {
            assert!(line.len() < 10, "a chunk's size or end: {line}");
            continue;
        };
        if json.is_object() {
            let gap = json["missed"].as_u64();
            missed += gap.unwrap_or(0);
            accounted += gap.unwrap_or(1);
        }
    }
    assert!(missed > 0, "the test's reader is not slow enough");
}

#[tokio::test]
async fn socket_io_is_spoken_under_tls() {
    let (settings, connector) = sealed();
    let server = Server::with(settings);
    let mut client = Sealed::connect(&server, &connector).await;
    let path = "/socket.io/?EIO=4&transport=polling";
    client.write(get(path).as_bytes()).await;
    let opened = client.until("}").await;
    let (_, rest) = opened.split_once("0{\"sid\":\"").expect("an open packet");
    let path = format!("{path}&sid={}", rest.split('"').next().unwrap());
    for (packet, answer) in [
        ("40{\"room\":\"a\"}", "40{\"sid\":"),
        (
            "421[\"message\",{\"from\":\"ann\",\"text\":\"sealed\"}]",
            "431[{\"seq\":1}]",
        ),
    ] {
        client.write(post(&path, packet).as_bytes()).await;
        client.until("\r\n\r\nok").await;
        client.write(get(&path).as_bytes()).await;
        client.until(answer).await;
    }
    client.until("\"text\":\"sealed\"").await;
}

#[tokio::test]
async fn sockjs_is_spoken_under_tls() {
    let (settings, connector) = sealed();
    let server = Server::with(settings);
    let mut client = Sealed::connect(&server, &connector).await;
    let upgrade = "GET /sockjs/a/000/s/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    client.write(upgrade.as_bytes()).await;
    client.until("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").await;
    // A frame of one letter.
    client.comes("\r\n\r\n\u{fffd}\u{1}o").await;
    let mut streaming = Sealed::connect(&server, &connector).await;
    let target = "/sockjs/a/000/t/xhr_streaming";
    streaming.write(post(target, "").as_bytes()).await;
    streaming.until("o\n").await;
    let mut speaker = Sealed::connect(&server, &connector).await;
    let draft = r#"["{\"from\":\"ann\",\"text\":\"sealed\"}"]"#;
    let target = "/sockjs/a/000/t/xhr_send";
    speaker.write(post(target, draft).as_bytes()).await;
    speaker.until("204").await;
    for client in [&mut client, &mut streaming] {
        client.comes("a[\"{\\\"seq\\\":1,").await;
        client.comes("sealed").await;
    }
}

#[tokio::test]
async fn who_speaks_in_the_clear_is_told_to_use_tls() {
    let (settings, connector) = sealed();
    let server = Server::with(settings);
    let answer = server.get("/rooms/a/poll").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json()["code"], "use_tls");
    // What is neither is closed, and others are served.
    let mut noise = server.connect().await;
    noise.write(&[0; 2_000]).await;
    noise.rest().await;
    let mut client = Sealed::connect(&server, &connector).await;
    client.write(get("/rooms/a/poll?after=0").as_bytes()).await;
    assert!(client.until("\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn half_a_handshake_counts_and_is_over_in_time() {
    let (settings, connector) = sealed();
    let server = Server::with(Settings {
        max_connections: 2,
        handshake_timeout: Duration::from_secs(2),
        counters: Some(Counters::new()),
        ..settings
    });
    let mut hello = Vec::new();
    connector.session().unwrap().send(&mut hello).unwrap();
    let mut halves: Vec<Wire> = vec![server.connect().await, server.connect().await];
    halves[0].write(&hello[..hello.len() / 2]).await;
    // A third finds no place: it is closed without a word that it could not read.
    assert_eq!(server.connect().await.rest().await, b"");
    for mut half in halves {
        assert_eq!(half.rest().await, b"");
    }
    let mut late = soon(async {
        // The places are free again.
        Sealed::connect(&server, &connector).await
    })
    .await;
    late.write(get("/metrics").as_bytes()).await;
    late.until("wirebench_ended_connections_total{limit=\"handshake\"} 2\n")
        .await;
}

#[tokio::test]
async fn tls_at_a_port_in_the_clear_does_no_harm() {
    let (_, connector) = sealed();
    let server = Server::start();
    let mut hello = Vec::new();
    connector.session().unwrap().send(&mut hello).unwrap();
    let mut client = server.connect().await;
    client.write(&hello).await;
    let answer = String::from_utf8_lossy(&client.rest().await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.get("/rooms/a/poll").await.status(), 200);
}
