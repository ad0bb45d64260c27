//! The quick way for polls.
//!
//! Most of what a poll costs is not the poll: a head taken apart into a map of
//! headers and put together from another, a buffer of its own for each
//! connection. But one poll is like the next. So a plain request to poll is
//! recognised as such, all that it says being in its first line, and the answer
//! is made once for all who are to be told the same.
//!
//! What is not plain in every respect is left to hyper, with all that was read
//! of it; so is whatever the connection brings after that. The bytes of the
//! answer are those that hyper would write.

use std::{
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use httparse::{EMPTY_HEADER, Header, Status};
use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep},
};
use wire::Transport;

use crate::{
    answer::{self, reading},
    chat::Chat,
    connection::{Taken, told},
    outlet::{self, Flow, Outlet},
    query::Query,
    reading::Reading,
    reply::Answer,
    room::Room,
    route::Route,
    seats::Seat,
    tap::Stream,
    transport::long_poll::Held,
};

/// The longest request that is looked at here, on a stack and not in a buffer
/// of each connection.
const BUFFER: usize = 1024;
/// Headers that a plain request has at most.
const HEADERS: usize = 24;
/// Most that a client may send while its poll is held.
const MOST_EARLY: usize = 16 * 1024;

/// Answers polls for as long as nothing else comes. Gives back a connection for
/// hyper to go on with, or `None` when it is over.
pub(crate) async fn polls(
    stream: Stream,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<Taken> {
    let mut poller = Poller {
        outlet: Arc::new(Outlet::poller(stream)),
        seat: None,
        timer: None,
        early: Vec::new(),
    };
    let mut told = pin!(told(&mut leaving));
    let mut listening = false;
    loop {
        let asked = poll_fn(|context| {
            // Once, and then only when there is an answer to expect.
            let left = (!listening || chat.rooms.is_closed()) && {
                listening = true;
                told.as_mut().poll(context).is_ready()
            };
            poller.poll_asked(chat, left, context)
        });
        let (transport, reading) = match asked.await {
            Asked::Poll(transport, reading) => (transport, reading),
            Asked::More => return Some(poller.take_back().await),
            Asked::Nothing => return None,
        };
        let room = Arc::clone(&reading.room);
        match answer::read(transport, reading).await {
            Ok(Answer::Batch(batch)) => {
                let answer = room.answers.answer(batch, false);
                poller.outlet.send(&answer, Instant::now());
            }
            Ok(Answer::Held(held)) => poller.hold(&held),
            // Nothing else comes of a plain poll.
            Ok(_) | Err(_) => return None,
        }
    }
}

/// What a client asks for.
enum Asked {
    /// A plain poll.
    Poll(Transport, Reading),
    /// More than that.
    More,
    /// Nothing more: it is gone, or the server is leaving.
    Nothing,
}

/// A connection on which nothing but polls came so far.
struct Poller {
    outlet: Arc<Outlet>,
    /// In the room whose events it was last held for. The sweep answers it
    /// there, and its task hears of it with the next request.
    seat: Option<Seat>,
    /// Until when it is held.
    timer: Option<Pin<Box<Sleep>>>,
    /// What came while it was held, or is not plain.
    early: Vec<u8>,
}

impl Poller {
    fn hold(&mut self, held: &Held) {
        let until = Instant::now() + held.hold;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(until),
            None => self.timer = Some(Box::pin(sleep(held.hold))),
        }
        self.outlet.hold(held.place);
        match &self.seat {
            Some(seat) if Arc::ptr_eq(&seat.room, &held.room) => {
                // What came before it was held is sent now, what comes from now
                // on finds it held.
                self.outlet.advance(&mut held.room.portions());
            }
            _ => self.seat = Some(held.room.sit(Arc::clone(&self.outlet))),
        }
    }

    /// Waits for a request, through the writing of one answer and the holding
    /// of the next. `left`: the server is leaving.
    fn poll_asked(&mut self, chat: &Chat, left: bool, context: &mut Context<'_>) -> Poll<Asked> {
        match self.outlet.poll_flow(context, None) {
            Flow::Free => {}
            Flow::Full => return Poll::Pending,
            Flow::Broken => return Poll::Ready(Asked::Nothing),
        }
        if self.outlet.waits() {
            let over = left || self.poll_hold(context).is_ready();
            if over {
                self.release(left);
            } else if self.poll_gone(context).is_ready() {
                return Poll::Ready(Asked::Nothing);
            } else if self.early.is_empty() || self.outlet.hurry() {
                return Poll::Pending;
            }
        }
        if left {
            let sent = self.outlet.poll_flow(context, None) != Flow::Full;
            return if sent {
                Poll::Ready(Asked::Nothing)
            } else {
                Poll::Pending
            };
        }
        self.poll_request(chat, context)
    }

    /// Ready when the hold is over.
    fn poll_hold(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context),
            None => Poll::Ready(()),
        }
    }

    /// Answers a poll that is held no longer: with what came in this very
    /// moment, or with nothing.
    fn release(&mut self, closing: bool) {
        if let Some(seat) = &self.seat
            && let Some(place) = self.outlet.release()
        {
            let Room { answers, .. } = &*seat.room;
            let answer = answers.answer(seat.room.after(place), closing);
            self.outlet.send(&answer, Instant::now());
        }
    }

    /// Ready when the client left while its poll was held. What it sends
    /// meanwhile is for later.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.early.len() < MOST_EARLY {
            let mut buffer = [0; BUFFER];
            match ready!(self.outlet.stream.poll_hear(context, &mut buffer)) {
                Ok(count) if count > 0 => self.early.extend_from_slice(&buffer[..count]),
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    fn poll_request(&mut self, chat: &Chat, context: &mut Context<'_>) -> Poll<Asked> {
        let mut buffer = [0; BUFFER];
        let early = mem::take(&mut self.early);
        let heard = if early.is_empty() {
            match ready!(self.outlet.stream.poll_hear(context, &mut buffer)) {
                Ok(count) if count > 0 => &buffer[..count],
                _ => return Poll::Ready(Asked::Nothing),
            }
        } else {
            &early
        };
        let Some((length, transport, reading)) = plain_poll(heard, chat) else {
            self.early = heard.to_vec();
            return Poll::Ready(Asked::More);
        };
        self.early = heard[length..].to_vec();
        Poll::Ready(Asked::Poll(transport, reading))
    }

    async fn take_back(self) -> Taken {
        let Self {
            outlet,
            seat,
            early,
            ..
        } = self;
        drop(seat);
        // Nothing is left to write: requests are read only when all is sent.
        let (stream, _) = outlet::take_back(outlet).await;
        Taken { stream, early }
    }
}

/// The poll that `heard` begins with, and how long its request is; `None` if it
/// is anything but a plain one.
fn plain_poll(heard: &[u8], chat: &Chat) -> Option<(usize, Transport, Reading)> {
    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(Status::Complete(length)) = request.parse(heard) else {
        return None;
    };
    let target = request.path?;
    let is_plain = request.method == Some("GET")
        && request.version == Some(1)
        && target.bytes().all(is_plain)
        && request.headers.iter().all(means_nothing);
    if !is_plain {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Ok(Route::Read(room, transport @ (Transport::ShortPoll | Transport::LongPoll), _)) =
        Route::of(path, false)
    else {
        return None;
    };
    // What is refused, hyper's way refuses again.
    let query = Query::read(query, &chat.settings).ok()?;
    Some((length, transport, reading(chat, room, query).ok()?))
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'?' | b'=' | b'&' | b'_' | b'.' | b'%' | b'+' | b'-')
}

/// Whether a header is one of those that change nothing about the answer to a
/// poll. Of the others some do, and hyper knows which.
fn means_nothing(header: &Header<'_>) -> bool {
    const NAMES: [&str; 8] = [
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "referer",
        "cookie",
    ];
    let is = |name: &&str| header.name.eq_ignore_ascii_case(name);
    NAMES.iter().any(is)
        || is(&"connection") && header.value.eq_ignore_ascii_case(b"keep-alive")
        || header.name.len() > 4 && header.name[..4].eq_ignore_ascii_case("sec-")
}
