//! Two servers over one Redis while something between them fails: a network that a link cuts or makes
//! slow, and a Redis that is gone for longer than a server's lease.
//!
//! `WIREBENCH_OUTAGE` says for how many seconds it is gone (`scripts/outage-test`).

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{
    fixture::{PATIENCE, Serving, signal, until},
    kills::exchange,
    redis::{Redis, node_at},
};

/// Says a text in room `a`. Returns its number; `None` if it is refused for want of a Redis.
fn say(node: &Serving, text: &str) -> Option<u64> {
    let draft = format!(r#"{{"from":"ann","text":"{text}"}}"#);
    let (status, said) = exchange(node, "POST /rooms/a/messages", &draft).expect("an answer");
    match status {
        201 => said["seq"].as_u64(),
        503 => {
            assert_eq!(said["code"], "not_stored", "{said}");
            None
        }
        other => panic!("{other} {said}"),
    }
}

/// Says a text until it is taken, and returns its number.
fn say_until_taken(node: &Serving, text: &str) -> u64 {
    until("it is taken", || say(node, text))
}

/// A reader of room `a` over a stream, which must never end.
struct Reader(BufReader<TcpStream>);

impl Reader {
    /// Begins to read; `who` is a name, and perhaps a token, in the words of a query.
    fn at(node: &Serving, who: &str) -> Self {
        let address = node.url.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let target = format!("/rooms/a/stream?{who}after=0");
        let request = format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it is sent");
        Self(BufReader::new(stream))
    }

    /// Reads the next event: a line of JSON among those of heads and chunks.
    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let count = self.0.read_line(&mut line).expect("it goes on");
            assert!(count > 0, "the stream ended");
            if line.starts_with("{\"") {
                return serde_json::from_str(&line).expect("an event");
            }
        }
    }

    /// Reads up to the event of this number, and returns all, each of which has the next number.
    fn up_to(&mut self, newest: u64) -> Vec<Value> {
        let events: Vec<_> = (0..newest).map(|_| self.next()).collect();
        for (number, event) in (1..).zip(&events) {
            assert_eq!(event["seq"], number, "{events:?}");
        }
        events
    }
}

/// Returns how often each text was said.
fn counted(events: &[Value]) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for text in events.iter().filter_map(|event| event["text"].as_str()) {
        *counted.entry(text).or_default() += 1;
    }
    counted
}

/// Stops a process from doing anything, or lets it go on.
fn freeze(one: &Serving, freezes: bool) {
    let by = if freezes {
        Signal::SIGSTOP
    } else {
        Signal::SIGCONT
    };
    signal(one.child.id().cast_signed(), by);
}

/// Stops the link between a server and Redis: nothing arrives any more, and nobody is told, as where
/// a network loses everything. What was on its way arrives once it goes on.
#[test]
fn a_network_that_loses_everything_for_a_while_loses_and_doubles_nothing() {
    let Some(redis) = Redis::start() else { return };
    let link = Serving::link(&format!("http://{}", redis.address), &[]);
    let through = link.url.replace("http://", "redis://");
    let (near, far) = (redis.node(), node_at(&through, &[]));
    let mut reader = Reader::at(&far, "");
    assert_eq!(say(&far, "one"), Some(1));
    assert_eq!(say(&near, "two"), Some(2));
    freeze(&link, true);
    assert_eq!(say(&far, "meanwhile"), None);
    assert_eq!(say(&near, "three"), Some(3));
    // What it has is still read.
    let (status, _) = exchange(&far, "GET /rooms/a/poll?after=1", "").expect("an answer");
    assert_eq!(status, 200);
    freeze(&link, false);
    let last = say_until_taken(&far, "four");
    let heard = reader.up_to(last);
    // What was refused was on its way, and may be there, once.
    let counted = counted(&heard);
    for text in ["one", "two", "three", "four"] {
        assert_eq!(counted.get(text), Some(&1), "{counted:?}");
    }
    assert!(counted.get("meanwhile").is_none_or(|count| *count == 1));
}

/// Puts a tenth of a second between a server and Redis, each way. Its drafts and those of another one
/// that is near are numbered without a hole, and its readers are given all of them.
#[test]
fn a_slow_redis_is_waited_for_and_everybody_is_numbered() {
    let Some(redis) = Redis::start() else { return };
    let to = format!("http://{}", redis.address);
    let link = Serving::link(&to, &["--delay=100ms"]);
    let through = link.url.replace("http://", "redis://");
    let (near, far) = (redis.node(), node_at(&through, &[]));
    let mut readers = [Reader::at(&near, ""), Reader::at(&far, "")];
    let said = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for speaker in 0..8 {
            let node = if speaker % 2 == 0 { &near } else { &far };
            let said = &said;
            scope.spawn(move || {
                for number in 0..5 {
                    let text = format!("{speaker} {number}");
                    let seq = say(node, &text).expect("it is taken");
                    said.lock().expect("no speaker panics").insert(seq, text);
                }
            });
        }
    });
    let said = said.into_inner().expect("no speaker panics");
    assert!(said.keys().copied().eq(1..=40), "{said:?}");
    for reader in &mut readers {
        let heard = reader.up_to(40);
        let texts = heard.iter().map(|event| event["text"].as_str());
        assert!(texts.eq(said.values().map(|text| Some(text.as_str()))));
    }
}

/// Returns for how long Redis is to be gone: by default longer than the lease of five seconds.
fn outage() -> Duration {
    let seconds = std::env::var("WIREBENCH_OUTAGE");
    let seconds = seconds.map_or(8, |text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds)
}

/// Ends Redis for longer than the leases of its servers, and starts it again with its file.
#[test]
fn while_redis_is_gone_for_long_nobody_leaves_and_no_stream_ends() {
    let settings = ["--appendfsync", "no"];
    let Some(mut redis) = Redis::with(&settings) else {
        return;
    };
    let (one, other) = (redis.node(), redis.node());
    let mut readers = [
        Reader::at(&one, "name=bob&"),
        Reader::at(&other, "name=cy&person=c&"),
    ];
    let joined = |node: &Serving| {
        let (_, people) = exchange(node, "GET /rooms/a/people", "").expect("an answer");
        (people["online"] == 2).then_some(())
    };
    until("both are there", || joined(&one));
    let before = say(&one, "before").expect("it is taken");
    redis.kill();
    let began = Instant::now();
    let mut refused = 0;
    while began.elapsed() < outage() {
        for node in [&one, &other] {
            assert_eq!(say(node, "never"), None);
            refused += 1;
        }
        thread::sleep(Duration::from_millis(250));
    }
    assert!(refused > 0);
    redis.again(&settings);
    let back = say_until_taken(&other, "back");
    until("both are there still", || joined(&one));
    let last = say_until_taken(&one, "last");
    for reader in &mut readers {
        let heard = reader.up_to(last);
        let counted = counted(&heard);
        for text in ["before", "back", "last"] {
            assert_eq!(counted.get(text), Some(&1), "{counted:?}");
        }
        assert_eq!(counted.get("never"), None, "a false refusal");
        let leaves = heard.iter().filter(|event| event["kind"] == "leave");
        assert_eq!(leaves.count(), 0, "{heard:?}");
        let joins = heard.iter().filter(|event| event["kind"] == "join");
        assert_eq!(joins.count(), 2, "{heard:?}");
    }
    assert!(before < back && back < last);
}
