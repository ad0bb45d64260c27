//! A WebSocket over a stream of HTTP/2 (RFC 8441).
//!
//! An extended CONNECT goes the way of the opening handshake that it stands for (`http/upgrade.rs`),
//! and its session has a [`Pipe`](crate::net::pipe::Pipe) in place of a socket, as a stream has. The
//! carrying of bytes between that pipe and hyper's stream is all that is here.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::pipe::PipeReader;

/// The number of bytes that are read at once from a client.
const BUFFER: usize = 4 * 1024;

/// The carrying of bytes between a session and its client.
struct Tunnel {
    stream: TokioIo<Upgraded>,
    pipe_reader: PipeReader,
    /// The piece that is being written, which is a frame of content.
    piece: Bytes,
    /// True once the session has written all that it will.
    has_said_all: bool,
    /// True once the client sends nothing more.
    has_heard_all: bool,
}

/// Carries bytes between a session and the client that asked for it, from the answer's head until
/// the session is over or the client has left.
pub(super) async fn carry(opened: OnUpgrade, pipe_reader: PipeReader) {
    // A client that took its request back has left: the session learns that as this end is dropped.
    let Ok(stream) = opened.await else {
        return;
    };
    let mut tunnel = Tunnel {
        stream: TokioIo::new(stream),
        pipe_reader,
        piece: Bytes::new(),
        has_said_all: false,
        has_heard_all: false,
    };
    poll_fn(|context| tunnel.poll(context)).await;
}

impl Tunnel {
    /// Carries what can be carried now; ready at the end.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.has_heard_all && self.poll_hear(context).is_ready() {
            self.has_heard_all = true;
            self.pipe_reader.hear_end();
        }
        if !self.has_said_all {
            match ready!(self.poll_say(context)) {
                Some(()) => self.has_said_all = true,
                None => return Poll::Ready(()),
            }
        }
        // A session that has said its last word still waits for that of the client.
        self.pipe_reader.poll_over(context)
    }

    /// Gives the session what the client sends, until that ends.
    fn poll_hear(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.pipe_reader.poll_hear(context));
            let mut buffer = [0; BUFFER];
            let mut buffer = ReadBuf::new(&mut buffer);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
            self.pipe_reader.hear(buffer.filled());
        }
    }

    /// Writes what the session says, and then the end of the stream; `None` if it can no longer be
    /// written, or if the session broke it off.
    fn poll_say(&mut self, context: &mut Context<'_>) -> Poll<Option<()>> {
        loop {
            if self.piece.is_empty() {
                match ready!(self.pipe_reader.poll_take(context)) {
                    Some(Ok(piece)) => self.piece = piece,
                    Some(Err(_)) => return Poll::Ready(None),
                    None => {
                        let ended = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
                        return Poll::Ready(ended.ok());
                    }
                }
            }
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.piece)) {
                Ok(count) if count > 0 => self.piece.advance(count),
                _ => return Poll::Ready(None),
            }
        }
    }
}
