//! Tests of polls of Socket.IO and SockJS that wait in the seats of a room: a client cannot tell
//! them from those that hyper answers.

use std::time::Duration;

use serde_json::Value;
use server::Settings;
use tokio::time::sleep;

use crate::fixture::{Answer, Server, Wire, get, post, soon};

const ENGINE_IO: &str = "/socket.io/?EIO=4&transport=polling";
/// The time in which the server has come to hold a poll.
const A_WHILE: Duration = Duration::from_millis(50);
const LATEST: &str = r#"{"room":"a","after":"latest"}"#;

/// Returns the same request with a header that makes the server leave it to hyper.
fn slowly(request: &str) -> String {
    request.replacen("\r\n\r\n", "\r\nupgrade: nothing\r\n\r\n", 1)
}

/// Opens a session of Socket.IO, and enters a room. Returns the target of its polls.
async fn socket_io(server: &Server, auth: &str) -> String {
    let opened = server.get(ENGINE_IO).await;
    let json: Value = serde_json::from_str(&opened.body[1..]).unwrap();
    let target = format!("{ENGINE_IO}&sid={}", json["sid"].as_str().unwrap());
    let answer = server.post(&target, &format!("40{auth}")).await;
    assert_eq!(answer.body, "ok");
    let greeting = server.get(&target).await;
    assert!(greeting.body.starts_with("40{"), "{greeting:?}");
    target
}

/// Opens a session of SockJS. Returns the target of its polls.
async fn sockjs(server: &Server, id: &str) -> String {
    let target = format!("/sockjs/a/000/{id}/xhr?after=latest");
    assert_eq!(server.post(&target, "").await.body, "o\n");
    target
}

/// A library whose clients poll.
#[derive(Debug, Clone, Copy)]
enum Library {
    SocketIo,
    Sockjs,
}

const LIBRARIES: [Library; 2] = [Library::SocketIo, Library::Sockjs];

/// Opens a session that follows room `a` from now on, and returns its poll.
async fn poll_of(server: &Server, library: Library, id: &str) -> String {
    match library {
        Library::SocketIo => get(&socket_io(server, LATEST).await),
        Library::Sockjs => post(&sockjs(server, id).await, ""),
    }
}

/// Sends a request whose answer is held.
async fn hold(server: &Server, request: &str) -> Wire {
    let mut wire = server.connect().await;
    wire.write(request.as_bytes()).await;
    sleep(A_WHILE).await;
    wire
}

/// Returns whether an answer brings the event of this number, in whatever wrapping.
fn brings(answer: &Answer, seq: u64) -> bool {
    let bare = answer.body.replace('\\', "");
    bare.contains(&format!("\"seq\":{seq},"))
}

#[tokio::test]
async fn an_event_answers_them_as_hyper_does() {
    let server = Server::start();
    for (turn, library) in LIBRARIES.repeat(3).into_iter().enumerate() {
        let quick = poll_of(&server, library, &format!("quick{turn}")).await;
        let slow = slowly(&poll_of(&server, library, &format!("slow{turn}")).await);
        let (mut quick, mut slow) = (hold(&server, &quick).await, hold(&server, &slow).await);
        let seq = server.say("h\u{e4}llo \"there\"").await;
        let (quick, slow) = (quick.answer(false).await, slow.answer(false).await);
        assert!(brings(&quick, seq), "{quick:?}");
        assert_eq!((quick.head, quick.body), (slow.head, slow.body));
    }
}

#[tokio::test]
async fn silence_answers_them_as_hyper_does() {
    let server = Server::with(Settings {
        // Long enough that none is due before the first poll, however slow the machine.
        heartbeat: Duration::from_millis(500),
        ..Settings::default()
    });
    for (library, heartbeat) in LIBRARIES.into_iter().zip(["2", "h\n"]) {
        let quick = server.send(&poll_of(&server, library, "quick").await).await;
        let slow = slowly(&poll_of(&server, library, "slow").await);
        let slow = server.send(&slow).await;
        assert_eq!(quick.body, heartbeat);
        assert_eq!((quick.head, quick.body), (slow.head, slow.body));
    }
}

#[tokio::test]
async fn a_connection_polls_on_and_asks_for_other_things_between() {
    let server = Server::start();
    for library in LIBRARIES {
        let poll = poll_of(&server, library, "s").await;
        let mut wire = server.connect().await;
        for turn in 0..24 {
            wire.write(poll.as_bytes()).await;
            if turn % 2 == 0 {
                sleep(Duration::from_millis(5)).await;
            }
            let seq = server.say("x").await;
            let answer = wire.answer(false).await;
            assert!(
                brings(&answer, seq) && !brings(&answer, seq - 1),
                "{answer:?}"
            );
            match turn % 3 {
                0 => assert_eq!(wire.exchange(&get("/healthz")).await.status(), 200),
                1 => {
                    let poll = get("/rooms/a/poll?after=latest");
                    assert_eq!(wire.exchange(&poll).await.status(), 200);
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn what_follows_one_is_answered_in_its_turn() {
    let server = Server::start();
    for library in LIBRARIES {
        let poll = poll_of(&server, library, "s").await;
        let mut wire = hold(&server, &[poll, get("/healthz")].concat()).await;
        let seq = server.say("x").await;
        assert!(brings(&wire.answer(false).await, seq));
        assert_eq!(wire.answer(false).await.json()["ok"], true);
    }
}

#[tokio::test]
async fn a_long_answer_comes_whole() {
    let server = Server::with(Settings {
        send_buffer: Some(8 * 1024),
        ..Settings::default()
    });
    for library in LIBRARIES {
        let poll = poll_of(&server, library, "s").await;
        let mut wire = hold(&server, &poll).await;
        let seq = server.say(&"x".repeat(60_000)).await;
        // Nothing is read before the socket is full.
        sleep(A_WHILE).await;
        assert!(brings(&wire.answer(false).await, seq));
        wire.write(poll.as_bytes()).await;
        sleep(A_WHILE).await;
        let seq = server.say("short").await;
        assert!(brings(&wire.answer(false).await, seq));
    }
}

#[tokio::test]
async fn a_client_that_cuts_one_has_left() {
    let server = Server::with(Settings {
        lease_grace: A_WHILE,
        ..Settings::default()
    });
    let auth = r#"{"room":"a","name":"ann","after":"latest"}"#;
    let target = socket_io(&server, auth).await;
    server.online(1).await;
    drop(hold(&server, &get(&target)).await);
    server.online(0).await;
    // The session says so for a moment, and is unknown from then on.
    let unknown = async { while server.get(&target).await.status() != 400 {} };
    soon(unknown).await;
}

/// Checks that an answer to what a client says in its session is brought by its held poll.
#[tokio::test]
async fn what_the_session_has_to_say_answers_one() {
    let server = Server::start();
    let target = socket_io(&server, LATEST).await;
    for id in 1..10 {
        let mut wire = hold(&server, &get(&target)).await;
        let emit = format!(r#"42{id}["message",{{"from":"ann","text":"x"}}]"#);
        assert_eq!(server.post(&target, &emit).await.body, "ok");
        let mut answers = vec![wire.answer(false).await];
        let has_all = |answers: &[Answer]| {
            let ack = format!("43{id}[");
            answers.iter().any(|answer| answer.body.contains(&ack))
                && answers.iter().any(|answer| brings(answer, id))
        };
        // The event may have been quicker than the acknowledgement.
        while !has_all(&answers) {
            answers.push(wire.exchange(&get(&target)).await);
        }
        let doubles = answers.iter().filter(|answer| brings(answer, id)).count();
        assert_eq!(doubles, 1, "{answers:?}");
    }
}

#[tokio::test]
async fn a_second_one_by_hyper_is_seen_to_be_the_second() {
    let server = Server::start();
    let engine_io = poll_of(&server, Library::SocketIo, "").await;
    let sockjs = poll_of(&server, Library::Sockjs, "s").await;
    let mut held = hold(&server, &engine_io).await;
    assert_eq!(server.send(&slowly(&engine_io)).await.status(), 400);
    assert_eq!(held.answer(false).await.body, "1");
    let mut held = hold(&server, &sockjs).await;
    let second = server.send(&slowly(&sockjs)).await;
    assert_eq!(second.body, "c[2010,\"Another connection still open\"]\n");
    let seq = server.say("x").await;
    assert!(brings(&held.answer(false).await, seq));
}
