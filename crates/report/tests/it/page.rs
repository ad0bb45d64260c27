//! The page: one file that needs nothing else, the same each time.

use std::{collections::BTreeSet, fs, path::Path};

use analysis::{CellTable, digest};
use report::{compare, figure, html, table};
use results::{Rows, Store};
use serde_json::json;

use crate::{fixture, rows};

/// Returns a copy of a fixture with a manifest beside it.
fn folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
        fs::copy(fixture(name).join(file), folder.path().join(file)).expect("copied");
    }
    let manifest = json!({
        "wirebench": "0.1.0",
        "started": "2026-01-31T12:34:56Z",
        "ended": "complete",
        "command": ["run", "x.toml", "--set", "traffic.rate=[1, 4]", "--out", "somewhere"],
        "machine": { "processor": "a processor <&>", "processors": 2 },
        "hygiene": { "tls": false, "compression": false },
        "request": { "target": null },
        "scenario": {
            "name": "synthetic", "question": "Who is <fast>?", "motive": "M.", "expect": "E.",
            "seed": 7,
            "cells": [{ "label": "-", "scenario": {
                "objective": { "lost": 0, "websocket": { "p99": "< 1us" } },
                "traffic": { "rate": 4 },
                "transport": [{ "kind": "websocket" }, { "kind": "short_poll", "interval": "1s" }],
            } }],
        },
    });
    fs::write(folder.path().join("manifest.json"), manifest.to_string()).expect("written");
    folder
}

fn page(folder: &Path) -> String {
    html::page(folder, None).expect("a page")
}

#[test]
fn the_same_folder_gives_the_same_bytes() {
    for name in ["one_cell", "sweep"] {
        let folder = folder(name);
        let first = html::write(folder.path()).expect("written");
        let text = fs::read_to_string(&first).expect("the page");
        assert_eq!(first, folder.path().join("report.html"));
        assert!(text == page(folder.path()), "{name}: written twice");
    }
}

#[test]
fn it_needs_nothing_beside_itself() {
    let page = page(folder("one_cell").path());
    for outside in [
        "<script",
        "<link",
        "src=\"http",
        "@import",
        "url(http",
        "<img",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn ids_do_not_clash() {
    let page = page(folder("sweep").path());
    let mut seen = BTreeSet::new();
    for part in page.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap_or_default();
        assert!(seen.insert(id.to_owned()), "{id} is there twice");
    }
}

#[test]
fn it_says_what_it_must() {
    let page = page(folder("one_cell").path());
    for text in [
        "Who is &lt;fast&gt;?",
        "a processor &lt;&amp;&gt;",
        "wirebench run x.toml --set 'traffic.rate=[1, 4]'",
        "What is unfair about this comparison",
        "3 of 18 runs are not valid and left out (Stream (SSE) 3 of 3)",
        "websocket.p99 &lt; 1 µs",
        "How to read it.",
        "pairs looked at",
        "Benjamini and Hochberg",
        "Polls travel by HTTP/1.1.",
        "Latency mixes in the way up.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("somewhere"), "the folder is nobody else's");
}

/// Checks that the two sentences come from the rows: other rows, other sentences.
#[test]
fn the_answer_is_made_from_the_rows() {
    let answer = |folder: &Path| -> String {
        let page = page(folder);
        let from = page.find("<div class=\"answer\">").expect("an answer");
        let to = page[from..].find("</div>").expect("its end");
        page[from..from + to]
            .replace("</p>", "\n")
            .replace("<p>", "")
            .replace('\u{a0}', " ")
    };
    let folder = folder("one_cell");
    insta::assert_snapshot!("answer_one_cell", answer(folder.path()));
    let path = folder.path().join("runs.csv");
    let text = fs::read_to_string(&path).expect("rows");
    let swapped = text
        .replace(",websocket,-,", ",websocket,x,")
        .replace(",short_poll,1s,", ",websocket,-,")
        .replace(",websocket,x,", ",short_poll,1s,");
    fs::write(&path, swapped).expect("written");
    insta::assert_snapshot!("answer_swapped", answer(folder.path()));
    let few = fs::read_to_string(&path).expect("rows");
    let header_and_one: Vec<&str> = few
        .lines()
        .filter(|line| line.starts_with("scenario") || line.contains(",-,1,"))
        .collect();
    fs::write(&path, header_and_one.join("\n") + "\n").expect("written");
    insta::assert_snapshot!("answer_one_run", answer(folder.path()));
    insta::assert_snapshot!("answer_sweep", answer(self::folder("sweep").path()));
}

/// Checks that a page whose objectives are not met says so before it ranks anybody, and lists the
/// checks before the results; and that nothing is said of objectives where there are none.
#[test]
fn objectives_come_first() {
    let page = page(folder("one_cell").path());
    let order = [
        "None of the 2 objectives is met. The first that is missed: <code>websocket.p99 &lt; 1 µs</code>",
        "<span>WebSocket, repeat 1</span>",
        "WebSocket delivers fastest",
        "href=\"#objectives\"",
        "href=\"#results\"",
        "<section id=\"objectives\">",
        "<section id=\"results\">",
    ]
    .map(|text| page.find(text).expect(text));
    assert!(order.is_sorted(), "{order:?}");
    assert!(page.contains("<div class=\"answer missed\">"));
    let without = html::page(&fixture("one_cell"), None).expect("a page");
    assert!(!without.contains("class=\"answer m"));
}

#[test]
fn a_baseline_of_ones_own() {
    let folder = folder("one_cell");
    let page = html::page(folder.path(), Some("long_poll")).expect("a page");
    assert!(page.contains("Differences from Long poll"));
    let error = html::page(folder.path(), Some("long_pol")).expect_err("no such variant");
    assert!(
        error
            .to_string()
            .contains("choose one of: short_poll 250ms"),
        "{error}"
    );
}

#[test]
fn a_folder_without_a_manifest_still_has_a_page() {
    let page = html::page(&fixture("one_cell"), None).expect("a page");
    assert!(page.contains("manifest.json is missing"));
    let empty = tempfile::tempdir().expect("a folder");
    assert!(html::page(empty.path(), None).is_err());
}

#[test]
fn two_folders_overlaid() {
    let rows = rows("one_cell");
    let mut slower = rows.clone();
    for row in &mut slower.ladder {
        row.latency_us = row.latency_us * 13 / 10;
    }
    let names = |figures: Vec<chart::Figure>| -> Vec<String> {
        figures.into_iter().map(|figure| figure.name).collect()
    };
    let one = figure::overlay(
        ("a", &digest::of_rows(&rows)),
        ("b", &digest::of_rows(&slower)),
    )
    .expect("figures");
    assert!(
        one.iter()
            .all(|figure| figure.svg.contains("Before: a · after: b"))
    );
    assert_eq!(
        names(one),
        [
            "compare_latency_by_percentile",
            "compare_bytes",
            "compare_p50",
            "compare_p99",
            "compare_server_cpu"
        ]
    );
    let swept = digest::of_rows(&one_key());
    let sweep = figure::overlay(("a", &swept), ("b", &swept)).expect("figures");
    assert!(names(sweep).contains(&"compare_sweep_bytes".to_owned()));
}

#[test]
fn a_folder_is_compared_with_itself() {
    let folder = folder("one_cell");
    let sides = compare::Side::open(folder.path(), folder.path()).expect("two sides");
    let compared = compare::compare(&sides[0], &sides[1]).expect("comparable");
    // Three repeats against three are too few for any verdict, so the gate does not pass.
    assert_eq!(compared.gate(), compare::Gate::CannotTell);
    assert_eq!(compared.of(compare::Verdict::Worse).count(), 0);
}

/// Returns the same runs several times over, as repeats of their own.
fn repeated(mut rows: Rows, times: u32) -> Rows {
    let most = rows.runs.iter().map(|run| run.repeat).max().unwrap_or(1);
    let runs = std::mem::take(&mut rows.runs);
    rows.runs = (0..times)
        .flat_map(|time| {
            runs.iter().cloned().map(move |mut run| {
                run.repeat += time * most;
                run
            })
        })
        .collect();
    rows
}

/// Keeps the first run of each variant and cell.
fn single(mut rows: Rows) -> Rows {
    rows.runs.retain(|run| run.repeat == 1);
    rows
}

/// Checks that a given target is shown, by the key under which the program writes it.
#[test]
fn a_server_for_all_runs_is_named() {
    let folder = folder("one_cell");
    let told = "One server served all runs.";
    assert!(!page(folder.path()).contains(told));
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    let given = text.replace("\"target\":null", "\"target\":\"http://127.0.0.1:8080\"");
    assert_ne!(given, text);
    fs::write(&path, given).expect("written");
    assert!(page(folder.path()).contains(told));
}

/// Checks that latency between processes is shown where runs have it, below zero too.
#[test]
fn latency_between_processes_is_shown_if_there_is_any() {
    let told = "id=\"shards\"";
    assert!(!page(folder("one_cell").path()).contains(told));
    let mut rows = rows("one_cell");
    for run in &mut rows.runs {
        run.cross_shard_deliveries = Some(80);
        run.cross_shard_latency_p50_low_ms = Some(-1.5);
        run.cross_shard_latency_p50_high_ms = Some(6.5);
    }
    let sharded = tempfile::tempdir().expect("a folder");
    let store = Store::create(sharded.path()).expect("made");
    store.append(&rows).expect("written");
    let page = page(sharded.path());
    for text in [told, "-1.5 ms", "6.5 ms"] {
        assert!(page.contains(text), "{text}");
    }
}

/// Checks that single runs are marked as a first look in the page, the table and every chart of a
/// cell.
#[test]
fn single_runs_are_doubted_everywhere() {
    let rows = single(rows("one_cell"));
    let digest = digest::of_rows(&rows);
    let comparison = CellTable::of(&digest);
    let table = table::terminal(&comparison, 200);
    let doubt = "only one valid run, and one run proves nothing: a first look.";
    assert!(table.contains(doubt), "{table}");
    assert!(table.contains("As far as single runs can tell"), "{table}");
    let starred = table.lines().filter(|line| line.starts_with('│'));
    assert!(
        starred.into_iter().all(|line| !line.contains('*')),
        "{table}"
    );
    let figures = figure::all(&rows).expect("figures");
    let single = "which tells nothing apart";
    let bars = figures
        .iter()
        .find(|figure| figure.name == "server_cpu_per_message");
    assert!(bars.expect("the figure").svg.contains(single));
}

/// Checks that a cell with a single run of one way is left out of the sentences that the other cells
/// can carry, and that the page says so.
#[test]
fn a_cell_with_too_few_runs_counts_for_nothing() {
    let mut rows = repeated(rows("sweep"), 9);
    let sentences = |rows: &Rows| {
        let digest = digest::of_rows(rows);
        table::terminal(&CellTable::of(&digest), 200)
    };
    let whole = sentences(&rows);
    assert!(!whole.contains("with enough valid runs"), "{whole}");
    rows.runs.retain(|run| {
        run.transport != "websocket" || run.cell != "clients=1000 rate=64" || run.repeat == 1
    });
    let table = sentences(&rows);
    assert!(table.contains("14 cells with enough valid runs"), "{table}");
    assert!(!table.contains("As far as"), "{table}");
    assert!(
        table.contains("Some of these have only one valid run"),
        "{table}"
    );
    rows.runs.retain(|run| {
        run.transport != "websocket" || run.cell == "clients=10 rate=1" || run.repeat == 1
    });
    let table = sentences(&rows);
    assert!(
        table.contains("in the one cell with enough valid runs"),
        "{table}"
    );
    assert!(!table.contains("all 1 "), "{table}");
}

/// Checks that the difference of two sittings is shown, and that every run of either counts.
#[test]
fn sittings_are_told() {
    let mut rows = repeated(rows("one_cell"), 2);
    for run in &mut rows.runs {
        let second = run.repeat > 3;
        run.sitting = Some(if second { 2 } else { 1 });
        if second {
            run.p50_us = run.p50_us.map(|us| us * 2);
        }
    }
    let digest = digest::of_rows(&rows);
    let table = table::terminal(&CellTable::of(&digest), 200);
    assert!(
        table.contains("between sittings: WebSocket, p50"),
        "{table}"
    );
    assert!(table.contains(", ×2\n"), "{table}");
}

/// Returns the sweep at ten clients, in which one swept value is left.
fn one_key() -> Rows {
    let mut swept = rows("sweep");
    swept.runs.retain(|run| run.cell.starts_with("clients=10 "));
    for run in &mut swept.runs {
        run.cell = run.cell.replace("clients=10 ", "");
    }
    swept.ladder.clear();
    swept.timeline.clear();
    swept.ledger.clear();
    swept
}

#[test]
fn a_crossing_is_named_in_the_figure() {
    let figures = figure::all(&one_key()).expect("figures");
    let figure = |name: &str| figures.iter().find(|figure| figure.name == name);
    let bytes = &figure("crossover_bytes").expect("the figure").svg;
    // Three repeats of each cannot be distinguished, however far apart they lie.
    assert!(
        bytes.contains("too few runs to tell"),
        "a crossing from three runs"
    );
    let many = figure::all(&repeated(one_key(), 8)).expect("figures");
    let bytes = many.iter().find(|figure| figure.name == "crossover_bytes");
    let bytes = &bytes.expect("the figure").svg;
    assert!(bytes.contains("the order changes: Long poll needs less below, Short poll 1 s above."));
    let single = figure::all(&single(one_key())).expect("figures");
    assert!(
        single
            .iter()
            .all(|figure| !figure.svg.contains("the order changes"))
    );
    assert!(figure("heat_winner").is_none(), "one value is no plane");
    let mut apart = one_key();
    apart
        .runs
        .retain(|run| matches!(run.transport.as_str(), "short_poll" | "websocket"));
    let figures = figure::all(&repeated(apart, 8)).expect("figures");
    let latency = figures.iter().find(|figure| figure.name == "crossover_p50");
    let none = "No crossing shown in the range measured, 0.25 to 64 messages/s: \
                WebSocket needs least throughout.";
    assert!(latency.expect("the figure").svg.contains(none));
}
