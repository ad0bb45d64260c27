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

use std::{future::poll_fn, sync::Arc};

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

/// Answers plain requests for as long as nothing else comes. Returns how the connection goes on, with
/// all that was read of it; `None` when it is over. `is_first` is true if nothing was read of it
/// before.
///
/// This is no `async fn`, because each connection would keep room for its arguments twice.
pub(super) fn plain_requests(
    handover: Handover,
    client: Arc<Client>,
    is_first: bool,
) -> impl Future<Output = Option<Next>> + Send {
    let mut poller = Poller::new(handover);
    async move {
        let mut is_known = false;
        loop {
            let step = poll_fn(|context| {
                if !is_known {
                    is_known = true;
                    // Before the look at the signal, which is given before the task is woken.
                    client.activity.wait(context.waker());
                }
                // The rooms are asked first: theirs is the flag that all connections share.
                let left = client.chat().rooms.is_closed() && is_signalled(&client.leaving);
                poller.poll_step(&client, left, context)
            });
            // What comes once or seldom is boxed: each connection keeps room for all that is not.
            match step.await {
                Step::Next => {}
                Step::Draft(draft) => {
                    // A connection that ended now would leave its speaker in doubt.
                    client.activity.enter(Phase::Taking);
                    let said = draft.say(client.chat(), client.address());
                    let answer = Box::pin(said).await;
                    client.activity.enter(Phase::Waiting);
                    poller.send(&answer);
                }
                Step::Other => {
                    let has_answered = poller.has_answered;
                    // Only a connection's first bytes can be the preface.
                    let may_begin = is_first && client.http2 && !has_answered;
                    let handover = Box::pin(poller.take_back()).await;
                    return Some(other(handover, has_answered, may_begin));
                }
                Step::End => return None,
                Step::Late => {
                    let Handover { stream, .. } = Box::pin(poller.take_back()).await;
                    Box::pin(request_timeout(stream)).await;
                    return None;
                }
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
