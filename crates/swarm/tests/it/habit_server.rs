//! A small chat server with one habit at a time that is its right, or that is
//! hostile.

mod form;
mod reads;
mod socket;

use std::{
    collections::HashMap,
    io::Write,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value as Json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
    time::timeout,
};

use self::form::{published, unescaped};
use crate::by_hand::{field, request};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    None,
    /// Closes a connection that was idle for a quarter of a second.
    ShortPatience,
    /// Refuses a POST that does not tell its length.
    NeedsLength,
    Gzip,
    /// HTTP/1.0: no length, closes behind each answer.
    OldHttp,
    /// Places have blanks, signs and more digits than 64 bits have.
    OddPlace,
    /// Answers are bare lists, and the last item's id is the place.
    List,
    /// Nobody gets anything without a session.
    Session,
    /// A session is opened by three requests, its answers are packets, and polls bring pings.
    Packets,
    /// A WebSocket wants to be greeted and subscribed over, and pings in JSON.
    Subscribe,
    /// The same with a ping before the greeting is acknowledged, which is to be answered once.
    EarlyPing,
    /// Each event stream ends behind three events.
    Pages,
    /// Lines of event streams end with a bare CR.
    CarriageReturns,
    /// Answers begin with a byte order mark, and their heads have 20 KiB.
    Verbose,
    /// Each event stream ends behind three events, and says to come back in a year.
    Leave,
    LongHead,
    /// Every fourth answer to whoever reads is cut in the middle of its head.
    CutHead,
    /// A WebSocket is closed at once, by a frame without a code.
    CloseBare,
    EndlessBody,
    EndlessInterim,
    EndlessLine,
    Redirect,
    /// Answers come in chunks with extensions, and with a trailer field behind them.
    Trailers,
    /// An interim head (103) comes before each answer.
    Hints,
    /// A poll that brings nothing is answered with 304 and the length of what that stands for.
    NotModified,
    /// Answers come in chunks, with a length beside them.
    BothLengths,
    /// A blank stands before each colon of a head.
    BlankColons,
    /// The value of each line of a head is on a line of its own.
    Folded,
    /// A message on a WebSocket comes in three fragments, with a ping behind the first.
    Fragments,
}

type Log = watch::Sender<Vec<String>>;

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct Chat {
    habit: Habit,
    rooms: Mutex<HashMap<String, Log>>,
    pub(crate) said: AtomicUsize,
    pub(crate) pongs: AtomicUsize,
    /// The requests that each person has sent to enter.
    entered: Mutex<HashMap<String, usize>>,
    /// The polls that a habit has counted.
    pub(crate) polls: AtomicUsize,
}

/// The server; it ends with this value.
#[derive(Debug)]
pub(crate) struct HabitServer {
    pub(crate) address: SocketAddr,
    pub(crate) chat: Arc<Chat>,
    runtime: Option<Runtime>,
}

impl HabitServer {
    pub(crate) fn start(habit: Habit) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let chat = Arc::new(Chat {
            habit,
            rooms: Mutex::default(),
            said: AtomicUsize::new(0),
            pongs: AtomicUsize::new(0),
            entered: Mutex::default(),
            polls: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&chat);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let chat = Arc::clone(&shared);
                tokio::spawn(async move { chat.talk(stream).await });
            }
        });
        Self {
            address,
            chat,
            runtime: Some(runtime),
        }
    }
}

impl Drop for HabitServer {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

/// The parts of the first line of a request.
struct Line<'a> {
    method: &'a str,
    way: &'a str,
    room: &'a str,
    query: HashMap<String, String>,
}

impl<'a> Line<'a> {
    fn of(head: &'a str) -> Option<Self> {
        let (method, target) = head.split_once(' ')?;
        let target = target.split(' ').next()?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix('/')?;
        let (way, room) = path.split_once('/').unwrap_or((path, ""));
        let query = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), unescaped(value)))
            .collect();
        Some(Self {
            method,
            way,
            room,
            query,
        })
    }
}

impl Chat {
    fn log(&self, room: &str) -> Log {
        self.rooms
            .lock()
            .unwrap()
            .entry(room.to_owned())
            .or_default()
            .clone()
    }

    fn say(&self, room: &str, text: String) {
        self.said.fetch_add(1, Ordering::Relaxed);
        self.log(room).send_modify(|log| log.push(text));
    }

    async fn talk(&self, mut stream: TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        loop {
            let next = request(&mut stream, &mut bytes);
            let (head, body) = timeout(self.patience(), next).await.ok()??;
            let Line {
                method,
                way,
                room,
                query,
            } = Line::of(&head)?;
            if self.cuts(way) {
                // The connection ends with this.
                return stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Le")
                    .await
                    .ok();
            }
            match way {
                _ if self.lacks_length(method, &head) => {
                    self.answer(&mut stream, "411 No Length", "", "").await?;
                }
                "say"
                    if self.habit == Habit::Session
                        && field(&head, "cookie") != Some("key=k 1") =>
                {
                    self.answer(&mut stream, "403 Forbidden", "", "").await?;
                }
                "say" if self.habit == Habit::Packets && body == "3" => {
                    self.pongs.fetch_add(1, Ordering::Relaxed);
                    self.answer(&mut stream, "200 OK", "", "ok").await?;
                }
                "session" if self.habit == Habit::Packets => {
                    self.answer(&mut stream, "200 OK", "", r#"0{"id":"s+1"}"#)
                        .await?;
                }
                "enter" if self.enters(&query, &body) => {
                    self.answer(&mut stream, "200 OK", "", "ok").await?;
                }
                "say" => {
                    self.say(room, body);
                    self.answer(&mut stream, "201 Created", "", "{}").await?;
                }
                "publish" if method == "PATCH" => {
                    let (room, text) = published(&head, &body)?;
                    self.say(&room, text);
                    self.answer(&mut stream, "200 OK", "", "{}").await?;
                }
                "session" => {
                    let cookie = "Set-Cookie: other=1\r\nSet-Cookie: key=k 1; Path=/\r\n";
                    self.answer(&mut stream, "200 OK", cookie, r#"{"id":"s+1"}"#)
                        .await?;
                }
                "poll" => self.poll(&mut stream, room, &query).await?,
                "poll-by-post" if method == "POST" => {
                    let asked: Json = serde_json::from_str(&body).ok()?;
                    let after = asked["after"].to_string();
                    let query = HashMap::from([("after".to_owned(), after)]);
                    self.poll(&mut stream, asked["room"].as_str()?, &query)
                        .await?;
                }
                "sse" => {
                    let last = field(&head, "last-event-id").and_then(|id| id.parse().ok());
                    self.events(&mut stream, room, last.unwrap_or(0)).await?;
                }
                "ws" if self.lets_in(&query) => return self.socket(stream, &head, room).await,
                _ => self.answer(&mut stream, "404 Not Found", "", "").await?,
            }
            if self.habit == Habit::OldHttp {
                return None;
            }
        }
    }

    /// Returns how long it waits for the next request of a connection.
    fn patience(&self) -> Duration {
        match self.habit {
            Habit::ShortPatience => Duration::from_millis(250),
            _ => Duration::from_mins(10),
        }
    }

    /// Returns whether the answer to this request is cut.
    fn cuts(&self, way: &str) -> bool {
        self.habit == Habit::CutHead
            && way != "say"
            && self.polls.fetch_add(1, Ordering::Relaxed) % 4 == 3
    }

    fn lacks_length(&self, method: &str, head: &str) -> bool {
        let tells = field(head, "content-length").is_some();
        self.habit == Habit::NeedsLength && method == "POST" && !tells
    }

    fn lets_in(&self, query: &HashMap<String, String>) -> bool {
        let session = query.get("session").map(String::as_str);
        match self.habit {
            Habit::Session => session == Some("s+1"),
            Habit::Packets => {
                let entered = self.entered.lock().unwrap();
                let requests = query.get("me").and_then(|me| entered.get(me));
                session == Some("s+1") && requests == Some(&2)
            }
            _ => true,
        }
    }

    /// Takes a request to enter: first a `40`, then the room.
    fn enters(&self, query: &HashMap<String, String>, body: &str) -> bool {
        let mut entered = self.entered.lock().unwrap();
        let requests = entered
            .entry(query.get("me").cloned().unwrap_or_default())
            .or_default();
        let known = query.get("session").is_some_and(|session| session == "s+1");
        let is_next = match *requests {
            0 => body == "40",
            1 => body.starts_with("42[\"join\",\"r0"),
            _ => false,
        };
        *requests += usize::from(known && is_next);
        known && is_next
    }

    async fn answer(
        &self,
        stream: &mut TcpStream,
        status: &str,
        lines: &str,
        body: &str,
    ) -> Option<()> {
        let mut content = body.as_bytes().to_vec();
        let mut lines = lines.to_owned();
        if self.habit == Habit::Gzip && !body.is_empty() {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&content).ok()?;
            content = packed.finish().ok()?;
            lines.push_str("Content-Encoding: gzip\r\n");
        }
        if self.habit == Habit::Hints {
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
            stream.write_all(hints.as_bytes()).await.ok()?;
        }
        let head = match self.habit {
            Habit::OldHttp => format!("HTTP/1.0 {status}\r\n{lines}\r\n"),
            Habit::BlankColons => format!(
                "HTTP/1.1 {status}\r\n{}Content-Length : {}\r\n\r\n",
                lines.replace(": ", " : "),
                content.len()
            ),
            Habit::Folded => format!(
                "HTTP/1.1 {status}\r\n{lines}X-Long: a\r\n b\r\nContent-Length:\r\n\t{}\r\n\r\n",
                content.len()
            ),
            Habit::BothLengths => {
                let length = content.len();
                content = in_chunks(&content);
                let framing = format!("Content-Length: {length}\r\nTransfer-Encoding: chunked");
                format!("HTTP/1.1 {status}\r\n{lines}{framing}\r\n\r\n")
            }
            Habit::Trailers => {
                content = in_chunks(&content);
                let framing = "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n";
                format!("HTTP/1.1 {status}\r\n{lines}{framing}\r\n")
            }
            _ => format!(
                "HTTP/1.1 {status}\r\n{lines}Content-Length: {}\r\n\r\n",
                content.len()
            ),
        };
        stream
            .write_all(&[head.as_bytes(), &content].concat())
            .await
            .ok()
    }
}

/// Returns a body in two chunks that have extensions, with a trailer field behind the last one.
fn in_chunks(content: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    let half = content.len().div_ceil(2).max(1);
    for part in content.chunks(half) {
        chunks.extend_from_slice(format!("{:x};ext=\"a b\"\r\n", part.len()).as_bytes());
        chunks.extend_from_slice(part);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\nX-Sum: abc\r\n\r\n");
    chunks
}

/// Waits for what comes behind the first `from` messages.
async fn beyond(listens: &mut watch::Receiver<Vec<String>>, from: usize) -> Option<Vec<String>> {
    let log = listens.wait_for(|log| log.len() > from).await.ok()?;
    Some(log[from..].to_vec())
}
