//! A reader that does not read costs the others nothing.

use server::{Io, Settings};

use crate::fixture::{Server, hear, hear_json, ios};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_miss_what_they_do_not_take_and_others_hear_all() {
    for io in ios() {
        miss_what_is_not_taken(io).await;
    }
}

async fn miss_what_is_not_taken(io: Io) {
    let server = Server::with(Settings {
        io,
        log_events: 20,
        send_buffer: Some(8 * 1024),
        ..Settings::default()
    });
    let mut slow_client = server.websocket("/rooms/a/ws").await;
    let mut slow_stream = server.stream("/rooms/a/stream").await;
    let mut quick = server.websocket("/rooms/a/ws").await;
    // Far more than all the buffers between the server and a slow reader.
    let text = "x".repeat(60_000);
    for seq in 1..=300 {
        assert_eq!(server.say(&text).await, seq);
        assert_eq!(hear_json(&mut quick).await["seq"], seq);
    }
    // Both go on from where the log is now, and know what they missed.
    let mut accounted = 0;
    while accounted < 300 {
        let json = hear_json(&mut slow_client).await;
        accounted += if json["kind"] == "gap" {
            json["missed"].as_u64().unwrap()
        } else {
            1
        };
    }
    let mut accounted = 0;
    let mut missed = 0;
    while accounted < 300 {
        let chunk = slow_stream.chunk().await.unwrap();
        for line in chunk.lines() {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            let gap = json["missed"].as_u64();
            missed += gap.unwrap_or(0);
            accounted += gap.unwrap_or(1);
        }
    }
    assert!(missed > 0, "the test's readers are not slow enough");
    // Still a reader like any other.
    server.say("last").await;
    assert!(
        hear(&mut slow_client)
            .await
            .unwrap()
            .to_string()
            .contains("last")
    );
}
