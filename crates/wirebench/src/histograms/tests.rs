use data_encoding::BASE64;
use hdrhistogram::serialization::{
    Deserializer,
    interval_log::{IntervalLogIterator, LogEntry},
};

use super::*;

fn run(cell: &str, repeat: u32) -> RunRow {
    RunRow {
        transport: "long_poll".to_owned(),
        variant: "hold 25s".to_owned(),
        cell: cell.to_owned(),
        repeat,
        ..RunRow::default()
    }
}

/// Returns `count` deliveries of each of 1 ms, 2 ms, ... 100 ms; sent ten times as fast.
fn latencies(count: u64) -> Latencies {
    let empty = || Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("bounds");
    let (mut due, mut sent) = (empty(), empty());
    // A value recorded no times would still count as the greatest.
    for millisecond in (1..=100).filter(|_| count > 0) {
        due.saturating_record_n(millisecond * 1_000_000, count);
        sent.saturating_record_n(millisecond * 100_000, count);
    }
    Latencies {
        began: UNIX_EPOCH + Duration::from_millis(1_700_000_000_250),
        measured: Duration::from_secs(10),
        due,
        sent,
    }
}

/// Returns the tag, start, length and histogram of each line.
fn read(folder: &Path) -> Vec<(String, Duration, Duration, Histogram<u64>)> {
    let text = fs::read(folder.join(FILE)).expect("a log");
    let mut found = Vec::new();
    for entry in IntervalLogIterator::new(&text) {
        if let LogEntry::Interval(line) = entry.expect("a line of the format") {
            let bytes = BASE64.decode(line.encoded_histogram().as_bytes());
            let histogram: Histogram<u64> = Deserializer::new()
                .deserialize(&mut bytes.expect("base64").as_slice())
                .expect("V2 with DEFLATE");
            let greatest = histogram.value_at_quantile(1.0) as f64 / 1e6;
            assert!((line.max() - greatest).abs() < 1e-3, "milliseconds");
            let tag = line.tag().expect("a tag").to_string();
            found.push((tag, line.start_timestamp(), line.duration(), histogram));
        }
    }
    found
}

#[test]
fn what_is_written_is_read_and_counts_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log::open(folder.path(), &[]).expect("a log");
    let cell = "clients=10 rate=4";
    log.append(&run(cell, 1), &latencies(30)).expect("written");
    log.append(&run(cell, 2), &latencies(50)).expect("written");
    let lines = read(folder.path());
    let tags: Vec<&str> = lines.iter().map(|line| line.0.as_str()).collect();
    let of = "transport=long_poll;variant=hold%2025s;cell=clients=10%20rate=4";
    assert_eq!(
        tags,
        [
            format!("{of};repeat=1;clock=due"),
            format!("{of};repeat=1;clock=sent"),
            format!("{of};repeat=2;clock=due"),
            format!("{of};repeat=2;clock=sent"),
        ]
    );
    assert_eq!(lines[0].1, Duration::from_millis(1_700_000_000_250));
    assert_eq!(lines[0].2, Duration::from_secs(10));
    let mut merged = lines[0].3.clone();
    merged.add(&lines[2].3).expect("the same bounds");
    assert_eq!(merged.len(), 8_000);
    for tenth in 1..=10_u64 {
        let bound = tenth * 10 * 1_000_000;
        assert_eq!(merged.count_between(0, bound), tenth * 800);
        assert!(merged.equivalent(merged.value_at_quantile(tenth as f64 / 10.0), bound));
    }
}

#[test]
fn a_log_that_is_gone_on_with_holds_finished_runs_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log::open(folder.path(), &[]).expect("a log");
    for repeat in 1..=3 {
        log.append(&run("-", repeat), &latencies(1))
            .expect("written");
    }
    // Killed in the middle of a line.
    let path = folder.path().join(FILE);
    let text = fs::read(&path).expect("a log");
    fs::write(&path, &text[..text.len() - 9]).expect("written");
    let finished = [run("-", 1), run("-", 3)];
    let log = Log::open(folder.path(), &finished).expect("a log");
    let tags = |folder: &Path| -> Vec<String> {
        let lines = read(folder).into_iter();
        lines
            .map(|line| line.0[line.0.len() - 18..].to_owned())
            .collect()
    };
    let kept = [
        "repeat=1;clock=due",
        "epeat=1;clock=sent",
        "repeat=3;clock=due",
    ];
    assert_eq!(tags(folder.path()), kept);
    log.append(&run("-", 2), &latencies(1)).expect("written");
    assert_eq!(tags(folder.path()).len(), 5);
    let text = fs::read_to_string(&path).expect("a log");
    assert_eq!(text.matches("#[StartTime").count(), 1);
}

#[test]
fn an_empty_histogram_is_a_line_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log::open(folder.path(), &[]).expect("a log");
    log.append(&run("a,b;c%", 1), &latencies(0))
        .expect("written");
    let lines = read(folder.path());
    assert!(lines[0].0.contains("cell=a%2Cb%3Bc%25;"), "{}", lines[0].0);
    assert!(lines[0].3.is_empty());
}

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// Checks a log of any bytes: only whole lines of known runs, or of none, are kept, and keeping
/// them again changes nothing.
#[test]
fn fuzz_logs() {
    let known: HashSet<String> = [run_tag(&run("-", 1)), "transport=short_poll".to_owned()].into();
    let keep = |old: &[u8]| {
        let mut out = Vec::new();
        keep(old, &known, &mut out).expect("memory takes all");
        out
    };
    let folder = tempfile::tempdir().expect("a folder");
    let log = Log::open(folder.path(), &[]).expect("a log");
    log.append(&run("-", 1), &latencies(3)).expect("written");
    let own = fs::read(folder.path().join(FILE)).expect("a log");
    driver::fuzz("hlog", 5_000, &[own], |input| {
        let kept = keep(input);
        assert_eq!(keep(&kept), kept);
        let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
        assert!(kept.len() <= input.len() && lines(&kept) <= lines(input));
        for line in kept.split_inclusive(|byte| *byte == b'\n') {
            let text = String::from_utf8_lossy(line);
            assert!(text.ends_with('\n'), "{text:?}");
            let is_known = |rest: &str| {
                let tag = rest.split_once(";clock=");
                tag.is_some_and(|(tag, _)| known.contains(tag))
            };
            let tag = text.strip_prefix("Tag=");
            assert!(tag.is_none_or(is_known), "{text:?}");
        }
    });
}
