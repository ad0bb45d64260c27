//! Tests of polls that are answered without hyper: a client cannot tell the difference.

use serde_json::Value;
use server::Settings;

use crate::fixture::{Server, get, post, seqs};

/// Returns the same request with a header that makes the server leave it to hyper.
fn slowly(request: &str) -> String {
    request.replacen("\r\n\r\n", "\r\nupgrade: nothing\r\n\r\n", 1)
}

#[tokio::test]
async fn both_ways_give_the_same_bytes() {
    let server = Server::start();
    server.say("hi").await;
    let mut quick = server.connect().await;
    let mut slow = server.connect().await;
    for target in [
        "/rooms/a/poll",
        "/rooms/a/poll?after=0",
        "/rooms/a/poll?after=1",
        "/rooms/a/poll?after=latest&interval=0.5",
        "/rooms/a/poll?_=%",
        "/rooms/a/long-poll?after=0&hold=9",
        "/rooms/a/long-poll?after=latest&hold=0.01",
    ] {
        let quick = quick.exchange(&get(target)).await;
        let slow = slow.exchange(&slowly(&get(target))).await;
        assert_eq!((quick.head, quick.body), (slow.head, slow.body), "{target}");
    }
}

#[tokio::test]
async fn polls_that_find_nothing_new_are_answered_alike_until_something_is_said() {
    // Both answers to be compared may come in two seconds.
    let server = Server::with(Settings {
        date_header: false,
        ..Settings::default()
    });
    let mut place = server.say("one").await;
    let mut readers = [
        server.connect().await,
        server.connect().await,
        server.connect().await,
    ];
    let mut slow = server.connect().await;
    for _ in 0..3 {
        let poll = get(&format!("/rooms/a/poll?after={place}"));
        for _ in 0..4 {
            for reader in &mut readers {
                let quick = reader.exchange(&poll).await;
                let slow = slow.exchange(&slowly(&poll)).await;
                assert_eq!((quick.head, quick.body), (slow.head, slow.body));
            }
        }
        // Two at once, and one in two pieces.
        let [first, second, _] = &mut readers;
        first.write(poll.repeat(2).as_bytes()).await;
        second.write(&poll.as_bytes()[..9]).await;
        assert!(seqs(&first.answer(false).await.json()).is_empty());
        assert!(seqs(&first.answer(false).await.json()).is_empty());
        second.write(&poll.as_bytes()[9..]).await;
        assert!(seqs(&second.answer(false).await.json()).is_empty());
        let said = server.say("more").await;
        for reader in &mut readers {
            assert_eq!(seqs(&reader.exchange(&poll).await.json()), [said]);
        }
        place = said;
    }
}

#[tokio::test]
async fn whatever_follows_a_poll_is_answered_in_its_turn() {
    let server = Server::start();
    server.say("one").await;
    let mut wire = server.connect().await;
    let poll = get("/rooms/a/poll?after=0");
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"two"}"#);
    let together = [&*poll, &poll, &draft, &poll, &slowly(&poll)].concat();
    wire.write(together.as_bytes()).await;
    for events in [vec![1], vec![1]] {
        assert_eq!(seqs(&wire.answer(false).await.json()), events);
    }
    assert_eq!(wire.answer(false).await.json()["seq"], 2);
    for events in [vec![1, 2], vec![1, 2]] {
        assert_eq!(seqs(&wire.answer(false).await.json()), events);
    }
}

#[tokio::test]
async fn a_request_may_come_in_pieces() {
    let server = Server::start();
    server.say("one").await;
    let poll = get("/rooms/a/poll?after=0");
    for cut in 1..poll.len() {
        let mut wire = server.connect().await;
        wire.write(&poll.as_bytes()[..cut]).await;
        tokio::task::yield_now().await;
        wire.write(&poll.as_bytes()[cut..]).await;
        assert_eq!(seqs(&wire.answer(false).await.json()), [1], "{cut}");
    }
}

#[tokio::test]
async fn what_comes_while_a_poll_is_held_waits_for_it() {
    let server = Server::start();
    let mut wire = server.connect().await;
    wire.write(get("/rooms/a/long-poll?after=0").as_bytes())
        .await;
    wire.write(get("/rooms/a/poll").as_bytes()).await;
    wire.write(get("/healthz").as_bytes()).await;
    server.get("/healthz").await;
    let said = server.say("hi").await;
    assert_eq!(seqs(&wire.answer(false).await.json()), [said]);
    assert_eq!(seqs(&wire.answer(false).await.json()), [said]);
    assert_eq!(wire.answer(false).await.status(), 200);
}

/// Checks that a client that speaks before its handshake is answered, as none should, is heard all
/// the same, however much of it hyper had not read yet.
#[tokio::test]
async fn frames_behind_a_handshake_behind_a_held_poll_are_heard() {
    let server = Server::start();
    let mut wire = server.connect().await;
    wire.write(get("/rooms/a/long-poll?after=0&hold=60").as_bytes())
        .await;
    let text = "x".repeat(12_000);
    let draft = format!(r#"{{"from":"ann","text":"{text}"}}"#);
    let mut frame = vec![0x81, 0x80 | 0x7e];
    frame.extend((draft.len() as u16).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(draft.as_bytes());
    wire.write(
        b"GET /rooms/b/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
          sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    .await;
    wire.write(&frame).await;
    server.get("/healthz").await;
    server.say("hi").await;
    assert_eq!(wire.answer(false).await.status(), 200);
    assert!(wire.head().await.starts_with("HTTP/1.1 101"));
    let head = wire.take_bytes(4).await;
    assert_eq!(head[..2], [0x81, 126]);
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    assert!(wire.take(length).await.contains(&text));
}

#[tokio::test]
async fn pollers_at_different_places_each_get_their_own() {
    let server = Server::start();
    for text in ["a", "b", "c"] {
        server.say(text).await;
    }
    let mut wire = server.connect().await;
    for _ in 0..3 {
        for place in 0..=3 {
            let batch = wire
                .exchange(&get(&format!("/rooms/a/poll?after={place}")))
                .await
                .json();
            assert_eq!(seqs(&batch), (place + 1..=3).collect::<Vec<u64>>());
        }
    }
    server.say("d").await;
    let batch: Value = wire.exchange(&get("/rooms/a/poll?after=3")).await.json();
    assert_eq!(seqs(&batch), [4]);
}

#[tokio::test]
async fn a_long_batch_is_given_whole() {
    let server = Server::with(Settings {
        send_buffer: Some(8 * 1024),
        ..Settings::default()
    });
    for _ in 0..50 {
        server.say(&"x".repeat(60_000)).await;
    }
    let mut wire = server.connect().await;
    for _ in 0..2 {
        let batch = wire.exchange(&get("/rooms/a/poll?after=0")).await.json();
        assert_eq!(seqs(&batch).len(), 50);
    }
}

/// Returns drafts that are taken, and drafts that are refused, each for another reason.
fn drafts() -> Vec<String> {
    let mut drafts: Vec<String> = [
        r#"{"from":"ann","text":"hi"}"#,
        r#"{"from":"ann","text":"hi","tag":"t1"}"#,
        r#"{"from":"","text":"hi"}"#,
        r#"{"from":"ann","text":""}"#,
        r#"{"from":"ann"}"#,
        r#"{"from":"ann","text":"hi","more":1}"#,
        r#"{"from":"ann","text":"hi""#,
        "[]",
        "",
    ]
    .map(str::to_owned)
    .into();
    drafts.push(format!(
        r#"{{"from":"ann","text":"hi","tag":"{}"}}"#,
        "t".repeat(65)
    ));
    drafts.push(format!(
        r#"{{"from":"ann","text":"{}"}}"#,
        "x".repeat(70_000)
    ));
    // One more than two may come at once where one a second may.
    drafts.push(r#"{"from":"ann","text":"late"}"#.to_owned());
    drafts
}

#[tokio::test]
async fn a_draft_is_answered_alike_both_ways() {
    let slow_down = Settings {
        drafts_per_second: Some(1),
        ..Settings::default()
    };
    for settings in [Settings::default(), slow_down] {
        let (quick, slow) = (Server::with(settings.clone()), Server::with(settings));
        let (mut one, mut other) = (quick.connect().await, slow.connect().await);
        for draft in drafts() {
            let request = post("/rooms/a/messages?person=p1", &draft);
            let quick = one.exchange(&request).await;
            let slow = other.exchange(&slowly(&request)).await;
            assert_eq!((quick.head, quick.body), (slow.head, slow.body), "{draft}");
        }
        let said = "/rooms/a/poll?after=0";
        let (quick, slow) = (quick.get(said).await.json(), slow.get(said).await.json());
        assert_eq!(seqs(&quick)[..2], [1, 2]);
        assert_eq!(quick["events"][1]["tag"], "t1");
        assert_eq!(seqs(&quick), seqs(&slow));
    }
}

#[tokio::test]
async fn a_draft_may_come_in_pieces_and_with_others() {
    let server = Server::start();
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"hi"}"#);
    for cut in 1..draft.len() {
        let mut wire = server.connect().await;
        wire.write(&draft.as_bytes()[..cut]).await;
        tokio::task::yield_now().await;
        wire.write(&draft.as_bytes()[cut..]).await;
        assert_eq!(wire.answer(false).await.json()["seq"], cut, "{cut}");
    }
    let mut wire = server.connect().await;
    wire.write([&*draft; 50].concat().as_bytes()).await;
    for number in 0..50 {
        let answer = wire.answer(false).await;
        assert_eq!(answer.json()["seq"], draft.len() + number, "{answer:?}");
    }
}

/// Checks that whoever asks otherwise after a held poll, or speaks, is not waited for at the place of
/// that poll: nothing would be said any more in a room with a short log.
#[tokio::test]
async fn a_poller_that_goes_on_otherwise_holds_nobody_up() {
    let server = Server::with(Settings {
        log_events: 5,
        ..Settings::default()
    });
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"hi"}"#);
    for next in [get("/rooms/a/poll?after=latest"), draft] {
        let mut wire = server.connect().await;
        wire.write(get("/rooms/a/long-poll?after=latest&hold=60").as_bytes())
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        server.say("an answer").await;
        wire.answer(false).await;
        let began = std::time::Instant::now();
        for _ in 0..20 {
            server.say("more").await;
            assert!(wire.exchange(&next).await.status() < 300);
        }
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }
}
