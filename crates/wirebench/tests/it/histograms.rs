//! `latency.hlog`: what other tools read is what the ladder was taken from.

use std::{collections::BTreeMap, fs, path::Path};

use data_encoding::BASE64;
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use crate::fixture::{MINIATURE, column, lost_nothing, run};

/// Returns each line's histogram by its tag.
pub(crate) fn log(folder: &Path) -> BTreeMap<String, Histogram<u64>> {
    let text = fs::read(folder.join("latency.hlog")).expect("the log");
    let mut found = BTreeMap::new();
    for entry in IntervalLogIterator::new(&text) {
        if let LogEntry::Interval(line) = entry.expect("a line of the format") {
            let bytes = BASE64.decode(line.encoded_histogram().as_bytes());
            let histogram: Histogram<u64> = Deserializer::new()
                .deserialize(&mut bytes.expect("base64").as_slice())
                .expect("a histogram");
            let greatest = histogram.value_at_quantile(1.0) as f64 / 1e6;
            assert!((line.max() - greatest).abs() < 1e-3, "milliseconds");
            let tag = line.tag().expect("a tag").to_string();
            assert!(
                found.insert(tag, histogram).is_none(),
                "a run is there twice"
            );
        }
    }
    found
}

#[test]
fn the_log_carries_the_ladder_of_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut sets = MINIATURE.to_vec();
    sets.retain(|set| !set.starts_with("repeats"));
    sets.extend(["repeats=2", "traffic.rate=[10, 20]"]);
    sets.retain(|set| *set != "traffic.rate=10");
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let log = log(&out);
    assert_eq!(log.len(), 8, "two cells, two repeats, two clocks");
    let file = out.join("ladder.csv");
    let of = |name: &str| column(&file, name);
    let (cells, repeats, clocks) = (of("cell"), of("repeat"), of("clock"));
    let (quantiles, latencies, counts) = (of("quantile"), of("latency_us"), of("count"));
    assert!(counts.len() > 100);
    let histogram = |cell: &str, repeat: &str, clock: &str| {
        let tag =
            format!("transport=websocket;variant=-;cell={cell};repeat={repeat};clock={clock}");
        &log[&tag]
    };
    for row in 0..counts.len() {
        let own = histogram(&cells[row], &repeats[row], &clocks[row]);
        let value = own.value_at_quantile(quantiles[row].parse().unwrap());
        assert_eq!((value / 1_000).to_string(), latencies[row]);
        assert_eq!(own.count_between(0, value).to_string(), counts[row]);
        // Merged by counts, both repeats stand below it as they did apart.
        let [one, two] = ["1", "2"].map(|repeat| histogram(&cells[row], repeat, &clocks[row]));
        let mut merged = one.clone();
        merged.add(two).expect("the same bounds");
        let apart = one.count_between(0, value) + two.count_between(0, value);
        assert_eq!(merged.count_between(0, value), apart);
    }
    let delivered = column(&out.join("runs.csv"), "delivered");
    let delivered: u64 = delivered
        .iter()
        .map(|count| count.parse::<u64>().unwrap())
        .sum();
    let due = log.iter().filter(|(tag, _)| tag.ends_with("clock=due"));
    assert_eq!(
        due.map(|(_, histogram)| histogram.len()).sum::<u64>(),
        delivered
    );
}
