//! A WebSocket on which a client of another protocol talks: alone at first,
//! then, once it is known which room it reads, from a seat there.

use std::{
    future::poll_fn,
    io::{self, Read, Write},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use crate::{
    net::{handover::Handover, shutdown::shutdown_signalled, stream::Stream, web_socket},
    room::{
        Room,
        entry::{Encoding, text_frame},
        log::Start,
        presence::PresenceGuard,
        subscriber::{Subscriber, Woken},
    },
    settings::Settings,
};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::watch,
    task::consume_budget,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::tungstenite::{
    Error, Message, Utf8Bytes,
    protocol::{
        WebSocketContext,
        frame::{CloseFrame, coding::CloseCode},
    },
};

/// The time that a client has to take what it is sent before it has a seat, and
/// to answer a close frame.
const PATIENCE: Duration = Duration::from_secs(2);

/// A WebSocket of a client of another protocol.
#[derive(Debug)]
pub(crate) struct Duplex {
    line: Line,
    reader: WebSocketContext,
    leaving: watch::Receiver<bool>,
}

/// The writing half, which also owns the socket.
#[derive(Debug)]
enum Line {
    /// A connection that reads no room yet.
    Alone(Stream),
    /// A connection that the sweep of a room writes to.
    Seated(Subscriber),
    /// The connection is gone.
    Gone,
}

/// The next thing that happens on a WebSocket.
#[derive(Debug)]
pub(crate) enum Next {
    /// The client sent a text.
    Text(Utf8Bytes),
    /// The client sent something that is no text.
    Binary,
    /// The time that was waited for has come.
    Due,
    /// The server has sent nothing to the client for as long as a heartbeat takes.
    Silent,
    /// The person was sent out.
    SentOut,
    /// The server is leaving.
    Leaving,
    /// The client has left or broke the rules; the frame is the answer, if one
    /// is due.
    End(Option<CloseFrame>),
}

impl Duplex {
    /// Takes over a connection after its handshake; `limit` is the length of
    /// the longest message in bytes.
    pub(crate) fn new(handover: Handover, limit: usize, leaving: watch::Receiver<bool>) -> Self {
        Self {
            line: Line::Alone(handover.stream),
            reader: web_socket::reader(handover.early, limit),
            leaving,
        }
    }

    /// Sends a text frame. A client that does not take it is gone.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_frame(&text_frame(text.as_bytes())).await;
    }

    async fn send_frame(&mut self, frame: &Bytes) {
        match &mut self.line {
            Line::Alone(stream) => {
                let sent = timeout(PATIENCE, stream.write_all(frame)).await;
                if !matches!(sent, Ok(Ok(()))) {
                    self.line = Line::Gone;
                }
            }
            Line::Seated(subscriber) => subscriber.send(frame),
            Line::Gone => {}
        }
    }

    /// Gives the client a seat in a room, from which it is sent all events that
    /// it has not seen.
    pub(crate) fn register(
        &mut self,
        room: &Arc<Room>,
        encoding: Encoding,
        start: Start,
        settings: &Arc<Settings>,
        guard: Option<&PresenceGuard>,
    ) {
        self.line = match std::mem::replace(&mut self.line, Line::Gone) {
            Line::Alone(stream) => {
                let mut seated = Subscriber::register(stream, room, encoding, start, settings);
                seated.ends_with(guard);
                Line::Seated(seated)
            }
            other => other,
        };
    }

    /// Waits for what comes next, until `deadline` at the latest.
    pub(crate) async fn next(&mut self, deadline: Instant) -> Next {
        loop {
            // A client that speaks without a pause must not keep the thread to itself.
            consume_budget().await;
            match self.read().await {
                Some(Ok(Message::Text(text))) => return Next::Text(text),
                Some(Ok(Message::Binary(_))) => return Next::Binary,
                Some(Ok(Message::Close(_))) => return Next::End(None),
                // Pings are answered by tungstenite as we read on.
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Next::End(web_socket::fault(&error)),
                None => {}
            }
            match timeout_at(deadline, self.woken()).await {
                Ok(Woken::Readable) => {}
                Ok(Woken::Silent) => return Next::Silent,
                Ok(Woken::SentOut) => return Next::SentOut,
                Ok(Woken::Leaving) => return Next::Leaving,
                Ok(Woken::Gone) => return Next::End(None),
                Err(_) => return Next::Due,
            }
        }
    }

    /// Waits until the client has taken all that it was sent. Returns false if it is gone, or has to
    /// go; the next thing that happens is then that.
    pub(crate) async fn has_room(&mut self) -> bool {
        let Line::Seated(subscriber) = &mut self.line else {
            // What is sent before there is a seat is taken at once.
            return !matches!(self.line, Line::Gone);
        };
        while !subscriber.is_free() {
            let woken = poll_fn(|context| match subscriber.poll_woken(context) {
                Poll::Ready(woken) => Poll::Ready(Some(woken)),
                Poll::Pending if subscriber.is_free() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            match woken.await {
                None | Some(Woken::Readable | Woken::Silent) => {}
                Some(Woken::SentOut | Woken::Leaving | Woken::Gone) => return false,
            }
        }
        true
    }

    async fn woken(&mut self) -> Woken {
        match &mut self.line {
            Line::Alone(stream) => tokio::select! {
                ready = poll_fn(|context| stream.poll_read_ready(context)) => match ready {
                    Ok(()) => Woken::Readable,
                    Err(_) => Woken::Gone,
                },
                () = shutdown_signalled(&mut self.leaving) => Woken::Leaving,
            },
            Line::Seated(subscriber) => subscriber.woken().await,
            Line::Gone => Woken::Gone,
        }
    }

    /// Returns the next message, if one is there and the socket took all that
    /// was written.
    async fn read(&mut self) -> Option<Result<Message, Error>> {
        let read = match &mut self.line {
            Line::Alone(stream) => {
                let mut pipe = Pipe::new(stream);
                let read = self.reader.read(&mut pipe);
                let answers = pipe.written;
                if !answers.is_empty() {
                    self.send_frame(&Bytes::from(answers)).await;
                }
                read
            }
            Line::Seated(subscriber) if subscriber.is_free() => {
                self.reader.read(&mut subscriber.socket_io())
            }
            Line::Seated(_) | Line::Gone => return None,
        };
        match read {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
            read => Some(read),
        }
    }

    /// Closes the WebSocket, in the order of [`web_socket::close`].
    pub(crate) async fn close(mut self, close_frame: Option<CloseFrame>) {
        // Errors show when the rest is written.
        match std::mem::replace(&mut self.line, Line::Gone) {
            Line::Alone(mut stream) => {
                let mut pipe = Pipe::new(&stream);
                let _ = close_frame_into(&mut self.reader, &mut pipe, close_frame);
                let frames = pipe.written;
                let goodbye = async {
                    stream.write_all(&frames).await.ok()?;
                    stream.shutdown().await.ok()?;
                    let mut dropped = [0; 64];
                    while stream.read(&mut dropped).await.ok()? > 0 {}
                    Some(())
                };
                let _ = timeout(PATIENCE, goodbye).await;
            }
            Line::Seated(subscriber) => {
                let _ =
                    close_frame_into(&mut self.reader, &mut subscriber.socket_io(), close_frame);
                // Boxed, as it is not needed before the very end.
                Box::pin(subscriber.close(true)).await;
            }
            Line::Gone => {}
        }
    }
}

/// Returns the frame with which a person is sent out.
pub(crate) fn sent_out() -> Option<CloseFrame> {
    web_socket::close_frame(CloseCode::Policy, "the teacher has sent you out")
}

/// Returns the frame with which a server that is leaving closes.
pub(crate) fn away() -> Option<CloseFrame> {
    web_socket::close_frame(CloseCode::Away, "the server is leaving")
}

fn close_frame_into(
    reader: &mut WebSocketContext,
    socket: &mut (impl Read + Write),
    close_frame: Option<CloseFrame>,
) -> Result<(), Error> {
    match close_frame {
        Some(frame) => reader.close(socket, Some(frame)),
        None => reader.flush(socket),
    }
}

/// The form in which tungstenite uses a socket without a seat: it reads
/// directly, and what it writes is kept to be sent whole.
struct Pipe<'a> {
    stream: &'a Stream,
    written: Vec<u8>,
}

impl<'a> Pipe<'a> {
    fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            written: Vec::new(),
        }
    }
}

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buffer)
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(frames);
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
