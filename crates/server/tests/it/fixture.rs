//! A server on a free port, and clients that speak in plain bytes.

use std::{net::SocketAddr, time::Duration};

use futures_util::StreamExt;
use serde_json::Value;
use server::{Io, ServeError, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

/// The longest time that anything here takes, unless it is broken, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Returns the result of a future that must be ready within the patience of a test.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it came in time")
}

/// Returns the ways to write to many readers that can be had here; says so aloud if one is missing.
#[expect(clippy::print_stderr, reason = "a check that is left out says so")]
pub(crate) fn ios() -> Vec<Io> {
    match server::try_uring() {
        Ok(()) => vec![Io::Epoll, Io::Uring],
        Err(why) => {
            eprintln!("SKIPPED, but for --io epoll: {why}");
            vec![Io::Epoll]
        }
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), settings)
    }

    pub(crate) fn at(address: SocketAddr, mut settings: Settings) -> Self {
        if std::env::var_os("WIREBENCH_IO").is_some_and(|io| io == "uring") {
            settings.io = Io::Uring;
        }
        let listener = server::listen(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(server::serve(listener, settings, shutdown));
        Self {
            address,
            stop: Some(stop),
            running,
        }
    }

    /// Tells the server to leave, without waiting.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the server has left.
    pub(crate) async fn left(self) {
        soon(self.running).await.unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire::from(TcpStream::connect(self.address).await.unwrap())
    }

    /// Connects from another loopback address, `127.0.0.host`.
    pub(crate) async fn connect_from(&self, host: u8) -> Wire {
        let socket = TcpSocket::new_v4().unwrap();
        let from = SocketAddr::from(([127, 0, 0, host], 0));
        socket.bind(from).unwrap();
        Wire::from(socket.connect(self.address).await.unwrap())
    }

    /// Makes an exchange on a connection of its own.
    pub(crate) async fn send(&self, request: &str) -> Answer {
        self.connect().await.exchange(request).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(&get(target)).await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Answer {
        self.send(&post(target, body)).await
    }

    /// Says a text in room `a`; gives back its number.
    pub(crate) async fn say(&self, text: &str) -> u64 {
        let draft = serde_json::json!({"from": "ann", "text": text}).to_string();
        let answer = self.post("/rooms/a/messages", &draft).await;
        assert_eq!(answer.status(), 201, "{answer:?}");
        answer.json()["seq"].as_u64().unwrap()
    }

    /// Opens a stream and reads its head.
    pub(crate) async fn stream(&self, target: &str) -> Wire {
        let mut wire = self.connect().await;
        wire.write(get(target).as_bytes()).await;
        let head = wire.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        wire
    }

    pub(crate) async fn websocket(&self, target: &str) -> Client {
        self.connect_to(target).await.expect("a handshake")
    }

    /// Opens a WebSocket; `None` where the handshake is refused.
    pub(crate) async fn connect_to(&self, target: &str) -> Option<Client> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}{target}", self.address);
        Some(client_async(url, stream).await.ok()?.0)
    }

    /// Waits until `/people` of room `a` counts this many.
    pub(crate) async fn online(&self, count: u64) -> Value {
        soon(async {
            loop {
                let people = self.get("/rooms/a/people").await.json();
                if people["online"] == count {
                    return people;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
    }
}

pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n")
}

pub(crate) fn post(target: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// An answer as it came, with its Date masked.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&start))
    }
}

/// A connection, byte for byte.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    pending: Vec<u8>,
}

impl From<TcpStream> for Wire {
    fn from(stream: TcpStream) -> Self {
        Self {
            stream,
            pending: Vec::new(),
        }
    }
}

impl Wire {
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        soon(self.stream.write_all(bytes)).await.unwrap();
    }

    pub(crate) async fn exchange(&mut self, request: &str) -> Answer {
        self.write(request.as_bytes()).await;
        self.answer(request.starts_with("HEAD ")).await
    }

    /// Reads an answer of known length.
    pub(crate) async fn answer(&mut self, only_head: bool) -> Answer {
        let head = self.head().await;
        let mut answer = Answer {
            head,
            body: String::new(),
        };
        if let (Some(length), false) = (answer.header("content-length"), only_head) {
            answer.body = self.take(length.parse().unwrap()).await;
        }
        answer
    }

    /// Reads a head, with its Date masked.
    pub(crate) async fn head(&mut self) -> String {
        let head = self.until(b"\r\n\r\n").await;
        let mask = |line: &str| match line.split_once(": ") {
            Some(("date", date)) => format!("date: {}", "#".repeat(date.len())),
            _ => line.to_owned(),
        };
        head.split("\r\n")
            .map(mask)
            .collect::<Vec<_>>()
            .join("\r\n")
    }

    /// Reads the payload of the next chunk; `None` for the last.
    pub(crate) async fn chunk(&mut self) -> Option<String> {
        let size = self.until(b"\r\n").await;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let chunk = self.take(size + 2).await;
        (size > 0).then(|| chunk.strip_suffix("\r\n").unwrap().to_owned())
    }

    pub(crate) async fn until(&mut self, end: &[u8]) -> String {
        loop {
            let found = self
                .pending
                .windows(end.len())
                .position(|bytes| bytes == end);
            if let Some(found) = found {
                return self.take(found + end.len()).await;
            }
            assert!(self.more().await, "ended early: {:?}", self.pending);
        }
    }

    pub(crate) async fn take(&mut self, length: usize) -> String {
        String::from_utf8(self.take_bytes(length).await).unwrap()
    }

    pub(crate) async fn take_bytes(&mut self, length: usize) -> Vec<u8> {
        while self.pending.len() < length {
            assert!(self.more().await, "ended early: {:?}", self.pending);
        }
        let rest = self.pending.split_off(length);
        std::mem::replace(&mut self.pending, rest)
    }

    /// Reads all bytes until the server ends the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.pending)
    }

    async fn more(&mut self) -> bool {
        soon(self.stream.read_buf(&mut self.pending)).await.unwrap() > 0
    }
}

pub(crate) type Client = WebSocketStream<TcpStream>;

/// Hears the next message; `None` when the connection is over.
pub(crate) async fn hear(client: &mut Client) -> Option<Message> {
    match soon(client.next()).await? {
        Ok(message) => Some(message),
        Err(Error::ConnectionClosed | Error::Protocol(_) | Error::Io(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Hears the next text frame as JSON.
pub(crate) async fn hear_json(client: &mut Client) -> Value {
    match hear(client).await {
        Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Returns the code with which the server closes; what comes before is skipped.
pub(crate) async fn hear_close(client: &mut Client) -> u16 {
    loop {
        match hear(client).await {
            Some(Message::Close(frame)) => return frame.unwrap().code.into(),
            Some(_) => {}
            None => panic!("ended without a close frame"),
        }
    }
}

/// Returns the `seq`s of a batch.
pub(crate) fn seqs(batch: &Value) -> Vec<u64> {
    let events = batch["events"].as_array().unwrap().iter();
    events.map(|event| event["seq"].as_u64().unwrap()).collect()
}
