//! HTTP stream: one answer that does not end, a line for each event.

use std::sync::Arc;

use hyper::{Method, Request, Version};
use tokio::sync::watch;
use wire::Framing;

use crate::{
    http::{coding, refusal::Refusal, reply},
    net::{handover::Handover, stream::Stream},
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
        let mut follower = Follower::new(*self, handover.stream);
        // No `async fn`, which would keep room for its arguments twice.
        Box::pin(async move {
            loop {
                match follower.woken().await {
                    Woken::Readable if follower.subscriber.drain_input() => {}
                    Woken::Silent => {
                        let heartbeat = follower.encoding.heartbeat();
                        follower.subscriber.send_coded(&heartbeat);
                    }
                    Woken::Leaving | Woken::SentOut => return Box::pin(follower.end()).await,
                    Woken::Readable | Woken::Gone => return,
                }
            }
        })
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
}

/// A reader of lines in its seat, and its connection.
///
/// The events are sent by the room, to all of its readers in one sweep. Two tasks are left here: a
/// heartbeat after a long silence, so that either side finds out that the other is gone, and the
/// last chunk.
struct Follower {
    // The seat is left before the person leaves.
    subscriber: Subscriber,
    encoding: Encoding,
    /// The presence of a reader with a name; boxed, because most have none.
    guard: Option<Box<PresenceGuard>>,
}

impl Follower {
    /// Gives a reader its seat.
    fn new(subscription: Subscription, stream: Stream) -> Self {
        let Subscription {
            room,
            start,
            encoding,
            coder,
            settings,
            guard,
        } = subscription;
        let coded = (encoding, coder);
        let mut subscriber = Subscriber::register_coded(stream, &room, coded, start, &settings);
        subscriber.ends_with(guard.as_ref());
        Self {
            subscriber,
            encoding,
            guard: guard.map(Box::new),
        }
    }

    /// Waits until there is something to do.
    fn woken(&mut self) -> impl Future<Output = Woken> + Send {
        self.subscriber.woken()
    }

    /// Ends the stream from the server's side.
    async fn end(self) {
        let Self {
            subscriber,
            encoding,
            guard,
        } = self;
        subscriber.send_end(&encoding.end());
        subscriber.close(false).await;
        drop(guard);
    }
}
