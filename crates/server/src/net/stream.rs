//! The sockets of clients. Without a [`Tap`] a socket is used as it is: one
//! comparison for each read or write is all that this file costs then.

use std::{
    fmt,
    io::{self, IoSlice, Read, Write},
    net::SocketAddr,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use dissect::Direction;
use socket2::SockRef;
use tls::{Failure, Session};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

use crate::net::{
    handle::{self, Handle},
    pipe::Pipe,
    secure::Secure,
    tap::{Tap, Watch},
};

/// A client's socket, as the rest of the server sees it.
pub(crate) enum Stream {
    /// A socket that nobody watches.
    Plain(TcpStream),
    /// A socket whose bytes are shown to a [`Watch`]; boxed, so that a connection that nobody
    /// watches keeps no room for one.
    Tapped(Box<Tapped>),
    /// A socket under TLS.
    Secure(Box<Secure>),
    /// A stream of HTTP/2.
    Piped(Pipe),
}

/// A socket with its observer.
pub(crate) struct Tapped {
    stream: TcpStream,
    watch: Mutex<Box<dyn Watch>>,
}

impl Stream {
    /// Wraps the socket of `peer`, which is watched if `tap` wants it, and under TLS if there is a
    /// `session`.
    pub(crate) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        tap: Option<&Tap>,
        session: Option<Session>,
    ) -> Self {
        match (session, tap.and_then(|tap| tap.watch(peer))) {
            (None, None) => Self::Plain(stream),
            (None, Some(watch)) => Self::Tapped(Box::new(Tapped {
                stream,
                watch: Mutex::new(watch),
            })),
            (Some(session), watch) => Self::Secure(Box::new(Secure::new(stream, session, watch))),
        }
    }

    /// Waits until there is something to read, and reads it. Needs no `mut`, so
    /// another task can write at the same time.
    pub(crate) fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tapped(tapped) => &tapped.stream,
            Self::Secure(secure) => return secure.poll_receive(context, buffer),
            Self::Piped(pipe) => return pipe.poll_read(context, buffer),
        };
        loop {
            ready!(stream.poll_read_ready(context))?;
            match read_now(stream, buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    if let (Self::Tapped(tapped), Ok(count)) = (self, &read) {
                        see(&tapped.watch, Direction::Up, &buffer[..*count]);
                    }
                    return Poll::Ready(read);
                }
            }
        }
    }

    /// Reads the bytes that have arrived, without waiting.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.try_read(buffer),
            Self::Tapped(tapped) => {
                let count = tapped.stream.try_read(buffer)?;
                see(&tapped.watch, Direction::Up, &buffer[..count]);
                Ok(count)
            }
            Self::Secure(secure) => secure.try_read(buffer),
            Self::Piped(pipe) => pipe.try_read(buffer),
        }
    }

    /// Writes as much as the socket takes, without waiting.
    pub(crate) fn try_write(&self, piece: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => write_now(stream, piece),
            Self::Tapped(tapped) => {
                let count = write_now(&tapped.stream, piece)?;
                see(&tapped.watch, Direction::Down, &piece[..count]);
                Ok(count)
            }
            Self::Secure(secure) => secure.try_write(piece),
            Self::Piped(pipe) => pipe.try_write(piece),
        }
    }

    /// Writes shared bytes as much as the socket takes, without waiting. A stream of HTTP/2 takes
    /// them as they are.
    pub(crate) fn try_give(&self, piece: &Bytes) -> io::Result<usize> {
        match self {
            Self::Piped(pipe) => pipe.try_give(piece),
            _ => self.try_write(piece),
        }
    }

    /// Returns the socket if bytes go to it as they are written, and nobody watches them.
    pub(crate) fn bare(&self) -> Option<Handle<'_>> {
        match self {
            Self::Plain(stream) => Some(handle::of(stream)),
            Self::Tapped(_) | Self::Secure(_) | Self::Piped(_) => None,
        }
    }

    /// Returns whether the socket has yet to take bytes that count as written, which happens only
    /// under TLS. A write of an empty piece goes on with them.
    pub(crate) fn is_behind(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Tapped(_) | Self::Piped(_) => false,
            Self::Secure(secure) => secure.is_behind(),
        }
    }

    /// Waits until there may be something to read.
    pub(crate) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => stream.poll_read_ready(context),
            Self::Tapped(tapped) => tapped.stream.poll_read_ready(context),
            Self::Secure(secure) => secure.poll_read_ready(context),
            Self::Piped(pipe) => pipe.poll_read_ready(context),
        }
    }

    /// Waits until there may be room to write.
    pub(crate) fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => stream.poll_write_ready(context),
            Self::Tapped(tapped) => tapped.stream.poll_write_ready(context),
            Self::Secure(secure) => secure.stream.poll_write_ready(context),
            Self::Piped(pipe) => pipe.poll_write_ready(context),
        }
    }

    /// Shakes hands with a client under TLS; there is nothing to do for others.
    pub(crate) async fn handshake(&self) -> Result<(), Failure> {
        match self {
            Self::Plain(_) | Self::Tapped(_) | Self::Piped(_) => Ok(()),
            Self::Secure(secure) => secure.handshake().await,
        }
    }

    /// Returns whether the connection is under TLS.
    pub(crate) const fn is_secure(&self) -> bool {
        matches!(self, Self::Secure(_))
    }

    /// Returns whether the two sides of a connection under TLS agreed on HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        matches!(self, Self::Secure(secure) if secure.is_http2())
    }
}

/// Reads without waiting.
pub(super) fn read_now(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut received = None;
    let tried = stream.try_io(Interest::READABLE, || {
        let count = (&*SockRef::from(stream)).read(buffer)?;
        received = Some(count);
        // Fewer bytes than there was room for: no more are there. That tokio learns of it now saves
        // the system call that would find nothing.
        if count > 0 && count < buffer.len() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    });
    match (received, tried) {
        (Some(count), _) => Ok(count),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Writes without asking tokio first whether the socket had room when it was
/// last used: of a thousand readers nearly all have room, and the state that
/// tokio keeps for each lies in memory that no cache holds. Only a socket that
/// is full is tried again in tokio's way, because tokio must learn that it is
/// full.
pub(super) fn write_now(stream: &TcpStream, piece: &[u8]) -> io::Result<usize> {
    match (&*SockRef::from(stream)).write(piece) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.try_write(piece),
        written => written,
    }
}

fn see(watch: &Mutex<Box<dyn Watch>>, direction: Direction, piece: &[u8]) {
    if !piece.is_empty() {
        let mut watch = watch.lock().expect("no holder panics");
        watch.passed(direction, Instant::now(), piece);
    }
}

impl AsMut<Self> for Stream {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, socket) = match self {
            Self::Plain(stream) => ("Plain", stream),
            Self::Tapped(tapped) => ("Tapped", &tapped.stream),
            Self::Secure(secure) => ("Secure", &secure.stream),
            Self::Piped(_) => return formatter.write_str("Piped"),
        };
        formatter.debug_tuple(name).field(socket).finish()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tapped(tapped) => {
                let before = buffer.filled().len();
                let polled = Pin::new(&mut tapped.stream).poll_read(context, buffer);
                let piece = &buffer.filled()[before..];
                if !piece.is_empty() {
                    let watch = tapped.watch.get_mut().expect("no holder panics");
                    watch.passed(Direction::Up, Instant::now(), piece);
                }
                polled
            }
            Self::Secure(secure) => {
                let count = ready!(secure.poll_receive(context, buffer.initialize_unfilled()))?;
                buffer.advance(count);
                Poll::Ready(Ok(()))
            }
            Self::Piped(pipe) => {
                let count = ready!(pipe.poll_read(context, buffer.initialize_unfilled()))?;
                buffer.advance(count);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, piece),
            Self::Tapped(_) => self.poll_write_vectored(context, &[IoSlice::new(piece)]),
            Self::Secure(secure) => secure.poll_write(context, piece),
            Self::Piped(pipe) => pipe.poll_write(context, piece),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tapped(tapped) => {
                let stream = Pin::new(&mut tapped.stream);
                let polled = stream.poll_write_vectored(context, pieces);
                if let Poll::Ready(Ok(mut count)) = polled {
                    let at = Instant::now();
                    let watch = tapped.watch.get_mut().expect("no holder panics");
                    for piece in pieces {
                        let taken = count.min(piece.len());
                        if taken > 0 {
                            watch.passed(Direction::Down, at, &piece[..taken]);
                        }
                        count -= taken;
                    }
                }
                polled
            }
            Self::Secure(secure) => {
                let first = pieces.iter().find(|piece| !piece.is_empty());
                secure.poll_write(context, first.map_or(&[], |piece| piece))
            }
            Self::Piped(pipe) => {
                let first = pieces.iter().find(|piece| !piece.is_empty());
                pipe.poll_write(context, first.map_or(&[], |piece| piece))
            }
        }
    }

    /// Returns false under TLS: head and body are joined first, so that they travel in one record.
    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tapped(tapped) => tapped.stream.is_write_vectored(),
            Self::Secure(_) | Self::Piped(_) => false,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tapped(tapped) => Pin::new(&mut tapped.stream).poll_flush(context),
            Self::Secure(secure) => secure.poll_flush(context),
            Self::Piped(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = match &mut *self {
            Self::Plain(stream) => stream,
            Self::Tapped(tapped) => &mut tapped.stream,
            Self::Secure(secure) => {
                ready!(secure.poll_end(context))?;
                &mut secure.stream
            }
            Self::Piped(pipe) => {
                pipe.end();
                return Poll::Ready(Ok(()));
            }
        };
        Pin::new(stream).poll_shutdown(context)
    }
}
