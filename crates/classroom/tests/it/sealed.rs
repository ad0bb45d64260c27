//! Tests of a classroom under TLS: its records are in the books, and their content in view.

use std::{io, net::SocketAddr};

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
pub(crate) struct Sealed {
    pub(crate) stream: TcpStream,
    pub(crate) session: Session,
    pub(crate) up: u64,
    pub(crate) down: u64,
}

impl Sealed {
    pub(crate) async fn connect(address: SocketAddr, connector: &Connector) -> Self {
        Self::try_connect(address, connector).await.unwrap()
    }

    /// Connects and shakes hands; fails if nobody listens, or if the other side leaves.
    pub(crate) async fn try_connect(
        address: SocketAddr,
        connector: &Connector,
    ) -> io::Result<Self> {
        let mut client = Self {
            stream: TcpStream::connect(address).await?,
            session: connector.session().unwrap(),
            up: 0,
            down: 0,
        };
        while client.session.is_handshaking() {
            client.send().await?;
            client.hear().await?;
        }
        client.send().await?;
        Ok(client)
    }

    async fn send(&mut self) -> io::Result<()> {
        let mut wire = Vec::new();
        self.session.send(&mut wire)?;
        self.stream.write_all(&wire).await?;
        self.up += wire.len() as u64;
        Ok(())
    }

    pub(crate) async fn hear(&mut self) -> io::Result<()> {
        let mut wire = Vec::with_capacity(64 * 1024);
        let reading = self.stream.read_buf(&mut wire);
        let count = timeout(PATIENCE, reading).await.unwrap()?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.down += count as u64;
        self.session.receive(&wire, &mut |_| {}).unwrap();
        Ok(())
    }

    /// Seals and sends content.
    pub(crate) async fn write(&mut self, mut content: &[u8]) {
        while !content.is_empty() {
            let count = self.session.seal(content).unwrap();
            content = &content[count..];
        }
        self.send().await.unwrap();
    }

    /// Makes one exchange whose answer has a length, and returns the answer's JSON.
    pub(crate) async fn get(&mut self, target: &str) -> Value {
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n");
        self.write(request.as_bytes()).await;
        while !whole(self.session.content()) {
            self.hear().await.unwrap();
        }
        let answer = String::from_utf8(self.session.content().to_vec()).unwrap();
        self.session.take(answer.len());
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// Says the last word, and waits for the server's.
    pub(crate) async fn end(&mut self) {
        self.session.end();
        self.send().await.unwrap();
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
