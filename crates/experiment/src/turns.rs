//! An agent's turns with a model's server: a request each, on a new connection or a kept one, with
//! the whole history or a reference to it, against one WebSocket.

use std::{net::SocketAddr, time::Duration};

use dissect::Span;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    ExperimentError, Seen, run,
    tap::{Tap, View},
};

/// The bytes that each turn adds to the history.
const STEP: usize = 1_000;
/// The bytes of an answer.
const ANSWER: usize = 200;
/// The end of an answer's chunks.
const LAST: &[u8] = b"0\r\n\r\n";

/// A server that answers every request with a short stream, and every message with a message.
#[derive(Debug)]
pub struct Agent {
    /// The address on which it listens.
    pub address: SocketAddr,
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
        std::thread::spawn(move || {
            // If the server cannot start, whoever asks it is refused, and says so.
            let _ = run(async {
                let listener = TcpListener::from_std(listener)?;
                tokio::select! {
                    served = serve(listener) => served,
                    _ = ended => Ok(()),
                }
            });
        });
        Ok(Self {
            address,
            _ends: ends,
        })
    }
}

async fn serve(listener: TcpListener) -> Result<(), ExperimentError> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut first = [0; 1];
            let is_upgrade = stream.peek(&mut first).await.is_ok() && first[0] == b'G';
            // A client that leaves ends its connection and nothing else.
            let _ = if is_upgrade {
                answer_messages(stream).await
            } else {
                answer_requests(stream).await
            };
        });
    }
}

async fn answer_messages(stream: TcpStream) -> Result<(), ExperimentError> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Some(message) = socket.next().await {
        if message?.is_text() {
            socket.send(Message::text("y".repeat(ANSWER))).await?;
        }
    }
    Ok(())
}

async fn answer_requests(mut stream: TcpStream) -> Result<(), ExperimentError> {
    let content = format!("data: {}\n\n", "y".repeat(ANSWER));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{content}\r\n0\r\n\r\n",
        content.len()
    );
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let mut body = vec![0; content_length(&head)?];
        stream.read_exact(&mut body).await?;
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

/// A manner of taking turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arm {
    /// The first word of its name, `http` or `websocket`, and the rest.
    name: [&'static str; 2],
    is_socket: bool,
    is_kept: bool,
    sends_whole: bool,
}

impl Arm {
    /// All manners, from the dearest to the cheapest.
    pub const ALL: [Self; 5] = [
        Self::new(["http", "new whole"], false, false, true),
        Self::new(["http", "kept whole"], false, true, true),
        Self::new(["http", "kept reference"], false, true, false),
        Self::new(["websocket", "whole"], true, true, true),
        Self::new(["websocket", "reference"], true, true, false),
    ];

    const fn new(
        name: [&'static str; 2],
        is_socket: bool,
        is_kept: bool,
        sends_whole: bool,
    ) -> Self {
        Self {
            name,
            is_socket,
            is_kept,
            sends_whole,
        }
    }

    /// Returns the message of a turn, counted from 1.
    fn message(self, turn: usize) -> String {
        if self.sends_whole {
            return format!("{{\"input\":\"{}\"}}", "x".repeat(turn * STEP));
        }
        let input = "x".repeat(STEP);
        format!("{{\"previous\":\"r{turn:07}\",\"input\":\"{input}\"}}")
    }
}

/// The bytes and the time of an arm.
#[derive(Debug, Clone, Copy, Default)]
struct ArmTotals {
    all: u64,
    time: Duration,
}

/// Takes `turns` turns in a manner with a server at `address`, and takes its bytes apart: inputs
/// that are new, inputs that were sent before, answers, and the framing around them.
///
/// # Errors
/// Fails if a socket fails, or an answer is cut short.
pub fn turns(
    address: SocketAddr,
    arm: Arm,
    turns: usize,
    label: &str,
) -> Result<Vec<Seen>, ExperimentError> {
    let taken = run(async {
        if arm.is_socket {
            over_socket(address, arm, turns).await
        } else {
            over_requests(address, arm, turns).await
        }
    })?;
    let count = turns as u64;
    let (step, answer) = (STEP as u64, ANSWER as u64);
    let again = if arm.sends_whole {
        step * count * (count - 1) / 2
    } else {
        0
    };
    let (fresh, answers) = (step * count, answer * count);
    let subject = format!("{} {} {turns} {label}", arm.name[0], arm.name[1]);
    let bytes = |quantity, value| Seen::bytes(&subject, quantity, value);
    Ok(vec![
        bytes("all", taken.all),
        bytes("framing", taken.all - again - fresh - answers),
        Seen {
            subject: subject.clone(),
            quantity: "time",
            value: taken.time.as_secs_f64() * 1e3,
            unit: "ms",
        },
    ])
}

async fn connect(address: SocketAddr) -> Result<(Tap<TcpStream>, View), ExperimentError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let tap = Tap::new(stream);
    let view = tap.view();
    Ok((tap, view))
}

fn bytes_of(view: &View) -> Result<u64, ExperimentError> {
    Ok(view.finish()?.iter().map(|span: &Span| span.len).sum())
}

async fn over_requests(
    address: SocketAddr,
    arm: Arm,
    turns: usize,
) -> Result<ArmTotals, ExperimentError> {
    let begin = Instant::now();
    let mut all = 0;
    let (mut stream, mut view) = connect(address).await?;
    for turn in 1..=turns {
        if turn > 1 && !arm.is_kept {
            all += bytes_of(&view)?;
            (stream, view) = connect(address).await?;
        }
        let body = arm.message(turn);
        let request = format!(
            "POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Accept: text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream).await?;
    }
    let time = begin.elapsed();
    Ok(ArmTotals {
        all: all + bytes_of(&view)?,
        time,
    })
}

async fn read_answer(stream: &mut Tap<TcpStream>) -> Result<(), ExperimentError> {
    let mut answer = Vec::new();
    while !answer.ends_with(LAST) {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(ExperimentError::Answer(
                "an answer was cut short".to_owned(),
            ));
        }
    }
    Ok(())
}

async fn over_socket(
    address: SocketAddr,
    arm: Arm,
    turns: usize,
) -> Result<ArmTotals, ExperimentError> {
    let begin = Instant::now();
    let (stream, view) = connect(address).await?;
    let (mut socket, _) =
        tokio_tungstenite::client_async("ws://127.0.0.1/v1/responses", stream).await?;
    for turn in 1..=turns {
        socket.send(Message::text(arm.message(turn))).await?;
        let answer = socket.next().await;
        answer.ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
    }
    let time = begin.elapsed();
    let all = view.spans().iter().map(|span| span.len).sum();
    socket.close(None).await?;
    Ok(ArmTotals { all, time })
}
