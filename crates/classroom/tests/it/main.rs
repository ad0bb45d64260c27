//! Tests of a classroom on free ports, with clients that speak in plain bytes.

mod channel;
mod http2;
mod lanes;
mod pages;
mod sealed;
mod security;

use std::{net::SocketAddr, time::Duration};

use classroom::{Beside, Classroom, Content, Lang, LessonFacts, Options, Practice, View};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use wire::Way;

/// The longest wait, which a test exceeds only if it is broken, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    /// The teacher's token.
    token: String,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Running {
    fn start(link: &str) -> Self {
        Self::with(link, View::Wire)
    }

    fn with(link: &str, view: View) -> Self {
        Self::of(link, view, chat())
    }

    fn of(link: &str, view: View, chat: server::Settings) -> Self {
        let page = ("/lessons", "a lesson".into());
        Self::beside(link, view, chat, page)
    }

    /// Starts one with a page beside the chat.
    fn beside(
        link: &str,
        view: View,
        chat: server::Settings,
        (path, text): (&str, Content),
    ) -> Self {
        let classroom = Classroom::open(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            link: link::settings_from(link).unwrap(),
            lang: Lang::En,
            room: "hall".into(),
            view,
            chat,
            several: None,
            beside: vec![Beside {
                path: path.into(),
                media_type: "text/html; charset=utf-8",
                text,
            }],
            lessons: vec![LessonFacts {
                name: "a-lesson".into(),
                checks: vec!["one".into()],
                told: serde_json::json!({"name": "a-lesson"}),
                key: ["the key".into(), "答案".into()],
            }],
            practice: vec![Practice {
                lane: Way::LongPoll,
                delay_ms: 40,
            }],
        })
        .unwrap();
        let url = classroom.url();
        let address = url.split_once("://").unwrap().1.parse().unwrap();
        let url = classroom.teacher_url();
        let token = url.split_once("#token=").unwrap().1.to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async {
            let shutdown = async {
                let _ = stopped.await;
            };
            classroom.serve(shutdown).await.unwrap();
        });
        Self {
            address,
            token,
            stop: Some(stop),
            served,
        }
    }

    async fn connect(&self, port: u16) -> Client {
        let address = SocketAddr::new(self.address.ip(), port);
        Client {
            stream: TcpStream::connect(address).await.unwrap(),
            up: 0,
            down: 0,
        }
    }

    async fn json(&self, target: &str) -> Value {
        let mut client = self.connect(self.address.port()).await;
        client.get(target, "").await
    }

    /// Waits until the books of `person` satisfy `fits`.
    async fn books(&self, person: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let target = format!("/classroom/books?person={person}");
        let wait = async {
            loop {
                let books = self.json(&target).await;
                if fits(&books) {
                    return books;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait)
            .await
            .expect("the books fit in time")
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        timeout(PATIENCE, self.served).await.unwrap().unwrap();
    }
}

/// Returns the settings of the chat that most tests have.
fn chat() -> server::Settings {
    server::Settings {
        max_people: Some(10),
        drafts_per_second: Some(20),
        text_limit: 1000,
        ..server::Settings::default()
    }
}

/// A connection that counts its own bytes.
struct Client {
    stream: TcpStream,
    up: u64,
    down: u64,
}

impl Client {
    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.up += text.len() as u64;
    }

    /// Reads until the bytes satisfy `end`.
    async fn read_until(&mut self, end: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !end(&bytes) {
            let mut piece = [0; 4096];
            let reading = self.stream.read(&mut piece);
            let count = timeout(PATIENCE, reading).await.unwrap().unwrap();
            assert!(count > 0, "ended: {}", String::from_utf8_lossy(&bytes));
            bytes.extend_from_slice(&piece[..count]);
            self.down += count as u64;
        }
        bytes
    }

    /// Makes one exchange whose answer has a length, and returns the answer's JSON.
    async fn get(&mut self, target: &str, headers: &str) -> Value {
        self.send(&format!(
            "GET {target} HTTP/1.1\r\nhost: x\r\n{headers}\r\n"
        ))
        .await;
        let answer = self.read_until(whole).await;
        let text = String::from_utf8(answer).unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or(Value::Null)
    }
}

/// Returns whether an answer with a length is complete.
fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

fn sum(books: &Value, way: &str) -> u64 {
    books[way]["payload"].as_u64().unwrap() + books[way]["overhead"].as_u64().unwrap()
}
