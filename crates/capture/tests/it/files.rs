//! Files that are cut, damaged, empty or of something else: each is named, and what can be told is
//! told.

use std::time::Duration;

use capture::{CaptureError, Gap, Kind, Remark, Why};
use dissect::{Direction, Layer};

use crate::packets::{ACK, Link, RST, Segment, Talk, captured, pcap, read, sent};

fn websocket(port: u16) -> Vec<Segment> {
    let mut talk = Talk::open(port);
    talk.upgrade("/ws");
    for text in ["one", "two", "three"] {
        talk.wait(1_000);
        talk.frame(false, text);
        talk.frame(true, text);
    }
    talk.close()
}

#[test]
fn every_link_and_both_versions_of_ip_tell_the_same() {
    for link in Link::ALL {
        for is_6 in [false, true] {
            let mut segments = websocket(40_001);
            for segment in &mut segments {
                segment.is_6 = is_6;
            }
            let captured = read(&pcap(link, &segments, 65_535)).unwrap();
            assert_eq!(captured.remarks, [], "{link:?}");
            let one = &captured.conversations[0];
            assert_eq!(
                (one.kind, one.figures.messages),
                (Kind::WebSocket, [3, 3]),
                "{link:?}"
            );
            assert_eq!(one.client, if is_6 { "fd00::1" } else { "10.0.0.1" });
        }
    }
}

#[test]
fn no_capture_is_named_as_such() {
    assert!(matches!(read(b""), Err(CaptureError::Empty)));
    for text in ["hello", "PNG", "\u{7f}ELF", "<html>"] {
        assert!(
            matches!(read(text.as_bytes()), Err(CaptureError::Unknown)),
            "{text}"
        );
    }
    for (bytes, told) in [
        (b"\x1f\x8b\x08\0".as_slice(), "(gunzip)"),
        (b"\x28\xb5\x2f\xfd\x04", "(unzstd)"),
        (b"\x04\x22\x4d\x18\x64", "(unlz4)"),
        (b"PK\x03\x04\x14", "(unzip)"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    for text in ["{", "[1]", "{\"log\":{}}", "{\"a\":1}"] {
        assert!(
            matches!(read(text.as_bytes()), Err(CaptureError::Har(_))),
            "{text}"
        );
    }
    let nothing = read(&pcap(Link::Raw, &[], 100)).unwrap();
    assert_eq!(nothing.remarks, [Remark::NothingCaptured]);
    assert!(!nothing.is_whole());
    let nothing = read(br#"{"log":{"entries":[]}}"#).unwrap();
    assert_eq!(nothing.remarks, [Remark::NothingCaptured]);
}

#[test]
fn a_file_that_is_cut_says_where_and_tells_the_rest() {
    let segments = websocket(40_001);
    let whole = pcap(Link::Ethernet, &segments, 65_535);
    let (mut best, mut unseen) = (0, 0);
    for cut in 24..whole.len() {
        let captured = read(&whole[..cut]).unwrap();
        let is_cut = captured
            .remarks
            .iter()
            .any(|one| matches!(one, Remark::FileCut(_)));
        let messages: u64 = captured
            .conversations
            .iter()
            .map(|one| one.figures.messages[0])
            .sum();
        assert!(messages >= best, "{cut}");
        best = messages;
        unseen += usize::from(!is_cut);
        // Between two packets a cut cannot be seen.
        if !is_cut && !captured.conversations.is_empty() {
            assert_eq!(captured.remarks, [], "{cut}");
        }
    }
    assert_eq!((best, unseen), (3, segments.len()));
    let captured = read(&whole[..whole.len() - 1]).unwrap();
    assert!(matches!(captured.remarks[..], [Remark::FileCut(at)] if at < whole.len() as u64));
    assert!(!captured.is_whole());
}

#[test]
fn a_missing_segment_is_named_with_the_byte_from_which_on() {
    let mut segments = websocket(40_001);
    let all = sent(&segments);
    let of_down = |one: &&Segment| !one.is_up && !one.data.is_empty();
    let before: usize = segments
        .iter()
        .filter(of_down)
        .take(3)
        .map(|one| one.data.len())
        .sum();
    let lost = segments
        .iter()
        .position(|one| !one.is_up && one.data.ends_with(b"two"))
        .unwrap();
    let missing = segments.remove(lost).data.len() as u64;
    let captured = captured(&segments);
    let one = &captured.conversations[0];
    assert_eq!(one.kind, Kind::WebSocket);
    let gap = one.remarks.iter().find_map(|remark| match remark {
        Remark::Incomplete(gap) => Some(*gap),
        _ => None,
    });
    let expected = Gap {
        direction: Direction::Down,
        at: before as u64,
        why: Why::Missing(missing),
    };
    assert_eq!(gap, Some(expected));
    assert_eq!(one.figures.messages, [3, 1]);
    // What came behind it is counted, but in no account that says what it was.
    assert_eq!(one.total(Direction::Down), all[1] - missing);
    assert_eq!(one.ledger.layer(Direction::Down, Layer::Unparsed), 7);
    assert!(!captured.is_whole());
}

#[test]
fn behind_a_lost_answer_reading_goes_on_with_the_next_request() {
    for lost in ["poll?3", "\"number\":3"] {
        let mut talk = Talk::open(40_001);
        for number in 0..8 {
            talk.get(&format!("/poll?{number}"));
            talk.wait(4);
            talk.answer("application/json", &format!("[{{\"number\":{number}}}]"));
            talk.wait(496);
        }
        let mut segments = talk.close();
        let all = sent(&segments);
        let has = |one: &Segment| String::from_utf8_lossy(&one.data).contains(lost);
        let place = segments.iter().position(has).unwrap();
        let gone = segments.remove(place);
        let captured = captured(&segments);
        assert_eq!(
            captured.conversations.len(),
            1,
            "{:?}",
            captured.conversations
        );
        let one = &captured.conversations[0];
        assert!(
            matches!(one.kind, Kind::ShortPoll { .. }),
            "{:?} {:?}",
            one.kind,
            one.remarks
        );
        assert_eq!(one.figures.messages, [0, 7], "{lost}");
        let lengths = [
            gone.data.len() as u64 * u64::from(gone.is_up),
            gone.data.len() as u64 * u64::from(!gone.is_up),
        ];
        let expected = [all[0] - lengths[0], all[1] - lengths[1]];
        assert_eq!(Direction::ALL.map(|way| one.total(way)), expected);
        assert!(
            one.remarks
                .iter()
                .any(|one| matches!(one, Remark::Incomplete(_)))
        );
    }
}

#[test]
fn a_snaplen_that_cut_payloads_is_named_and_bytes_are_still_counted() {
    let segments = websocket(40_001);
    let captured = read(&pcap(Link::Ethernet, &segments, 54)).unwrap();
    assert!(
        captured
            .remarks
            .iter()
            .any(|one| matches!(one, Remark::CutPackets(_)))
    );
    let one = &captured.conversations[0];
    assert_eq!(Direction::ALL.map(|way| one.total(way)), sent(&segments));
    assert!(one.remarks.iter().any(|one| matches!(
        one,
        Remark::Incomplete(Gap {
            why: Why::Cut,
            at: 0,
            ..
        })
    )));
}

#[test]
fn what_a_link_adds_behind_ip_is_not_counted() {
    // Every frame without content is filled up to 60 bytes, and cut in front of that or there.
    for snaplen in [54, 58, 60] {
        let segments = websocket(40_001);
        let captured = read(&pcap(Link::Ethernet, &segments, snaplen)).unwrap();
        let one = &captured.conversations[0];
        let told = Direction::ALL.map(|way| one.total(way));
        assert_eq!(told, sent(&segments), "{snaplen}");
    }
}

#[test]
fn a_head_that_is_cut_within_its_options_still_says_where_it_belongs() {
    let mut segments = websocket(40_001);
    for segment in &mut segments {
        segment.options = 12;
    }
    // Behind the heads of Ethernet and IP: four bytes of options, none, and half of a head.
    for (snaplen, is_told) in [(58, true), (54, true), (44, false)] {
        let captured = read(&pcap(Link::Ethernet, &segments, snaplen)).unwrap();
        let told = Direction::ALL.map(|way| {
            let each = captured.conversations.iter().map(|one| one.total(way));
            each.sum::<u64>()
        });
        let expected = if is_told { sent(&segments) } else { [0, 0] };
        assert_eq!(told, expected, "{snaplen}");
        let is_broken = |one: &Remark| matches!(one, Remark::BrokenPackets(_));
        assert_eq!(captured.remarks.iter().any(is_broken), !is_told);
    }
}

#[test]
fn a_connection_that_was_open_before_is_read_from_its_next_request() {
    let mut talk = Talk::running(40_001);
    talk.down("rest of an answer");
    talk.wait(10);
    for _ in 0..6 {
        talk.get("/poll");
        talk.answer("application/json", "[]");
        talk.wait(500);
    }
    let segments = talk.segments;
    let captured = captured(&segments);
    let one = &captured.conversations[0];
    assert_eq!(
        one.kind,
        Kind::ShortPoll {
            interval: Duration::from_millis(500)
        }
    );
    assert_eq!(one.remarks, [Remark::BeganBefore]);
    assert_eq!(Direction::ALL.map(|way| one.total(way)), sent(&segments));
    assert_eq!(one.ledger.layer(Direction::Down, Layer::Unparsed), 17);
}

#[test]
fn a_head_that_is_cut_is_in_the_account_of_heads() {
    let asked = "GET /poll HTTP/1.1\r\nHost: chat\r\n\r\n";
    for (request, answer) in [
        (asked.to_owned(), "HTTP/1.1 200 OK\r\nContent-Le"),
        (asked.to_owned() + "GET /poll HTT", "HTTP/1.1 204 X\r\n\r\n"),
    ] {
        let mut talk = Talk::open(40_001);
        talk.up(request);
        talk.down(answer);
        let segments = talk.close();
        let one = captured(&segments).conversations.remove(0);
        let heads = Direction::ALL.map(|way| one.ledger.layer(way, Layer::HttpHead));
        assert_eq!(heads, sent(&segments), "{answer}");
        assert_eq!(Direction::ALL.map(|way| one.total(way)), heads);
    }
}

#[test]
fn other_protocols_and_resets_are_named() {
    let mut talk = Talk::open(40_001);
    talk.down("SSH-2.0-OpenSSH_9.2\r\n");
    talk.up("SSH-2.0-x\r\n");
    let segments = talk.close();
    let one = captured(&segments).conversations.remove(0);
    assert_eq!(one.kind, Kind::Other);
    assert_eq!(Direction::ALL.map(|way| one.total(way)), sent(&segments));
    let mut talk = Talk::open(40_002);
    talk.get("/");
    talk.segment(false, RST | ACK, &[]);
    let one = captured(&talk.segments).conversations.remove(0);
    assert_eq!(one.remarks, [Remark::CutOff, Remark::Reset]);
    // A link that nobody here reads.
    let mut file = pcap(Link::Raw, &websocket(40_001), 65_535);
    file[20] = 105;
    let captured = read(&file).unwrap();
    assert!(matches!(
        captured.remarks[..],
        [Remark::UnknownLink { link: 105, .. }]
    ));
}

#[test]
fn a_capture_is_told_in_numbers() {
    let segments = websocket(40_001);
    let mut silent = Talk::open(40_002);
    silent.wait(10);
    let all = [segments.clone(), silent.close()].concat();
    let totals = captured(&all).totals.unwrap();
    let expected = (all.len() as u64, all.len() as u64, 2);
    assert_eq!(
        (totals.packets, totals.segments, totals.connections),
        expected
    );
    let json = capture::json("", &captured(&all));
    assert_eq!(json["totals"]["connections"], 2);
    // A fragment of IP is a packet, and no segment.
    let mut file = pcap(Link::Raw, &segments, 65_535);
    file[24 + 16 + 6] = 0x20;
    let captured = read(&file).unwrap();
    let totals = captured.totals.unwrap();
    assert_eq!(totals.packets, segments.len() as u64);
    assert_eq!(totals.segments, totals.packets - 1);
    assert_eq!(captured.remarks, [Remark::Fragments(1)]);
}

#[test]
fn ports_of_a_connection_that_was_open_before_are_used_again() {
    for answers in [true, false] {
        let mut old = Talk::running(40_001);
        old.get("/poll");
        if answers {
            old.answer("application/json", "[]");
        }
        let new = websocket(40_001);
        let mut again = new.clone();
        for segment in &mut again {
            segment.at += Duration::from_mins(1);
            segment.sequence = segment.sequence.wrapping_add(9_000_000);
        }
        let all = [old.segments, again].concat();
        let captured = captured(&all);
        assert_eq!(captured.totals.unwrap().connections, 2, "{answers}");
        let kinds: Vec<Kind> = captured.conversations.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Plain, Kind::WebSocket], "{answers}");
        let told = Direction::ALL.map(|way| {
            let each = captured.conversations.iter().map(|one| one.total(way));
            each.sum::<u64>()
        });
        assert_eq!(told, sent(&all), "{answers}");
        assert_eq!(captured.conversations[1].remarks, [], "{answers}");
    }
}

#[test]
fn ports_that_are_used_again_are_two_conversations() {
    let first = websocket(40_001);
    let mut second = websocket(40_001);
    for segment in &mut second {
        segment.at += Duration::from_secs(100);
        segment.sequence = segment.sequence.wrapping_add(5_000_000);
    }
    let captured = captured(&[first, second].concat());
    assert_eq!(captured.conversations.len(), 2);
    assert!(
        captured
            .conversations
            .iter()
            .all(|one| one.figures.messages == [3, 3])
    );
}
