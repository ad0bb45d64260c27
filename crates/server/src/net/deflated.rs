//! A connection with permessage-deflate on it (RFC 7692), where frames are both read and written.
//!
//! tungstenite knows no extension: it reads and writes plain frames here, and beneath cross the
//! compressed ones.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::deflate::{
    Deflater, Inflater,
    frames::{Incoming, Outgoing},
    offer::Agreement,
};

use crate::net::{handover::Handover, stream::Stream};

/// The number of bytes that are read at once beneath the decompression.
const BUFFER: usize = 4096;

/// A connection whose messages are compressed.
#[derive(Debug)]
pub(crate) struct Deflated {
    stream: Stream,
    incoming: Incoming,
    outgoing: Outgoing,
}

impl Deflated {
    /// Makes the connection after its handshake, for messages of up to `limit` bytes once they are
    /// inflated.
    pub(crate) fn new(handover: Handover, agreement: Agreement, limit: usize) -> Self {
        let Handover { stream, early } = handover;
        let mut incoming = Incoming::new(Inflater::new(agreement.client_keeps, limit));
        incoming.push(&early);
        let deflater = Deflater::with_window(agreement.server_keeps, agreement.server_window);
        Self {
            stream,
            incoming,
            outgoing: Outgoing::new(deflater),
        }
    }

    /// Writes the compressed frames that wait.
    fn poll_outgoing(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.rest().is_empty() {
            let rest = self.outgoing.rest();
            let count = ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.outgoing.take(count);
        }
        Poll::Ready(Ok(()))
    }
}

/// The connection as it is, for a reader that drops what comes.
impl AsMut<Stream> for Deflated {
    fn as_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }
}

impl AsyncRead for Deflated {
    /// Reads until there are plain bytes, or the socket has no more.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            stream, incoming, ..
        } = &mut *self;
        loop {
            let count = incoming.take(buffer.initialize_unfilled())?;
            if count > 0 {
                buffer.advance(count);
                return Poll::Ready(Ok(()));
            }
            let mut bytes = [0; BUFFER];
            let mut received = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut received))?;
            if received.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            incoming.push(received.filled());
        }
    }
}

impl AsyncWrite for Deflated {
    /// Takes whole frames: tungstenite writes none in parts, as long as all of each write is taken.
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_outgoing(context))?;
        self.outgoing.push(piece);
        if let Poll::Ready(Err(error)) = self.poll_outgoing(context) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_outgoing(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_outgoing(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
