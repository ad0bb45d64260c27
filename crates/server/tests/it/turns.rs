//! Tests of the order in which readers are served: no reader is always last.
//!
//! All tasks run on one thread here, so readers wake in the order in which their sockets became
//! readable, which is the order in which the server wrote to them.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use server::{Io, Settings};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Server, get, hear_json, ios, soon};

const READERS: usize = 6;
const BURSTS: u64 = 60;

/// A sender of the reader's number and the event's number, in the order of hearing.
type Heard = UnboundedSender<(usize, u64)>;

async fn read(server: &Server, transport: &str, number: usize, heard: Heard) {
    let target = format!("/rooms/a/{transport}?after=0");
    match transport {
        "ws" => {
            let mut client = server.websocket(&target).await;
            tokio::spawn(async move {
                // Until the server says goodbye.
                while let Some(Message::Text(text)) = client.next().await.and_then(Result::ok) {
                    let event: Value = serde_json::from_str(&text).unwrap();
                    let _ = heard.send((number, event["seq"].as_u64().unwrap()));
                }
            });
        }
        "long-poll" => {
            let mut wire = server.connect().await;
            tokio::spawn(async move {
                let mut place = 0;
                loop {
                    let target = format!("/rooms/a/long-poll?after={place}&hold=60");
                    let batch = wire.exchange(&get(&target)).await.json();
                    place = batch["next"].as_u64().unwrap();
                    let _ = heard.send((number, place));
                }
            });
        }
        stream => {
            let mut wire = server.stream(&target).await;
            let is_number = if stream == "sse" { "id: " } else { "{\"seq\":" };
            tokio::spawn(async move {
                while let Some(chunk) = wire.chunk().await {
                    for line in chunk
                        .lines()
                        .filter_map(|line| line.strip_prefix(is_number))
                    {
                        let digits = line.split(',').next().unwrap();
                        let _ = heard.send((number, digits.parse().unwrap()));
                    }
                }
            });
        }
    }
}

/// Returns the reader who is the last of all to have heard everything up to `newest`.
async fn last_to_hear(ears: &mut UnboundedReceiver<(usize, u64)>, newest: u64) -> usize {
    let mut done = [false; READERS];
    loop {
        let (number, seq) = soon(ears.recv()).await.unwrap();
        done[number] |= seq == newest;
        if done.iter().all(|done| *done) {
            return number;
        }
    }
}

/// Returns how often each reader was the last to receive a burst of `burst` messages.
async fn times_last(transport: &str, burst: u64, io: Io) -> [u64; READERS] {
    let server = Server::with(Settings {
        io,
        ..Settings::default()
    });
    let (heard, mut ears) = unbounded_channel();
    let mut speaker = server.websocket("/rooms/a/ws?after=latest").await;
    for number in 0..READERS {
        read(&server, transport, number, heard.clone()).await;
    }
    let mut times = [0; READERS];
    for number in 1..=BURSTS {
        for _ in 0..burst {
            let draft = Message::text(r#"{"from":"ann","text":"hi"}"#);
            speaker.feed(draft).await.unwrap();
        }
        speaker.flush().await.unwrap();
        times[last_to_hear(&mut ears, number * burst).await] += 1;
        // The speaker is a reader, too, and would stand still with a full socket.
        for _ in 0..burst {
            hear_json(&mut speaker).await;
        }
    }
    times
}

#[tokio::test]
async fn no_reader_is_always_last() {
    for io in ios() {
        take_turns(io).await;
    }
}

async fn take_turns(io: Io) {
    for transport in ["ws", "stream", "sse", "long-poll"] {
        // One by one, and in bursts that share a factor with the seats taken:
        // counting on by one would bring the same reader to the end each time.
        for burst in [1, READERS as u64, READERS as u64 + 1] {
            let times = times_last(transport, burst, io).await;
            let most = BURSTS / READERS as u64 * 2;
            assert!(
                times.iter().all(|times| (1..=most).contains(times)),
                "{io:?}, {transport}, bursts of {burst}: last {times:?} times"
            );
        }
    }
}
