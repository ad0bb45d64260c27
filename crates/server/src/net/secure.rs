//! A client's socket under TLS.
//!
//! The session is behind one lock, because the sweep writes to a reader whose own task reads. What
//! is written is sealed at once and leaves as far as the socket takes it; until all of it has left
//! nothing more is sealed, so that at most one record waits in memory.

use std::{
    future::poll_fn,
    io::{self, Write},
    net::Shutdown,
    sync::{Mutex, MutexGuard},
    task::{Context, Poll, ready},
    time::Instant,
};

use dissect::{Content, Direction};
use socket2::SockRef;
use tls::{Failure, Opened, Session};
use tokio::net::TcpStream;

use crate::net::{
    stream::{read_now, write_now},
    tap::Watch,
};

/// The most bytes that are read from the socket at once.
const BUFFER: usize = 4 * 1024;

/// The answer to a request in the clear.
const USE_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\
    connection: close\r\ncontent-length: 83\r\n\r\n\
    {\"error\":\"this port speaks TLS; write https:// or wss:// instead\",\"code\":\"use_tls\"}";

/// A client's socket under TLS.
pub(crate) struct Secure {
    pub(super) stream: TcpStream,
    state: Mutex<State>,
}

struct State {
    session: Session,
    watch: Option<Box<dyn Watch>>,
    /// True once the client's side of the socket has ended.
    is_over: bool,
}

impl Secure {
    /// Makes the socket of a client that is about to begin a handshake.
    pub(crate) fn new(stream: TcpStream, session: Session, watch: Option<Box<dyn Watch>>) -> Self {
        let state = State {
            session,
            watch,
            is_over: false,
        };
        Self {
            stream,
            state: Mutex::new(state),
        }
    }

    /// Shakes hands. A client that speaks plain HTTP is told so.
    pub(crate) async fn handshake(&self) -> Result<(), Failure> {
        loop {
            poll_fn(|context| self.poll_flush(context))
                .await
                .map_err(|_| Failure::Closed)?;
            if !self.state().session.is_handshaking() {
                return Ok(());
            }
            let arrived = poll_fn(|context| self.poll_arrival(context)).await;
            if arrived == Err(Failure::PlainHttp) {
                // The socket is new: it takes that much, or its client is gone.
                let _ = self.stream.try_write(USE_TLS);
                let _ = SockRef::from(&self.stream).shutdown(Shutdown::Write);
            }
            arrived?;
            if self.state().is_over {
                return Err(Failure::Closed);
            }
        }
    }

    /// Returns whether the two sides agreed on HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.state().session.is_http2()
    }

    /// Waits until there is something to read, and reads it. 0 bytes are the end.
    pub(crate) fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut state = self.state();
            let count = state.give(buffer);
            if count > 0 || state.is_over {
                return Poll::Ready(Ok(count));
            }
            drop(state);
            ready!(self.poll_arrival(context)).map_err(broken)?;
        }
    }

    /// Reads the bytes that have arrived, without waiting.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state();
        loop {
            let count = state.give(buffer);
            if count > 0 || state.is_over {
                return Ok(count);
            }
            let mut wire = [0; BUFFER];
            let count = self.stream.try_read(&mut wire)?;
            state.take(&self.stream, &wire[..count]).map_err(broken)?;
        }
    }

    /// Seals and writes as much as the socket takes, without waiting. What was sealed counts as
    /// written although the socket may not have taken it all: [`is_behind`](Self::is_behind).
    pub(crate) fn try_write(&self, piece: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        state.send(&self.stream)?;
        let mut written = 0;
        while written < piece.len() {
            written += state.seal(&piece[written..])?;
            match state.send(&self.stream) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Returns whether the socket has yet to take bytes that were sealed. A write of an empty piece
    /// goes on with them.
    pub(crate) fn is_behind(&self) -> bool {
        self.state().session.has_to_send()
    }

    /// Waits until there may be something to read.
    pub(crate) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = self.state();
        if !state.session.content().is_empty() || state.is_over {
            return Poll::Ready(Ok(()));
        }
        drop(state);
        self.stream.poll_read_ready(context)
    }

    /// Writes what was sealed, and waits for the socket to take it.
    pub(crate) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.state().send(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
            ready!(self.stream.poll_write_ready(context))?;
        }
    }

    /// Seals and writes, and waits while the socket is full.
    pub(crate) fn poll_write(
        &self,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush(context))?;
        let mut state = self.state();
        let count = state.seal(piece)?;
        match state.send(&self.stream) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(count)),
        }
    }

    /// Says the server's last word (`close_notify`, RFC 8446, section 6.1) and waits for the
    /// socket to take it.
    pub(crate) fn poll_end(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state().end();
        self.poll_flush(context)
    }

    /// Waits for bytes, or for their end, and opens the records that are whole.
    fn poll_arrival(&self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            ready!(self.stream.poll_read_ready(context)).map_err(|_| Failure::Closed)?;
            let mut wire = [0; BUFFER];
            match read_now(&self.stream, &mut wire) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(Err(Failure::Closed)),
                Ok(count) => {
                    let taken = self.state().take(&self.stream, &wire[..count]);
                    return Poll::Ready(taken);
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }
}

impl State {
    /// Takes the bytes that arrived; no bytes are the end. Answers of TLS itself leave as far as
    /// the socket takes them.
    fn take(&mut self, stream: &TcpStream, wire: &[u8]) -> Result<(), Failure> {
        let Self {
            session,
            watch,
            is_over,
        } = self;
        let at = watch.as_ref().map(|_| Instant::now());
        if let Some((watch, at)) = watch.as_mut().zip(at) {
            watch.crossed(Direction::Up, at, wire);
        }
        let taken = session.receive(wire, &mut |opened| {
            if let Some((watch, at)) = watch.as_mut().zip(at) {
                watch.content(Direction::Up, at, content(opened));
            }
        });
        // A client that ends without a last word has left as well.
        *is_over |= wire.is_empty() || session.has_ended();
        if session.has_to_send() {
            let _ = self.send(stream);
        }
        taken
    }

    /// Gives content that was opened; returns how many bytes there were.
    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let content = self.session.content();
        let count = content.len().min(buffer.len());
        buffer[..count].copy_from_slice(&content[..count]);
        self.session.take(count);
        count
    }

    fn seal(&mut self, piece: &[u8]) -> io::Result<usize> {
        let count = self.session.seal(piece)?;
        if let Some(watch) = &mut self.watch {
            let data = Content::Data(&piece[..count]);
            watch.content(Direction::Down, Instant::now(), data);
        }
        Ok(count)
    }

    fn end(&mut self) {
        if self.session.end()
            && let Some(watch) = &mut self.watch
        {
            watch.content(Direction::Down, Instant::now(), Content::Close);
        }
    }

    fn send(&mut self, stream: &TcpStream) -> io::Result<()> {
        let watch = &mut self.watch;
        self.session.send(&mut Socket { stream, watch })
    }
}

/// The socket as a session writes to it.
struct Socket<'a> {
    stream: &'a TcpStream,
    watch: &'a mut Option<Box<dyn Watch>>,
}

impl Write for Socket<'_> {
    fn write(&mut self, wire: &[u8]) -> io::Result<usize> {
        let count = write_now(self.stream, wire)?;
        if let Some(watch) = self.watch {
            watch.crossed(Direction::Down, Instant::now(), &wire[..count]);
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const fn content(opened: Opened<'_>) -> Content<'_> {
    match opened {
        Opened::Data(data) => Content::Data(data),
        Opened::Control => Content::Control,
        Opened::Close => Content::Close,
    }
}

fn broken(failure: Failure) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = std::str::from_utf8(USE_TLS).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length = format!("content-length: {}", body.len());
        assert!(head.contains(&length), "{length}");
    }
}
