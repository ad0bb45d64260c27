//! The change from polls to a WebSocket, by its probe.

use super::*;

#[tokio::test]
async fn a_probe_releases_the_poll_and_takes_the_session_over() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a","name":"ann"}"#).await;
    let mut held = server.connect().await;
    held.write(crate::fixture::get(&at(&sid)).as_bytes()).await;
    let mut socket = websocket(&server, &format!("&sid={sid}")).await;
    send(&mut socket, "2probe").await;
    assert_eq!(text(&mut socket).await, "3probe");
    assert_eq!(held.answer(false).await.body, "6");
    // What is said meanwhile is answered by the WebSocket.
    say(&server, &sid, "421[\"message\",\"meanwhile\"]").await;
    send(&mut socket, "5").await;
    assert_eq!(text(&mut socket).await, "431[{\"seq\":2}]");
    assert!(text(&mut socket).await.contains("meanwhile"));
    let listed = server.online(1).await;
    assert_eq!(listed["people"][0]["transport"], "websocket");
    // The session is no session of polls any more.
    assert_eq!(server.get(&at(&sid)).await.json()["code"], 3);
    all_is_well(&server).await;
}

#[tokio::test]
async fn a_probe_that_is_none_leaves_the_polls_alone() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a"}"#).await;
    for wrong in ["5", "2", "40", "2probe!"] {
        let mut socket = websocket(&server, &format!("&sid={sid}")).await;
        send(&mut socket, wrong).await;
        assert_eq!(hear_close(&mut socket).await, 1008, "{wrong}");
    }
    let mut socket = websocket(&server, &format!("&sid={sid}")).await;
    send(&mut socket, "2probe").await;
    assert_eq!(text(&mut socket).await, "3probe");
    send(&mut socket, "2probe").await;
    assert_eq!(hear_close(&mut socket).await, 1008);
    server.say("hello").await;
    assert!(poll(&server, &sid).await.contains("hello"));
}

/// Checks that a second WebSocket that probes while the first is being tried out is closed, and the
/// first takes the session over nevertheless.
#[tokio::test]
async fn a_second_probe_does_not_spoil_the_first() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a","name":"ann"}"#).await;
    let mut first = websocket(&server, &format!("&sid={sid}")).await;
    let mut second = websocket(&server, &format!("&sid={sid}")).await;
    send(&mut first, "2probe").await;
    assert_eq!(text(&mut first).await, "3probe");
    send(&mut second, "2probe").await;
    assert_eq!(hear_close(&mut second).await, 1008);
    send(&mut first, "5").await;
    send(&mut first, "421[\"message\",\"changed\"]").await;
    // Behind the answer to the draft, or before it; the time for each is bounded.
    while !text(&mut first).await.contains("changed") {}
    all_is_well(&server).await;
}

/// Checks that after a probe that is answered and no change the WebSocket is closed, and polls go
/// on.
#[tokio::test]
async fn a_probe_that_never_ends_is_given_up() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a"}"#).await;
    let mut socket = websocket(&server, &format!("&sid={sid}")).await;
    let began = Instant::now();
    send(&mut socket, "2probe").await;
    assert_eq!(text(&mut socket).await, "3probe");
    assert_eq!(hear_close(&mut socket).await, 1008);
    assert!(
        began.elapsed() >= Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
    server.say("hello").await;
    let mut packets = poll(&server, &sid).await;
    while packets == "6" {
        packets = poll(&server, &sid).await;
    }
    assert!(packets.contains("hello"), "{packets}");
}
