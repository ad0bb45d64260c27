//! The task of a connection, from its first byte to its last.

mod activity;
mod begun;
mod by_hand;
mod exchange;
mod fast_path;
mod http1;
mod http2;
mod plain_draft;
mod plain_request;
mod poller;
mod recall;
mod tunnel;
mod waiting;

use std::{
    convert::Infallible,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::{Method, Request, body::Incoming, service::service_fn};
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
        fast_path::{End, PlainRequests},
    },
    entrance::Admitted,
    net::{
        counters::Limit,
        handover::Handover,
        notice::{Topic, tell},
        shutdown::shutdown_signalled,
        stream::Stream,
    },
    protocol::hixie_76::{self, Opened},
    transport::{Running, Session},
};

/// The client at the other end of a connection: the state that all stages of the connection share.
/// It is dropped when the connection is over.
///
/// The fields that each request looks at come first, so that they lie in one line of a cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Client {
    chat: Arc<Chat>,
    activity: Activity,
    /// The signal that the server is leaving, or that this connection is to make room.
    leaving: watch::Receiver<bool>,
    /// True if the client may speak HTTP/2.
    http2: bool,
    // Last, so that it is dropped last: the connection counts until all else is given up.
    admitted: Admitted,
}

impl Client {
    /// Makes the client of a connection that was let in.
    pub(crate) fn new(
        chat: Arc<Chat>,
        http2: bool,
        admitted: Admitted,
        leaving: watch::Receiver<bool>,
    ) -> Self {
        Self {
            activity: Activity::default(),
            chat,
            leaving,
            http2,
            admitted,
        }
    }

    fn chat(&self) -> &Arc<Chat> {
        &self.chat
    }

    fn address(&self) -> Address {
        self.admitted.address()
    }
}

/// A connection, served from stage to stage until it ends. An error on it ends it and nothing else.
///
/// A stream or WebSocket lives on in the same task, so that every reader is one task whatever the
/// transport. Only the stage of plain requests lies in the task itself; every other stage is boxed.
/// Otherwise each of thousands of readers would keep memory for hyper's stage long after it is
/// over, and each idle connection would keep memory for stages that it never reaches.
pub(crate) struct Serving {
    // First, so that it is dropped first: the socket within it is closed before the client counts
    // as gone.
    stage: Stage,
    client: Arc<Client>,
}

/// A stage of a connection.
enum Stage {
    /// Plain requests.
    Plain(PlainRequests),
    /// A stage that another may follow.
    Open(Pin<Box<dyn Future<Output = Option<Next>> + Send>>),
    /// The last stage.
    Last(Running),
    /// No stage: the connection is over.
    Over,
}

/// The way in which a connection goes on after a stage.
enum Next {
    /// Plain requests, for which hyper is not needed. `is_first` is true if nothing was read yet.
    Plain { handover: Handover, is_first: bool },
    /// Any request; `has_answered` is true if a plain one was answered before it.
    Any {
        handover: Handover,
        has_answered: bool,
    },
    /// A request that hyper answers, with those that come after it.
    Http {
        handover: Handover,
        has_answered: bool,
    },
    /// HTTP/2.
    Http2(Handover),
    /// A session that is not HTTP.
    Session(Box<dyn Session>, Handover),
}

impl Serving {
    /// Begins to serve a connection that was let in.
    pub(crate) fn new(stream: Stream, client: Arc<Client>) -> Self {
        let early = Vec::new();
        let handover = Handover { stream, early };
        let stage = if handover.stream.is_secure() {
            Stage::Open(Box::pin(greet(handover, Arc::clone(&client))))
        } else {
            begin(first(handover), &client)
        };
        Self { stage, client }
    }
}

impl Future for Serving {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { stage, client } = self.get_mut();
        loop {
            let next = match &mut *stage {
                Stage::Plain(plain) => {
                    let end = ready!(plain.poll(client, context));
                    stage.leave_plain(end, client);
                    continue;
                }
                Stage::Open(open) => ready!(open.as_mut().poll(context)),
                Stage::Last(last) => return last.as_mut().poll(context),
                Stage::Over => return Poll::Ready(()),
            };
            *stage = match next {
                Some(next) => begin(next, client),
                None => Stage::Over,
            };
        }
    }
}

impl Stage {
    /// Gives up the stage of plain requests.
    fn leave_plain(&mut self, end: End, client: &Arc<Client>) {
        if let Self::Plain(plain) = mem::replace(self, Self::Over) {
            *self = Self::Open(Box::pin(plain.give_up(end, Arc::clone(client))));
        }
    }
}

/// Begins the next stage of a client's connection.
fn begin(next: Next, client: &Arc<Client>) -> Stage {
    let shared = Arc::clone(client);
    match next {
        Next::Plain { handover, is_first } => Stage::Plain(PlainRequests::new(handover, is_first)),
        Next::Any {
            handover,
            has_answered,
        } if client.chat().settings.museum => {
            Stage::Open(Box::pin(look_back(handover, has_answered, shared)))
        }
        Next::Any {
            handover,
            has_answered,
        }
        | Next::Http {
            handover,
            has_answered,
        } => Stage::Open(Box::pin(speak_http(handover, has_answered, shared))),
        Next::Http2(handover) => Stage::Last(Box::pin(http2::speak(handover, shared))),
        Next::Session(session, handover) => {
            client.activity.enter(Phase::Busy);
            if session.hears_drafts() {
                client.activity.hear_drafts();
            }
            Stage::Last(session.run(handover, client.leaving.clone()))
        }
    }
}

/// Returns how a connection begins on which no TLS handshake has agreed on HTTP/2.
fn first(handover: Handover) -> Next {
    Next::Plain {
        handover,
        is_first: true,
    }
}

/// Shakes hands with a client under TLS. If the handshake fails, a notice tells the reason.
async fn greet(handover: Handover, client: Arc<Client>) -> Option<Next> {
    let settings = &client.chat().settings;
    let shaken = timeout(settings.handshake_timeout, handover.stream.handshake()).await;
    let shaken = shaken.unwrap_or(Err(Failure::TooLate));
    if let (Err(Failure::TooLate), Some(counters)) = (&shaken, &settings.counters) {
        counters.end(Limit::Handshake);
    }
    if let Err(why) = &shaken {
        tell(Topic::Handshake, || format!("a handshake failed; {why}"));
    }
    shaken.ok()?;
    Some(if handover.stream.is_http2() {
        Next::Http2(handover)
    } else {
        first(handover)
    })
}

/// Answers a request that opens a WebSocket of hixie-76, and leaves every other to hyper.
async fn look_back(handover: Handover, has_answered: bool, client: Arc<Client>) -> Option<Next> {
    let (host, address) = (&client.chat().host, client.address());
    match hixie_76::open(host, handover, address, client.leaving.clone()).await {
        Opened::Other(handover) => Some(Next::Http {
            handover,
            has_answered,
        }),
        Opened::Session(session, rest) => Some(Next::Session(session, rest)),
        Opened::Over => None,
    }
}

/// Serves HTTP/1.1 with hyper until the connection ends or changes to another protocol. Returns the
/// connection once the answer to a poll is written, so that further polls can do without hyper; if
/// `has_answered`, once the answer to any request is written. A connection that never sent a plain
/// request stays here as long as requests come: given back, its next request would return here.
async fn speak_http(
    Handover { stream, early }: Handover,
    has_answered: bool,
    client: Arc<Client>,
) -> Option<Next> {
    let client: &Client = &client;
    let chat: &Chat = client.chat();
    if SystemTime::now() < UNIX_EPOCH {
        before_1970(stream).await;
        return None;
    }
    // The service hands over the session of its answer by this: hyper takes only the answer itself.
    let session = Mutex::new(None);
    let exchange = Exchange::default();
    let service = service_fn(|request: Request<Incoming>| {
        exchange.begin();
        client.activity.request();
        client.activity.keep_much(true);
        let speaks = request.method() == Method::POST;
        let phase = if speaks { Phase::Taking } else { Phase::Busy };
        client.activity.enter(phase);
        let may_return = has_answered || answer::is_poll(&request, &chat.settings);
        let (session, exchange) = (&session, &exchange);
        async move {
            let answered = answer(chat, request, client.address(), &exchange.is_whole).await;
            *session.lock().expect("no holder panics") = answered.session;
            client.activity.enter(Phase::Waiting);
            exchange.end(answered.stays_open, may_return, answered.cuts_body);
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
        http1::builder(&chat.settings).serve_connection(TokioIo::new(tracker), service);
    let mut leaving = client.leaving.clone();
    let mut shutdown = pin!(shutdown_signalled(&mut leaving));
    let (mut listening, mut left, mut is_quiet) = (false, false, false);
    let ended = poll_fn(|context| {
        // The signal is polled once, to register for it, and then only when the rooms are closed:
        // this code runs for every request.
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
        // hyper keeps a buffer, which is of no use between two requests that are far apart.
        is_quiet = exchange.is_idle() && !client.activity.may_keep_much();
        if ended.is_pending() && (is_late || ((exchange.returns() || is_quiet) && !left)) {
            return Poll::Ready(Ok(()));
        }
        is_quiet = false;
        exchange.let_end(context);
        ended
    });
    if let Err(why) = ended.await {
        http1::count_long_head(&why, &chat.settings);
        return None;
    }
    client.activity.keep_much(false);
    let parts = connection.into_parts();
    let handover = parts.io.into_inner().into_handover(&parts.read_buf);
    let handover = unless_cut(handover, client.activity.is_late(), exchange.cuts_body()).await?;
    let goes_on = exchange.returns() || is_quiet;
    next(
        session.into_inner().expect("no holder panics"),
        goes_on,
        handover,
    )
}

/// Returns the connection, unless it is to end: with a 408 if a head took too long, or because it
/// was answered before the body of its request was read.
async fn unless_cut(handover: Handover, is_late: bool, cuts_body: bool) -> Option<Handover> {
    if is_late {
        request_timeout(handover.stream).await;
        return None;
    }
    if cuts_body {
        drop_rest(handover.stream).await;
        return None;
    }
    Some(handover)
}

/// Returns how a connection goes on after HTTP was spoken on it; `None` if it is over.
fn next(session: Option<Box<dyn Session>>, goes_on: bool, handover: Handover) -> Option<Next> {
    match session {
        Some(session) => Some(Next::Session(session, handover)),
        None => goes_on.then_some(Next::Plain {
            handover,
            is_first: false,
        }),
    }
}

#[cfg(test)]
mod tests;
