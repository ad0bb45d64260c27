//! A chat on HTTP/2 as hyper's examples would have it: a task for each connection, a channel from
//! which each reader takes what is said, and a stream as the content of its answer. It keeps no log
//! and checks nothing. `scripts/floor/run-http2` holds the server against it.
//!
//! Takes a free port of this machine, and prints `listening on http://ADDRESS` as `wirebench serve`
//! does. HTTP/2 is spoken by prior knowledge; a POST says something, and any GET is a stream of
//! lines, whatever its address. Ends at SIGTERM.

#![expect(clippy::print_stdout, reason = "a program that says where it is")]

use std::{
    convert::Infallible,
    error::Error,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpListener,
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::broadcast::{self, error::RecvError},
};
use wire::{Draft, Event, Kind};

/// The number of events that wait for a slow reader, as many as a log of the server has.
const WAITING: usize = 200;

/// The content of an answer.
type Content = UnsyncBoxBody<Bytes, Infallible>;

/// The one room.
struct Room {
    /// The number of the last event.
    last: Mutex<u64>,
    news: broadcast::Sender<Bytes>,
}

impl Room {
    /// Publishes a draft, and returns its number; `None` if it is no draft.
    fn say(&self, content: &[u8]) -> Option<u64> {
        let draft: Draft = serde_json::from_slice(content).ok()?;
        let at = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        let mut last = self.last.lock().ok()?;
        *last += 1;
        let event = Event {
            seq: *last,
            kind: Kind::Message,
            from: draft.from,
            text: Some(draft.text),
            tag: draft.tag,
            online: None,
            at: at.as_millis() as u64,
        };
        let mut line = serde_json::to_vec(&event).ok()?;
        line.push(b'\n');
        // There may be nobody to hear it.
        let _ = self.news.send(line.into());
        Some(*last)
    }

    /// Returns what is said from now on, a line for each event.
    fn listen(&self) -> Content {
        let lines = stream::unfold(self.news.subscribe(), |mut news| async move {
            loop {
                match news.recv().await {
                    Ok(line) => return Some((Ok::<_, Infallible>(Frame::data(line)), news)),
                    // Whoever is too slow misses what such a channel does not hold.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        StreamBody::new(lines).boxed_unsync()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve())
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut terminated = signal(SignalKind::terminate())?;
    println!("listening on http://{}", listener.local_addr()?);
    let (news, _) = broadcast::channel(WAITING);
    let last = Mutex::new(0);
    let room = Arc::new(Room { last, news });
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (connection, _) = accepted?;
                let _ = connection.set_nodelay(true);
                let room = Arc::clone(&room);
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let room = Arc::clone(&room);
                        async move { answer(&room, request).await }
                    });
                    let served = http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(connection), service);
                    // A client that leaves is no failure.
                    let _ = served.await;
                });
            }
            _ = terminated.recv() => return Ok(()),
        }
    }
}

/// Answers a request: a stream to a GET, and a number to whatever says something.
async fn answer(room: &Room, request: Request<Incoming>) -> Result<Response<Content>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::new()).boxed_unsync());
    if request.method() == Method::GET {
        let lines = HeaderValue::from_static("application/x-ndjson");
        response.headers_mut().insert(CONTENT_TYPE, lines);
        *response.body_mut() = room.listen();
        return Ok(response);
    }
    let draft = request.into_body().collect().await;
    let said = draft.ok().and_then(|draft| room.say(&draft.to_bytes()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    if let Some(seq) = said {
        *response.status_mut() = StatusCode::CREATED;
        let content = format!("{{\"seq\":{seq}}}");
        *response.body_mut() = Full::from(content).boxed_unsync();
    }
    Ok(response)
}
