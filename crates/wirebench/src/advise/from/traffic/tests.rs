//! Tests of numbers that are taken from captures: exports of a browser, and packets made by hand.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::*;
use crate::advise::workload::Workload;

fn fixture(name: &str) -> ExtractedNumbers {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../capture/tests/fixture");
    taken(&folder.join(name), None).expect("a capture")
}

fn of_bytes(bytes: &[u8]) -> anyhow::Result<ExtractedNumbers> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, bytes).expect("written");
    taken(&file, None)
}

fn table(taken: &ExtractedNumbers) -> String {
    taken.sheet(&WorkloadInputs::default()).markdown()
}

/// Checks five polls of one reader, two seconds apart, one of which brings a message.
#[test]
fn a_short_poll_gives_its_interval_and_what_it_does_not_tell_has_a_flag() {
    let taken = fixture("short-poll.har");
    let inputs = &taken.inputs;
    assert_eq!(inputs.readers, Some(1.0));
    assert_eq!(inputs.intervals_s, Some(vec![2.0]));
    // One message in 8.007 s, by somebody of whom nothing is in the capture.
    assert_eq!(inputs.messages_per_room, Some(0.1249));
    // A cookie of three bytes, which is too short to be made up, and its line.
    assert_eq!(
        (inputs.header_bytes, inputs.cookie_bytes),
        (Some(13.0), Some(0.0))
    );
    assert_eq!(inputs.tls.as_deref(), Some("1.3"));
    assert_eq!(inputs.http.as_deref(), Some("1.1"));
    assert_eq!((inputs.rooms, inputs.round_trip_ms), (None, None));
    let text = table(&taken);
    for words in [
        "| intervals, s | 2 | the median time between two questions |",
        "1.3 is taken (--tls)",
        "give --rooms",
        "50 is taken; give --round-trip-ms",
        "longer than the whole message was",
        "| hold, s | not told | no long poll is read: 25 is taken; give --hold-s |",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(Workload::of(inputs).is_ok());
}

/// Returns five polls as a browser saves them, each so many seconds after the one before and answered
/// with nothing after so many milliseconds.
fn polls(every: u32, waits: u32) -> String {
    let poll = |number: u32| {
        let at = number * every;
        let (hour, minute, second) = (at / 3_600, at / 60 % 60, at % 60);
        format!(
            r#"{{"startedDateTime":"2024-03-01T{hour:02}:{minute:02}:{second:02}.000Z","time":{waits},
            "request":{{"method":"GET","url":"http://chat.example/poll"}},"connection":"7",
            "response":{{"status":200,"content":{{"size":2,"text":"[]"}}}},
            "timings":{{"send":0,"wait":{waits}}}}}"#
        )
    };
    let polls: Vec<String> = (0..5).map(poll).collect();
    format!(r#"{{"log":{{"entries":[{}]}}}}"#, polls.join(","))
}

#[test]
fn an_interval_or_a_hold_that_no_workload_can_have_is_told_as_it_was() {
    let rare = of_bytes(polls(3_600, 5).as_bytes()).expect("a HAR");
    let text = table(&rare);
    let words = "| intervals, s | 1800 | the median time between two questions: 3600 s, and this";
    assert!(text.contains(words), "{text}");
    assert_eq!(rare.inputs.intervals_s, Some(vec![1_800.0]));
    let long = of_bytes(polls(300, 299_990).as_bytes()).expect("a HAR");
    let text = table(&long);
    let words = "| hold, s | 120 | the longest time that a question was held: 299.99 s, and this";
    assert!(text.contains(words), "{text}");
    assert_eq!(long.inputs.hold_s, Some(120.0));
}

/// Returns a WebSocket as a browser saves it: ten messages down, and as many up, in ten seconds.
fn socket(room: &str, text: &str) -> String {
    let message = |kind: &str, number: u32| {
        let time = 1_709_294_400 + number;
        format!(r#"{{"type":"{kind}","time":{time},"opcode":1,"data":"{text}"}}"#)
    };
    let messages: Vec<String> = (1..=10)
        .flat_map(|number| [message("send", number), message("receive", number)])
        .collect();
    let field = |name: &str, value: &str| format!(r#"{{"name":"{name}","value":"{value}"}}"#);
    let request = [
        field("Host", "chat.example"),
        field("Upgrade", "websocket"),
        field("Connection", "Upgrade"),
        field("Origin", "https://chat.example"),
        field("Cookie", &"c".repeat(40)),
    ]
    .join(",");
    let answer = field("Upgrade", "websocket");
    let messages = messages.join(",");
    format!(
        r#"{{"startedDateTime":"2024-03-01T12:00:00.000Z","time":10000,
        "request":{{"method":"GET","url":"ws://chat.example/rooms/{room}/ws","httpVersion":"HTTP/1.1","headers":[{request}]}},
        "response":{{"status":101,"headers":[{answer}]}},
        "timings":{{"blocked":0,"connect":40,"ssl":-1,"send":0,"wait":0}},
        "_webSocketMessages":[{messages}]}}"#
    )
}

#[test]
fn readers_who_speak_are_told_from_those_who_only_read() {
    // As long as an event of this server with 200 bytes of text.
    let text = "x".repeat(usize::try_from(event(1, 200)).expect("a length"));
    let har = format!(
        r#"{{"log":{{"entries":[{},{}]}}}}"#,
        socket("a", &text),
        socket("b", &text)
    );
    let taken = of_bytes(har.as_bytes()).expect("a HAR");
    let inputs = &taken.inputs;
    assert_eq!((inputs.readers, inputs.rooms), (Some(2.0), Some(2.0)));
    // Ten messages in the 9.96 s that are left when the connection is there.
    assert_eq!(inputs.messages_per_reader, Some(1.004), "{}", table(&taken));
    assert_eq!(
        (inputs.messages_per_room, inputs.payload),
        (None, Some(200.0))
    );
    assert_eq!(inputs.round_trip_ms, Some(40.0));
    assert_eq!(inputs.tls.as_deref(), Some("off"));
    let origin = "Origin: https://chat.example\r\n".len() as f64;
    assert_eq!(inputs.header_bytes, Some(origin));
    assert_eq!(inputs.cookie_bytes, Some(40.0));
    // Of readers who say nothing others say it all.
    let silent = har.replace(r#""type":"send""#, r#""type":"other""#);
    let taken = of_bytes(silent.as_bytes()).expect("a HAR");
    assert_eq!(taken.inputs.messages_per_room, Some(1.004));
    assert_eq!(taken.inputs.messages_per_reader, None);
}

#[test]
fn the_round_trip_of_two_connections_is_between_theirs() {
    let sockets = [
        socket("a", "x"),
        socket("b", "x").replace(r#""connect":40"#, r#""connect":60"#),
    ];
    let har = format!(r#"{{"log":{{"entries":[{}]}}}}"#, sockets.join(","));
    let taken = of_bytes(har.as_bytes()).expect("a HAR");
    assert_eq!(taken.inputs.round_trip_ms, Some(50.0), "{}", table(&taken));
}

/// Checks six short polls of a state that is sent packed each time and changes once: what the others
/// saved is no part of the two messages.
#[test]
fn what_compression_saved_of_empty_polls_is_in_no_message() {
    let length = usize::try_from(event(1, 200)).expect("a length");
    let state = |letter: &str| format!(r#"[{{"a":"{}"}}]"#, letter.repeat(length - 10));
    let poll = |number: usize| {
        json!({
            "startedDateTime": format!("2024-03-01T12:00:0{number}.000Z"),
            "time": 5,
            "connection": "7",
            "request": { "method": "GET", "url": "http://chat.example/poll", "headersSize": 50 },
            "response": {
                "status": 200,
                "headers": [{ "name": "Content-Encoding", "value": "gzip" }],
                "headersSize": 100,
                "bodySize": 50,
                "content": { "size": length, "text": state(if number < 4 { "x" } else { "y" }) },
            },
        })
    };
    let polls: Vec<Value> = (0..6).map(poll).collect();
    let har = json!({ "log": { "entries": polls } }).to_string();
    let taken = of_bytes(har.as_bytes()).expect("a HAR");
    let text = table(&taken);
    assert_eq!(taken.inputs.payload, Some(200.0), "{text}");
    assert!(text.contains("without the compression"), "{text}");
}

#[test]
fn plain_requests_are_named_and_what_they_tell_is_told() {
    let taken = fixture("unsized.har");
    let text = table(&taken);
    assert!(
        text.contains("no conversation reads again and again; there are: ")
            && text.contains("plain requests; give --readers"),
        "{text}"
    );
    assert_eq!(taken.inputs.readers, None);
    assert_eq!(taken.inputs.http.as_deref(), Some("1.1"));
    assert_eq!(taken.inputs.header_bytes, Some(13.0));
    let remarks = taken.remarks.join("\n");
    assert!(remarks.contains("heads have no size"), "{remarks}");
    // With the numbers that are missing it is a workload like any other.
    let given = WorkloadInputs {
        readers: Some(10.0),
        messages_per_room: Some(1.0),
        ..WorkloadInputs::default()
    };
    assert!(Workload::of(&given.over(taken.inputs)).is_ok());
}

/// Returns a capture of packets of one connection on port 22: each its sender and its bytes.
fn ssh() -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(101_u32.to_le_bytes());
    for (second, data) in [(1_u32, &b"SSH-2.0-a\r\n"[..]), (2, &b"SSH-2.0-b\r\n"[..])] {
        let is_up = second == 2;
        let (from, to): (u16, u16) = if is_up { (40_001, 22) } else { (22, 40_001) };
        let mut packet = vec![0x45, 0];
        packet.extend((40 + data.len() as u16).to_be_bytes());
        packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
        let ends: [u8; 2] = if is_up { [1, 2] } else { [2, 1] };
        for end in ends {
            packet.extend([10, 0, 0, end]);
        }
        packet.extend(from.to_be_bytes());
        packet.extend(to.to_be_bytes());
        packet.extend([0, 0, 0, 9, 0, 0, 0, 9, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(data);
        file.extend(second.to_le_bytes());
        file.extend(0_u32.to_le_bytes());
        let length = (packet.len() as u32).to_le_bytes();
        file.extend(length);
        file.extend(length);
        file.extend(packet);
    }
    file
}

#[test]
fn another_protocol_no_conversation_and_no_capture_are_each_named() {
    let other = of_bytes(&ssh()).expect("a capture");
    let text = table(&other);
    assert!(
        text.contains("there are: 1 x not HTTP; give --readers"),
        "{text}"
    );
    assert!(
        text.contains("no request with its header lines can be read"),
        "{text}"
    );
    let nothing = of_bytes(br#"{"log":{"entries":[]}}"#).expect("a HAR");
    assert!(table(&nothing).contains("there is no conversation in the capture"));
    assert_eq!(nothing.remarks, ["nothing was captured in it"]);
    let refused = of_bytes(b"hello").expect_err("no capture");
    assert_eq!(refused.to_string(), "neither pcap, pcapng nor HAR");
}

#[test]
fn numbers_are_rounded_to_their_digits() {
    for (value, count, expected) in [
        (0.124_89, 4, 0.1249),
        (12_345.678, 4, 12_350.0),
        (0.0, 3, 0.0),
        (-1.0, 3, 0.0),
        (40.0, 3, 40.0),
    ] {
        assert!((digits(value, count) - expected).abs() < 1e-9, "{value}");
    }
}
