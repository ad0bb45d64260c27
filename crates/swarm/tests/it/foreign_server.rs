//! A small server with a contract of its own, which can be told to be at fault.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};
use tokio_tungstenite::{accept_hdr_async, tungstenite::Message};

use crate::by_hand::{answer, field, request};

/// A fault, which mostly affects the twelfth message of each room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Lost,
    Doubled,
    /// It comes after the thirteenth.
    Late,
    /// It comes in every room.
    Everywhere,
    /// The text is another one, of the same length.
    Altered,
    /// The server sends only the tag of each message.
    TagAlone,
    /// Each event stream ends behind it.
    Cut,
    /// The server does not even send the head of a stream before there is a message.
    LateHead,
}

const FAULTY: usize = 12;

type Log = watch::Sender<Vec<String>>;

/// The server; it ends with this value.
#[derive(Debug)]
pub(crate) struct ForeignServer {
    pub(crate) address: SocketAddr,
    chat: Arc<Chat>,
    runtime: Option<Runtime>,
}

impl ForeignServer {
    pub(crate) fn start(fault: Fault) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let chat = Arc::new(Chat {
            fault,
            rooms: Mutex::default(),
        });
        let shared = Arc::clone(&chat);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let chat = Arc::clone(&shared);
                tokio::spawn(async move { talk(&chat, stream).await });
            }
        });
        Self {
            address,
            chat,
            runtime: Some(runtime),
        }
    }

    /// Returns the number of readers that wait for messages in any room.
    pub(crate) fn listening(&self) -> usize {
        let rooms = self.chat.rooms.lock().unwrap();
        rooms.values().map(|room| room.log.receiver_count()).sum()
    }

    /// Says something in every room.
    pub(crate) fn say_everywhere(&self, text: &str) {
        let rooms = self.chat.rooms.lock().unwrap();
        let push = |room: &Room| room.log.send_modify(|log| log.push(text.to_owned()));
        rooms.values().for_each(push);
    }
}

impl Drop for ForeignServer {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

#[derive(Debug)]
struct Chat {
    fault: Fault,
    rooms: Mutex<HashMap<String, Room>>,
}

#[derive(Debug, Default)]
struct Room {
    log: Log,
    said: usize,
    held_back: Option<String>,
}

impl Chat {
    fn listen(&self, room: &str) -> watch::Receiver<Vec<String>> {
        let mut rooms = self.rooms.lock().unwrap();
        rooms.entry(room.to_owned()).or_default().log.subscribe()
    }

    fn say(&self, name: &str, text: String) {
        let mut rooms = self.rooms.lock().unwrap();
        let room = rooms.entry(name.to_owned()).or_default();
        room.said += 1;
        let push = |log: &Log, text: String| log.send_modify(|log| log.push(text));
        match self.fault {
            Fault::Lost if room.said == FAULTY => {}
            Fault::Altered if room.said == FAULTY => push(&room.log, altered(&text)),
            Fault::TagAlone => push(&room.log, tag_alone(&text)),
            Fault::Late if room.said == FAULTY => room.held_back = Some(text),
            Fault::Doubled if room.said == FAULTY => {
                push(&room.log, text.clone());
                push(&room.log, text);
            }
            Fault::Everywhere if room.said == FAULTY => {
                rooms
                    .values()
                    .for_each(|room| push(&room.log, text.clone()));
            }
            _ => {
                push(&room.log, text);
                if let Some(text) = room.held_back.take() {
                    push(&room.log, text);
                }
            }
        }
    }
}

/// Returns the draft with another first letter in its text.
fn altered(draft: &str) -> String {
    let (before, text) = draft.split_once(r#""text":""#).unwrap();
    let letter = if text.starts_with('a') { 'b' } else { 'a' };
    format!(r#"{before}"text":"{letter}{}"#, &text[1..])
}

/// Returns only the tag of a draft.
fn tag_alone(draft: &str) -> String {
    let (_, tag) = draft.split_once(r#""tag":""#).unwrap();
    format!(r#"{{"tag":"{}"}}"#, &tag[..30])
}

async fn talk(chat: &Chat, mut stream: TcpStream) -> Option<()> {
    // A head is sent in one piece, and on loopback it comes in one.
    let mut head = [0; 4096];
    let size = stream.peek(&mut head).await.ok()?;
    let is_upgrade = String::from_utf8_lossy(&head[..size])
        .to_ascii_lowercase()
        .contains("upgrade: websocket");
    if is_upgrade {
        return socket(chat, stream).await;
    }
    let mut bytes = Vec::new();
    loop {
        let (head, body) = request(&mut stream, &mut bytes).await?;
        let target = head.split(' ').nth(1)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (room, way) = path.strip_prefix('/')?.split_once('/')?;
        let from = |text: &str| text.parse::<usize>().ok();
        match way {
            "say" => {
                chat.say(room, body);
                answer(&mut stream, "202 Accepted", "", "").await?;
            }
            "now" => now(chat, room, from(query.strip_prefix("from=")?)?, &mut stream).await?,
            "held" => {
                let place = field(&head, "x-from").and_then(from);
                held(chat, room, place, &mut stream).await?;
            }
            "lines" => lines(chat, room, &mut stream).await?,
            "events" => {
                let last = field(&head, "last-event-id").and_then(from).unwrap_or(0);
                events(chat, room, last, &mut stream).await?;
            }
            _ => answer(&mut stream, "404 Not Found", "", "").await?,
        }
    }
}

/// Waits for what comes behind the first `from` messages.
async fn beyond(listens: &mut watch::Receiver<Vec<String>>, from: usize) -> Option<Vec<String>> {
    let log = listens.wait_for(|log| log.len() > from).await.ok()?;
    Some(log[from..].to_vec())
}

/// Answers a short poll: messages as they are, the place in a field of the head.
async fn now(chat: &Chat, room: &str, from: usize, stream: &mut TcpStream) -> Option<()> {
    let new = chat.listen(room).borrow()[from..].to_vec();
    if new.is_empty() {
        return answer(stream, "204 No Content", "", "").await;
    }
    let place = format!("X-Next: {}\r\n", from + new.len());
    answer(stream, "200 OK", &place, &new.join("\n")).await
}

/// Answers a long poll: messages as strings in JSON, the place beside them. Who has no
/// place gets it at once.
async fn held(chat: &Chat, room: &str, from: Option<usize>, stream: &mut TcpStream) -> Option<()> {
    let mut listens = chat.listen(room);
    let (from, new) = match from {
        Some(from) => (from, beyond(&mut listens, from).await?),
        None => (0, listens.borrow().clone()),
    };
    let items: Vec<_> = new
        .iter()
        .map(|text| serde_json::json!({ "text": text }))
        .collect();
    let body =
        serde_json::json!({ "data": items, "page": { "next": from + new.len() } }).to_string();
    answer(stream, "200 OK", "", &body).await
}

/// Waits until a stream's head may be sent.
async fn open(chat: &Chat, listens: &mut watch::Receiver<Vec<String>>, from: usize) -> Option<()> {
    if chat.fault == Fault::LateHead {
        beyond(listens, from).await?;
    }
    Some(())
}

/// Sends a stream of lines that lasts as long as its connection.
async fn lines(chat: &Chat, room: &str, stream: &mut TcpStream) -> Option<()> {
    let (mut listens, mut from) = (chat.listen(room), 0);
    open(chat, &mut listens, from).await?;
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"hello\":1}\n";
    stream.write_all(head).await.ok()?;
    loop {
        let new = beyond(&mut listens, from).await?;
        for text in &new {
            let line = format!("{{\"type\":\"message\",\"payload\":{text}}}\n");
            stream.write_all(line.as_bytes()).await.ok()?;
        }
        from += new.len();
    }
}

/// Sends server-sent events as others write them: CR LF, and no blank behind a colon.
async fn events(chat: &Chat, room: &str, last: usize, stream: &mut TcpStream) -> Option<()> {
    let (mut listens, mut from) = (chat.listen(room), last);
    open(chat, &mut listens, from).await?;
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\r\n\r\n";
    stream.write_all(head).await.ok()?;
    loop {
        for text in beyond(&mut listens, from).await? {
            from += 1;
            let event = format!("id:{from}\r\ndata:{text}\r\n\r\n");
            stream.write_all(event.as_bytes()).await.ok()?;
            // Its end closes the connection.
            (chat.fault != Fault::Cut || from != FAULTY).then_some(())?;
        }
    }
}

/// Serves a WebSocket that greets, and sends binary frames.
#[expect(clippy::result_large_err, reason = "the signature is the library's")]
async fn socket(chat: &Chat, stream: TcpStream) -> Option<()> {
    let mut path = String::new();
    let note = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    let socket = accept_hdr_async(stream, note).await.ok()?;
    let (room, _) = path.strip_prefix('/')?.split_once('/')?;
    let (mut up, mut down) = socket.split();
    up.send(Message::text("welcome")).await.ok()?;
    let (mut listens, mut from) = (chat.listen(room), 0);
    loop {
        tokio::select! {
            new = beyond(&mut listens, from) => {
                for text in new? {
                    from += 1;
                    up.send(Message::binary(text.into_bytes())).await.ok()?;
                }
            }
            frame = down.next() => match frame?.ok()? {
                Message::Text(text) => chat.say(room, text.to_string()),
                Message::Close(_) => return up.close().await.ok(),
                _ => {}
            },
        }
    }
}
