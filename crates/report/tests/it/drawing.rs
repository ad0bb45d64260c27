//! Figures and tables of synthetic rows.

use std::{collections::BTreeMap, fs};

use analysis::{
    CellTable, digest,
    model::{self, prediction},
};
use report::{
    figure,
    table::{self, predictions},
};
use results::Rows;

use crate::{draw_all, rows};

/// Returns the hash of a drawing (FNV-1a, 64 bits), which any other byte changes.
fn hash(svg: &str) -> u64 {
    svg.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the name of each figure of these rows with the hash of its drawing.
fn hashes(rows: &Rows) -> Vec<String> {
    let figures = figure::all(rows).expect("figures");
    let mut lines: Vec<String> = figures
        .iter()
        .map(|figure| format!("{} {:016x}", figure.name, hash(&figure.svg)))
        .collect();
    lines.sort();
    lines
}

/// Finds a figure that comes out otherwise, which is looked at before its hash is accepted:
/// `WIREBENCH_FIGURES=/some/folder cargo test -p wirebench-report` leaves all of them there.
#[test]
fn every_figure_is_drawn_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("WIREBENCH_FIGURES").map(std::path::PathBuf::from);
    for fixture in ["one_cell", "sweep", "payloads", "delays", "silence"] {
        let rows = rows(fixture);
        insta::assert_snapshot!(format!("figures_{fixture}"), hashes(&rows).join("\n"));
        let out = kept
            .clone()
            .unwrap_or_else(|| folder.path().to_owned())
            .join(fixture);
        let paths = draw_all(&rows, &out);
        let pictures = paths
            .iter()
            .filter(|path| path.extension() == Some("png".as_ref()));
        let mut sizes = 0;
        for path in pictures {
            let png = fs::read(path).expect("a picture");
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{}", path.display());
            sizes += 1;
        }
        assert_eq!(2 * sizes, paths.len(), "each has a picture");
    }
}

/// Checks that a sweep has few figures of its single cells, and one cell has all of them.
#[test]
fn a_sweep_has_two_figures_of_each_cell_that_it_shows() {
    let names = |fixture: &str| -> Vec<String> {
        let figures = figure::all(&rows(fixture)).expect("figures");
        figures.into_iter().map(|figure| figure.name).collect()
    };
    let swept = names("payloads");
    let of_cells = swept.iter().filter(|name| name.contains('.'));
    let of_cells: Vec<&str> = of_cells.map(String::as_str).collect();
    assert_eq!(
        of_cells,
        [
            "latency_by_percentile.traffic.payload-10",
            "bytes_per_message.traffic.payload-10",
            "latency_by_percentile.traffic.payload-65000",
            "bytes_per_message.traffic.payload-65000",
        ]
    );
    assert!(names("one_cell").contains(&"requests_per_message".to_owned()));
}

#[test]
fn another_value_is_another_hash() {
    let before = rows("one_cell");
    let mut after = before.clone();
    for run in &mut after.runs {
        run.server_cpu_us_per_delivery = run.server_cpu_us_per_delivery.map(|cpu| cpu * 1.25);
    }
    let (before, after) = (hashes(&before), hashes(&after));
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(one, two)| one != two)
        .map(|(one, _)| one.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(changed, ["server_cpu_per_message"]);
}

#[test]
fn the_same_rows_give_the_same_bytes_whatever_their_order() {
    let draw = |rows: &Rows| -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = draw_all(rows, folder.path());
        let read = |path: &std::path::PathBuf| fs::read(path).expect("a figure");
        paths
            .iter()
            .map(|path| {
                (
                    path.file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned(),
                    read(path),
                )
            })
            .collect()
    };
    let forward = rows("one_cell");
    let mut backward = forward.clone();
    backward.runs.reverse();
    backward.ladder.reverse();
    backward.ledger.reverse();
    backward.timeline.reverse();
    let once = draw(&forward);
    assert!(once == draw(&forward), "drawn twice");
    assert!(once == draw(&backward), "drawn from shuffled rows");
}

#[test]
fn a_figure_to_the_byte() {
    let rows = rows("one_cell");
    let figures = figure::all(&rows).expect("figures");
    let cpu = figures
        .iter()
        .find(|figure| figure.name == "server_cpu_per_message");
    insta::assert_snapshot!("server_cpu_per_message", cpu.expect("the figure").svg);
}

#[test]
fn several_servers_are_told_as_several() {
    let told = |fixture: &str, name: &str, nodes: u64| {
        let mut rows = rows(fixture);
        for run in &mut rows.runs {
            run.nodes = Some(nodes);
        }
        let figures = figure::all(&rows).expect("figures");
        let mut found = figures.into_iter();
        let figure = found.find(|figure| figure.name == name);
        figure.expect("the figure").svg
    };
    for (fixture, name) in [
        ("one_cell", "server_cpu_per_message"),
        ("sweep", "by_cell_server_cpu"),
    ] {
        let one = told(fixture, name, 1);
        assert!(one.contains("time of the server process"), "{name}");
        let two = told(fixture, name, 2);
        let words = "time of all server processes together";
        assert!(two.contains(words), "{name}");
    }
}

#[test]
fn tables_for_terminal_and_markdown() {
    let one = digest::of_rows(&rows("one_cell"));
    insta::assert_snapshot!("table_wide", table::terminal(&CellTable::of(&one), 200));
    insta::assert_snapshot!("table_narrow", table::terminal(&CellTable::of(&one), 80));
    insta::assert_snapshot!("table_markdown", table::markdown(&CellTable::of(&one)));
    let comparison = CellTable::of(&one);
    let data = table::data(&comparison);
    insta::assert_snapshot!("table_csv", data.csv());
    let json = serde_json::to_value(&data).expect("JSON");
    let spread = comparison.cells[0].variants[0].spread(analysis::metric::P50.metric);
    let median = spread.expect("a median").median / 1e3;
    assert_eq!(json[0]["p50, ms"], median, "whole, not as shown");
    let wide = table::terminal(&CellTable::of(&digest::of_rows(&rows("sweep"))), 300);
    insta::assert_snapshot!(
        "table_sweep",
        wide.lines().take(14).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn a_run_that_said_nothing_is_named_and_not_drawn() {
    let mut rows = rows("one_cell");
    for run in rows
        .runs
        .iter_mut()
        .filter(|run| run.transport == "websocket")
    {
        run.delivered = 0;
        run.valid = false;
        run.p50_us = None;
        run.p99_us = None;
        run.max_us = None;
        run.header_bytes_per_delivery = None;
        run.server_cpu_us_per_delivery = None;
        "the server died | signal 9".clone_into(&mut run.error);
    }
    rows.ladder.retain(|row| row.transport != "websocket");
    rows.ledger.retain(|row| row.transport != "websocket");
    rows.timeline.clear();
    let figures = figure::all(&rows).expect("figures");
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "latency_by_percentile",
            "bytes_per_message",
            "bytes_by_layer",
            "bytes_by_purpose",
            "requests_per_message",
            "server_cpu_per_message"
        ]
    );
    assert!(
        figures
            .iter()
            .all(|figure| figure.svg.contains("WebSocket not valid: the server died"))
    );
    let markdown = table::markdown(&CellTable::of(&digest::of_rows(&rows)));
    assert!(markdown.contains("not valid: WebSocket, 3 of 3 runs: the server died \\| signal 9"));
    assert!(markdown.contains("| WebSocket | 0 | 0 | – |"), "{markdown}");
}

/// Checks what is printed of a fixture that follows the formulas, which is what agrees; the
/// differences that are left are those of its rounding.
#[test]
fn predictions_as_csv_and_tables() {
    let mut folder = rows("one_cell");
    folder.runs.retain(|run| run.repeat == 1);
    let compared = model::compare_all(&digest::of_rows(&folder)).collect::<Vec<_>>();
    insta::assert_snapshot!(
        "predictions_csv",
        prediction::csv(&compared).expect("written")
    );
    insta::assert_snapshot!("predictions_wide", predictions::terminal(&compared, 200));
    let narrow = predictions::terminal(&compared, 90);
    assert!(narrow.lines().all(|line| line.chars().count() <= 110));
    insta::assert_snapshot!("predictions_markdown", predictions::markdown(&compared));
    let out = tempfile::tempdir().expect("a folder");
    prediction::write(compared.iter().cloned(), out.path()).expect("written");
    let written = fs::read_to_string(out.path().join(prediction::FILE)).expect("the file");
    assert_eq!(written.lines().count(), compared.len() + 1);
}

/// Returns the median that a figure writes below the name of each variant.
fn medians(svg: &str) -> BTreeMap<String, String> {
    let document = roxmltree::Document::parse(svg).expect("a figure");
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "text")
        .filter_map(|node| node.text())
        .map(str::trim)
        .collect();
    let named = texts.windows(2).filter_map(|pair| {
        let note = pair[1].strip_prefix("p50 ")?;
        let median = note.split(", ").next()?;
        Some((pair[0].to_owned(), median.to_owned()))
    });
    named.collect()
}

/// Checks that two figures of one run show one median: of the run, not of its seconds, which the
/// figure over the time has at hand and which are others here.
#[test]
fn the_median_of_a_run_is_the_same_in_both_figures_of_its_latency() {
    for repeat in [None, Some(1), Some(2), Some(3)] {
        let mut rows = rows("one_cell");
        rows.runs
            .retain(|run| repeat.is_none_or(|repeat| run.repeat == repeat));
        for second in &mut rows.timeline {
            second.p50_us = second.p50_us.map(|us| 2 * us);
        }
        let figures = figure::all(&rows).expect("figures");
        let shown = |name: &str| {
            let figure = figures.iter().find(|figure| figure.name == name);
            medians(&figure.expect("the figure").svg)
        };
        let over_time = shown("latency_over_time");
        let by_percentile = shown("latency_by_percentile");
        // One of the six variants is not valid, and has none over the time.
        assert_eq!(over_time.len(), 5, "{over_time:?}");
        for (name, median) in &over_time {
            let other = by_percentile.get(name);
            assert_eq!(other, Some(median), "{name}, repeat {repeat:?}");
        }
    }
}

#[test]
fn nothing_to_draw_is_an_error_and_no_table() {
    let nothing = Rows::default();
    assert!(matches!(
        figure::all(&nothing),
        Err(figure::FiguresError::NoRuns)
    ));
    assert!(table::terminal(&CellTable::of(&results::Digest::default()), 80).contains("delivered"));
}

#[test]
fn strange_texts_stay_texts() {
    let mut rows = rows("one_cell");
    for run in &mut rows.runs {
        "<b>&\"'聊天".clone_into(&mut run.scenario);
    }
    let folder = tempfile::tempdir().expect("a folder");
    draw_all(&rows, folder.path());
}

/// Returns the runs of `few` in so many copies, each with rooms of its own.
fn copies(few: &Rows, count: u32) -> Rows {
    let mut many = Rows::default();
    for block in 1..=count {
        let cell = |name: &str| format!("{name} rooms={block}");
        many.runs.extend(few.runs.iter().cloned().map(|mut row| {
            row.cell = cell(&row.cell);
            row
        }));
        many.ladder
            .extend(few.ladder.iter().cloned().map(|mut row| {
                row.cell = cell(&row.cell);
                row
            }));
    }
    many
}

/// Returns the processor time that `work` takes in this thread, in nanoseconds: whatever else the
/// machine does, it is of this work alone.
fn cpu<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let spent = || -> f64 {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
        let first = text.split_whitespace().next().expect("a count");
        first.parse().expect("a number")
    };
    let before = spent();
    let done = work();
    (done, spent() - before)
}

/// Checks that four times the rows take four times the work and a little more; work that grows with
/// the square of the rows would take sixteen times as much.
#[test]
fn the_work_grows_with_the_rows_and_not_with_their_square() {
    let sweep = rows("sweep");
    let (few, many) = (copies(&sweep, 34), copies(&sweep, 136));
    assert!(many.runs.len() >= 10_000);
    // What groups the rows is held apart from the drawing, which would hide it.
    let table = |rows: &Rows| table::markdown(&CellTable::of(&digest::of_rows(rows)));
    let (short, little) = cpu(|| table(&few));
    let (long, much) = cpu(|| table(&many));
    assert!(short.lines().count() * 3 < long.lines().count() && long.lines().count() > 10_000);
    assert!(much < 8.0 * little, "the table: {:.1} times", much / little);
    let (drawn, little) = cpu(|| figure::all(&few).expect("figures").len());
    let (all, much) = cpu(|| figure::all(&many).expect("figures").len());
    assert!(drawn > 0 && all > 0);
    assert!(
        much < 8.0 * little,
        "the figures: {:.1} times",
        much / little
    );
}

/// Checks that a map of which no cell can be judged says why, and one that can be judged does not.
#[test]
fn a_map_of_too_few_runs_says_so() {
    let all = rows("sweep");
    let mut once = all.clone();
    once.runs.retain(|run| run.repeat == 1);
    let says = |rows: &Rows| {
        let figures = figure::all(rows).expect("figures");
        let maps = figures
            .iter()
            .filter(|figure| figure.name.starts_with("heat_ratio"));
        let maps: Vec<bool> = maps
            .map(|map| map.svg.contains("Too few runs to tell any of them."))
            .collect();
        assert!(!maps.is_empty());
        maps
    };
    assert!(says(&once).iter().all(|says| *says));
    let mut many = Vec::new();
    for again in 0..4 {
        many.extend(all.runs.iter().cloned().map(|mut run| {
            run.repeat += again * 100;
            run
        }));
    }
    let many = Rows { runs: many, ..all };
    assert!(says(&many).iter().any(|says| !*says));
}

/// Checks that a cell of too few runs has another sign than one whose runs do not differ.
#[test]
fn a_cell_of_too_few_runs_is_not_called_alike() {
    let mut once = rows("sweep");
    once.runs.retain(|run| run.repeat == 1);
    for figure in figure::all(&once).expect("figures") {
        if figure.name.starts_with("heat_ratio") {
            assert!(!figure.svg.contains('\u{2248}'), "{}", figure.name);
            assert!(
                figure.svg.contains("too few runs to tell"),
                "{}",
                figure.name
            );
        }
    }
}
