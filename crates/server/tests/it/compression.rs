//! Compression: what is asked for comes so and is whole, and without being asked nothing changes.

use std::io::Read;

use server::{Compress, Counters, Settings};
use wire::{
    Coding,
    deflate::{Deflater, Inflater, offer},
};

use crate::fixture::{Server, Wire, get, post};

const LIMIT: usize = 1 << 20;

fn with(compress: Compress) -> Server {
    Server::with(Settings {
        compress,
        ..Settings::default()
    })
}

fn asking(target: &str, coding: &str) -> String {
    get(target).replace(
        "\r\n\r\n",
        &format!("\r\naccept-encoding: {coding}\r\n\r\n"),
    )
}

fn unpacked(coding: Coding, packed: &[u8]) -> String {
    let mut text = String::new();
    match coding {
        Coding::Gzip => flate2::read::MultiGzDecoder::new(packed).read_to_string(&mut text),
        Coding::Br => brotli::Decompressor::new(packed, 4096).read_to_string(&mut text),
    }
    .expect("whole content");
    text
}

fn length(head: &str) -> usize {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    line.expect("a length").parse().unwrap()
}

#[tokio::test]
async fn a_poll_is_answered_in_the_coding_that_it_asks_for() {
    let server = with(Compress::Shared);
    for text in ["one", "two", "three"] {
        server.say(text).await;
    }
    let plain = server.get("/rooms/a/poll?after=0").await;
    assert_eq!(plain.header("vary"), Some("accept-encoding"));
    assert_eq!(plain.header("content-encoding"), None);
    for coding in Coding::ALL {
        let mut heads = Vec::new();
        // hyper's way, and the short one for plain polls, twice: made and kept.
        for how in ["expect: x\r\n", "", ""] {
            let target = "/rooms/a/poll?after=0";
            let request = asking(target, coding.name()).replacen("host", &format!("{how}host"), 1);
            let mut wire = server.connect().await;
            wire.write(request.as_bytes()).await;
            let head = wire.head().await;
            let named = format!(
                "content-encoding: {}\r\nvary: accept-encoding\r\n",
                coding.name()
            );
            assert!(head.contains(&named), "{head}");
            let body = wire.take_bytes(length(&head)).await;
            assert_eq!(unpacked(coding, &body), plain.body, "{coding:?}");
            heads.push(head);
        }
        assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
        // Nothing to say is not worth packing.
        let empty = server
            .send(&asking("/rooms/a/poll?after=3", coding.name()))
            .await;
        assert_eq!(empty.header("content-encoding"), None);
        assert_eq!(empty.json()["next"], 3);
    }
}

/// Checks that weights decide (RFC 9110, section 12.5.3), for both readers of heads.
#[tokio::test]
async fn the_coding_that_is_wanted_most_is_taken() {
    let server = with(Compress::Shared);
    for text in ["one", "two", "three"] {
        server.say(text).await;
    }
    for (accepted, coding) in [
        ("identity, gzip", Some("gzip")),
        ("gzip;q=0", None),
        ("gzip;q=0, identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("br;q=0.4, gzip;q=0.2, identity;q=0.1", Some("br")),
        ("x-gzip", Some("gzip")),
        ("identity;q=0, *", Some("gzip")),
    ] {
        let asked = asking("/rooms/a/poll?after=0", accepted);
        for request in [
            asked.clone(),
            asked.replacen("host", "expect: x\r\nhost", 1),
        ] {
            let mut wire = server.connect().await;
            wire.write(request.as_bytes()).await;
            let head = wire.head().await;
            let named = head
                .lines()
                .find_map(|line| line.strip_prefix("content-encoding: "));
            assert_eq!(named, coding, "{request}");
        }
    }
}

#[tokio::test]
async fn a_held_poll_is_answered_in_the_coding_that_it_asks_for() {
    let server = with(Compress::Shared);
    server.say("before").await;
    for (place, coding) in (1..).zip(Coding::ALL) {
        let target = format!("/rooms/a/long-poll?after={place}");
        let (mut packed, mut plain) = (server.connect().await, server.connect().await);
        packed
            .write(asking(&target, coding.name()).as_bytes())
            .await;
        plain.write(get(&target).as_bytes()).await;
        // Both are held by now, or are answered at once; either is right.
        server.say("news").await;
        let plain = plain.answer(false).await;
        let head = packed.head().await;
        assert!(head.contains("content-encoding"), "{head}");
        let body = packed.take_bytes(length(&head)).await;
        assert_eq!(unpacked(coding, &body), plain.body);
        assert_eq!(plain.json()["next"], place + 1);
    }
}

/// Reads the payload of the next chunk, as bytes.
async fn chunk(wire: &mut Wire) -> Vec<u8> {
    let size = wire.until(b"\r\n").await;
    let size = usize::from_str_radix(size.trim(), 16).unwrap();
    let mut chunk = wire.take_bytes(size + 2).await;
    chunk.truncate(size);
    chunk
}

#[tokio::test]
async fn a_stream_is_flushed_event_by_event_and_ends_whole() {
    for (path, coding) in [
        ("stream", "gzip"),
        ("sse", "br"),
        ("sse", "gzip"),
        ("stream", "br"),
    ] {
        let mut server = with(Compress::Shared);
        let target = format!("/rooms/a/{path}?after=0&epoch=1");
        let mut plain = server.connect().await;
        plain.write(get(&target).as_bytes()).await;
        let mut packed = server.connect().await;
        packed.write(asking(&target, coding).as_bytes()).await;
        let head = packed.head().await;
        let named = format!("content-encoding: {coding}\r\nvary: accept-encoding\r\n");
        assert!(head.contains(&named), "{head}");
        plain.head().await;
        let (mut lines, mut pieces) = (Vec::new(), Vec::new());
        for text in ["", "once", "once more", "once more"] {
            if !text.is_empty() {
                server.say(text).await;
            }
            lines.extend(chunk(&mut plain).await);
            pieces.push(chunk(&mut packed).await);
        }
        // The context is kept: what is said again costs less.
        assert!(2 * pieces[3].len() < pieces[1].len() + 20, "{pieces:?}");
        server.stop();
        let (rest, end) = (plain.rest().await, packed.rest().await);
        assert_eq!(rest, b"0\r\n\r\n");
        assert!(end.ends_with(b"\r\n0\r\n\r\n"));
        let begin = end.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        pieces.push(end[begin..end.len() - 7].to_vec());
        let coding = if coding == "br" {
            Coding::Br
        } else {
            Coding::Gzip
        };
        assert_eq!(
            unpacked(coding, &pieces.concat()).into_bytes(),
            lines,
            "{path}"
        );
        server.left().await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_compress_says_and_does_nothing_about_it() {
    let server = Server::start();
    server.say("hi").await;
    let target = "/rooms/a/poll?after=0";
    let plain = server.get(target).await;
    let asked = server.send(&asking(target, "gzip, br")).await;
    assert_eq!((&asked.head, &asked.body), (&plain.head, &plain.body));
    assert_eq!(plain.header("vary"), None);
    let mut stream = server.connect().await;
    stream
        .write(asking("/rooms/a/sse", "gzip").as_bytes())
        .await;
    let head = stream.head().await;
    assert!(
        !head.contains("encoding: gzip") && !head.contains("vary"),
        "{head}"
    );
    let (head, _) = upgrade(&server, offer::offer(false)).await;
    assert!(!head.contains("extensions"), "{head}");
}

/// Opens a WebSocket with this offer; returns the head of the answer, and the connection.
async fn upgrade(server: &Server, offer: &str) -> (String, Wire) {
    upgrade_at(server, "/rooms/a/ws?after=latest", offer).await
}

async fn upgrade_at(server: &Server, target: &str, offer: &str) -> (String, Wire) {
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

/// Reads the payload of a short frame, and its first byte.
async fn frame(wire: &mut Wire) -> (u8, Vec<u8>) {
    let head = wire.take_bytes(2).await;
    let length = match head[1] {
        126 => {
            let digits = wire.take_bytes(2).await;
            usize::from(u16::from_be_bytes([digits[0], digits[1]]))
        }
        short => short.into(),
    };
    (head[0], wire.take_bytes(length).await)
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0xfe);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
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

#[tokio::test]
async fn an_address_declines_compression_or_has_to_name_it() {
    for (compress, said, packed) in [
        (Compress::Shared, "", true),
        (Compress::Shared, "&compress=0", false),
        (Compress::Named, "", false),
        (Compress::Named, "&compress=0", false),
        (Compress::Named, "&compress=1", true),
    ] {
        let server = with(compress);
        server.say("one").await;
        let varies = packed || compress == Compress::Shared;
        // hyper's way, the short one for plain polls, and a stream.
        for (way, how) in [("poll", "expect: x\r\n"), ("poll", ""), ("stream", "")] {
            let target = format!("/rooms/a/{way}?after=0{said}");
            let request = asking(&target, "gzip").replacen("host", &format!("{how}host"), 1);
            let mut wire = server.connect().await;
            wire.write(request.as_bytes()).await;
            let head = wire.head().await;
            let is_packed = head.contains("content-encoding: gzip\r\n");
            assert_eq!(is_packed, packed, "{compress:?} {target}: {head}");
            let vary = head.contains("vary: accept-encoding\r\n");
            assert_eq!(vary, varies, "{compress:?} {target}: {head}");
        }
        let (head, _wire) = upgrade_at(
            &server,
            &format!("/rooms/a/ws?after=latest{said}"),
            "permessage-deflate",
        )
        .await;
        let is_packed = head.contains("sec-websocket-extensions");
        assert_eq!(is_packed, packed, "{compress:?} {said}: {head}");
    }
    let server = with(Compress::Named);
    let wrong = server.get("/rooms/a/poll?compress=yes").await;
    assert_eq!(wrong.status(), 400);
}
