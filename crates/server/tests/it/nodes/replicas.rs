//! Replicas that must have a draft before it is acknowledged, and namespaces.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use server::{RedisSettings, Settings, Store};

use super::{
    redis::{Redis, Way, node_of},
    say_until_taken, whole,
};
use crate::fixture::{Server, seqs};

const DRAFT: &str = r#"{"from":"ann","text":"meanwhile"}"#;

/// Starts a server whose drafts one replica must have.
fn copied(url: &str) -> Server {
    let redis = RedisSettings {
        replicas: 1,
        ..RedisSettings::default()
    };
    node_of(url, Settings::default(), &redis)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_acknowledged_once_a_replica_has_it_and_not_while_none_follows() {
    let Some(redis) = Redis::start() else { return };
    let replica = redis.replica();
    let one = copied(&redis.url());
    for _ in 0..3 {
        // On a busy machine the replica may be too late for the first attempt.
        let (seq, _) = say_until_taken(&one, "before").await;
        // The replica was waited for, so that nothing has to be waited for here.
        assert_eq!(replica.length(), usize::try_from(seq).unwrap());
    }
    replica.freeze(true);
    let refused = one.post("/rooms/a/messages", DRAFT).await;
    assert_eq!(
        (refused.status(), &refused.json()["code"]),
        (503, &"not_stored".into())
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Another attempt to reach it finds the same.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(one.get("/healthz/ready").await.status(), 503);
    assert_eq!(one.get("/rooms/a/poll?after=1").await.status(), 200);
    replica.freeze(false);
    let (seq, _) = say_until_taken(&one, "after").await;
    let batch = whole(&one, seq).await;
    let texts: Vec<_> = batch["events"].as_array().unwrap().iter().collect();
    let count = |text: &str| texts.iter().filter(|event| event["text"] == text).count();
    assert!(count("meanwhile") <= 1, "{batch}");
    assert!(count("before") >= 3 && count("after") >= 1, "{batch}");
    assert!(seqs(&batch).into_iter().eq(1..=seq), "{batch}");
    assert_eq!(replica.length(), usize::try_from(seq).unwrap());
}

/// Loses the answer to a batch. It is sent again, which adds nothing: what it added before must be
/// waited for all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_no_more_acknowledged_than_at_first() {
    let Some(redis) = Redis::start() else { return };
    let replica = redis.replica();
    let way = Way::to(redis.address);
    let one = copied(&way.url);
    let (before, _) = say_until_taken(&one, "before").await;
    replica.freeze(true);
    way.loses.store(1, SeqCst);
    let refused = one.post("/rooms/a/messages", DRAFT).await;
    assert_eq!(refused.status(), 503, "{refused:?}");
    assert_eq!(way.loses.load(SeqCst), 0, "an answer was lost");
    replica.freeze(false);
    let (seq, _) = say_until_taken(&one, "after").await;
    let batch = whole(&one, seq).await;
    let texts: Vec<_> = batch["events"].as_array().unwrap().iter().collect();
    let meanwhile = texts.iter().filter(|event| event["text"] == "meanwhile");
    assert_eq!(meanwhile.count(), 1, "it is in the log, once: {batch}");
    assert!(seq >= before + 2, "{batch}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_too_few_replicas_is_refused_before_anything_is_served() {
    let Some(redis) = Redis::start() else { return };
    let settings = RedisSettings {
        replicas: 1,
        ..RedisSettings::default()
    };
    let error = Store::redis(&redis.url(), &settings).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("0 replicas") && said.contains("--replicaof"),
        "{said}"
    );
    let _replica = redis.replica();
    Store::redis(&redis.url(), &settings).expect("one follows");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_two_namespaces_have_no_room_in_common() {
    let Some(redis) = Redis::start() else { return };
    let within = |namespace: &str| {
        let settings = RedisSettings {
            namespace: namespace.to_owned(),
            ..RedisSettings::default()
        };
        node_of(&redis.url(), Settings::default(), &settings)
    };
    let (one, same, other) = (within("one"), within("one"), within("other"));
    assert_eq!(one.say("first").await, 1);
    assert_eq!(same.say("second").await, 2);
    assert_eq!(other.say("alone").await, 1);
    assert_eq!(redis.node().say("alone as well").await, 1);
    assert_eq!(seqs(&whole(&one, 2).await), [1, 2]);
    let mut keys = ::redis::cmd("KEYS");
    let mut all: Vec<String> = redis.ask(keys.arg("*:room:a:log")).unwrap();
    all.sort_unstable();
    assert_eq!(
        all,
        [
            "wirebench:room:a:log",
            "wirebench:run:one:room:a:log",
            "wirebench:run:other:room:a:log"
        ]
    );
}
