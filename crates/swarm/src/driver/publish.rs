//! The ways up: how one draft reaches the server.
//!
//! | publishing | over a WebSocket | over HTTP |
//! | --- | --- | --- |
//! | open loop | the reader's own socket, by a queue | a connection that is free, or one more |
//! | closed loop | the same queue, which waits for `said` | a queue of one connection, which waits for 201 |
//!
//! A reader whose browser has connections of HTTP/1.1 for several tabs sends its drafts over those.

mod exchange;
mod tab;

use std::{cell::Cell, rc::Rc};

use bytes::Bytes;
use futures_util::SinkExt;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{
    publisher::{Answered, IdlePool, Publisher, QueuedDraft, ToPublisher},
    shard::Shard,
};
use crate::{
    clock::Nanos,
    draft::Tag,
    failure::Failure,
    foreign::Description,
    library::Library,
    measure::ledger::Use,
    plan::{Pacing, Speak},
    schedule,
    socket::connection::Connection,
    transport::Sink,
};

use exchange::{exchange, send};

/// Connects `person` as a publisher if it is a reader who also publishes. Gives back the sink that
/// no publisher needs.
pub(crate) async fn connect_reader(
    shard: &Rc<Shard>,
    person: usize,
    library: Option<&Rc<Library>>,
    sink: Option<Sink>,
) -> Result<Option<Sink>, Failure> {
    if !shard.run.plan.speaks_and_listens(person) {
        return Ok(sink);
    }
    if sink.is_none() && shard.publishers.borrow().contains_key(&person) {
        // Only the reader's stream or poll broke.
        return Ok(None);
    }
    let description = shard.run.description.as_ref();
    let on_socket = description.is_none_or(|description| description.speaks_on_socket());
    let (publisher, left) = match sink {
        Some(sink) if on_socket => (over_websocket(shard, sink, library.cloned()), None),
        left => (over_http(shard, person, library.cloned()).await?, left),
    };
    shard.publishers.borrow_mut().insert(person, publisher);
    Ok(left)
}

/// Connects somebody who only publishes.
pub(crate) async fn connect(shard: Rc<Shard>, person: usize) {
    match open(&shard, person).await {
        Ok(publisher) => {
            shard.publishers.borrow_mut().insert(person, publisher);
        }
        Err(failure) => shard.failed(&failure),
    }
    shard.publisher_is_settled();
}

async fn open(shard: &Rc<Shard>, person: usize) -> Result<Publisher, Failure> {
    if let Some(description) = &shard.run.description {
        let plan = &shard.run.plan;
        // As `speaker::scheduled` numbers them.
        let room = (person - plan.swarm.clients) % plan.rooms();
        let open = description.open_session(&shard.network, person, room);
        open.await?;
    }
    over_http(shard, person, None).await
}

/// Removes `person`, who is gone and says nothing more.
pub(crate) fn remove(shard: &Shard, person: usize) {
    shard.publishers.borrow_mut().remove(&person);
}

/// Notes that the server answered `person`'s last draft, on a WebSocket: it was `taken`, or
/// refused.
pub(crate) fn answered(shard: &Shard, person: usize, taken: bool) {
    if let Some(Publisher::Queue { answered, .. }) = shard.publishers.borrow().get(&person) {
        let now = shard.run.clock.now();
        answered.taken.set(taken.then_some(now));
        answered.came.notify_one();
    }
}

/// Sends a frame on the socket of `person`, who speaks on it as well.
pub(crate) fn send_frame(shard: &Shard, person: usize, frame: String) {
    if let Some(Publisher::Queue { drafts, .. }) = shard.publishers.borrow().get(&person) {
        // A queue that nobody reads any more is of a socket that is gone.
        let _ = drafts.send(ToPublisher::Frame(frame));
    }
}

fn over_websocket(shard: &Rc<Shard>, sink: Sink, library: Option<Rc<Library>>) -> Publisher {
    let (drafts, queue) = mpsc::unbounded_channel();
    let answered = Rc::new(Answered::default());
    tokio::task::spawn_local(say_over_websocket(
        Rc::clone(shard),
        sink,
        queue,
        Rc::clone(&answered),
        library,
    ));
    Publisher::Queue { drafts, answered }
}

async fn over_http(
    shard: &Rc<Shard>,
    person: usize,
    library: Option<Rc<Library>>,
) -> Result<Publisher, Failure> {
    if let Some(pool) = shard.network.pools.of(person) {
        return Ok(tab::publisher(shard, pool));
    }
    // A session of a library takes one POST at a time.
    if shard.run.plan.traffic.pacing != Pacing::Closed && library.is_none() {
        let (free, is_new) = pool_of(shard, person);
        if is_new {
            let connection = kept_connection(shard, person).await?;
            free.connections.borrow_mut().extend(connection);
        }
        return Ok(Publisher::Idle(free));
    }
    let connection = kept_connection(shard, person).await?;
    let (drafts, queue) = mpsc::unbounded_channel();
    tokio::task::spawn_local(say_in_turn(Rc::clone(shard), connection, queue, library));
    Ok(Publisher::Queue {
        drafts,
        answered: Rc::default(),
    })
}

/// Returns the connections over which `person` speaks, and whether they are new, and none is open.
fn pool_of(shard: &Shard, person: usize) -> (Rc<IdlePool>, bool) {
    match shard.run.plan.swarm.clerk_of(person) {
        Some(clerk) => shard.clerk_pools.of(clerk),
        None => (Rc::default(), true),
    }
}

/// Opens the connection over which `person` sends its drafts; `None` if each has its own.
async fn kept_connection(shard: &Shard, person: usize) -> Result<Option<Connection>, Failure> {
    match shard.run.plan.traffic.speak {
        Speak::PostClose => Ok(None),
        Speak::Same | Speak::Post => {
            let opened = Connection::open(&shard.network, person, Use::Say, None).await?;
            Ok(Some(opened))
        }
    }
}

/// Says a draft by whatever way its speaker has.
pub(crate) fn say(shard: &Rc<Shard>, queued: QueuedDraft) {
    let publisher = shard.publishers.borrow().get(&queued.person).cloned();
    match publisher {
        Some(Publisher::Queue { drafts, .. })
            if drafts.send(ToPublisher::Draft(queued)).is_ok() => {}
        Some(Publisher::Idle(free)) => say_over_http(shard, free, queued),
        Some(Publisher::Tab(pool)) => tab::say(shard, pool, queued),
        _ => shard.failed(&Failure::NoSpeaker),
    }
}

/// Stamps a draft as sent: to be called when its speaker begins to send it.
/// `free` is since when the speaker could have, as far as answers go.
fn stamp(shard: &Shard, queued: QueuedDraft, free: Nanos) -> (Tag, Bytes) {
    let tag = Tag {
        index: queued.index,
        due: queued.due,
        sent: shard.run.clock.now(),
        overlaps: queued.overlaps && shard.run.description.is_some(),
    };
    shard.tally.borrow_mut().left(tag, free);
    let length = schedule::payload_bytes(&shard.run.plan, queued.index);
    let name = shard.run.plan.swarm.named_after(queued.person);
    let draft = shard.run.filler.draft(name, length, tag);
    (tag, draft)
}

/// A count of a draft that is on its way over HTTP, however it ends.
struct Unanswered<'a>(&'a Cell<usize>);

impl<'a> Unanswered<'a> {
    fn new(count: &'a Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Sends over a connection that is free; opens one more if none is. The answer
/// is awaited elsewhere.
fn say_over_http(shard: &Rc<Shard>, free: Rc<IdlePool>, mut queued: QueuedDraft) {
    let connection = free.connections.borrow_mut().pop();
    queued.overlaps = free.unanswered.get() > 0;
    let shard = Rc::clone(shard);
    if connection.is_none() && shard.run.plan.traffic.speak != Speak::PostClose {
        shard.tally.borrow_mut().extra_connections += 1;
    }
    free.unanswered.set(free.unanswered.get() + 1);
    tokio::task::spawn_local(async move {
        if let Some(connection) = post(&shard, connection, queued, 0, None).await {
            free.connections.borrow_mut().push(connection);
        }
        free.unanswered.set(free.unanswered.get() - 1);
    });
}

/// Says one draft after the other; the next waits for the answer.
async fn say_in_turn(
    shard: Rc<Shard>,
    mut connection: Option<Connection>,
    mut queue: mpsc::UnboundedReceiver<ToPublisher>,
    library: Option<Rc<Library>>,
) {
    let library = library.as_deref();
    let mut free = 0;
    while let Some(word) = queue.recv().await {
        connection = match (word, library) {
            (ToPublisher::Draft(queued), _) => {
                post(&shard, connection, queued, free, library).await
            }
            (ToPublisher::Frame(packet), Some(library)) => {
                let sent = send(&shard, connection, library, packet.into()).await;
                sent.unwrap_or_else(|failure| {
                    shard.failed(&failure);
                    None
                })
            }
            // Other frames go to sockets only.
            (ToPublisher::Frame(_), None) => connection,
        };
        free = shard.run.clock.now();
    }
}

/// Says one draft and gives the connection back if it can take another.
async fn post(
    shard: &Rc<Shard>,
    connection: Option<Connection>,
    queued: QueuedDraft,
    free: Nanos,
    library: Option<&Library>,
) -> Option<Connection> {
    let unanswered = Unanswered::new(&shard.unanswered);
    let (tag, draft) = stamp(shard, queued, free);
    let left = match library {
        None => exchange(shard, connection, queued, draft).await,
        Some(library) => {
            let packet = library.wrap(&draft, queued.index);
            send(shard, connection, library, packet).await
        }
    };
    drop(unanswered);
    settled(shard, tag, left)
}

/// Notes what came of a draft, and returns the connection if it can take another.
fn settled(
    shard: &Shard,
    tag: Tag,
    left: Result<Option<Connection>, Failure>,
) -> Option<Connection> {
    let connection = match left {
        Ok(connection) => {
            let now = shard.run.clock.now();
            shard.tally.borrow_mut().taken(tag, now);
            connection
        }
        Err(failure) => {
            shard.failed(&failure);
            None
        }
    };
    shard.look_whether_complete();
    connection
}

/// Stamps a draft as sent; what goes over the socket for it.
fn draft_frame(
    shard: &Shard,
    queued: QueuedDraft,
    free: Nanos,
    library: Option<&Library>,
) -> (Tag, Bytes) {
    let (tag, draft) = stamp(shard, queued, free);
    if let Some(library) = library {
        return (tag, library.wrap(&draft, queued.index));
    }
    match &shard.run.description {
        Some(description) => {
            let frame = description.frame(&queued.said(&shard.network, &draft));
            (tag, frame)
        }
        None => (tag, draft),
    }
}

/// Owns a socket's sink and says what comes through the queue; says goodbye
/// when its speaker has fallen silent.
async fn say_over_websocket(
    shard: Rc<Shard>,
    mut sink: Sink,
    mut queue: mpsc::UnboundedReceiver<ToPublisher>,
    answered: Rc<Answered>,
    library: Option<Rc<Library>>,
) {
    let closed = shard.run.plan.traffic.pacing == Pacing::Closed;
    let description = shard.run.description.as_deref();
    let is_binary = description.is_some_and(Description::is_binary);
    let mut free = 0;
    while let Some(word) = queue.recv().await {
        let (tag, frame) = match word {
            ToPublisher::Draft(queued) => {
                let library = library.as_deref();
                let (tag, frame) = draft_frame(&shard, queued, free, library);
                (Some(tag), frame)
            }
            ToPublisher::Frame(frame) => (None, frame.into()),
        };
        let message = if is_binary {
            Message::Binary(frame)
        } else {
            // The codec writes UTF-8, so this check cannot fail.
            let Ok(text) = Utf8Bytes::try_from(frame) else {
                return;
            };
            Message::Text(text)
        };
        if let Err(error) = sink.send(message).await {
            return shard.failed(&error.into());
        }
        if closed && let Some(tag) = tag {
            answered.came.notified().await;
            if let Some(at) = answered.taken.take() {
                shard.tally.borrow_mut().taken(tag, at);
            }
            free = shard.run.clock.now();
        }
    }
    // A connection that broke has nobody to say goodbye to.
    let _ = sink.close().await;
}
