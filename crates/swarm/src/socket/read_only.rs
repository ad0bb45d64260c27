//! A WebSocket that a single task uses.
//!
//! tokio-tungstenite lets one task read while another writes, and keeps two shared wakers for each
//! socket, which are set anew at each look. A reader that only listens is a single task: here that
//! task uses tungstenite itself, without the shared wakers. With 10,000 sockets in one process this
//! saves a tenth of what a message costs.

use std::{
    future::poll_fn,
    io::{self, Read, Write},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::{
    Error, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};

use crate::socket::packed::Packed;

/// The socket, after the handshake.
#[derive(Debug)]
pub(crate) struct ReadOnlyWebSocket {
    socket: WebSocket<WakerStream>,
}

/// A stream for tungstenite to read and write; an operation that would block wakes `waker`.
#[derive(Debug)]
struct WakerStream {
    stream: Packed,
    waker: Waker,
}

impl ReadOnlyWebSocket {
    /// Makes the socket on `stream`, which is upgraded already; `rest` came behind the answer to
    /// that.
    pub(crate) fn new(stream: Packed, rest: Vec<u8>, config: WebSocketConfig) -> Self {
        let waker = Waker::noop().clone();
        let stream = WakerStream { stream, waker };
        Self {
            socket: WebSocket::from_partially_read(stream, rest, Role::Client, Some(config)),
        }
    }

    /// Says goodbye (RFC 6455, section 7.1.1).
    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll(context, |socket| socket.close(None))).await
    }

    fn poll<T>(
        &mut self,
        context: &Context<'_>,
        act: impl FnOnce(&mut WebSocket<WakerStream>) -> Result<T, Error>,
    ) -> Poll<Result<T, Error>> {
        self.socket.get_mut().wake(context.waker());
        match act(&mut self.socket) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            done => Poll::Ready(done),
        }
    }
}

/// The sink carries the few messages that a foreign server expects from a client that only
/// listens.
impl Sink<Message> for ReadOnlyWebSocket {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        match self.socket.write(message) {
            // The message is in the buffer; a flush goes on with it.
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            done => done,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll(context, WebSocket::flush)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll(context, |socket| socket.close(None))
    }
}

impl Stream for ReadOnlyWebSocket {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context, WebSocket::read)
            .map(|message| match message {
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => None,
                message => Some(message),
            })
    }
}

impl WakerStream {
    fn wake(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    fn now<T>(
        &mut self,
        poll: impl FnOnce(Pin<&mut Packed>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let mut context = Context::from_waker(&self.waker);
        match poll(Pin::new(&mut self.stream), &mut context) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Read for WakerStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        self.now(|stream, context| stream.poll_read(context, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl Write for WakerStream {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.now(|stream, context| stream.poll_write(context, piece))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.now(AsyncWrite::poll_flush)
    }
}
