//! The socket beneath a WebSocket: one of its own, or a stream of a connection of HTTP/2 (RFC 8441).

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::socket::{meter::Meter, multiplex::Shared};

/// The socket beneath a WebSocket.
#[derive(Debug)]
pub(crate) enum Tunnel {
    /// A socket of its own.
    Own(Meter),
    /// A stream of HTTP/2. Boxed, as most are none.
    Stream(Box<Stream>),
}

/// A stream of HTTP/2 that has become a WebSocket. What is written at once is one frame, as long as
/// the server takes it.
#[derive(Debug)]
pub(crate) struct Stream {
    io: TokioIo<Upgraded>,
    /// Keeps the connection open for the other tabs of its browser.
    _shared: Rc<Shared>,
}

impl Tunnel {
    /// Makes the socket of a stream that was opened on a connection.
    pub(crate) fn of_stream(stream: Upgraded, shared: Rc<Shared>) -> Self {
        Self::Stream(Box::new(Stream {
            io: TokioIo::new(stream),
            _shared: shared,
        }))
    }
}

/// Returns the error of a stream as a socket reports it: hyper's kind for a reset is only `Other`.
fn as_of_a_socket(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => io::ErrorKind::ConnectionReset.into(),
        _ => error,
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Own(meter) => Pin::new(meter).poll_read(context, buffer),
            Self::Stream(stream) => {
                let read = ready!(Pin::new(&mut stream.io).poll_read(context, buffer));
                Poll::Ready(read.map_err(as_of_a_socket))
            }
        }
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Own(meter) => Pin::new(meter).poll_write(context, piece),
            Self::Stream(stream) => {
                let written = ready!(Pin::new(&mut stream.io).poll_write(context, piece));
                Poll::Ready(written.map_err(as_of_a_socket))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Own(meter) => Pin::new(meter).poll_flush(context),
            Self::Stream(stream) => Pin::new(&mut stream.io)
                .poll_flush(context)
                .map_err(as_of_a_socket),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Own(meter) => Pin::new(meter).poll_shutdown(context),
            Self::Stream(stream) => Pin::new(&mut stream.io)
                .poll_shutdown(context)
                .map_err(as_of_a_socket),
        }
    }
}
