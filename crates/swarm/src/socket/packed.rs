//! The socket of a WebSocket with permessage-deflate on it (RFC 7692), if the handshake agreed on that.
//!
//! tungstenite knows no extension. It reads and writes plain frames here; beneath, where bytes are
//! counted, the compressed ones cross.

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

use crate::{failure::LONGEST_LINE, socket::tunnel::Tunnel};

/// The number of bytes that are read at once beneath the decompression.
const BUFFER: usize = 4096;

/// The socket of a WebSocket.
#[derive(Debug)]
pub(crate) struct Packed {
    stream: Tunnel,
    /// Present where frames are compressed; boxed, as most are not.
    layer: Option<Box<Layer>>,
}

/// The state of the compression.
#[derive(Debug)]
struct Layer {
    incoming: Incoming,
    outgoing: Outgoing,
}

impl Packed {
    /// Makes the socket after the handshake, which brought `rest` behind its answer. Returns it
    /// with what of that is plain already.
    pub(crate) fn new(
        stream: Tunnel,
        agreement: Option<Agreement>,
        rest: Vec<u8>,
    ) -> (Self, Vec<u8>) {
        let Some(agreement) = agreement else {
            let layer = None;
            return (Self { stream, layer }, rest);
        };
        let inflater = Inflater::new(agreement.server_keeps, LONGEST_LINE);
        let deflater = Deflater::with_window(agreement.client_keeps, agreement.client_window);
        let mut layer = Layer {
            incoming: Incoming::new(inflater),
            outgoing: Outgoing::new(deflater),
        };
        layer.incoming.push(&rest);
        let layer = Some(Box::new(layer));
        (Self { stream, layer }, Vec::new())
    }

    /// Writes the compressed frames that wait.
    fn poll_outgoing(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, layer } = self;
        let Some(layer) = layer else {
            return Poll::Ready(Ok(()));
        };
        while !layer.outgoing.rest().is_empty() {
            let rest = layer.outgoing.rest();
            let count = ready!(Pin::new(&mut *stream).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            layer.outgoing.take(count);
        }
        Poll::Ready(Ok(()))
    }
}

impl Layer {
    /// Reads until there are plain bytes, or the socket has no more.
    fn poll_read(
        &mut self,
        stream: &mut Tunnel,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            // `crate::failure` knows what was wrong by the fault in the error.
            let count = self.incoming.take(buffer.initialize_unfilled())?;
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
            self.incoming.push(received.filled());
        }
    }
}

impl AsyncRead for Packed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, layer } = &mut *self;
        match layer {
            None => Pin::new(stream).poll_read(context, buffer),
            Some(layer) => layer.poll_read(stream, context, buffer),
        }
    }
}

impl AsyncWrite for Packed {
    /// Takes whole frames: tungstenite writes none in parts, as long as all of each write is taken.
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.layer.is_none() {
            return Pin::new(&mut self.stream).poll_write(context, piece);
        }
        ready!(self.poll_outgoing(context))?;
        if let Some(layer) = &mut self.layer {
            layer.outgoing.push(piece);
        }
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
