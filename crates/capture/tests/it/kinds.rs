//! Each kind of conversation is recognised, and what only resembles it is not.

use std::time::Duration;

use capture::{Captured, Conversation, Kind, Over, Remark};
use dissect::{Direction, Layer, Purpose};

use crate::packets::{Segment, Talk, captured, sent};

const EMPTY: &str = r#"{"events":[],"next":7}"#;
const FULL: &str = r#"{"events":[{"text":"hello"}],"next":8}"#;
const JSON: &str = "application/json";

/// Returns the only conversation, whose accounts must hold all bytes.
fn only(segments: &[Segment]) -> Conversation {
    let Captured {
        mut conversations, ..
    } = captured(segments);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    let one = conversations.remove(0);
    assert_eq!(Direction::ALL.map(|way| one.total(way)), sent(segments));
    one
}

fn polls(pauses: &[u64], bodies: &[&str]) -> Vec<Segment> {
    let mut talk = Talk::open(40_001);
    for (pause, body) in pauses.iter().zip(bodies.iter().cycle()) {
        talk.get("/poll?after=7");
        talk.wait(2);
        talk.answer(JSON, body);
        talk.wait(*pause);
    }
    talk.close()
}

#[test]
fn a_short_poll_has_its_interval_and_its_empty_share() {
    let one = only(&polls(&[998; 8], &[EMPTY, EMPTY, EMPTY, FULL]));
    assert_eq!(
        one.kind,
        Kind::ShortPoll {
            interval: Duration::from_secs(1)
        }
    );
    let figures = one.figures;
    assert_eq!((figures.requests, figures.polls, figures.empty), (8, 8, 6));
    assert_eq!(figures.messages, [0, 2]);
    // Two exchanges of a head each way and a body each carried the messages.
    let request = "GET /poll?after=7 HTTP/1.1\r\nHost: chat\r\nCookie: a=b\r\n\r\n".len() as u64;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n"
        .len() as u64;
    assert_eq!(figures.carrying, 2 * (request + head + FULL.len() as u64));
    assert_eq!(figures.idle, 6 * (request + head + EMPTY.len() as u64));
    let a_minute = figures.silence_per_minute().unwrap();
    let expected = 60.0 * (request + head + EMPTY.len() as u64) as f64;
    assert!(
        (a_minute / expected - 1.0).abs() < 0.001,
        "{a_minute} {expected}"
    );
    // Each head of a request repeats the one before it, but for the blank line.
    assert_eq!(figures.repeated[0], 7 * (request - 2));
    assert_eq!(
        one.ledger
            .amount(Direction::Down, Purpose::Deliver, Layer::Payload)
            .bytes,
        2 * 16
    );
    assert!(one.remarks.is_empty(), "{:?}", one.remarks);
}

#[test]
fn an_irregular_poll_is_not_called_one() {
    let one = only(&polls(
        &[900, 100, 3_000, 450, 7_000, 1_500, 60, 900],
        &[EMPTY, FULL],
    ));
    assert_eq!(one.kind, Kind::Plain);
    assert!(
        matches!(one.remarks[..], [Remark::Irregular { count: 8, .. }]),
        "{:?}",
        one.remarks
    );
    // A few of them that are late do not spoil the rest.
    let one = only(&polls(
        &[998, 998, 998, 1_900, 998, 998, 998, 998],
        &[EMPTY],
    ));
    assert!(matches!(one.kind, Kind::ShortPoll { .. }), "{:?}", one.kind);
    // Three requests are no rhythm.
    assert_eq!(only(&polls(&[998; 3], &[EMPTY])).kind, Kind::Plain);
}

#[test]
fn of_an_even_number_of_intervals_the_mean_of_the_middle_ones_is_told() {
    let one = only(&polls(&[898, 998, 1_098, 1_098, 998], &[EMPTY]));
    assert_eq!(
        one.kind,
        Kind::ShortPoll {
            interval: Duration::from_millis(1_050)
        }
    );
}

#[test]
fn drafts_at_an_interval_are_no_poll_and_polls_by_post_are() {
    let posts = |text: fn(usize) -> String| {
        let mut talk = Talk::open(40_001);
        for number in 0..6 {
            let body = text(number);
            let len = body.len();
            talk.up(format!(
                "POST /x HTTP/1.1\r\nHost: chat\r\nContent-Length: {len}\r\n\r\n{body}"
            ));
            talk.wait(1);
            talk.answer(JSON, EMPTY);
            talk.wait(999);
        }
        only(&talk.close()).kind
    };
    assert_eq!(posts(|number| format!("draft {number}")), Kind::Plain);
    assert!(matches!(
        posts(|_| "news?".to_owned()),
        Kind::ShortPoll { .. }
    ));
}

#[test]
fn an_answer_that_says_the_same_again_brings_nothing() {
    let one = only(&polls(&[998; 6], &[r#"{"state":"on"}"#]));
    assert_eq!((one.figures.polls, one.figures.empty), (6, 5));
    assert_eq!(one.figures.messages, [0, 1]);
}

fn long_polls(holds: &[u64], pause: u64) -> Vec<Segment> {
    let mut talk = Talk::open(40_001);
    for (index, hold) in holds.iter().enumerate() {
        talk.get("/long-poll?after=7");
        talk.wait(*hold);
        talk.answer(JSON, if index % 2 == 0 { EMPTY } else { FULL });
        talk.wait(pause);
    }
    talk.close()
}

#[test]
fn a_long_poll_has_its_hold_and_a_slow_short_poll_has_none() {
    let one = only(&long_polls(&[20_000, 3_000, 20_000, 700], 3));
    assert_eq!(
        one.kind,
        Kind::LongPoll {
            hold: Duration::from_secs(20)
        }
    );
    assert_eq!((one.figures.polls, one.figures.empty), (4, 2));
    // A server that takes 300 ms, asked each second.
    let one = only(&long_polls(&[300; 8], 700));
    assert_eq!(
        one.kind,
        Kind::ShortPoll {
            interval: Duration::from_secs(1)
        }
    );
}

fn stream(media: &str, pieces: &[&str], is_ended: bool) -> Vec<Segment> {
    let mut talk = Talk::open(40_001);
    talk.get("/stream");
    talk.wait(1);
    talk.begin(media);
    for piece in pieces {
        talk.chunk(piece);
        talk.wait(1_000);
    }
    if is_ended {
        talk.down("0\r\n\r\n");
    }
    talk.close()
}

#[test]
fn streams_are_told_apart_by_type_and_by_content() {
    let events = [
        "data: {\"a\":1}\n\n",
        ": still here\n\n",
        "data: {\"b\":2}\n\n",
        ": still here\n\n",
    ];
    let one = only(&stream("text/event-stream", &events, true));
    assert_eq!((one.kind, one.figures.messages), (Kind::Sse, [0, 2]));
    assert!(one.remarks.is_empty(), "{:?}", one.remarks);
    let heartbeats = one.ledger.purpose(Direction::Down, Purpose::Heartbeat);
    assert_eq!(heartbeats, 2 * (14 + 5));
    assert_eq!(one.figures.idle, heartbeats);
    // The same stream, cut before its last chunk.
    let one = only(&stream("text/event-stream", &events, false));
    assert_eq!(
        (one.kind, one.remarks.as_slice()),
        (Kind::Sse, &[Remark::CutOff][..])
    );
    let lines = ["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\":3}\n"];
    assert_eq!(
        only(&stream("application/octet-stream", &lines, true)).kind,
        Kind::Ndjson
    );
    assert_eq!(
        only(&stream("application/x-ndjson", &lines[..1], true)).kind,
        Kind::Ndjson
    );
    let texts = ["one ", "two ", "three "];
    let one = only(&stream("text/plain", &texts, true));
    assert_eq!(
        (one.kind, one.figures.messages),
        (Kind::ChunkedStream, [0, 3])
    );
    // Chunks that come at once are no stream.
    assert_eq!(
        only(&stream("text/plain", &texts[..1], true)).kind,
        Kind::Plain
    );
}

#[test]
fn a_websocket_is_counted_message_by_message() {
    let mut talk = Talk::open(40_001);
    talk.upgrade("/ws");
    talk.wait(5_000);
    talk.frame(true, "hello");
    talk.frame(false, "{\"heard\":1}");
    talk.down([0x89, 0]);
    talk.up([0x8a, 0x80, 0, 0, 0, 0]);
    talk.wait(55_000);
    talk.down([0x88, 0]);
    talk.up([0x88, 0x80, 0, 0, 0, 0]);
    let one = only(&talk.close());
    assert_eq!((one.kind, one.figures.messages), (Kind::WebSocket, [1, 1]));
    assert_eq!(one.figures.carrying, 11 + 13);
    assert_eq!(
        (one.figures.idle, one.figures.silence_per_minute()),
        (8, Some(8.0))
    );
    assert!(one.remarks.is_empty(), "{:?}", one.remarks);
}

#[test]
fn a_change_to_another_protocol_is_no_websocket() {
    for answer in ["Upgrade: h2c\r\n", ""] {
        let mut talk = Talk::open(40_001);
        talk.up("GET / HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        talk.down(format!("HTTP/1.1 101 Switching Protocols\r\n{answer}\r\n"));
        talk.down([0x81, 1, b'x']);
        let one = only(&talk.close());
        assert_eq!(one.kind, Kind::Upgraded);
        assert!(
            matches!(one.remarks[..], [Remark::Upgraded(_)]),
            "{:?}",
            one.remarks
        );
    }
}

#[test]
fn libraries_are_known_by_their_packets() {
    let sio = "/socket.io/?EIO=4&transport=websocket";
    let of = |target: &str, heard: &[&str], said: &str| {
        let mut talk = Talk::open(40_001);
        talk.upgrade(target);
        for text in heard {
            talk.frame(false, text);
        }
        talk.frame(true, said);
        let one = only(&talk.close());
        (one.kind, one.figures.messages)
    };
    let heard = ["0{\"sid\":\"x\"}", "40{\"sid\":\"y\"}", "42[\"m\",1]", "2"];
    assert_eq!(
        of(sio, &heard, "42[\"m\",2]"),
        (Kind::SocketIo(Over::WebSocket), [1, 1])
    );
    // The address of one, but other words.
    assert_eq!(of(sio, &["hello"], "hello"), (Kind::WebSocket, [1, 1]));
    let sockjs = "/echo/123/abcdefgh/websocket";
    let heard = ["o", "a[\"x\",\"y\"]", "h"];
    assert_eq!(
        of(sockjs, &heard, "[\"z\"]"),
        (Kind::SockJs(Over::WebSocket), [1, 2])
    );
    assert_eq!(of(sockjs, &["welcome"], "z"), (Kind::WebSocket, [1, 1]));
    assert_eq!(
        of("/api/v4/websocket", &["o"], "z"),
        (Kind::WebSocket, [1, 1])
    );
}

#[test]
fn socket_io_over_polling_is_one_conversation() {
    let mut talk = Talk::open(40_001);
    let base = "/socket.io/?EIO=4&transport=polling";
    talk.get(base);
    talk.answer("text/plain", "0{\"sid\":\"s\"}");
    talk.up(format!(
        "POST {base}&sid=s HTTP/1.1\r\nHost: chat\r\nContent-Length: 8\r\n\r\n42[\"a\",1"
    ));
    talk.answer("text/html", "ok");
    talk.get(&format!("{base}&sid=s"));
    talk.wait(25_000);
    talk.answer("text/plain", "2\u{1e}42[\"b\"]");
    let one = only(&talk.close());
    assert_eq!(
        (one.kind, one.figures.messages),
        (Kind::SocketIo(Over::Polling), [1, 1])
    );
    assert!(one.ledger.layer(Direction::Down, Layer::Envelope) > 0);
}

#[test]
fn what_real_servers_and_clients_write_is_read() {
    // A blank in front of a colon, which an ad server was captured with, and methods that are no
    // words of letters alone, as CCM_POST of Windows' own clients.
    for method in ["GET", "CCM_POST", "M-SEARCH", "VERSION-CONTROL"] {
        let mut talk = Talk::open(40_001);
        for _ in 0..2 {
            talk.up(format!("{method} /x HTTP/1.1\r\nHost: chat\r\n\r\n"));
            talk.wait(2);
            talk.down(
                "HTTP/1.1 200 OK\r\nAllow-Credentials : true\r\nContent-Length : 2\r\n\r\nok",
            );
            talk.wait(700);
        }
        let one = only(&talk.close());
        assert_eq!(
            (one.kind, one.figures.requests),
            (Kind::Plain, 2),
            "{method}"
        );
        assert_eq!(
            (one.ledger.unparsed(), one.remarks),
            (0, Vec::new()),
            "{method}"
        );
    }
}

#[test]
fn tls_is_named_and_counted() {
    let mut hello = vec![22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x13, 1, 1, 0]);
    let name = b"chat.example";
    let list = name.len() as u16 + 3;
    hello.extend((list + 6).to_be_bytes());
    hello.extend([0, 0]);
    hello.extend((list + 2).to_be_bytes());
    hello.extend(list.to_be_bytes());
    hello.push(0);
    hello.extend((name.len() as u16).to_be_bytes());
    hello.extend(name);
    let len = (hello.len() - 5) as u16;
    hello[3..5].copy_from_slice(&len.to_be_bytes());
    let mut talk = Talk::open(40_001);
    talk.up(&hello);
    talk.down([23, 3, 3, 0, 4, 1, 2, 3, 4]);
    let one = only(&talk.close());
    assert_eq!(
        (one.kind, one.server.as_str()),
        (Kind::Tls, "chat.example:8080")
    );
    assert_eq!(one.ledger.layer(Direction::Down, Layer::Tls), 9);
    assert_eq!(one.remarks, [Remark::Sealed]);
    // No cut of it makes it panic or something else.
    for cut in 6..hello.len() {
        let mut talk = Talk::open(40_001);
        talk.up(&hello[..cut]);
        assert_eq!(only(&talk.close()).kind, Kind::Tls);
    }
}

#[test]
fn what_compression_saved_is_told() {
    use std::io::Write;
    let body = "{\"events\":[{\"text\":\"hello hello hello hello hello hello\"}]}";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body.as_bytes()).unwrap();
    let coded = encoder.finish().unwrap();
    let mut talk = Talk::open(40_001);
    talk.get("/news");
    talk.down(format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        coded.len()
    ));
    talk.down(&coded);
    let one = only(&talk.close());
    let saved = body.len().cast_signed() - coded.len().cast_signed();
    assert_eq!(one.figures.saved, saved as i64);
}
