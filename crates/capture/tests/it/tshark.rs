//! The accounts of a capture against the bytes that Wireshark's own reassembly finds.

use std::{fs, path::Path, process::Command};

use dissect::{Direction, Layer};

use crate::packets::{Link, Segment, Talk, pcap};

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
    eprintln!("SKIPPED: tshark is not installed, so its counts were not compared");
    false
}

fn tshark(file: &Path, arguments: &[&str]) -> String {
    let output = Command::new("tshark")
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

/// Returns the bytes that Wireshark follows in each direction of a connection.
fn followed(file: &Path, stream: usize) -> [u64; 2] {
    counted(&tshark(
        file,
        &["-q", "-z", &format!("follow,tcp,raw,{stream}")],
    ))
}

/// Returns the bytes that Wireshark opens of the first connection, with this log of keys.
fn opened(file: &Path, keys: &Path) -> [u64; 2] {
    let keys = format!("tls.keylog_file:{}", keys.display());
    let decode = "tcp.port==8080,tls";
    counted(&tshark(
        file,
        &["-o", &keys, "-d", decode, "-q", "-z", "follow,tls,raw,0"],
    ))
}

/// Counts the bytes that are listed in hexadecimal digits, a tab before those of one side: the client
/// speaks first. Which side has the tab differs between TCP and TLS.
fn counted(text: &str) -> [u64; 2] {
    let mut bytes = [0; 2];
    let is_hex = |line: &str| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut client = None;
    for line in text.lines().filter(|line| is_hex(line.trim())) {
        let side = line.starts_with('\t');
        let client = *client.get_or_insert(side);
        bytes[usize::from(side != client)] += line.trim().len() as u64 / 2;
    }
    bytes
}

/// Returns connections in which segments are lost and sent again, come out of order, twice, and
/// overlapping, across the wrap of sequence numbers.
fn disturbed() -> Vec<Segment> {
    let mut talk = Talk::open(40_001);
    for _ in 0..6 {
        talk.get("/poll?with=a-long-query-so-that-the-request-is-more-than-one-segment-of-one-hundred-bytes");
        talk.wait(5);
        talk.answer(
            "application/json",
            &format!("{{\"events\":[{{\"text\":\"{}\"}}]}}", "x".repeat(300)),
        );
        talk.wait(495);
    }
    let mut segments = talk.close();
    // A retransmission of the first part of the first request, longer than it was.
    let of_up: Vec<Segment> = segments
        .iter()
        .filter(|one| one.is_up && !one.data.is_empty())
        .take(2)
        .cloned()
        .collect();
    let mut longer = of_up[0].clone();
    longer.data = [of_up[0].data.clone(), of_up[1].data[..10].to_vec()].concat();
    segments.insert(5, longer);
    // One comes late, and one twice.
    let late = segments.remove(9);
    segments.insert(12, late);
    let twice = segments[14].clone();
    segments.insert(17, twice);
    segments
}

#[test]
fn the_accounts_add_up_to_what_wireshark_follows() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (link, is_6) in [
        (Link::Ethernet, false),
        (Link::Vlan, true),
        (Link::Null, false),
        (Link::Cooked, true),
        (Link::Cooked2, false),
        (Link::Raw, true),
    ] {
        let mut segments = disturbed();
        for segment in &mut segments {
            segment.is_6 = is_6;
        }
        let file = folder.path().join(format!("{link:?}.pcap"));
        fs::write(&file, pcap(link, &segments, 65_535)).unwrap();
        let captured = capture::read(&file, &capture::Keys::default()).unwrap();
        assert_eq!(captured.conversations.len(), 1, "{link:?}");
        let one = &captured.conversations[0];
        assert!(one.remarks.is_empty(), "{:?}", one.remarks);
        let ours = Direction::ALL.map(|way| one.total(way));
        assert_eq!(ours, followed(&file, 0), "{link:?}");
        let requests = tshark(
            &file,
            &[
                "-Y",
                "http.request",
                "-T",
                "fields",
                "-e",
                "http.request.uri",
            ],
        );
        assert_eq!(one.figures.requests, requests.lines().count() as u64);
        assert_eq!(one.ledger.unparsed(), 0);
    }
}

#[test]
fn streams_of_http_2_are_those_that_wireshark_sees() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.pcap");
    fs::write(&file, pcap(Link::Ethernet, &crate::h2::mixed(), 65_535)).unwrap();
    let captured = capture::read(&file, &capture::Keys::default()).unwrap();
    let conversations = &captured.conversations;
    let ours: [u64; 2] =
        Direction::ALL.map(|way| conversations.iter().map(|one| one.total(way)).sum());
    assert_eq!(ours, followed(&file, 0));
    let told = |field: &str| {
        let decode = ["-d", "tcp.port==8080,http2", "-Y", field];
        let text = tshark(
            &file,
            &[&decode[..], &["-T", "fields", "-e", field]].concat(),
        );
        let words = text
            .split([',', '\n'])
            .filter(|word| !word.trim().is_empty());
        words.map(|word| word.trim().to_owned()).collect::<Vec<_>>()
    };
    let requests: u64 = conversations.iter().map(|one| one.figures.requests).sum();
    assert_eq!(told("http2.headers.method").len() as u64, requests);
    // The lengths of all frames with their heads are all bytes but the preface.
    let lengths: u64 = told("http2.length")
        .iter()
        .map(|length| length.parse::<u64>().unwrap() + 9)
        .sum();
    assert_eq!(lengths + 24, ours[0] + ours[1]);
}

/// Checks that what Wireshark opens with a log of keys is what the accounts have beside TLS.
#[test]
fn what_wireshark_opens_is_in_the_accounts() {
    if !have_tshark() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [file, keys] = ["file.pcap", "keys.log"].map(|name| folder.path().join(name));
    for (name, segments, log) in crate::opened::talks() {
        fs::write(&file, pcap(Link::Ethernet, &segments, 65_535)).unwrap();
        fs::write(&keys, log).unwrap();
        let log = capture::Keys::read(&keys).unwrap();
        let captured = capture::read(&file, &log).unwrap();
        let content = |way| -> u64 {
            let all = captured.conversations.iter();
            let beside_tls = all.map(|one| one.total(way) - one.ledger.layer(way, Layer::Tls));
            beside_tls.sum()
        };
        let ours = Direction::ALL.map(content);
        assert!(ours.iter().all(|bytes| *bytes > 0), "{name}");
        assert_eq!(ours, opened(&file, &keys), "{name}");
    }
}
