//! A classroom with two servers over one Redis, one of which its teacher ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{ChildStdout, Stdio},
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    fixture::{PATIENCE, Serving, ended, signal, text, until, wirebench},
    kills::exchange,
    proxies::is_there,
    redis::Redis,
};

/// A classroom that runs, with its teacher's token.
struct Class {
    serving: Serving,
    token: String,
    /// Kept open: the program prints more.
    _printed: BufReader<ChildStdout>,
}

impl Class {
    fn start(options: &[&str]) -> Self {
        let mut child = wirebench()
            .args(["classroom", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let mut read = |mark: &str| {
            let mut line = String::new();
            while !line.contains(mark) {
                line.clear();
                assert!(printed.read_line(&mut line).unwrap() > 0, "no {mark}");
            }
            let (_, rest) = line.split_once(mark).unwrap();
            rest.trim().to_owned()
        };
        let url = read("listening on ");
        let token = read("#token=");
        Self {
            serving: Serving { child, url },
            token,
            _printed: printed,
        }
    }

    fn connect(&self) -> TcpStream {
        let address = self.serving.url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Opens a stream of the class's room for a person.
    fn stream(&self, person: &str) -> TcpStream {
        let mut stream = self.connect();
        let target = format!("/rooms/hall/stream?after=0&{person}");
        let request = format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn say(&self, text: &str) {
        let draft = json!({"from": "ann", "text": text}).to_string();
        let said = exchange(&self.serving, "POST /rooms/hall/messages", &draft);
        let (status, said) = said.expect("an answer");
        assert_eq!(status, 201, "{said}");
    }

    fn poll(&self, after: &str) -> Value {
        let request = format!("GET /rooms/hall/poll?epoch=1&after={after}");
        let (_, batch) = exchange(&self.serving, &request, "").expect("an answer");
        batch
    }

    /// Waits until the one server or the other has this many events, and returns them all.
    fn whole(&self, newest: u64) -> Value {
        until("all events", || {
            let batch = self.poll("0");
            (batch["next"] == newest).then_some(batch)
        })
    }

    /// Opens the channel of the teacher's page.
    fn teacher(&self) -> Channel {
        let mut stream = self.connect();
        let head = "GET /classroom/channel HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let answer = hear(&mut stream, "\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        let lives = Value::Null;
        let mut channel = Channel { stream, lives };
        channel.send(&json!({"kind": "teach", "token": self.token}));
        channel.told("teacher", |told| told["teaches"] == true);
        channel
    }
}

/// Reads, a byte after the other, until these words have come.
fn hear(stream: &mut TcpStream, words: &str) -> String {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(words.as_bytes()) {
        let count = stream.read(&mut byte).expect("it goes on");
        assert!(count > 0, "ended before {words}: {}", text(&heard));
        heard.push(byte[0]);
    }
    text(&heard)
}

/// The channel of a page, a WebSocket in plain bytes (RFC 6455, section 5.2).
struct Channel {
    stream: TcpStream,
    /// The lives of the servers, as they were told last.
    lives: Value,
}

impl Channel {
    fn send(&mut self, message: &Value) {
        let message = message.to_string();
        let length = u8::try_from(message.len()).unwrap();
        assert!(length < 126, "{message}");
        // A mask of zeros leaves a text as it is.
        let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        frame.extend(message.as_bytes());
        self.stream.write_all(&frame).unwrap();
    }

    /// Reads so many bytes; `None` where the connection ends before.
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Reads the next messages; `None` where the connection ended without a word.
    fn next(&mut self) -> Option<Vec<Value>> {
        let [head, length] = self.take()?;
        let length = match length {
            126 => u64::from(u16::from_be_bytes(self.take()?)),
            127 => u64::from_be_bytes(self.take()?),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).ok()?;
        if head == 0x89 {
            // A ping: nothing was sent on this channel for a while.
            return self.next();
        }
        assert_eq!(head, 0x81, "no text: {}", text(&payload));
        let messages: Vec<Value> = serde_json::from_slice(&payload).unwrap();
        for one in messages.iter().filter(|one| one["kind"] == "state") {
            self.lives = one["state"]["servers"].clone();
        }
        Some(messages)
    }

    /// Waits for a message of this kind that says so.
    fn told(&mut self, kind: &str, says: impl Fn(&Value) -> bool) {
        let is_it = |one: &Value| one["kind"] == kind && says(one);
        while !self.next().expect("it goes on").iter().any(is_it) {}
    }

    /// Waits for a refusal with these words.
    fn told_error(&mut self, words: &str) {
        self.told("error", |told| told["error"].to_string().contains(words));
    }

    /// Waits until the servers live so.
    fn told_lives(&mut self, lives: [&str; 2]) {
        while self.lives != json!(lives) {
            self.next().expect("it goes on");
        }
    }

    fn order_server(&mut self, number: u32, on: bool) {
        self.send(&json!({"kind": "server", "number": number, "on": on}));
    }
}

/// Returns the texts of a room's messages.
fn texts(batch: &Value) -> Vec<&str> {
    let events = batch["events"].as_array().expect("events").iter();
    events.filter_map(|event| event["text"].as_str()).collect()
}

/// Leads connections to the servers in turn, ends one of them and starts it again, then the other
/// one. Whoever read there goes on with the place.
#[test]
fn the_readers_of_a_server_that_the_teacher_ends_go_on_at_the_other() {
    let Some(redis) = Redis::start() else { return };
    let class = Class::start(&["--nodes", "2", "--redis", &redis.url()]);
    // The first connection goes to the first server, the next one to the second.
    let mut teacher = class.teacher();
    teacher.told_lives(["here", "here"]);
    let mut ben = class.stream("name=ben&person=b");
    let mut cy = class.stream("name=cy&person=c");
    class.whole(2);
    for text in ["one", "two", "three"] {
        class.say(text);
    }
    for reader in [&mut ben, &mut cy] {
        hear(reader, "\"three\"");
    }
    let epoch = class.whole(5)["epoch"].as_str().unwrap().to_owned();

    teacher.order_server(1, false);
    teacher.told_lives(["here", "ended"]);
    // It ends without the end of a body, as a process does that is killed.
    let mut rest = Vec::new();
    let _ = ben.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{}", text(&rest));
    let mut ben = class.stream("name=ben&person=b");
    class.say("four");
    for reader in [&mut ben, &mut cy] {
        hear(reader, "\"four\"");
    }
    // The last one stays.
    teacher.order_server(0, false);
    teacher.told_error("has to stay");

    teacher.order_server(1, true);
    teacher.told_lives(["here", "here"]);
    teacher.order_server(0, false);
    // The teacher's own channel goes with the server that had it.
    while teacher.next().is_some() {}
    class.teacher().told_lives(["ended", "here"]);
    class.say("five");
    let rest = class.poll(&format!("5-{epoch}"));
    assert_eq!(texts(&rest), ["four", "five"]);
    assert_eq!(rest["missed"], 0);
    assert_eq!(rest.get("epoch"), None, "the log is the same");
}

#[test]
fn what_several_servers_cannot_do_is_refused_in_words() {
    let Some(redis) = Redis::start() else { return };
    let class = Class::start(&["--nodes", "2", "--redis", &redis.url()]);
    let mut teacher = class.teacher();
    class.say("one");
    teacher.send(&json!({"kind": "clear"}));
    teacher.told_error("not cleared");
    assert_eq!(texts(&class.whole(1)), ["one"]);
    drop(class);
    for (options, says) in [
        ("--nodes 1", "2..=4"),
        ("--redis redis://127.0.0.1:1", "--nodes"),
        ("--nodes 2 --redis redis://127.0.0.1:1", "no Redis answers"),
    ] {
        let mut command = wirebench();
        command.args(["classroom", "--listen", "127.0.0.1:0"]);
        let output = command.args(options.split(' ')).output().unwrap();
        assert!(!output.status.success(), "{options:?}");
        let said = text(&output.stderr);
        assert!(said.contains(says), "{options:?}: {said}");
    }
}

/// Checks that a classroom whose Redis is its own leaves neither that nor its folder behind.
#[test]
fn a_redis_of_the_class_ends_with_it() {
    if !is_there("redis-server", "redis-server") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = wirebench()
        .args(["classroom", "--listen", "127.0.0.1:0", "--nodes", "2"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let address = until("the Redis is named", || {
        line.clear();
        printed.read_line(&mut line).unwrap();
        let (_, address) = line.split_once("2 over redis://")?;
        Some(address.trim().to_owned())
    });
    TcpStream::connect(&address).expect("it is there");
    signal(child.id().cast_signed(), Signal::SIGTERM);
    ended(&child.wait_with_output().unwrap(), 0);
    TcpStream::connect(&address).expect_err("it is gone");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
