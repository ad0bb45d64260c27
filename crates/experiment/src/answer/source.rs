//! The source of an answer's tokens.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::{Compression, Way};

use super::{Asked, pack::Coder};
use crate::ExperimentError;

/// The notes of a source about its own times.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The time at which the first token was due: when it was asked for the answer.
    pub(super) began: Option<Instant>,
    /// The tokens that it waited for, counted from 0, and how late it was for each.
    pub(super) late: Vec<(usize, Duration)>,
}

/// A source of one answer, on a thread of its own, for one connection.
#[derive(Debug)]
pub struct Source {
    /// The address on which it listens.
    pub address: SocketAddr,
    pub(super) notes: Arc<Mutex<Notes>>,
}

impl Source {
    /// Starts the source on a free port of the loopback interface.
    ///
    /// # Errors
    /// Fails if the port cannot be had.
    pub fn start(asked: &Asked) -> Result<Self, ExperimentError> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let notes = Arc::new(Mutex::new(Notes::default()));
        let (asked, kept) = (asked.clone(), Arc::clone(&notes));
        thread::spawn(move || {
            // A reader that leaves ends the source and nothing else.
            let _ = listener
                .accept()
                .and_then(|(stream, _)| serve(stream, &asked, &kept));
        });
        Ok(Self { address, notes })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // One that nobody came to still waits for its reader.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream, asked: &Asked, notes: &Mutex<Notes>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match asked.way {
        Way::LongPoll | Way::ShortPoll => answer_polls(&mut stream, asked, notes),
        Way::Sse | Way::Ndjson | Way::Websocket => write_on(&mut stream, asked, notes),
    }
}

/// Reads the head of a request; `None` at the end of the connection.
fn head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let (mut head, mut bytes) = (Vec::new(), [0; 1024]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut bytes)? {
            0 => return Ok(None),
            count => head.extend_from_slice(&bytes[..count]),
        }
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// Returns the time at which the first token is due, from the first question on.
fn began(notes: &Mutex<Notes>) -> Instant {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    *notes.began.get_or_insert_with(Instant::now)
}

/// Waits until a token is due, and notes how late it is.
fn wait(number: usize, due: Instant, notes: &Mutex<Notes>) {
    thread::sleep(due.saturating_duration_since(Instant::now()));
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.late.push((number, due.elapsed()));
}

/// Writes each token when it is due, then waits for the reader to leave.
fn write_on(stream: &mut TcpStream, asked: &Asked, notes: &Mutex<Notes>) -> io::Result<()> {
    let Some(head) = head(stream)? else {
        return Ok(());
    };
    let began = began(notes);
    stream.write_all(opening(asked, &head).as_bytes())?;
    let mut coder = Coder::new(asked.compression);
    for (number, text) in asked.texts.iter().enumerate() {
        wait(number, began + asked.apart * number as u32, notes);
        let piece = if asked.way == Way::Websocket {
            coder.frame(text.as_bytes())?
        } else {
            coder.chunk(text.as_bytes())?
        };
        stream.write_all(&piece)?;
    }
    // The reader leaves first, so that nothing but tokens has come to it by then.
    stream.read(&mut [0; 1]).map(drop)
}

/// Returns the head of the answer that opens a stream or WebSocket.
fn opening(asked: &Asked, head: &str) -> String {
    if asked.way != Way::Websocket {
        let kind = if asked.way == Way::Sse {
            "text/event-stream"
        } else {
            "application/x-ndjson"
        };
        let coding = coding(asked.compression);
        return format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{coding}transfer-encoding: chunked\r\n\r\n"
        );
    }
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.unwrap_or_default().as_bytes());
    let extension = match asked.compression {
        Compression::Deflate => {
            "sec-websocket-extensions: permessage-deflate; server_no_context_takeover\r\n"
        }
        Compression::DeflateContext => "sec-websocket-extensions: permessage-deflate\r\n",
        _ => "",
    };
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n{extension}\r\n"
    )
}

const fn coding(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "content-encoding: gzip\r\n",
        Compression::Br => "content-encoding: br\r\n",
        _ => "",
    }
}

/// Answers each question with the tokens that are due and come after its place.
fn answer_polls(stream: &mut TcpStream, asked: &Asked, notes: &Mutex<Notes>) -> io::Result<()> {
    while let Some(head) = head(stream)? {
        let began = began(notes);
        let after = head
            .split_once("after=")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        let after: usize = after.unwrap_or_default();
        let Some(rest) = asked.texts.get(after..).filter(|rest| !rest.is_empty()) else {
            return Ok(());
        };
        let due = began + asked.apart * after as u32;
        if due > Instant::now() {
            wait(after, due, notes);
        }
        let passed = began.elapsed().as_nanos() / asked.apart.as_nanos().max(1);
        let count = (passed as usize + 1).saturating_sub(after);
        let text = rest[..count.clamp(1, rest.len())].concat();
        // Between two tokens of one answer there is a line end, and none behind the last.
        let text = text.trim_end_matches('\n');
        let body = Coder::body(asked.compression, text.as_bytes())?;
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n{}content-length: {}\r\n\r\n",
            coding(asked.compression),
            body.len()
        )
        .into_bytes();
        answer.extend(body);
        stream.write_all(&answer)?;
    }
    Ok(())
}
