//! WebSocket: a frame an event, and drafts come back on the same socket.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{CloseFrame, coding::CloseCode},
};
use wire::{Kind, Said, Seq, Transport, codec};

use crate::{
    connection::Session,
    entry::text_frame,
    pieces::Pieces,
    presence::Stay,
    reading::Reading,
    refusal::Refusal,
    reply::Answer,
    room::Room,
    say::say,
    settings::Settings,
    upgrade::{self, Socket, Upgrade},
};

/// Answers with 101, and goes on as a [`Conversation`].
#[expect(
    clippy::unused_async,
    reason = "the four transports have one signature, and this one waits in its session"
)]
pub(crate) async fn answer(mut reading: Reading) -> Result<Answer, Refusal> {
    let (reply, upgrade) = upgrade::accept(&mut reading.request, &reading.settings)?;
    let (place, stay) = reading.connect(Transport::Websocket);
    let conversation = Conversation {
        upgrade,
        room: reading.room,
        place,
        ack: reading.query.ack,
        settings: reading.settings,
        _stay: stay,
    };
    Ok(Answer::Upgrade(reply, Session::Room(conversation)))
}

/// A reader, and perhaps speaker, on a WebSocket.
#[derive(Debug)]
pub(crate) struct Conversation {
    upgrade: Upgrade,
    room: Arc<Room>,
    place: Seq,
    ack: bool,
    settings: Arc<Settings>,
    _stay: Option<Stay>,
}

impl Conversation {
    /// Talks until one side leaves.
    ///
    /// One task both sends and hears. So while a reader's socket takes no more,
    /// its drafts are not heard either, and wait on its own side: whoever does
    /// not listen cannot shout. Others wait for neither.
    pub(crate) async fn run(mut self) {
        let limit = self.settings.draft_limit();
        let Some(mut socket) = self.upgrade.socket(limit).await else {
            return;
        };
        let farewell = self.talk(&mut socket).await;
        upgrade::close(socket, farewell).await;
    }

    async fn talk(&mut self, socket: &mut Socket) -> Option<CloseFrame> {
        let heartbeat = self.settings.heartbeat;
        let mut silence = pin!(sleep(heartbeat));
        loop {
            let sent = tokio::select! {
                heard = socket.next() => match heard? {
                    Ok(Message::Text(json)) => match self.hear(json.as_bytes()) {
                        Some(answer) => upgrade::send(socket, answer).await,
                        None => continue,
                    },
                    Ok(Message::Binary(_)) => return upgrade::farewell(
                        CloseCode::Unsupported, "drafts are JSON in text frames"),
                    Ok(Message::Close(_)) => return None,
                    // Pings are answered by tungstenite as we read on.
                    Ok(_) => continue,
                    Err(error) => return upgrade::fault(&error),
                },
                view = self.room.wait_after(self.place) => match view {
                    Some(view) => {
                        self.place = view.next;
                        upgrade::send(socket, view.frames()).await
                    }
                    None => return upgrade::farewell(CloseCode::Away, "the server is leaving"),
                },
                () = &mut silence => socket.send(Message::Ping(Bytes::new())).await,
            };
            sent.ok()?;
            silence.as_mut().reset(Instant::now() + heartbeat);
        }
    }

    /// Says what was heard, and gives back what is to be answered.
    fn hear(&self, json: &[u8]) -> Option<Pieces> {
        let answer = match say(&self.room, &self.settings, json) {
            Ok(_) if !self.ack => return None,
            Ok(said) => codec::encode(&Said {
                kind: Some(Kind::Said),
                ..said
            }),
            // A bad draft is its speaker's business: the connection stays.
            Err(refusal) => refusal.frame(),
        };
        Some(text_frame(&answer).into())
    }
}
