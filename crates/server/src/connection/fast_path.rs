//! The fast path: polls, polls of libraries' sessions, and drafts.
//!
//! Most of the cost of a poll through hyper is not the poll itself: a head is
//! parsed into a map of headers, another is written from one, and each connection
//! has a buffer of its own. But one poll is like the next. So a plain request to
//! poll, which says everything in its first line, is recognised as such, and the
//! answer is made once for all pollers that are to receive the same. Polls that
//! are held wait in the seats of their room, those of libraries' sessions too, and a
//! draft that came whole with its head is taken as well.
//!
//! Headers that change nothing about the answer are passed over, whatever their
//! names. A request that asks for more (another method, a coding, an upgrade, the
//! end of the connection, a page of another origin) is left to hyper, with all
//! that was read of it; what the connection brings after that may come back
//! here. The bytes of the answer are those that hyper would write.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use crate::{
    connection::{
        Client, Next,
        activity::Phase,
        by_hand::request_timeout,
        http2,
        poller::{Poller, Step},
    },
    net::{handover::Handover, shutdown::is_signalled},
};

/// A connection on which nothing but plain requests came so far.
///
/// It is no `async fn`, so that it lies in the task of its connection and not in a box beside it: when
/// a connection polls again, no cache holds its state any more, and each further place in memory
/// that is looked at costs a fetch.
pub(super) struct PlainRequests {
    poller: Poller,
    /// A draft that is being said, which ends with its answer.
    saying: Option<Pin<Box<dyn Future<Output = Bytes> + Send>>>,
    /// True if nothing was read of the connection before.
    is_first: bool,
    /// True once the client knows the connection's task.
    is_known: bool,
}

/// The reason why no more plain requests are answered.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// Something else came.
    Other,
    /// The connection is over.
    Over,
    /// The connection is over, and its client is told that its head took too long.
    Late,
}

impl PlainRequests {
    /// Begins to answer requests. `is_first` is true if nothing was read of the connection before.
    pub(super) fn new(handover: Handover, is_first: bool) -> Self {
        Self {
            poller: Poller::new(handover),
            saying: None,
            is_first,
            is_known: false,
        }
    }

    /// Answers plain requests for as long as nothing else comes.
    pub(super) fn poll(&mut self, client: &Arc<Client>, context: &mut Context<'_>) -> Poll<End> {
        loop {
            if let Some(saying) = &mut self.saying {
                let answer = ready!(saying.as_mut().poll(context));
                self.saying = None;
                client.activity.enter(Phase::Waiting);
                self.poller.send(&answer);
            }
            if !self.is_known {
                self.is_known = true;
                // Recorded before the look at the signal, which is given before the task is woken:
                // so the task misses neither.
                client.activity.wait(context.waker());
            }
            // The rooms are asked first: all connections share their flag, so a cache has it.
            let left = client.chat().rooms.is_closed() && is_signalled(&client.leaving);
            match ready!(self.poller.poll_step(client, left, context)) {
                Step::Next => {}
                Step::Draft(draft) => {
                    // A connection that ended now would leave its speaker in doubt.
                    client.activity.enter(Phase::Taking);
                    let client = Arc::clone(client);
                    self.saying = Some(Box::pin(async move {
                        draft.say(client.chat(), client.address()).await
                    }));
                }
                Step::Other => return Poll::Ready(End::Other),
                Step::End => return Poll::Ready(End::Over),
                Step::Late => return Poll::Ready(End::Late),
            }
        }
    }

    /// Gives the connection up. Returns how it goes on, with all that was read of it; `None` if it is
    /// over.
    pub(super) async fn give_up(self, end: End, client: Arc<Client>) -> Option<Next> {
        match end {
            End::Other => {
                let has_answered = self.poller.has_answered;
                // Only a connection's first bytes can be the preface.
                let may_begin = self.is_first && client.http2 && !has_answered;
                let handover = self.poller.take_back().await;
                Some(other(handover, has_answered, may_begin))
            }
            End::Over => None,
            End::Late => {
                let Handover { stream, .. } = self.poller.take_back().await;
                request_timeout(stream).await;
                None
            }
        }
    }
}

/// Returns how a connection goes on with a request that is not plain. If `may_begin`, its first bytes
/// may be those of HTTP/2.
fn other(handover: Handover, has_answered: bool, may_begin: bool) -> Next {
    if may_begin && http2::begins(&handover.early) {
        return Next::Http2(handover);
    }
    Next::Any {
        handover,
        has_answered,
    }
}
