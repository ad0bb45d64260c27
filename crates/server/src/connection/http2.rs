//! A connection that speaks HTTP/2 (RFC 9113), from its preface to its end.
//!
//! hyper takes the frames apart; each request is answered as over HTTP/1.1. A session that goes on
//! with its connection is given a [`Pipe`](crate::net::pipe::Pipe) in place of a socket; that of a
//! WebSocket is joined to its stream in `tunnel`. All of it runs in the task of the connection, so
//! that a client is one task here too, and ends with it.

use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Body as _, Frame, Incoming, SizeHint},
    header::{self, HeaderValue},
    http::response::Parts,
    rt::Executor,
    server::conn::http2,
    service::service_fn,
    upgrade::{self, OnUpgrade},
};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;

use crate::{
    answer::answer,
    connection::{Client, activity::Phase, begun::Begun, tunnel},
    http::{body::Body, upgrade::is_extended},
    net::{
        handover::Handover,
        pipe::{PipeReader, pipe},
        shutdown::shutdown_signalled,
        stream::Stream,
    },
    settings::Settings,
};

/// The first bytes of a client (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The number of requests that a client may have open on one connection.
const MOST_STREAMS: u32 = 128;
/// The number of streams that a client may reset before they were looked at.
const MOST_RESET: usize = 20;
/// The number of streams that the server may have to reset for a client's faults.
const MOST_FAULTS: usize = 100;
/// The number of bytes of a stream's content that wait for the client to grant room.
const SEND_BUFFER: usize = 64 * 1024;
/// The number of bytes that a client may send on one stream before it is granted room for more. It is
/// far less than the whole connection has, so that a WebSocket that is not read from does not keep
/// the others of its connection waiting.
const STREAM_WINDOW: u32 = 64 * 1024;

/// Returns whether the bytes that came first are, as far as they go, the preface of HTTP/2.
pub(super) fn begins(early: &[u8]) -> bool {
    let count = early.len().min(PREFACE.len());
    count > 0 && early[..count] == PREFACE[..count]
}

/// The tasks of one connection: streams that are answered, and sessions.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The way by which a task reaches the connection that runs it.
#[derive(Clone)]
struct Tasks(mpsc::UnboundedSender<Task>);

impl Tasks {
    fn run(&self, task: Task) {
        // A connection that is over runs no more tasks.
        let _ = self.0.send(task);
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, task: F) {
        self.run(Box::pin(task));
    }
}

/// Speaks HTTP/2 until one side leaves.
pub(super) async fn speak(Handover { stream, early }: Handover, client: Arc<Client>) {
    if SystemTime::now() < UNIX_EPOCH {
        // hyper panics over the date.
        return;
    }
    let (sender, mut started) = mpsc::unbounded_channel();
    let state = SharedState {
        tasks: Tasks(sender),
        open: Arc::default(),
        client: Arc::clone(&client),
    };
    // Drafts may come at any time, also as requests of their own: one connection carries many.
    client.activity.hear_drafts();
    let builder = http(&client.chat().settings, state.tasks.clone());
    let service = service_fn(move |request| {
        let (open, state) = (Open::new(&state), state.clone());
        async move { Ok::<_, Infallible>(respond(request, open, state).await) }
    });
    let io = TokioIo::new(Begun { stream, early });
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut running = FuturesUnordered::<Task>::new();
    let mut leaving = client.leaving.clone();
    let mut shutdown = pin!(shutdown_signalled(&mut leaving));
    let mut left = false;
    loop {
        tokio::select! {
            biased;
            _ = &mut connection => return,
            Some(task) = started.recv() => running.push(task),
            Some(()) = running.next() => {}
            // Requests that are being answered are finished first, as over HTTP/1.1.
            () = &mut shutdown, if !left => {
                left = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Answers a request.
async fn respond(request: Request<Incoming>, open: Open, state: SharedState) -> Response<Content> {
    let is_whole = AtomicBool::new(false);
    let is_head = request.method() == Method::HEAD;
    let mut request = with_host(request);
    let opened = is_extended(&request).then(|| upgrade::on(&mut request));
    let (chat, address) = (state.client.chat(), state.client.address());
    let answered = answer(chat, request, address, &is_whole).await;
    let (mut head, body) = answered.reply.into_parts();
    show_timing(&mut head.headers);
    let body = match answered.session {
        // hyper would send the content all the same.
        None if is_head => {
            if let Some(length) = body.size_hint().exact() {
                head.headers.insert(header::CONTENT_LENGTH, length.into());
            }
            Kind::Answer(Body::empty())
        }
        None => Kind::Answer(body),
        Some(session) => {
            let (pipe, pipe_reader) = pipe();
            let stream = Stream::Piped(pipe);
            let early = Vec::new();
            let handover = Handover { stream, early };
            let leaving = state.client.leaving.clone();
            let running = session.run(handover, leaving);
            state.tasks.run(Box::pin(async move {
                running.await;
                drop(open);
            }));
            match opened {
                None => Kind::Live(pipe_reader),
                Some(opened) => return tunnelled(head, opened, pipe_reader, &state.tasks),
            }
        }
    };
    Response::from_parts(head, Content(body))
}

/// Lets a page of another origin that may read an answer also see its timing. A page learns in no
/// other way that an answer came over HTTP/2 (`nextHopProtocol` of Resource Timing). Answers over
/// HTTP/1.1 go without the field, because each would be longer by it.
fn show_timing(headers: &mut HeaderMap) {
    let reader = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
    if let Some(reader) = reader {
        headers.insert("timing-allow-origin", reader);
    }
}

/// Returns the answer that makes a WebSocket of a stream, and starts to carry its bytes.
fn tunnelled(
    head: Parts,
    opened: OnUpgrade,
    pipe_reader: PipeReader,
    tasks: &Tasks,
) -> Response<Content> {
    tasks.run(Box::pin(tunnel::carry(opened, pipe_reader)));
    // hyper sends no content with this head.
    Response::from_parts(head, Content(Kind::Answer(Body::empty())))
}

fn http(settings: &Settings, tasks: Tasks) -> http2::Builder<Tasks> {
    let mut http = http2::Builder::new(tasks);
    http.auto_date_header(settings.date_header)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(settings.head_bytes as u32)
        .max_pending_accept_reset_streams(MOST_RESET)
        .max_local_error_reset_streams(MOST_FAULTS)
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(STREAM_WINDOW)
        .enable_connect_protocol();
    http
}

/// Returns a request that has its `:authority` as its `Host`, where the rest of the server looks
/// for it. If the request has another `Host`, it keeps both and is refused for that (RFC 9113,
/// section 8.3.1).
fn with_host(mut request: Request<Incoming>) -> Request<Incoming> {
    let authority = request.uri().authority().map(|one| one.as_str().to_owned());
    let Some(authority) = authority else {
        return request;
    };
    let headers = request.headers_mut();
    let is_same = |host: &HeaderValue| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes());
    if !headers.get(header::HOST).is_some_and(is_same)
        && let Ok(host) = HeaderValue::from_str(&authority)
    {
        headers.append(header::HOST, host);
    }
    request
}

/// The state that the requests of one connection share.
#[derive(Clone)]
struct SharedState {
    tasks: Tasks,
    /// The number of requests that are not over.
    open: Arc<AtomicUsize>,
    client: Arc<Client>,
}

/// A request that is not over; while there is one, the connection is not idle. A request is over
/// once its answer is made, as over HTTP/1.1, or with the session of its stream or WebSocket, which
/// gives up a client that takes nothing. It does not last until the content has left: hyper takes one
/// piece, and no more while the client grants no room for it, and such a client must count as idle.
struct Open {
    open: Arc<AtomicUsize>,
    client: Arc<Client>,
}

impl Open {
    fn new(state: &SharedState) -> Self {
        state.open.fetch_add(1, Relaxed);
        state.client.activity.request();
        state.client.activity.enter(Phase::Busy);
        Self {
            open: Arc::clone(&state.open),
            client: Arc::clone(&state.client),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.open.fetch_sub(1, Relaxed) == 1 {
            self.client.activity.enter(Phase::Waiting);
        }
    }
}

/// The content of an answer.
struct Content(Kind);

enum Kind {
    /// An answer in one piece.
    Answer(Body),
    /// The bytes that a session writes.
    Live(PipeReader),
}

impl hyper::body::Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Kind::Answer(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
            Kind::Live(pipe_reader) => pipe_reader
                .poll_take(context)
                .map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Answer(body) => body.is_end_stream(),
            Kind::Live(pipe_reader) => pipe_reader.has_ended(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Answer(body) => body.size_hint(),
            Kind::Live(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preface_is_known_by_its_beginning() {
        for count in 1..=PREFACE.len() {
            assert!(begins(&PREFACE[..count]), "{count}");
        }
        assert!(begins(&[PREFACE, b"frames"].concat()));
        for other in [
            "",
            "PRI * HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\n\r\n",
            "GET",
        ] {
            assert!(!begins(other.as_bytes()), "{other}");
        }
    }
}
