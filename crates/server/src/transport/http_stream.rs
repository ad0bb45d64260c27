//! HTTP stream: one answer that does not end, a line for each event.

use std::{sync::Arc, time::Duration};

use hyper::{Method, Request, Version};
use tokio::sync::watch;
use wire::{Framing, Seq};

use crate::{
    http::{refusal::Refusal, reply},
    net::handover::Handover,
    room::{
        Room,
        entry::Encoding,
        presence::PresenceGuard,
        subscriber::{Subscriber, Woken},
    },
    transport::{Answer, Running, Session, reading::Reading},
};

/// Answers with a head, which goes out at once, with or without an event, and
/// goes on as a [`Subscription`].
#[expect(
    clippy::unnecessary_wraps,
    reason = "the four transports have one signature"
)]
pub(crate) fn answer(reading: Reading, framing: Framing) -> Result<Answer, Refusal> {
    let head = reply::open(framing.content_type());
    let request = reading.request.as_deref();
    if request.is_some_and(|request| request.method() == Method::HEAD) {
        return Ok(Answer::Http(head));
    }
    let (place, guard) = reading.connect();
    let encoding = match request.map(Request::version) {
        Some(Version::HTTP_10) => Encoding::Line(framing),
        _ => Encoding::Chunk(framing),
    };
    let subscription = Subscription {
        room: reading.room,
        place,
        encoding,
        heartbeat: reading.settings.heartbeat,
        _guard: guard,
    };
    Ok(Answer::Session(head, Box::new(subscription)))
}

/// A reader of lines.
#[derive(Debug)]
pub(crate) struct Subscription {
    room: Arc<Room>,
    place: Seq,
    encoding: Encoding,
    heartbeat: Duration,
    _guard: Option<PresenceGuard>,
}

impl Session for Subscription {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin((*self).follow(handover))
    }
}

impl Subscription {
    /// Serves the reader until one side leaves.
    ///
    /// The events are sent by the room, to all of its readers in one sweep. What
    /// is left to do here: a heartbeat after a long silence, by which either
    /// side finds out that the other is gone, and the last chunk.
    async fn follow(self, handover: Handover) {
        let mut subscriber = Subscriber::register(
            handover.stream,
            &self.room,
            self.encoding,
            self.place,
            self.heartbeat,
        );
        loop {
            match subscriber.woken().await {
                Woken::Readable if subscriber.drain_input() => {}
                Woken::Silent => subscriber.send(&self.encoding.heartbeat()),
                Woken::Leaving => {
                    subscriber.send(&self.encoding.end());
                    return Box::pin(subscriber.close(false)).await;
                }
                Woken::Readable | Woken::Gone => return,
            }
        }
    }
}
