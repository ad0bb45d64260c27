//! The fast path for polls.
//!
//! Most of the cost of a poll through hyper is not the poll itself: a head is
//! parsed into a map of headers, another is written from one, and each connection
//! has a buffer of its own. But one poll is like the next. So a plain request to
//! poll, which says everything in its first line, is recognised as such, and the
//! answer is made once for all pollers that are to receive the same.
//!
//! Headers that change nothing about the answer are passed over, whatever their
//! names. A request that asks for more (another method, a body, an upgrade, the
//! end of the connection, a page of another origin) is left to hyper, with all
//! that was read of it; what the connection brings after that may come back
//! here. The bytes of the answer are those that hyper would write.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    sync::watch,
    time::{Instant, Sleep, sleep},
};
use wire::Coding;

use crate::{
    chat::Chat,
    connection::{
        Client,
        activity::Phase,
        by_hand::request_timeout,
        plain_poll::{Head, read_head},
    },
    net::{handover::Handover, shutdown::shutdown_signalled},
    room::{
        Room,
        seats::Seat,
        writer::{self, Flow, Writer},
    },
    transport::{self, Answer, long_poll::Held, reading::Reading},
};

/// The number of bytes that are read at once, on a stack and not in a buffer of
/// each connection.
const BUFFER: usize = 1024;
/// The length, in bytes, of the longest head that is collected here; hyper
/// takes longer ones.
const LONGEST_HEAD: usize = 16 * 1024;
/// The number of bytes that a client may send while its poll is held.
const MOST_EARLY: usize = 16 * 1024;

/// Answers polls for as long as nothing else comes. Returns the connection for
/// hyper to go on with, and whether a poll was answered on it; `None` when it is
/// over.
pub(crate) async fn polls(
    Handover { stream, early }: Handover,
    client: &Client,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<(Handover, bool)> {
    let mut poller = Poller {
        writer: Arc::new(Writer::poller(stream)),
        seat: None,
        timer: None,
        early,
        client,
        room: None,
        coding: None,
    };
    let mut has_polled = false;
    let mut shutdown = pin!(shutdown_signalled(&mut leaving));
    let mut listening = false;
    loop {
        let next = poll_fn(|context| {
            // Once, and then only when there is an answer to expect.
            let left = (!listening || chat.rooms.is_closed()) && {
                listening = true;
                shutdown.as_mut().poll(context).is_ready()
            };
            poller.poll_next(chat, left, context)
        });
        let reading = match next.await {
            NextRequest::Poll(reading) => reading,
            NextRequest::Other => return Some((poller.take_back().await, has_polled)),
            NextRequest::End => return None,
            NextRequest::Late => {
                let Handover { stream, .. } = poller.take_back().await;
                request_timeout(stream).await;
                return None;
            }
        };
        has_polled = true;
        client.activity.request();
        let room = Arc::clone(&reading.room);
        poller.coding = reading.coding;
        match transport::answer(reading) {
            Ok(Answer::Batch(batch)) => {
                let answer = room.answers.answer(batch, poller.coding, false);
                poller.writer.send(&answer, Instant::now());
                poller.room = Some(room);
            }
            Ok(Answer::Held(held)) => poller.hold(&held),
            // Nothing else comes of a plain poll.
            Ok(_) | Err(_) => return None,
        }
    }
}

/// The next request of a client.
enum NextRequest {
    /// A plain poll.
    Poll(Reading),
    /// A request other than a poll.
    Other,
    /// The end without a request: the client is gone, or the server is leaving.
    End,
    /// A head that took too long.
    Late,
}

/// A connection on which nothing but polls came so far.
struct Poller<'a> {
    writer: Arc<Writer>,
    /// A seat in the room for whose events it was last held. The sweep answers
    /// it there; its task is woken by the next request.
    seat: Option<Seat>,
    /// The timer of the hold.
    timer: Option<Pin<Box<Sleep>>>,
    /// The bytes that came while the poll was held, or that are no complete or no plain request.
    early: Vec<u8>,
    client: &'a Client,
    /// The room that was last read: it is not given up while its poller may come
    /// again.
    room: Option<Arc<Room>>,
    /// The coding that its last request asked for.
    coding: Option<Coding>,
}

impl Poller<'_> {
    fn hold(&mut self, held: &Held) {
        let until = Instant::now() + held.hold;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(until),
            None => self.timer = Some(Box::pin(sleep(held.hold))),
        }
        self.writer.hold(held.place, self.coding);
        match &self.seat {
            Some(seat) if Arc::ptr_eq(&seat.room, &held.room) => {
                // What came before it was held is sent now, what comes from now
                // on finds it held.
                self.writer.advance(&mut held.room.sweep_cache());
            }
            _ => self.seat = Some(held.room.register(Arc::clone(&self.writer))),
        }
    }

    /// Waits for a request, through the writing of one answer and the holding
    /// of the next. `left` is true once the server is leaving.
    fn poll_next(
        &mut self,
        chat: &Chat,
        left: bool,
        context: &mut Context<'_>,
    ) -> Poll<NextRequest> {
        match self.writer.poll_flow(context, None) {
            Flow::Free => {}
            Flow::Full => return Poll::Pending,
            Flow::Broken => return Poll::Ready(NextRequest::End),
        }
        if self.writer.waits() {
            let over = left || self.poll_hold(context).is_ready();
            if over {
                self.release(left);
            } else if self.poll_gone(context).is_ready() {
                return Poll::Ready(NextRequest::End);
            } else if self.early.is_empty() || self.writer.wake_on_reply() {
                return Poll::Pending;
            }
        }
        if left {
            let sent = self.writer.poll_flow(context, None) != Flow::Full;
            return if sent {
                Poll::Ready(NextRequest::End)
            } else {
                Poll::Pending
            };
        }
        self.poll_request(chat, context)
    }

    /// Waits until the hold is over.
    fn poll_hold(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context),
            None => Poll::Ready(()),
        }
    }

    /// Answers a poll that is held no longer: with the events that came at this
    /// very moment, or with none.
    fn release(&mut self, closing: bool) {
        if let Some(seat) = &self.seat
            && let Some(place) = self.writer.release()
        {
            let Room { answers, .. } = &*seat.room;
            let answer = answers.answer(seat.room.after(place), self.coding, closing);
            self.writer.send(&answer, Instant::now());
        }
    }

    /// Waits until the client leaves while its poll is held. What it sends
    /// meanwhile is kept.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.early.len() < MOST_EARLY {
            let mut buffer = [0; BUFFER];
            match ready!(self.writer.stream.poll_receive(context, &mut buffer)) {
                Ok(count) if count > 0 => self.early.extend_from_slice(&buffer[..count]),
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    /// Waits for a whole head. A head that is longer than what is read at once,
    /// or that comes in pieces, is collected in `early`.
    fn poll_request(&mut self, chat: &Chat, context: &mut Context<'_>) -> Poll<NextRequest> {
        if !self.early.is_empty() {
            if self.client.activity.is_late() {
                return Poll::Ready(NextRequest::Late);
            }
            if let Some(next) = self.take_request(chat, context) {
                return Poll::Ready(next);
            }
        }
        let mut buffer = [0; BUFFER];
        loop {
            let received = match ready!(self.writer.stream.poll_receive(context, &mut buffer)) {
                Ok(count) if count > 0 => &buffer[..count],
                _ => return Poll::Ready(NextRequest::End),
            };
            if self.early.is_empty()
                && let Head::Poll(length, reading) = read_head(received, chat, self.client.address)
            {
                self.early = received[length..].to_vec();
                return Poll::Ready(NextRequest::Poll(reading));
            }
            self.early.extend_from_slice(received);
            if let Some(next) = self.take_request(chat, context) {
                return Poll::Ready(next);
            }
        }
    }

    /// Takes a request off the bytes that came; `None` if its head is not whole
    /// yet.
    fn take_request(&mut self, chat: &Chat, context: &Context<'_>) -> Option<NextRequest> {
        match read_head(&self.early, chat, self.client.address) {
            Head::Poll(length, reading) => {
                self.early = self.early[length..].to_vec();
                self.client.activity.enter(Phase::Waiting);
                Some(NextRequest::Poll(reading))
            }
            Head::Partial if self.early.len() < LONGEST_HEAD => {
                self.client.activity.begin_head(context.waker());
                None
            }
            Head::Partial | Head::Other => {
                self.client.activity.enter(Phase::Head);
                Some(NextRequest::Other)
            }
        }
    }

    async fn take_back(self) -> Handover {
        let Self {
            writer,
            seat,
            early,
            ..
        } = self;
        drop(seat);
        // Nothing is left to write: requests are read only when all is sent.
        let (stream, _) = writer::take_back(writer).await;
        Handover { stream, early }
    }
}
