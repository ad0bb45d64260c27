//! Requests and packets that the protocol refuses, and what ends with them.

use super::*;

/// Checks refusals over requests, which are counted as those of other ways are.
#[tokio::test]
async fn requests_are_refused_by_the_protocols_codes() {
    let get = |query: &str| crate::fixture::get(&format!("/socket.io/?{query}"));
    let server = Server::with(Settings {
        counters: Some(Counters::new()),
        ..Settings::default()
    });
    let sid = open(&server).await;
    for (request, status, code) in [
        (get("EIO=4&transport=carrier-pigeon"), 400, 0),
        (get("EIO=4"), 400, 0),
        (get("EIO=4&transport=polling&sid=nobody"), 400, 1),
        (get("EIO=4&transport=websocket&sid=nobody"), 400, 1),
        (post("/socket.io/?EIO=4&transport=polling", ""), 400, 2),
        (get("EIO=4&transport=websocket"), 400, 3),
        (get(&format!("EIO=4&transport=websocket&sid={sid}")), 400, 3),
        (get("EIO=3&transport=polling"), 400, 5),
        (get("transport=polling"), 400, 5),
        (
            "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\norigin: http://evil.test\r\n\r\n".into(),
            403,
            4,
        ),
    ] {
        let answer = server.send(&request).await;
        assert_eq!(answer.status(), status, "{request} {answer:?}");
        assert_eq!(answer.json()["code"], code, "{request}");
        assert!(answer.json()["message"].is_string());
    }
    let metrics = server.get("/metrics").await.body;
    for (code, count) in [("query", 4), ("session", 4), ("method", 1), ("origin", 1)] {
        let line = format!("wirebench_refused_total{{code=\"{code}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    all_is_well(&server).await;
}

/// Checks that a client that may not come into a room is counted as well.
#[tokio::test]
async fn a_connect_that_is_refused_is_counted() {
    let server = Server::with(Settings {
        counters: Some(Counters::new()),
        ..Settings::default()
    });
    let sid = open(&server).await;
    say(&server, &sid, r#"40{"room":"a b"}"#).await;
    let packet = poll(&server, &sid).await;
    assert!(packet.starts_with("44{"), "{packet}");
    let metrics = server.get("/metrics").await.body;
    let line = "wirebench_refused_total{code=\"query\"} 1\n";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn two_polls_at_once_end_the_session() {
    let server = Server::with(Settings {
        counters: Some(Counters::new()),
        ..Settings::default()
    });
    let sid = join(&server, r#"{"room":"a"}"#).await;
    let mut first = server.connect().await;
    first.write(crate::fixture::get(&at(&sid)).as_bytes()).await;
    // The second comes after the first: the server has seen it by then.
    let mut refused = server.get(&at(&sid)).await;
    while refused.status() == 200 {
        refused = server.get(&at(&sid)).await;
    }
    assert_eq!(refused.status(), 400);
    assert_eq!(first.answer(false).await.body, "1");
    // The quick reader of heads counts it too.
    let metrics = server.get("/metrics").await.body;
    assert!(metrics.contains("{code=\"session\"}"), "{metrics}");
    soon(async { while server.get(&at(&sid)).await.status() != 400 {} }).await;
    all_is_well(&server).await;
}

#[tokio::test]
async fn two_posts_at_once_end_the_session() {
    let server = Server::start();
    let sid = join(&server, r#"{"room":"a"}"#).await;
    let mut slow = server.connect().await;
    // The rest of its packets is still to come.
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n",
        at(&sid)
    );
    slow.write(format!("{head}42[").as_bytes()).await;
    // The second comes after the first: the server has seen it by then.
    let refused = async {
        loop {
            let answer = server.post(&at(&sid), "3").await;
            if answer.status() != 200 {
                return answer;
            }
        }
    };
    assert_eq!(soon(refused).await.status(), 400);
    slow.write(b"\"x\",1]").await;
    // What the first brings is taken no more, whatever it is told.
    slow.answer(false).await;
    // A poll may bring the last packet of a session before it is gone.
    soon(async { while server.get(&at(&sid)).await.json()["code"] != 1 {} }).await;
    all_is_well(&server).await;
}

#[tokio::test]
async fn packets_that_may_not_come_end_the_session_only() {
    let server = Server::start();
    let long = format!("4{}", "x".repeat(400_000));
    for packets in [
        "",
        "7",
        "2",
        "2probe",
        "bAQIDBA==",
        "\u{1e}",
        "4",
        "4x",
        "47[\"message\"]",
        "451-[\"message\",{\"_placeholder\":true,\"num\":0}]",
        "44{\"message\":\"x\"}",
        "42",
        "42{}",
        "42[]",
        "42[1]",
        "42[\"connect\"]",
        "42[\"message\"",
        "4299999999999999999999[\"message\",\"x\"]",
        "40{\"room\":\"a\"}",
    ] {
        let sid = join(&server, r#"{"room":"a"}"#).await;
        let answer = server.post(&at(&sid), packets).await;
        assert_eq!(answer.status(), 400, "{packets:?}");
        let mut socket = websocket(&server, "").await;
        send(&mut socket, r#"40{"room":"a"}"#).await;
        send(&mut socket, packets).await;
        assert_eq!(hear_close(&mut socket).await, 1002, "{packets:?}");
    }
    let sid = join(&server, r#"{"room":"a"}"#).await;
    assert_eq!(server.post(&at(&sid), &long).await.status(), 413);
    // What is only too long is refused, and the session stays.
    say(&server, &sid, "3").await;
    let mut socket = websocket(&server, "").await;
    send(&mut socket, &long).await;
    assert_eq!(hear_close(&mut socket).await, 1009);
    let mut socket = websocket(&server, "").await;
    socket.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(hear_close(&mut socket).await, 1003);
    all_is_well(&server).await;
}

#[tokio::test]
async fn an_event_before_the_connect_ends_the_session() {
    let server = Server::start();
    let sid = open(&server).await;
    let answer = server.post(&at(&sid), "42[\"message\",\"x\"]").await;
    assert_eq!(answer.status(), 400);
    all_is_well(&server).await;
}
