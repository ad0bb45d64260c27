//! Counts the bytes of a socket, beneath HTTP and WebSocket: heads, frames and
//! masks included, whatever the protocol above thinks it sent.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Bytes of all sockets of one shard. Cells, not atomics: a shard is one thread.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    /// Written so far.
    pub(crate) up: Cell<u64>,
    /// Read so far.
    pub(crate) down: Cell<u64>,
}

/// A TCP stream that counts.
#[derive(Debug)]
pub(crate) struct Meter {
    stream: TcpStream,
    bytes: Rc<Bytes>,
}

impl Meter {
    /// Counts what crosses `stream` into `bytes`.
    pub(crate) const fn new(stream: TcpStream, bytes: Rc<Bytes>) -> Self {
        Self { stream, bytes }
    }

    /// Every byte written passes here once, in order. With [`Self::has_read`]
    /// it is the place for anything that wants to see the bytes themselves.
    fn has_written(&mut self, piece: &[u8]) {
        self.bytes.up.set(self.bytes.up.get() + piece.len() as u64);
    }

    /// Every byte read passes here once, in order.
    fn has_read(&mut self, piece: &[u8]) {
        self.bytes
            .down
            .set(self.bytes.down.get() + piece.len() as u64);
    }
}

impl AsyncRead for Meter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.has_read(&buffer.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Meter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, piece);
        if let Poll::Ready(Ok(count)) = polled {
            self.has_written(&piece[..count]);
        }
        polled
    }

    /// Forwarded, or hyper would write head and body in two calls and what is
    /// measured would not be what a client does.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        if let Poll::Ready(Ok(mut count)) = polled {
            for piece in pieces {
                let taken = count.min(piece.len());
                self.has_written(&piece[..taken]);
                count -= taken;
            }
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
