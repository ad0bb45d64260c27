//! Says each draft when it is due.
//!
//! One loop with one timer for all speakers of a run: tokio's own timer would
//! be a millisecond late. The loop never waits for an answer, so a slow server
//! delays no draft that is due after it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use futures_util::SinkExt;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::{
    brief::Orders,
    clock::Nanos,
    draft::{self, Tag},
    failure::Failure,
    http::{self, Connection},
    schedule::{self, Due},
    shard::Shard,
    transport::Sink,
};

/// The ways up of those who speak and are connected, by person.
pub(crate) type Voices = RefCell<HashMap<usize, Voice>>;

/// One speaker's way up.
#[derive(Debug, Clone)]
pub(crate) enum Voice {
    /// Keep-alive connections that wait for a draft.
    Http(Rc<RefCell<Vec<Connection>>>),
    /// The queue of the task that owns the socket's sink.
    Websocket(mpsc::UnboundedSender<Utterance>),
}

/// A draft that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Utterance {
    index: usize,
    due: Nanos,
    person: usize,
}

/// Gives `person` a voice if it is one of those who speak.
pub(crate) async fn find_voice(
    shard: &Rc<Shard>,
    person: usize,
    sink: Option<Sink>,
) -> Result<(), Failure> {
    let plan = &shard.run.plan;
    if person / plan.rooms >= plan.publishers {
        return Ok(());
    }
    let voice = if let Some(sink) = sink {
        let (sender, queue) = mpsc::unbounded_channel();
        tokio::task::spawn_local(say_over_websocket(Rc::clone(shard), sink, queue));
        Voice::Websocket(sender)
    } else {
        let connection = Connection::open(&shard.network, person).await?;
        Voice::Http(Rc::new(RefCell::new(vec![connection])))
    };
    shard.voices.borrow_mut().insert(person, voice);
    Ok(())
}

/// `person` is gone and says nothing more.
pub(crate) fn fall_silent(shard: &Shard, person: usize) {
    shard.voices.borrow_mut().remove(&person);
}

/// Says all drafts of the run, each at its time, until orders end it.
pub(crate) async fn speak(shard: Rc<Shard>, mut orders: watch::Receiver<Orders>) {
    let clock = shard.run.clock;
    let mut timer = match tokio_timerfd::Delay::new(clock.instant(0)) {
        Ok(timer) => timer,
        Err(error) => {
            let kind = format!("no timer to speak by: {}", error.kind());
            return shard.tally.borrow_mut().failed(&kind, 1);
        }
    };
    for (index, draft) in shard.run.schedule.drafts().iter().enumerate() {
        let Orders::Follow(table) = *orders.borrow_and_update() else {
            return;
        };
        let due = table.settle + draft.at;
        timer.reset(clock.instant(due));
        loop {
            let Orders::Follow(table) = *orders.borrow_and_update() else {
                return;
            };
            if due >= table.drain {
                return;
            }
            tokio::select! {
                _ = &mut timer => break,
                changed = orders.changed() => if changed.is_err() { return },
            }
        }
        say(&shard, index, due, *draft);
        // Lets the draft reach its socket before the next one of a burst is
        // stamped as sent.
        tokio::task::yield_now().await;
    }
}

fn say(shard: &Rc<Shard>, index: usize, due: Nanos, draft: Due) {
    let person = draft.publisher as usize * shard.run.plan.rooms + draft.room as usize;
    let utterance = Utterance { index, due, person };
    let voice = shard.voices.borrow().get(&person).cloned();
    match voice {
        None => shard.failed(&Failure::NoSpeaker),
        Some(Voice::Websocket(queue)) => {
            if queue.send(utterance).is_err() {
                shard.failed(&Failure::NoSpeaker);
            }
        }
        Some(Voice::Http(idle)) => say_over_http(shard, idle, utterance),
    }
}

/// Stamps and encodes a draft: to be called right before it is written.
fn stamp(shard: &Shard, utterance: Utterance) -> (Tag, bytes::Bytes) {
    let tag = Tag {
        index: utterance.index,
        due: utterance.due,
        sent: shard.run.clock.now(),
    };
    shard.tally.borrow_mut().left(tag);
    let length = schedule::payload_bytes(&shard.run.plan, utterance.index);
    let draft = shard.run.filler.draft(utterance.person, length, tag);
    (tag, draft)
}

/// Counts a draft that is on its way over HTTP, however it ends.
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
fn say_over_http(shard: &Rc<Shard>, idle: Rc<RefCell<Vec<Connection>>>, utterance: Utterance) {
    let free = idle.borrow_mut().pop();
    let shard = Rc::clone(shard);
    if free.is_none() {
        shard.tally.borrow_mut().extra_connections += 1;
    }
    tokio::task::spawn_local(async move {
        let unanswered = Unanswered::new(&shard.unanswered);
        match post(&shard, free, utterance).await {
            Ok(Some(connection)) => idle.borrow_mut().push(connection),
            Ok(None) => {}
            Err(failure) => shard.failed(&failure),
        }
        drop(unanswered);
        shard.look_whether_complete();
    });
}

/// Says one draft and gives the connection back when it is free again.
async fn post(
    shard: &Shard,
    free: Option<Connection>,
    utterance: Utterance,
) -> Result<Option<Connection>, Failure> {
    let mut connection = match free {
        Some(connection) => connection,
        None => Connection::open(&shard.network, utterance.person).await?,
    };
    let room = draft::room_name(utterance.person % shard.run.plan.rooms);
    let (tag, draft) = stamp(shard, utterance);
    let request = http::say(&shard.network, &format!("/rooms/{room}/messages"), draft)?;
    let response = connection.send(request).await?;
    let status = response.status().as_u16();
    http::whole_body(response).await?;
    if status != 201 {
        return Err(Failure::Status(status));
    }
    shard.tally.borrow_mut().taken(tag);
    Ok(connection.is_free().await.then_some(connection))
}

/// Owns a socket's sink and says what comes through the queue.
async fn say_over_websocket(
    shard: Rc<Shard>,
    mut sink: Sink,
    mut queue: mpsc::UnboundedReceiver<Utterance>,
) {
    while let Some(utterance) = queue.recv().await {
        let (_, draft) = stamp(&shard, utterance);
        // The codec writes UTF-8, so this check cannot fail.
        let Ok(text) = Utf8Bytes::try_from(draft) else {
            return;
        };
        if let Err(error) = sink.send(Message::Text(text)).await {
            return shard.failed(&error.into());
        }
    }
}
