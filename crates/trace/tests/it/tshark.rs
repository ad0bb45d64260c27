//! The rebuilt packets, as Wireshark's own dissectors see them.

use std::{fs, path::Path, process::Command};

use dissect::Direction::{Down, Up};
use trace::{Settings, Traced};
use wire::Way;

use crate::lives::{lives, traced};

/// Returns whether tshark is installed. If not, fails where the checks require it and prints that
/// the test is skipped elsewhere.
#[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
fn have_tshark() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("WIREBENCH_REQUIRE").is_none(),
        "tshark is not installed; install Debian's package of that name"
    );
    eprintln!("SKIPPED: tshark is not installed, so the packets were not looked at");
    false
}

fn tshark(file: &Path, arguments: &[&str]) -> String {
    let output = Command::new("tshark")
        .args([
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
        ])
        .arg("-r")
        .arg(file)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Returns these fields, one line for each packet that the filter selects.
fn fields(file: &Path, filter: &str, fields: &[&str]) -> Vec<String> {
    let mut arguments = vec!["-T", "fields", "-Y", filter];
    for field in fields {
        arguments.extend(["-e", field]);
    }
    let text = tshark(file, &arguments);
    text.lines().map(str::to_owned).collect()
}

/// Returns the bytes that Wireshark opens of so many connections, up and down.
fn opened(file: &Path, connections: usize) -> [usize; 2] {
    let mut bytes = [0; 2];
    for stream in 0..connections {
        let text = tshark(file, &["-q", "-z", &format!("follow,tls,raw,{stream}")]);
        let mut client = None;
        for line in text.lines() {
            let digits = line.trim();
            if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                // Which side is behind a tab differs between TCP and TLS; the client speaks first.
                let side = line.starts_with('\t');
                let client = *client.get_or_insert(side);
                bytes[usize::from(side != client)] += digits.len() / 2;
            }
        }
    }
    bytes
}

#[test]
fn wireshark_dissects_every_life_without_complaint() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // More than one segment each way, besides the short ones.
    let long = traced(Settings {
        message: "long ".repeat(2_000),
        ..Settings::new(Way::Websocket)
    });
    // Wireshark does not know the frames of 2010.
    let today = lives().iter().filter(|one| one.way != Traced::Hixie76);
    for (number, record) in today.chain([&long]).enumerate() {
        let file = folder.path().join(format!("{number}.pcapng"));
        fs::write(&file, trace::pcapng(record)).unwrap();
        // Warnings, errors, and whatever TCP's numbers make it suspect.
        let complaints = fields(
            &file,
            "_ws.expert.severity >= 0x600000 || _ws.malformed || tcp.analysis.flags",
            &["frame.number", "_ws.expert.message"],
        );
        assert_eq!(complaints, [""; 0], "{}", record.way);
        let good = fields(&file, "tcp", &["ip.checksum.status", "tcp.checksum.status"]);
        assert!(good.len() > 20, "{}", record.way);
        assert!(good.iter().all(|line| line == "1\t1"), "{good:?}");
        let text = tshark(&file, &["-V"]);
        assert!(!text.contains("Malformed") && !text.contains("Retransmission"));
        let comment = Command::new("capinfos").arg("-k").arg(&file).output();
        if let Ok(comment) = comment {
            let comment = String::from_utf8_lossy(&comment.stdout).into_owned();
            assert!(comment.contains("Rebuilt, not captured"), "{comment}");
        }
    }
}

/// Checks that the secrets in the file open its records, and that nothing else does.
#[test]
fn wireshark_opens_a_life_under_tls_with_the_secrets_in_the_file() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let asked = |record: &trace::Record| {
        let file = folder.path().join("life.pcapng");
        fs::write(&file, trace::pcapng(record)).unwrap();
        let records = fields(&file, "tls", &["frame.number"]);
        assert!(records.len() > 4, "{records:?}");
        fields(&file, "http.request", &["http.request.uri"])
    };
    for version in ["1.2", "1.3"] {
        for way in [Way::Websocket, Way::LongPoll] {
            let mut record = traced(Settings {
                tls: Some(version.parse().unwrap()),
                ..Settings::new(way)
            });
            let mut requests = Vec::new();
            for connection in &record.connections {
                let up = String::from_utf8_lossy(&connection.bytes(Up)).into_owned();
                let heads = up.lines().filter(|line| line.ends_with(" HTTP/1.1"));
                requests.extend(heads.map(|line| line.split(' ').nth(1).unwrap().to_owned()));
            }
            let mut opened = asked(&record);
            requests.sort();
            opened.sort();
            assert!(!requests.is_empty(), "{way}");
            assert_eq!(opened, requests, "{way} under TLS {version}");
            let sent = |direction| -> usize {
                let connections = record.connections.iter();
                let lengths = connections.map(|connection| connection.bytes(direction).len());
                lengths.sum()
            };
            let found = self::opened(&folder.path().join("life.pcapng"), record.connections.len());
            assert_eq!(found, [Up, Down].map(sent), "{way} under TLS {version}");
            record.secrets.clear();
            assert_eq!(asked(&record), [""; 0], "{way} under TLS {version}");
        }
    }
}

#[test]
fn wireshark_sees_the_same_requests_and_frames() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let of = |way: Way| {
        let record = lives().iter().find(|record| record.way == way).unwrap();
        let file = folder.path().join(format!("{way}.pcapng"));
        fs::write(&file, trace::pcapng(record)).unwrap();
        file
    };
    let polls = of(Way::LongPoll);
    assert_eq!(
        fields(
            &polls,
            "http.request",
            &["http.request.method", "http.request.uri"]
        ),
        [
            "GET\t/rooms/lesson/poll?after=latest",
            "GET\t/rooms/lesson/long-poll?after=0&name=ann&hold=0.4",
            "GET\t/rooms/lesson/long-poll?after=1&name=ann&hold=0.4",
            "GET\t/rooms/lesson/long-poll?after=1&name=ann&hold=0.4",
            "GET\t/rooms/lesson/long-poll?after=2&name=ann&hold=0.4",
            "POST\t/rooms/lesson/messages",
            "POST\t/rooms/lesson/leave?name=ann",
        ]
    );
    let socket = of(Way::Websocket);
    // Opcode and mask of each frame: join, ping, pong, heard, said, heard, close, close.
    // Older versions write a bit as 1, newer ones as True.
    let frames: Vec<String> = fields(
        &socket,
        "websocket",
        &["websocket.opcode", "websocket.mask"],
    )
    .iter()
    .map(|line| line.replace("True", "1").replace("False", "0"))
    .collect();
    assert_eq!(
        frames,
        [
            "1\t0", "9\t0", "10\t1", "1\t0", "1\t1", "1\t0", "8\t1", "8\t0"
        ]
    );
    let stream = of(Way::Sse);
    assert_eq!(
        fields(&stream, "http.response.code == 201", &["http.content_type"]),
        ["application/json"]
    );
}
