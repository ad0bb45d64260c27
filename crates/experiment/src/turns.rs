//! An agent's turns with a model's server: a request each, on a new connection or a kept one, with
//! the whole history or a reference to it, against WebSockets.

mod parts;
mod patience;
mod server;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use dissect::{Direction, Layer};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    ExperimentError, Seen, run,
    tap::{Tap, View, lengths},
};

pub use self::{parts::Taken, patience::Patience, server::Agent};
use parts::Turn;

/// The bytes that each turn adds to the history.
const STEP: usize = 1_000;
/// The bytes of an answer.
const ANSWER: usize = 200;
/// The `Host` of an agent's requests.
pub const AGENT_HOST: &str = "127.0.0.1";
/// The end of an answer's chunks.
const LAST: &[u8] = b"0\r\n\r\n";
/// The interval at which a client looks whether it shall end.
const LOOK: Duration = Duration::from_millis(200);
/// The bytes of a client's masking key (RFC 6455, section 5.3).
const MASK: usize = 4;

/// A manner of taking turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arm {
    is_socket: bool,
    is_kept: bool,
    sends_whole: bool,
}

impl Arm {
    /// The manners that the published claim is about, from the dearest to the cheapest.
    pub const ALL: [Self; 5] = [
        Self::new(false, false, true),
        Self::new(false, true, true),
        Self::new(false, true, false),
        Self::new(true, true, true),
        Self::new(true, true, false),
    ];

    /// Returns the manner with a WebSocket or requests, with one connection or a new one for each
    /// turn, and with the whole history or a reference to it.
    #[must_use]
    pub const fn new(is_socket: bool, is_kept: bool, sends_whole: bool) -> Self {
        Self {
            is_socket,
            is_kept,
            sends_whole,
        }
    }

    /// Returns its name: `http new whole`, `websocket reference`.
    fn name(self) -> String {
        let history = if self.sends_whole {
            "whole"
        } else {
            "reference"
        };
        match (self.is_socket, self.is_kept) {
            (true, true) => format!("websocket {history}"),
            (true, false) => format!("websocket new {history}"),
            (false, true) => format!("http kept {history}"),
            (false, false) => format!("http new {history}"),
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

    /// Returns the bytes of earlier turns in the message of a turn.
    const fn again(self, turn: usize) -> usize {
        if self.sends_whole {
            (turn - 1) * STEP
        } else {
            0
        }
    }
}

/// Takes `turns` turns in a manner with `agent` at `address`, behind which it is.
///
/// # Errors
/// Fails if a socket fails, an answer is cut short or does not come in time, or `stopped` says so.
pub fn take(
    agent: &Agent,
    address: SocketAddr,
    arm: Arm,
    turns: usize,
    patience: Patience,
    stopped: &dyn Fn() -> bool,
) -> Result<Taken, ExperimentError> {
    agent.marks();
    let mut taken = Taken::default();
    let client = run(async {
        let all = async {
            if arm.is_socket {
                over_sockets(address, arm, turns, patience, &mut taken).await
            } else {
                over_requests(address, arm, turns, patience, &mut taken).await
            }
        };
        tokio::select! {
            client = all => client,
            ended = ending(stopped) => Err(ended),
        }
    })?;
    if let (Some(first), Some(last)) = (client.first(), client.last()) {
        taken.time = last.ends - first.begins;
    }
    let marks = agent.marks();
    if marks.len() != client.len() {
        let why = format!("{} answers to {} turns", marks.len(), client.len());
        return Err(ExperimentError::Answer(why));
    }
    for (turn, mark) in client.iter().zip(&marks) {
        taken.add_times(turn, mark);
    }
    Ok(taken)
}

/// Waits until `stopped` says so, also in the midst of a turn that hangs.
async fn ending(stopped: &dyn Fn() -> bool) -> ExperimentError {
    while !stopped() {
        tokio::time::sleep(LOOK).await;
    }
    ExperimentError::Stopped
}

/// Takes `turns` turns in a manner and tells what the published claim is judged by: all bytes, those
/// around inputs and answers, and the time.
///
/// # Errors
/// Fails as [`take`] does.
pub fn turns(
    agent: &Agent,
    address: SocketAddr,
    arm: Arm,
    turns: usize,
    label: &str,
) -> Result<Vec<Seen>, ExperimentError> {
    let taken = take(agent, address, arm, turns, Patience::default(), &|| false)?;
    let all: u64 = taken.bytes.iter().sum();
    let subject = format!("{} {turns} {label}", arm.name());
    let bytes = |quantity, value| Seen::bytes(&subject, quantity, value);
    Ok(vec![
        bytes("all", all),
        bytes(
            "framing",
            all - taken.history_bytes - taken.content_bytes.iter().sum::<u64>(),
        ),
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

/// Adds bytes up and down to others.
fn add(sums: &mut [u64; 2], bytes: [u64; 2]) {
    for (sum, bytes) in sums.iter_mut().zip(bytes) {
        *sum += bytes;
    }
}

async fn over_requests(
    address: SocketAddr,
    arm: Arm,
    turns: usize,
    patience: Patience,
    taken: &mut Taken,
) -> Result<Vec<Turn>, ExperimentError> {
    let mut client = Vec::with_capacity(turns);
    let mut views = Vec::new();
    let mut open: Option<Tap<TcpStream>> = None;
    let around_answer = server::answer().len() - ANSWER;
    for turn in 1..=turns {
        let begins = Instant::now();
        let kept = open.take().filter(|_| arm.is_kept);
        let one = async {
            let mut stream = if let Some(stream) = kept {
                stream
            } else {
                let (stream, view) = connect(address).await?;
                views.push(view);
                stream
            };
            let connected = Instant::now();
            let (request, length) = request(&arm.message(turn));
            let made = Instant::now();
            stream.write_all(request.as_bytes()).await?;
            let first = read_answer(&mut stream).await?;
            taken.add_turn(arm, turn, length, [request.len() - length, around_answer]);
            let turn = Turn {
                begins,
                connected,
                made,
                first,
                ends: Instant::now(),
                bytes: [request.len(), arm.again(turn)],
            };
            Ok::<_, ExperimentError>((stream, turn))
        };
        let (stream, one) = patience.wait(turn, one).await?;
        client.push(one);
        open = Some(stream);
    }
    drop(open);
    for view in views {
        view.finish()?;
        add(&mut taken.bytes, view.bytes());
    }
    Ok(client)
}

/// Returns the request of a turn, and the length of its body.
fn request(body: &str) -> (String, usize) {
    let length = body.len();
    let request = format!(
        "POST /v1/responses HTTP/1.1\r\nHost: {AGENT_HOST}\r\nContent-Type: application/json\r\n\
         Accept: text/event-stream\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    (request, length)
}

/// Reads an answer to its end. Returns when its first byte was there.
async fn read_answer(stream: &mut Tap<TcpStream>) -> Result<Instant, ExperimentError> {
    let (mut answer, mut first) = (Vec::new(), None);
    while !answer.ends_with(LAST) {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(ExperimentError::Answer(
                "an answer was cut short".to_owned(),
            ));
        }
        first.get_or_insert_with(Instant::now);
    }
    Ok(first.unwrap_or_else(Instant::now))
}

type Socket = WebSocketStream<Tap<TcpStream>>;

async fn upgrade(address: SocketAddr) -> Result<(Socket, View), ExperimentError> {
    let (stream, view) = connect(address).await?;
    let url = format!("ws://{AGENT_HOST}/v1/responses");
    let (socket, _) = tokio_tungstenite::client_async(url.as_str(), stream).await?;
    Ok((socket, view))
}

async fn over_sockets(
    address: SocketAddr,
    arm: Arm,
    turns: usize,
    patience: Patience,
    taken: &mut Taken,
) -> Result<Vec<Turn>, ExperimentError> {
    let mut client = Vec::with_capacity(turns);
    let mut left = Vec::new();
    let mut open: Option<(Socket, View)> = None;
    for turn in 1..=turns {
        let begins = Instant::now();
        let before = open.take();
        let one = async {
            let (mut socket, view) = match before {
                Some(kept) if arm.is_kept => kept,
                before => {
                    // It ends within the set-up of the next, as the connection of a request does.
                    if let Some((socket, view)) = before {
                        left.push(leave(socket, view).await?);
                    }
                    upgrade(address).await?
                }
            };
            let connected = Instant::now();
            let message = arm.message(turn);
            let length = message.len();
            let made = Instant::now();
            socket.send(Message::text(message)).await?;
            let answer = socket.next().await;
            let first = Instant::now();
            answer.ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
            let around = [frame_head(length) + MASK, frame_head(ANSWER)];
            taken.add_turn(arm, turn, length, around);
            let turn = Turn {
                begins,
                connected,
                made,
                first,
                ends: Instant::now(),
                bytes: [length + around[0], arm.again(turn)],
            };
            Ok::<_, ExperimentError>(((socket, view), turn))
        };
        let (socket, one) = patience.wait(turn, one).await?;
        client.push(one);
        open = Some(socket);
    }
    if let Some((socket, view)) = open {
        left.push(leave(socket, view).await?);
    }
    for (bytes, view) in left {
        add(&mut taken.bytes, bytes);
        let spans = view.spans();
        let heads = |direction| -> u64 {
            let heads = lengths(&spans, direction, Layer::HttpHead);
            heads.iter().sum()
        };
        add(&mut taken.setup_bytes, Direction::ALL.map(heads));
    }
    Ok(client)
}

/// Closes a WebSocket. Returns the bytes that it carried until then, and what was seen of it.
async fn leave(mut socket: Socket, view: View) -> Result<([u64; 2], View), ExperimentError> {
    let bytes = view.bytes();
    socket.close(None).await?;
    Ok((bytes, view))
}

/// Returns the length of a frame's head, without a mask (RFC 6455, section 5.2).
const fn frame_head(length: usize) -> usize {
    match length {
        ..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}
