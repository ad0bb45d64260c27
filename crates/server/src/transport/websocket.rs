//! WebSocket: a frame for each event, and drafts come back on the same socket.

mod reader;

use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use tokio::{sync::watch, task::consume_budget, time::timeout};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{CloseFrame, coding::CloseCode},
};
use wire::{Kind, Said, codec, deflate::offer::Agreement};

use crate::{
    address::Address,
    http::{refusal::Refusal, upgrade},
    net::{counters::Limit, handover::Handover, shutdown::shutdown_signalled, web_socket},
    room::{
        Room,
        coder::Coder,
        entry::{Encoding, text_frame},
        log::Start,
        presence::PresenceGuard,
        say::{Speaker, speak},
        subscriber::{Subscriber, Woken},
        wrapping::{Carrier, Wrapping},
    },
    settings::Settings,
    transport::{Answer, Running, Session, reading::Reading, websocket::reader::Reader},
};

/// The time that a client has to answer the close frame by which it makes room.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers with 101, or over HTTP/2 with 200, and goes on as a [`Conversation`].
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let request = reading.request.as_deref().ok_or(Refusal::NoUpgrade)?;
    let mut reply = upgrade::accept(request, &reading.settings)?;
    let deflate = upgrade::deflate(request, &reading.settings, &mut reply);
    let (start, guard) = reading.connect();
    let conversation = Conversation {
        room: reading.room,
        start,
        address: reading.address,
        ack: reading.query.ack,
        person: reading.query.person,
        settings: reading.settings,
        deflate,
        guard: guard.map(Box::new),
    };
    Ok(Answer::Session(reply, Box::new(conversation)))
}

/// A reader, and perhaps speaker, on a WebSocket.
#[derive(Debug)]
pub(crate) struct Conversation {
    room: Arc<Room>,
    start: Start,
    address: Address,
    ack: bool,
    person: Option<String>,
    settings: Arc<Settings>,
    /// The compression that the handshake agreed on.
    deflate: Option<Agreement>,
    /// The presence of a reader with a name; boxed, because most have none.
    guard: Option<Box<PresenceGuard>>,
}

impl Session for Conversation {
    fn run(self: Box<Self>, handover: Handover, mut leaving: watch::Receiver<bool>) -> Running {
        // Without evictions a reader learns from its room that the server is leaving.
        let evicted: Option<Running> = self
            .settings
            .evict
            .then(|| Box::pin(async move { shutdown_signalled(&mut leaving).await }) as Running);
        let mut talk = Talk::new(*self, handover, evicted);
        // No `async fn`, which would keep room for its arguments twice. What comes seldom, or at the
        // very end, is boxed.
        Box::pin(async move {
            let close_frame = talk.go_on().await;
            Box::pin(talk.close(close_frame)).await;
        })
    }

    fn hears_drafts(&self) -> bool {
        true
    }
}

/// A conversation under way. The events are sent by the room, to all of its readers in one sweep;
/// drafts are received here.
struct Talk {
    reader: Reader,
    // The seat is left before the person leaves.
    subscriber: Subscriber,
    evicted: Option<Running>,
    conversation: Conversation,
}

impl Talk {
    /// Gives a reader its seat.
    fn new(conversation: Conversation, handover: Handover, evicted: Option<Running>) -> Self {
        let Handover { stream, early } = handover;
        let Conversation {
            room,
            start,
            settings,
            deflate,
            guard,
            ..
        } = &conversation;
        let coded = encoding(*deflate);
        let mut subscriber = Subscriber::register_coded(stream, room, coded, *start, settings);
        subscriber.ends_with(guard.as_deref());
        Self {
            reader: Reader::new(early, *deflate, settings.draft_limit()),
            subscriber,
            evicted,
            conversation,
        }
    }

    /// Talks until one side leaves. Returns the close frame with which it ends; `None` where the
    /// client has sent one, or is gone.
    fn go_on(&mut self) -> impl Future<Output = Option<CloseFrame>> + Send {
        let Self {
            reader,
            subscriber,
            evicted,
            conversation,
        } = self;
        conversation.talk(subscriber, reader, evicted)
    }

    /// Closes the WebSocket, in the order of [`web_socket::close`].
    async fn close(self, close_frame: Option<CloseFrame>) {
        let Self {
            mut reader,
            subscriber,
            conversation,
            ..
        } = self;
        reader.close(&subscriber, close_frame);
        drop(reader);
        subscriber.close(true).await;
        drop(conversation);
    }
}

impl Conversation {
    /// Tells a client that its connection makes room for another, and still takes the drafts that
    /// the client had sent before it knew: a close frame ends what its sender says, and not what
    /// its sender hears (RFC 6455, section 5.5.1).
    async fn make_room(&self, subscriber: &mut Subscriber, reader: &mut Reader) {
        let why = "another connection takes your place; come back later";
        let frame = web_socket::close_frame(CloseCode::Again, why);
        // What cannot be written shows when we read.
        reader.close(subscriber, frame);
        let rest = async {
            loop {
                consume_budget().await;
                match reader.hear(subscriber) {
                    // Nothing may follow the close frame, and so no answer does.
                    Some(Ok(Message::Text(json))) => drop(self.hear(json.as_bytes()).await),
                    Some(Ok(Message::Close(_)) | Err(_)) => return,
                    Some(Ok(_)) => {}
                    None => match subscriber.woken().await {
                        Woken::Readable | Woken::Silent => {}
                        Woken::SentOut | Woken::Leaving | Woken::Gone => return,
                    },
                }
            }
        };
        let _ = timeout(PATIENCE, rest).await;
    }

    async fn talk(
        &self,
        subscriber: &mut Subscriber,
        reader: &mut Reader,
        evicted: &mut Option<Running>,
    ) -> Option<CloseFrame> {
        let mut pings = 0;
        loop {
            // A client that speaks without a pause must not keep the thread to itself.
            consume_budget().await;
            let heard = reader.hear(subscriber);
            if heard.is_some() {
                pings = 0;
            }
            match heard {
                Some(Ok(Message::Text(json))) => {
                    // Boxed, as few speak.
                    if let Some(answer) = Box::pin(self.hear(json.as_bytes())).await {
                        subscriber.send(&answer);
                    }
                    continue;
                }
                Some(Ok(Message::Binary(_))) => {
                    let why = "drafts are JSON in text frames";
                    return web_socket::close_frame(CloseCode::Unsupported, why);
                }
                Some(Ok(Message::Close(_))) => return None,
                // Pings are answered by tungstenite as we read on.
                Some(Ok(_)) => continue,
                Some(Err(error)) => return web_socket::fault(&error),
                None => {}
            }
            let woken = match next(subscriber, evicted).await {
                Next::Woken(woken) => woken,
                // The server is leaving: the room tells that itself, once everything is sent.
                Next::Evicted if self.room.is_closed() => continue,
                Next::Evicted => {
                    // Boxed, as few need it.
                    Box::pin(self.make_room(subscriber, reader)).await;
                    return None;
                }
            };
            match woken {
                Woken::Readable => {}
                Woken::Silent if pings >= self.settings.max_pings => {
                    if let Some(counters) = &self.settings.counters {
                        counters.end(Limit::Pings);
                    }
                    let why = "no ping was answered; come back when you can";
                    return web_socket::close_frame(CloseCode::Policy, why);
                }
                Woken::Silent => {
                    pings += 1;
                    subscriber.send(&Encoding::Frame.heartbeat());
                }
                Woken::SentOut => {
                    let why = "the teacher has sent you out";
                    return web_socket::close_frame(CloseCode::Policy, why);
                }
                Woken::Leaving => {
                    let why = "the server is leaving";
                    return web_socket::close_frame(CloseCode::Away, why);
                }
                Woken::Gone => return None,
            }
        }
    }

    /// Puts a draft that was received into the room, and returns the frame that
    /// answers it, if any.
    async fn hear(&self, json: &[u8]) -> Option<Bytes> {
        let speaker = Speaker {
            person: self.person.as_deref(),
            address: self.address,
        };
        let answer = match speak(&self.room, &self.settings, speaker, json).await {
            Ok(_) if !self.ack => return None,
            Ok(said) => codec::encode(&Said {
                kind: Some(Kind::Said),
                ..said
            }),
            // A bad draft is its speaker's business: the connection stays.
            Err(reason) => reason.frame(),
        };
        Some(text_frame(&answer))
    }
}

/// The event that a conversation waits for.
enum Next {
    Woken(Woken),
    /// The connection is to make room for another, or the server is leaving.
    Evicted,
}

/// Waits until there is something to do. Returns [`Next::Evicted`] only once.
async fn next(subscriber: &mut Subscriber, evicted: &mut Option<Running>) -> Next {
    poll_fn(|context| {
        if let Some(signal) = evicted
            && signal.as_mut().poll(context).is_ready()
        {
            *evicted = None;
            return Poll::Ready(Next::Evicted);
        }
        subscriber.poll_woken(context).map(Next::Woken)
    })
    .await
}

/// Returns how events go to a reader with this agreement.
fn encoding(deflate: Option<Agreement>) -> (Encoding, Option<Box<Coder>>) {
    match deflate {
        None => (Encoding::Frame, None),
        Some(agreement) if agreement.server_keeps => (
            Encoding::Wrapped(Wrapping::Alone, Carrier::Bare),
            Some(Box::new(Coder::frames())),
        ),
        Some(_) => (Encoding::Wrapped(Wrapping::Json, Carrier::Deflated), None),
    }
}
