//! One connection, from its first byte to its last, in one task.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
};

use crate::{
    annex::Extra,
    answer::answer,
    chat::Chat,
    echo::Echo,
    quick,
    tap::Stream,
    transport::{http_stream::Subscription, websocket::Conversation},
};

/// The longest request head.
const BUFFER: usize = 64 * 1024;

/// How a connection goes on after HTTP.
#[derive(Debug)]
pub(crate) enum Session {
    /// As a reader of a room.
    Stream(Subscription),
    /// As a reader, and perhaps speaker, of a room.
    Room(Conversation),
    /// As an echo.
    Echo(Echo),
    /// As a channel of the annex.
    Annex(Extra),
}

/// A connection between two who speak on it: each takes it from the one before.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) stream: Stream,
    /// What the client sent, and nobody has answered yet.
    pub(crate) early: Vec<u8>,
}

/// Serves a connection until it ends. Its errors end it and nothing else.
///
/// A stream or WebSocket lives on in the same task, so that every reader is one
/// task whatever the transport, and `serve` has one set of tasks to wait for.
/// Each stage is boxed: thousands of readers would otherwise keep room for
/// hyper's, long after it is over.
pub(crate) async fn serve(stream: Stream, chat: Arc<Chat>, leaving: watch::Receiver<bool>) {
    let Some(taken) = Box::pin(quick::polls(stream, &chat, leaving.clone())).await else {
        return;
    };
    let Some((session, taken)) = Box::pin(speak_http(taken, &chat, leaving.clone())).await else {
        return;
    };
    match session {
        Session::Stream(subscription) => Box::pin(subscription.run(taken)).await,
        Session::Room(conversation) => Box::pin(conversation.run(taken)).await,
        Session::Echo(echo) => Box::pin(echo.run(taken, leaving)).await,
        Session::Annex(extra) => Box::pin(extra.run(taken)).await,
    }
}

/// Speaks HTTP until the connection ends, or goes on as something else.
async fn speak_http(
    Taken { stream, early }: Taken,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<(Session, Taken)> {
    // hyper has no other way out for what an answer leaves behind.
    let session = Mutex::new(None);
    let flushed = AtomicBool::new(true);
    let service = service_fn(|request: Request<Incoming>| async {
        let (reply, after) = answer(chat, request).await;
        *session.lock().expect("no holder panics") = after;
        Ok::<_, Infallible>(reply)
    });
    let watched = Watched {
        stream,
        early,
        flushed: &flushed,
    };
    let mut connection =
        http(chat.settings.date_header).serve_connection(TokioIo::new(watched), service);
    let mut told = pin!(told(&mut leaving));
    let (mut listening, mut left) = (false, false);
    let ended = poll_fn(|context| {
        // Asked once, and then only when there is an answer to expect: this is
        // on the way of every poll.
        if (!listening || chat.rooms.is_closed()) && !left {
            listening = true;
            left = told.as_mut().poll(context).is_ready();
            if left {
                // An answer that is being given is finished first; held polls
                // end by themselves when their room closes.
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
        let ended = Pin::new(&mut connection).poll(context);
        if flushed.load(Relaxed) && session.lock().expect("no holder panics").is_some() {
            return Poll::Ready(Ok(()));
        }
        ended
    });
    ended.await.ok()?;
    let parts = connection.into_parts();
    let Watched {
        stream,
        early: unread,
        ..
    } = parts.io.into_inner();
    let early = [&parts.read_buf[..], &unread].concat();
    let session = session.into_inner().expect("no holder panics")?;
    Some((session, Taken { stream, early }))
}

fn http(date_header: bool) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.auto_date_header(date_header)
        .max_buf_size(BUFFER)
        // This time-out would also cut a keep-alive connection that is idle
        // between two polls, and a benchmark of polling would silently become
        // one of connecting. An idle connection costs a descriptor and little
        // more.
        .header_read_timeout(None)
        // A client that closes its side has left: held polls and streams end at
        // once. The price is that `printf ... | nc` must keep its side open.
        .half_close(false);
    http
}

/// Ready when the server is leaving.
pub(crate) async fn told(leaving: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is the server.
    let _ = leaving.wait_for(|leaving| *leaving).await;
}

/// A socket that knows whether hyper has written all that it wanted to.
struct Watched<'a> {
    stream: Stream,
    /// What was read before hyper came, and that it has yet to be given.
    early: Vec<u8>,
    flushed: &'a AtomicBool,
}

impl AsyncRead for Watched<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.early.is_empty() {
            let count = self.early.len().min(buffer.remaining());
            buffer.put_slice(&self.early[..count]);
            self.early.drain(..count);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write(context, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushed.store(true, Relaxed);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
