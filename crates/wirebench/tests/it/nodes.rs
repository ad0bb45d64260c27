//! Several servers over one Redis, as processes that can be killed, and runs with them.

use std::{
    hash::{BuildHasher, RandomState},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::{
    fixture::{
        Serving, assert_positive, children, column, ended, lost_nothing, run, text, until,
        wirebench,
    },
    kills::{Known, exchange, kills, nothing_is_lost_or_doubled, read_on, speak},
    proxies::{is_there, sets},
    redis::Redis,
};

fn murder(node: &Serving) {
    let pid = Pid::from_raw(node.child.id().try_into().expect("a pid"));
    kill(pid, Signal::SIGKILL).expect("it is there");
}

/// Lets two nodes take drafts and kills one of them again and again. Whoever read there goes on at
/// the other with the place.
#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_a_node_is_killed() {
    let Some(redis) = Redis::start() else { return };
    let stays = redis.node();
    let random = RandomState::new();
    let mut known = Known {
        place: "0".to_owned(),
        ..Known::default()
    };
    let kills = kills();
    for kill in 0..kills {
        let dies = redis.node();
        read_on(&dies, &mut known);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for node in [&dies, &stays, &dies, &stays] {
                scope.spawn(|| speak(node, &known, &stop));
            }
            thread::sleep(Duration::from_millis(20 + random.hash_one(kill) % 300));
            // On a busy machine nobody may have been answered yet.
            until("somebody is answered", || {
                let said = known.said.lock().expect("no speaker panics").len();
                (said as u64 > kill + 1).then_some(())
            });
            murder(&dies);
            // Whoever was not answered by now never will be.
            thread::sleep(Duration::from_millis(20));
            stop.store(true, SeqCst);
        });
        read_on(&stays, &mut known);
    }
    // A new node has all of it, and the one that stayed has what Redis took last of all.
    let late = redis.node();
    read_on(&late, &mut known);
    nothing_is_lost_or_doubled(&known, kills);
}

/// Returns the joins and leaves in room `b`.
fn story(node: &Serving) -> Vec<String> {
    let (_, batch) = exchange(node, "GET /rooms/b/poll", "").expect("an answer");
    let events = batch["events"].as_array().expect("events").iter();
    let line = |event: &Value| format!("{} {} {}", event["kind"], event["from"], event["online"]);
    events.map(|event| line(event).replace('"', "")).collect()
}

#[test]
fn the_people_of_a_killed_node_leave_once_its_lease_is_over() {
    let Some(redis) = Redis::start() else { return };
    let (stays, dies) = (redis.node(), redis.node());
    let come = |node: &Serving, query: &str| {
        let request = format!("GET /rooms/b/poll?interval=60&{query}");
        exchange(node, &request, "").expect("an answer");
    };
    come(&dies, "name=ann");
    come(&dies, "name=bob&person=b");
    until("both are told", || (story(&stays).len() == 2).then_some(()));
    murder(&dies);
    // Bob goes on at the other node in time; ann does not.
    come(&stays, "name=bob&person=b");
    until("ann has left", || (story(&stays).len() > 2).then_some(()));
    assert_eq!(story(&stays), ["join ann 1", "join bob 2", "leave ann 1"]);
    let (_, people) = exchange(&stays, "GET /rooms/b/people", "").expect("an answer");
    assert_eq!(
        (&people["online"], &people["people"][0]["name"]),
        (&1.into(), &"bob".into())
    );
}

#[test]
fn a_run_spreads_its_readers_over_nodes_and_accounts_for_redis() {
    if !is_there("redis-server", "redis-server") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&[
        "server.store=redis",
        "server.nodes=2",
        "swarm.presence=true",
    ]);
    let mut run = run("scenarios/quick.toml", &out, &sets);
    let child = run
        .args(["--only", "websocket,sse,long_poll"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    until("both servers are there", || {
        (children(pid, "serve").len() == 2).then_some(())
    });
    let output = child.wait_with_output().unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "nodes"), ["2", "2", "2"]);
    assert_eq!(column(&runs, "broker"), ["redis everysec"; 3]);
    for measured in ["broker_rss_bytes", "broker_bytes_in", "broker_bytes_out"] {
        assert_positive(&runs, measured);
    }
    assert!(
        !out.join("store.tmp").exists(),
        "the store is the run's own"
    );
}

#[test]
fn redis_is_asked_for_in_words_that_work() {
    for (place, says) in [
        ("rediss://127.0.0.1:1", "redis://HOST:PORT"),
        (
            "redis://127.0.0.1:1",
            "cannot use redis://127.0.0.1:1 as a store",
        ),
    ] {
        let mut serve = wirebench();
        let output = serve
            .args(["serve", "--listen", "127.0.0.1:0", "--store", place])
            .output()
            .unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(says), "{place}: {said}");
    }
}
