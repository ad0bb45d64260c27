//! A server that ends, and another that goes on with its store.

use std::{path::Path, time::Duration};

use futures_util::SinkExt;
use serde_json::Value;
use server::{Settings, Store, StoreError};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, hear_json, seqs, soon};

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(folder, Duration::from_millis(1))
}

fn settings(folder: &Path) -> Settings {
    Settings {
        log_events: 5,
        store: Some(open(folder).unwrap()),
        ..Settings::default()
    }
}

fn stored(folder: &Path) -> Server {
    Server::with(settings(folder))
}

/// Ends the server in good order.
async fn leave(mut server: Server) {
    server.stop();
    server.left().await;
}

/// Returns the joins and leaves in room `a`.
fn story(batch: &Value) -> Vec<String> {
    let events = batch["events"].as_array().unwrap().iter();
    events
        .map(|event| format!("{} {} {}", event["kind"], event["from"], event["online"]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_good_over_a_restart_and_gets_exactly_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let server = stored(folder.path());
    let begun = server.get("/rooms/a/poll?epoch=1").await.json();
    let epoch = begun["epoch"].as_str().unwrap().to_owned();
    for seq in 1..=3 {
        assert_eq!(server.say(&format!("text {seq}")).await, seq);
    }
    leave(server).await;

    let server = stored(folder.path());
    let place = format!("/rooms/a/poll?epoch=1&after=1-{epoch}");
    let batch = server.get(&place).await.json();
    assert_eq!((seqs(&batch), &batch["missed"]), (vec![2, 3], &0.into()));
    assert_eq!(batch["events"][0]["text"], "text 2");
    assert_eq!(batch.get("epoch"), None);
    // A bare number as well, though nobody was given anything by this server.
    let bare = server.get("/rooms/a/poll?after=2").await.json();
    assert_eq!((seqs(&bare), &bare["missed"]), (vec![3], &0.into()));
    // The numbers go on; a stream and a socket are given the same.
    let mut socket = server
        .websocket(&format!("/rooms/a/ws?ack=1&after=3-{epoch}"))
        .await;
    let draft = r#"{"from":"ann","text":"text 4","tag":"t"}"#;
    socket.send(Message::text(draft)).await.unwrap();
    let mut heard = [hear_json(&mut socket).await, hear_json(&mut socket).await];
    heard.sort_by_key(|message| message["kind"].to_string());
    assert_eq!(
        (&heard[0]["kind"], &heard[0]["seq"]),
        (&"message".into(), &4.into())
    );
    assert_eq!(
        (&heard[1]["kind"], &heard[1]["seq"]),
        (&"said".into(), &4.into())
    );
    drop(socket);
    leave(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_keeps_its_length_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    for life in 0..3_u64 {
        let server = stored(folder.path());
        for number in 1..=4 {
            assert_eq!(server.say("x").await, 4 * life + number);
        }
        leave(server).await;
    }
    let server = stored(folder.path());
    let batch = server.get("/rooms/a/poll?after=2").await.json();
    assert_eq!(
        (seqs(&batch), &batch["missed"]),
        ((8..=12).collect(), &5.into())
    );
    leave(server).await;
    // A shorter log takes the end of the longer one.
    let server = Server::with(Settings {
        log_events: 2,
        ..settings(folder.path())
    });
    let batch = server.get("/rooms/a/poll").await.json();
    assert_eq!(seqs(&batch), [11, 12]);
    leave(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_room_has_the_same_epoch_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut epochs = Vec::new();
    for _ in 0..2 {
        let server = stored(folder.path());
        for room in ["a", "b"] {
            let batch = server.get(&format!("/rooms/{room}/poll?epoch=1")).await;
            epochs.push(batch.json()["epoch"].to_string());
        }
        leave(server).await;
    }
    assert_eq!(epochs[..2], epochs[2..]);
    assert_ne!(epochs[0], epochs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_was_given_up_is_not_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(Settings {
        max_rooms: 1,
        ..settings(folder.path())
    });
    server.say("x").await;
    let before = server.get("/rooms/a/poll?epoch=1").await.json();
    // Another room takes its place, and it takes that one's, once the server has
    // seen that who asked for the one before is gone.
    soon(async { while server.get("/rooms/b/poll").await.status() != 200 {} }).await;
    soon(async { while server.get("/rooms/a/poll").await.status() != 200 {} }).await;
    let after = server.get("/rooms/a/poll?epoch=1").await.json();
    assert_eq!(seqs(&after), [0; 0]);
    assert_ne!(before["epoch"], after["epoch"]);
    leave(server).await;
    let server = stored(folder.path());
    let again = server.get("/rooms/a/poll?epoch=1").await.json();
    assert_eq!((seqs(&again), &again["epoch"]), (vec![], &after["epoch"]));
    leave(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_after_a_restart_neither_leaves_nor_joins() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(Settings {
        log_events: 100,
        ..settings(folder.path())
    });
    let ann = "/rooms/a/ws?name=ann&person=p1";
    let socket = server.websocket(ann).await;
    server.online(1).await;
    let _poller = server.get("/rooms/a/poll?name=ben").await;
    server.online(2).await;
    drop(socket);
    leave(server).await;

    let server = Server::with(Settings {
        log_events: 100,
        // Ann comes back within it, however slow the machine.
        lease_grace: Duration::from_secs(3),
        ..settings(folder.path())
    });
    let people = server.get("/rooms/a/people").await.json();
    assert_eq!(people["online"], 2, "{people}");
    assert_eq!(people["people"][0]["name"], "ann");
    let _socket = server.websocket(ann).await;
    // Ben does not come back.
    server.online(1).await;
    let mut heard = server.get("/rooms/a/poll").await.json();
    while story(&heard).len() < 3 {
        heard = server.get("/rooms/a/poll").await.json();
    }
    assert_eq!(
        story(&heard),
        [
            r#""join" "ann" 1"#,
            r#""join" "ben" 2"#,
            r#""leave" "ben" 1"#
        ]
    );
    leave(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_or_with_something_else_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = stored(folder.path());
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse), "{refused}");
    leave(server).await;
    // The lock is gone with the server.
    drop(open(folder.path()).unwrap());

    let file = folder.path().join("log.redb");
    let whole = std::fs::read(&file).unwrap();
    for wrong in [
        &b"not a store at all"[..],
        &[7; 10_000],
        &whole[..whole.len() / 2],
    ] {
        std::fs::write(&file, wrong).unwrap();
        let refused = open(folder.path()).unwrap_err();
        let is_told = matches!(refused, StoreError::NotAStore | StoreError::Damaged(_));
        assert!(is_told, "{refused:?}");
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::write(folder.path().join("letter.txt"), "dear ann").unwrap();
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(&refused, StoreError::Foreign(name) if name == "letter.txt"));
}
