//! The drafts of a browser's tabs. Each is sent when it is due, as by the script of a page; the
//! browser then lets it wait until one of the connections that its tabs share can take it.

use std::rc::Rc;

use tokio::sync::mpsc;

use super::{Unanswered, exchange::exchange, settled, stamp};
use crate::{
    clock::Nanos,
    driver::{
        publisher::{Publisher, QueuedDraft, ToPublisher},
        shard::Shard,
    },
    plan::Pacing,
    socket::pool::Pool,
};

/// Returns the way up of a reader whose browser has these connections.
pub(super) fn publisher(shard: &Rc<Shard>, pool: Rc<Pool>) -> Publisher {
    if shard.run.plan.traffic.pacing != Pacing::Closed {
        return Publisher::Tab(pool);
    }
    let (drafts, queue) = mpsc::unbounded_channel();
    tokio::task::spawn_local(say_in_turn(Rc::clone(shard), pool, queue));
    Publisher::Queue {
        drafts,
        answered: Rc::default(),
    }
}

/// Says a draft; its turn and the answer are awaited elsewhere.
pub(super) fn say(shard: &Rc<Shard>, pool: Rc<Pool>, queued: QueuedDraft) {
    let shard = Rc::clone(shard);
    tokio::task::spawn_local(async move { post(&shard, &pool, queued, 0).await });
}

/// Says one draft after the other; the next waits for the answer.
async fn say_in_turn(
    shard: Rc<Shard>,
    pool: Rc<Pool>,
    mut queue: mpsc::UnboundedReceiver<ToPublisher>,
) {
    let mut free = 0;
    while let Some(word) = queue.recv().await {
        // Frames beside drafts go to sockets only.
        if let ToPublisher::Draft(queued) = word {
            post(&shard, &pool, queued, free).await;
            free = shard.run.clock.now();
        }
    }
}

/// Says one draft when its turn has come. For its page it has left before that.
async fn post(shard: &Shard, pool: &Pool, queued: QueuedDraft, free: Nanos) {
    let unanswered = Unanswered::new(&shard.unanswered);
    let (tag, draft) = stamp(shard, queued, free);
    let turn = pool.turn().await;
    let left = exchange(shard, turn.idle(), queued, draft).await;
    drop(unanswered);
    turn.end(settled(shard, tag, left));
}
