//! Compressed frames of a WebSocket (permessage-deflate, RFC 7692).

use server::{Compress, Counters, Settings};
use wire::deflate::{Deflater, Inflater, offer};

use super::with;
use crate::fixture::{Server, Wire, post};

const LIMIT: usize = 1 << 20;

/// Opens a WebSocket with this offer; returns the head of the answer, and the connection.
pub(super) async fn upgrade(server: &Server, offer: &str) -> (String, Wire) {
    upgrade_at(server, "/rooms/a/ws?after=latest", offer).await
}

pub(super) async fn upgrade_at(server: &Server, target: &str, offer: &str) -> (String, Wire) {
    let mut wire = server.connect().await;
    let request = format!(
        "GET {target} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\
         connection: upgrade\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-extensions: {offer}\r\n\r\n"
    );
    wire.write(request.as_bytes()).await;
    let head = wire.head().await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    (head, wire)
}

/// Reads the payload of a frame, and its first byte.
pub(super) async fn frame(wire: &mut Wire) -> (u8, Vec<u8>) {
    let head = wire.take_bytes(2).await;
    let digits = match head[1] {
        127 => wire.take_bytes(8).await,
        126 => wire.take_bytes(2).await,
        short => vec![short],
    };
    let length = digits
        .iter()
        .fold(0, |number, digit| number << 8 | usize::from(*digit));
    (head[0], wire.take_bytes(length).await)
}

/// Returns a frame of a client, masked with a key that is not the same at each place.
pub(super) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            frame.push(0xfe);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0xff);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

#[tokio::test]
async fn readers_without_a_context_share_what_is_compressed_once() {
    let server = with(Compress::Shared);
    // As ws, Chromium and this project offer it.
    let mut readers = Vec::new();
    for offered in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        offer::offer(false),
    ] {
        let (head, wire) = upgrade(&server, offered).await;
        let agreed = format!("sec-websocket-extensions: {}\r\n", offer::offer(false));
        assert!(head.contains(&agreed), "{head}");
        readers.push(wire);
    }
    let (head, mut plain) = upgrade(&server, "x-other").await;
    assert!(!head.contains("extensions"), "{head}");
    for _ in 0..2 {
        server.say(&"ha ".repeat(60)).await;
        let (first, json) = frame(&mut plain).await;
        assert_eq!(first, 0x81);
        let mut frames = Vec::new();
        for reader in &mut readers {
            frames.push(frame(reader).await);
        }
        assert!(frames.iter().all(|one| *one == frames[0]));
        let (first, payload) = &frames[0];
        assert_eq!(*first, 0xc1);
        assert!(payload.len() < json.len());
        let inflated = Inflater::new(false, LIMIT).message(payload).unwrap();
        assert_eq!(inflated, json);
    }
}

#[tokio::test]
async fn a_context_is_kept_where_server_and_client_want_it() {
    let server = with(Compress::Context);
    let (head, mut kept) = upgrade(&server, "permessage-deflate; client_max_window_bits").await;
    assert!(
        head.contains("extensions: permessage-deflate\r\n"),
        "{head}"
    );
    let (head, mut dropped) = upgrade(&server, offer::offer(false)).await;
    assert!(head.contains("server_no_context_takeover"), "{head}");
    let mut inflater = Inflater::new(true, LIMIT);
    let mut lengths = [Vec::new(), Vec::new()];
    for number in 0..3 {
        server
            .say("the same words once more, and not one of them is new")
            .await;
        let payloads = [frame(&mut kept).await.1, frame(&mut dropped).await.1];
        let event = inflater.message(&payloads[0]).unwrap();
        let other = Inflater::new(false, LIMIT).message(&payloads[1]).unwrap();
        assert_eq!(event, other);
        assert!(
            String::from_utf8(event)
                .unwrap()
                .contains(&format!("\"seq\":{}", number + 1))
        );
        for (lengths, payload) in lengths.iter_mut().zip(&payloads) {
            lengths.push(payload.len());
        }
    }
    let [kept, dropped] = lengths;
    assert!(3 * kept[2] < dropped[2], "{kept:?} {dropped:?}");
}

#[tokio::test]
async fn drafts_may_come_compressed_and_a_bomb_is_closed_with_1009() {
    for (compress, offered) in [
        (Compress::Shared, offer::offer(false)),
        (Compress::Context, offer::offer(true)),
    ] {
        let server = with(compress);
        let keeps = compress == Compress::Context;
        let (_, mut client) = upgrade(&server, offered).await;
        let (mut deflater, mut inflater) = (Deflater::new(keeps), Inflater::new(keeps, LIMIT));
        let draft = br#"{"from":"ann","text":"hello hello hello"}"#;
        for _ in 0..2 {
            client.write(&masked(0xc1, &deflater.message(draft))).await;
            // Not compressed, and in two fragments with a ping between them.
            client.write(&masked(0x01, &draft[..9])).await;
            client.write(&masked(0x89, b"?")).await;
            client.write(&masked(0x80, &draft[9..])).await;
            let mut events = 0;
            while events < 2 {
                let (first, payload) = frame(&mut client).await;
                if first == 0x8a {
                    assert_eq!(payload, b"?");
                    continue;
                }
                let event = inflater.message(&payload).unwrap();
                assert!(String::from_utf8(event).unwrap().contains("hello hello"));
                events += 1;
            }
        }
        let bomb = Deflater::new(false).message(&vec![b' '; 8 << 20]);
        assert!(bomb.len() < 10_000);
        client.write(&masked(0xc1, &bomb)).await;
        let (first, payload) = frame(&mut client).await;
        assert_eq!((first, &payload[..2]), (0x88, &1009_u16.to_be_bytes()[..]));
        let (_, mut client) = upgrade(&server, offered).await;
        client.write(&masked(0xc1, b"this is no deflate")).await;
        let (first, payload) = frame(&mut client).await;
        assert_eq!((first, &payload[..2]), (0x88, &1007_u16.to_be_bytes()[..]));
    }
}

#[tokio::test]
async fn a_compressed_frame_without_an_agreement_breaks_the_protocol() {
    let server = with(Compress::Shared);
    let (_, mut client) = upgrade(&server, "none").await;
    let draft = Deflater::new(false).message(br#"{"from":"ann","text":"hi"}"#);
    client.write(&masked(0xc1, &draft)).await;
    let (first, payload) = frame(&mut client).await;
    assert_eq!((first, &payload[..2]), (0x88, &1002_u16.to_be_bytes()[..]));
    // And a draft over HTTP has no coding here.
    let answer = server.send(&post("/rooms/a/messages", "x")).await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn metrics_count_compressed_readers_by_their_way() {
    for compress in [Compress::Shared, Compress::Context] {
        let server = Server::with(Settings {
            compress,
            counters: Some(Counters::new()),
            ..Settings::default()
        });
        let (_, mut socket) = upgrade(&server, offer::offer(true)).await;
        server.say("hello").await;
        // It has a seat once it was sent something.
        frame(&mut socket).await;
        let body = server.get("/metrics").await.body;
        let count = "wirebench_readers{way=\"websocket\"} 1\n";
        assert!(body.contains(count), "{compress:?} {body}");
    }
}
