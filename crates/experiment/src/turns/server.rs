//! The server of an agent, which notes when it has what.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_tungstenite::tungstenite::Message;

use super::{ANSWER, ExperimentError, run};

/// The times of a turn at the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The connection of the turn was there. A link that stands for a longer path makes it only
    /// after the round trip that its set-up would cost, when the client has long connected to the
    /// link.
    pub(super) accepted: Instant,
    /// The first byte of the request is there.
    pub(super) begins: Instant,
    /// All of it is there.
    pub(super) whole: Instant,
    /// The answer is about to be written.
    pub(super) answered: Instant,
}

type Marks = Arc<Mutex<Vec<Mark>>>;

/// A server that answers every request with a short stream, and every message with a message.
#[derive(Debug)]
pub struct Agent {
    /// The address on which it listens.
    pub address: SocketAddr,
    /// The times of the turns that it has answered.
    marks: Marks,
    /// Ends the server when it is dropped.
    _ends: oneshot::Sender<()>,
}

impl Agent {
    /// Starts the server on a free port of the loopback interface, on a thread of its own.
    ///
    /// # Errors
    /// Fails if the port cannot be had.
    pub fn start() -> Result<Self, ExperimentError> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (ends, ended) = oneshot::channel();
        let marks = Marks::default();
        let kept = Arc::clone(&marks);
        std::thread::spawn(move || {
            // If the server cannot start, whoever asks it is refused, and says so.
            let _ = run(async {
                let listener = TcpListener::from_std(listener)?;
                tokio::select! {
                    served = serve(listener, &kept) => served,
                    _ = ended => Ok(()),
                }
            });
        });
        Ok(Self {
            address,
            marks,
            _ends: ends,
        })
    }

    /// Takes the times of all turns since the last call.
    pub(super) fn marks(&self) -> Vec<Mark> {
        std::mem::take(&mut *self.marks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(listener: TcpListener, marks: &Marks) -> Result<(), ExperimentError> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (marks, accepted) = (Arc::clone(marks), Instant::now());
        tokio::spawn(async move {
            let mut first = [0; 1];
            let is_upgrade = stream.peek(&mut first).await.is_ok() && first[0] == b'G';
            // A client that leaves ends its connection and nothing else.
            let _ = if is_upgrade {
                answer_messages(stream, accepted, &marks).await
            } else {
                answer_requests(stream, accepted, &marks).await
            };
        });
    }
}

fn note(marks: &Marks, [accepted, begins, whole]: [Instant; 3]) {
    let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
    marks.push(Mark {
        accepted,
        begins,
        whole,
        answered: Instant::now(),
    });
}

async fn answer_messages(
    stream: TcpStream,
    accepted: Instant,
    marks: &Marks,
) -> Result<(), ExperimentError> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    loop {
        socket.get_ref().peek(&mut [0; 1]).await?;
        let begins = Instant::now();
        let Some(message) = socket.next().await else {
            return Ok(());
        };
        if message?.is_text() {
            let answer = Message::text("y".repeat(ANSWER));
            note(marks, [accepted, begins, Instant::now()]);
            socket.send(answer).await?;
        }
    }
}

/// Returns an answer: its head, one chunk and the end.
pub(super) fn answer() -> String {
    let content = format!("data: {}\n\n", "y".repeat(ANSWER));
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{content}\r\n0\r\n\r\n",
        content.len()
    )
}

async fn answer_requests(
    stream: TcpStream,
    accepted: Instant,
    marks: &Marks,
) -> Result<(), ExperimentError> {
    // A call of the system for each byte of a head would be in the time of requests alone.
    let mut stream = BufReader::new(stream);
    let answer = answer();
    loop {
        let mut head = vec![stream.read_u8().await?];
        let begins = Instant::now();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let mut body = vec![0; content_length(&head)?];
        stream.read_exact(&mut body).await?;
        note(marks, [accepted, begins, Instant::now()]);
        stream.write_all(answer.as_bytes()).await?;
    }
}

fn content_length(head: &[u8]) -> Result<usize, ExperimentError> {
    let text = String::from_utf8_lossy(head);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    line.and_then(|length| length.parse().ok())
        .ok_or_else(|| ExperimentError::Answer("a request without a length".to_owned()))
}
