//! One connection, from its first byte to its last, in one task.

pub(crate) mod quick;

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
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    sync::watch,
};

use crate::{
    annex::Extra,
    answer::{self, answer},
    chat::Chat,
    echo::Echo,
    net::tap::Stream,
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
    let early = Vec::new();
    let mut taken = Taken { stream, early };
    let (session, taken) = loop {
        let polled = Box::pin(quick::polls(taken, &chat, leaving.clone())).await;
        let Some((more, has_polled)) = polled else {
            return;
        };
        match Box::pin(speak_http(more, has_polled, &chat, leaving.clone())).await {
            Some((Next::Session(session), rest)) => break (session, rest),
            Some((Next::Polls, rest)) => taken = rest,
            None => return,
        }
    };
    match session {
        Session::Stream(subscription) => Box::pin(subscription.run(taken)).await,
        Session::Room(conversation) => Box::pin(conversation.run(taken)).await,
        Session::Echo(echo) => Box::pin(echo.run(taken, leaving)).await,
        Session::Annex(extra) => Box::pin(extra.run(taken)).await,
    }
}

/// How a connection goes on after hyper.
enum Next {
    /// With polls, for which hyper is not needed.
    Polls,
    /// Not as HTTP.
    Session(Session),
}

/// Speaks HTTP until the connection ends, or goes on as something else. Gives it
/// back once an answer is out that was to a poll or, if `has_polled`, to anything
/// that came between polls. Who only speaks stays: its next request would have to
/// come here again.
async fn speak_http(
    Taken { stream, early }: Taken,
    has_polled: bool,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<(Next, Taken)> {
    if SystemTime::now() < UNIX_EPOCH {
        return refuse_by_hand(stream).await;
    }
    // hyper has no other way out for what an answer leaves behind.
    let session = Mutex::new(None);
    let exchange = Exchange::default();
    let service = service_fn(|request: Request<Incoming>| {
        exchange.begin();
        let may_return = has_polled || answer::is_poll(&request);
        let (session, exchange) = (&session, &exchange);
        async move {
            let (reply, after, is_whole) = answer(chat, request).await;
            *session.lock().expect("no holder panics") = after;
            exchange.end(may_return && is_whole);
            Ok::<_, Infallible>(reply)
        }
    });
    let watched = Watched {
        stream,
        early,
        exchange: &exchange,
    };
    let mut connection =
        http(chat.settings.date_header).serve_connection(TokioIo::new(watched), service);
    let mut told = pin!(told(&mut leaving));
    let (mut listening, mut left) = (false, false);
    let ended = poll_fn(|context| {
        // Asked once, and then only when there is an answer to expect: this is
        // on the way of every request.
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
        let is_flushed = exchange.flushed.load(Relaxed);
        if is_flushed && session.lock().expect("no holder panics").is_some() {
            return Poll::Ready(Ok(()));
        }
        if ended.is_pending() && exchange.returns() && !left {
            return Poll::Ready(Ok(()));
        }
        exchange.let_end(context);
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
    let next = match session.into_inner().expect("no holder panics") {
        Some(session) => Next::Session(session),
        None if exchange.returns() => Next::Polls,
        None => return None,
    };
    Some((next, Taken { stream, early }))
}

/// Answers a request while the clock stands before 1970, when hyper panics over
/// the date even where none is sent.
async fn refuse_by_hand(mut stream: Stream) -> Option<(Next, Taken)> {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n\
        connection: close\r\ncontent-length: 41\r\n\r\nthe clock of this server is before 1970.\r\n";
    let _ = stream.write_all(ANSWER).await;
    let _ = stream.shutdown().await;
    None
}

/// How far the exchange has come that hyper is busy with.
#[derive(Debug, Default)]
struct Exchange {
    /// A request was read, and its answer is not made yet.
    is_open: AtomicBool,
    /// The connection can be given back when the answer is out.
    may_return: AtomicBool,
    /// Something was written that hyper has not flushed yet.
    flushed: AtomicBool,
    /// The end of the client's side was seen while a request was open.
    was_deferred: AtomicBool,
    /// The end of the client's side is kept from hyper until the answer is out.
    is_hidden: AtomicBool,
}

impl Exchange {
    fn begin(&self) {
        self.is_open.store(true, Relaxed);
        self.may_return.store(false, Relaxed);
        self.was_deferred.store(false, Relaxed);
    }

    fn end(&self, may_return: bool) {
        self.is_open.store(false, Relaxed);
        self.may_return.store(may_return, Relaxed);
        // The answer is not out before hyper has flushed it.
        self.flushed.store(false, Relaxed);
    }

    /// Returns whether the connection can be given back now.
    fn returns(&self) -> bool {
        self.may_return.load(Relaxed) && !self.is_open.load(Relaxed) && self.flushed.load(Relaxed)
    }

    /// Returns whether hyper is to know that the client's side has ended: it drops
    /// whatever it is busy with. A request that came whole is answered all the
    /// same (RFC 9112, section 9.6), so it is given one round to be: only a held
    /// poll, and a body that was cut, take longer.
    fn hides_end(&self, context: &Context<'_>) -> bool {
        let is_open = self.is_open.load(Relaxed);
        if is_open && !self.was_deferred.swap(true, Relaxed) {
            context.waker().wake_by_ref();
            return true;
        }
        let hides = !is_open && !self.flushed.load(Relaxed);
        self.is_hidden.store(hides, Relaxed);
        hides
    }

    /// Has hyper look again for the end of the client's side, once it may know.
    fn let_end(&self, context: &Context<'_>) {
        if self.flushed.load(Relaxed) && self.is_hidden.swap(false, Relaxed) {
            context.waker().wake_by_ref();
        }
    }
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
        // once. Whatever else was asked is answered first, see `Exchange`.
        .half_close(false);
    http
}

/// Ready when the server is leaving.
pub(crate) async fn told(leaving: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is the server.
    let _ = leaving.wait_for(|leaving| *leaving).await;
}

/// A socket that knows whether hyper has written all that it wanted to, and when
/// hyper may know that the client's side has ended.
struct Watched<'a> {
    stream: Stream,
    /// What was read before hyper came, and that it has yet to be given.
    early: Vec<u8>,
    exchange: &'a Exchange,
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
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let has_ended = matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before;
        if has_ended && self.exchange.hides_end(context) {
            return Poll::Pending;
        }
        read
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.exchange.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write(context, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.exchange.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.exchange.flushed.store(true, Relaxed);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
