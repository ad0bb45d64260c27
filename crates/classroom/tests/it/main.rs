//! Tests of a classroom on free ports with clients that speak in plain bytes: the totals of the
//! books must equal the bytes that went through their sockets.

use std::{net::SocketAddr, time::Duration};

use classroom::{Beside, Classroom, Lang, LessonFacts, Options, Practice, View};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{client_async, tungstenite::Message};
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
        let classroom = Classroom::open(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            link: link::settings_from(link).unwrap(),
            lang: Lang::En,
            room: "hall".into(),
            view,
            chat: server::Settings {
                max_people: Some(10),
                drafts_per_second: Some(20),
                text_limit: 1000,
                ..server::Settings::default()
            },
            beside: vec![Beside {
                path: "/lessons".into(),
                media_type: "text/html; charset=utf-8",
                text: "a lesson".into(),
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
        let address = classroom
            .url()
            .strip_prefix("http://")
            .unwrap()
            .parse()
            .unwrap();
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

#[tokio::test]
async fn the_books_are_the_sockets_own_bytes() {
    let running = Running::start("");
    let config = running.json("/classroom/config").await;
    for lane in config["lanes"].as_array().unwrap() {
        let name = lane["lane"].as_str().unwrap();
        let port = u16::try_from(lane["port"].as_u64().unwrap()).unwrap();
        let mut client = running.connect(port).await;
        let draft = r#"{"from":"ann","text":"hello"}"#;
        let say = format!(
            "POST /rooms/hall/messages?person={name} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{draft}",
            draft.len()
        );
        client.send(&say).await;
        client.read_until(whole).await;
        let rest = match name {
            "short_poll" => "poll",
            "long_poll" => "long-poll",
            "http_stream" => "stream",
            "sse" => "sse",
            _ => "ws",
        };
        let target = format!("/rooms/hall/{rest}?person={name}&after=0");
        if matches!(name, "short_poll" | "long_poll") {
            client.get(&target, "").await;
            // Requests for the page's own files are not counted, on any connection.
            let (up, down) = (client.up, client.down);
            client.get("/classroom/config", "").await;
            (client.up, client.down) = (up, down);
        } else {
            let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
            let headers = if name == "websocket" { upgrade } else { "" };
            client
                .send(&format!(
                    "GET {target} HTTP/1.1\r\nhost: x\r\n{headers}\r\n"
                ))
                .await;
            client
                .read_until(|bytes| String::from_utf8_lossy(bytes).contains("hello"))
                .await;
        }
        let (up, down) = (client.up, client.down);
        // Bytes that were sent before the client hung up are read, and counted here, too.
        client.stream.shutdown().await.unwrap();
        let mut late = Vec::new();
        let reading = client.stream.read_to_end(&mut late);
        timeout(PATIENCE, reading).await.unwrap().unwrap();
        let books = running
            .books(name, |books| {
                !books.is_null() && sum(books, "down") >= down && sum(books, "up") >= up
            })
            .await;
        assert_eq!(sum(&books, "up"), up, "{name}: {books}");
        assert_eq!(
            sum(&books, "down"),
            down + late.len() as u64,
            "{name}: {books}"
        );
        assert_eq!(books["up"]["payload"], draft.len(), "{name}");
        assert_eq!(books["requests"], 2, "{name}");
        // A stream and a WebSocket are set up, and that is overhead; polls are not.
        let setup = [&books["up"], &books["down"]].map(|way| {
            let (setup, overhead) = (way["setup"].as_u64(), way["overhead"].as_u64());
            assert!(setup <= overhead, "{name}: {books}");
            setup.unwrap()
        });
        let is_set_up = !matches!(name, "short_poll" | "long_poll");
        assert_eq!(setup.iter().all(|&bytes| bytes > 0), is_set_up, "{name}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_delay_is_there_from_the_start() {
    let running = Running::start("delay=30ms");
    let config = running.json("/classroom/config").await;
    let port = u16::try_from(config["lanes"][0]["port"].as_u64().unwrap()).unwrap();
    let mut client = running.connect(port).await;
    let asked = std::time::Instant::now();
    client.get("/rooms/hall/poll", "").await;
    assert!(asked.elapsed() >= Duration::from_millis(60));
    running.stop().await;
}

#[tokio::test]
async fn a_lane_of_ones_own_has_its_own_delay() {
    let running = Running::start("");
    let config = running.json("/classroom/config").await;
    let own = &config["own"][0];
    assert_eq!(
        (&own["lane"], &own["delay"]),
        (&"long_poll".into(), &40.into())
    );
    let port = u16::try_from(own["port"].as_u64().unwrap()).unwrap();
    let mut client = running.connect(port).await;
    let asked = std::time::Instant::now();
    client
        .get("/rooms/own-room/long-poll?hold=0&person=ann", "")
        .await;
    assert!(asked.elapsed() >= Duration::from_millis(80));
    // It is counted like everybody's exchanges.
    running.books("ann", |books| books["requests"] == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_page_may_be_told_nothing_of_the_token() {
    let running = Running::start("");
    let mut client = running.connect(running.address.port()).await;
    client
        .send("GET /classroom HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let page = String::from_utf8(client.read_until(whole).await).unwrap();
    assert!(page.contains("/classroom/main.js"), "{page}");
    let policy = page
        .lines()
        .find(|line| line.starts_with("content-security-policy"))
        .unwrap();
    let config = running.json("/classroom/config").await;
    for lane in config["lanes"].as_array().unwrap() {
        assert!(
            policy.contains(&format!("http://*:{}", lane["port"])),
            "{policy}"
        );
    }
    assert!(!config.to_string().contains("token"));
    // Nor of the key to the lessons' questions.
    assert!(config.to_string().contains("a-lesson"));
    assert!(!config.to_string().contains("the key"));
    client
        .send("GET /lessons/ HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let lesson = String::from_utf8(client.read_until(whole).await).unwrap();
    assert!(lesson.ends_with("a lesson"), "{lesson}");
    running.stop().await;
}

#[tokio::test]
async fn lanes_that_nobody_looks_at_are_not_opened() {
    let running = Running::with("", View::Lanes);
    let mut client = running.connect(running.address.port()).await;
    client.get("/rooms/hall/poll?person=ann", "").await;
    // The chat's own port is not tapped.
    let books = client.get("/classroom/books?person=ann", "").await;
    assert!(books.is_null(), "{books}");
    let mut page = running.connect(running.address.port()).await;
    page.send("GET /classroom HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    page.read_until(whole).await;
    let config = running.json("/classroom/config").await;
    assert_eq!(config["wire"], false);
    let lanes = config["lanes"].as_array().unwrap();
    assert_eq!(lanes.len(), 5);
    let port = u16::try_from(lanes[0]["port"].as_u64().unwrap()).unwrap();
    let mut lane = running.connect(port).await;
    lane.get("/rooms/hall/poll?person=ben", "").await;
    running
        .books("ben", |books| {
            books["requests"] == 1 && sum(books, "down") > 0
        })
        .await;
    running.stop().await;
}

/// Opens a page's channel, or any other WebSocket.
async fn socket(running: &Running, target: &str) -> Socket {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let url = format!("ws://{}{target}", running.address);
    client_async(url, stream).await.unwrap().0
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

/// Waits for a message of the channel that is of this kind and fits.
async fn told(channel: &mut Socket, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let Some(Ok(Message::Text(text))) = channel.next().await else {
                panic!("the channel ended");
            };
            let all: Value = serde_json::from_str(&text).unwrap();
            for one in all.as_array().unwrap() {
                if one["kind"] == kind && fits(one) {
                    return one.clone();
                }
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("told in time")
}

async fn order(channel: &mut Socket, order: Value) {
    channel
        .send(Message::text(order.to_string()))
        .await
        .unwrap();
}

/// Publishes a message as a person; returns the JSON of the answer.
async fn say(running: &Running, person: &str) -> Value {
    let body = format!(r#"{{"from":"{person}","text":"hi"}}"#);
    let mut client = running.connect(running.address.port()).await;
    let head = format!(
        "POST /rooms/hall/messages?person={person} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    client.send(&head).await;
    let answer = String::from_utf8(client.read_until(whole).await).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn the_teacher_mutes_sends_out_bans_and_names_rooms_and_nobody_else_does() {
    let running = Running::start("");
    let mut ann = socket(&running, "/rooms/hall/ws?name=ann&person=ann&after=latest").await;
    let mut ben = socket(&running, "/rooms/hall/ws?name=ben&person=ben&after=latest").await;
    let mut teacher = socket(&running, "/classroom/channel").await;
    let mut pupil = socket(&running, "/classroom/channel").await;
    order(
        &mut teacher,
        serde_json::json!({"kind": "teach", "token": running.token}),
    )
    .await;
    let class = told(&mut teacher, "class", |class| {
        class["people"]["online"] == 2
    })
    .await;
    let id = class["people"]["people"][0]["id"].clone();
    assert_eq!(class["people"]["people"][0]["name"], "ann");

    let about = |word: &str| serde_json::json!({"kind": "person", "id": id, "order": word});
    order(&mut pupil, about("ban")).await;
    told(&mut pupil, "error", |_| true).await;
    assert!(say(&running, "ann").await["seq"].is_u64());

    order(&mut teacher, about("mute")).await;
    told(&mut teacher, "class", |class| {
        class["people"]["people"][0]["muted"] == true
    })
    .await;
    assert_eq!(say(&running, "ann").await["code"], "muted");
    assert!(say(&running, "ben").await["seq"].is_u64());
    order(&mut teacher, about("unmute")).await;
    told(&mut teacher, "class", |class| {
        class["people"]["people"][0]["muted"] == false
    })
    .await;
    assert!(say(&running, "ann").await["seq"].is_u64());

    order(&mut teacher, about("ban")).await;
    let closed = timeout(PATIENCE, async {
        loop {
            match ann.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    });
    assert_eq!(closed.await.unwrap(), 1008);
    for target in [
        "/rooms/hall/poll?name=ann&person=ann",
        "/rooms/hall/long-poll?name=x&person=ann",
    ] {
        assert_eq!(running.json(target).await["code"], "banned", "{target}");
    }
    assert_eq!(say(&running, "ann").await["code"], "banned");
    // The neighbour from the same address heard all of it and may go on.
    assert!(say(&running, "ben").await["seq"].is_u64());
    for _ in 0..4 {
        while let Some(Ok(heard)) = ben.next().await {
            if heard.to_text().unwrap().contains("\"text\"") {
                break;
            }
        }
    }
    order(&mut teacher, serde_json::json!({"kind": "pardon"})).await;
    let back = async {
        while running.json("/rooms/hall/poll?name=ann&person=ann").await["code"] == "banned" {}
    };
    timeout(PATIENCE, back).await.unwrap();

    let named = serde_json::json!({"kind": "rooms", "named": ["group-1"]});
    order(&mut teacher, named).await;
    told(&mut pupil, "state", |told| {
        told["state"]["rooms"][0] == "group-1"
    })
    .await;
    assert_eq!(
        running.json("/rooms/other/poll").await["code"],
        "room_not_named"
    );
    for fine in [
        "/rooms/group-1/poll",
        "/rooms/hall/poll",
        "/rooms/own-1/poll",
    ] {
        assert_eq!(running.json(fine).await["missed"], 0, "{fine}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_channel_that_guesses_is_closed() {
    let running = Running::start("");
    let mut guesser = socket(&running, "/classroom/channel").await;
    for _ in 0..9 {
        // It may be closed already.
        let guess = serde_json::json!({"kind": "teach", "token": "x"}).to_string();
        let _ = guesser.send(Message::text(guess)).await;
    }
    let mut refused = 0;
    while let Ok(Some(Ok(message))) = timeout(PATIENCE, guesser.next()).await {
        refused += usize::from(message.to_string().contains("\"teaches\":false"));
    }
    assert!((1..=6).contains(&refused), "{refused}");
    running.stop().await;
}

#[tokio::test]
async fn a_page_from_elsewhere_opens_no_lanes() {
    let running = Running::with("", View::Lanes);
    for signs in [
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors",
        "accept: image/png,*/*",
    ] {
        let mut client = running.connect(running.address.port()).await;
        client
            .send(&format!(
                "GET /classroom/config HTTP/1.1\r\nhost: x\r\n{signs}\r\n\r\n"
            ))
            .await;
        let answer = String::from_utf8(client.read_until(whole).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    // A person who follows a link is let in.
    let mut client = running.connect(running.address.port()).await;
    client
        .send("GET /classroom HTTP/1.1\r\nhost: x\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n\r\n")
        .await;
    let answer = String::from_utf8(client.read_until(whole).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.stop().await;
}
