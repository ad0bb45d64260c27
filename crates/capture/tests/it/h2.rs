//! Connections of HTTP/2: each stream is recognised as a conversation, and each byte is in one account.

mod connections;

use std::time::Duration;

use capture::{Captured, Conversation, Kind, Remark};
use dissect::{Direction, Layer, Purpose};

pub(crate) use self::connections::{DATA, HEADERS, frame, joined_late, mixed};
use self::connections::{EMPTY, END_STREAM, FULL, Two, plain};
use crate::packets::{Segment, captured, sent};

fn of(conversations: &[Conversation], kind: Kind) -> &Conversation {
    let found = conversations.iter().find(|one| one.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {conversations:?}"))
}

/// Returns the conversations, whose accounts must hold all bytes.
fn all(segments: &[Segment]) -> Vec<Conversation> {
    let Captured { conversations, .. } = captured(segments);
    let totals: [u64; 2] =
        Direction::ALL.map(|way| conversations.iter().map(|one| one.total(way)).sum());
    assert_eq!(totals, sent(segments), "{conversations:?}");
    conversations
}

#[test]
fn each_stream_is_a_conversation_of_its_kind() {
    let conversations = all(&mixed());
    assert_eq!(conversations.len(), 4, "{conversations:?}");
    let interval = Duration::from_secs(1);
    let poll = of(&conversations, Kind::ShortPoll { interval });
    assert_eq!(
        (poll.server.as_str(), poll.target.as_str()),
        ("chat", "/poll")
    );
    assert_eq!((poll.http.as_str(), poll.connections), ("2", 1));
    assert_eq!((poll.figures.requests, poll.figures.empty), (6, 5));
    assert_eq!(poll.figures.messages, [0, 1]);
    let sse = of(&conversations, Kind::Sse);
    assert_eq!(sse.figures.messages, [0, 6]);
    let socket = of(&conversations, Kind::WebSocket);
    assert_eq!(socket.figures.messages, [6, 6]);
    assert_eq!(socket.ledger.layer(Direction::Up, Layer::WsMask), 7 * 4);
    for one in &conversations {
        assert_eq!(
            (one.remarks.as_slice(), one.ledger.unparsed()),
            (&[][..], 0),
            "{}",
            one.kind
        );
    }
}

#[test]
fn what_belongs_to_no_stream_is_told_once() {
    let conversations = all(&mixed());
    let own = of(&conversations, Kind::Http2);
    // The preface, two frames of settings, a window and a ping; settings, a ping and GOAWAY.
    assert_eq!(own.total(Direction::Up), 24 + 2 * 9 + 13 + 17);
    assert_eq!(own.total(Direction::Down), 2 * 9 + 17 + 17);
    for way in Direction::ALL {
        assert_eq!(own.ledger.layer(way, Layer::H2Control), own.total(way));
    }
    let sse = of(&conversations, Kind::Sse);
    assert_eq!(sse.ledger.layer(Direction::Up, Layer::H2Control), 13);
    assert_eq!(own.server, "chat");
}

#[test]
fn empty_polls_have_all_their_bytes_in_one_purpose() {
    let conversations = all(&mixed());
    let interval = Duration::from_secs(1);
    let poll = of(&conversations, Kind::ShortPoll { interval });
    // A frame of a head each way, and one of content.
    let request = 9 + plain(&[
        (":scheme", "http"),
        (":authority", "chat"),
        (":method", "GET"),
        (":path", "/poll?after=7"),
        ("cookie", "a=b"),
    ])
    .len() as u64;
    let head = 9 + plain(&[(":status", "200"), ("content-type", "application/json")]).len() as u64;
    let empty = [request, head + 9 + EMPTY.len() as u64].map(|bytes| 5 * bytes);
    let ledger = &poll.ledger;
    assert_eq!(
        Direction::ALL.map(|way| ledger.purpose(way, Purpose::Empty)),
        empty
    );
    assert_eq!(ledger.layer(Direction::Up, Layer::H2Frame), 6 * 9);
    assert_eq!(ledger.layer(Direction::Down, Layer::H2Frame), 6 * 18);
    // What the same heads are in HTTP/1.1.
    let plain_request =
        "GET /poll?after=7 HTTP/1.1\r\nhost: chat\r\ncookie: a=b\r\n\r\n".len() as u64;
    let plain_head = "HTTP/1.1 200\r\ncontent-type: application/json\r\n\r\n".len() as u64;
    assert_eq!(poll.figures.packed, [6 * request, 6 * head]);
    assert_eq!(poll.figures.unpacked, [6 * plain_request, 6 * plain_head]);
    let [unpacked, packed] = [plain_request + plain_head, request + head].map(u64::cast_signed);
    let saved = 6 * (unpacked - packed);
    assert_eq!(poll.figures.saved_by_http2(), Some(saved));
}

#[test]
fn cookies_in_parts_are_one_line_of_http_1_1() {
    let mut two = Two::open(40_001);
    let parts = [
        (":method", "GET"),
        (":path", "/"),
        ("cookie", "a=b"),
        ("cookie", "c=d"),
    ];
    two.asks(1, &parts, END_STREAM);
    two.answers(1, "text/html");
    two.brings(1, "hello", true);
    let conversations = all(&two.0.close());
    let figures = &of(&conversations, Kind::Plain).figures;
    let request = "GET / HTTP/1.1\r\nhost: chat\r\ncookie: a=b; c=d\r\n\r\n";
    assert_eq!(figures.unpacked[0], request.len() as u64);
}

#[test]
fn a_long_poll_and_a_post_are_told_apart() {
    let mut two = Two::open(40_001);
    for number in 0..4 {
        let stream = 1 + 4 * number;
        two.gets(stream, "/wait");
        two.0.wait(1_000);
        let draft = [(":method", "POST"), (":path", "/say")];
        two.asks(stream + 2, &draft, 0);
        // Drafts that were all the same would be polls.
        let text = format!("{{\"text\":{number}}}");
        two.0
            .up(frame(DATA, END_STREAM, stream + 2, text.as_bytes()));
        two.answers(stream + 2, "application/json");
        two.brings(stream + 2, "{\"ok\":true}", true);
        two.0.wait(1_000);
        two.answers(stream, "application/json");
        two.brings(stream, FULL, true);
    }
    let conversations = all(&two.0.close());
    let hold = Duration::from_secs(2);
    let poll = of(&conversations, Kind::LongPoll { hold });
    assert_eq!((poll.figures.polls, poll.figures.messages), (4, [0, 4]));
    let plain = of(&conversations, Kind::Plain);
    assert_eq!(plain.figures.messages, [4, 0]);
    assert!(plain.ledger.purpose(Direction::Up, Purpose::Say) > 0);
    assert_eq!(plain.ledger.purpose(Direction::Up, Purpose::Deliver), 0);
}

#[test]
fn streams_that_look_alike_are_conversations_of_their_own() {
    let mut two = Two::open(40_001);
    for stream in [1, 3] {
        two.gets(stream, "/lines");
        two.answers(stream, "application/x-ndjson");
    }
    for stream in [1, 3, 1, 3] {
        two.0.wait(400);
        two.brings(stream, "{\"a\":1}\n", false);
    }
    let conversations = all(&two.0.segments);
    let lines = conversations.iter().filter(|one| one.kind == Kind::Ndjson);
    let lines: Vec<&Conversation> = lines.collect();
    assert_eq!(lines.len(), 2);
    for one in lines {
        assert_eq!(one.figures.messages, [0, 2]);
        assert_eq!(one.remarks, [Remark::StillOpen]);
    }
}

#[test]
fn a_stream_that_is_reset_says_so() {
    let mut two = Two::open(40_001);
    two.gets(1, "/sse");
    two.answers(1, "text/event-stream");
    two.brings(1, "data: 1\n\n", false);
    two.0.wait(1_000);
    two.0.up(frame(3, 0, 1, &[0, 0, 0, 8]));
    two.gets(3, "/more");
    two.answers(3, "text/plain");
    two.brings(3, "hello", true);
    let conversations = all(&two.0.close());
    let sse = of(&conversations, Kind::Sse);
    assert_eq!(sse.remarks, [Remark::Reset]);
    assert_eq!(
        sse.ledger
            .amount(Direction::Up, Purpose::Close, Layer::H2Control)
            .bytes,
        13
    );
    assert_eq!(of(&conversations, Kind::Plain).remarks, []);
}

#[test]
fn a_connection_without_its_beginning_says_what_is_incomplete() {
    let conversations = all(&joined_late());
    let plain = of(&conversations, Kind::Plain);
    assert_eq!(plain.figures.requests, 2);
    assert_eq!(plain.server, "chat");
    assert_eq!(plain.remarks, [Remark::UnknownFields]);
    assert_eq!(plain.ledger.unparsed(), 0);
    let own = of(&conversations, Kind::Http2);
    assert!(
        own.remarks.contains(&Remark::BeganBefore),
        "{:?}",
        own.remarks
    );
    assert!(own.remarks.contains(&Remark::UnknownStreams(1)));
    // Two frames of a stream whose request nobody saw.
    assert_eq!(own.ledger.unparsed(), 2 * (9 + 9));
}

#[test]
fn a_gap_is_told_by_each_stream_that_it_cuts() {
    let mut segments = mixed();
    let lost = segments
        .iter()
        .rposition(|one| !one.is_up && one.data.len() == 9 + 13);
    let lost = lost.expect("a frame of the stream");
    segments.remove(lost);
    let Captured { conversations, .. } = captured(&segments);
    let totals: [u64; 2] =
        Direction::ALL.map(|way| conversations.iter().map(|one| one.total(way)).sum());
    assert_eq!(totals, sent(&segments));
    for kind in [Kind::Sse, Kind::Http2] {
        let one = of(&conversations, kind);
        let is_told = one
            .remarks
            .iter()
            .any(|one| matches!(one, Remark::Incomplete(_)));
        assert!(is_told, "{kind}: {:?}", one.remarks);
    }
    let interval = Duration::from_secs(1);
    assert_eq!(of(&conversations, Kind::ShortPoll { interval }).remarks, []);
}

#[test]
fn what_breaks_the_protocol_is_unparsed_and_named() {
    let mut two = Two::open(40_001);
    two.gets(1, "/");
    two.answers(1, "text/plain");
    two.brings(1, "hello", true);
    two.0.wait(1);
    // A field that is in no table.
    two.0.up(frame(HEADERS, 5, 3, &[0xff, 0x7f]));
    two.0.up(frame(6, 0, 0, &[0; 8]));
    let conversations = all(&two.0.close());
    let own = of(&conversations, Kind::Http2);
    assert!(
        matches!(own.remarks[..], [Remark::Fault(_)]),
        "{:?}",
        own.remarks
    );
    assert_eq!(own.ledger.unparsed(), 11 + 17);
    assert_eq!(of(&conversations, Kind::Plain).figures.requests, 1);
}

#[test]
fn a_capture_may_begin_and_end_anywhere() {
    for segments in [mixed(), joined_late()] {
        for begin in 0..segments.len() {
            all(&segments[begin..]);
            let Captured { conversations, .. } = captured(&segments[..begin]);
            let totals: [u64; 2] =
                Direction::ALL.map(|way| conversations.iter().map(|one| one.total(way)).sum());
            assert_eq!(totals, sent(&segments[..begin]), "{begin}");
        }
    }
}

#[test]
fn the_tables_and_the_export_say_what_http_2_saved() {
    let captured = captured(&mixed());
    let json = capture::json("", &captured);
    let conversations = json["conversations"].as_array().expect("a list");
    let polls = conversations.iter().find(|one| one["kind"] == "short_poll");
    let polls = polls.expect("the polls");
    assert_eq!(polls["http"], "2");
    let heads = &polls["http2_heads"];
    let of = |name: &str| heads[name].as_i64().expect("a number");
    let saved = of("up_in_http1") + of("down_in_http1") - of("up") - of("down");
    assert_eq!(of("saved"), saved);
    assert!(of("up") > 0 && of("down") > 0 && saved != 0, "{heads}");
    let files = [(String::new(), captured)];
    let csv = capture::conversations(&files, false).csv();
    let names = csv.lines().next().expect("a head");
    assert!(
        names.contains("HTTP") && names.contains("saved by HTTP/2"),
        "{names}"
    );
}

/// Reads what curl sent to `wirebench serve` over HTTP/2, in the clear (port 18991) and under TLS
/// (port 18992), as dumpcap captured it. The figures are those of tshark 4.0: the sums of `tcp.len`,
/// and the requests by `http2.headers.path`.
#[test]
fn a_capture_of_curl_is_what_wireshark_says_of_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    let mut keys = capture::Keys::default();
    keys.add(&std::fs::read(folder.join("curl-http2.keys")).expect("keys"));
    let captured = capture::read(&folder.join("curl-http2.pcap"), &keys).expect("a capture");
    for (port, bytes) in [("18991", [880, 937]), ("18992", [4_493, 7_164])] {
        let server = format!("127.0.0.1:{port}");
        let of_server = || {
            captured
                .conversations
                .iter()
                .filter(|one| one.server == server)
        };
        let totals: [u64; 2] =
            Direction::ALL.map(|way| of_server().map(|one| one.total(way)).sum());
        assert_eq!(totals, bytes, "{port}");
        let unparsed: u64 = of_server().map(|one| one.ledger.unparsed()).sum();
        assert_eq!(unparsed, 0, "{port}");
        assert!(of_server().all(|one| one.http == "2"));
        let own = of_server().filter(|one| one.kind == Kind::Http2);
        assert_eq!(own.map(|one| one.connections).collect::<Vec<_>>(), [5]);
    }
    let requests = |of: fn(&Kind) -> bool| -> Vec<u64> {
        let some = captured.conversations.iter().filter(|one| of(&one.kind));
        some.map(|one| one.figures.requests).collect()
    };
    assert_eq!(requests(|kind| *kind == Kind::Ndjson), [1, 1]);
    // In the clear one poll, beside three drafts.
    assert_eq!(requests(|kind| *kind == Kind::Plain), [4, 3]);
    assert_eq!(requests(|kind| matches!(kind, Kind::ShortPoll { .. })), [5]);
}
