//! The formulas of large loads, held against the folders in `results/`, and the tables of
//! `docs/src/scale.md`, which are made from them.
//!
//! `WIREBENCH_UPDATE_DOCS=1 cargo test --package wirebench-analysis --test scale` writes the tables anew.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use analysis::{
    scale::{self, Calibration, Range},
    unit,
};
use results::{RunRow, Store};

/// The folders whose runs are taken. Those that are not there yet are left out.
const FOLDERS: [&str; 3] = ["clients-and-rate", "comparison", "ten-thousand"];
const TRANSPORTS: [&str; 4] = ["short_poll", "long_poll", "http_stream", "websocket"];
/// The marks around the tables.
const BEGIN: &str = "<!-- tables: begin -->\n";
const END: &str = "<!-- tables: end -->";

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn runs(folder: &str) -> Vec<RunRow> {
    let folder = repository().join("results").join(folder);
    Store::open(folder).map_or_else(|_| Vec::new(), |store| store.runs().0)
}

fn all_runs() -> Vec<RunRow> {
    FOLDERS.into_iter().flat_map(runs).collect()
}

/// Checks that the memory of ten thousand readers follows from runs with a thousand at most.
#[test]
fn the_memory_of_ten_thousand_readers_is_predicted_from_smaller_runs() {
    let small = runs("clients-and-rate");
    let large = runs("ten-thousand");
    assert!(small.iter().all(|run| run.clients <= 1_000) && !small.is_empty());
    for transport in TRANSPORTS {
        let calibration = Calibration::of(&small, transport).expect("a line");
        let run = large.iter().find(|run| run.transport == transport);
        let run = run.expect("one run of each");
        let measured = run.server_rss_added_bytes.expect("measured") as f64;
        let predicted = calibration.memory_of(run.clients as f64).typical;
        let off = predicted / measured - 1.0;
        assert!(off.abs() < 0.15, "{transport}: {predicted} for {measured}");
    }
}

/// Checks that bytes are those of the formulas at a thousand readers and at ten thousand. A window
/// has the polls at its edges more than its time says, which is a poll of a reader at most.
#[test]
fn bytes_are_those_of_the_formulas_at_every_size() {
    let all = all_runs();
    for transport in TRANSPORTS {
        let share = Calibration::of(&all, transport).expect("runs").share;
        let most = if transport == "short_poll" {
            0.25
        } else {
            0.01
        };
        assert!(
            share.low > 0.99 - most && share.high < 1.01 + most,
            "{transport}: {share:?}"
        );
    }
}

/// Checks that what runs with one server and ten thousand readers at most say of fifty thousand over
/// three servers is what was measured there: nothing lost, memory, bytes.
#[test]
fn fifty_thousand_readers_over_three_servers_are_as_computed() {
    let (all, large) = (all_runs(), runs("fifty-thousand"));
    for transport in TRANSPORTS {
        let run = large.iter().find(|run| run.transport == transport);
        let run = run.expect("one run of each");
        assert!(run.valid && run.delivered == run.expected && run.clients == 50_000);
        let calibration = Calibration::of(&all, transport).expect("runs");
        let beside = calibration.over_servers(run).expect("all figures");
        let memory = beside.memory / beside.memory_computed.typical;
        assert!((memory - 1.0).abs() < 0.15, "{transport}: {beside:?}");
        let most = if transport == "short_poll" {
            0.25
        } else {
            0.01
        };
        assert!((beside.share - 1.0).abs() < most, "{transport}: {beside:?}");
    }
}

/// Checks that the cost of a message is not the same at every size, as the page says: it is the
/// first assumption that breaks.
#[test]
fn a_message_costs_more_where_there_are_more_readers() {
    for transport in ["http_stream", "websocket"] {
        let all = Calibration::of(&all_runs(), transport)
            .expect("runs")
            .piece_us;
        assert!(all.typical > 1.3 * all.low, "{transport}: {all:?}");
    }
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        head.join(" | "),
        " --- |".repeat(head.len())
    );
    for row in rows {
        // Writing to a text does not fail.
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// Writes a range as `5 (4 to 6)`.
fn written(range: Range, show: fn(f64) -> String) -> String {
    let Range { low, typical, high } = range;
    let (low, typical, high) = (show(low), show(typical), show(high));
    if low == high {
        typical
    } else {
        format!("{typical} ({low} to {high})")
    }
}

fn name(calibration: &Calibration) -> String {
    let word = calibration.transport.replace('_', " ");
    if calibration.variant == "-" {
        word
    } else {
        format!("{word}, {}", calibration.variant)
    }
}

fn gigabits(bits: f64) -> String {
    format!("{} Gbit/s", unit::three_digits(bits / 1e9))
}

fn terabytes(bytes: f64) -> String {
    format!("{} TB", unit::three_digits(bytes / 1e12))
}

fn gibibytes(bytes: f64) -> String {
    format!("{} GiB", unit::three_digits(bytes / 1_073_741_824.0))
}

fn mebibytes(bytes: f64) -> String {
    format!("{} MiB", unit::three_digits(bytes / 1_048_576.0))
}

fn whole(calibrations: &[Calibration]) -> String {
    let measured: Vec<_> = calibrations
        .iter()
        .map(|one| {
            let slope = one.memory.interval.map_or_else(String::new, |interval| {
                format!(
                    " ({} to {})",
                    unit::memory(interval.low),
                    unit::memory(interval.high)
                )
            });
            vec![
                name(one),
                unit::count(one.readers),
                unit::three_digits(one.pieces),
                written(one.piece_us, unit::latency),
                unit::memory(one.memory.slope) + &slope,
                written(one.share, unit::three_digits),
            ]
        })
        .collect();
    let head = [
        "way",
        "readers of the largest run",
        "answers or pieces a second for each",
        "processor time of one",
        "memory of a reader",
        "bytes measured / by formula",
    ];
    let mut text = "### What was measured\n\n".to_owned() + &table(&head, &measured);
    for readers in [100_000.0, 1_000_000.0] {
        let rows: Vec<_> = calibrations.iter().map(|one| row(one, readers)).collect();
        let head = [
            "way",
            "servers",
            "memory",
            "processors",
            "traffic",
            "bytes in a month",
        ];
        let _ = write!(text, "\n### {} readers, on paper\n\n", unit::count(readers));
        text += &table(&head, &rows);
    }
    text += "\n### Everybody comes back, on paper\n\n";
    text += &storm(calibrations);
    text += "\n### What breaks first on one server\n\n";
    text += &bounds(calibrations);
    text += &spread_over_servers(calibrations);
    text + &broker_traffic()
}

/// Returns what fifty thousand readers over three servers took, beside what the runs with one server
/// say of them.
fn spread_over_servers(calibrations: &[Calibration]) -> String {
    let large = runs("fifty-thousand");
    let row = |one: &Calibration| {
        let run = large.iter().find(|run| run.transport == one.transport)?;
        let beside = one.over_servers(run)?;
        let broker = run.broker_cpu_us_per_delivery? * run.delivered as f64;
        let share = broker / 1e3 / run.window_ms? as f64;
        Some(vec![
            name(one),
            written(beside.memory_computed, mebibytes),
            mebibytes(beside.memory),
            written(one.piece_us, unit::latency),
            unit::latency(beside.piece_us),
            written(one.opening_us, unit::latency),
            unit::latency(beside.opening_us),
            unit::three_digits(beside.share),
            format!("{} %", unit::three_digits(100.0 * share)),
        ])
    };
    let rows: Vec<_> = calibrations.iter().filter_map(row).collect();
    let head = [
        "way",
        "memory, computed",
        "measured",
        "processor time of an answer or piece, with one server",
        "with three",
        "to connect a reader, with one server",
        "with three",
        "bytes measured / by formula",
        "of a processor that Redis takes",
    ];
    "\n### 50,000 readers on three servers, computed and measured\n\n".to_owned()
        + &table(&head, &rows)
}

/// Returns the bytes of a message between servers and Redis in this column: the median of runs.
fn broker_bytes(runs: &[&RunRow], column: fn(&RunRow) -> Option<u64>) -> String {
    let of_run = |run: &&RunRow| {
        let messages = run.delivered as f64 * run.rooms as f64 / run.clients as f64;
        Some(column(run)? as f64 / messages)
    };
    let mut all: Vec<f64> = runs.iter().filter_map(of_run).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2)
        .map_or_else(String::new, |bytes| unit::bytes(*bytes))
}

/// Returns what each message costs in traffic between servers and Redis, as `results/nodes` has it;
/// nothing if that folder is not there.
fn broker_traffic() -> String {
    let runs: Vec<RunRow> = runs("nodes").into_iter().filter(|run| run.valid).collect();
    let Some(line) = scale::broker(&runs) else {
        return String::new();
    };
    let mut cells = BTreeMap::<(u64, u64), Vec<&RunRow>>::new();
    for run in &runs {
        let cell = cells.entry((run.rooms, run.nodes.expect("servers")));
        cell.or_default().push(run);
    }
    let row = |((rooms, nodes), runs): (&(u64, u64), &Vec<&RunRow>)| {
        vec![
            rooms.to_string(),
            nodes.to_string(),
            broker_bytes(runs, |run| run.broker_bytes_out),
            broker_bytes(runs, |run| run.broker_bytes_in),
        ]
    };
    let rows: Vec<_> = cells.iter().map(row).collect();
    let head = [
        "rooms",
        "servers",
        "from Redis for each message",
        "to Redis for each message",
    ];
    format!(
        "\n### The traffic between servers and Redis\n\n{}\nEach further server takes {} more from Redis for each message.\n",
        table(&head, &rows),
        unit::bytes(line.slope),
    )
}

fn row(calibration: &Calibration, readers: f64) -> Vec<String> {
    let paper = calibration.at(readers);
    vec![
        name(calibration),
        unit::count(paper.servers),
        written(paper.memory, gibibytes),
        written(paper.processors, unit::three_digits),
        written(paper.bits, gigabits),
        written(paper.month, terabytes),
    ]
}

fn storm(calibrations: &[Calibration]) -> String {
    let row = |one: &Calibration| {
        let [less, more] = [100_000.0, 1_000_000.0].map(|readers| one.at(readers));
        vec![
            name(one),
            written(one.opening_us, unit::latency),
            written(less.storm_s, |s| unit::latency(s * 1e6)),
            written(more.storm_s, |s| unit::latency(s * 1e6)),
            written(less.storm_s.times(1.0 / less.servers), |s| {
                unit::latency(s * 1e6)
            }),
            unit::bytes(more.storm_bytes),
        ]
    };
    let head = [
        "way",
        "processor time of one",
        "of 100,000",
        "of 1,000,000",
        "of each server, if all come to it at once",
        "bytes of 1,000,000",
    ];
    table(&head, &calibrations.iter().map(row).collect::<Vec<_>>())
}

fn bounds(calibrations: &[Calibration]) -> String {
    let mut rows = Vec::new();
    for one in calibrations {
        for bound in one.bounds(20_000.0) {
            let readers = unit::count(bound.readers);
            rows.push(vec![name(one), readers, bound.what.to_owned()]);
        }
    }
    table(&["way", "readers on one server", "bound"], &rows)
}

#[test]
fn the_tables_of_the_page_are_those_of_the_formulas() {
    let all = all_runs();
    let of = |transport: &&str| Calibration::of(&all, transport);
    let calibrations: Vec<Calibration> = TRANSPORTS.iter().filter_map(of).collect();
    assert_eq!(calibrations.len(), TRANSPORTS.len());
    let file = repository().join("docs/src/scale.md");
    let page = fs::read_to_string(&file).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the first mark");
    let (_, after) = rest.split_once(END).expect("the second mark");
    let made = format!(
        "{before}{BEGIN}\n{}\n{END}{after}",
        whole(&calibrations).trim_end()
    );
    if std::env::var_os("WIREBENCH_UPDATE_DOCS").is_some() {
        fs::write(&file, &made).expect("the page can be written");
        return;
    }
    assert_eq!(page, made, "write it anew with WIREBENCH_UPDATE_DOCS=1");
}

/// Checks that the page does not name a figure for the traffic of Redis before there is a run that
/// has one, and that somebody looks at the page once there is.
#[test]
fn the_traffic_of_a_redis_is_on_the_page_once_it_was_published() {
    let page = fs::read_to_string(repository().join("docs/src/scale.md")).expect("the page");
    let is_measured = scale::broker(&runs("nodes")).is_some();
    let says_not = page.contains("no published run has several servers");
    assert_ne!(
        is_measured, says_not,
        "results/nodes and the page must agree"
    );
}
