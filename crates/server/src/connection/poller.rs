//! A connection on which nothing but plain requests came so far: its reader of requests, and the
//! polls that are held on it.

mod session;

use std::{
    cell::RefCell,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::time::Instant;
use wire::{Coding, Seq};

use crate::{
    connection::{
        Client,
        activity::Phase,
        plain_draft::PlainDraft,
        plain_request::{Asker, Head, Plain, read_head},
        recall::{give_again, place_of, remember_answer},
        waiting::Waiting,
    },
    net::handover::Handover,
    protocol::held::SessionPoll,
    room::{
        Room,
        answers::Form,
        seats::Seat,
        writer::{self, Flow, Writer},
    },
    transport::{self, Answer, long_poll::Held, reading::Reading},
};

/// The number of bytes that are read at once: a draft of usual length comes whole.
const BUFFER: usize = 16 * 1024;
/// The length, in bytes, of the longest head that is collected here; hyper
/// takes longer ones.
const LONGEST_HEAD: usize = 16 * 1024;
/// The number of bytes after which nothing more is read from a client whose poll is held: the rest
/// of what it sends waits in the socket.
const MOST_EARLY: usize = 16 * 1024;

thread_local! {
    /// The buffer of the requests of a thread: a connection has none of its own, and no request has
    /// to zero one.
    static RECEIVED: RefCell<[u8; BUFFER]> = const { RefCell::new([0; BUFFER]) };
}

/// The way in which a connection goes on after a request. It is small, because a connection keeps
/// room for it.
pub(super) enum Step {
    /// The request is answered, or held: the next one is waited for.
    Next,
    /// The draft is to be said.
    Draft(Box<PlainDraft>),
    /// hyper goes on with the connection.
    Other,
    /// The connection is over.
    End,
    /// The connection is over, and its client is told that its head took too long.
    Late,
}

/// A connection on which nothing but plain requests came so far.
pub(super) struct Poller {
    writer: Arc<Writer>,
    /// True once a request was answered here.
    pub(super) has_answered: bool,
    /// True if the socket took all that was written before any poll was held: nobody but this
    /// connection writes until then.
    is_free: bool,
    /// The holding of its polls, once one was held.
    waiting: Option<Box<Waiting>>,
    /// The bytes that came while a poll was held, or that are an incomplete or no plain request.
    early: Vec<u8>,
    /// The room that was last read: it is not given up while its poller may come
    /// again.
    room: Option<Arc<Room>>,
    /// The coding that its last request asked for.
    coding: Option<Coding>,
}

impl Poller {
    /// Makes the poller of a connection.
    pub(super) fn new(Handover { stream, early }: Handover) -> Self {
        Self {
            writer: Arc::new(Writer::poller(stream)),
            has_answered: false,
            is_free: true,
            waiting: None,
            early,
            room: None,
            coding: None,
        }
    }

    /// Answers a plain request, or holds it; a draft is returned. `head` is the head of a request that
    /// came alone and whole.
    fn answer(&mut self, plain: Plain, head: Option<&[u8]>, client: &Client) -> Step {
        self.has_answered = true;
        client.activity.request();
        match plain {
            Plain::Poll(reading) => return self.answer_poll(reading, head, client),
            Plain::Session(session) => self.answer_session(session, client),
            Plain::Draft(draft) => {
                // No poll of this client is held now, so the sweep has nothing to answer here.
                self.leave_seat();
                return Step::Draft(Box::new(draft));
            }
        }
        Step::Next
    }

    /// Answers with the answer that was given last, if `received` is the same poll once more and
    /// nothing has changed. Returns whether it did.
    fn answer_again(&mut self, received: &[u8], client: &Client) -> bool {
        let Some(room) = &self.room else {
            return false;
        };
        let waiting = &mut self.waiting;
        let send = |answer: &Bytes| {
            client.activity.request();
            // As in `answer_poll`.
            if let Some(waiting) = waiting {
                waiting.seat = None;
            }
            self.writer.answer(answer)
        };
        let Some((flow, coding)) = give_again(received, room, send) else {
            return false;
        };
        self.has_answered = true;
        self.coding = coding;
        self.is_free = flow == Flow::Free;
        true
    }

    fn answer_poll(&mut self, reading: Reading, head: Option<&[u8]>, client: &Client) -> Step {
        let room = Arc::clone(&reading.room);
        self.coding = reading.coding;
        let place = place_of(&reading, client.chat()).filter(|place| room.is_still_at(*place));
        match transport::answer(reading) {
            Ok(Answer::Batch(batch)) => {
                let (answer, second) = room.answers.answer_again(batch, self.coding, false);
                // Nothing was said meanwhile, so this is the answer of that place.
                if let (Some(head), Some(place), Some(second)) = (head, place, second)
                    && room.is_still_at(place)
                {
                    remember_answer(head, &room, place, second, &answer);
                }
                // The seat, if there is one, still has the place of an earlier poll.
                self.leave_seat();
                self.send(&answer);
                self.room = Some(room);
            }
            Ok(Answer::Held(waits)) => self.hold(&waits),
            // A plain poll has no other answer.
            Ok(_) | Err(_) => return Step::End,
        }
        Step::Next
    }

    fn asker<'a>(&'a self, client: &'a Client) -> Asker<'a> {
        Asker {
            chat: client.chat(),
            address: client.address(),
            room: self.room.as_ref(),
        }
    }

    /// Sends an answer while no poll is held on this connection.
    pub(super) fn send(&mut self, answer: &Bytes) {
        self.is_free = self.writer.answer(answer) == Flow::Free;
    }

    fn hold(&mut self, held: &Held) {
        let until = Instant::now() + held.hold;
        self.waiting.get_or_insert_default().set_timer(until);
        self.writer.hold(held.place, Form::Batch(self.coding));
        self.register(&held.room, held.place);
    }

    fn seat(&self) -> Option<&Seat> {
        self.waiting.as_ref()?.seat.as_ref()
    }

    fn leave_seat(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            waiting.seat = None;
        }
    }

    fn has_session(&self) -> bool {
        let waiting = self.waiting.as_ref();
        waiting.is_some_and(|waiting| waiting.session.is_some())
    }

    fn take_session(&mut self) -> Option<SessionPoll> {
        self.waiting.as_mut()?.session.take()
    }

    /// Gives the poller, which is held at `place`, its seat. Events that came before it was held
    /// are sent now; for those that come from now on the sweep finds it held.
    fn register(&mut self, room: &Arc<Room>, place: Seq) {
        let waiting = self.waiting.get_or_insert_default();
        match &waiting.seat {
            Some(seat) if Arc::ptr_eq(&seat.room, room) => {
                if room.newest() > place {
                    self.writer.advance(&mut room.sweep_cache());
                }
            }
            _ => waiting.seat = Some(room.register(Arc::clone(&self.writer))),
        }
    }

    /// Waits for a request and answers it. Before that, it waits until the last answer is written
    /// and the poll that is held is answered. `left` is true once the server is leaving.
    pub(super) fn poll_step(
        &mut self,
        client: &Client,
        left: bool,
        context: &mut Context<'_>,
    ) -> Poll<Step> {
        let may_wait = self.waiting.is_some() || !self.is_free;
        if may_wait && !ready!(self.poll_free(context)) {
            return Poll::Ready(Step::End);
        }
        if self.has_session() {
            let goes_on = ready!(self.poll_session(client, left, context));
            if !goes_on || !ready!(self.poll_free(context)) {
                return Poll::Ready(Step::End);
            }
        } else if self.seat().is_some() && self.writer.waits() {
            // A poller that was never held has no seat.
            let over = left || self.poll_hold(context).is_ready();
            if over {
                self.release(left);
            } else if self.poll_gone(context).is_ready() {
                return Poll::Ready(Step::End);
            } else if self.early.is_empty() || self.writer.wake_on_reply() {
                return Poll::Pending;
            }
        }
        if left {
            let sent = self.writer.poll_flow(context, None) != Flow::Full;
            return if sent {
                Poll::Ready(Step::End)
            } else {
                Poll::Pending
            };
        }
        self.poll_request(client, context)
    }

    /// Waits until the socket has taken all that was written; returns false if it is broken.
    fn poll_free(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let flow = self.writer.poll_flow(context, None);
        self.is_free = flow == Flow::Free;
        match flow {
            Flow::Free => Poll::Ready(true),
            Flow::Full => Poll::Pending,
            Flow::Broken => Poll::Ready(false),
        }
    }

    /// Waits until the hold is over.
    fn poll_hold(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.waiting {
            Some(waiting) => waiting.poll_over(context),
            None => Poll::Ready(()),
        }
    }

    /// Answers a poll that is held no longer: with the events that came at this
    /// very moment, or with none.
    fn release(&mut self, closing: bool) {
        if let Some(seat) = self.seat()
            && let Some(place) = self.writer.release()
        {
            let Room { answers, .. } = &*seat.room;
            let answer = answers.answer(seat.room.after(place), self.coding, closing);
            self.writer.send(&answer, Instant::now());
        }
    }

    /// Waits until the client leaves while its poll is held. What it sends meanwhile is kept. A client
    /// that ends its side has left: one that would still read cannot be told from a page that was
    /// closed, and its seat and presence would be kept for the rest of the hold.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        RECEIVED.with_borrow_mut(|buffer| {
            while self.early.len() < MOST_EARLY {
                match ready!(self.writer.stream.poll_receive(context, buffer)) {
                    Ok(count) if count > 0 => self.early.extend_from_slice(&buffer[..count]),
                    _ => return Poll::Ready(()),
                }
            }
            Poll::Pending
        })
    }

    /// Waits for a whole head. A head that is longer than what is read at once,
    /// or that comes in pieces, is collected in `early`.
    fn poll_request(&mut self, client: &Client, context: &mut Context<'_>) -> Poll<Step> {
        if !self.early.is_empty() {
            if client.activity.is_late() {
                return Poll::Ready(Step::Late);
            }
            if let Some(step) = self.take_request(client, context) {
                return Poll::Ready(step);
            }
        }
        RECEIVED.with_borrow_mut(|buffer| self.poll_head(buffer, client, context))
    }

    /// Reads until a head is whole, and answers the request.
    fn poll_head(
        &mut self,
        buffer: &mut [u8],
        client: &Client,
        context: &mut Context<'_>,
    ) -> Poll<Step> {
        loop {
            let received = match ready!(self.writer.stream.poll_receive(context, buffer)) {
                Ok(count) if count > 0 => &buffer[..count],
                _ => return Poll::Ready(Step::End),
            };
            if self.early.is_empty() {
                if self.answer_again(received, client) {
                    return Poll::Ready(Step::Next);
                }
                if let Head::Plain(length, plain) = read_head(received, self.asker(client)) {
                    self.early = received[length..].to_vec();
                    let head = self.early.is_empty().then_some(received);
                    return Poll::Ready(self.answer(plain, head, client));
                }
            }
            self.early.extend_from_slice(received);
            if let Some(step) = self.take_request(client, context) {
                return Poll::Ready(step);
            }
        }
    }

    /// Takes a request off the bytes that came, and answers it; `None` if its head is not whole
    /// yet.
    fn take_request(&mut self, client: &Client, context: &Context<'_>) -> Option<Step> {
        match read_head(&self.early, self.asker(client)) {
            Head::Plain(length, plain) => {
                self.early = self.early[length..].to_vec();
                client.activity.enter(Phase::Waiting);
                Some(self.answer(plain, None, client))
            }
            Head::Partial if self.early.len() < longest_head(client) => {
                client.activity.begin_head(context.waker());
                None
            }
            Head::Partial | Head::Other => {
                client.activity.enter(Phase::Head);
                Some(Step::Other)
            }
        }
    }

    /// Returns the connection, for hyper to go on with.
    pub(super) async fn take_back(self) -> Handover {
        let Self {
            writer,
            waiting,
            early,
            ..
        } = self;
        drop(waiting);
        // Nothing is left to write: requests are read only when all is sent.
        let (stream, _) = writer::take_back(writer).await;
        Handover { stream, early }
    }
}

/// Returns the length, in bytes, of the longest head that is collected here. hyper refuses one that
/// is longer than any may be.
fn longest_head(client: &Client) -> usize {
    LONGEST_HEAD.min(client.chat().settings.head_bytes)
}
