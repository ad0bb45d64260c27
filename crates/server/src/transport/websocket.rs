//! WebSocket: a frame an event, and drafts come back on the same socket.

use std::{io, sync::Arc};

use bytes::Bytes;
use tokio::{sync::watch, task::consume_budget};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{
        WebSocketContext,
        frame::{CloseFrame, coding::CloseCode},
    },
};
use wire::{Kind, Said, Seq, Transport, codec};

use crate::{
    http::{refusal::Refusal, upgrade},
    net::{handover::Handover, web_socket},
    room::{
        Room,
        entry::{Shape, text_frame},
        live::{Live, Woken},
        presence::Stay,
        say::say,
    },
    settings::Settings,
    transport::{Answer, Running, Session, reading::Reading},
};

/// Answers with 101, and goes on as a [`Conversation`].
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let request = reading.request.as_deref().ok_or(Refusal::NoUpgrade)?;
    let reply = upgrade::accept(request, &reading.settings)?;
    let (place, stay) = reading.connect(Transport::Websocket);
    let conversation = Conversation {
        room: reading.room,
        place,
        ack: reading.query.ack,
        person: reading.query.person,
        settings: reading.settings,
        _stay: stay,
    };
    Ok(Answer::Session(reply, Box::new(conversation)))
}

/// A reader, and perhaps speaker, on a WebSocket.
#[derive(Debug)]
pub(crate) struct Conversation {
    room: Arc<Room>,
    place: Seq,
    ack: bool,
    person: Option<String>,
    settings: Arc<Settings>,
    _stay: Option<Stay>,
}

impl Session for Conversation {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin((*self).converse(handover))
    }
}

impl Conversation {
    /// Talks until one side leaves. The events are sent by the room, to all of
    /// its readers in one sweep; drafts are heard here.
    async fn converse(self, handover: Handover) {
        let Handover { stream, early } = handover;
        let heartbeat = self.settings.heartbeat;
        let mut live = Live::sit(stream, &self.room, Shape::Frame, self.place, heartbeat);
        let mut hearing = web_socket::hearing(early, self.settings.draft_limit());
        let farewell = self.talk(&mut live, &mut hearing).await;
        part(live, hearing, farewell).await;
    }

    async fn talk(&self, live: &mut Live, hearing: &mut WebSocketContext) -> Option<CloseFrame> {
        loop {
            // Who speaks without a pause may not keep the thread to itself.
            consume_budget().await;
            match hear(live, hearing) {
                Some(Ok(Message::Text(json))) => {
                    if let Some(answer) = self.hear(json.as_bytes()) {
                        live.send(&answer);
                    }
                    continue;
                }
                Some(Ok(Message::Binary(_))) => {
                    let why = "drafts are JSON in text frames";
                    return web_socket::farewell(CloseCode::Unsupported, why);
                }
                Some(Ok(Message::Close(_))) => return None,
                // Pings are answered by tungstenite as we read on.
                Some(Ok(_)) => continue,
                Some(Err(error)) => return web_socket::fault(&error),
                None => {}
            }
            match live.woken().await {
                Woken::Heard => {}
                Woken::Silent => live.send(&Shape::Frame.heartbeat()),
                Woken::Leaving => {
                    return web_socket::farewell(CloseCode::Away, "the server is leaving");
                }
                Woken::Gone => return None,
            }
        }
    }

    /// Says what was heard, and gives back what is to be answered.
    fn hear(&self, json: &[u8]) -> Option<Bytes> {
        let answer = match say(&self.room, &self.settings, self.person.as_deref(), json) {
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

/// The next message, if one is there and the client listens: whoever does not
/// cannot shout.
fn hear(live: &Live, hearing: &mut WebSocketContext) -> Option<Result<Message, Error>> {
    if !live.is_free() {
        return None;
    }
    match hearing.read(&mut live.wire()) {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
        heard => Some(heard),
    }
}

/// Closes a reader's WebSocket, in the order of [`web_socket::close`].
async fn part(live: Live, mut hearing: WebSocketContext, farewell: Option<CloseFrame>) {
    // Errors show when the rest is written: this does not wait.
    let _ = match farewell {
        Some(frame) => hearing.close(&mut live.wire(), Some(frame)),
        None => hearing.flush(&mut live.wire()),
    };
    drop(hearing);
    // Boxed, as it is not needed before the very end.
    Box::pin(live.part(true)).await;
}
