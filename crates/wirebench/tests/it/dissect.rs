//! Tests of `wirebench dissect`: tables, exit codes, and files that are no captures.

use std::fs;

use crate::fixture::{ended, repository, text, wirebench};

const POLLS: &str = "crates/capture/tests/fixture/short-poll.har";
const UNSIZED: &str = "crates/capture/tests/fixture/unsized.har";
const PACKETS: &str = "crates/capture/tests/fixture/curl-http2.pcap";

#[test]
fn a_capture_is_told_in_every_form() {
    let of = |flags: &[&str]| {
        let output = wirebench()
            .args(["dissect", POLLS])
            .args(flags)
            .output()
            .unwrap();
        ended(&output, 0);
        text(&output.stdout)
    };
    assert!(of(&[]).contains("short poll each 2.00 s"));
    assert!(of(&["--markdown"]).contains("| short poll each 2.00 s |"));
    let json: serde_json::Value = serde_json::from_str(&of(&["--json"])).unwrap();
    assert_eq!(json["conversations"][0]["interval_s"], 2.0);
    assert_eq!(json["conversations"][0]["polls"]["empty"], 4);
    let accounts = of(&["--csv", "--accounts"]);
    let mut reader = csv::Reader::from_reader(accounts.as_bytes());
    let bytes: u64 = reader
        .records()
        .map(|row| row.unwrap()[5].parse::<u64>().unwrap())
        .sum();
    assert_eq!(bytes, 5 * 312 + 4 * 202 + 241);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    of(&["--out", out.to_str().unwrap()]);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("short poll each 2.00 s") && page.contains("<svg"));
    assert!(page.contains("(prefers-color-scheme:dark)"));
    let svg = fs::read_to_string(out.join("figures/conversations.svg")).unwrap();
    assert!(svg.contains("1: short poll"), "{svg}");
}

/// Checks that conversations of several files, which have the same numbers, are told apart in the chart.
#[test]
fn a_chart_of_several_files_says_which_is_of_which() {
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before.har");
    fs::copy(repository().join(POLLS), &before).unwrap();
    let out = folder.path().join("out");
    let output = wirebench()
        .args(["dissect", POLLS])
        .arg(&before)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    ended(&output, 0);
    let svg = fs::read_to_string(out.join("figures/conversations.svg")).unwrap();
    for name in ["short-poll.har, 1: short", "before.har, 1: short"] {
        assert!(svg.contains(name), "{name}: {svg}");
    }
}

#[test]
fn a_file_of_packets_is_told_in_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = wirebench()
        .args(["dissect", PACKETS, "--json", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    let [packets, segments, connections] =
        ["packets", "segments", "connections"].map(|name| json["totals"][name].as_u64().unwrap());
    assert!(packets >= segments && segments > connections && connections > 0);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let told = format!("{packets} packets, {segments} of them TCP, in {connections} connections");
    assert!(page.contains(&told), "{told}");
}

#[test]
fn what_is_missing_is_named_and_ends_with_another_code() {
    let output = wirebench().args(["dissect", UNSIZED]).output().unwrap();
    ended(&output, 3);
    assert!(
        text(&output.stderr).contains("4 heads have no size"),
        "{}",
        text(&output.stderr)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-capture");
    fs::write(&file, "hello").unwrap();
    let output = wirebench().arg("dissect").arg(&file).output().unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("neither pcap, pcapng nor HAR"));
    // Beside one that can be read it is named and left out.
    let output = wirebench()
        .args(["dissect", POLLS])
        .arg(&file)
        .output()
        .unwrap();
    ended(&output, 3);
    assert!(
        text(&output.stdout).contains("short poll") && text(&output.stderr).contains("no-capture")
    );
}

/// Checks that both commands that take `--keys` name a file that is no log of keys.
#[test]
fn a_file_that_is_no_log_of_keys_is_named() {
    for command in [&["dissect"][..], &["advise", "--from"]] {
        let output = wirebench()
            .args(command)
            .args([POLLS, "--keys", "README.md"])
            .output()
            .unwrap();
        ended(&output, 0);
        let said = text(&output.stderr);
        let told = "README.md: no line of it is that of a key log";
        assert_eq!(said.matches(told).count(), 1, "{command:?}: {said}");
    }
}
