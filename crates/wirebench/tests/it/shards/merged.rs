//! The folders of shards: what `merge` makes of them, and what it refuses by name.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use super::{assert_same_counts, figure, merge, websocket};
use crate::fixture::{Serving, column, ended, lost_nothing, text, wirebench};

/// Runs both shards of a run against one server.
fn two_shards(within: &Path, url: &str) -> [PathBuf; 2] {
    let folders = ["one", "two"].map(|name| within.join(name));
    let children = ["1/2", "2/2"].iter().zip(&folders).map(|(shard, out)| {
        let mut command = websocket(out);
        command.args(["--shard", shard, "--barrier=60s", "--target", url]);
        command.args(["--clock-error", "2ms"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        (command.spawn().unwrap(), out)
    });
    for (child, out) in children.collect::<Vec<_>>() {
        lost_nothing(&child.wait_with_output().unwrap(), out);
    }
    folders
}

/// Copies a results folder.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// Replaces a text in a file, which must be there.
fn spoil(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from}", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn shards_are_merged_and_what_does_not_belong_together_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path();
    let server = Serving::start(&[]);
    let [one, two] = two_shards(within, &server.url);
    let merged = within.join("merged");
    lost_nothing(&merge(&[&two, &one], &merged), &merged);
    assert_eq!(figure(&one, "clients"), "10");
    assert_eq!(figure(&merged, "clients"), "20");
    assert_eq!(figure(&merged, "delivered"), "160");
    for name in [
        "expected",
        "delivered",
        "bytes_up",
        "bytes_down",
        "exchanges",
    ] {
        let parts = [&one, &two].map(|part| figure(part, name).parse::<u64>().unwrap());
        let whole: u64 = figure(&merged, name).parse().unwrap();
        assert_eq!(parts.iter().sum::<u64>(), whole, "{name}");
    }
    let alone = within.join("alone");
    let output = websocket(&alone).output().unwrap();
    lost_nothing(&output, &alone);
    assert_same_counts(&alone, &merged);
    let bytes = |folder: &Path| -> u64 {
        let bytes = column(&folder.join("ledger.csv"), "bytes");
        bytes
            .iter()
            .map(|bytes| bytes.parse::<u64>().unwrap())
            .sum()
    };
    assert_eq!(bytes(&one) + bytes(&two), bytes(&merged));
    for command in ["plot", "report"] {
        let output = wirebench().arg(command).arg(&merged).output().unwrap();
        ended(&output, 0);
    }
    latency_between_shards_follows_a_clock_that_is_off(within, &one, &two, &merged);
    refused_by_name(within, &one, &two);
    a_shard_that_is_not_valid_makes_the_whole_not_valid(within, &one, &two);
}

/// Returns the ends of the median's interval of latency between shards, in milliseconds.
fn between_shards(folder: &Path) -> [f64; 2] {
    ["low", "high"].map(|end| {
        let column = format!("cross_shard_latency_p50_{end}_ms");
        figure(folder, &column).parse().unwrap()
    })
}

/// Merges the shards once more, with the clock of the second set ahead by two seconds: what its
/// readers hear of the other is later by as much, what the others hear of it is earlier, and what each
/// hears of its own is the same.
fn latency_between_shards_follows_a_clock_that_is_off(
    within: &Path,
    one: &Path,
    two: &Path,
    merged: &Path,
) {
    let (ahead, out) = (within.join("ahead"), within.join("merged-ahead"));
    copied(two, &ahead);
    let file = ahead.join("shard.jsonl");
    let mut kept: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let began = &mut kept["outcome"]["began_unix_ns"];
    *began = (began.as_u64().unwrap() + 2_000_000_000).into();
    fs::write(&file, format!("{kept}\n")).unwrap();
    lost_nothing(&merge(&[one, &ahead], &out), &out);
    // Of eight drafts five are due in the first shard, and each shard has ten readers.
    for (folder, count) in [
        (one, "30"),
        (two, "50"),
        (merged, "80"),
        (out.as_path(), "80"),
    ] {
        assert_eq!(figure(folder, "cross_shard_deliveries"), count);
    }
    assert_eq!(figure(two, "cross_shard_latency_p50_low_ms"), "");
    let [low, high] = between_shards(merged);
    // Both errors on either side; the calendar of a machine may be moved by a little.
    assert!((high - low - 8.0).abs() < 2.0, "{low} {high}");
    assert!(high > 0.0 && low < 1_000.0, "{low} {high}");
    assert_eq!(figure(&out, "cross_shard_negative"), "30");
    let [low, high] = between_shards(&out);
    assert!(low > 1_900.0 && high < 3_000.0, "{low} {high}");
    for name in ["p50_us", "p90_us", "max_us", "mean_us", "sent_p50_us"] {
        assert_eq!(figure(&out, name), figure(merged, name), "{name}");
    }
    let manifest = fs::read(merged.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    for shard in manifest["shards"].as_array().unwrap() {
        for run in shard["runs"].as_object().unwrap().values() {
            assert_eq!(run["clock_error_us"], 2_000);
        }
    }
}

/// A file of a shard, a text in it, what is written instead, and what the refusal says.
const CHANGES: [[&str; 4]; 6] = [
    [
        "manifest.json",
        "\"wirebench\": \"",
        "\"wirebench\": \"9",
        "is of version 9",
    ],
    [
        "manifest.json",
        "\"rate\": 2.0",
        "\"rate\": 5.0",
        "other plans",
    ],
    [
        "shard.jsonl",
        "\"shard\":\"2/2\"",
        "\"shard\":\"2/3\"",
        "is of shard 2/3",
    ],
    [
        "shard.jsonl",
        "\"shard\":\"2/2\"",
        "\"shard\":\"1/2\"",
        "both of shard 1/2",
    ],
    [
        "shard.jsonl",
        "\"began_unix_ns\":",
        "\"began_unix_ns\":1",
        "later than in",
    ],
    [
        "shard.jsonl",
        "\"delivered\":80",
        "\"delivered\":79",
        "do not agree",
    ],
];

/// Asserts that each way to spoil the second shard is refused, and that the words name the file.
fn refused_by_name(within: &Path, one: &Path, two: &Path) {
    let (spoiled, out) = (within.join("spoiled"), within.join("refused"));
    for [file, from, to, words] in CHANGES {
        copied(two, &spoiled);
        spoil(&spoiled.join(file), from, to);
        let output = merge(&[one, &spoiled], &out);
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(words), "{words}: {said}");
        let named = spoiled.join(file).display().to_string();
        assert!(said.contains(&named), "{named}: {said}");
        assert!(!out.exists(), "{words}");
    }
    copied(two, &spoiled);
    let file = spoiled.join("manifest.json");
    let manifest = fs::read(&file).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    manifest["plans"][0]["seed"] = 9.into();
    fs::write(&file, manifest.to_string()).unwrap();
    let says = |folders: &[&Path], words: &str| {
        let output = merge(folders, &out);
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(words), "{words}: {said}");
    };
    says(
        &[one, &spoiled],
        "spoiled/manifest.json has the seed 9, where ",
    );
    says(&[one], "shard 2/2 is missing");
    says(&[one, two, two], "both of shard 2/2");
    copied(two, &spoiled);
    fs::remove_file(spoiled.join("shard.jsonl")).unwrap();
    says(&[one, &spoiled], "spoiled/shard.jsonl cannot be read");
    copied(two, &spoiled);
    let lines = fs::read_to_string(spoiled.join("shard.jsonl")).unwrap();
    fs::write(spoiled.join("shard.jsonl"), &lines[..lines.len() / 2]).unwrap();
    says(&[one, &spoiled], "spoiled/shard.jsonl, line 1");
}

fn a_shard_that_is_not_valid_makes_the_whole_not_valid(within: &Path, one: &Path, two: &Path) {
    let (spoiled, out) = (within.join("spoiled"), within.join("doubted"));
    copied(two, &spoiled);
    let file = spoiled.join("runs.csv");
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let head = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let mut writer = csv::Writer::from_path(&file).unwrap();
    writer.write_record(&head).unwrap();
    let cells = head.iter().zip(&row).map(|(name, cell)| match name {
        "valid" => "false",
        "reasons" => "reordered",
        "error" => "2 reordered",
        _ => cell,
    });
    writer.write_record(cells).unwrap();
    drop(writer);
    let output = merge(&[one, &spoiled], &out);
    ended(&output, 3);
    assert_eq!(figure(&out, "valid"), "false");
    assert!(figure(&out, "reasons").contains("reordered"));
    let error = figure(&out, "error");
    let named = format!("shard 2/2 is not valid in {}: 2 reordered", file.display());
    assert!(error.contains(&named), "{error}");
}

#[test]
fn one_shard_alone_is_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let (one, merged) = (folder.path().join("one"), folder.path().join("merged"));
    let server = Serving::start(&[]);
    let output = websocket(&one)
        .args(["--shard", "1/1", "--target", &server.url])
        .output()
        .unwrap();
    lost_nothing(&output, &one);
    lost_nothing(&merge(&[&one], &merged), &merged);
    for file in ["ladder.csv", "ledger.csv", "timeline.csv"] {
        let [own, all] = [&one, &merged].map(|folder| fs::read(folder.join(file)).unwrap());
        assert!(own == all && !own.is_empty(), "{file}");
    }
    let rows = [&one, &merged].map(|folder| {
        let mut reader = csv::Reader::from_path(folder.join("runs.csv")).unwrap();
        let head = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        let cells = head
            .iter()
            .zip(&row)
            .map(|(name, cell)| format!("{name}={cell}"));
        // What a shard doubts is told by its own name.
        cells
            .filter(|cell| !cell.starts_with("error="))
            .collect::<Vec<_>>()
    });
    assert_eq!(rows[0], rows[1]);
    assert!(!figure(&merged, "last_p50_us").is_empty());

    // Rows that a spreadsheet has saved are merged as they were meant.
    let (runs, again) = (one.join("runs.csv"), folder.path().join("again"));
    let text = fs::read_to_string(&runs).unwrap();
    let text = text
        .replace(",true,", ",TRUE,")
        .replace(",false,", ",FALSE,");
    fs::write(&runs, text).unwrap();
    lost_nothing(&merge(&[&one], &again), &again);
    assert_eq!(figure(&again, "valid"), figure(&merged, "valid"));
}
