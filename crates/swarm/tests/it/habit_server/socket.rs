//! The WebSocket of the server, with and without a greeting.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{
            Role,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::{Chat, Habit, beyond};
use crate::by_hand::field;

/// The longest time that a pong may take: enough on a busy machine, and less than a run takes, in
/// which a client that does not answer must be noticed.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The payload of a ping between fragments.
const PING: &str = "between";

impl Chat {
    pub(super) async fn socket(&self, mut stream: TcpStream, head: &str, room: &str) -> Option<()> {
        let accept = derive_accept_key(field(head, "sec-websocket-key")?.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 X\r\nUPGRADE: WebSocket\r\nConnection: keep-alive\r\n\
             connection: foo, upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let answer = match self.habit {
            Habit::BlankColons => answer.replace(": ", " : "),
            Habit::Folded => answer.replace(": ", ":\r\n "),
            _ => answer,
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        if self.habit == Habit::CloseBare {
            return socket.close(None).await.ok();
        }
        let mut room = room.to_owned();
        if matches!(self.habit, Habit::Subscribe | Habit::EarlyPing) {
            room = self.greet(&mut socket).await?;
        }
        let (mut up, mut down) = socket.split();
        let mut listens = self.log(&room).subscribe();
        let mut from = 0;
        loop {
            tokio::select! {
                new = beyond(&mut listens, from) => {
                    for text in new? {
                        from += 1;
                        for frame in self.frames(json!({ "data": text }).to_string()) {
                            up.send(frame).await.ok()?;
                        }
                    }
                }
                frame = down.next() => match frame?.ok()? {
                    Message::Text(text) => {
                        let said: Json = serde_json::from_str(&text).ok()?;
                        self.say(said["to"].as_str()?, said["publish"].to_string());
                    }
                    Message::Close(_) => return up.close().await.ok(),
                    Message::Pong(payload) if payload == PING => {
                        self.pongs.fetch_add(1, Ordering::Relaxed);
                    }
                    _ => {}
                },
            }
        }
    }

    /// Returns the frames of a message. Fragments may end within a character.
    fn frames(&self, text: String) -> Vec<Message> {
        if self.habit != Habit::Fragments {
            return vec![Message::text(text)];
        }
        let (first, rest) = text.as_bytes().split_at(text.len() / 3);
        let (second, third) = rest.split_at(rest.len() / 2);
        let part = |bytes: &[u8], kind: Data, is_last: bool| {
            Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), is_last))
        };
        vec![
            part(first, Data::Text, false),
            Message::Ping(PING.into()),
            part(second, Data::Continue, false),
            part(third, Data::Continue, true),
        ]
    }

    /// Exchanges init, acknowledgement, the room, and a ping with its pong.
    async fn greet(&self, socket: &mut WebSocketStream<TcpStream>) -> Option<String> {
        let hear = async |socket: &mut WebSocketStream<TcpStream>| -> Option<Json> {
            serde_json::from_str(socket.next().await?.ok()?.to_text().ok()?).ok()
        };
        (hear(socket).await?["type"] == "init").then_some(())?;
        if self.habit == Habit::EarlyPing {
            let ping = Message::text(r#"{"n":40,"type":"ping"}"#);
            socket.send(ping).await.ok()?;
            let answer = timeout(PATIENCE, hear(socket)).await.ok()??;
            (answer["pong"] == 40).then_some(())?;
        }
        socket
            .send(Message::text(r#"{"type":"ack","more":1}"#))
            .await
            .ok()?;
        let room = hear(socket).await?["subscribe"].as_str()?.to_owned();
        socket
            .send(Message::text(r#"{"n":41,"type":"ping"}"#))
            .await
            .ok()?;
        // A draft may not come before: people speak when all are there.
        let pong = timeout(PATIENCE, hear(socket)).await.ok()??;
        (pong["pong"] == 41).then_some(())?;
        self.pongs.fetch_add(1, Ordering::Relaxed);
        Some(room)
    }
}
