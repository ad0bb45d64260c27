//! Compression: what is asked for comes so and is whole, and without being asked nothing changes.

mod echo;
mod sockets;

use std::io::Read;

use server::{Compress, Settings};
use wire::{Coding, deflate::offer};

use self::sockets::{upgrade, upgrade_at};
use crate::fixture::{Server, Wire, get};

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
