//! WebSocket: a frame an event, and drafts come back on the same socket.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::consume_budget;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        WebSocketContext,
        frame::{CloseFrame, coding::CloseCode},
    },
};
use wire::{Kind, Said, Seq, Transport, codec};

use crate::{
    connection::{Session, Taken},
    http::{refusal::Refusal, reply::Answer, upgrade},
    room::{
        Room,
        entry::{Shape, text_frame},
        live::{Live, Woken},
        presence::Stay,
        say::say,
    },
    settings::Settings,
    transport::reading::Reading,
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
    Ok(Answer::Session(reply, Session::Room(conversation)))
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

impl Conversation {
    /// Talks until one side leaves. The events are sent by the room, to all of
    /// its readers in one sweep; drafts are heard here.
    pub(crate) async fn run(self, taken: Taken) {
        let Taken { stream, early } = taken;
        let heartbeat = self.settings.heartbeat;
        let mut live = Live::sit(stream, &self.room, Shape::Frame, self.place, heartbeat);
        let mut hearing = upgrade::hearing(early, self.settings.draft_limit());
        let farewell = self.talk(&mut live, &mut hearing).await;
        upgrade::part(live, hearing, farewell).await;
    }

    async fn talk(&self, live: &mut Live, hearing: &mut WebSocketContext) -> Option<CloseFrame> {
        loop {
            // Who speaks without a pause may not keep the thread to itself.
            consume_budget().await;
            match upgrade::hear(live, hearing) {
                Some(Ok(Message::Text(json))) => {
                    if let Some(answer) = self.hear(json.as_bytes()) {
                        live.send(&answer);
                    }
                    continue;
                }
                Some(Ok(Message::Binary(_))) => {
                    let why = "drafts are JSON in text frames";
                    return upgrade::farewell(CloseCode::Unsupported, why);
                }
                Some(Ok(Message::Close(_))) => return None,
                // Pings are answered by tungstenite as we read on.
                Some(Ok(_)) => continue,
                Some(Err(error)) => return upgrade::fault(&error),
                None => {}
            }
            match live.woken().await {
                Woken::Heard => {}
                Woken::Silent => live.send(&Shape::Frame.heartbeat()),
                Woken::Leaving => {
                    return upgrade::farewell(CloseCode::Away, "the server is leaving");
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
            Err(refusal) => refusal.frame(),
        };
        Some(text_frame(&answer))
    }
}
