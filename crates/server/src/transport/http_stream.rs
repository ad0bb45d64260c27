//! HTTP stream: one answer that does not end, a line for each event.

use std::sync::Arc;

use hyper::{Method, Request, Version};
use tokio::sync::watch;
use wire::Framing;

use crate::{
    http::{coding, refusal::Refusal, reply},
    net::handover::Handover,
    room::{
        Room,
        coder::Coder,
        entry::Encoding,
        log::Start,
        presence::PresenceGuard,
        subscriber::{Subscriber, Woken},
    },
    settings::Settings,
    transport::{Answer, Running, Session, reading::Reading},
};

/// Answers with a head, which goes out at once, with or without an event, and
/// goes on as a [`Subscription`].
#[expect(
    clippy::unnecessary_wraps,
    reason = "the four transports have one signature"
)]
pub(crate) fn answer(reading: Reading, framing: Framing) -> Result<Answer, Refusal> {
    let mut head = reply::open(framing.content_type());
    coding::describe(head.headers_mut(), reading.coding, &reading.settings);
    let request = reading.request.as_deref();
    if request.is_some_and(|request| request.method() == Method::HEAD) {
        return Ok(Answer::Http(head));
    }
    // HTTP/2 has frames of its own.
    let version = request.map(Request::version);
    let chunked = !matches!(version, Some(Version::HTTP_10 | Version::HTTP_2));
    let coder = reading
        .coding
        .map(|coding| Box::new(Coder::stream(coding, chunked)));
    // A coder makes the chunks itself.
    let chunked = chunked && coder.is_none();
    let encoding = match framing {
        Framing::Sse if reading.query.ids => Encoding::Placed {
            chunked,
            epoch: reading.room.epoch(),
        },
        framing if chunked => Encoding::Chunk(framing),
        framing => Encoding::Line(framing),
    };
    let mut subscription = Subscription::new(reading, encoding);
    subscription.coder = coder;
    Ok(Answer::Session(head, Box::new(subscription)))
}

/// A reader of lines.
#[derive(Debug)]
pub(crate) struct Subscription {
    room: Arc<Room>,
    start: Start,
    encoding: Encoding,
    /// The compressor of this reader's stream, if it asked for one.
    coder: Option<Box<Coder>>,
    settings: Arc<Settings>,
    guard: Option<PresenceGuard>,
}

impl Session for Subscription {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin((*self).follow(handover))
    }
}

impl Subscription {
    /// Makes the subscription of a reader, who is present from now on.
    pub(crate) fn new(reading: Reading, encoding: Encoding) -> Self {
        let (start, guard) = reading.connect();
        Self {
            room: reading.room,
            start,
            encoding,
            coder: None,
            settings: reading.settings,
            guard,
        }
    }

    /// Serves the reader until one side leaves.
    ///
    /// The events are sent by the room, to all of its readers in one sweep. Two tasks are left
    /// here: a heartbeat after a long silence, so that either side finds out that the other is
    /// gone, and the last chunk.
    async fn follow(self, handover: Handover) {
        let mut subscriber = Subscriber::register_coded(
            handover.stream,
            &self.room,
            (self.encoding, self.coder),
            self.start,
            &self.settings,
        );
        subscriber.ends_with(self.guard.as_ref());
        loop {
            match subscriber.woken().await {
                Woken::Readable if subscriber.drain_input() => {}
                Woken::Silent => subscriber.send_coded(&self.encoding.heartbeat()),
                Woken::Leaving | Woken::SentOut => {
                    subscriber.send_end(&self.encoding.end());
                    return Box::pin(subscriber.close(false)).await;
                }
                Woken::Readable | Woken::Gone => return,
            }
        }
    }
}
