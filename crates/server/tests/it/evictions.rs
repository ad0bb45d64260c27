//! A full server that ends the oldest connection for a new one: who is ended, who is not, and what
//! is said of it.

use std::time::Duration;

use futures_util::SinkExt;
use server::{Counters, PerAddress, Settings};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::{
    attacks::draft,
    fixture::{Client, Server, Wire, get, hear, soon},
};

fn full(most: usize, evict: bool) -> Settings {
    let counters = Counters::new();
    Settings {
        max_connections: most,
        evict,
        tap: Some(counters.tap()),
        counters: Some(counters),
        ..Settings::default()
    }
}

/// Opens a connection, which is answered once.
async fn inside(server: &Server) -> Wire {
    let mut wire = server.connect().await;
    assert_eq!(wire.exchange(&get("/rooms/a/poll")).await.status(), 200);
    wire
}

/// Returns the value of one line of the metrics; the connection that asks is among those that count.
async fn metric(wire: &mut Wire, name: &str) -> u64 {
    let text = wire.exchange(&get("/metrics")).await.body;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{text}"))
        .trim()
        .parse()
        .unwrap()
}

/// Waits for a WebSocket's close frame, and returns its code.
async fn goodbye(socket: &mut Client) -> CloseCode {
    loop {
        if let Message::Close(frame) = hear(socket).await.expect("a close frame") {
            return frame.expect("a reason").code;
        }
    }
}

#[tokio::test]
async fn the_oldest_makes_room_on_every_way() {
    let server = Server::with(full(4, true));
    let mut poller = inside(&server).await;
    let mut held = server.connect().await;
    held.write(get("/rooms/a/long-poll?after=0&hold=60").as_bytes())
        .await;
    let mut socket = server.websocket("/rooms/a/ws?after=latest").await;
    let mut stream = server.stream("/rooms/a/stream?after=latest").await;
    let mut newer = Vec::new();
    for gone in 0..4 {
        newer.push(inside(&server).await);
        match gone {
            0 => assert!(poller.rest().await.is_empty()),
            1 => assert!(held.rest().await.is_empty(), "the poll was answered"),
            2 => assert_eq!(goodbye(&mut socket).await, CloseCode::Again),
            // Of a stream the last chunk is missing: nobody takes it for a whole one.
            _ => assert!(!stream.rest().await.ends_with(b"0\r\n\r\n")),
        }
    }
    // Whoever came later is there, and nobody was refused.
    for wire in &mut newer {
        assert_eq!(wire.exchange(&get("/rooms/a/poll")).await.status(), 200);
    }
    assert_eq!(
        metric(&mut newer[0], "wirebench_evicted_connections_total").await,
        4
    );
    soon(async {
        while metric(&mut newer[0], "wirebench_open_connections").await != 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Checks that nobody is left in doubt about a draft: a connection that brings one is passed over,
/// and where there is no other, the new one is refused.
#[tokio::test]
async fn a_connection_that_brings_a_draft_stays() {
    let server = Server::with(full(2, true));
    let body = draft("said in two halves");
    let head = format!(
        "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut speakers = Vec::new();
    for _ in 0..2 {
        let mut speaker = server.connect().await;
        speaker.write(head.as_bytes()).await;
        speaker.until(b"100 Continue\r\n\r\n").await;
        speakers.push(speaker);
    }
    let refused = server.connect().await.answer(false).await;
    assert_eq!(refused.status(), 503, "{refused:?}");
    for speaker in &mut speakers {
        speaker.write(body.as_bytes()).await;
        assert_eq!(speaker.answer(false).await.status(), 201);
    }
    let batch = speakers[1].exchange(&get("/rooms/a/poll?after=0")).await;
    assert_eq!(batch.json()["events"].as_array().unwrap().len(), 2);
    // Now that they wait they may go.
    let _newcomer = inside(&server).await;
    assert!(speakers[0].rest().await.is_empty());
}

/// Checks that a WebSocket which makes room is told so, and that what it had sent until it knew of it
/// is said all the same.
#[tokio::test]
async fn drafts_on_their_way_over_a_websocket_are_taken() {
    let server = Server::with(full(2, true));
    let mut oldest = server.websocket("/rooms/a/ws?after=latest").await;
    let mut reader = inside(&server).await;
    let mut newcomer = inside(&server).await;
    for number in 0..20 {
        let text = draft(&format!("on its way {number}"));
        oldest.send(Message::text(text)).await.unwrap();
    }
    assert_eq!(goodbye(&mut oldest).await, CloseCode::Again);
    // The newcomer took the place, and the reader was not ended for it.
    for wire in [&mut reader, &mut newcomer] {
        soon(async {
            let said = |batch: serde_json::Value| batch["events"].as_array().map(Vec::len);
            while said(wire.exchange(&get("/rooms/a/poll?after=0")).await.json()) != Some(20) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// Checks that a client which does not answer the goodbye is let go without it.
#[tokio::test]
async fn who_makes_room_and_says_nothing_is_ended() {
    let server = Server::with(full(2, true));
    let _deaf = server.websocket("/rooms/a/ws?after=latest").await;
    let mut first = inside(&server).await;
    let _newcomer = inside(&server).await;
    soon(async {
        while metric(&mut first, "wirebench_open_connections").await != 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// Checks that an address which has its share of connections already ends nobody's for one more.
#[tokio::test]
async fn who_has_its_share_costs_others_no_place() {
    let server = Server::with(Settings {
        per_address: PerAddress {
            connections: Some(1),
            ..PerAddress::default()
        },
        ..full(2, true)
    });
    let mut oldest = inside(&server).await;
    let mut greedy = server.connect_from(2).await;
    assert_eq!(greedy.exchange(&get("/rooms/a/poll")).await.status(), 200);
    for _ in 0..3 {
        let refused = server.connect_from(2).await.answer(false).await;
        assert_eq!(refused.json()["code"], "many_connections");
    }
    // A third address is let in, for the oldest.
    for wire in [&mut oldest, &mut greedy] {
        assert_eq!(wire.exchange(&get("/rooms/a/poll")).await.status(), 200);
    }
    let mut third = server.connect_from(3).await;
    assert_eq!(third.exchange(&get("/rooms/a/poll")).await.status(), 200);
    assert!(oldest.rest().await.is_empty());
}

/// Checks the same newcomers without the setting: they are refused, and nobody is ended.
#[tokio::test]
async fn without_the_setting_nobody_makes_room() {
    let server = Server::with(full(2, false));
    let mut old = [inside(&server).await, inside(&server).await];
    for _ in 0..3 {
        let refused = server.connect().await.answer(false).await;
        assert_eq!(refused.json()["code"], "connections_full");
    }
    for wire in &mut old {
        assert_eq!(wire.exchange(&get("/rooms/a/poll")).await.status(), 200);
    }
    assert_eq!(
        metric(&mut old[0], "wirebench_evicted_connections_total").await,
        0
    );
}
