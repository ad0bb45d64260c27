//! The task of a connection, from its first byte to its last.

mod activity;
mod begun;
mod by_hand;
mod exchange;
mod fast_path;
mod http2;
mod plain_draft;
mod plain_request;
mod poller;
mod tunnel;

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    task::Poll,
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::{Method, Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tls::Failure;
use tokio::{sync::watch, time::timeout};

pub(crate) use activity::Watchman;

use crate::{
    address::Address,
    answer::{self, answer},
    chat::Chat,
    connection::{
        activity::{Activity, Phase},
        by_hand::{before_1970, drop_rest, request_timeout},
        exchange::{Exchange, FlushTracker},
    },
    entrance::Admitted,
    net::{handover::Handover, notice::Topic, shutdown::shutdown_signalled, stream::Stream},
    protocol::hixie_76::{self, Opened},
    transport::Session,
};

/// The length, in bytes, of the longest request head.
const BUFFER: usize = 64 * 1024;

/// The client at the other end of a connection.
#[derive(Debug)]
pub(crate) struct Client {
    address: Address,
    /// True if the client may speak HTTP/2.
    http2: bool,
    pub(crate) activity: Arc<Activity>,
    _admitted: Admitted,
}

impl Client {
    /// Makes the client of a connection that was let in.
    pub(crate) fn new(address: Address, http2: bool, admitted: Admitted) -> Self {
        Self {
            address,
            http2,
            activity: Arc::default(),
            _admitted: admitted,
        }
    }
}

/// Serves a connection until it ends. Its errors end it and nothing else.
///
/// A stream or WebSocket lives on in the same task, so that every reader is one
/// task whatever the transport, and `serve` has one set of tasks to wait for.
/// Each stage is boxed: thousands of readers would otherwise keep room for
/// hyper's, long after it is over.
pub(crate) async fn serve(
    stream: Stream,
    client: Client,
    chat: Arc<Chat>,
    leaving: watch::Receiver<bool>,
) {
    if stream.is_secure() && Box::pin(greet(&stream, &chat)).await.is_err() {
        return;
    }
    let early = Vec::new();
    let mut handover = Handover { stream, early };
    if handover.stream.is_http2() {
        return Box::pin(http2::speak(handover, &client, &chat, leaving)).await;
    }
    let mut may_begin = client.http2;
    let (session, handover) = loop {
        let plain = Box::pin(fast_path::plain_requests(
            handover,
            &client,
            &chat,
            leaving.clone(),
        ))
        .await;
        let Some((more, has_answered)) = plain else {
            return;
        };
        // Only a connection's first bytes can be the preface.
        if may_begin && !has_answered && http2::begins(&more.early) {
            return Box::pin(http2::speak(more, &client, &chat, leaving)).await;
        }
        may_begin = false;
        let more = if chat.settings.museum {
            let opened = hixie_76::open(&chat.host, more, client.address, leaving.clone());
            match Box::pin(opened).await {
                Opened::Other(more) => more,
                Opened::Session(session, rest) => break (session, rest),
                Opened::Over => return,
            }
        } else {
            more
        };
        match Box::pin(speak_http(
            more,
            has_answered,
            &client,
            &chat,
            leaving.clone(),
        ))
        .await
        {
            Some((Next::Session(session), rest)) => break (session, rest),
            Some((Next::Polls, rest)) => handover = rest,
            None => return,
        }
    };
    client.activity.enter(Phase::Busy);
    if session.hears_drafts() {
        client.activity.hear_drafts();
    }
    session.run(handover, leaving).await;
}

/// Shakes hands with a client under TLS, and says why where that fails.
async fn greet(stream: &Stream, chat: &Chat) -> Result<(), Failure> {
    let settings = &chat.settings;
    let shaken = timeout(settings.handshake_timeout, stream.handshake()).await;
    let shaken = shaken.unwrap_or(Err(Failure::TooLate));
    if let (Err(why), Some(notice)) = (&shaken, &settings.notice) {
        notice.tell(Topic::Handshake, || format!("a handshake failed; {why}"));
    }
    shaken
}

/// The way in which a connection goes on after hyper.
enum Next {
    /// Polls, for which hyper is not needed.
    Polls,
    /// A session that is not HTTP.
    Session(Box<dyn Session>),
}

/// Serves HTTP until the connection ends or changes to another protocol. Returns the connection once
/// the answer to a poll is written, so that further polls can do without hyper; if `has_answered`,
/// once the answer to any request is written. Without a plain request before it the connection stays
/// here, because its next request would come back.
async fn speak_http(
    Handover { stream, early }: Handover,
    has_answered: bool,
    client: &Client,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<(Next, Handover)> {
    if SystemTime::now() < UNIX_EPOCH {
        before_1970(stream).await;
        return None;
    }
    // hyper has no other way out for what an answer leaves behind.
    let session = Mutex::new(None);
    let exchange = Exchange::default();
    let service = service_fn(|request: Request<Incoming>| {
        exchange.begin();
        client.activity.request();
        let speaks = request.method() == Method::POST;
        let phase = if speaks { Phase::Taking } else { Phase::Busy };
        client.activity.enter(phase);
        let may_return = has_answered || answer::is_poll(&request, &chat.settings);
        let (session, exchange) = (&session, &exchange);
        async move {
            let answered = answer(chat, request, client.address, &exchange.is_whole).await;
            *session.lock().expect("no holder panics") = answered.session;
            client.activity.enter(Phase::Waiting);
            exchange.end(may_return && answered.stays_open, answered.cuts_body);
            Ok::<_, Infallible>(answered.reply)
        }
    });
    let tracker = FlushTracker {
        stream,
        early,
        exchange: &exchange,
        activity: &client.activity,
    };
    let mut connection =
        http(chat.settings.date_header).serve_connection(TokioIo::new(tracker), service);
    let mut shutdown = pin!(shutdown_signalled(&mut leaving));
    let (mut listening, mut left) = (false, false);
    let ended = poll_fn(|context| {
        // Asked once, and then only when there is an answer to expect: this is
        // on the way of every request.
        if (!listening || chat.rooms.is_closed()) && !left {
            listening = true;
            left = shutdown.as_mut().poll(context).is_ready();
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
        let is_late = is_flushed && client.activity.is_late();
        if ended.is_pending() && (is_late || (exchange.returns() && !left)) {
            return Poll::Ready(Ok(()));
        }
        exchange.let_end(context);
        ended
    });
    ended.await.ok()?;
    let parts = connection.into_parts();
    let handover = parts.io.into_inner().into_handover(&parts.read_buf);
    if client.activity.is_late() {
        request_timeout(handover.stream).await;
        return None;
    }
    if exchange.cuts_body() {
        drop_rest(handover.stream).await;
        return None;
    }
    let session = session.into_inner().expect("no holder panics");
    Some((next(session, &exchange)?, handover))
}

/// Returns how a connection goes on that HTTP has been spoken on; `None` if it does not.
fn next(session: Option<Box<dyn Session>>, exchange: &Exchange) -> Option<Next> {
    match session {
        Some(session) => Some(Next::Session(session)),
        None => exchange.returns().then_some(Next::Polls),
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
        // A client that closes its side has left: streams end at once. Whatever else
        // was asked is answered first, see `Exchange`.
        .half_close(false);
    http
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::{net::pipe::pipe, settings::Settings};

    /// The number of bytes that a connection may keep for each of its two stages.
    const LITTLE: usize = 1024;

    /// Checks that what comes seldom, such as a last answer, takes no room in each connection.
    #[tokio::test]
    async fn a_connection_that_polls_keeps_little_room() {
        let chat = Chat::new(Settings::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listens_at = listener.local_addr().unwrap();
        let socket = TcpStream::connect(listens_at).await.unwrap();
        let address = Address::of(listens_at.ip());
        let admitted = Admitted::new(&socket, &chat, address, || false).unwrap();
        let client = Client::new(address, false, admitted);
        let (_leave, leaving) = watch::channel(false);
        let stream = Stream::Plain(socket);
        let early = Vec::new();
        let handover = Handover { stream, early };
        let polls = {
            let leaving = leaving.clone();
            size_of_val(&fast_path::plain_requests(
                handover, &client, &chat, leaving,
            ))
        };
        let (pipe, _outlet) = pipe();
        let whole = size_of_val(&serve(Stream::Piped(pipe), client, chat, leaving));
        assert!(polls <= LITTLE && whole <= LITTLE, "{polls} and {whole}");
    }
}
