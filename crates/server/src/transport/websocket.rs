//! WebSocket: a frame for each event, and drafts come back on the same socket.

use std::{future::poll_fn, io, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use tokio::{sync::watch, task::consume_budget, time::timeout};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{
        WebSocketContext,
        frame::{CloseFrame, coding::CloseCode},
    },
};
use wire::{
    Kind, Said, codec,
    deflate::{Inflater, frames::Incoming, offer::Agreement},
};

use crate::{
    address::Address,
    http::{refusal::Refusal, upgrade},
    net::{handover::Handover, shutdown::shutdown_signalled, web_socket},
    room::{
        Room,
        coder::Coder,
        entry::{Encoding, text_frame},
        log::Start,
        presence::PresenceGuard,
        say::{Speaker, speak},
        socket_io::Inflated,
        subscriber::{Subscriber, Woken},
        wrapping::{Carrier, Wrapping},
    },
    settings::Settings,
    transport::{Answer, Running, Session, reading::Reading},
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
        guard,
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
    guard: Option<PresenceGuard>,
}

impl Session for Conversation {
    fn run(self: Box<Self>, handover: Handover, mut leaving: watch::Receiver<bool>) -> Running {
        // Without evictions a reader learns from its room that the server is leaving.
        let evicted: Option<Running> = self
            .settings
            .evict
            .then(|| Box::pin(async move { shutdown_signalled(&mut leaving).await }) as Running);
        Box::pin((*self).converse(handover, evicted))
    }

    fn hears_drafts(&self) -> bool {
        true
    }
}

impl Conversation {
    /// Serves the reader until one side leaves. The events are sent by the
    /// room, to all of its readers in one sweep; drafts are received here.
    async fn converse(self, handover: Handover, mut evicted: Option<Running>) {
        let Handover { stream, early } = handover;
        let coded = encoding(self.deflate);
        let mut subscriber =
            Subscriber::register_coded(stream, &self.room, coded, self.start, &self.settings);
        subscriber.ends_with(self.guard.as_ref());
        let mut reader = Reader::new(early, self.deflate, self.settings.draft_limit());
        let close_frame = self.talk(&mut subscriber, &mut reader, &mut evicted).await;
        close(subscriber, reader.context, close_frame).await;
    }

    /// Tells a client that its connection makes room for another, and still hears what it had sent
    /// until it knew of it: a close frame ends what its sender says, and not what it hears (RFC
    /// 6455, section 5.5.1).
    async fn make_room(&self, subscriber: &mut Subscriber, reader: &mut Reader) {
        let why = "another connection takes your place; come back later";
        let frame = web_socket::close_frame(CloseCode::Again, why);
        // What cannot be written shows when we read.
        let _ = reader.context.close(&mut subscriber.socket_io(), frame);
        let rest = async {
            loop {
                consume_budget().await;
                match hear(subscriber, reader) {
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
            // Who speaks without a pause may not keep the thread to itself.
            consume_budget().await;
            let heard = hear(subscriber, reader);
            if heard.is_some() {
                pings = 0;
            }
            match heard {
                Some(Ok(Message::Text(json))) => {
                    if let Some(answer) = self.hear(json.as_bytes()).await {
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
                // The room says so itself, once everything is sent.
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

/// Waits until there is something to do. `evicted` is told once.
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

/// The reading half of a WebSocket.
struct Reader {
    context: WebSocketContext,
    /// The frames as they come compressed; boxed, as most clients send none.
    incoming: Option<Box<Incoming>>,
}

impl Reader {
    /// Makes the reading half of a connection that brought `early` bytes already, for messages of
    /// up to `limit` bytes.
    fn new(early: Vec<u8>, deflate: Option<Agreement>, limit: usize) -> Self {
        let Some(agreement) = deflate else {
            let context = web_socket::reader(early, limit);
            return Self {
                context,
                incoming: None,
            };
        };
        let mut incoming = Incoming::new(Inflater::new(agreement.client_keeps, limit));
        incoming.push(&early);
        Self {
            context: web_socket::reader(Vec::new(), limit),
            incoming: Some(Box::new(incoming)),
        }
    }

    fn read(&mut self, subscriber: &Subscriber) -> Result<Message, Error> {
        let socket = subscriber.socket_io();
        match &mut self.incoming {
            None => self.context.read(&mut { socket }),
            Some(incoming) => self.context.read(&mut Inflated { socket, incoming }),
        }
    }
}

/// Returns the next message, if one is there and the socket took all that was
/// written: a client that does not read is not read from.
fn hear(subscriber: &Subscriber, reader: &mut Reader) -> Option<Result<Message, Error>> {
    if !subscriber.is_free() {
        return None;
    }
    match reader.read(subscriber) {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
        read => Some(read),
    }
}

/// Closes a reader's WebSocket, in the order of [`web_socket::close`].
async fn close(
    subscriber: Subscriber,
    mut reader: WebSocketContext,
    close_frame: Option<CloseFrame>,
) {
    // Errors show when the rest is written: this does not wait.
    let _ = match close_frame {
        Some(frame) => reader.close(&mut subscriber.socket_io(), Some(frame)),
        None => reader.flush(&mut subscriber.socket_io()),
    };
    drop(reader);
    // Boxed, as it is not needed before the very end.
    Box::pin(subscriber.close(true)).await;
}
