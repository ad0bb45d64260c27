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
    mem::{self, MaybeUninit},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use httparse::{EMPTY_HEADER, Header, Status};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    sync::watch,
};
use wire::Transport;

use crate::{
    answer::{self, reading},
    chat::Chat,
    connection::{Taken, told},
    query::Query,
    reading::Reading,
    reply::Answer,
    route::Route,
    tap::Stream,
};

/// The longest request that is looked at here, on a stack and not in a buffer
/// of each connection.
const BUFFER: usize = 2048;
/// Headers that a plain request has at most.
const HEADERS: usize = 24;
/// Most that a client may send while its poll is held.
const MOST_EARLY: usize = 16 * 1024;

/// Answers polls for as long as nothing else comes. Gives back a connection for
/// hyper to go on with, or `None` when it is over.
pub(crate) async fn polls(
    mut stream: Stream,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<Taken> {
    let mut early = Vec::new();
    let mut told = pin!(told(&mut leaving));
    let mut listening = false;
    loop {
        let asked = poll_fn(|context| {
            // Once, and then only when there is an answer to expect.
            if !listening || chat.rooms.is_closed() {
                listening = true;
                if told.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Asked::Nothing);
                }
            }
            poll_asked(&mut stream, &mut early, chat, context)
        });
        let (transport, reading) = match asked.await {
            Asked::Poll(transport, reading) => (transport, reading),
            Asked::More => return Some(Taken { stream, early }),
            Asked::Nothing => return None,
        };
        let mut answer = pin!(answer::read(transport, reading));
        let batch = poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(Ok(Answer::Batch(batch))) => Poll::Ready(Some(batch)),
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => poll_left(&mut stream, &mut early, context).map(|()| None),
        });
        let batch = batch.await?;
        stream
            .write_all(&chat.answers.answer(chat, batch))
            .await
            .ok()?;
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

fn poll_asked(
    stream: &mut Stream,
    early: &mut Vec<u8>,
    chat: &Chat,
    context: &mut Context<'_>,
) -> Poll<Asked> {
    // Not set to zeros first, which would cost more than reading a poll does.
    let mut buffer = [const { MaybeUninit::uninit() }; BUFFER];
    let mut buffer = ReadBuf::uninit(&mut buffer);
    if early.is_empty() {
        match Pin::new(stream).poll_read(context, &mut buffer) {
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
            Poll::Ready(_) => return Poll::Ready(Asked::Nothing),
            Poll::Pending => return Poll::Pending,
        }
    }
    let kept = mem::take(early);
    let heard = if kept.is_empty() {
        buffer.filled()
    } else {
        &kept
    };
    let Some((length, transport, reading)) = plain_poll(heard, chat) else {
        *early = heard.to_vec();
        return Poll::Ready(Asked::More);
    };
    *early = heard[length..].to_vec();
    Poll::Ready(Asked::Poll(transport, reading))
}

/// Ready when the client left while its poll was held. What it sends meanwhile
/// is for later.
fn poll_left(stream: &mut Stream, early: &mut Vec<u8>, context: &mut Context<'_>) -> Poll<()> {
    while early.len() < MOST_EARLY {
        let mut buffer = [const { MaybeUninit::uninit() }; 256];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                early.extend_from_slice(buffer.filled());
            }
            Poll::Ready(_) => return Poll::Ready(()),
            Poll::Pending => break,
        }
    }
    Poll::Pending
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
        && request.headers.iter().all(means_nothing)
        && chat.annex.is_none();
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
