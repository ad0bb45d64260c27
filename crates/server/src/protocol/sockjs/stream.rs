//! XHR streaming, event source and htmlfile: an answer that goes on until it is
//! long, and then the client asks again.

use std::{future::poll_fn, sync::Arc, task::Poll};

use hyper::{
    Version,
    header::{self, HeaderValue},
};
use tokio::{io::AsyncWriteExt, sync::watch};

use crate::{
    http::reply::{self, Reply},
    net::handover::Handover,
    protocol::sockjs::{
        frame,
        session::{Session, Turn},
    },
    room::{
        entry::Encoding,
        subscriber::{Subscriber, Woken},
        wrapping::{Carrier, Wrapping},
    },
    transport::{Answer, Running, Session as Live},
};

/// The length of the `h`s before everything else, which show an old browser that data is coming.
const XHR_PADDING: usize = 2048;
/// The least length of the beginning of an htmlfile, for the same reason.
const PAGE_PADDING: usize = 1024;

/// The kind of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xhr,
    EventSource,
    HtmlFile,
}

impl Kind {
    fn wrapping(self) -> Wrapping {
        match self {
            Self::Xhr => Wrapping::SockJsLine,
            Self::EventSource => Wrapping::SockJsEvent,
            Self::HtmlFile => Wrapping::SockJsScript,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Xhr => "application/javascript; charset=UTF-8",
            Self::EventSource => "text/event-stream; charset=UTF-8",
            Self::HtmlFile => "text/html; charset=UTF-8",
        }
    }

    /// Returns what comes before the first frame.
    fn beginning(self, callback: &str) -> Vec<u8> {
        match self {
            Self::Xhr => format!("{}\n", "h".repeat(XHR_PADDING)),
            Self::EventSource => "\r\n".to_owned(),
            Self::HtmlFile => {
                let page = format!(
                    "<!doctype html>\n<html><head>\n  \
                     <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n  \
                     <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n\
                     </head><body><h2>Don't panic!</h2>\n  <script>\n    \
                     var c = parent.{callback};\n    c.start();\n    \
                     function p(d) {{c.message(d);}};\n    \
                     window.onload = function() {{c.stop();}};\n  </script>\n"
                );
                format!("{page:PAGE_PADDING$}\r\n\r\n")
            }
        }
        .into_bytes()
    }
}

/// Returns what carries the frames of a stream: HTTP/2 has frames of its own.
pub(super) fn carrier(version: Version) -> Carrier {
    if version == Version::HTTP_2 {
        Carrier::Bare
    } else {
        Carrier::Chunk
    }
}

/// Answers with a head, and goes on as a [`Stream`].
pub(super) fn answer(
    session: Arc<Session>,
    is_new: bool,
    kind: Kind,
    carrier: Carrier,
    callback: &str,
) -> Answer {
    let mut head: Reply = reply::open(kind.content_type());
    let headers = head.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // The connection ends with the stream.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let stream = Stream {
        turn: session.begin(),
        session,
        is_new,
        kind,
        carrier,
        beginning: kind.beginning(callback),
    };
    Answer::Session(head, Box::new(stream))
}

/// A session that is received on by a stream.
#[derive(Debug)]
struct Stream {
    session: Arc<Session>,
    turn: Result<Turn, &'static str>,
    is_new: bool,
    kind: Kind,
    carrier: Carrier,
    beginning: Vec<u8>,
}

impl Live for Stream {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin((*self).follow(handover))
    }
}

/// The reason why a stream has to do something.
enum Cause {
    Woken(Woken),
    /// The answer is as long as it may be.
    Spent,
    /// Another frame than an event waits for the client.
    Rung,
}

impl Stream {
    async fn follow(self, Handover { mut stream, .. }: Handover) {
        let Self {
            session,
            turn,
            is_new,
            kind,
            carrier,
            beginning,
        } = self;
        let wrapping = kind.wrapping();
        let carry = |frame: &str| carrier.carry(wrapping.wrap_frame(frame));
        let encoding = Encoding::Wrapped(wrapping, carrier);
        let first = if let Err(refusal) = &turn {
            carry(refusal)
        } else {
            // The information about the log comes before all events.
            let open = is_new.then(|| frame::OPEN.to_owned());
            let frames = open.into_iter().chain(session.take_waiting());
            let frames: Vec<_> = frames.map(|frame| carry(&frame)).collect();
            bytes::Bytes::from(frames.concat())
        };
        let beginning = carrier.carry(beginning);
        let begun = stream.write_all(&[&beginning[..], &first].concat()).await;
        let Ok(turn) = turn else {
            let _ = stream.write_all(&encoding.end()).await;
            let _ = stream.shutdown().await;
            return;
        };
        if begun.is_err() {
            return;
        }
        let room = &session.room;
        let (start, settings) = (session.start(), &session.settings);
        let mut subscriber = Subscriber::register(stream, room, encoding, start, settings);
        loop {
            let rung = session.bell.notified();
            let mut rung = std::pin::pin!(rung);
            // From here on no ring is missed.
            rung.as_mut().enable();
            for frame in session.take_waiting() {
                subscriber.send(&carry(&frame));
            }
            if session.has_ended() {
                subscriber.send(&carry(frame::GO_AWAY));
                break;
            }
            let cause = tokio::select! {
                () = rung => Cause::Rung,
                cause = cause(&mut subscriber) => cause,
            };
            match cause {
                Cause::Rung => {}
                Cause::Woken(Woken::Readable) if subscriber.drain_input() => {}
                Cause::Woken(Woken::Silent) => subscriber.send(&encoding.heartbeat()),
                Cause::Woken(Woken::Leaving | Woken::SentOut) => {
                    subscriber.send(&carry(frame::GO_AWAY));
                    break;
                }
                Cause::Spent => break,
                // Dropping the turn ends the session.
                Cause::Woken(Woken::Readable | Woken::Gone) => return,
            }
        }
        session.move_to(subscriber.stop());
        subscriber.send(&encoding.end());
        turn.end();
        Box::pin(subscriber.close(false)).await;
    }
}

/// Waits until there is something for the stream's task to do.
async fn cause(subscriber: &mut Subscriber) -> Cause {
    poll_fn(|context| match subscriber.poll_woken(context) {
        Poll::Ready(woken) => Poll::Ready(Cause::Woken(woken)),
        Poll::Pending if subscriber.is_spent() => Poll::Ready(Cause::Spent),
        Poll::Pending => Poll::Pending,
    })
    .await
}
