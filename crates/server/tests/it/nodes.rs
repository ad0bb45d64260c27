//! Several servers over the logs in one Redis, a real one.

mod abandoned;
mod redis;
mod replicas;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use serde_json::Value;
use server::Settings;

use self::redis::{Redis, Way, node};
use crate::fixture::{Client, Server, Wire, hear, hear_json, seqs, soon};

/// The longest time until a node has found its Redis again, even on a busy machine.
const RECOVERY: Duration = Duration::from_mins(1);

/// Says a text in room `a` until it is taken; gives back its number, and what was answered before.
async fn say_until_taken(server: &Server, text: &str) -> (u64, Vec<u16>) {
    let draft = serde_json::json!({"from": "ann", "text": text}).to_string();
    let began = Instant::now();
    let mut refused = Vec::new();
    while began.elapsed() < RECOVERY {
        let answer = server.post("/rooms/a/messages", &draft).await;
        if answer.status() == 201 {
            return (answer.json()["seq"].as_u64().unwrap(), refused);
        }
        assert_eq!(answer.header("retry-after"), Some("1"), "{answer:?}");
        refused.push(answer.status());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never taken: {refused:?}");
}

/// Waits until a node has this many events in room `a`, and gives back its whole log.
async fn whole(server: &Server, newest: u64) -> Value {
    soon(async {
        loop {
            let batch = server.get("/rooms/a/poll?epoch=1").await.json();
            if batch["next"] == newest {
                return batch;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
}

/// A stream of lines. Events that go out together share a chunk, as those do that a node heard of in
/// one answer of its Redis.
struct Lines {
    wire: Wire,
    pending: VecDeque<String>,
}

impl Lines {
    fn of(wire: Wire) -> Self {
        Self {
            wire,
            pending: VecDeque::new(),
        }
    }

    /// Reads the next event.
    async fn event(&mut self) -> Value {
        loop {
            if let Some(line) = self.pending.pop_front() {
                return serde_json::from_str(&line).unwrap();
            }
            let chunk = self.wire.chunk().await.expect("more");
            // An empty line is a heartbeat.
            let lines = chunk.lines().filter(|line| !line.is_empty());
            self.pending.extend(lines.map(str::to_owned));
        }
    }
}

async fn numbers(client: &mut Client, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        numbers.push(hear_json(client).await["seq"].as_u64().unwrap());
    }
    numbers
}

/// Returns the joins and leaves in room `a` as a node has them.
async fn story(server: &Server) -> Vec<String> {
    let batch = server.get("/rooms/a/poll").await.json();
    let events = batch["events"].as_array().unwrap().iter();
    events
        .map(|event| {
            let name = event["from"].as_str().unwrap();
            format!(
                "{} {name} {}",
                event["kind"].as_str().unwrap(),
                event["online"]
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_are_one_room_and_a_place_is_good_at_both() {
    let Some(redis) = Redis::start() else { return };
    let (one, other) = (redis.node(), redis.node());
    let mut socket = one.websocket("/rooms/a/ws").await;
    let mut stream = Lines::of(other.stream("/rooms/a/stream").await);
    for seq in 1..=6 {
        let speaks = if seq % 2 == 0 { &one } else { &other };
        assert_eq!(speaks.say(&format!("text {seq}")).await, seq);
    }
    assert_eq!(numbers(&mut socket, 6).await, [1, 2, 3, 4, 5, 6]);
    for seq in 1..=6 {
        let event = stream.event().await;
        assert_eq!(
            (&event["seq"], &event["text"]),
            (&seq.into(), &format!("text {seq}").into())
        );
    }
    let batch = whole(&one, 6).await;
    let epoch = batch["epoch"].as_str().unwrap();
    assert_eq!(whole(&other, 6).await, batch);
    // A node that was not there yet has the same, and a place is good there.
    let late = redis.node();
    let place = format!("/rooms/a/poll?epoch=1&after=4-{epoch}");
    for node in [&one, &other, &late] {
        let rest = node.get(&place).await.json();
        assert_eq!((seqs(&rest), &rest["missed"]), (vec![5, 6], &0.into()));
        assert_eq!(rest.get("epoch"), None, "the log is the same");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_at_three_nodes_at_once_have_numbers_without_a_hole() {
    let Some(redis) = Redis::start() else { return };
    let nodes = [redis.node(), redis.node(), redis.node()];
    let mut sockets = Vec::new();
    for node in &nodes {
        sockets.push(node.websocket("/rooms/a/ws").await);
    }
    let each = |number: usize| {
        let node = &nodes[number % 3];
        async move {
            let text = format!("draft {number}");
            (node.say(&text).await, text)
        }
    };
    let said = futures_util::future::join_all((0..120).map(each)).await;
    let said: BTreeMap<u64, String> = said.into_iter().collect();
    assert!(said.keys().copied().eq(1..=120), "{said:?}");
    for socket in &mut sockets {
        for (seq, text) in &said {
            let event = hear_json(socket).await;
            assert_eq!(
                (&event["seq"], &event["text"]),
                (&(*seq).into(), &text.as_str().into())
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_as_long_as_its_bound_at_every_node() {
    let Some(redis) = Redis::start() else { return };
    let short = || Settings {
        log_events: 5,
        ..Settings::default()
    };
    let one = node(&redis.url(), short());
    for seq in 1..=9 {
        assert_eq!(one.say("text").await, seq);
    }
    assert_eq!(redis.length(), 5);
    let late = node(&redis.url(), short());
    let batch = late.get("/rooms/a/poll?after=0").await.json();
    assert_eq!(
        (seqs(&batch), &batch["missed"]),
        ((5..=9).collect(), &4.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_once_whatever_node_they_are_at() {
    let Some(redis) = Redis::start() else { return };
    let (one, other) = (redis.node(), redis.node());
    let ann = one.websocket("/rooms/a/ws?name=ann&person=p").await;
    other.online(1).await;
    let bob = other.websocket("/rooms/a/ws?name=bob").await;
    let people = one.online(2).await;
    assert_eq!(people["people"][0]["name"], "ann");
    assert_eq!(people["people"][1]["name"], "bob");
    // In mid-chat to the other node, with the token: neither leaves nor joins.
    let moved = other.stream("/rooms/a/stream?name=ann&person=p").await;
    drop(ann);
    tokio::time::sleep(Duration::from_millis(900)).await;
    other.online(2).await;
    drop(bob);
    one.online(1).await;
    drop(moved);
    one.online(0).await;
    whole(&one, 4).await;
    let told = ["join ann 1", "join bob 2", "leave bob 1", "leave ann 0"];
    assert_eq!(story(&one).await, told);
    whole(&other, 4).await;
    assert_eq!(story(&other).await, told);
}

/// Redis is killed and comes back with its file.
#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_drafts_are_refused_and_readers_stay() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let (one, other) = (redis.node(), redis.node());
    let mut socket = one.websocket("/rooms/a/ws?name=bob").await;
    let mut stream = Lines::of(other.stream("/rooms/a/stream").await);
    assert_eq!(hear_json(&mut socket).await["kind"], "join");
    assert_eq!(one.say("before").await, 2);
    // The other one has it as well before nothing comes any more.
    whole(&other, 2).await;
    redis.kill();
    let draft = r#"{"from":"ann","text":"lost"}"#;
    for node in [&one, &other] {
        let refused = node.post("/rooms/a/messages", draft).await;
        assert_eq!(refused.status(), 503, "{refused:?}");
        assert_eq!(refused.json()["code"], "not_stored");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(node.get("/healthz/ready").await.status(), 503);
        // A room that it does not have cannot be told from one that others speak in.
        let unknown = node.get("/rooms/unknown/poll").await;
        assert_eq!(
            (unknown.status(), &unknown.json()["code"]),
            (503, &"no_log".into())
        );
        // What it has is read on.
        assert_eq!(node.get("/rooms/a/poll?after=1").await.json()["next"], 2);
    }
    // Somebody comes while nothing can be written, and is told once it can.
    let _cy = other.websocket("/rooms/a/ws?name=cy").await;
    redis.again();
    let (back, _) = say_until_taken(&other, "after").await;
    assert_eq!(other.get("/healthz/ready").await.status(), 200);
    soon(async {
        loop {
            let heard = hear_json(&mut socket).await;
            assert_ne!(heard["text"], "lost");
            if heard["seq"] == back {
                assert_eq!(heard["text"], "after");
                return;
            }
        }
    })
    .await;
    let mut heard = Vec::new();
    while heard.last() != Some(&back) {
        heard.push(stream.event().await["seq"].as_u64().unwrap());
    }
    assert!(heard.iter().copied().eq(1..=back), "{heard:?}");
    one.online(2).await;
    let told = story(&one).await;
    let joins = |name: &str| told.iter().filter(|line| line.starts_with(name)).count();
    assert_eq!(
        (joins("join bob"), joins("join cy"), joins("leave")),
        (1, 1, 0),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_on_its_way_doubles_nothing() {
    let Some(redis) = Redis::start() else { return };
    let way = Way::to(redis.address);
    let one = node(&way.url, Settings::default());
    assert_eq!(one.say("first").await, 1);
    way.loses.store(1, SeqCst);
    assert_eq!(one.say("second").await, 2);
    assert_eq!(way.loses.load(SeqCst), 0, "an answer was lost");
    assert_eq!(redis.length(), 2);
    // Both attempts: it is refused, though it may be there; once.
    way.loses.store(2, SeqCst);
    let draft = r#"{"from":"ann","text":"third"}"#;
    let refused = one.post("/rooms/a/messages", draft).await;
    assert_eq!((refused.status(), way.loses.load(SeqCst)), (503, 0));
    assert_eq!(redis.length(), 3);
    let (seq, _) = say_until_taken(&one, "fourth").await;
    assert_eq!(seq, 4);
    assert_eq!(seqs(&whole(&one, 4).await), [1, 2, 3, 4]);
}

/// Holds a batch back on a connection that is given up, while the same batch and another go by
/// another one.
#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_when_it_was_long_sent_again_is_not_added_again() {
    let Some(redis) = Redis::start() else { return };
    let way = Way::to(redis.address);
    let one = node(&way.url, Settings::default());
    way.holds.store(1, SeqCst);
    assert_eq!(one.say("first").await, 1);
    assert_eq!(one.say("second").await, 2);
    let answers = way.release().await;
    assert_eq!(answers, ["*1\r\n:3\r\n"], "it is refused as too late");
    assert_eq!(redis.length(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_does_not_answer_is_not_waited_for_and_doubles_nothing() {
    let Some(redis) = Redis::start() else { return };
    let one = redis.node();
    assert_eq!(one.say("before").await, 1);
    redis.freeze(true);
    let draft = r#"{"from":"ann","text":"meanwhile"}"#;
    let refused = one.post("/rooms/a/messages", draft).await;
    assert_eq!(refused.status(), 503, "{refused:?}");
    assert_eq!(one.get("/rooms/a/poll").await.json()["next"], 1);
    redis.freeze(false);
    let (seq, _) = say_until_taken(&one, "after").await;
    let batch = whole(&one, seq).await;
    let texts: Vec<_> = batch["events"].as_array().unwrap().iter().collect();
    let count = |text: &str| texts.iter().filter(|event| event["text"] == text).count();
    // What was refused was on its way, and may be there.
    assert!(count("meanwhile") <= 1, "{batch}");
    assert_eq!((count("before"), count("after")), (1, 1), "{batch}");
    assert!(seqs(&batch).into_iter().eq(1..=seq), "{batch}");
}

/// Checks that a reader who is led to another node right after an event has missed nothing: that node
/// asks Redis before it says that it does not know the place.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_good_at_a_node_that_has_not_heard_of_it_yet() {
    let Some(redis) = Redis::start() else { return };
    let way = Way::to(redis.address);
    let (one, other) = (redis.node(), node(&way.url, Settings::default()));
    let batch = whole(&other, 0).await;
    let epoch = batch["epoch"].as_str().unwrap();
    way.keeps_news.store(true, SeqCst);
    for seq in 1..=20 {
        assert_eq!(one.say("text").await, seq);
        for place in [format!("{seq}-{epoch}"), seq.to_string()] {
            let url = format!("/rooms/a/poll?after={place}");
            let rest = other.get(&url).await.json();
            assert_eq!((seqs(&rest), &rest["missed"]), (vec![], &0.into()), "{url}");
        }
    }
    // What Redis does not have either is of another log.
    let beyond = other.get("/rooms/a/poll?epoch=1&after=40").await.json();
    assert_eq!(
        (&beyond["missed"], &beyond["next"]),
        (&1.into(), &20.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_gets_all_that_others_said() {
    let Some(redis) = Redis::start() else { return };
    let way = Way::to(redis.address);
    let (far, near) = (node(&way.url, Settings::default()), redis.node());
    let mut socket = far.websocket("/rooms/a/ws").await;
    assert_eq!(near.say("one").await, 1);
    way.is_cut.store(true, SeqCst);
    assert_eq!(near.say("two").await, 2);
    let refused = far
        .post("/rooms/a/messages", r#"{"from":"a","text":"x"}"#)
        .await;
    assert_eq!(refused.status(), 503);
    assert_eq!(near.say("three").await, 3);
    way.is_cut.store(false, SeqCst);
    let (seq, refused) = say_until_taken(&far, "four").await;
    assert_eq!(seq, 4, "{refused:?}");
    assert_eq!(numbers(&mut socket, 4).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_forgot_everything_has_another_log_and_readers_are_told() {
    let Some(redis) = Redis::start() else { return };
    let one = redis.node();
    for seq in 1..=3 {
        assert_eq!(one.say("old").await, seq);
    }
    let begun = whole(&one, 3).await;
    let old = begun["epoch"].as_str().unwrap().to_owned();
    let mut socket = one.websocket(&format!("/rooms/a/ws?after=3-{old}")).await;
    redis.ask::<String>(&::redis::cmd("FLUSHALL")).unwrap();
    let (seq, refused) = say_until_taken(&one, "new").await;
    assert_eq!(seq, 1, "{refused:?}");
    // Its reader is sent away, and told when it comes back.
    soon(async { while hear(&mut socket).await.is_some() {} }).await;
    let anew = one
        .get(&format!("/rooms/a/poll?after=3-{old}"))
        .await
        .json();
    assert_eq!((seqs(&anew), &anew["missed"]), (vec![1], &1.into()));
    assert_ne!(anew["epoch"], old.as_str());
}
