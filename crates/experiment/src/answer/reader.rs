//! The reader of an answer's tokens: when each came, and in how many bytes.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::PoisonError,
    time::{Duration, Instant},
};

use wire::{Compression, Way};

use super::{ANSWER_HOST, Asked, Source, source::Notes, unpack::Unpacker};
use crate::ExperimentError;

/// The interval at which a reader looks whether it shall end.
const LOOK: Duration = Duration::from_millis(200);
/// The time after which a source that says nothing is given up, beside that between two tokens.
const PATIENCE: Duration = Duration::from_secs(30);
/// The key of a WebSocket's handshake (RFC 6455, section 1.3): any will do.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// An answer that has come, with its times and bytes.
#[derive(Debug, Clone, Default)]
pub struct Streamed {
    /// The time from beginning to connect to the head of the answer, or of the first one.
    pub opening: Duration,
    /// The time from beginning to connect to the arrival of the first token.
    pub first: Duration,
    /// The time from the first token to the last.
    pub lasted: Duration,
    /// The times from one token to the next.
    pub gaps: Vec<Duration>,
    /// The time from when each token was due at the source to its arrival.
    pub latencies: Vec<Duration>,
    /// The same from when the source had each token ready, late or not.
    pub sent: Vec<Duration>,
    /// The lateness of the source itself, for each token that it waited for.
    pub late: Vec<Duration>,
    /// The number of tokens that each read of the socket, or each answer, brought.
    pub batches: Vec<u64>,
    /// The bytes of the handshake or opening of a stream, up and down.
    pub opening_bytes: [u64; 2],
    /// All other bytes, up and down.
    pub bytes: [u64; 2],
    /// The bytes of the tokens and their envelopes, before compression.
    pub plain_bytes: u64,
    /// The bytes of content as they crossed the socket, fields and line ends of text among them.
    pub content_bytes: u64,
    /// The bytes down that were found around content: chunks, frames, and heads of answers to polls.
    pub framing_bytes: u64,
    /// The bytes down that follow from the sizes of tokens, where they do.
    pub expected_bytes: Option<u64>,
}

impl Asked {
    /// Reads the answer of `source` at `address`, behind which the source is.
    ///
    /// # Errors
    /// Fails if a socket fails, if something else comes, or if `stopped` says so.
    pub fn read(
        &self,
        source: &Source,
        address: SocketAddr,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Streamed, ExperimentError> {
        let begin = Instant::now();
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LOOK))?;
        let mut reader = Reader {
            asked: self,
            stream,
            stopped,
            begin,
            arrivals: Vec::with_capacity(self.texts.len()),
            streamed: Streamed::default(),
            ends: ends(&self.texts),
        };
        let unpacker = match self.way {
            Way::LongPoll | Way::ShortPoll => reader.polls()?,
            Way::Sse | Way::Ndjson | Way::Websocket => reader.stays()?,
        };
        if unpacker.plain != self.texts.concat().as_bytes() {
            return Err(ExperimentError::Answer("other tokens came".to_owned()));
        }
        let notes = source.notes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.streamed(&unpacker, &notes))
    }
}

/// Returns the place at which each text ends if they follow each other.
fn ends(texts: &[String]) -> Vec<usize> {
    let mut place = 0;
    let end = |text: &String| {
        place += text.len();
        place
    };
    texts.iter().map(end).collect()
}

struct Reader<'a> {
    asked: &'a Asked,
    stream: TcpStream,
    stopped: &'a dyn Fn() -> bool,
    begin: Instant,
    /// The time at which each token had come.
    arrivals: Vec<Instant>,
    streamed: Streamed,
    ends: Vec<usize>,
}

impl Reader<'_> {
    /// Reads what has come, at least one byte, and the time at which it was there.
    fn some(&mut self, bytes: &mut [u8]) -> Result<(usize, Instant), ExperimentError> {
        let asked_at = Instant::now();
        let patience = PATIENCE + self.asked.apart;
        loop {
            // Tokens may come so fast that a read never waits.
            if (self.stopped)() {
                return Err(ExperimentError::Stopped);
            }
            match self.stream.read(bytes) {
                Ok(0) => {
                    return Err(ExperimentError::Answer(
                        "the answer was cut short".to_owned(),
                    ));
                }
                Ok(count) => return Ok((count, Instant::now())),
                Err(error) if waits(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if asked_at.elapsed() > patience {
                return Err(ExperimentError::Answer("the source fell silent".to_owned()));
            }
        }
    }

    /// Reads up to the end of a head. Returns it with what came behind it.
    fn head(&mut self, mut came: Vec<u8>) -> Result<(String, Vec<u8>, Instant), ExperimentError> {
        let (mut bytes, mut at) = ([0; 4096], Instant::now());
        loop {
            if let Some(end) = came.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = came.split_off(end + 4);
                return Ok((String::from_utf8_lossy(&came).into_owned(), rest, at));
            }
            let (count, now) = self.some(&mut bytes)?;
            at = now;
            came.extend_from_slice(&bytes[..count]);
        }
    }

    /// Notes the tokens that are whole now.
    fn arrived(&mut self, plain: usize, at: Instant) {
        let known = self.arrivals.len();
        let whole = self.ends.partition_point(|end| *end <= plain);
        self.arrivals.resize(whole, at);
        if whole > known {
            self.streamed.batches.push((whole - known) as u64);
        }
    }

    fn is_whole(&self) -> bool {
        self.arrivals.len() == self.asked.texts.len()
    }

    /// Reads a stream or WebSocket.
    fn stays(&mut self) -> Result<Unpacker, ExperimentError> {
        let is_socket = self.asked.way == Way::Websocket;
        let request = request(self.asked);
        self.stream.write_all(request.as_bytes())?;
        let (head, rest, mut at) = self.head(Vec::new())?;
        let wanted = if is_socket { " 101 " } else { " 200 " };
        if !head
            .lines()
            .next()
            .is_some_and(|line| line.contains(wanted))
        {
            return Err(ExperimentError::Answer(head));
        }
        self.streamed.opening = at - self.begin;
        self.streamed.opening_bytes = [request.len() as u64, head.len() as u64];
        let mut unpacker = Unpacker::new(self.asked.compression, is_socket);
        let (mut bytes, mut count) = (vec![0; 1 << 16], rest.len());
        bytes[..count].copy_from_slice(&rest);
        loop {
            self.streamed.bytes[1] += count as u64;
            unpacker.push(&bytes[..count])?;
            self.arrived(unpacker.plain.len(), at);
            if self.is_whole() {
                return Ok(unpacker);
            }
            (count, at) = self.some(&mut bytes)?;
        }
    }

    /// Asks again and again, over one connection.
    fn polls(&mut self) -> Result<Unpacker, ExperimentError> {
        let mut whole = Unpacker::new(Compression::None, false);
        while !self.is_whole() {
            let request = poll(self.asked, self.arrivals.len());
            self.stream.write_all(request.as_bytes())?;
            let (head, mut body, mut at) = self.head(Vec::new())?;
            if self.arrivals.is_empty() {
                self.streamed.opening = at - self.begin;
            }
            let length = content_length(&head)?;
            let mut bytes = vec![0; 1 << 16];
            while body.len() < length {
                let (count, now) = self.some(&mut bytes)?;
                at = now;
                body.extend_from_slice(&bytes[..count]);
            }
            self.streamed.bytes[0] += request.len() as u64;
            self.streamed.bytes[1] += (head.len() + body.len()) as u64;
            self.streamed.framing_bytes += head.len() as u64;
            let mut unpacker = Unpacker::new(self.asked.compression, false);
            unpacker.content(&body)?;
            whole.content += unpacker.content;
            whole.plain.append(&mut unpacker.plain);
            whole.plain.push(b'\n');
            self.arrived(whole.plain.len(), at);
        }
        Ok(whole)
    }

    fn streamed(mut self, unpacker: &Unpacker, notes: &Notes) -> Streamed {
        let began = notes.began.unwrap_or(self.begin);
        let arrivals = &self.arrivals;
        let (first, last) = (arrivals.first().copied(), arrivals.last().copied());
        let first = first.unwrap_or(self.begin);
        let gaps = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let latency = |(number, at): (usize, &Instant)| {
            at.saturating_duration_since(began + self.asked.apart * number as u32)
        };
        let latencies: Vec<Duration> = arrivals.iter().enumerate().map(latency).collect();
        let mut sent = latencies.clone();
        for &(number, late) in &notes.late {
            if let Some(sent) = sent.get_mut(number) {
                *sent = sent.saturating_sub(late);
            }
        }
        let plain_bytes: usize = self.asked.contents.iter().sum();
        self.streamed.first = first - self.begin;
        self.streamed.lasted = last.unwrap_or(first) - first;
        Streamed {
            gaps,
            latencies,
            sent,
            late: notes.late.iter().map(|(_, late)| *late).collect(),
            plain_bytes: plain_bytes as u64,
            content_bytes: unpacker.content,
            framing_bytes: self.streamed.framing_bytes + unpacker.framing,
            expected_bytes: self.asked.expected_bytes(),
            ..self.streamed
        }
    }
}

fn waits(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Returns the request that opens a stream or WebSocket.
fn request(asked: &Asked) -> String {
    if asked.way != Way::Websocket {
        let coding = coding(asked.compression);
        return format!("GET /tokens HTTP/1.1\r\nHost: {ANSWER_HOST}\r\n{coding}\r\n");
    }
    let is_packed = asked.compression != Compression::None;
    let extension = if is_packed {
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    } else {
        ""
    };
    format!(
        "GET /tokens HTTP/1.1\r\nHost: {ANSWER_HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{extension}\r\n"
    )
}

/// Returns the request for what comes after so many tokens.
fn poll(asked: &Asked, after: usize) -> String {
    let coding = coding(asked.compression);
    format!("GET /tokens?after={after} HTTP/1.1\r\nHost: {ANSWER_HOST}\r\n{coding}\r\n")
}

const fn coding(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "Accept-Encoding: gzip\r\n",
        Compression::Br => "Accept-Encoding: br\r\n",
        _ => "",
    }
}

fn content_length(head: &str) -> Result<usize, ExperimentError> {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.parse().ok())
        .ok_or_else(|| ExperimentError::Answer(head.to_owned()))
}
