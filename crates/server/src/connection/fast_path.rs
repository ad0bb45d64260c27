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

use std::{future::poll_fn, pin::pin};

use tokio::{sync::watch, time::Instant};

use crate::{
    chat::Chat,
    connection::{
        Client,
        activity::Phase,
        by_hand::request_timeout,
        poller::{Poller, Step},
    },
    net::{handover::Handover, shutdown::shutdown_signalled},
};

/// Answers plain requests for as long as nothing else comes. Returns the connection
/// for hyper to go on with, and whether a request was answered on it; `None` when it is
/// over.
pub(crate) async fn plain_requests(
    handover: Handover,
    client: &Client,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<(Handover, bool)> {
    let mut poller = Poller::new(handover, client);
    let mut shutdown = pin!(shutdown_signalled(&mut leaving));
    let mut listening = false;
    loop {
        let step = poll_fn(|context| {
            // Once, and then only when there is an answer to expect.
            let left = (!listening || chat.rooms.is_closed()) && {
                listening = true;
                shutdown.as_mut().poll(context).is_ready()
            };
            poller.poll_step(chat, left, context)
        });
        // What comes once or seldom is boxed: each connection keeps room for all that is not.
        let draft = match step.await {
            Step::Next => continue,
            Step::Draft(draft) => draft,
            Step::Other => {
                let has_answered = poller.has_answered;
                return Some((Box::pin(poller.take_back()).await, has_answered));
            }
            Step::End => return None,
            Step::Late => {
                let Handover { stream, .. } = Box::pin(poller.take_back()).await;
                Box::pin(request_timeout(stream)).await;
                return None;
            }
        };
        // A connection that ended now would leave its speaker in doubt.
        client.activity.enter(Phase::Taking);
        let answer = Box::pin(draft.say(chat, client.address)).await;
        client.activity.enter(Phase::Waiting);
        poller.writer.send(&answer, Instant::now());
    }
}
