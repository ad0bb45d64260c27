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

use dissect::Direction;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

use crate::net::tap::{Tap, Watch};

/// A client's socket, as the rest of the server sees it.
pub(crate) enum Stream {
    /// A socket that nobody watches.
    Plain(TcpStream),
    /// A socket whose bytes are shown to a [`Watch`].
    Tapped(TcpStream, Mutex<Box<dyn Watch>>),
}

impl Stream {
    /// Wraps the socket of `peer`, which is watched if `tap` wants it.
    pub(crate) fn new(stream: TcpStream, peer: SocketAddr, tap: Option<&Tap>) -> Self {
        match tap.and_then(|tap| tap.watch(peer)) {
            None => Self::Plain(stream),
            Some(watch) => Self::Tapped(stream, Mutex::new(watch)),
        }
    }

    /// Waits until there is something to read, and reads it. Needs no `mut`, so
    /// another task can write at the same time.
    pub(crate) fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let (Self::Plain(stream) | Self::Tapped(stream, _)) = self;
        loop {
            ready!(stream.poll_read_ready(context))?;
            let mut received = None;
            let tried = stream.try_io(Interest::READABLE, || {
                let count = (&*SockRef::from(stream)).read(buffer)?;
                received = Some(count);
                // Fewer than there is room for: no more are there. To say so now
                // saves the system call that would find nothing.
                if count > 0 && count < buffer.len() {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Ok(())
            });
            match (received, tried) {
                (Some(count), _) => {
                    if let Self::Tapped(_, watch) = self {
                        see(watch, Direction::Up, &buffer[..count]);
                    }
                    return Poll::Ready(Ok(count));
                }
                (None, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                (None, _) => {}
            }
        }
    }

    /// Reads the bytes that have arrived, without waiting.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.try_read(buffer),
            Self::Tapped(stream, watch) => {
                let count = stream.try_read(buffer)?;
                see(watch, Direction::Up, &buffer[..count]);
                Ok(count)
            }
        }
    }

    /// Writes as much as the socket takes, without waiting.
    pub(crate) fn try_write(&self, piece: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => write_now(stream, piece),
            Self::Tapped(stream, watch) => {
                let count = write_now(stream, piece)?;
                see(watch, Direction::Down, &piece[..count]);
                Ok(count)
            }
        }
    }

    /// Waits until there may be something to read.
    pub(crate) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (Self::Plain(stream) | Self::Tapped(stream, _)) = self;
        stream.poll_read_ready(context)
    }

    /// Waits until there may be room to write.
    pub(crate) fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (Self::Plain(stream) | Self::Tapped(stream, _)) = self;
        stream.poll_write_ready(context)
    }

    /// Returns the socket itself.
    fn tcp(&mut self) -> Pin<&mut TcpStream> {
        let (Self::Plain(stream) | Self::Tapped(stream, _)) = self;
        Pin::new(stream)
    }
}

/// Writes without asking tokio first whether the socket had room when it was
/// last used: of a thousand readers nearly all have room, and the state that
/// tokio keeps for each lies in memory that no cache holds. Only a socket that
/// is full is tried again in tokio's way, because tokio must learn that it is
/// full.
fn write_now(stream: &TcpStream, piece: &[u8]) -> io::Result<usize> {
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

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, stream) = match self {
            Self::Plain(stream) => ("Plain", stream),
            Self::Tapped(stream, _) => ("Tapped", stream),
        };
        formatter.debug_tuple(name).field(stream).finish()
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
            Self::Tapped(stream, watch) => {
                let before = buffer.filled().len();
                let polled = Pin::new(stream).poll_read(context, buffer);
                let piece = &buffer.filled()[before..];
                if !piece.is_empty() {
                    let watch = watch.get_mut().expect("no holder panics");
                    watch.passed(Direction::Up, Instant::now(), piece);
                }
                polled
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
            Self::Tapped(..) => self.poll_write_vectored(context, &[IoSlice::new(piece)]),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tapped(stream, watch) => {
                let polled = Pin::new(stream).poll_write_vectored(context, pieces);
                if let Poll::Ready(Ok(mut count)) = polled {
                    let at = Instant::now();
                    let watch = watch.get_mut().expect("no holder panics");
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
        }
    }

    fn is_write_vectored(&self) -> bool {
        let (Self::Plain(stream) | Self::Tapped(stream, _)) = self;
        stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_shutdown(context)
    }
}
