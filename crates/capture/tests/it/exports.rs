//! Exports of browsers (HAR): each kind from a file as a browser writes it.

use std::{path::Path, time::Duration};

use capture::{Captured, Kind, Over, Remark};
use dissect::{Direction, Layer, Purpose};

use crate::packets::read;

fn fixture(name: &str) -> Captured {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    capture::read(&folder.join(name), &capture::Keys::default()).unwrap()
}

#[test]
fn a_short_poll_is_recognised_with_its_interval() {
    let captured = fixture("short-poll.har");
    let one = &captured.conversations[0];
    assert_eq!(
        one.kind,
        Kind::ShortPoll {
            interval: Duration::from_secs(2)
        }
    );
    assert_eq!((one.figures.polls, one.figures.empty), (5, 4));
    assert_eq!(one.server, "chat.example");
    assert_eq!(one.total(Direction::Up), 5 * 312);
    assert_eq!(one.total(Direction::Down), 4 * (180 + 22) + 180 + 61);
    assert_eq!(one.ledger.purpose(Direction::Down, Purpose::Empty), 4 * 202);
    assert_eq!(captured.remarks, []);
    assert!(captured.is_whole());
    assert_eq!(captured.totals, None);
}

#[test]
fn long_polls_streams_and_sockets_are_told_apart() {
    let captured = fixture("ways.har");
    let kinds: Vec<Kind> = captured.conversations.iter().map(|one| one.kind).collect();
    let hold = Duration::from_secs(20);
    assert_eq!(
        kinds,
        [
            Kind::Plain,
            Kind::LongPoll { hold },
            Kind::Sse,
            Kind::WebSocket,
            Kind::SocketIo(Over::WebSocket),
        ]
    );
    let of = |kind: Kind| {
        captured
            .conversations
            .iter()
            .find(|one| one.kind == kind)
            .unwrap()
    };
    assert_eq!(of(Kind::Sse).figures.messages, [0, 2]);
    let socket = of(Kind::WebSocket);
    assert_eq!(socket.figures.messages, [1, 2]);
    // A head and a mask up; heads of 2 and 4 bytes down.
    assert_eq!(socket.ledger.layer(Direction::Up, Layer::WsMask), 4);
    assert_eq!(socket.ledger.layer(Direction::Down, Layer::WsHead), 2 + 4);
    assert_eq!(
        socket.ledger.layer(Direction::Down, Layer::Payload),
        4 + 130
    );
    assert_eq!(socket.remarks, [Remark::ComputedFrames]);
}

#[test]
fn what_a_har_does_not_say_is_named() {
    let captured = fixture("unsized.har");
    assert!(
        captured.remarks.contains(&Remark::UnsizedHeads(4)),
        "{:?}",
        captured.remarks
    );
    assert!(captured.remarks.contains(&Remark::UnsizedBodies(1)));
    assert!(captured.remarks.contains(&Remark::BadEntries(2)));
    assert!(captured.remarks.contains(&Remark::Cached(1)));
    assert_eq!(captured.conversations.len(), 1);
    assert_eq!(captured.conversations[0].total(Direction::Down), 450);
    assert!(!captured.is_whole());
}

#[test]
fn damaged_exports_do_not_panic() {
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/ways.har"))
        .unwrap();
    for cut in (0..whole.len()).step_by(97) {
        assert!(read(&whole[..cut]).is_err(), "{cut}");
    }
    for at in (0..whole.len()).step_by(13) {
        let mut spoiled = whole.clone();
        spoiled[at] = b'9';
        let _ = read(&spoiled);
    }
    let with_mark = [b"\xef\xbb\xbf", whole.as_slice()].concat();
    assert_eq!(read(&with_mark).unwrap().conversations.len(), 5);
}

#[test]
fn the_version_of_http_is_told_as_browsers_name_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    let text = std::fs::read_to_string(folder.join("short-poll.har")).unwrap();
    for (name, version) in [
        ("h2", "2"),
        ("http/2.0", "2"),
        ("HTTP/2", "2"),
        ("h3", "3"),
        ("HTTP/1.1", "1.1"),
        ("", ""),
    ] {
        let mut har: serde_json::Value = serde_json::from_str(&text).unwrap();
        for entry in har["log"]["entries"].as_array_mut().unwrap() {
            entry["response"]["httpVersion"] = name.into();
            entry["request"]["httpVersion"] = name.into();
        }
        let captured = read(har.to_string().as_bytes()).unwrap();
        assert_eq!(captured.conversations[0].http, version, "{name}");
        // A HAR says nothing of how heads crossed.
        assert_eq!(captured.conversations[0].figures.saved_by_http2(), None);
    }
}
