//! HTTP stream: one answer that does not end, an event a line.

use std::{sync::Arc, time::Duration};

use hyper::{Method, Request, Version};
use tokio::sync::watch;
use wire::{Seq, Transport};

use crate::{
    http::{refusal::Refusal, reply},
    net::handover::Handover,
    room::{
        Room,
        entry::Shape,
        live::{Live, Woken},
        presence::Stay,
    },
    transport::{Answer, Running, Session, reading::Reading},
};

/// Answers with a head, which goes out at once, with or without an event; and
/// goes on as a [`Subscription`].
#[expect(
    clippy::unnecessary_wraps,
    reason = "the four transports have one signature"
)]
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let head = reply::open(reading.framing.content_type());
    let request = reading.request.as_deref();
    if request.is_some_and(|request| request.method() == Method::HEAD) {
        return Ok(Answer::Http(head));
    }
    let (place, stay) = reading.connect(Transport::HttpStream);
    let shape = match request.map(Request::version) {
        Some(Version::HTTP_10) => Shape::Line(reading.framing),
        _ => Shape::Chunk(reading.framing),
    };
    let subscription = Subscription {
        room: reading.room,
        place,
        shape,
        heartbeat: reading.settings.heartbeat,
        _stay: stay,
    };
    Ok(Answer::Session(head, Box::new(subscription)))
}

/// A reader of lines.
#[derive(Debug)]
pub(crate) struct Subscription {
    room: Arc<Room>,
    place: Seq,
    shape: Shape,
    heartbeat: Duration,
    _stay: Option<Stay>,
}

impl Session for Subscription {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin((*self).follow(handover))
    }
}

impl Subscription {
    /// Reads on until one side leaves.
    ///
    /// The events are sent by the room, to all of its readers in one sweep. What
    /// is left to do here: a heartbeat after a long silence, by which either
    /// side finds out that the other is gone, and the last chunk.
    async fn follow(self, handover: Handover) {
        let mut live = Live::sit(
            handover.stream,
            &self.room,
            self.shape,
            self.place,
            self.heartbeat,
        );
        loop {
            match live.woken().await {
                Woken::Heard if live.overhear() => {}
                Woken::Silent => live.send(&self.shape.heartbeat()),
                Woken::Leaving => {
                    live.send(&self.shape.end());
                    return Box::pin(live.part(false)).await;
                }
                Woken::Heard | Woken::Gone => return,
            }
        }
    }
}
