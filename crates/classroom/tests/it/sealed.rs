//! Tests of a classroom under TLS: its records are in the books, and their content in view.

use std::net::SocketAddr;

use classroom::View;
use serde_json::Value;
use tls::{AcceptSettings, Acceptor, Connector, Identity, Session, Trust, Version, Versions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::yield_now,
    time::timeout,
};

use crate::{PATIENCE, Running, chat, sum, whole};

/// A connection under TLS that counts the bytes of its socket.
struct Sealed {
    stream: TcpStream,
    session: Session,
    up: u64,
    down: u64,
}

impl Sealed {
    async fn connect(address: SocketAddr, connector: &Connector) -> Self {
        let mut client = Self {
            stream: TcpStream::connect(address).await.unwrap(),
            session: connector.session().unwrap(),
            up: 0,
            down: 0,
        };
        while client.session.is_handshaking() {
            client.send().await;
            client.hear().await;
        }
        client.send().await;
        client
    }

    async fn send(&mut self) {
        let mut wire = Vec::new();
        self.session.send(&mut wire).unwrap();
        self.stream.write_all(&wire).await.unwrap();
        self.up += wire.len() as u64;
    }

    async fn hear(&mut self) {
        let mut wire = Vec::with_capacity(64 * 1024);
        let reading = self.stream.read_buf(&mut wire);
        let count = timeout(PATIENCE, reading).await.unwrap().unwrap();
        assert!(count > 0, "ended early");
        self.down += count as u64;
        self.session.receive(&wire, &mut |_| {}).unwrap();
    }

    /// Makes one exchange whose answer has a length, and returns the answer's JSON.
    async fn get(&mut self, target: &str) -> Value {
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut rest = request.as_bytes();
        while !rest.is_empty() {
            let count = self.session.seal(rest).unwrap();
            rest = &rest[count..];
        }
        self.send().await;
        while !whole(self.session.content()) {
            self.hear().await;
        }
        let answer = String::from_utf8(self.session.content().to_vec()).unwrap();
        self.session.take(answer.len());
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// Says the last word, and waits for the server's.
    async fn end(&mut self) {
        self.session.end();
        self.send().await;
        self.stream.shutdown().await.unwrap();
        let mut late = Vec::new();
        let reading = self.stream.read_to_end(&mut late);
        timeout(PATIENCE, reading).await.unwrap().unwrap();
        self.down += late.len() as u64;
    }
}

#[tokio::test]
async fn records_are_in_the_books_to_the_byte() {
    for versions in [Versions::Both, Versions::Only(Version::V1_2)] {
        let identity = Identity::made_for(vec!["localhost".to_owned()]).unwrap();
        let acceptor = Acceptor::new(identity, AcceptSettings::default()).unwrap();
        let trust = Trust::Exactly(acceptor.fingerprint());
        let connector = Connector::new("localhost", &trust, versions, true).unwrap();
        let settings = server::Settings {
            tls: Some(acceptor),
            ..chat()
        };
        let running = Running::of("", View::Wire, settings);
        let mut page = Sealed::connect(running.address, &connector).await;
        let config = page.get("/classroom/config").await;
        assert_eq!(config["tls"], true);
        let port = u16::try_from(config["lanes"][0]["port"].as_u64().unwrap()).unwrap();
        let address = SocketAddr::new(running.address.ip(), port);

        let mut lane = Sealed::connect(address, &connector).await;
        for _ in 0..2 {
            let batch = lane.get("/rooms/hall/poll?after=0&person=ann").await;
            assert_eq!(batch["events"], Value::Array(Vec::new()));
        }
        lane.end().await;
        let wait = async {
            loop {
                let books = page.get("/classroom/books?person=ann").await;
                let is_there = !books.is_null();
                if is_there && sum(&books, "up") == lane.up && sum(&books, "down") == lane.down {
                    return books;
                }
                yield_now().await;
            }
        };
        let books = timeout(PATIENCE, wait)
            .await
            .expect("the books fit in time");
        assert_eq!(books["requests"], 2);
        for way in ["up", "down"] {
            let of = |what: &str| books[way][what].as_u64().unwrap();
            // A handshake is TLS's alone, polls being none: what else TLS adds is two records or more.
            assert!(of("setup") > 0 && of("setup") < of("tls"), "{books}");
            assert!(of("tls") < of("overhead"), "{books}");
            assert!(of("tls") - of("setup") >= 2 * 21, "{books}");
        }
        running.stop().await;
    }
}
